"""The servers that share a studio, as they told of themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
