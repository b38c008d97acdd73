"""What people decide, and the record of one delivery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.deliveries import Delivery, Stage
from scanner.model.judgement import Verdict
from scanner.model.media import Thumbnail
from scanner.model.waivers import Waiver


class RulingAction(StrEnum):
    """Release: on to cleared/. Restore: back to where it was dropped, to be looked at again. The others leave it.

    Keep: it stays stopped, for good. Waive: some findings are set aside. Escalate: written approval is asked for.
    """

    RELEASE = "release"
    RESTORE = "restore"
    KEEP = "keep"
    WAIVE = "waive"
    ESCALATE = "escalate"


MOVING = frozenset({RulingAction.RELEASE, RulingAction.RESTORE})
"""Rulings that take a delivery away from where it is kept back; the others leave it there."""


class Lesson(StrEnum):
    """What a ruling teaches, by explicit choice only.

    Known-good: what was found must not alarm again. Stricter: what was delivered is registered as AI material.
    """

    KNOWN_GOOD = "known-good"
    STRICTER = "stricter"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingTerms:
    """What stands beside a ruling: who made it in what role, the second person, what it waives and what it teaches."""

    role: str | None = None
    second: str | None = None
    second_role: str | None = None
    second_at: datetime | None = None
    waiver: Waiver | None = None
    lesson: Lesson | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A person's decision on a blocked delivery, with name and reason. `approval`: what it rests on, or waits for."""

    action: RulingAction
    by: str
    reason: str
    approval: str | None = None
    terms: RulingTerms = RulingTerms()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Found and registered frame, or sound, side by side, for one look-alike or labelled member."""

    member: str
    found: Thumbnail | None
    registered: Thumbnail | None
    asset_id: str | None

    @property
    def is_sound(self) -> bool:
        """Whether it is to be listened to."""
        return any(side is not None and side.sound for side in (self.found, self.registered))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """Everything about one delivery, kept for good. `place` is where its bytes are now, None once handed on."""

    delivery: Delivery
    stage: Stage
    place: str | None
    verdict: Verdict | None = None
    verdicts_before: int = 0
    pictures: tuple[Picture, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    @property
    def last_word(self) -> Ruling | None:
        """The ruling that stands."""
        return self.rulings[-1] if self.rulings else None

    @property
    def is_kept(self) -> bool:
        """Whether a person has ruled that it stays where it is kept back: nothing but another ruling moves it."""
        return self.last_word is not None and self.last_word.action is RulingAction.KEEP
