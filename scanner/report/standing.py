"""Where a delivery stands in the morning, who can get it moving, and for how long it has waited."""

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum
from typing import assert_never

from scanner.model import Code, DeliveryRecord, Finding, Outcome, RulingAction, Stage
from scanner.report.plain import ai_codes, plural, worst

MAY_BE_RELEASED = "whoever may release it: it was judged again, and passes"


class Standing(IntEnum):
    """Where a delivery stands in the morning, in the order in which it is told."""

    QUARANTINED = 0
    HELD = 1
    ON_BENCH = 2
    FLAGGED = 3
    KEPT = 4
    RULED = 5
    APPROVED = 6
    CLEARED = 7

    @property
    def words(self) -> str:
        return STANDING_WORDS[self]

    @property
    def waits(self) -> bool:
        """Whether the delivery is kept back until someone does something."""
        return self <= Standing.ON_BENCH


STANDING_WORDS: Mapping[Standing, str] = {
    Standing.QUARANTINED: "quarantined",
    Standing.HELD: "held",
    Standing.ON_BENCH: "still on the bench",
    Standing.FLAGGED: "flagged",
    Standing.KEPT: "kept back for good, by a person",
    Standing.RULED: "ruled by a person",
    Standing.APPROVED: "cleared with approved or allowed AI",
    Standing.CLEARED: "cleared (no AI evidence found)",
}


def standing_of(record: DeliveryRecord) -> Standing:
    """Where a delivery stands; a person's ruling goes before the verdict; what has not moved is not cleared."""
    if record.is_kept or (record.rulings and record.stage is Stage.RULED):
        return Standing.KEPT if record.is_kept else Standing.RULED
    if record.verdict is None:
        return Standing.ON_BENCH
    match record.verdict.outcome:
        case Outcome.QUARANTINE:
            return Standing.QUARANTINED
        case Outcome.HOLD:
            return Standing.HELD
        case Outcome.FLAG | Outcome.PASS if record.stage is not Stage.CARRIED_OUT:
            return Standing.HELD if record.stage is Stage.JUDGED_AGAIN else Standing.ON_BENCH
        case Outcome.FLAG:
            return Standing.FLAGGED
        case Outcome.PASS:
            return Standing.APPROVED if ai_codes(record.verdict) else Standing.CLEARED
        case _:
            assert_never(record.verdict.outcome)


def waits_on(record: DeliveryRecord) -> str:
    """Who can get a blocked delivery moving."""
    word = record.last_word
    if word is not None and word.action is RulingAction.ESCALATE:
        return f"the approver of {word.approval}"
    if record.stage is Stage.JUDGED_AGAIN and record.verdict is not None and record.verdict.outcome < Outcome.HOLD:
        return MAY_BE_RELEASED
    return waits_on_because_of(worst(record.verdict) if record.verdict else None)


def waits_on_because_of(finding: Finding | None) -> str:
    """Who can get a delivery moving that this finding blocks; the operator without any."""
    if finding is None or finding.code is Code.REGISTER_OUT_OF_REACH:
        return "the scanner's operator"
    if finding.code is Code.APPROVAL_NOT_YET:
        return "the approver"
    if finding.code.startswith(("AI-", "APPROVAL-", "CREDENTIALS-")):
        return "the post supervisor: escalate, or ask the vendor to replace"
    return "the vendor: deliver again"


def waited_words(waited: timedelta) -> str:
    """How long, in the two largest units: `2 days 4 h`, `3 h 10 min`."""
    minutes = int(waited.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        return f"{plural(days, 'day')} {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
