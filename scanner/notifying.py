"""Telling systemd how the service is (sd_notify(3)): ready, stopping, alive. Without systemd, nothing is told."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scanner.report.plain import shown

_log = logging.getLogger("scanner")
# The service manager reads at once; whatever does not is not worth waiting for.
_PATIENCE_SECONDS = 1.0


def ready() -> bool:
    """The service has started. Whether anybody could be told."""
    return _tell("READY=1")


def stopping() -> bool:
    """The service is ending by itself. Whether anybody could be told."""
    return _tell("STOPPING=1")


def status(words: str) -> bool:
    """What `systemctl status` shows, in one line. Whether anybody could be told."""
    # A line break would begin another variable.
    return _tell(f"STATUS={shown(words)}")


@contextmanager
def watchdog(alive: Callable[[], bool]) -> Iterator[None]:
    """In here, tell systemd that we live twice in WatchdogSec, as long as `alive` says so. It must not wait."""
    seconds = _watchdog_seconds()
    if seconds is None:
        yield
        return
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(seconds / 2):
            if alive():
                _tell("WATCHDOG=1")

    teller = threading.Thread(target=tell, name="watchdog", daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


def _watchdog_seconds() -> float | None:
    """WatchdogSec of the unit, None where there is none or where it is meant for another process."""
    told, process = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID")
    if not told.isascii() or not told.isdigit() or int(told) == 0 or process not in (None, str(os.getpid())):
        return None
    return int(told) / 1_000_000


def _tell(variable: str) -> bool:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(_PATIENCE_SECONDS)
            sender.sendto(os.fsencode(variable), address)
    except OSError as error:
        _log.warning("not told", extra={"variable": variable, "why": str(error)})
        return False
    return True
