"""A process that is killed at a chosen moment, by the kernel and without a last word."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from .places import in_child

_TOLD = ("open", "os.", "fcntl.", "shutil.", "ctypes.dlsym")


def killed_before_call(number: int, act: Callable[[], object]) -> bool:
    """Run `act` in a child that is killed before its `number`th call to the system; False if it ended first."""
    left = number

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        if event.startswith(_TOLD) and event != "os.kill":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return in_child(count, act) == -signal.SIGKILL


def killed_at_line(number: int, files: tuple[str, ...], act: Callable[[], object]) -> bool:
    """Run `act` in a child that is killed before the `number`th line that it runs in these files of the product."""
    left = number

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal left
        if event == "line":
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
        return line

    def call(frame: FrameType, event: str, arg: Any) -> Any:
        return line if frame.f_code.co_filename.endswith(files) else None

    def traced() -> None:
        threading.settrace(call)
        sys.settrace(call)
        act()

    return in_child(lambda event, args: None, traced) == -signal.SIGKILL
