"""A real daemon as an operator sees it: systemd is told, monitors are answered, every line says what it is about."""

import json
import socket
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from .studio import Home, Watch, call, eventually, watching

ABOUT_ONE = {"taken", "received", "examined", "decided", "moved", "closed"}


def lines(watch: Watch) -> list[dict[str, Any]]:
    return [json.loads(line) for line in watch.told().splitlines()]


def asked(watch: Watch, path: str) -> tuple[int, str]:
    (port,) = {line["port"] for line in lines(watch) if line["event"] == "serving"}
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(watch: Watch, name: str) -> dict[tuple[str, ...], float]:
    _, text = asked(watch, "/metrics")
    families = text_string_to_metric_families(text)
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


@pytest.fixture
def served(home: Home) -> Home:
    home.set(('\nlisten = ""', '\nlisten = "127.0.0.1:0"'), ("reserve_megabytes = 1024", "reserve_megabytes = 1"))
    return home


def test_a_monitor_sees_a_delivery_through(served: Home) -> None:
    with watching(served) as watch:
        eventually(lambda: asked(watch, "/ready")[0] == 200, told=lambda: asked(watch, "/ready"))
        assert asked(watch, "/live")[0] == 200
        served.drop("comfyui.png")
        eventually(lambda: samples(watch, "scanner_blocked").get(("quarantine",)) == 1)

        assert samples(watch, "scanner_verdicts_total")["final", "quarantine"] == 1
        assert samples(watch, "scanner_findings_total")["AI-GENERATOR",] == 1
        assert samples(watch, "scanner_taken_total")["final",] == 1
        assert samples(watch, "scanner_examination_seconds_count") == {(): 1}
        assert samples(watch, "scanner_examined_bytes_total")[()] > 1000
        assert samples(watch, "scanner_servers")["running",] == 1
        eventually(lambda: samples(watch, "scanner_queue_depth") == {(): 0})
        told = json.loads(call("status", "--config", served.config, "--format", "json", cwd=served.folder).stdout)

    assert told["daemon_runs"] is True
    assert [each["name"] for each in told["blocked"]] == ["comfyui.png"]


def test_every_line_about_a_delivery_says_which(served: Home) -> None:
    with watching(served) as watch:
        served.drop("comfyui.png")
        eventually(lambda: watch.says("closed"))

    told = [line for line in lines(watch) if line["event"] in ABOUT_ONE]
    assert {line["event"] for line in told} == ABOUT_ONE
    assert len({line["delivery"] for line in told}) == 1
    assert all(line["server"] for line in lines(watch))


def test_systemd_is_told_when_it_watches_that_it_lives_and_that_it_ends(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        with watching(home) as watch:
            first = [manager.recv(1000) for _ in range(3)]
            watch.stop()
        rest = list(iter(lambda: _said(manager), b""))

    assert first == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    assert b"STOPPING=1" in rest


def _said(manager: socket.socket) -> bytes:
    manager.settimeout(0.2)
    try:
        return manager.recv(1000)
    except TimeoutError:
        return b""
