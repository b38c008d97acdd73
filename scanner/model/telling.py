"""What is told to the outside: events, who is told of which, and the messages that wait to be sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Event(StrEnum):
    """What happened. The words stand in messages and in the settings."""

    CLEARED = "delivery.cleared"
    FLAGGED = "delivery.flagged"
    HELD = "delivery.held"
    QUARANTINED = "delivery.quarantined"
    RULED = "delivery.ruled"
    REJUDGED = "delivery.rejudged"
    RECALL_OPENED = "recall.opened"
    TRANSFER_STALLED = "transfer.stalled"
    CANARY_FAILED = "canary.failed"
    REPORT_SENT = "report.sent"
    REPORT_OVERDUE = "report.overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The name of a target, and the events that it is told of."""

    target: str
    events: frozenset[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event for one target, until it is sent and after. `next_at`: when it is tried next, None for never.

    The same event has the same id however often it is written down or sent.
    """

    message_id: str
    event: str
    delivery_id: str | None
    target: str
    body: str
    created_at: datetime
    tries: int = 0
    next_at: datetime | None = None
    sent_at: datetime | None = None
    last_error: str | None = None

    @property
    def given_up(self) -> bool:
        """Nobody was told, and it is not tried again by itself."""
        return self.sent_at is None and self.next_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for one target, since when, and what was given up."""

    target: str
    waiting: int
    given_up: int
    oldest: datetime | None
