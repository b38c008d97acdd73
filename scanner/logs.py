"""The log: one line an event. A line that is about a delivery says which, however deep in the program it is written.

Names are hostile text: no control character or escape code of theirs reaches a terminal or a log.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from scanner.report.plain import shown

if TYPE_CHECKING:
    import structlog

Given = ParamSpec("Given")
Result = TypeVar("Result")

_delivery: ContextVar[str | None] = ContextVar("delivery", default=None)
_log = logging.getLogger("scanner")
# Whose lines are ours to write: the engine's own would go to a handler of its own otherwise, as bare text.
_LOGGERS = ("", "scanner", "dbos")


@contextmanager
def about(delivery_id: str) -> Iterator[None]:
    """Everything that is logged in here, by whomever, is about this delivery, unless the line itself says otherwise."""
    before = _delivery.set(delivery_id)
    try:
        yield
    finally:
        _delivery.reset(before)


def carried(call: Callable[Given, Result]) -> Callable[Given, Result]:
    """The same call for other threads: what it logs there is about the delivery that this thread is busy with."""
    context = copy_context()

    def called(*args: Given.args, **named: Given.kwargs) -> Result:
        return context.copy().run(call, *args, **named)

    return called


def set_up(*, as_json: bool, server: str | None = None) -> None:
    """One line an event on stderr: JSON for machines, text for people. `server`: told on every line of JSON."""
    import structlog

    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    told = {"server": server} if server and as_json else {}
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                _known(told),
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                _printable,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    _log.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_died


def _known(told: dict[str, str]) -> "structlog.types.Processor":
    def add(_: object, __: str, event: "structlog.types.EventDict") -> "structlog.types.EventDict":
        delivery = _delivery.get()
        return {**event, **told, **({"delivery": delivery} if delivery else {})}

    return add


def _printable(_: object, __: str, event: "structlog.types.EventDict") -> "structlog.types.EventDict":
    return {key: _safe(key, value) if isinstance(value, str) else value for key, value in event.items()}


def _safe(key: str, text: str) -> str:
    """Only a traceback keeps its lines, set in: no name makes one that looks like another event."""
    return "\n    ".join(map(shown, text.split("\n"))) if key == "exception" else shown(text)


def _thread_died(died: threading.ExceptHookArgs) -> None:
    if died.exc_value is not None and died.exc_type is not SystemExit:
        name = died.thread.name if died.thread else "?"
        _log.critical("thread died", extra={"thread_name": name}, exc_info=died.exc_value)
