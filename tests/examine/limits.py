"""Limits as the settings give them, for pools of the tests' own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What examining needs to know of the settings."""

    memory_megabytes: int = 6144
    base_seconds: float = 60.0
    bytes_per_second: int = 1_000_000
    at_most_seconds: float = 600.0
    stall_seconds: float = 60.0
    processes: int = 2
