"""Standards, profiles and outcomes by prominence in policy.toml."""

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.errors import SettingsError
from scanner.model import HOUSE_RULES, Code, Delivery, DropClass, Outcome, Policy, Profile, Prominence, RecordsRequired
from scanner.settings import default_policy, default_text, read_policy
from tests.policy.builders import case, seen


def written(folder: Path, **changes: str) -> Path:
    """The shipped policy in which a line that begins so is another."""
    lines = default_text("policy.toml").splitlines()
    for key, value in changes.items():
        (number,) = [n for n, line in enumerate(lines) if line.startswith(f"{key.replace('__', '-')} = ")]
        lines[number] = f"{key.replace('__', '-')} = {value}"
    path = folder / "policy.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def delivery(title: str | None, drop_class: DropClass = DropClass.FINAL) -> Delivery:
    return replace(case(seen()).delivery, title=title, drop_class=drop_class)


@pytest.mark.parametrize("code", Code)
def test_only_rules_of_the_house_can_be_switched_off(code: Code, tmp_path: Path) -> None:
    path = written(tmp_path, house_rules_off=f'["{code}"]')

    if code in HOUSE_RULES:
        assert not read_policy(path).applies(code)
    else:
        with pytest.raises(SettingsError, match=f"{code} is no house rule"):
            read_policy(path)


def test_standards_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, strict="true", terms_months="6", records_required='"vfx"', second_person_for='["hold"]')

    standards = read_policy(path).standards

    assert (standards.strict, standards.terms_months) == (True, 6)
    assert standards.records_required is RecordsRequired.VFX
    assert standards.second_person_for == frozenset({Outcome.HOLD})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("terms_months", "0"),
        ("strict", '"yes"'),
        ("records_required", '"some"'),
        ("house_rules_off", '["NO-SUCH-CODE"]'),
        ("of_titles", '"musical"'),
        ("by_class", '{ trailer = "musical" }'),
        ("by_class", '{ matinee = "feature" }'),
        ("second_person_for", '["pass"]'),
    ],
)
def test_what_cannot_be_meant_is_refused(key: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read_policy(written(tmp_path, **{key: value}))


def test_a_policy_without_these_tables_is_as_mild_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(default_text("policy.toml").partition("[outcomes_when")[0], encoding="utf-8")

    policy = read_policy(path)

    assert (policy.profiles, policy.outcomes_by_prominence) == ({}, {})
    assert policy.of(delivery("Ghost Light")) == policy


PROFILED = replace(
    default_policy(),
    profile="feature",
    profiles={
        "feature": Profile(outcomes={Code.AI_MAYBE: Outcome.HOLD}),
        "documentary": Profile(nonfiction=True),
        "advertising": Profile(advertising=True, strict=True, outcomes={Code.AI_MAYBE: Outcome.QUARANTINE}),
    },
    profile_for={"Nine Lives": "documentary"},
    profile_for_class={DropClass.TRAILER: "advertising"},
)


@pytest.mark.parametrize(
    ("title", "drop_class", "nonfiction", "advertising", "outcome"),
    [
        ("Ghost Light", DropClass.FINAL, False, False, Outcome.HOLD),
        (None, DropClass.FINAL, False, False, Outcome.HOLD),
        ("Nine Lives", DropClass.FINAL, True, False, Outcome.FLAG),
        ("Nine Lives", DropClass.TRAILER, True, True, Outcome.QUARANTINE),
        ("Ghost Light", DropClass.TRAILER, False, True, Outcome.QUARANTINE),
    ],
)
def test_a_title_has_a_profile_and_its_class_another_over_it(
    title: str | None, drop_class: DropClass, outcome: Outcome, *, nonfiction: bool, advertising: bool
) -> None:
    policy = PROFILED.of(delivery(title, drop_class))

    assert (policy.standards.nonfiction, policy.standards.advertising) == (nonfiction, advertising)
    assert policy.outcome(Code.AI_MAYBE, drop_class) is outcome


def test_of_class_and_prominence_the_stricter_counts() -> None:
    policy: Policy = replace(
        default_policy(),
        outcomes_by_class={DropClass.ARTWORK: {Code.AI_MAYBE: Outcome.PASS, Code.AI_NAME: Outcome.HOLD}},
        outcomes_by_prominence={Prominence.PROMINENT: {Code.AI_MAYBE: Outcome.QUARANTINE, Code.AI_NAME: Outcome.FLAG}},
    )

    found = [
        policy.outcome(code, drop_class, Prominence.PROMINENT)
        for code in (Code.AI_MAYBE, Code.AI_NAME)
        for drop_class in (DropClass.ARTWORK, DropClass.FINAL)
    ]

    assert found == [Outcome.QUARANTINE, Outcome.QUARANTINE, Outcome.HOLD, Outcome.FLAG]
    assert policy.outcome(Code.AI_MAYBE, DropClass.ARTWORK) is Outcome.PASS
