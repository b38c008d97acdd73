"""The canary: a harmless clip, registered as temporary, that is dropped to see whether it is stopped."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.deliveries import Delivery


class CanaryState(StrEnum):
    """Begun: under way, or cut off. The other two are final."""

    BEGUN = "begun"
    PASSED = "blocked and restored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryClip:
    """The registered clip: which, made from which seed, and when."""

    record_id: str
    asset_id: str
    seed: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryRun:
    """One drop of the canary. `sha256`: of the file that was dropped; `told`: what became of it, for people."""

    name: str
    folder: str
    sha256: str
    by: str
    state: CanaryState
    begun_at: datetime
    ended_at: datetime | None = None
    told: str = ""
    delivery_id: str | None = None

    def is_of(self, delivery: Delivery) -> bool:
        """Whether the delivery is this canary, by its bytes: names are anybody's choice."""
        return not delivery.refused and [member.sha256 for member in delivery.members] == [self.sha256]
