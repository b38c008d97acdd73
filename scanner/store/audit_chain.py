"""Following the chain of the audit log from its first entry to its last. Nothing here looks into the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from scanner.model.audit import (
    NOTHING_BEFORE,
    Entry,
    Fault,
    Head,
    Tampered,
    Verified,
    What,
    Wrong,
    canonical,
    content_of,
    digest_of,
    entry_of_line,
)
from scanner.store.audit import Unread

# How far away the number is looked for that an entry with a wrong one was written under, and for how many entries.
_NEAR = 200
_MOST_LOOKED_FOR = 20
_MOST_TOLD = 100


@dataclass(slots=True, kw_only=True)
class Found:
    """The faults found so far: the first ones, and how many there are beyond those."""

    faults: list[Fault] = field(default_factory=list)
    more: int = 0

    def take(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            if len(self.faults) < _MOST_TOLD:
                self.faults.append(fault)
            else:
                self.more += 1

    def result(self, chain: "Chain") -> Verified | Tampered:
        """What came of the check."""
        head = Head(number=chain.number, digest=chain.digest or "unknown")
        if not self.faults:
            return Verified(entries=chain.entries, head=head)
        return Tampered(entries=chain.entries, head=head, faults=tuple(self.faults), more=self.more)


@dataclass(slots=True, kw_only=True)
class Chain:
    """How far the log has been followed. `noted`: a head that was written down elsewhere, which must be in it.

    `digest` is None after an entry that has been tampered with: what the next one must follow is not known.
    """

    noted: Head | None = None
    entries: int = 0
    number: int = 0
    digest: str | None = NOTHING_BEFORE
    looked_for: int = 0

    def take(self, entry: Entry | Unread) -> Iterator[Fault]:
        """What is wrong with the next entry."""
        self.entries += 1
        before = self.number
        if entry.number is not None:
            yield from self._numbered(entry.number)
            self.number = entry.number
        if isinstance(entry, Unread):
            says = (
                f"entry {entry.number or before + 1} cannot be read: {entry.why}. It was changed after it was written"
            )
            yield Fault(wrong=Wrong.UNREADABLE, says=says, number=entry.number or before + 1)
            self.digest = None
            return
        yield from self._against_noted(entry)
        if not is_whole(entry):
            self.looked_for += 1
            yield _changed(entry, look=self.looked_for <= _MOST_LOOKED_FOR)
            self.digest = None
            return
        if entry.number == before + 1 and self.digest not in (None, entry.previous):
            yield _replaced(entry, before)
        self.digest = entry.digest

    def end(self) -> Iterator[Fault]:
        """What is wrong with where the log ends."""
        noted = self.noted
        if noted is not None and noted.number > self.number:
            says = f"entries {self.number + 1} to {noted.number} are missing: the end of the log was cut off"
            yield Fault(wrong=Wrong.MISSING, says=says, number=self.number + 1)

    def _numbered(self, number: int) -> Iterator[Fault]:
        first, last = self.number + 1, number - 1
        if number <= self.number:
            says = f"entry {number} stands after entry {self.number}: the order was changed, or one of them was put in"
            yield Fault(wrong=Wrong.MOVED, says=says, number=number)
        elif first <= last:
            which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
            yield Fault(wrong=Wrong.MISSING, says=f"{which} missing: deleted after being written", number=first)

    def _against_noted(self, entry: Entry) -> Iterator[Fault]:
        noted = self.noted
        if noted is not None and entry.number == noted.number and entry.digest != noted.digest:
            says = f"entry {entry.number} is not the one that was noted: the log was rewritten up to here, or before"
            yield Fault(wrong=Wrong.REWRITTEN, says=says, number=entry.number, delivery_id=entry.delivery_id)


def is_whole(entry: Entry) -> bool:
    """Whether an entry has the digest that its content gives."""
    try:
        content = content_of(entry)
        return digest_of(content) == entry.digest and canonical(content["facts"]) == entry.facts
    except (ValueError, RecursionError):
        return False


def name_of(entry: Entry) -> str:
    """An entry in words: its number, what it says, and of which delivery."""
    about = f", delivery {entry.delivery_id}" if entry.delivery_id else ""
    return f"entry {entry.number} ({entry.what}{about})"


def _changed(entry: Entry, *, look: bool) -> Fault:
    number = _written_as(entry) if look else None
    if number is None:
        wrong, says = Wrong.CHANGED, f"{name_of(entry)} was changed after it was written: its digest does not fit"
    else:
        wrong, says = Wrong.MOVED, f"{name_of(entry)} was written as entry {number}: it was put in another's place"
    return Fault(wrong=wrong, says=says, number=entry.number, delivery_id=entry.delivery_id)


def _written_as(entry: Entry) -> int | None:
    """The number near by under which an entry was written, None when that is not what is wrong with it."""
    for number in range(max(1, entry.number - _NEAR), entry.number + _NEAR):
        if is_whole(replace(entry, number=number)):
            return number
    return None


def _replaced(entry: Entry, before: int) -> Fault:
    if not before:
        says = f"{name_of(entry)} was written after others: the beginning of the log was cut off"
        return Fault(wrong=Wrong.MISSING, says=says, number=entry.number, delivery_id=entry.delivery_id)
    says = f"entry {before} is not the one after which {name_of(entry)} was written: {before} was replaced or put in"
    return Fault(wrong=Wrong.REPLACED, says=says, number=before)


def begun_twice(entry: Entry | Unread) -> Iterator[Fault]:
    """That a log says in its middle that it begins there."""
    if isinstance(entry, Entry) and entry.what == What.BEGUN and entry.number != 1:
        says = f"{name_of(entry)} says that the log begins there: it was put in"
        yield Fault(wrong=Wrong.REPEATED, says=says, number=entry.number)


def verify_lines(lines: Iterable[str], noted: Head | None = None) -> Verified | Tampered:
    """Check an exported log by itself."""
    chain, found = Chain(noted=noted), Found()
    for line in lines:
        entry = _of_line(line)
        found.take((*chain.take(entry), *begun_twice(entry)))
    found.take(chain.end())
    return found.result(chain)


def _of_line(line: str) -> Entry | Unread:
    try:
        return entry_of_line(line)
    except (ValueError, RecursionError) as error:
        return Unread(number=None, why=str(error))
