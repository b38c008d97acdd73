import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from scanner.model import Code, Outcome
from scanner.report import Scanned
from scanner.report.json_text import json_text
from scanner.report.scan_json import jsonl, scan_json

from . import samples

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "scan.schema.json").read_text())
ALL = (*samples.every_outcome(), samples.hostile())


@pytest.fixture(scope="module")
def valid() -> Validator:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def part(name: str) -> Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def test_the_document_is_as_the_schema_says(valid: Validator) -> None:
    document = json.loads(scan_json(ALL))

    valid.validate(document)
    part("scan").validate(document)


def test_each_line_is_as_the_schema_says(valid: Validator) -> None:
    lines = jsonl(ALL).splitlines()

    assert len(lines) == len(ALL)
    for line in lines:
        valid.validate(json.loads(line))
        part("delivery").validate(json.loads(line))


@pytest.mark.parametrize("code", Code)
def test_every_code_can_be_written(code: Code) -> None:
    document = json.loads(scan_json([samples.with_code(code)]))

    part("scan").validate(document)
    assert document["deliveries"][0]["findings"][0]["code"] == code


@pytest.mark.parametrize("name", ["delivery", "finding", "coverage", "file"])
def test_every_key_is_in_the_schema(name: str) -> None:
    delivery = json.loads(jsonl([samples.held()]))
    written = {
        "delivery": delivery,
        "finding": delivery["findings"][0],
        "coverage": delivery["coverage"],
        "file": delivery["files"][0],
    }

    assert written[name].keys() == SCHEMA["$defs"][name]["properties"].keys()


def test_an_empty_object_is_neither_a_scan_nor_a_delivery(valid: Validator) -> None:
    assert not valid.is_valid({})


def test_the_strictest_delivery_decides() -> None:
    assert json.loads(scan_json(samples.every_outcome()))["outcome"] == "quarantine"


def test_nothing_scanned_is_never_a_pass() -> None:
    assert json.loads(scan_json([]))["outcome"] == "hold"


def test_a_look_alike_has_place_region_and_score() -> None:
    found = one(samples.quarantined())["findings"][1]

    assert found["timecode_in"] == "01:36:50:00"
    assert (found["seconds_in"], found["seconds_out"]) == (2210.0, 2211.5)
    assert found["region"] == [0.2, 0.2, 0.4, 0.4]
    assert found["score"] == 1 - 41 / 256
    assert (found["asset"], found["record"]) == ("ast_b90e44", "PR-0121")


def test_a_speed_that_is_not_known_is_null() -> None:
    base = samples.quarantined()
    evidence = samples.look_alike(samples.place(1, 2, "01:00:01:00", "01:00:02:00"), speed=None)
    found = replace(samples.MATTE_FOUND, evidence=evidence)

    assert one(replace(base, verdict=samples.verdict(Outcome.QUARANTINE, found)))["findings"][0]["speed"] is None


def test_a_look_alike_has_what_it_rests_on() -> None:
    found = one(samples.quarantined())["findings"][1]

    assert found["polygon"] == [[0.2, 0.2], [0.6, 0.21], [0.59, 0.6], [0.21, 0.58]]
    assert [found[key] for key in ("distance", "inliers", "blocks_agreeing", "blocks_compared")] == [41, 63, 31, 44]
    assert [found[key] for key in ("covered", "speed", "passes", "accuracy_frames")] == [0.25, 2.0, 1, 5]
    assert (found["asset_seconds_in"], found["asset_seconds_out"]) == (1.5, 3.0)


def test_where_only_a_part_was_recognised_the_score_is_the_share_of_parts_that_agree() -> None:
    base = samples.quarantined()
    part = replace(
        samples.CROWD_FOUND,
        evidence=samples.look_alike(None, distance=None, blocks_agreeing=30, blocks_compared=40),
    )

    found = one(replace(base, verdict=samples.verdict(Outcome.QUARANTINE, part)))["findings"][0]

    assert (found["score"], found["distance"], found["polygon"]) == (0.75, None, [])


def test_an_identical_file_scores_one() -> None:
    scanned = replace(samples.quarantined(), verdict=samples.verdict(Outcome.QUARANTINE, samples.identical()))

    assert one(scanned)["findings"][0]["score"] == 1.0


def test_absent_facts_are_null() -> None:
    found = one(samples.held())["findings"][0]

    assert [found[key] for key in ("tool", "asset", "approval", "timecode_in", "region", "score")] == [None] * 6


def test_coverage_is_summed_over_the_members_and_names_what_was_left_out() -> None:
    coverage = one(samples.held())["coverage"]

    assert (coverage["frames_examined"], coverage["frames_present"]) == (19, 120)
    assert coverage["not_examined"] == [
        "edl/NH_101_v03.edl: no examiner for this kind of file",
        "latest: a symbolic link, never followed",
    ]


def test_where_a_picture_is_broken_is_told_by_member(valid: Validator) -> None:
    held = samples.held()
    (name, coverage), *others = held.verdict.coverage
    broken = replace(coverage, broken=(samples.place(12, 13.5, "01:00:12:00", "01:00:13:12"),), broken_more=3)
    verdict = replace(held.verdict, coverage=((name, broken), *others))

    document = json.loads(scan_json([replace(held, verdict=verdict)]))

    valid.validate(document)
    told = document["deliveries"][0]["coverage"]["by_member"][0]
    assert told["broken_more"] == 3
    assert told["broken"] == [
        {
            "timecode_in": "01:00:12:00",
            "timecode_out": "01:00:13:12",
            "seconds_in": 12.0,
            "seconds_out": 13.5,
            "accuracy_frames": 5,
        }
    ]


def test_a_scan_without_a_register_says_null() -> None:
    assert one(replace(samples.passed(), verdict=samples.verdict(register=None)))["register"] is None


@pytest.mark.parametrize("text", [scan_json([samples.hostile()]), jsonl([samples.hostile()])])
def test_the_text_is_utf8_and_harmless_on_a_terminal(text: str) -> None:
    assert text.encode()
    assert all(mark.isprintable() or mark == "\n" for mark in text)


def test_a_hostile_name_comes_back_whole_but_for_bytes_that_are_not_utf8() -> None:
    assert one(samples.hostile())["path"] == samples.HOSTILE.replace("\udcff", "\\xff")


@pytest.mark.parametrize("text", ["\x7f", "\x9b", "\u202e", "\U000e0041", "\x00", "夜"])
def test_every_other_text_comes_back_as_it_was(text: str) -> None:
    assert json.loads(json_text(text)) == text


def one(scanned: Scanned) -> Any:
    """The delivery as a reader of the JSON gets it."""
    return json.loads(jsonl([scanned]))
