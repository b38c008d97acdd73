"""Stories of the guidance, played as a studio would: files delivered, papers entered by command, scanned by command."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scanner.model import Use
from scanner.registering import Registered, register
from tests.studio import Home, call

TITLE = "DEMO"
YES = dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), "yes")
MADE: dict[str, Any] = {
    "title": TITLE,
    "element_kind": "background",
    "ai_use": "generated",
    "perceived": "seen",
    "prominence": "incidental",
    "steps": [
        {
            "number": 1,
            "tool_id": "gen",
            "tool_version": "1",
            "model": "gen-1",
            "model_custom": False,
            "used_from": "2026-10-01",
            "used_to": "2026-10-02",
            "operator": "Kim",
            "human_contribution": "painted over by hand",
        }
    ],
    "training": [{"dataset_id": "licensed-1", "rights": "cleared"}],
    "principles": YES,
    "socialised": {"with_whom": "the studio's contact", "at": "2026-09-30"},
    "originality": {"result": "clear"},
    "realism": {"could_mislead": "no"},
    "union_impact": {"affected": False},
    "review": {"reviewer_id": "rae", "verdict": "approved", "training_id": "T1", "at": "2026-10-03"},
    "final_approval": {"approver_id": "ada", "verdict": "approved", "at": "2026-10-04", "legal_review_ref": "LR-1"},
    "disclosure": {"required": True, "text": "Made with AI", "placement": "end credits"},
    "credit": {"required": False},
}
TOOL: dict[str, Any] = {
    "tool_id": "gen",
    "vendor": "Gen",
    "product": "Gen",
    "versions": ["1"],
    "deployment": "on_prem",
    "terms_version": "3",
    "terms_reviewed_by": "legal",
    "terms_reviewed_at": "2026-06-01",
    "stores_data": "no",
    "reuses_data": "no",
    "trains_on_inputs": "no",
    "trains_on_outputs": "no",
    "allowed_inputs": ["netflix_proprietary"],
}
PEOPLE = [
    {
        "person_id": "rae",
        "name": "Rae",
        "may": ["review"],
        "active_from": "2026-01-01",
        "trainings": [{"training_id": "T1", "valid_from": "2026-01-01"}],
    },
    {"person_id": "ada", "name": "Ada Okafor", "may": ["approve", "release"], "active_from": "2026-01-01"},
]
DECIDED = ("--status", "approved", "--approver", "Ada Okafor", "--decided-at", "2026-09-15")
CLONE = {"element_kind": "voice", "perceived": "heard", "prominence": "prominent"}
REPLICA = {"performer_id": "P-9", "use": "voice", "living": True}
CONSENT: dict[str, Any] = {
    "consent_id": "C-1",
    "subject_id": "P-9",
    "subject_type": "performer",
    "consent_kind": "voice",
    "title": TITLE,
    "use_description": "three lines of episode 1, as scripted",
    "signed_by": "P-9",
    "signed_at": "2026-09-01",
    "separate_signature": True,
    "representation": "union",
}


Played = Callable[..., tuple[str, set[str], str]]


@pytest.fixture
def played(home: Home) -> Played:
    """Enters a record of an element, with what is given, and scans its file as a final; outcome, codes, all text."""
    noise = np.random.default_rng(7).integers(0, 255, (96, 160, 3), dtype=np.uint8)
    picture = home / "element.png"
    Image.fromarray(noise).resize((320, 192)).save(picture)
    with home.open() as studio:
        (result,) = register(studio, picture, by="Kim", title=TITLE, tool="Gen", use=Use.FINAL)
    assert isinstance(result, Registered)
    record_id, sha256 = result.record.record_id, result.record.assets[0].sha256

    def play(
        told: dict[str, Any] | None = None, *approval: str, name: str = "element.png", **papers: Any
    ) -> tuple[str, set[str], str]:
        record = {**MADE, **(told or {}), "record_id": record_id}
        record["final_approval"] = {**record["final_approval"], "of_sha256": sha256}
        whole = {"papers": 1, "records": [record], "tools": [TOOL], "people": PEOPLE, **papers}
        (home / "papers.json").write_text(json.dumps(whole))
        entered = call("papers", "import", "papers.json", "--by", "Kim", cwd=home.folder)
        assert entered.returncode == 0, entered.stderr
        if approval:
            given = ("--record", record_id, "--title", TITLE, *DECIDED)
            added = call("approval", "add", "--id", "ESC-1", *given, *approval, cwd=home.folder)
            assert added.returncode == 0, added.stderr
        if name != "element.png":
            picture.rename(home / name)
        done = call("scan", name, "--title", TITLE, "--format", "json", cwd=home.folder)
        (found,) = json.loads(done.stdout)["deliveries"]
        return found["outcome"], {each["code"] for each in found["findings"]}, done.stdout

    return play


def test_an_incidental_poster_in_the_background_is_flagged_not_blocked(played: Played) -> None:
    outcome, codes, _ = played()

    assert (outcome, codes) == ("flag", {"INCIDENTAL"})


def test_a_prominent_poster_is_blocked_until_it_is_approved_for_that(played: Played) -> None:
    outcome, codes, text = played({"prominence": "story_relevant"})

    assert outcome == "quarantine"
    assert {"KEY-ELEMENT", "ONLY-SOCIALISED"} <= codes
    assert "to_go_on" in text


def test_a_key_element_approved_by_name_passes(played: Played) -> None:
    outcome, codes, _ = played({"prominence": "prominent", "element_kind": "character"}, "--trigger", "2a")

    assert (outcome, codes) == ("pass", {"AI-APPROVED"})


def test_the_killer_doll_approved_without_naming_it_is_blocked(played: Played) -> None:
    outcome, codes, text = played({"prominence": "prominent", "element_kind": "character"}, "--note", "final use")

    assert outcome == "quarantine"
    assert "KEY-ELEMENT" in codes
    assert "Always escalate" in text


def test_a_voice_clone_without_consent_is_blocked_whatever_was_approved(played: Played) -> None:
    named = ("--trigger", "3a", "--trigger", "2a", "--trigger", "talent_likeness", "--permit", "talent-replica")

    outcome, codes, _ = played({**CLONE, "talent": [REPLICA]}, *named)

    assert outcome == "quarantine"
    assert "TALENT-NO-CONSENT" in codes


def test_a_voice_clone_with_consent_and_approval_passes(played: Played) -> None:
    named = ("--trigger", "3a", "--trigger", "2a", "--trigger", "talent_likeness", "--permit", "talent-replica")

    outcome, codes, _ = played({**CLONE, "talent": [{**REPLICA, "consent_ids": ["C-1"]}]}, *named, consents=[CONSENT])

    assert (outcome, codes) == ("pass", {"AI-APPROVED"})


def test_a_revoked_consent_is_none(played: Played) -> None:
    named = ("--trigger", "3a", "--trigger", "2a", "--trigger", "talent_likeness", "--permit", "talent-replica")

    outcome, codes, _ = played(
        {**CLONE, "talent": [{**REPLICA, "consent_ids": ["C-1"]}]},
        *named,
        consents=[{**CONSENT, "revoked_at": "2026-11-01"}],
    )

    assert (outcome, "TALENT-CONSENT-NOT-VALID" in codes) == ("quarantine", True)


def test_a_dead_person_needs_the_estate(played: Played) -> None:
    dead = {"performer_id": "P-9", "use": "replica_independent", "living": False}

    outcome, codes, _ = played({"element_kind": "performance_picture", "talent": [dead]}, "--trigger", "3a")

    assert (outcome, "REAL-PERSON" in codes) == ("quarantine", True)


def test_a_consumer_tool_that_was_given_the_studios_material_is_blocked(played: Played) -> None:
    step = {**MADE["steps"][0], "inputs": [{"asset_id": "plate", "input_class": "netflix_proprietary"}]}
    consumer = {**TOOL, "deployment": "consumer", "licence_tier": "free"}

    outcome, codes, _ = played({"steps": [step]}, tools=[consumer])

    assert (outcome, "TOOL-CONSUMER-INPUT" in codes) == ("quarantine", True)


def test_a_news_segment_that_could_mislead_is_blocked(played: Played) -> None:
    outcome, codes, _ = played({"realism": {"could_mislead": "yes", "depicts_real_person": True}})

    assert outcome == "quarantine"
    assert "MISLEADING" in codes


def test_an_approval_for_another_shot_clears_nothing(played: Played) -> None:
    outcome, codes, _ = played(
        {"prominence": "story_relevant"}, "--trigger", "2a", "--shot", "DEMO_101_020", name="DEMO_101_030.png"
    )

    assert outcome == "quarantine"
    assert "APPROVAL-OTHER-SCOPE" in codes


def test_an_approval_after_the_fact_is_told(played: Played) -> None:
    step = {**MADE["steps"][0], "used_from": "2026-09-20", "used_to": "2026-09-21"}
    late = {**step, "used_from": "2026-09-10", "used_to": "2026-09-11"}

    outcome, codes, _ = played({"prominence": "prominent", "steps": [late]}, "--trigger", "2a")

    assert outcome == "flag"
    assert "APPROVAL-AFTER-USE" in codes
