"""The policy in policy.toml: read once, whole and strictly (guidelines 6.6)."""

import hashlib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from scanner.errors import SettingsError
from scanner.model import (
    HOUSE_RULES,
    NEVER_A_PASS,
    Code,
    DropClass,
    Outcome,
    Policy,
    Profile,
    Prominence,
    RecordsRequired,
    Standards,
)
from scanner.toml_files import Table, parsed, read, validated

_Count = Annotated[int, Field(strict=True)]
_Decision = Literal["pass", "flag", "hold", "quarantine"]


class _Thresholds(Table):
    same_frame_distance: _Count = Field(ge=0, le=128)
    same_run_distance: _Count = Field(ge=0, le=128)
    shortest_run_frames: _Count = Field(ge=1, le=10_000)
    least_quality: _Count = Field(ge=0, le=100)
    same_part_score: float = Field(default=5.0, ge=0.5, le=1000)
    same_part_run_score: float = Field(default=4.0, ge=0.5, le=1000)
    same_sound_score: float = Field(default=28.0, ge=0.5, le=1000)
    flood_places: _Count = Field(default=25, ge=2, le=1_000_000)


class _Temporary(Table):
    allowed_in: tuple[DropClass, ...]


class _Standards(Table):
    strict: bool = Field(default=False, strict=True)
    terms_months: _Count = Field(default=12, ge=1, le=1200)
    records_required: RecordsRequired = RecordsRequired.NONE
    vfx_names: tuple[str, ...] = ()
    guarded_names: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    roster_required: bool = Field(default=False, strict=True)
    second_person_for: tuple[Literal["hold", "quarantine"], ...] = ()
    house_rules_off: tuple[Code, ...] = ()


class _Profiles(Table):
    of_titles: str = ""
    by_title: dict[str, str] = Field(default_factory=dict)
    by_class: dict[DropClass, str] = Field(default_factory=dict)


class _ProfileTable(Table):
    strict: bool = Field(default=False, strict=True)
    nonfiction: bool = Field(default=False, strict=True)
    advertising: bool = Field(default=False, strict=True)
    outcomes: dict[Code, _Decision] = Field(default_factory=dict)


class _PolicyFile(Table):
    thresholds: _Thresholds
    temporary: _Temporary
    outcomes: dict[Code, _Decision]
    outcomes_for: dict[DropClass, dict[Code, _Decision]] = Field(default_factory=dict)
    outcomes_when: dict[Prominence, dict[Code, _Decision]] = Field(default_factory=dict)
    standards: _Standards = _Standards()
    profile: _Profiles = _Profiles()
    profiles: dict[str, _ProfileTable] = Field(default_factory=dict)


def read_policy(path: Path) -> Policy:
    """The policy in a policy.toml. Raises SettingsError naming the file, the key and the nearest valid key."""
    return _policy(read(path), path)


def put_policy(path: Path, policy: Policy) -> None:
    """Put a policy's text in place of that at `path`, all or nothing. Raises SettingsError."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(policy.text, encoding="utf-8")
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        msg = f"{path}: cannot be replaced: {error.strerror}. It was not changed."
        raise SettingsError(msg) from error


def default_policy() -> Policy:
    """The policy that `scanner init` writes; one-off scans without a studio use it."""
    return _policy(_default_text(), Path("policy.toml"))


def _default_text() -> str:
    return (resources.files("scanner.defaults") / "policy.toml").read_text(encoding="utf-8")


def _policy(text: str, path: Path) -> Policy:
    file = validated(_PolicyFile, parsed(path, text), path)
    missing = [code.value for code in Code if code not in file.outcomes]
    if missing:
        msg = f"{path}: [outcomes] says nothing about {', '.join(missing)}. Add a line for each."
        raise SettingsError(msg)
    _check_policy(file, path)
    return Policy(
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
        text=text,
        same_frame_distance=file.thresholds.same_frame_distance,
        same_run_distance=file.thresholds.same_run_distance,
        shortest_run_frames=file.thresholds.shortest_run_frames,
        least_quality=file.thresholds.least_quality,
        same_part_score=file.thresholds.same_part_score,
        same_part_run_score=file.thresholds.same_part_run_score,
        same_sound_score=file.thresholds.same_sound_score,
        flood_places=file.thresholds.flood_places,
        temporary_allowed_in=frozenset(file.temporary.allowed_in),
        outcomes=_outcomes(file.outcomes),
        outcomes_by_class={drop_class: _outcomes(table) for drop_class, table in file.outcomes_for.items()},
        outcomes_by_prominence={each: _outcomes(table) for each, table in file.outcomes_when.items()},
        standards=_standards(file.standards),
        profile=file.profile.of_titles,
        profiles={name: _profile(table) for name, table in file.profiles.items()},
        profile_for=file.profile.by_title,
        profile_for_class=file.profile.by_class,
    )


def _standards(table: _Standards) -> Standards:
    return Standards(
        strict=table.strict,
        terms_months=table.terms_months,
        records_required=table.records_required,
        vfx_names=table.vfx_names,
        guarded_names=table.guarded_names,
        territories=table.territories,
        roster_required=table.roster_required,
        second_person_for=frozenset(Outcome[name.upper()] for name in table.second_person_for),
        house_rules_off=frozenset(table.house_rules_off),
    )


def _profile(table: _ProfileTable) -> Profile:
    return Profile(
        strict=table.strict,
        nonfiction=table.nonfiction,
        advertising=table.advertising,
        outcomes=_outcomes(table.outcomes),
    )


def _check_policy(file: _PolicyFile, path: Path) -> None:
    """What reads well and cannot be meant. Raises SettingsError."""
    if fault := next(_faults(file), None):
        msg = f"{path}: {fault}"
        raise SettingsError(msg)


def _faults(file: _PolicyFile) -> Iterator[str]:
    yield from _passed(file)
    if file.thresholds.same_frame_distance > file.thresholds.same_run_distance:
        yield "thresholds.same_frame_distance cannot be larger than thresholds.same_run_distance."
    for code in file.standards.house_rules_off:
        if code not in HOUSE_RULES:
            yield f"standards.house_rules_off: {code} is no house rule: the studio's own rules cannot be switched off."
    named = (file.profile.of_titles, *file.profile.by_title.values(), *file.profile.by_class.values())
    for name in named:
        if name and name not in file.profiles:
            yield f"profile: there is no [profiles.{name}] (there is: {', '.join(file.profiles) or 'none'})."


def _passed(file: _PolicyFile) -> Iterator[str]:
    tables = {
        "outcomes": file.outcomes,
        **{f"outcomes_for.{name}": table for name, table in file.outcomes_for.items()},
        **{f"outcomes_when.{name}": table for name, table in file.outcomes_when.items()},
        **{f"profiles.{name}.outcomes": table.outcomes for name, table in file.profiles.items()},
    }
    for where, table in tables.items():
        for code in sorted(NEVER_A_PASS):
            if table.get(code) == "pass":
                yield f'{where}.{code} cannot be "pass": what could not be examined is at least a "flag".'


def _outcomes(table: Mapping[Code, _Decision]) -> dict[Code, Outcome]:
    return {code: Outcome[decision.upper()] for code, decision in table.items()}
