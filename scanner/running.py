"""The tables of scanner.toml that concern how servers run: [server], [queue], [serving], [signs], [judging]."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scanner.model import DropClass, Priority

_Seconds = Annotated[float, Field(strict=True, le=31_536_000)]
_Count = Annotated[int, Field(strict=True)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


class ServerTable(_Table):
    """This server among those that share the studio's database. `name`: "" is the host's."""

    name: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")
    lease_seconds: _Seconds = Field(default=10.0, ge=1, le=3600)


class SignsTable(_Table):
    """The note that stays where a blocked delivery was dropped. `reviewer`: how whoever delivered reaches one."""

    in_drop: bool = True
    reviewer: str = Field(default="the production's post supervisor", min_length=1, max_length=200)


class QueueTable(_Table):
    """Which deliveries are handled first, and how many at once on all servers together (0: no limit)."""

    at_once_in_all: _Count = Field(default=0, ge=0, le=10_000)
    by_title: dict[str, Priority] = {}
    by_class: dict[DropClass, Priority] = {}


class ServingTable(_Table):
    """Where monitors ask (`host:port`, empty: nowhere), and how much room every folder must have to be ready."""

    listen: str = Field(default="", pattern=r"^$|^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")
    reserve_megabytes: _Count = Field(default=1024, ge=0, le=10**9)


class JudgingTable(_Table):
    """What becomes of a blocked delivery that passes when it is judged again."""

    releases: Literal["by-themselves", "a-person"] = "by-themselves"
