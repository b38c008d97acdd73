"""Takes what has settled onto the bench, and goes on with what lies there. Of several servers, one takes a drop.

A server claims a place in a drop folder before it takes what lies there, and gives it back when the drop is on the
bench. What a lost server had half taken is completed first: nothing is ever taken as two.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from scanner import actions, measures
from scanner.engine import Engine
from scanner.errors import CustodyError, ScannerError, StoreUnavailableError, UnknownIdError
from scanner.intake.bench import BenchEntry, BenchState, bench_entry, clear_leftover, on_bench
from scanner.intake.receive import finish_receiving, new_delivery_id, receive, receive_group
from scanner.model import Priority
from scanner.settle import Look
from scanner.studio import Studio
from scanner.watching import Doorway, tell

_log = logging.getLogger("scanner")


class Taking:
    """Takes drops for one server. `shared`: whether other servers may want the same."""

    def __init__(self, studio: Studio, engine: Engine, *, instance: str, shared: bool) -> None:
        self._studio = studio
        self._engine = engine
        self._instance = instance
        self._shared = shared
        self._work = studio.settings.folder("work")
        self._often: bool | None = None
        # Claims to give back, place and delivery: when the database is out of reach that is done later.
        self._claims: set[tuple[str, str]] = set()

    def take(self, doorway: Doorway, settled: Look) -> None:
        """Take a drop that is whole, and hand it to the engine; why it is not taken is told."""
        delivery_id = new_delivery_id(self._studio.now(), os.urandom(3))
        # A sequence may be seen as several while it is being taken: one server at a time in its folder.
        place = str(doorway.folder if settled.files else doorway.folder / settled.name)
        try:
            with self._claimed(place, delivery_id) as ours:
                if not ours:
                    return
                if (used := self._in_use(doorway, settled)) is not None:
                    tell(doorway, settled.name, f"another program still writes into it, or has locked it: {used!r}")
                    return
                doorway.check()
                self._receive(doorway, settled, delivery_id)
            self._engine.submit(delivery_id, self._priority(doorway))
            self._look_often(on=True)
        except ScannerError as error:
            tell(doorway, settled.name, str(error))
            return
        measures.took(doorway.door.drop_class)
        _log.info("taken", extra={"delivery": delivery_id, "drop": settled.name})

    def resume(self) -> None:
        """Hand over what lies on the bench and is not being handled; clear away what never was a delivery."""
        try:
            self._give_back()
            entries = on_bench(self._work)
            taken = self._studio.kept.sharing.being_taken() if self._shared and entries else frozenset()
        except ScannerError as error:
            _log.error("not resumed", extra={"folder": str(self._work), "error": str(error)})
            return
        self._look_often(on=bool(entries))
        for entry in entries:
            if entry.folder.name not in taken:
                self._go_on_with(entry)

    def _go_on_with(self, entry: BenchEntry) -> None:
        delivery_id = entry.folder.name
        try:
            if entry.state is BenchState.FOREIGN:
                _log.warning("foreign", extra={"folder": str(entry.folder), "told": "no receipt: look at it by hand"})
            elif entry.state is BenchState.EMPTY and not self._known(delivery_id):
                clear_leftover(entry.folder)
            elif self._engine.submit(delivery_id, entry.receipt.priority if entry.receipt else None):
                _log.info("resumed", extra={"delivery": delivery_id})
        except ScannerError as error:
            _log.error("not resumed", extra={"delivery": delivery_id, "error": str(error)})

    @contextmanager
    def _claimed(self, place: str, delivery_id: str) -> Iterator[bool]:
        """Whether this server may take what lies at a place; nobody else does meanwhile."""
        if not self._shared:
            yield True
            return
        self._give_back()
        sharing = self._studio.kept.sharing
        self._claims.add((place, delivery_id))  # first: that the answer is lost does not say that it was not granted
        claim = sharing.claim(place, instance=self._instance, delivery_id=delivery_id)
        if claim.left_by_lost:
            self._complete(claim.delivery_id)
            sharing.give_back(place, delivery_id=claim.delivery_id)
        try:
            yield claim.held_by is None
        finally:
            self._give_back()

    def _give_back(self) -> None:
        """Give back what this server claimed and is done with: nobody goes on with what is claimed.

        Raises StoreUnavailableError; it is tried again at the next claim, and when the bench is gone through.
        """
        for place, delivery_id in tuple(self._claims):
            self._studio.kept.sharing.give_back(place, delivery_id=delivery_id)
            self._claims.discard((place, delivery_id))

    def _complete(self, delivery_id: str) -> None:
        """Finish what a lost server had begun to take, before anything beside it is looked at again."""
        entry = bench_entry(self._work / delivery_id)
        # A delivery that is known was taken whole: what lies in its old place is another.
        if entry.receipt is None or self._known(delivery_id):
            return
        try:
            finish_receiving(entry)
        except CustodyError as error:
            _log.warning("not completed", extra={"delivery": delivery_id, "why": str(error)})
        else:
            _log.info("completed", extra={"delivery": delivery_id})

    def _receive(self, doorway: Doorway, settled: Look, delivery_id: str) -> None:
        door, now = doorway.door, self._studio.now()
        title = door.title or self._studio.settings.studio.title or None
        if settled.files:
            receive_group(
                doorway.folder, settled.files, name=settled.name, work=self._work, delivery_id=delivery_id,
                title=title, vendor=door.vendor, drop_class=door.drop_class, received_at=now,
                priority=self._priority(doorway),
                season=door.season, episode=door.episode, territories=door.territories,
            )  # fmt: skip
        else:
            receive(
                doorway.folder / settled.name, work=self._work, delivery_id=delivery_id,
                title=title, vendor=door.vendor, drop_class=door.drop_class, received_at=now,
                priority=self._priority(doorway),
                season=door.season, episode=door.episode, territories=door.territories,
            )  # fmt: skip

    def _priority(self, doorway: Doorway) -> Priority:
        door, queue = doorway.door, self._studio.settings.queue
        title = door.title or self._studio.settings.studio.title
        return door.priority or queue.by_title.get(title) or queue.by_class.get(door.drop_class) or Priority.NORMAL

    def _look_often(self, *, on: bool) -> None:
        """Have the queue looked at often as long as something lies on the bench."""
        if on == self._often:
            return
        try:
            self._engine.look_often(on=on)
        except StoreUnavailableError:
            return  # it is only slower
        self._often = on

    def _in_use(self, doorway: Doorway, settled: Look) -> str | None:
        names = settled.files or (settled.name,)
        return next((used for name in names if (used := actions.in_use(doorway.folder / name)) is not None), None)

    def _known(self, delivery_id: str) -> bool:
        """A delivery that the store knows has only its closing left to do when its payload is gone."""
        try:
            self._studio.kept.delivery(delivery_id)
        except UnknownIdError:
            return False
        return True
