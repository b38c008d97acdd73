"""Rule 9(a): members that no record is about."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from scanner.model import (
    Code,
    DropClass,
    Evidence,
    Finding,
    MediaKind,
    Named,
    Outcome,
    Policy,
    RecordsRequired,
    Statement,
    SuspectName,
)
from scanner.policy.judge import judge
from tests.policy.builders import ASSET, POLICY, REEL, case, identical, look_alike, seen
from tests.policy.records.builders import standing

VFX = "AGM_104_065_010_comp_NFX_v001.mov"


def missing(
    *evidence: Evidence,
    required: RecordsRequired = RecordsRequired.ALL,
    name: str = "reel1.mov",
    kind: MediaKind = MediaKind.VIDEO,
    policy: Policy | None = None,
    **more: Any,
) -> list[Finding]:
    policy = policy or standing(records_required=required)
    found = judge(case(seen(*evidence, name=name, kind=kind), **more), policy).findings
    return [each for each in found if each.code is Code.RECORD_MISSING]


@pytest.mark.parametrize(
    ("required", "name", "raised"),
    [
        (RecordsRequired.NONE, VFX, False),
        (RecordsRequired.VFX, VFX, True),
        (RecordsRequired.VFX, VFX.lower(), True),
        (RecordsRequired.VFX, f"wrap/{VFX}", True),
        (RecordsRequired.VFX, "AGM_104_065_010_comp_NFX_v001/AGM.[1001-1100].exr", True),
        (RecordsRequired.VFX, "reel1.mov", False),
        (RecordsRequired.ALL, VFX, True),
        (RecordsRequired.ALL, "reel1.mov", True),
    ],
)
def test_records_are_required_of_none_of_vfx_shots_or_of_all(
    required: RecordsRequired, name: str, *, raised: bool
) -> None:
    found = missing(required=required, name=name)

    assert [(each.outcome, each.member) for each in found] == [(Outcome.FLAG, name)] * raised


def test_by_default_none_are_required() -> None:
    assert not missing(policy=POLICY, name=VFX)


@pytest.mark.parametrize(("kind", "drop_class"), list(product(MediaKind, DropClass)))
def test_they_are_required_of_media_for_use(kind: MediaKind, drop_class: DropClass) -> None:
    found = missing(kind=kind, drop_class=drop_class)

    is_temporary = drop_class in (DropClass.WORK_IN_PROGRESS, DropClass.TEST_REEL)
    assert bool(found) is (kind is not MediaKind.OTHER and not is_temporary)


@pytest.mark.parametrize(
    ("evidence", "raised"),
    [
        (identical(), False),
        (look_alike(), False),
        (Statement(log="log.csv", about=REEL, says_ai=False, ai_use="none"), False),
        (replace(look_alike(), asset=replace(ASSET, record_id="gone")), True),
        (SuspectName(named=Named.FILE, name="x", why="a name", asset=ASSET), True),
    ],
)
def test_a_record_or_a_row_of_a_log_will_do(evidence: Evidence, *, raised: bool) -> None:
    assert bool(missing(evidence)) is raised


def test_where_no_register_was_asked_none_is_missed() -> None:
    assert not missing(register=None, records={})


def test_it_is_a_rule_of_the_house() -> None:
    off = standing(records_required=RecordsRequired.ALL, house_rules_off=frozenset({Code.RECORD_MISSING}))

    assert not missing(policy=off)
