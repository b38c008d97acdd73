"""A title's approvals, laid out once so that those that can be about a piece of material are found at once. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from scanner.model import Approval
from scanner.policy.material import Material
from scanner.policy.validity import succession


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleApprovals:
    """The approvals of one title at a time. `replaced`: superseded, by id; `by_record`, `by_id`, `others`: positions.

    `others`: those whose scope names no records, so that they may be about anything.
    """

    about: tuple[Approval, ...]
    replaced: Mapping[str, str]
    by_record: Mapping[str, tuple[int, ...]]
    by_id: Mapping[str, int]
    others: tuple[int, ...]

    def near(self, material: Material) -> tuple[Approval, ...]:
        """Those that can be about the material, or that its record names, in their order: of the rest nothing holds."""
        found = set(self.others)
        if material.asset is not None:
            found.update(self.by_record.get(material.asset.record_id, ()))
        found.update(self.by_id[name] for name in material.escalations if name in self.by_id)
        return tuple(self.about[position] for position in sorted(found))


class _Same:
    """The very tuple: to compare a thousand approvals would cost more than to lay them out anew."""

    __slots__ = ("approvals",)

    def __init__(self, approvals: tuple[Approval, ...]) -> None:
        self.approvals = approvals

    def __hash__(self) -> int:
        return id(self.approvals)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.approvals is self.approvals


def of_title(approvals: tuple[Approval, ...], title: str | None, at: datetime) -> TitleApprovals:
    """The approvals of a title; none without a title. Asked again about the same ones, it has them at hand."""
    return _laid_out(_Same(approvals), title, at)


@lru_cache(maxsize=8)
def _laid_out(same: _Same, title: str | None, at: datetime) -> TitleApprovals:
    about = tuple(approval for approval in same.approvals if title and approval.title == title)
    by_record: dict[str, list[int]] = {}
    others = []
    for position, approval in enumerate(about):
        if not approval.scope.records:
            others.append(position)
        for record in approval.scope.records:
            by_record.setdefault(record, []).append(position)
    return TitleApprovals(
        about=about,
        replaced=succession(about, at),
        by_record={record: tuple(positions) for record, positions in by_record.items()},
        by_id={approval.approval_id: position for position, approval in enumerate(about)},
        others=tuple(others),
    )
