import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Code, Coverage, Grade, Outcome
from scanner.report import Scanned
from scanner.report.plain import (
    CODE_WORDS,
    GRADE_MEANINGS,
    as_of,
    coverage_sentence,
    coverage_words,
    grade_words,
    headline,
    shown,
    tally,
    where,
)

from . import samples


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("EP101_v3.mov", "EP101_v3.mov"),
        ("plan B.mov", "plan B.mov"),
        ("夜の港.mov", "夜の港.mov"),
        ("two\nlines", "two\\x0alines"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202efdp.exe", "\\u202efdp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("caf\udce9.mov", "caf\\xe9.mov"),
        ("half\ud83d", "half\\ud83d"),
        ("\U000e0041", "\\U000e0041"),
        ("line\u2028end", "line\\u2028end"),
    ],
)
def test_a_name_is_shown_so_that_it_cannot_steer_or_hide(name: str, safe: str) -> None:
    assert shown(name) == safe


@given(st.text(st.characters()))
def test_what_is_shown_can_always_be_written_and_is_one_line(name: str) -> None:
    safe = shown(name)

    assert safe.encode().decode() == safe
    assert len(safe.splitlines()) <= 1


@given(st.text(st.characters()))
def test_showing_twice_changes_nothing(name: str) -> None:
    assert shown(shown(name)) == shown(name)


@pytest.mark.parametrize("code", Code)
def test_every_code_has_plain_words(code: Code) -> None:
    assert CODE_WORDS[code] in headline(samples.with_code(code).verdict)


@pytest.mark.parametrize(
    ("grade", "words"),
    [
        (Grade.E0, "declared"),
        (Grade.E1, "certain"),
        (Grade.E2, "strong"),
        (Grade.E3, "strong"),
        (Grade.E4, "lead"),
        (Grade.E5, "lead"),
        (Grade.NONE, "not evidence"),
    ],
)
def test_grades_are_told_in_plain_words(grade: Grade, words: str) -> None:
    assert grade_words(replace(samples.LABELLED, grade=grade)) == words
    assert words in GRADE_MEANINGS


def test_the_very_bytes_of_an_asset_are_certain() -> None:
    assert grade_words(samples.identical()) == "certain"


def test_the_coverage_sentence_names_the_shot_that_cannot_escape() -> None:
    assert coverage_sentence(samples.SHORT, shortest_shot=12) == (
        "No AI evidence found: 80 of 480 frames fingerprinted "
        "(every 6th: no shot of 12 frames or longer can escape); sound not matched."
    )


def test_the_coverage_sentence_counts_what_was_looked_at_between_samples() -> None:
    coverage = replace(samples.SHORT, sample_step=12, frames_examined=43, frames_between=3)

    assert "43 of 480 frames fingerprinted (every 12th, and 3 between: no shot of 12 frames" in coverage_sentence(
        coverage, shortest_shot=12
    )
    lost = replace(coverage, frames_examined=42)
    assert "(1 more could not be, so a short shot may have escaped)" in coverage_sentence(lost, shortest_shot=12)


def test_of_few_frames_too_a_lost_sample_is_told() -> None:
    coverage = replace(samples.SHORT, sample_step=12, frames_present=13, frames_examined=1)

    assert "(1 more could not be, so a short shot may have escaped)" in coverage_sentence(coverage, shortest_shot=12)


def test_nothing_is_promised_of_short_shots_when_a_sample_was_lost() -> None:
    sentence = coverage_sentence(replace(samples.SHORT, frames_examined=79), shortest_shot=12)

    assert "no shot" not in sentence
    assert "may have escaped" in sentence


def test_nothing_is_promised_of_short_shots_where_a_picture_is_broken() -> None:
    broken = replace(samples.SHORT, broken=(samples.place(12, 13, "00:00:12:00", "00:00:13:00"),))

    assert "80 of 480 frames fingerprinted (some are broken, so a short shot may have escaped)" in (
        coverage_sentence(broken)
    )


def test_no_shot_shorter_than_the_step_is_promised() -> None:
    assert "no shot of 6 frames" in coverage_sentence(samples.SHORT, shortest_shot=3)


def test_a_sound_file_has_no_picture_to_fingerprint() -> None:
    assert coverage_sentence(Coverage(notes=("sound not matched",))) == (
        "No AI evidence found: no picture to fingerprint; sound not matched."
    )


def test_a_note_that_many_members_share_is_told_once() -> None:
    sentence = coverage_sentence(samples.SHORT, samples.SHORT)

    assert "160 of 960 frames" in sentence
    assert sentence.endswith("sound not matched (2 members).")


def test_uninformative_frames_are_told() -> None:
    assert "7 frames too plain to compare" in coverage_sentence(replace(samples.SHORT, frames_uninformative=7))


@pytest.mark.parametrize(
    ("step", "words"), [(1, "every one"), (2, "every 2nd"), (3, "every 3rd"), (11, "every 11th"), (21, "every 21st")]
)
def test_the_step_is_told_as_an_ordinal(step: int, words: str) -> None:
    covered = Coverage(frames_examined=480, frames_present=480, sample_step=step, duration=Fraction(20))

    assert f"({words})" in coverage_sentence(covered)


@pytest.mark.parametrize("scanned", samples.every_outcome(), ids=lambda each: each.verdict.outcome.label)
def test_no_report_says_that_there_is_no_ai(scanned: Scanned) -> None:
    said = f"{headline(scanned.verdict)} {coverage_words(scanned.verdict)}"

    assert not re.search(r"\bno AI\b(?! evidence found)", said, re.IGNORECASE)


def test_a_pass_without_findings_says_that_no_evidence_was_found() -> None:
    assert headline(samples.verdict()) == "Passed: no AI evidence found"


def test_a_pass_by_approval_names_the_approval() -> None:
    assert headline(samples.approved().verdict).endswith("(ESC-2044)")


def test_a_held_delivery_claims_only_what_could_be_examined() -> None:
    assert coverage_words(samples.held().verdict).startswith("No AI evidence found in what could be examined")


def test_an_ai_claim_under_a_broken_signature_is_still_evidence() -> None:
    assert coverage_words(samples.flagged().verdict).startswith("AI evidence found")


def test_a_maybe_is_only_possible_evidence() -> None:
    verdict = samples.verdict(Outcome.FLAG, samples.LABELLED)

    assert coverage_words(verdict).startswith("Possible AI evidence found")


def test_a_finding_in_time_is_placed_by_timecode() -> None:
    assert where(samples.MATTE_FOUND, dash="-") == "01:12:34:12-01:12:38:18"


def test_a_finding_without_a_member_is_about_the_whole_delivery() -> None:
    assert where(replace(samples.LABELLED, member="")) == "the whole delivery"


def test_the_as_of_clause_names_register_policy_and_time() -> None:
    clause = as_of(samples.quarantined().verdict)

    assert "register version 214 (37 records, 12 approvals" in clause
    assert "policy 3f9a2c1d77be;" in clause
    assert "judged 2026-11-03 02:14 UTC" in clause


def test_the_as_of_clause_says_when_no_register_was_asked() -> None:
    assert "no register" in as_of(samples.verdict(register=None))


def test_the_tally_is_strictest_first() -> None:
    assert tally([Outcome.PASS, Outcome.QUARANTINE, Outcome.PASS]) == "3 deliveries: 1 quarantined, 2 passed"
