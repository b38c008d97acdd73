"""The servers that share a studio, as they told of themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PAUSE = "pause"
"""The order, "on" or "off", by which no server begins anything new."""
DRAIN = "drain:"
"""With an instance's name after it: the order by which that server ends what it has under way, and then itself."""


class ServerState(StrEnum):
    """Running: takes and handles. Draining: ends what it has. Stopped: ended by itself. Lost: fell silent."""

    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One start of a daemon. `silent_seconds`: since it last told of itself, by the database's clock."""

    instance: str
    name: str
    host: str
    process: int
    state: ServerState
    started_at: datetime
    seen_at: datetime
    silent_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What came of asking for a place in a drop folder. `held_by`: the instance that has it, None when it is ours.

    `left_by_lost`: its server is gone: the delivery `delivery_id`, half taken perhaps, is to be completed first.
    """

    delivery_id: str
    held_by: str | None = None
    left_by_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person told all servers, or one: the latest of each name holds."""

    name: str
    value: str
    by: str
    reason: str
    at: datetime
