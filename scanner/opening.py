"""Opens the containers of a delivery: what is in an archive, a PDF or a layered picture becomes members of its own.

They are examined, matched and judged as all others are. The delivery itself is not touched: what is taken out lies in
the scratch folder beside it, and is never moved anywhere.
"""

import logging
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.errors import ScannerError
from scanner.examine.opening import Budget, TakenOut
from scanner.examine.unpacking import OpeningJob
from scanner.intake import scratch
from scanner.intake.custody import cannot, shown
from scanner.intake.stock import path_of, take_stock_of
from scanner.media.formats import CONTAINERS
from scanner.model import INSIDE, Delivery, Member, Opened, Refused, Stage
from scanner.studio import Studio, Whereabouts

_log = logging.getLogger("scanner")
_MEGABYTE = 1 << 20
# What is looked at itself, whether there is anything in it or not.
_DOCUMENTS = frozenset({"pdf", "psd"})
_NOT_DECIDED = (Stage.RECEIVED, Stage.EXAMINED)


def open_containers(studio: Studio, delivery_id: str) -> None:
    """The step of a delivery. Whatever a crash has left of an earlier try is removed, and all is taken out anew."""
    record = studio.kept.delivery(delivery_id)
    if record.stage not in _NOT_DECIDED:
        return
    before = record.delivery.unopened
    where = studio.where(before)
    scratch.clear(where.opened)
    if not any(_is_container(member) for member in before.members):
        return
    try:
        opened = with_contents(studio, before, where)
    except ScannerError:
        # It is tried again later: until then its copies only take room.
        scratch.clear(where.opened)
        raise
    studio.kept.described(opened)
    _log.info("opened", extra={"delivery": delivery_id, "members": len(opened.members) - len(before.members)})


@contextmanager
def passing(delivery: Delivery, payload: Path) -> Iterator[Whereabouts]:
    """Where a delivery lies that is looked at where it is; its scratch folder is made elsewhere, and goes at the end.

    Raises OSError.
    """
    if not any(_is_container(member) for member in delivery.members):
        yield Whereabouts(payload=payload, opened=payload / scratch.OPENED)
        return
    with tempfile.TemporaryDirectory(prefix="scanner-") as folder:
        yield Whereabouts(payload=payload, opened=Path(folder) / scratch.OPENED)


def with_contents(studio: Studio, delivery: Delivery, where: Whereabouts) -> Delivery:
    """The delivery with all that is in its containers. Raises ExaminerLostError, CustodyError."""
    if not any(_is_container(member) for member in delivery.members):
        return delivery
    scratch.anew(where.opened)
    limits = studio.settings.opening
    budget = Budget(files=limits.files, size=limits.total_megabytes * _MEGABYTE, ratio=limits.ratio)
    return _Opening(studio=studio, where=where, budget=budget).all(delivery)


def _is_container(member: Member) -> bool:
    return member.format in CONTAINERS


@dataclass(slots=True, kw_only=True)
class _Opening:
    """One delivery being opened, container by container, those that lie in others after them."""

    studio: Studio
    where: Whereabouts
    budget: Budget
    _members: list[Member] = field(default_factory=list)
    _refused: list[Refused] = field(default_factory=list)

    def all(self, delivery: Delivery) -> Delivery:
        waiting = deque((member, 1) for member in delivery.members)
        while waiting:
            member, depth = waiting.popleft()
            if _is_container(member):
                member, inner = self._opened(member, depth)
                waiting.extend((each, depth + 1) for each in inner)
            self._members.append(member)
        return replace(
            delivery,
            members=tuple(sorted(self._members, key=lambda member: member.name)),
            refused=(*delivery.refused, *self._refused),
        )

    def _opened(self, member: Member, depth: int) -> tuple[Member, tuple[Member, ...]]:
        """The container, told of; and what is in it."""
        deepest = self.studio.settings.opening.depth
        if depth > deepest:
            reason = f"it lies in {depth - 1} others: no deeper than {deepest} is opened"
            return replace(member, opened=Opened(files=0, unread=(reason,))), ()
        found: list[Member] = []
        files, unread, notes = 0, list[str](), list[str]()
        for file in member.files:
            taken = self._taken(member, file)
            inner, refused = self._stock(f"{file}{INSIDE}", taken)
            found += inner
            self._refused += refused
            files += len(taken.files)
            unread += [f"{file}: {reason}" if len(member.files) > 1 else reason for reason in taken.unread]
            notes += [f"{note} ({count} times)" if count > 1 else note for note, count in taken.notes.items()]
        if not found and not unread and member.format not in _DOCUMENTS:
            unread.append("nothing is in it")
        opened = Opened(files=files, unread=tuple(unread), notes=tuple(dict.fromkeys(notes)))
        return replace(member, opened=opened), tuple(found)

    def _stock(self, inside: str, taken: TakenOut) -> tuple[tuple[Member, ...], tuple[Refused, ...]]:
        try:
            return take_stock_of({inside + name: path for name, path in taken.files.items()})
        except OSError as error:
            folder = shown(self.where.opened)
            raise cannot(f"{folder} cannot be read", error, left="The delivery is on the bench") from error

    def _taken(self, member: Member, file: str) -> TakenOut:
        root = self.where.root(member)
        path = root / scratch.kept_as(file) if member.is_inside else path_of(root, file)
        settings = self.studio.settings
        job = OpeningJob(
            path=path,
            name=file.rpartition("/")[2],
            format=member.format,
            size=member.size,
            largest=settings.opening.file_megabytes * _MEGABYTE,
            memory_bytes=settings.examining.memory_megabytes * _MEGABYTE,
            cpu_seconds=self.studio.pool.deadline(member.size + self.budget.size),
        )
        return self.studio.pool.take_out(job, self.where.opened, self.budget, inside=f"{file}{INSIDE}")
