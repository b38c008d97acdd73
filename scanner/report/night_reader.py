"""All that a night's report is made from, and the part of it that one reader is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from scanner.model import EVERY_TITLE, Approval, CanaryRun, Delivery, DeliveryRecord, Head, Picture, ProvenanceRecord
from scanner.report.night_approvals import lapses
from scanner.report.nightly import Night, nightly
from scanner.report.recalls import Recalled


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is told of which titles and vendors; empty: of all. What has no title is told to readers of all titles."""

    titles: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()

    def is_told_of(self, delivery: Delivery) -> bool:
        """Whether a delivery is this reader's business."""
        return self._has_title(delivery.title) and (not self.vendors or delivery.vendor in self.vendors)

    def is_told_of_approval(self, approval: Approval) -> bool:
        """A reader for some vendors is told of approvals that name one of them."""
        return self._has_title(approval.title) and (
            not self.vendors or not set(self.vendors).isdisjoint(approval.scope.vendors)
        )

    def is_told_of_lesson(self, record: ProvenanceRecord) -> bool:
        """What is good in every title is everybody's business, but a vendor's."""
        return (record.title == EVERY_TITLE or self._has_title(record.title)) and (
            not self.vendors or record.vendor in self.vendors
        )

    @property
    def is_told_of_the_house(self) -> bool:
        """Whether the canary and the audit log are this reader's business: not a vendor's."""
        return not self.vendors

    def _has_title(self, title: str | None) -> bool:
        return not self.titles or title in self.titles


EVERYONE = Reader()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the store told for a report. `pictures`: by the ids of their deliveries."""

    records: Sequence[DeliveryRecord]
    recalls: Sequence[Recalled] = ()
    canaries: Sequence[CanaryRun] = ()
    approvals: Sequence[Approval] = ()
    lessons: Sequence[ProvenanceRecord] = ()
    pictures: Mapping[str, tuple[Picture, ...]] = field(default_factory=dict)
    audit_head: Head | None = None

    def night(
        self, *, since: datetime, until: datetime, tz: tzinfo, expiring: timedelta, reader: Reader = EVERYONE
    ) -> Night:
        """The night as this reader is told it. `expiring`: how long before an approval ends it is told."""
        house = reader.is_told_of_the_house
        # Of every run, whoever reads: by their bytes canaries are told from deliveries.
        night = nightly(
            [record for record in self.records if reader.is_told_of(record.delivery)],
            since=since,
            until=until,
            tz=tz,
            recalls=[each for each in self.recalls if reader.is_told_of(each.record.delivery)],
            canaries=self.canaries,
            lapses=lapses(
                filter(reader.is_told_of_approval, self.approvals), since=since, until=until, within=expiring
            ),
            lessons=[record for record in self.lessons if reader.is_told_of_lesson(record)],
            pictures=self.pictures,
            audit_head=self.audit_head if house else None,
        )
        return night if house else night.without_canaries
