"""The audit log: adding entries within the transaction that writes what they tell of, and reading them.

Nobody else writes meanwhile (`Database.writing`), so numbers have no gaps and each entry follows the one before it.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, type_coerce
from sqlalchemy.types import NullType

from scanner import __version__
from scanner.model.audit import NOTHING_BEFORE, Entry, Head, What, canonical, content_of, digest_of
from scanner.store.server_tables import audit
from scanner.store.types import escaped, unescaped

_ROWS_AT_ONCE = 1000
_FIELDS = ("number", "at", "what", "delivery_id", "who", "facts", "previous", "digest")
# As the database has it: whatever somebody has put there must not keep us from saying so.
_RAW = [type_coerce(audit.c[name], NullType()).label(name) for name in _FIELDS]
_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is to be written as an entry. `who`: the person who did it, None for the program itself.

    `facts` are texts, whole numbers, None, and lists and dicts of them.
    """

    what: What
    delivery_id: str | None = None
    who: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A row or line that no entry can be made of, and its number as far as it has one."""

    number: int | None
    why: str


def program() -> str:
    """What the audit log calls this program on this machine."""
    return f"scanner {__version__} on {socket.gethostname()}"


def plain(value: Any) -> Any:
    """A value without characters that databases or JSON refuse (in names of files): `\\x1a` and four digits instead."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def add(
    connection: Connection,
    what: What,
    facts: Mapping[str, object] = _NOTHING,
    *,
    delivery_id: str | None = None,
    who: str | None = None,
) -> None:
    """Add one entry. For use within a writing transaction."""
    add_all(connection, [Note(what=what, facts=facts, delivery_id=delivery_id, who=who)])


def add_all(connection: Connection, notes: Sequence[Note]) -> None:
    """Add entries, one after the other. For use within a writing transaction."""
    if not notes:
        return
    last = head(connection)
    server = str(connection.get_execution_options().get("who", "scanner"))
    rows = []
    for note in notes:
        entry = _next(last, note, server)
        rows.append({name: getattr(entry, name) for name in _FIELDS})
        last = entry.head
    connection.execute(insert(audit), rows)


def _next(last: Head, note: Note, server: str) -> Entry:
    facts = note.facts if note.who is None else {**note.facts, "server": server}
    entry = Entry(
        number=last.number + 1,
        at=datetime.now(UTC),
        what=note.what.value,
        delivery_id=plain(note.delivery_id),
        who=plain(server if note.who is None else note.who),
        facts=canonical(plain(facts)),
        previous=last.digest,
        digest="",
    )
    return replace(entry, digest=digest_of(content_of(entry)))


def head(connection: Connection) -> Head:
    """The last entry's number and digest; number 0 where there is none."""
    last = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return Head(number=0, digest=NOTHING_BEFORE) if row is None else Head(number=row.number, digest=row.digest)


def entries(
    connection: Connection, *, delivery_id: str | None = None, since: datetime | None = None
) -> Iterator[Entry | Unread]:
    """The entries in order, read as they are asked for: of deliveries whose id starts so, or written from then on."""
    asked = select(*_RAW).order_by(audit.c.number)
    if delivery_id is not None:
        asked = asked.where(audit.c.delivery_id.startswith(delivery_id, autoescape=True))
    if since is not None:
        asked = asked.where(audit.c.at >= since)
    streaming = {"yield_per": _ROWS_AT_ONCE}
    with connection.execute(asked, execution_options=streaming) as rows:
        yield from map(entry_of, rows)


def entries_of(connection: Connection, delivery_ids: Sequence[str]) -> Iterator[Entry | Unread]:
    """The entries of some deliveries, in order."""
    ids = [plain(delivery_id) for delivery_id in delivery_ids]
    asked = select(*_RAW).where(audit.c.delivery_id.in_(ids)).order_by(audit.c.number)
    return map(entry_of, connection.execute(asked))


def entry_of(row: Any) -> Entry | Unread:
    """The entry in a raw row of table `audit`, whatever somebody has put there."""
    values = row._mapping
    number = values["number"] if isinstance(values["number"], int) else None
    at = values["at"]
    try:
        moment = datetime.fromisoformat(f"{at}+00:00") if isinstance(at, str) else at.astimezone(UTC)
    except (ValueError, TypeError, AttributeError):
        return Unread(number=number, why=f"its time is {at!r}")
    texts = {name: values[name] for name in _FIELDS if name not in ("number", "at")}
    strange = [name for name, text in texts.items() if not isinstance(text, str) and (text, name) != (None, _FIELDS[3])]
    if number is None or strange:
        return Unread(number=number, why=f"{', '.join(strange) or 'its number'}: not of the right kind")
    known: dict[str, Any] = {name: None if text is None else unescaped(text) for name, text in texts.items()}
    return Entry(number=number, at=moment, **known)
