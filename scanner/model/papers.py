"""The production's papers: what records say beside their media; tools, consents, people; their versions.

The fields and their words are those of guidelines 6.2 to 6.4. A field that is None, or empty, was not stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Answer(StrEnum):
    """An answer to one of the five principles. Unsure counts as no (guidelines 1, decision rule)."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Known(StrEnum):
    """What is known of a tool's terms: whether it keeps, reuses or trains on what it is given."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Principle(StrEnum):
    """The five principles of the studio's guidance."""

    ORIGINALITY = "P1"
    NO_TRAINING = "P2"
    SECURE = "P3"
    TEMPORARY = "P4"
    TALENT = "P5"


class Trigger(StrEnum):
    """What makes an escalation necessary (guidelines 1: principles, "always escalate", and what duty B names)."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"
    DATA = "1a"
    TRAINING = "1b"
    KEY_ELEMENT = "2a"
    PROTECTED_INPUT = "2b"
    REPLICA = "3a"
    ALTERATION = "3b"
    MISLEADING = "4a"
    UNION = "4b"
    FINAL_DELIVERABLE = "final_deliverable"
    TALENT_LIKENESS = "talent_likeness"
    PERSONAL_DATA = "personal_data"
    THIRD_PARTY = "third_party_ip"


class Action(StrEnum):
    """What the guidance asks for before AI is used."""

    SOCIALISE = "socialise"
    ESCALATE = "escalate"


class ElementKind(StrEnum):
    """What an AI element is in the work."""

    BACKGROUND = "background"
    KEY_VISUAL = "key_visual"
    CHARACTER = "character"
    SETTING = "setting"
    PROP = "prop"
    SIGNAGE = "document_signage"
    PERFORMANCE = "performance_picture"
    VOICE = "voice"
    MUSIC = "music"
    EFFECTS = "sfx"
    TEXT = "text"
    MARKETING = "marketing"


class AiUse(StrEnum):
    """How AI was used, as provenance records and delivered logs say it."""

    NONE = "none"
    ASSISTIVE = "assistive"
    EDITED = "edited"
    GENERATED = "generated"


class Perceived(StrEnum):
    """How the audience meets it."""

    SEEN = "seen"
    HEARD = "heard"
    NO = "no"


class Prominence(StrEnum):
    """How much the story rests on it. Unknown is judged as story-relevant (guidelines 6.6, rule 19)."""

    INCIDENTAL = "incidental"
    STORY_RELEVANT = "story_relevant"
    PROMINENT = "prominent"
    UNKNOWN = "unknown"


class InputClass(StrEnum):
    """What was given to a tool."""

    PROPRIETARY = "netflix_proprietary"
    PERSONAL_DATA = "personal_data"
    TALENT_LIKENESS = "talent_likeness"
    THIRD_PARTY = "third_party"
    OWN = "own"
    PUBLIC_DOMAIN = "public_domain"


class Rights(StrEnum):
    """Whether the rights in training material are settled."""

    OWNED = "owned"
    CLEARED = "cleared"
    NOT_CLEARED = "not_cleared"
    UNKNOWN = "unknown"


class TalentUse(StrEnum):
    """How a performer is concerned. The two replicas are those of the SAG-AFTRA agreement of 2023."""

    REPLICA_EMPLOYMENT = "replica_employment"
    REPLICA_INDEPENDENT = "replica_independent"
    ALTERATION = "alteration"
    VOICE = "voice"
    SYNTHETIC_PERFORMER = "synthetic_performer"


class TalentException(StrEnum):
    """Why no further consent is needed, if so (guidelines 1, talent enhancement)."""

    AS_SCRIPTED = "as_scripted"
    UNSAFE_STUNT = "unsafe_stunt"
    UNRECOGNISABLE = "unrecognisable"
    CUSTOMARY_POST = "customary_post"
    NONE = "none"


class OriginalityResult(StrEnum):
    """What came of a check against the works of others."""

    CLEAR = "clear"
    NEAR = "near"
    NOT_CLEAR = "not_clear"


class ReviewVerdict(StrEnum):
    """What a reviewer or approver decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Deployment(StrEnum):
    """Where a tool runs, and under whose agreement."""

    STUDIO_ENTERPRISE = "netflix_enterprise"
    VENDOR_ENTERPRISE = "vendor_enterprise"
    ON_PREMISES = "on_prem"
    CONSUMER = "consumer"


class SubjectType(StrEnum):
    """Who consents."""

    PERFORMER = "performer"
    RIGHTS_HOLDER = "rights_holder"
    ESTATE = "estate"
    DATA_SUBJECT = "data_subject"


