"""Findings that a person has set aside for one delivery."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Findings that are set aside. Empty dimensions do not restrict; `until` is the first moment after it."""

    codes: tuple[str, ...]
    members: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A waiver, with who gave it, when and why."""

    waiver: Waiver
    by: str
    role: str | None
    reason: str
    at: datetime

    def reaches(self, code: str, member: str, asset: str | None, at: datetime) -> bool:
        """Whether it sets aside a finding of this code in this member, about this asset, at a time."""
        waiver = self.waiver
        return (
            self.at <= at
            and (waiver.until is None or at < waiver.until)
            and code in waiver.codes
            and (not waiver.members or member in waiver.members)
            and (not waiver.assets or asset in waiver.assets)
        )
