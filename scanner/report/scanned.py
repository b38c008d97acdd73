"""One judged delivery as the reports take it."""

from dataclasses import dataclass

from scanner.model import Delivery, DeliveryRecord, Picture, Ruling, Verdict
from scanner.report.plain import WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A delivery, its verdict and the pictures to show with it. `path` is what the person typed, or its place."""

    path: str
    record: Delivery
    verdict: Verdict
    pictures: tuple[Picture, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    @property
    def not_examined(self) -> tuple[str, ...]:
        """Everything in the delivery that was not examined, as `name: why`."""
        seen = [f"{name or WHOLE}: {note}" for name, coverage in self.verdict.coverage for note in coverage.notes]
        return tuple(seen + [f"{refused.name}: {refused.reason}" for refused in self.record.refused])


def of_record(record: DeliveryRecord) -> Scanned | None:
    """A stored record as the reports take it; None while it has no verdict."""
    if record.verdict is None:
        return None
    return Scanned(
        path=record.place or record.delivery.origin,
        record=record.delivery,
        verdict=record.verdict,
        pictures=record.pictures,
        rulings=record.rulings,
    )
