"""Every domain type, in the trade's words: frozen, slotted, keyword-only values. Standard library only, no I/O.

The modules follow the story: media, register, approvals, deliveries, evidence, examinations, judgement, rulings;
and the servers that do the work.
"""

from scanner.model.approvals import Approval, ApprovalStatus, DropClass, Scope, TimecodeRange
from scanner.model.deliveries import Delivery, Gap, Member, Priority, Refused, Stage
from scanner.model.evidence import (
    AiClaim,
    Credentials,
    CredentialState,
    DeclaredLabel,
    Evidence,
    GeneratorTag,
    Identical,
    Incomplete,
    LookAlike,
    Meaning,
    Observation,
    Place,
    RegisterOutOfReach,
    Unreadable,
)
from scanner.model.examinations import Case, Coverage, Examination, MemberEvidence, PictureTrack
from scanner.model.judgement import Code, Finding, Grade, Outcome, Policy, Verdict
from scanner.model.media import FeatureFrame, FrameTime, MediaKind, PictureCodes, PictureFeatures, Thumbnail, utc
from scanner.model.recalls import Recall, RecallReason
from scanner.model.register import EVERY_TITLE, Asset, AssetRef, ProvenanceRecord, RegisterState, Use
from scanner.model.rulings import DeliveryRecord, Picture, Ruling, RulingAction
from scanner.model.servers import Server, ServerState

__all__ = [
    "EVERY_TITLE",
    "AiClaim",
    "Approval",
    "ApprovalStatus",
    "Asset",
    "AssetRef",
    "Case",
    "Code",
    "Coverage",
    "CredentialState",
    "Credentials",
    "DeclaredLabel",
    "Delivery",
    "DeliveryRecord",
    "DropClass",
    "Evidence",
    "Examination",
    "FeatureFrame",
    "Finding",
    "FrameTime",
    "Gap",
    "GeneratorTag",
    "Grade",
    "Identical",
    "Incomplete",
    "LookAlike",
    "Meaning",
    "MediaKind",
    "Member",
    "MemberEvidence",
    "Observation",
    "Outcome",
    "Picture",
    "PictureCodes",
    "PictureFeatures",
    "PictureTrack",
    "Place",
    "Policy",
    "Priority",
    "ProvenanceRecord",
    "Recall",
    "RecallReason",
    "Refused",
    "RegisterOutOfReach",
    "RegisterState",
    "Ruling",
    "RulingAction",
    "Scope",
    "Server",
    "ServerState",
    "Stage",
    "Thumbnail",
    "TimecodeRange",
    "Unreadable",
    "Use",
    "Verdict",
    "utc",
]
