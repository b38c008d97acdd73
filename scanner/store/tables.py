"""Every table of the database as it is now. How it came to be is told by `migrations`; a test compares the two.

Columns are named like the fields of the domain values that they keep. Nothing is ever deleted.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from scanner.model import (
    ApprovalStatus,
    Code,
    Coverage,
    DropClass,
    Evidence,
    Examination,
    Finding,
    MediaKind,
    Member,
    PaperKind,
    Priority,
    RecallReason,
    Refused,
    RulingAction,
    RulingTerms,
    Scope,
    Stage,
    Terms,
    Use,
    Verdict,
)
from scanner.store.types import AnyText, Document, Exact, FileName, Moment, Severity, Ticks, Word

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

titles = Table("titles", metadata, Column("title", AnyText, primary_key=True))

records = Table(
    "records",
    metadata,
    Column("record_id", AnyText, primary_key=True),
    Column("title", AnyText, ForeignKey("titles.title"), nullable=False, index=True),
    Column("tool", AnyText, nullable=False),
    Column("tool_version", AnyText),
    Column("use", Word(Use), nullable=False),
    Column("shot", AnyText),
    Column("vendor", AnyText),
    Column("note", AnyText),
    Column("created_by", AnyText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
    Column("retired_by", AnyText),
    Column("retired_reason", AnyText),
)

assets = Table(
    "assets",
    metadata,
    Column("asset_id", AnyText, primary_key=True),
    Column("record_id", AnyText, ForeignKey("records.record_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", AnyText, ForeignKey("titles.title"), nullable=False),
    Column("name", FileName, nullable=False),
    Column("kind", Word(MediaKind), nullable=False),
    Column("sha256", AnyText, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    UniqueConstraint("title", "sha256"),
    UniqueConstraint("record_id", "position"),
)

file_hashes = Table(
    "file_hashes",
    metadata,
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sha256", AnyText, nullable=False, index=True),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("fingerprint_id", Integer, primary_key=True, autoincrement=True),
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("digest", Text, nullable=False, index=True),
    Column("algorithm", AnyText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("time_base", Exact, nullable=False),
    Column("pts", Ticks, nullable=False),
    Column("codes", LargeBinary, nullable=False),
    Column("quality", LargeBinary, nullable=False),
    Column("views", LargeBinary, nullable=False),
    UniqueConstraint("asset_id", "position"),
    Index("ix_fingerprints_algorithm_version", "algorithm", "version"),
    sqlite_autoincrement=True,
)

# A set of local features is named by its digest and kept once, whatever shows it; it is whole when it has all frames.
feature_sets = Table(
    "feature_sets",
    metadata,
    Column("feature_set_id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False),
    Column("algorithm", AnyText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("time_base", Exact, nullable=False),
    Column("frames", Integer, nullable=False),
    UniqueConstraint("digest"),
    sqlite_autoincrement=True,
)

feature_frames = Table(
    "feature_frames",
    metadata,
    Column("feature_set_id", Integer, ForeignKey("feature_sets.feature_set_id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("pts", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("descriptors", LargeBinary, nullable=False),
    Column("points", LargeBinary, nullable=False),
    Column("grey", LargeBinary, nullable=False),
)

asset_features = Table(
    "asset_features",
    metadata,
    Column("asset_feature_id", Integer, primary_key=True, autoincrement=True),
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("feature_set_id", Integer, ForeignKey("feature_sets.feature_set_id"), nullable=False),
    UniqueConstraint("asset_id", "position"),
    sqlite_autoincrement=True,
)

thumbnails = Table(
    "thumbnails",
    metadata,
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), primary_key=True),
    Column("seconds", Exact, primary_key=True),
    Column("about_seconds", Float(53), nullable=False),
    Column("jpeg", LargeBinary, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("approval_id", AnyText, primary_key=True),
    Column("title", AnyText, ForeignKey("titles.title"), nullable=False, index=True),
    Column("status", Word(ApprovalStatus), nullable=False),
    Column("scope", Document(Scope), nullable=False),
    Column("approver", AnyText, nullable=False),
    Column("approver_role", AnyText),
    Column("decided_at", Moment),
    Column("valid_from", Moment),
    Column("valid_to", Moment),
    Column("document", AnyText),
    Column("note", AnyText),
    Column("terms", Document(Terms), nullable=False, server_default="{}"),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", AnyText),
    Column("revoked_reason", AnyText),
)

# The versions of papers are added, never changed; the highest counts. `label`: a name that it is looked up by.
papers = Table(
    "papers",
    metadata,
    Column("kind", Word(PaperKind), primary_key=True),
    Column("paper_id", AnyText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("title", AnyText, index=True),
    Column("label", AnyText),
    Column("content", AnyText, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", AnyText, nullable=False),
    Column("reason", AnyText),
    Index("ix_papers_kind_label", "kind", "label"),
)

register_changes = Table(
    "register_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("thing", AnyText, nullable=False),
    sqlite_autoincrement=True,
)

examinations = Table(
    "examinations",
    metadata,
    Column("sha256", AnyText, primary_key=True),
    Column("examiner", AnyText, primary_key=True),
    Column("document", Document(Examination), nullable=False),
    Column("algorithm", AnyText),
    Column("version", Integer),
    Column("time_base", Exact),
    Column("pts", Ticks),
    Column("codes", LargeBinary),
    Column("quality", LargeBinary),
    Column("views", LargeBinary),
    # In the order in which they were kept; none for those that schema 0001 kept, which are older.
    Column("sequence", Integer, index=True),
)

examination_features = Table(
    "examination_features",
    metadata,
    Column("sha256", AnyText, primary_key=True),
    Column("examiner", AnyText, primary_key=True),
    Column("feature_set_id", Integer, ForeignKey("feature_sets.feature_set_id"), nullable=False),
    ForeignKeyConstraint(["sha256", "examiner"], ["examinations.sha256", "examinations.examiner"]),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", AnyText, primary_key=True),
    Column("name", FileName, nullable=False),
    Column("origin", FileName, nullable=False),
    Column("title", AnyText),
    Column("vendor", AnyText),
    Column("drop_class", Word(DropClass), nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    Column("refused", Document(tuple[Refused, ...]), nullable=False),
    Column("stage", Word(Stage), nullable=False, index=True),
    Column("place", FileName),
    Column("outcome", Severity, index=True),
    Column("verdicts", Integer, nullable=False),
    # How often its examination was begun without coming to an end.
    Column("begun", Integer, nullable=False, server_default="0"),
    Column("priority", Word(Priority), nullable=False, server_default=Priority.NORMAL.value),
    Column("season", AnyText),
    Column("episode", AnyText),
    Column("territories", Document(tuple[str, ...]), nullable=False, server_default="[]"),
)

members = Table(
    "members",
    metadata,
    Column("delivery_id", AnyText, ForeignKey("deliveries.delivery_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", FileName, nullable=False),
    Column("sha256", AnyText, nullable=False, index=True),
    Column("document", Document(Member), nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("delivery_id", AnyText, ForeignKey("deliveries.delivery_id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("outcome", Severity, nullable=False),
    Column("judged_at", Moment, nullable=False, index=True),
    Column("document", Document(Verdict), nullable=False),
)


def _of_verdict() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["delivery_id", "sequence"], ["verdicts.delivery_id", "verdicts.sequence"])


findings = Table(
    "findings",
    metadata,
    Column("delivery_id", AnyText, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("code", Word(Code), nullable=False, index=True),
    Column("outcome", Severity, nullable=False),
    Column("member", FileName, nullable=False),
    Column("document", Document(Finding), nullable=False),
    _of_verdict(),
)

# `member` is empty where the delivery's own list has the very same member at `member_position`.
member_coverage = Table(
    "member_coverage",
    metadata,
    Column("delivery_id", AnyText, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("member_position", Integer),
    Column("member", Document(Member)),
    Column("coverage", Document(Coverage), nullable=False),
    _of_verdict(),
)

evidence = Table(
    "evidence",
    metadata,
    Column("delivery_id", AnyText, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("member_position", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("member", FileName, nullable=False),
    Column("kind", Text, nullable=False, index=True),
    Column("document", Document(Evidence), nullable=False),
    _of_verdict(),
)

pictures = Table(
    "pictures",
    metadata,
    Column("delivery_id", AnyText, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("member", FileName, nullable=False),
    Column("asset_id", AnyText),
    Column("found_seconds", Exact),
    Column("found_jpeg", LargeBinary),
    Column("registered_seconds", Exact),
    Column("registered_jpeg", LargeBinary),
    Column("found_sound", LargeBinary),
    Column("found_length", Exact),
    Column("registered_sound", LargeBinary),
    Column("registered_length", Exact),
    _of_verdict(),
)

rulings = Table(
    "rulings",
    metadata,
    Column("delivery_id", AnyText, ForeignKey("deliveries.delivery_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("after_verdicts", Integer, nullable=False),
    Column("action", Word(RulingAction), nullable=False),
    Column("by", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("approval", AnyText),
    Column("terms", Document(RulingTerms), nullable=False, server_default="{}"),
    Column("at", Moment, nullable=False, index=True),
)

recalls = Table(
    "recalls",
    metadata,
    Column("recall_id", AnyText, primary_key=True),
    Column("delivery_id", AnyText, ForeignKey("deliveries.delivery_id"), nullable=False, index=True),
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", AnyText, nullable=False),
    Column("reason", Word(RecallReason), nullable=False),
    Column("outcome", Severity, nullable=False),
    Column("findings", Document(tuple[Finding, ...]), nullable=False),
    Column("closed_at", Moment, index=True),
    Column("closed_by", AnyText),
    Column("closed_reason", AnyText),
)
