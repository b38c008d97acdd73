"""The audit log for those outside the store: its head, its entries, and checking it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scanner.errors import StoreUnavailableError
from scanner.model import Policy
from scanner.model.audit import Entry, Head, Tampered, Verified, What
from scanner.store import audit
from scanner.store.audit_check import verify
from scanner.store.engine import Database
from scanner.store.server_tables import audit as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit log of a studio. Every method raises StoreUnavailableError."""

    database: Database

    def head(self) -> Head:
        """The last entry's number and digest; number 0 where there is none."""
        with self.database.reading() as connection:
            return audit.head(connection)

    def entries(self, *, delivery_id: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        """The entries in order, as they are asked for; of deliveries whose id starts so, or written from `since` on."""
        with self.database.reading() as connection:
            for entry in audit.entries(connection, delivery_id=delivery_id, since=since):
                if isinstance(entry, audit.Unread):
                    msg = (
                        f"entry {entry.number} of the audit log cannot be read ({entry.why}). See: scanner audit verify"
                    )
                    raise StoreUnavailableError(msg)
                yield entry

    def policy_in_force(self, policy: Policy, *, by: str | None = None, reason: str | None = None) -> bool:
        """Write down, with its whole text, that this policy counts from now on, unless it does already.

        True when it was new. Without a name, it was changed by hand and nobody has said why.
        """
        with self.database.writing() as connection:
            told = select(table.c.facts).where(table.c.what == What.POLICY_CHANGED.value)
            last = connection.execute(told.order_by(table.c.number.desc()).limit(1)).scalar_one_or_none()
            if last is not None and json.loads(last)["policy"] == policy.digest:
                return False
            facts = {"policy": policy.digest, "text": policy.text, "reason": reason}
            audit.add(connection, What.POLICY_CHANGED, facts, who=by)
            return True

    def verify(self, noted: Head | None = None) -> Verified | Tampered:
        """Check the whole log, and what it vouches for. `noted`: a head kept elsewhere, which must be in it."""
        with self.database.reading() as connection:
            return verify(connection, noted)
