"""What the night brought, for the post supervisor: what waits, on whom, since when, and what was not examined.

The values; `night_mail` writes them out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import IntEnum
from itertools import groupby
from typing import assert_never

from scanner.model import CanaryRun, CanaryState, Code, DeliveryRecord, Finding, Head, Outcome, Ruling, Stage
from scanner.report.plain import WHOLE, ai_codes, plural, worst
from scanner.report.recalls import Recalled

NO_TITLE = "No title"
MAY_BE_RELEASED = "whoever may release it: it was judged again, and passes"
NO_VENDOR = "vendor not known"


class Standing(IntEnum):
    """Where a delivery stands in the morning, in the order in which it is told."""

    QUARANTINED = 0
    HELD = 1
    ON_BENCH = 2
    FLAGGED = 3
    RULED = 4
    APPROVED = 5
    CLEARED = 6

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
    Standing.RULED: "ruled by a person",
    Standing.APPROVED: "cleared with approved or allowed AI",
    Standing.CLEARED: "cleared (no AI evidence found)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Something that was not examined, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One delivery of the night. `new`: it arrived, was judged or was ruled on this night."""

    record: DeliveryRecord
    standing: Standing
    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    waits_on: str | None
    waited: timedelta | None
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorNight:
    """One vendor's deliveries for a title, the gravest first."""

    vendor: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleNight:
    """One title's deliveries by vendor."""

    title: str
    vendors: tuple[VendorNight, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A ruling made this night, and on what."""

    name: str
    ruling: Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night: deliveries of `since` to `until` (the end not included), and older ones that still wait.

    `recalls`: those that are open, of whatever night. `canaries`: the canary's runs of this night; it is no delivery.
    `audit_head`: how far the audit log had come, to be kept with the mail.
    """

    since: datetime
    until: datetime
    tz: tzinfo
    titles: tuple[TitleNight, ...]
    rulings: tuple[Ruled, ...]
    recalls: tuple[Recalled, ...] = ()
    canaries: tuple[CanaryRun, ...] = ()
    audit_head: Head | None = None

    @property
    def canary_failed(self) -> bool:
        """Whether the last canary of the night was not stopped, or not given back."""
        ended = [run for run in self.canaries if run.state is not CanaryState.BEGUN]
        return bool(ended) and ended[-1].state is CanaryState.FAILED

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for title in self.titles for vendor in title.vendors for entry in vendor.entries)

    @property
    def totals(self) -> tuple[tuple[Standing, int], ...]:
        """How many stand where, the gravest first."""
        return tuple(sorted(Counter(entry.standing for entry in self.entries).items()))

    @property
    def delivered(self) -> int:
        """How many arrived in the night itself."""
        return sum(self.since <= entry.record.delivery.received_at < self.until for entry in self.entries)

    @property
    def unseen(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each reason for which something was not examined, with the names of all to which it applies."""
        by_reason: dict[str, list[str]] = {}
        for entry in self.entries:
            for each in entry.unseen:
                by_reason.setdefault(each.why, []).append(each.name)
        return tuple((why, tuple(dict.fromkeys(names))) for why, names in by_reason.items())

    @property
    def summary(self) -> str:
        """The night in one line; that nothing was delivered is said too."""
        parts = ", ".join(f"{count} {standing.words}" for standing, count in self.totals)
        return f"{self.arrived}; {parts}" if parts else self.arrived

    @property
    def arrived(self) -> str:
        """How many arrived in the night itself, in words."""
        return plural(self.delivered, "delivery", "deliveries") if self.delivered else "nothing was delivered"


def nightly(
    records: Sequence[DeliveryRecord],
    *,
    since: datetime,
    until: datetime,
    tz: tzinfo,
    recalls: Sequence[Recalled] = (),
    canaries: Sequence[CanaryRun] = (),
    audit_head: Head | None = None,
) -> Night:
    """Sort the records into a night. Those of other nights that do not wait are left out, and those of `canaries`."""
    by_bytes = {run.sha256: run for run in canaries}
    records = [record for record in records if not _is_canary(record, by_bytes)]
    entries = [entry for record in records if (entry := _entry(record, since, until)) is not None]
    rulings = [
        Ruled(name=record.delivery.name, ruling=ruling)
        for record in records
        for ruling in record.rulings
        if since <= ruling.at < until
    ]
    return Night(
        since=since,
        until=until,
        tz=tz,
        titles=tuple(_by_title(entries)),
        rulings=tuple(sorted(rulings, key=lambda each: each.ruling.at)),
        recalls=tuple(sorted(recalls, key=lambda each: (-each.recall.outcome, each.recall.at))),
        canaries=tuple(run for run in canaries if since <= run.begun_at < until),
        audit_head=audit_head,
    )


def _is_canary(record: DeliveryRecord, by_bytes: Mapping[str, CanaryRun]) -> bool:
    runs = (by_bytes.get(member.sha256) for member in record.delivery.members)
    return any(run is not None and run.is_of(record.delivery) for run in runs)


def _by_title(entries: Iterable[Entry]) -> Iterator[TitleNight]:
    ordered = sorted(entries, key=lambda entry: (_title(entry), _vendor(entry), _order(entry)))
    for title, of_title in groupby(ordered, key=_title):
        vendors = (
            VendorNight(vendor=vendor, entries=tuple(of_vendor)) for vendor, of_vendor in groupby(of_title, key=_vendor)
        )
        yield TitleNight(title=title, vendors=tuple(vendors))


def _title(entry: Entry) -> str:
    return entry.record.delivery.title or NO_TITLE


def _vendor(entry: Entry) -> str:
    return entry.record.delivery.vendor or NO_VENDOR


def _order(entry: Entry) -> tuple[Standing, datetime, str]:
    delivery = entry.record.delivery
    return entry.standing, delivery.received_at, delivery.delivery_id


def _entry(record: DeliveryRecord, since: datetime, until: datetime) -> Entry | None:
    standing = standing_of(record)
    new = any(since <= at < until for at in _moments(record))
    if not (new or (standing.waits and record.delivery.received_at < until)):
        return None
    verdict = record.verdict
    return Entry(
        record=record,
        standing=standing,
        findings=tuple(sorted(verdict.findings, key=lambda each: -each.outcome)) if verdict else (),
        unseen=tuple(_unseen(record)),
        waits_on=waits_on(record) if standing.waits else None,
        waited=until - record.delivery.received_at if standing.waits else None,
        new=new,
    )


def _unseen(record: DeliveryRecord) -> Iterator[Unseen]:
    if record.verdict is None:
        yield Unseen(name=record.delivery.name, why=f"not judged yet ({record.stage})")
        return
    for name, coverage in record.verdict.coverage:
        yield from (Unseen(name=name or WHOLE, why=note) for note in coverage.notes)
    for finding in record.verdict.findings:
        if finding.code in {Code.UNREADABLE, Code.PARTLY_READ, Code.INCOMPLETE}:
            yield Unseen(name=finding.member or record.delivery.name, why=finding.message.rstrip("."))
    yield from (Unseen(name=refused.name, why=refused.reason) for refused in record.delivery.refused)


def _moments(record: DeliveryRecord) -> Iterator[datetime]:
    yield record.delivery.received_at
    if record.verdict:
        yield record.verdict.judged_at
    yield from (ruling.at for ruling in record.rulings)


def standing_of(record: DeliveryRecord) -> Standing:
    """Where a delivery stands; a person's ruling goes before the verdict; what has not moved is not cleared."""
    if record.rulings and record.stage is Stage.RULED:
        return Standing.RULED
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
