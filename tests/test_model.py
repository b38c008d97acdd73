"""The domain types: values that cannot be changed, outcomes in their order, times with a zone."""

import ast
import importlib
import inspect
import pkgutil
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from fractions import Fraction
from typing import get_args

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import model
from scanner.model import Code, DropClass, Evidence, FrameTime, Observation, Outcome, Policy, Scope, Unreadable, utc

MODULES = [importlib.import_module(f"scanner.model.{module.name}") for module in pkgutil.iter_modules(model.__path__)]
TYPES = [
    kind
    for module in MODULES
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if kind.__module__ == module.__name__
]
VALUES = [kind for kind in TYPES if is_dataclass(kind)]


# ---- Values


@pytest.mark.parametrize("kind", TYPES)
def test_a_domain_type_is_a_value_or_a_closed_set(kind: type) -> None:
    assert is_dataclass(kind) or issubclass(kind, Enum)


@pytest.mark.parametrize("kind", TYPES)
def test_every_domain_type_is_exported(kind: type) -> None:
    assert kind.__name__ in model.__all__


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_is_built_by_names_only(kind: type) -> None:
    assert all(field.kw_only for field in fields(kind))


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_has_the_fields_it_says_and_no_others(kind: type) -> None:
    assert "__dict__" not in dir(kind)


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_cannot_be_changed(kind: type) -> None:
    blank: object = object.__new__(kind)

    with pytest.raises(FrozenInstanceError):
        setattr(blank, fields(kind)[0].name, None)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_model_needs_nothing_but_the_standard_library(module: object) -> None:
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]

    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names | {"scanner"}


def test_every_kind_of_evidence_has_a_name_of_its_own() -> None:
    kinds = [next(field.default for field in fields(kind) if field.name == "kind") for kind in get_args(Evidence)]

    assert len(set(kinds)) == len(kinds) > 8


def test_whatever_is_observed_in_the_bytes_is_evidence() -> None:
    assert set(get_args(Observation)) < set(get_args(Evidence))


def test_what_could_not_be_read_is_wholly_unread_unless_said_otherwise() -> None:
    assert not Unreadable(source="picture", reason="broken").partly


def test_an_empty_scope_restricts_nothing() -> None:
    assert not any(getattr(Scope(), field.name) for field in fields(Scope))


# ---- Outcomes


def test_outcomes_stand_in_order_of_strictness() -> None:
    assert Outcome.PASS < Outcome.FLAG < Outcome.HOLD < Outcome.QUARANTINE


@pytest.mark.parametrize(
    ("outcome", "code"), [(Outcome.PASS, 0), (Outcome.FLAG, 4), (Outcome.HOLD, 2), (Outcome.QUARANTINE, 1)]
)
def test_the_exit_code_of(outcome: Outcome, code: int) -> None:
    assert outcome.exit_code == code


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_labelled_as_the_policy_file_writes_it(outcome: Outcome) -> None:
    assert outcome.label in ("pass", "flag", "hold", "quarantine")


@pytest.mark.parametrize("code", Code)
def test_a_code_reads_the_same_everywhere(code: Code) -> None:
    assert code.value == code.name.replace("_", "-")


def _policy(general: Outcome, special: dict[DropClass, dict[Code, Outcome]]) -> Policy:
    return Policy(
        digest="0",
        text="",
        same_frame_distance=0,
        same_run_distance=0,
        shortest_run_frames=1,
        same_part_score=1.0,
        same_part_run_score=1.0,
        flood_places=2,
        least_quality=0,
        temporary_allowed_in=frozenset(),
        outcomes=dict.fromkeys(Code, general),
        outcomes_by_class=special,
    )


@pytest.mark.parametrize("special", [{}, {DropClass.SOUND: {Code.AI_MAYBE: Outcome.HOLD}}, {DropClass.ARTWORK: {}}])
def test_a_class_that_is_silent_on_a_code_has_the_general_outcome(
    special: dict[DropClass, dict[Code, Outcome]],
) -> None:
    assert _policy(Outcome.FLAG, special).outcome(Code.AI_MAYBE, DropClass.ARTWORK) is Outcome.FLAG


def test_a_class_may_be_milder_than_the_general_outcome() -> None:
    policy = _policy(Outcome.HOLD, {DropClass.ARTWORK: {Code.AI_MAYBE: Outcome.PASS}})

    assert policy.outcome(Code.AI_MAYBE, DropClass.ARTWORK) is Outcome.PASS


# ---- Times


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-11-20T12:00:00 has no time zone"):
        utc(datetime(2026, 11, 20, 12))  # noqa: DTZ001


@hypothesis.settings(deadline=None)
@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_a_time_in_utc_is_the_same_moment(moment: datetime) -> None:
    assert (utc(moment), utc(moment).utcoffset()) == (moment.astimezone(UTC), timedelta(0))


@hypothesis.settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**12))
def test_the_time_of_a_frame_is_exact(pts: int) -> None:
    assert FrameTime(pts=pts, time_base=Fraction(1001, 24000)).seconds * 24000 == pts * 1001
