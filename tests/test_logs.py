"""The log: one JSON object a line, with the delivery that it is about, and nothing in it that steers a terminal."""

import json
import logging
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scanner import logs

NAMES = ("", "scanner", "dbos", "py.warnings")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    before = {name: (list((log := logging.getLogger(name)).handlers), log.propagate, log.level) for name in NAMES}
    hook, showwarning = threading.excepthook, warnings.showwarning
    yield
    logging.captureWarnings(capture=False)
    threading.excepthook, warnings.showwarning = hook, showwarning
    for name, (handlers, propagate, level) in before.items():
        log = logging.getLogger(name)
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_tells_event_level_time_and_server(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True, server="ingest-1")

    logging.getLogger("scanner").info("taken", extra={"drop": "a.mov"})

    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "taken", "level": "info", "drop": "a.mov", "server": "ingest-1"}


def test_what_is_logged_deep_inside_says_which_delivery_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)
    log = logging.getLogger("scanner")

    with logs.about("20261122-1"):
        log.info("inside")
        log.info("of another", extra={"delivery": "20261122-2"})
        with logs.about("20261122-3"):
            log.info("nested")
        log.info("inside again")
    log.info("outside")

    told = [line.get("delivery") for line in lines(capsys)]
    assert told == ["20261122-1", "20261122-2", "20261122-3", "20261122-1", None]


def test_other_threads_say_it_too_when_it_is_carried_there(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)
    log = logging.getLogger("scanner")

    with ThreadPoolExecutor(2) as threads:
        with logs.about("one"):
            list(threads.map(logs.carried(log.info), ["carried"] * 20))
        list(threads.map(log.info, ["plain"] * 2))

    told = {(line["event"], line.get("delivery")) for line in lines(capsys)}
    assert told == {("carried", "one"), ("plain", None)}


def test_the_engines_own_lines_and_warnings_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)

    with logs.about("one"):
        logging.getLogger("dbos").error("Step x has exceeded its maximum of 3 retries")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)

    first, second = lines(capsys)
    assert (first["level"], first["delivery"]) == ("error", "one")
    assert "old" in second["event"]


@pytest.mark.parametrize("as_json", [True, False])
def test_no_control_character_of_a_name_reaches_the_terminal(
    as_json: bool,  # noqa: FBT001
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up(as_json=as_json)
    log = logging.getLogger("scanner")
    name = "\x1b]0;owned\x07\n2026-11-22 [info] cleared\u202e\udcff"

    log.warning("not taken", extra={"drop": name, "doors": [name]})
    with logs.about(name):
        try:
            raise OSError(name)
        except OSError:
            log.exception("failed")

    told = capsys.readouterr().err
    assert not set(told) & set("\x1b\x07\u202e\udcff")
    assert not [line for line in told.splitlines() if line.startswith("2026-11-22 [info]")]
    assert "owned" in told


def test_a_traceback_stays_on_the_line_of_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)

    try:
        raise ValueError("what went wrong")
    except ValueError:
        logging.getLogger("scanner").exception("failed")

    (line,) = lines(capsys)
    assert "Traceback" in line["exception"]
    assert line["exception"].endswith("ValueError: what went wrong")


def test_the_death_of_a_thread_is_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)

    def die() -> None:
        raise ValueError("what went wrong")

    thread = threading.Thread(target=die, name="heartbeat")
    thread.start()
    thread.join()

    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["thread_name"]) == ("thread died", "critical", "heartbeat")
