import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from scanner.model import Code, Outcome
from scanner.report import Scanned
from scanner.report.terminal import render

from . import samples


def on_terminal(*scanned: Scanned, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    render(console, scanned, shortest_shot=12)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def in_pipe(*scanned: Scanned) -> str:
    console = Console(file=io.StringIO(), width=40, force_terminal=False)
    render(console, scanned, shortest_shot=12)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 115, 116, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    *lines, _tally = on_terminal(*samples.every_outcome(), samples.hostile(), width=width).splitlines()

    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("scanned", samples.every_outcome(), ids=lambda each: each.verdict.outcome.label)
def test_every_outcome_is_shown_in_words(scanned: Scanned, width: int) -> None:
    assert f" {scanned.verdict.outcome.name} " in on_terminal(scanned, width=width)


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("code", Code)
def test_every_code_is_shown_unbroken(code: Code, width: int) -> None:
    assert code in on_terminal(samples.with_code(code), width=width)


@pytest.mark.parametrize("width", [80, 140])
def test_a_finding_shows_its_timecode_unbroken(width: int) -> None:
    assert "01:12:34:12\N{EN DASH}01:12:38:18" in on_terminal(samples.quarantined(), width=width)


def test_a_finding_shows_what_would_clear_it() -> None:
    said = flat(on_terminal(samples.quarantined(), width=100))

    assert "Clears when: ESC-2041 is extended to this shot, or another approval covers it." in said


@pytest.mark.parametrize("show", [on_terminal, in_pipe])
@pytest.mark.parametrize(("frames", "told"), [(0, False), (5, True)])
def test_a_finding_says_how_far_its_ends_may_be_off(show: Callable[[Scanned], str], frames: int, told: bool) -> None:  # noqa: FBT001
    at = replace(samples.place(754, 758, "01:12:34:00", "01:12:38:00"), accuracy_frames=frames)
    found = replace(samples.MATTE_FOUND, evidence=samples.look_alike(at))
    base = samples.quarantined()

    said = flat(show(replace(base, verdict=samples.verdict(Outcome.QUARANTINE, found))))

    assert ("ends within 5 frames" in said) is told


def test_the_coverage_sentence_and_the_as_of_line_follow() -> None:
    said = flat(on_terminal(samples.passed()))

    assert "No AI evidence found: 80 of 480 frames fingerprinted" in said
    assert "As of register version 214" in said


@pytest.mark.parametrize("show", [on_terminal, in_pipe])
def test_hostile_text_reaches_no_terminal_raw(show: Callable[[Scanned], str]) -> None:
    said = show(samples.hostile())

    assert all(mark.isprintable() or mark == "\n" for mark in said)
    assert said.encode()


def test_markup_in_a_name_is_not_obeyed() -> None:
    name = "[bold]x[/] :smile:.mov"

    assert name in in_pipe(replace(samples.passed(), path=name))
    assert name in on_terminal(replace(samples.passed(), path=name))


def test_a_pipe_gets_the_path_on_every_line() -> None:
    said = in_pipe(samples.quarantined()).splitlines()

    assert all(line.startswith("drop/acme/NH_101_master_v03.mov: ") for line in said)


def test_a_pipe_gets_a_finding_whole_on_one_line() -> None:
    said = in_pipe(samples.quarantined())

    assert (
        "finding: QUARANTINE APPROVAL-OTHER-SCOPE 01:36:50:00-01:36:51:12 in NH_101_master_v03.mov: "
        "6 sampled frames look like quay_crowd_take3.mp4; approval ESC-2041 is for shot NH_101_042 only; "
        "rule 22, Netflix escalation scope; evidence E3 (strong); ends within 5 frames; "
        "clears when: ESC-2041 is extended to this shot, or another approval covers it.\n"
    ) in said


def test_a_pipe_gets_plain_characters() -> None:
    assert in_pipe(*samples.every_outcome()).isascii()


def test_several_deliveries_end_with_a_tally() -> None:
    assert in_pipe(*samples.every_outcome()).endswith("5 deliveries: 1 quarantined, 1 held, 1 flagged, 2 passed\n")


def test_nothing_scanned_is_said() -> None:
    assert in_pipe() == "nothing was scanned\n"


def test_the_first_gaps_are_shown_and_the_others_counted() -> None:
    many = samples.verdict(coverage=tuple((f"{number}.wav", samples.SHORT) for number in range(20)))
    said = on_terminal(Scanned(path="reels", record=samples.delivery("reels"), verdict=many))

    assert "Not examined: 5.wav: sound not matched" in said
    assert "Not examined: 14 more" in said
