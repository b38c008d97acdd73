"""Messages to the outside, for people and as JSON values: what waits, what was given up."""

from collections.abc import Collection, Sequence

from rich.console import Console

from scanner.model import Message
from scanner.report.json_text import Json, instant
from scanner.report.listing import Column, Row, listed
from scanner.report.plain import moment

_COLUMNS = (
    Column(heading="Message", whole=True),
    Column(heading="Target"),
    Column(heading="Event"),
    Column(heading="State"),
    Column(heading="Tries"),
    Column(heading="Delivery", narrow=False),
    Column(heading="Written", narrow=False),
    Column(heading="Next", narrow=False),
    Column(heading="Why not"),
)
_STYLES = {"given up": "bold red", "no such target": "bold red", "sent": "dim"}


def state_of(message: Message, targets: Collection[str]) -> str:
    """Where a message stands. One for a target that is not in the settings any more waits for nobody."""
    if message.sent_at is not None:
        return "sent"
    if message.target not in targets:
        return "no such target"
    return "given up" if message.given_up else "waiting"


def message_table(console: Console, messages: Sequence[Message], targets: Collection[str]) -> None:
    """A message a row; in a pipe: id, target, event, state, tries, delivery, written, next, why not."""
    rows = [
        Row(
            style=_STYLES.get(state_of(each, targets), "bold"),
            cells=(
                each.message_id,
                each.target,
                each.event,
                state_of(each, targets),
                str(each.tries),
                each.delivery_id or "-",
                moment(each.created_at),
                moment(each.next_at) if each.next_at else "-",
                each.last_error or "-",
            ),
        )
        for each in messages
    ]
    listed(console, _COLUMNS, rows, nothing="Nothing waits to be told.")


def message_object(message: Message, targets: Collection[str]) -> Json:
    """A message as JSON values. Absent facts are null."""
    return {
        "message_id": message.message_id,
        "target": message.target,
        "event": message.event,
        "state": state_of(message, targets),
        "tries": message.tries,
        "delivery_id": message.delivery_id,
        "created_at": instant(message.created_at),
        "next_at": instant(message.next_at),
        "sent_at": instant(message.sent_at),
        "last_error": message.last_error,
    }
