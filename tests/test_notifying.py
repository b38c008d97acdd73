"""Telling systemd: real datagrams on a real socket, also an abstract one."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner import notifying


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The service manager's end."""
    name = str(tmp_path / "notify") if request.param == "file" else f"@scanner-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield listening


def test_it_tells_that_it_is_ready_what_it_does_and_that_it_ends(manager: socket.socket) -> None:
    assert notifying.ready()
    assert notifying.status("2 on the bench\nREADY=0")
    assert notifying.stopping()

    assert [manager.recv(1000) for _ in range(3)] == [
        b"READY=1",
        b"STATUS=2 on the bench\\x0aREADY=0",
        b"STOPPING=1",
    ]


def test_the_watchdog_is_fed_as_long_as_it_lives(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "40000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    alive = threading.Event()
    alive.set()

    with notifying.watchdog(alive.is_set):
        assert [manager.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        alive.clear()
        manager.settimeout(0.3)
        deadline = time.monotonic() + 10
        while heard(manager):
            assert time.monotonic() < deadline


def heard(manager: socket.socket) -> bool:
    try:
        manager.recv(100)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(("seconds", "process"), [(None, None), ("0", None), ("x", None), ("40000", "1")])
def test_without_a_watchdog_of_ours_nothing_is_told(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch, seconds: str | None, process: str | None
) -> None:
    for name, value in (("WATCHDOG_USEC", seconds), ("WATCHDOG_PID", process)):
        if value is not None:
            monkeypatch.setenv(name, value)
    manager.settimeout(0.2)

    with notifying.watchdog(lambda: True), pytest.raises(TimeoutError):
        manager.recv(100)


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "relative"])
def test_without_systemd_nothing_is_told(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)

    assert not notifying.ready()


def test_a_manager_that_has_gone_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))

    assert not notifying.ready()
