"""Which deliveries are kept back, and which of them a person means."""

import os
from typing import TYPE_CHECKING

from scanner.actions import blocked_destination
from scanner.errors import UnknownIdError
from scanner.model import DeliveryRecord, Outcome, Stage

if TYPE_CHECKING:
    from scanner.settings import Settings
    from scanner.store import Store

_BLOCKED = (Outcome.HOLD, Outcome.QUARANTINE)


def blocked(store: "Store", settings: "Settings") -> tuple[DeliveryRecord, ...]:
    """What is held or quarantined; also what has been ruled on, as long as it could not be moved."""
    judged_again = store.deliveries(stages=(Stage.JUDGED_AGAIN,))
    waiting = {record.delivery.delivery_id for record in judged_again}
    others = (record for record in store.deliveries(outcomes=_BLOCKED) if _is_blocked(record, settings))
    found = (*judged_again, *(record for record in others if record.delivery.delivery_id not in waiting))
    return tuple(sorted(found, key=lambda each: (each.delivery.received_at, each.delivery.delivery_id), reverse=True))


def _is_blocked(record: DeliveryRecord, settings: "Settings") -> bool:
    if record.stage is not Stage.RULED or record.verdict is None:
        return record.stage in (Stage.DECIDED, Stage.CARRIED_OUT)
    folder = settings.folder("quarantine" if record.verdict.outcome is Outcome.QUARANTINE else "held")
    return os.path.lexists(blocked_destination(folder, record.delivery.name, record.delivery.delivery_id))


def meant(store: "Store", settings: "Settings", text: str) -> str:
    """The id of the delivery that a person means: its id, the beginning of it, or a name that only one blocked one has.

    Names are the vendor's choice: one that is the beginning of a blocked delivery's id never stands for another.
    Raises UnknownIdError.
    """
    kept_back = blocked(store, settings)
    named = [record.delivery.delivery_id for record in kept_back if record.delivery.name == text]
    if not named or any(record.delivery.delivery_id.startswith(text) for record in kept_back):
        return store.delivery(text).delivery.delivery_id
    if len(named) > 1:
        msg = f"{text!r} is the name of {len(named)} blocked deliveries: say which by its id: {', '.join(named)}."
        raise UnknownIdError(msg)
    return named[0]


def opened(settings: "Settings") -> "Store":
    from scanner.store import Store

    return Store.open(settings.store_url, make=False)
