"""Every domain type, in the trade's words: frozen, slotted, keyword-only values. Standard library only, no I/O.

The modules follow the story: media, register, approvals, deliveries, evidence, examinations, judgement, rulings;
the servers that do the work; the audit log of all of it.
"""

from scanner.model.approvals import Approval, ApprovalStatus, DropClass, Scope, TimecodeRange
from scanner.model.audit import Entry, Fault, Head, Tampered, Verified, What, Wrong
from scanner.model.canaries import CanaryClip, CanaryRun, CanaryState
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
from scanner.model.examinations import Case, Coverage, Examination, MemberEvidence, Part, PictureTrack, TimeRange
from scanner.model.judgement import Code, Finding, Grade, Outcome, Policy, Verdict
from scanner.model.media import FeatureFrame, FrameTime, MediaKind, PictureCodes, PictureFeatures, Thumbnail, utc
from scanner.model.recalls import Recall, RecallReason
from scanner.model.register import EVERY_TITLE, Asset, AssetRef, ProvenanceRecord, RegisterState, Use
from scanner.model.rulings import DeliveryRecord, Picture, Ruling, RulingAction
from scanner.model.servers import DRAIN, PAUSE, Claim, Order, Server, ServerState
from scanner.model.telling import Backlog, Event, Message, Subscription

__all__ = [
    "DRAIN",
    "EVERY_TITLE",
    "PAUSE",
    "AiClaim",
    "Approval",
    "ApprovalStatus",
    "Asset",
    "AssetRef",
    "Backlog",
    "CanaryClip",
    "CanaryRun",
    "CanaryState",
    "Case",
    "Claim",
    "Code",
    "Coverage",
    "CredentialState",
    "Credentials",
    "DeclaredLabel",
    "Delivery",
    "DeliveryRecord",
    "DropClass",
    "Entry",
    "Event",
    "Evidence",
    "Examination",
    "Fault",
    "FeatureFrame",
    "Finding",
    "FrameTime",
    "Gap",
    "GeneratorTag",
    "Grade",
    "Head",
    "Identical",
    "Incomplete",
    "LookAlike",
    "Meaning",
    "MediaKind",
    "Member",
    "MemberEvidence",
    "Message",
    "Observation",
    "Order",
    "Outcome",
    "Part",
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
    "Subscription",
    "Tampered",
    "Thumbnail",
    "TimeRange",
    "TimecodeRange",
    "Unreadable",
    "Use",
    "Verdict",
    "Verified",
    "What",
    "Wrong",
    "utc",
]
