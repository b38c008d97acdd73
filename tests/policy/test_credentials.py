"""What policy makes of Content Credentials: grade, words, and facts that are kept apart."""

from dataclasses import replace

import pytest

from scanner.model import AiClaim, Code, CredentialState, Grade, Meaning, Outcome
from scanner.report.facts import evidence_facts
from tests.policy.builders import claim, codes, credentials, verdict_on

MARK = AiClaim(manifest="active manifest", says="soft binding synthid", meaning=Meaning.AI, tool="SynthID", mark=True)


def test_a_vendors_mark_by_its_name_alone_is_of_the_fourth_grade_and_blocks() -> None:
    verdict = verdict_on(credentials(MARK))

    assert [(one.code, one.grade) for one in verdict.findings] == [(Code.AI_CREDENTIALS, Grade.E4)]
    assert verdict.outcome is Outcome.QUARANTINE


@pytest.mark.parametrize(("gathered", "grade"), [(False, Grade.E1), (True, Grade.E2)])
def test_what_a_trusted_signer_only_passes_on_is_of_the_second_grade(grade: Grade, *, gathered: bool) -> None:
    (finding,) = verdict_on(credentials(replace(claim(), gathered=gathered))).findings

    assert finding.grade is grade
    assert ("passed on by its signer" in finding.message) is gathered


def test_a_sidecar_without_a_word_of_ai_is_nothing_to_tell() -> None:
    assert codes(verdict_on(credentials(state=CredentialState.APART))) == set()


def test_why_credentials_are_broken_is_said_in_plain_words() -> None:
    broken = credentials(state=CredentialState.BROKEN, validation=("assertion.dataHash.mismatch",))

    (finding,) = verdict_on(broken).findings

    assert "the file was changed after it was signed (assertion.dataHash.mismatch)" in finding.message


def test_validity_trust_and_what_is_said_are_facts_of_their_own() -> None:
    found = credentials(
        state=CredentialState.BROKEN, trusted=True, signer="Example", trust_lists=("C2PA Trust List of 2026-08-05",)
    )

    facts = dict(evidence_facts(found))

    assert facts["Says AI"] == "no"
    assert facts["Signature"].startswith("does not verify")
    assert facts["Signer trusted"] == "yes; asked: C2PA Trust List of 2026-08-05"


def test_every_code_is_shown_with_its_words_and_every_name_with_how_far_it_was_verified() -> None:
    found = credentials(
        validation=("timeStamp.untrusted",), identities=("Ada: not verified",), notes=("terms of use: x",)
    )

    facts = evidence_facts(found)

    assert ("Validation", "timeStamp.untrusted: who made the time stamp is not on a trust list") in facts
    assert ("Names", "Ada: not verified") in facts
    assert ("Note", "terms of use: x") in facts
