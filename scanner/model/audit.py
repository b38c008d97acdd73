"""The audit log: its entries, the form in which each is digested, and what came of checking it.

The digest of an entry is SHA-256 over the UTF-8 bytes of one JSON object in canonical form (RFC 8785): the keys `at`,
`delivery_id`, `facts`, `log` (always `scanner-audit/1`), `number`, `previous`, `what` and `who`; keys in order, nothing
between the parts, no character escaped that need not be. `facts` is an object of texts, whole numbers, lists and the
like.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from scanner.model.media import utc

LOG = "scanner-audit/1"
NOTHING_BEFORE = "0" * 64
"""What the first entry has in place of a digest before it."""


class What(StrEnum):
    """What an entry says was done."""

    BEGUN = "begun"
    RECEIVED = "received"
    EXAMINED = "examined"
    DECIDED = "decided"
    CARRIED_OUT = "carried-out"
    JUDGED_AGAIN = "judged-again"
    MOVED = "moved"
    RULED = "ruled"
    RECALLED = "recalled"
    RECALL_CLOSED = "recall-closed"
    RECORD_ADDED = "record-added"
    RECORD_RETIRED = "record-retired"
    RECORD_REINSTATED = "record-reinstated"
    FINGERPRINTS_ADDED = "fingerprints-added"
    APPROVAL_ADDED = "approval-added"
    APPROVAL_REVOKED = "approval-revoked"
    PAPER_ADDED = "paper-added"
    ORDER = "order"
    POLICY_CHANGED = "policy-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The number and digest of an entry: whoever keeps them elsewhere can prove that the log was not rewritten."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `what` is a word of `What`, or of a newer program; `facts` is JSON text in canonical form.

    `at` is the clock of the server that wrote it; the order is that of the numbers. `previous`: the digest before it.
    """

    number: int
    at: datetime
    what: str
    delivery_id: str | None
    who: str
    facts: str
    previous: str
    digest: str

    @property
    def head(self) -> Head:
        return Head(number=self.number, digest=self.digest)


class Wrong(StrEnum):
    """What is wrong with a log. The last three are differences between it and the tables that it vouches for."""

    CHANGED = "changed"
    MOVED = "moved"
    MISSING = "missing"
    REPLACED = "replaced"
    UNREADABLE = "unreadable"
    REWRITTEN = "rewritten"
    REPEATED = "repeated"
    ROW_CHANGED = "row changed"
    ROW_GONE = "row gone"
    NOT_LOGGED = "not logged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One sign of tampering: the entry and the delivery that it is about, as far as there are any, and plain words."""

    wrong: Wrong
    says: str
    number: int | None = None
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The log is whole, and so is what it vouches for."""

    entries: int
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """Somebody changed the log or the tables. `more`: how many faults there are beyond those told."""

    entries: int
    head: Head
    faults: tuple[Fault, ...]
    more: int = 0


def canonical(value: object) -> str:
    """A value as JSON in canonical form (RFC 8785, for values without fractions). Raises ValueError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def content_of(entry: Entry) -> dict[str, Any]:
    """What is digested of an entry. Raises ValueError where its facts are not JSON."""
    return {
        "at": utc(entry.at).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "delivery_id": entry.delivery_id,
        "facts": json.loads(entry.facts),
        "log": LOG,
        "number": entry.number,
        "previous": entry.previous,
        "what": entry.what,
        "who": entry.who,
    }


def digest_of(content: dict[str, Any]) -> str:
    """The digest of the entry with this content."""
    return hashlib.sha256(canonical(content).encode("utf-8")).hexdigest()


def line_of(entry: Entry) -> str:
    """An entry as one line of an exported log: what is digested, with the digest, in canonical form."""
    return canonical(content_of(entry) | {"digest": entry.digest})


def entry_of_line(line: str) -> Entry:
    """The entry in a line of an exported log. Raises ValueError for any other line."""
    told = json.loads(line)
    if not isinstance(told, dict) or told.pop("log", None) != LOG or set(told) != set(Entry.__slots__):
        msg = "this is no line of an audit log"
        raise ValueError(msg)
    texts = ("what", "who", "previous", "digest", "at")
    if type(told["number"]) is not int or not all(isinstance(told[name], str) for name in texts):
        msg = "this line of an audit log has values of the wrong kind"
        raise ValueError(msg)
    return Entry(**told | {"at": datetime.fromisoformat(told["at"]), "facts": canonical(told["facts"])})
