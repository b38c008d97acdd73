"""Rule 9(a): members of a final delivery that no provenance record is about, where the house asks for one."""

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache

from scanner.model import (
    Case,
    Code,
    Finding,
    Grade,
    Heard,
    Identical,
    LookAlike,
    MediaKind,
    MemberEvidence,
    Policy,
    RecordsRequired,
    Statement,
)
from scanner.policy.handbook import HANDBOOK


def no_record(item: MemberEvidence, case: Case, policy: Policy) -> Iterator[Finding]:
    """The register was asked, and nothing in it, nor in a log that was delivered, is about this member."""
    if case.register is None or case.delivery.drop_class in policy.temporary_allowed_in:
        return
    if _is_asked(item, case, policy) and not any(_is_about(each, case) for each in item.evidence):
        yield Finding(
            code=Code.RECORD_MISSING,
            outcome=policy.outcome(Code.RECORD_MISSING, case.delivery.drop_class),
            rule=HANDBOOK[Code.RECORD_MISSING].cited,
            grade=Grade.NONE,
            member=item.member.name,
            message="no provenance record is about it, and the house asks for one",
            clears_when=HANDBOOK[Code.RECORD_MISSING].clears_when,
        )


def _is_asked(item: MemberEvidence, case: Case, policy: Policy) -> bool:
    """Of media only: a manifest or a log is made by no AI."""
    required = policy.standards.records_required
    if required is RecordsRequired.NONE or item.member.kind is MediaKind.OTHER:
        return False
    if required is RecordsRequired.ALL:
        return True
    names = [*item.member.name.split("/"), case.delivery.name]
    return any(_pattern(each).match(name) for each in policy.standards.vfx_names for name in names)


def _is_about(evidence: object, case: Case) -> bool:
    """A record whose material it shows, or a row of a provenance log that came with it."""
    if isinstance(evidence, Identical | LookAlike | Heard):
        return evidence.asset.record_id in case.records
    return isinstance(evidence, Statement)


@lru_cache(maxsize=256)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(translate(name), re.IGNORECASE)
