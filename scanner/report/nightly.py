"""What the night brought, for the post supervisor: what waits, on whom, since when, and what was not examined.

The values; `night_text`, `night_mail` and `night_json` write them out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from types import MappingProxyType

from scanner.model import (
    CanaryRun,
    CanaryState,
    Code,
    DeliveryRecord,
    Finding,
    Head,
    Lesson,
    Picture,
    ProvenanceRecord,
    Ruling,
    RulingAction,
)
from scanner.report.night_approvals import Lapse
from scanner.report.plain import WHOLE, plural
from scanner.report.recalls import Recalled
from scanner.report.standing import Standing, standing_of, waits_on

NO_TITLE = "No title"
NO_VENDOR = "vendor not known"
NONE_SHOWN: Mapping[str, tuple[Picture, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Something that was not examined, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One delivery of the night. `new`: it arrived, was judged or was ruled on this night.

    `pictures`: found and registered frames, where they were asked for.
    """

    record: DeliveryRecord
    standing: Standing
    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    waits_on: str | None
    waited: timedelta | None
    new: bool
    pictures: tuple[Picture, ...] = ()

    @property
    def approvals(self) -> tuple[str, ...]:
        """The approvals under which approved AI went out with it; empty where it did not go out, or has none."""
        record = self.record
        if self.standing.waits or self.standing is Standing.KEPT or record.verdict is None:
            return ()
        if self.standing is Standing.RULED and record.rulings[-1].action is RulingAction.RESTORE:
            return ()
        ruled = (r.approval for r in record.rulings if r.action is RulingAction.RELEASE and r.approval)
        return tuple(dict.fromkeys((*record.verdict.approvals_used, *ruled)))


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

    @property
    def is_false_alarm(self) -> bool:
        """Whether the scanner was wrong, by what the ruling teaches or by its own words."""
        said = self.ruling.reason.casefold().replace("-", " ")
        return self.ruling.terms.lesson is Lesson.KNOWN_GOOD or "false alarm" in said or "false positive" in said


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many deliveries wait on somebody, and since when the oldest."""

    on: str
    deliveries: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night: deliveries of `since` to `until` (the end not included), and older ones that still wait.

    `recalls`: those that are open, of whatever night. `canaries`: the canary's runs of this night; it is no delivery.
    `lapses`: approvals that end soon or have ended. `lessons`: what was registered this night as known to be good.
    `audit_head`: how far the audit log had come, to be kept with the mail.
    """

    since: datetime
    until: datetime
    tz: tzinfo
    titles: tuple[TitleNight, ...]
    rulings: tuple[Ruled, ...]
    recalls: tuple[Recalled, ...] = ()
    canaries: tuple[CanaryRun, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    lessons: tuple[ProvenanceRecord, ...] = ()
    audit_head: Head | None = None

    @property
    def canary_failed(self) -> bool:
        """Whether the last canary of the night was not stopped, or not given back."""
        ended = [run for run in self.canaries if run.state is not CanaryState.BEGUN]
        return bool(ended) and ended[-1].state is CanaryState.FAILED

    @property
    def without_canaries(self) -> "Night":
        """The same for a reader whose business the canary is not."""
        return replace(self, canaries=())

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
    def waiting(self) -> tuple[Waiting, ...]:
        """On whom what is waiting, the longest wait first."""
        since: dict[str, list[datetime]] = {}
        for entry in self.entries:
            if entry.waits_on is not None:
                since.setdefault(entry.waits_on, []).append(entry.record.delivery.received_at)
        found = (Waiting(on=on, deliveries=len(times), since=min(times)) for on, times in since.items())
        return tuple(sorted(found, key=lambda each: each.since))

    @property
    def went_out(self) -> tuple[Entry, ...]:
        """What went on this night with approved AI in it."""
        return tuple(entry for entry in self.entries if entry.approvals)

    @property
    def false_alarms(self) -> tuple[Ruled, ...]:
        return tuple(ruled for ruled in self.rulings if ruled.is_false_alarm)

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
    lapses: Sequence[Lapse] = (),
    lessons: Sequence[ProvenanceRecord] = (),
    pictures: Mapping[str, tuple[Picture, ...]] = NONE_SHOWN,
    audit_head: Head | None = None,
) -> Night:
    """Sort the records into a night. Those of other nights that do not wait are left out, and those of `canaries`.

    `pictures`: by the ids of their deliveries.
    """
    by_bytes = {run.sha256: run for run in canaries}
    records = [record for record in records if not _is_canary(record, by_bytes)]
    sorted_in = (_entry(record, since, until) for record in records)
    entries = [
        replace(entry, pictures=pictures.get(entry.record.delivery.delivery_id, ()))
        for entry in sorted_in
        if entry is not None
    ]
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
        lapses=tuple(lapses),
        lessons=tuple(record for record in lessons if since <= record.created_at < until),
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
