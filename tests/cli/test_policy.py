"""`scanner policy`: what a code means here, and what another policy would change."""

import json
import shutil
from pathlib import Path

import pytest

from scanner import pipeline
from scanner.intake.receive import new_delivery_id, receive
from scanner.model import Code, DropClass, Outcome
from scanner.policy.handbook import HANDBOOK
from tests.studio import Home, call


@pytest.fixture(scope="module")
def judged(filled_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio in which a look-alike was blocked, a tampered picture flagged and a clean one cleared. To read only."""
    folder = tmp_path_factory.mktemp("judged") / "studio"
    shutil.copytree(filled_home.folder, folder)
    home = Home(folder=folder)
    with home.open() as studio:
        for number, name in enumerate(("disguised_still.jpg", "tampered.jpg", "signed_camera.jpg")):
            path = home.drop(name)
            delivery_id = new_delivery_id(studio.now(), bytes([0, 0, number]))
            receive(
                path, work=home / "work", delivery_id=delivery_id, title="DEMO", vendor=None,
                drop_class=DropClass.FINAL, received_at=studio.now(),
            )  # fmt: skip
            pipeline.handle(studio, delivery_id)
    return home


def policy_with(home: Home, tmp_path: Path, old: str, new: str) -> Path:
    """The studio's policy with one line changed."""
    text = (home / "policy.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "tried.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("code", [Code.AI_LABEL, Code.ALTERED])
def test_a_code_is_explained_with_its_rule_and_source(code: Code, tmp_path: Path) -> None:
    out = call("policy", "explain", code.lower(), cwd=tmp_path).stdout

    assert all(text in out for text in (HANDBOOK[code].says, HANDBOOK[code].source, HANDBOOK[code].clears_when))


def test_all_codes_are_explained_to_programs(tmp_path: Path) -> None:
    told = json.loads(call("policy", "explain", "--format", "json", cwd=tmp_path).stdout)

    assert [each["code"] for each in told] == [code.value for code in Code]


def test_a_class_that_differs_is_told(tmp_path: Path) -> None:
    home = Home(folder=tmp_path / "studio")
    call("init", home.folder, cwd=tmp_path)
    with (home / "policy.toml").open("a", encoding="utf-8") as file:
        file.write('\n[outcomes_for.artwork]\nAI-MAYBE = "hold"\n')

    assert "flag, hold in artwork" in call("policy", "explain", "AI-MAYBE", cwd=home.folder).stdout


def test_a_policy_that_says_the_same_changes_nothing(judged: Home, tmp_path: Path) -> None:
    done = call("policy", "try", policy_with(judged, tmp_path, "# What", "# Just what"), cwd=judged.folder)

    assert (done.returncode, done.stdout) == (0, "")
    assert "0 of 3 past verdicts would be others" in done.stderr


def test_a_stricter_outcome_shows_whom_it_would_stop(judged: Home, tmp_path: Path) -> None:
    stricter = policy_with(judged, tmp_path, 'CREDENTIALS-BROKEN = "flag"', 'CREDENTIALS-BROKEN = "hold"')
    done = call("policy", "try", stricter, "--format", "json", cwd=judged.folder)

    (changed,) = [each for each in json.loads(done.stdout) if each["differs"]]
    assert (changed["name"], changed["outcome_now"], changed["outcome_then"]) == ("tampered.jpg", "flag", "hold")
    assert (changed["no_longer"], changed["new"]) == (["CREDENTIALS-BROKEN flag"], ["CREDENTIALS-BROKEN hold"])
    assert (done.returncode, "1 from FLAG to HOLD" in done.stderr) == (4, True)


def test_other_thresholds_are_matched_anew(judged: Home, tmp_path: Path) -> None:
    blind = (judged / "policy.toml").read_text(encoding="utf-8")
    for name in ("same_frame_distance", "same_run_distance"):
        line = next(line for line in blind.splitlines() if line.startswith(name))
        blind = blind.replace(line, f"{name} = 0")
    for name in ("same_part_score", "same_part_run_score"):
        line = next(line for line in blind.splitlines() if line.startswith(name))
        blind = blind.replace(line, f"{name} = 999.0")
    path = tmp_path / "blind.toml"
    path.write_text(blind, encoding="utf-8")

    done = call("policy", "try", path, "--format", "json", cwd=judged.folder)

    outcomes = {each["name"]: (each["outcome_now"], each["outcome_then"]) for each in json.loads(done.stdout)}
    assert outcomes["disguised_still.jpg"] == ("quarantine", "pass")


def test_trying_changes_nothing(judged: Home, tmp_path: Path) -> None:
    def state() -> list[tuple[str, Outcome, int]]:
        return [(r.delivery.name, r.verdict.outcome, r.verdicts_before) for r in judged.records() if r.verdict]

    before = state()
    call("policy", "try", policy_with(judged, tmp_path, "= 36", "= 0"), cwd=judged.folder)

    assert state() == before


def test_what_is_no_policy_is_an_error_of_usage(judged: Home, tmp_path: Path) -> None:
    (tmp_path / "tried.toml").write_text("[outcomes]\n", encoding="utf-8")
    done = call("policy", "try", tmp_path / "tried.toml", cwd=judged.folder)

    assert (done.returncode, "tried.toml" in done.stderr, "Traceback" in done.stderr) == (3, True, False)


def test_a_policy_is_adopted_with_a_name_and_a_reason(judged: Home, tmp_path: Path) -> None:
    home = Home(folder=tmp_path / "studio")
    shutil.copytree(judged.folder, home.folder)
    stricter = policy_with(home, tmp_path, 'AI-MAYBE = "flag"', 'AI-MAYBE = "hold"')

    done = call("policy", "adopt", stricter, "--by", "Ada", "--reason", "legal asked", cwd=home.folder)
    again = call("policy", "adopt", stricter, "--by", "Ada", "--reason", "legal asked", cwd=home.folder)

    assert (done.returncode, again.returncode, "already" in again.stdout) == (0, 0, True)
    assert (home / "policy.toml").read_bytes() == stricter.read_bytes()
    with home.store() as store:
        told = [entry for entry in store.audit.entries() if entry.what == "policy-changed"]
    assert (told[-1].who, json.loads(told[-1].facts)["reason"]) == ("Ada", "legal asked")
    assert json.loads(told[-1].facts)["text"] == stricter.read_text(encoding="utf-8")
    assert json.loads(told[-2].facts)["text"] == (judged / "policy.toml").read_text(encoding="utf-8")


def test_a_policy_that_cannot_be_meant_is_not_adopted(judged: Home, tmp_path: Path) -> None:
    careless = policy_with(judged, tmp_path, 'UNREADABLE = "hold"', 'UNREADABLE = "pass"')
    before = (judged / "policy.toml").read_bytes()

    assert call("policy", "adopt", careless, "--by", "Ada", "--reason", "x", cwd=judged.folder).returncode == 3
    assert (judged / "policy.toml").read_bytes() == before
