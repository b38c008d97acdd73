import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from scanner.model import ApprovalStatus, Scope, Stage
from scanner.report.json_text import json_text
from scanner.report.quarantine import quarantine_shown, quarantine_table, record_object
from scanner.report.register import (
    approval_json,
    approval_shown,
    approvals_table,
    record_json,
    record_shown,
    records_table,
    standing,
)

from . import samples

HOSTILE_RECORD = replace(samples.RECORD, title=samples.HOSTILE, note=samples.HOSTILE, tool=samples.HOSTILE)
HOSTILE_APPROVAL = replace(samples.APPROVAL, approver=samples.HOSTILE, scope=Scope(file_patterns=(samples.HOSTILE,)))


def said(show: Callable[[Console], None], *, width: int = 200, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    show(console)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


SHOWS: tuple[Callable[[Console], None], ...] = (
    lambda console: records_table(console, [HOSTILE_RECORD]),
    lambda console: record_shown(console, HOSTILE_RECORD),
    lambda console: approvals_table(console, [HOSTILE_APPROVAL], at=samples.NIGHT),
    lambda console: approval_shown(console, HOSTILE_APPROVAL, at=samples.NIGHT),
    lambda console: quarantine_table(console, [samples.stored(samples.hostile())]),
    lambda console: quarantine_shown(console, samples.stored(samples.hostile())),
)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("show", SHOWS)
def test_hostile_text_is_shown_escaped(show: Callable[[Console], None], terminal: bool) -> None:  # noqa: FBT001
    text = said(show, terminal=terminal)

    assert all(mark.isprintable() or mark in "\n\t" for mark in text)
    assert "\\x1b[31m" in text


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("width", [80, 140])
def test_no_line_is_wider_than_the_terminal(show: Callable[[Console], None], width: int) -> None:
    assert max(map(len, said(show, width=width, terminal=True).splitlines())) <= width


def test_a_pipe_gets_a_record_a_line_with_tabs() -> None:
    text = said(lambda console: records_table(console, [samples.RECORD, samples.RECORD]), width=20)

    assert text.splitlines()[0].split("\t") == [
        "PR-0117",
        "Night Harbour",
        "temporary",
        "ComfyUI 0.3.62",
        "NH_101_042",
        "acme",
        "1",
        "2026-09-24",
        "harbour_matte_v02.png",
    ]
    assert len(text.splitlines()) == 2


def test_a_table_shows_the_end_of_a_long_name_and_a_pipe_all_of_it() -> None:
    long = replace(samples.RECORD.assets[0], name=f"plates/storm_over_{'the_harbour_' * 4}v007.png")
    record = replace(samples.RECORD, assets=(long, *samples.RECORD.assets))

    shown = said(lambda console: records_table(console, [record]), terminal=True)

    assert "…he_harbour_the_harbour_v007.png and 1 more" in shown
    assert said(lambda console: records_table(console, [record])).rstrip("\n").split("\t")[-1] == (
        f"{long.name}, harbour_matte_v02.png"
    )


def test_an_empty_list_says_so_on_a_terminal_and_nothing_in_a_pipe() -> None:
    assert "No provenance records" in said(lambda console: records_table(console, []), terminal=True)
    assert said(lambda console: records_table(console, [])) == ""


def test_a_record_is_shown_with_its_assets() -> None:
    text = said(lambda console: record_shown(console, samples.RECORD))

    assert "asset: ast_7f31c2 harbour_matte_v02.png (still, 12.4 MB, 2 fingerprints)" in text
    assert f"sha256: {'ab' * 32}" in text


def test_the_json_of_a_record_counts_fingerprints_and_never_prints_them() -> None:
    asset = json.loads(json_text(record_json(samples.RECORD)))["assets"][0]

    assert asset["fingerprints"] == [{"algorithm": "phash256", "version": 1, "codes": 2}]


def test_the_json_of_an_approval_has_its_scope_and_standing() -> None:
    approval = json.loads(json_text(approval_json(samples.APPROVAL, at=samples.NIGHT)))

    assert approval["scope"]["timecodes"] == [{"first": "01:36:50:00", "last": "01:36:51:12"}]
    assert (approval["status"], approval["standing"]) == ("approved", "approved")
    assert approval["valid_from"] is None


@pytest.mark.parametrize(
    ("changed", "worth"),
    [
        ({}, "approved"),
        ({"status": ApprovalStatus.PENDING}, "pending"),
        ({"status": ApprovalStatus.DENIED}, "denied"),
        ({"valid_to": samples.NIGHT}, "expired"),
        ({"valid_from": samples.NIGHT + timedelta(seconds=1)}, "not yet valid"),
        ({"revoked_at": samples.NIGHT}, "revoked"),
    ],
)
def test_an_approval_is_shown_as_it_stands_at_the_time(changed: dict[str, object], worth: str) -> None:
    approval = replace(samples.APPROVAL, **changed)  # type: ignore[arg-type]

    assert standing(approval, at=samples.NIGHT) == worth


def test_an_empty_scope_is_told_as_everything_of_the_title() -> None:
    text = said(lambda console: approval_shown(console, replace(samples.APPROVAL, scope=Scope()), at=samples.NIGHT))

    assert "for: everything of this title" in text


def test_quarantine_lists_why_and_where() -> None:
    text = said(lambda console: quarantine_table(console, [samples.stored(samples.quarantined())]))

    assert text.startswith("QUARANTINE\tdlv_01jc9w01\tNight Harbour\tacme\tNH_101_master_v03.mov\t")
    assert "\tquarantine/dlv_01jc9w01/NH_101_master_v03.mov\tframes that look like" in text


def test_quarantine_shows_rulings_and_the_whole_verdict() -> None:
    record = samples.stored(samples.quarantined(), rulings=(samples.RELEASED,))
    text = said(lambda console: quarantine_shown(console, record))

    assert "ruling: release by Maria Lind" in text
    assert "finding: QUARANTINE AI-LOOK-ALIKE" in text


def test_the_json_of_a_stored_delivery_is_that_of_a_scan_with_place_and_rulings() -> None:
    record = samples.stored(samples.quarantined(), rulings=(samples.RELEASED,))
    told = json.loads(json_text(record_object(record)))

    assert told["outcome"] == "quarantine"
    assert told["place"] == "quarantine/dlv_01jc9w01/NH_101_master_v03.mov"
    assert told["rulings"][0]["by"] == "Maria Lind"


def test_a_delivery_that_is_not_judged_yet_has_no_outcome() -> None:
    record = samples.stored(samples.passed(), stage=Stage.EXAMINED, verdict=None)

    assert record_object(record)["outcome"] is None
    assert "undecided" in said(lambda console: quarantine_table(console, [record]))