class ConsentKind(StrEnum):
    """What is consented to."""

    REPLICA = "replica"
    ALTERATION = "alteration"
    VOICE = "voice"
    LIKENESS = "likeness"
    TRAINING = "training"
    INPUT_REFERENCE = "input_reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something that was given to a tool. `rights_ref`: a consent or licence; `clearance_ref`: its clearance."""

    asset_id: str
    input_class: InputClass
    rights_ref: str | None = None
    clearance_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of making: each must meet the standards by itself (guidelines 1, custom workflows).

    A prompt is never kept: `prompt_sha256` tells which it was, `prompt_names` the guarded names found in it when it
    came in. `inputs` and `outputs` name assets or SHA-256.
    """

    number: int
    tool_id: str
    tool_version: str | None = None
    model: str | None = None
    model_version: str | None = None
    model_custom: bool | None = None
    used_from: datetime | None = None
    used_to: datetime | None = None
    operator: str | None = None
    prompt_sha256: str | None = None
    prompt_names: tuple[str, ...] = ()
    seed: str | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[str, ...] = ()
    human_contribution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """What a custom model was trained on."""

    dataset_id: str
    rights: Rights = Rights.UNKNOWN
    clearance_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principles:
    """The five questions, answered. A question without an answer counts as no."""

    p1: Answer | None = None
    p2: Answer | None = None
    p3: Answer | None = None
    p4: Answer | None = None
    p5: Answer | None = None
    answered_by: str | None = None
    at: datetime | None = None

    def answer(self, principle: Principle) -> Answer | None:
        """The answer to one of them."""
        answers = (self.p1, self.p2, self.p3, self.p4, self.p5)
        return answers[list(Principle).index(principle)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Socialised:
    """That the studio's contact was told of the use (guidelines 1, duty A)."""

    with_whom: str
    at: datetime | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talent:
    """A performer or person who is concerned. `consistent_with_work`: an advertisement shows them as the work does."""

    performer_id: str
    use: TalentUse
    exception: TalentException = TalentException.NONE
    living: bool | None = None
    public_figure: bool | None = None
    role: str | None = None
    consent_ids: tuple[str, ...] = ()
    consistent_with_work: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Originality:
    """A check against the works of others."""

    result: OriginalityResult
    method: str | None = None
    by: str | None = None
    at: datetime | None = None
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Realism:
    """Whether it could be taken for something that happened."""

    depicts_real_person: bool | None = None
    depicts_real_event: bool | None = None
    depicts_real_statement: bool | None = None
    could_mislead: Answer | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionImpact:
    """Whether the work of union-represented people is replaced or affected, and what was agreed."""

    affected: bool
    role: str | None = None
    agreement_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """That a person of the staff looked at it."""

    reviewer_id: str
    verdict: ReviewVerdict
    training_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalApproval:
    """That a person approved these very bytes for release."""

    approver_id: str
    verdict: ReviewVerdict
    role: str | None = None
    at: datetime | None = None
    of_sha256: str | None = None
    legal_review_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """How the use is credited, if it must be."""

    required: bool
    text: str | None = None
    placement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What the audience is told, where it must be told."""

    required: bool | None = None
    jurisdictions: tuple[str, ...] = ()
    text: str | None = None
    placement: str | None = None
    medium: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a provenance record says beside its media (guidelines 6.2). Nothing of it is needed to be looked for."""

    kind: Literal["record"] = "record"
    season: str | None = None
    episode: str | None = None
    element_id: str | None = None
    element_kind: ElementKind | None = None
    ai_use: AiUse | None = None
    digital_source_type: str | None = None
    perceived: Perceived | None = None
    prominence: Prominence = Prominence.UNKNOWN
    steps: tuple[Step, ...] = ()
    training: tuple[TrainingData, ...] = ()
    principles: Principles | None = None
    socialised: Socialised | None = None
    escalation_ids: tuple[str, ...] = ()
    talent: tuple[Talent, ...] = ()
    originality: Originality | None = None
    realism: Realism | None = None
    union_impact: UnionImpact | None = None
    review: Review | None = None
    final_approval: FinalApproval | None = None
    credit: Credit | None = None
    disclosure: Disclosure | None = None
    replaced_by: str | None = None

    @property
    def first_used(self) -> datetime | None:
        """When AI was first used for it, as far as its steps tell."""
        return min((step.used_from for step in self.steps if step.used_from), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool with its terms and how it handles data (guidelines 6.3)."""

    kind: Literal["tool"] = "tool"
    tool_id: str
    vendor: str
    product: str
    versions: tuple[str, ...] = ()
    deployment: Deployment | None = None
    agreement_ref: str | None = None
    licence_tier: str | None = None
    terms_version: str | None = None
    terms_reviewed_by: str | None = None
    terms_reviewed_at: datetime | None = None
    stores_data: Known = Known.UNKNOWN
    reuses_data: Known = Known.UNKNOWN
    trains_on_inputs: Known = Known.UNKNOWN
    trains_on_outputs: Known = Known.UNKNOWN
    allowed_inputs: tuple[InputClass, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    expected_marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentScope:
    """What a consent is for. An empty dimension does not restrict; a filled one must be met."""

    shots: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What somebody agreed to in writing (guidelines 6.4). `document_sha256`: of the signed document."""

    kind: Literal["consent"] = "consent"
    consent_id: str
    subject_id: str
    subject_type: SubjectType
    consent_kind: ConsentKind
    title: str
    use_description: str | None = None
    uses: tuple[str, ...] = ()
    scope: ConsentScope = ConsentScope()
    model_ids: tuple[str, ...] = ()
    signed_by: str | None = None
    signed_at: datetime | None = None
    separate_signature: bool | None = None
    representation: str | None = None
    guild_agreement: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    revoked_at: datetime | None = None
    document: str | None = None
    document_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training that a person of the staff has had."""

    training_id: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of the roster: who may approve, review or release, and since when. `may`: in what capacities."""

    kind: Literal["person"] = "person"
    person_id: str
    name: str
    organisation: str | None = None
    role: str | None = None
    may: tuple[str, ...] = ()
    mail: str | None = None
    titles: tuple[str, ...] = ()
    active_from: datetime | None = None
    active_to: datetime | None = None
    trainings: tuple[Training, ...] = ()


class PaperKind(StrEnum):
    """What kinds of papers there are."""

    RECORD = "record"
    TOOL = "tool"
    CONSENT = "consent"
    APPROVAL = "approval"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The papers that records of a case name, by their ids. Of people: by id and by name."""

    tools: Mapping[str, Tool] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
