"""Escalate or socialise: which action the guidance asks for, by which triggers, and in which row of its matrix."""

from dataclasses import replace
from typing import Any

import pytest

from scanner.model import (
    Action,
    AiUse,
    Answer,
    Code,
    Deployment,
    ElementKind,
    InputClass,
    Known,
    Originality,
    OriginalityResult,
    Outcome,
    Permits,
    Principles,
    Prominence,
    Realism,
    Required,
    Rights,
    TalentException,
    TalentUse,
    Tool,
    TrainingData,
    Trigger,
    UnionImpact,
    Use,
    UseCase,
)
from scanner.policy.clauses import CLAUSES
from scanner.policy.judge import judge
from scanner.policy.meant import Meant
from scanner.policy.requiring import is_incidental, required
from tests.policy.builders import ASSET, DAY, NOON, POLICY, case, identical, record, seen
from tests.policy.records.builders import ASSETS, USED, consent, given, naming, papers, step, talent, told, tool

PROP = ElementKind.PROP


def meant(*, is_final: bool = False, of: Any = None, standards: Any = None, more: Any = (), **said: Any) -> Meant:
    """A whole record of an incidental background; it is temporary, or for use."""
    fields = {"use": Use.FINAL if is_final else Use.TEMPORARY, "particulars": told(**said)} | (of or {})
    return Meant(
        record=record(**fields),
        papers=papers(*more),
        standards=replace(POLICY.standards, **(standards or {})),
        at=NOON,
        is_final=is_final,
    )


def hard(found: Required) -> list[str]:
    return [each.trigger.value for each in found.triggers if not each.is_lead]


def asked(**more: Any) -> Required:
    return required(meant(**more))


def names(found: Required) -> list[str]:
    return [each.trigger.value for each in found.triggers]


def of(input_class: InputClass, **more: Any) -> dict[str, Any]:
    return {"steps": (step(inputs=(given(input_class, **more),)),)}


# ---- Every trigger: what meets it, in temporary material and in finals

ALWAYS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "no principle answered": ({"principles": None}, ["P1", "P2", "P3", "P4", "P5"]),
    "unsure": ({"principles": Principles(p1=Answer.UNSURE, p2=Answer.YES)}, ["P1", "P3", "P4", "P5"]),
    "own input": (of(InputClass.OWN), []),
    "public input": (of(InputClass.PUBLIC_DOMAIN), []),
    "personal data": (of(InputClass.PERSONAL_DATA), ["1a", "personal_data"]),
    "the studio's own": (of(InputClass.PROPRIETARY), ["1a"]),
    "a likeness": (of(InputClass.TALENT_LIKENESS), ["talent_likeness"]),
    "of others": (of(InputClass.THIRD_PARTY), ["2b", "third_party_ip"]),
    "of others, cleared, to a tool that may not have it": (
        of(InputClass.THIRD_PARTY, clearance_ref="C-1"),
        ["third_party_ip"],
    ),
    "a guarded name": ({"steps": (step(prompt_names=("Banksy",)),)}, ["2b"]),
    "trained, not cleared": ({"training": (TrainingData(dataset_id="x", rights=Rights.NOT_CLEARED),)}, ["1b"]),
    "trained, not known": ({"training": (TrainingData(dataset_id="x"),)}, ["1b"]),
    "trained on one's own": ({"training": (TrainingData(dataset_id="x", rights=Rights.OWNED),)}, []),
    "custom, on nothing stated": ({"training": (), "steps": (step(model_custom=True),)}, ["1b"]),
    "a replica": ({"talent": (talent(),)}, ["3a", "talent_likeness"]),
    "a voice": ({"talent": (talent(TalentUse.VOICE),)}, ["3a", "talent_likeness"]),
    "an alteration": ({"talent": (talent(TalentUse.ALTERATION),)}, ["3b", "talent_likeness"]),
    "a customary one": (
        {"talent": (talent(TalentUse.ALTERATION, exception=TalentException.CUSTOMARY_POST),)},
        [],
    ),
    "a replica of the dead": (
        {"talent": (talent(living=False, consent_ids=()),)},
        ["3a", "talent_likeness", "2b"],
    ),
}
IN_FINALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a character": ({"element_kind": ElementKind.CHARACTER}, ["2a"]),
    "a key visual": ({"element_kind": ElementKind.KEY_VISUAL}, ["2a"]),
    "a setting": ({"element_kind": ElementKind.SETTING}, ["2a"]),
    "a prominent prop": ({"element_kind": PROP, "prominence": Prominence.PROMINENT}, ["2a"]),
    "not said how prominent": ({"element_kind": PROP, "prominence": Prominence.UNKNOWN}, ["2a"]),
    "an edited character": ({"element_kind": ElementKind.CHARACTER, "ai_use": AiUse.EDITED}, []),
    "misleading": ({"element_kind": PROP, "realism": Realism(could_mislead=Answer.YES)}, ["4a"]),
    "perhaps misleading": ({"element_kind": PROP, "realism": Realism(could_mislead=Answer.UNSURE)}, ["4a"]),
    "union work": ({"element_kind": PROP, "union_impact": UnionImpact(affected=True)}, ["4b"]),
    "union work, agreed": (
        {"element_kind": PROP, "union_impact": UnionImpact(affected=True, agreement_ref="A-1")},
        [],
    ),
    "a synthetic performer": (
        {
            "element_kind": PROP,
            "talent": (talent(TalentUse.SYNTHETIC_PERFORMER),),
            "union_impact": None,
        },
        ["4b"],
    ),
}


@pytest.mark.parametrize("what", ALWAYS)
def test_how_it_was_made_decides_in_temporary_material(what: str) -> None:
    said, triggers = ALWAYS[what]

    found = asked(**said)

    assert names(found) == triggers
    assert found.action is (Action.ESCALATE if triggers else Action.SOCIALISE)


@pytest.mark.parametrize("what", ALWAYS)
def test_in_a_final_it_is_a_final_deliverable_besides(what: str) -> None:
    said, triggers = ALWAYS[what]

    found = asked(is_final=True, **{"element_kind": PROP} | said)

    assert names(found) == [*triggers, "final_deliverable"]


@pytest.mark.parametrize("what", IN_FINALS)
def test_what_it_is_decides_in_finals_only(what: str) -> None:
    said, triggers = IN_FINALS[what]

    assert names(asked(is_final=True, **said)) == [*triggers, "final_deliverable"]
    assert names(asked(**said)) == []


def test_every_trigger_can_be_met_and_is_cited() -> None:
    met = {Trigger(name) for rows in (ALWAYS, IN_FINALS) for _, triggers in rows.values() for name in triggers}

    assert met | {Trigger.FINAL_DELIVERABLE} == set(Trigger) == set(CLAUSES)


@pytest.mark.parametrize("what", [*ALWAYS, *IN_FINALS])
def test_every_reason_has_its_clause(what: str) -> None:
    said = (ALWAYS | IN_FINALS)[what][0]

    for each in asked(is_final=True, **said).triggers:
        assert each.why
        assert each.clause == CLAUSES[each.trigger]


def test_no_reason_names_what_a_prompt_says() -> None:
    found = asked(steps=(step(prompt_names=("Banksy",)),))

    assert "Banksy" not in found.triggers[0].why
    assert found.triggers[0].is_lead


@pytest.mark.parametrize(
    ("rights", "custom", "triggers"),
    [
        (Rights.OWNED, True, []),
        (Rights.CLEARED, True, []),
        (Rights.UNKNOWN, True, ["1b"]),
        (Rights.UNKNOWN, False, []),
        (Rights.NOT_CLEARED, False, ["1b"]),
        (None, True, ["1b"]),
        (None, False, []),
    ],
)
def test_of_a_custom_model_all_rights_must_be_settled(
    rights: Rights | None, triggers: list[str], *, custom: bool
) -> None:
    data = (TrainingData(dataset_id="x", rights=rights),) if rights else ()

    assert hard(asked(training=data, steps=(step(model_custom=custom),))) == triggers


# ---- Own material in tools


@pytest.mark.parametrize("does", ["stores_data", "reuses_data", "trains_on_inputs", "trains_on_outputs"])
@pytest.mark.parametrize("known", Known)
def test_what_a_tool_does_counts_more_than_the_answer(does: str, known: Known) -> None:
    assert names(asked(more=(tool(**{does: known}),))) == (["P2"] if known is Known.YES else [])


def test_a_likeness_in_a_consumer_s_tool_is_asked_about_twice() -> None:
    consumer = tool(deployment=Deployment.CONSUMER)

    assert names(asked(more=(consumer,), **of(InputClass.TALENT_LIKENESS))) == ["talent_likeness", "P3"]


@pytest.mark.parametrize("deployment", [*Deployment, None])
@pytest.mark.parametrize("is_cleared", [True, False])
def test_the_studio_s_own_may_go_into_a_secured_tool_that_is_cleared_for_it(
    deployment: Deployment | None, *, is_cleared: bool
) -> None:
    allowed = (InputClass.PROPRIETARY,) if is_cleared else ()
    used: Tool = tool(deployment=deployment, allowed_inputs=allowed)

    found = asked(more=(used,), **of(InputClass.PROPRIETARY))

    may = is_cleared and deployment not in (Deployment.CONSUMER, None)
    assert names(found) == ([] if may else ["1a"])
    assert found.use_case is UseCase.OWN_MATERIAL


@pytest.mark.parametrize("allowed", [(), (InputClass.THIRD_PARTY, InputClass.OWN)])
def test_cleared_material_of_others_may_go_into_a_tool_that_may_have_it(allowed: tuple[InputClass, ...]) -> None:
    cleared = of(InputClass.THIRD_PARTY, clearance_ref="C-1")

    assert names(asked(more=(tool(allowed_inputs=allowed),), **cleared)) == []


def test_a_tool_that_is_not_known_may_have_nothing() -> None:
    found = asked(steps=(step(tool_id="unheard of", inputs=(given(InputClass.PROPRIETARY),)),))

    assert names(found) == ["1a"]


# ---- Incidental background


def test_incidental_background_need_only_be_socialised() -> None:
    found = asked(is_final=True)

    assert (found.action, found.triggers, found.use_case) == (Action.SOCIALISE, (), UseCase.BACKGROUND)
    assert is_incidental(meant(is_final=True))


@pytest.mark.parametrize("what", [name for name, row in ALWAYS.items() if row[1]])
def test_background_that_meets_a_trigger_must_be_escalated(what: str) -> None:
    assert asked(is_final=True, **ALWAYS[what][0]).action is Action.ESCALATE


def test_strict_houses_escalate_it() -> None:
    strict = {"standards": {"strict": True}}

    assert names(asked(is_final=True, **strict)) == ["2a", "final_deliverable"]
    assert not is_incidental(meant(is_final=True, **strict))


def test_background_that_was_not_socialised_is_not_let_through() -> None:
    assert not is_incidental(meant(is_final=True, socialised=None))


def test_a_bare_record_must_be_escalated() -> None:
    bare = meant(is_final=True, of={"particulars": None})

    assert names(required(bare)) == ["P1", "P2", "P3", "P4", "P5", "2a", "final_deliverable"]
    assert not is_incidental(bare)


def test_where_no_ai_was_used_nothing_is_asked() -> None:
    assert required(meant(is_final=True, ai_use=AiUse.NONE)) == Required(action=None)


# ---- A whole request

MORE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a check that was near": ({"originality": Originality(result=OriginalityResult.NEAR)}, ["P1"]),
    "a real person": ({"realism": Realism(depicts_real_person=True, could_mislead=Answer.NO)}, ["2b"]),
    "training that is not cleared, in a custom model": (
        {"steps": (step(model_custom=True),), "training": (TrainingData(dataset_id="x"),)},
        ["1b"],
    ),
}
TOOLS: dict[str, Tool] = {
    "a whole tool": tool(),
    "a consumer's tool": tool(deployment=Deployment.CONSUMER, allowed_inputs=()),
    "a tool that trains": tool(trains_on_inputs=Known.YES),
}
# What nobody can approve: it must be there.
OWED = {Code.TALENT_NO_CONSENT, Code.TALENT_CONSENT_NOT_VALID, Code.REAL_PERSON, Code.RIGHTS_NO_CONSENT}


@pytest.mark.parametrize("what", MORE)
def test_what_was_found_out_counts_too(what: str) -> None:
    said, triggers = MORE[what]

    assert names(asked(is_final=True, **{"element_kind": PROP} | said)) == [*triggers, "final_deliverable"]


@pytest.mark.parametrize("used", TOOLS)
@pytest.mark.parametrize("what", [*ALWAYS, *IN_FINALS, *MORE])
def test_who_grants_all_that_is_asked_for_clears_all_that_can_be_granted(what: str, used: str) -> None:
    said, _ = (ALWAYS | IN_FINALS | MORE)[what]
    for_use = meant(is_final=True, more=(TOOLS[used],), **{"element_kind": PROP} | said)
    triggers = {each.trigger for each in required(for_use).triggers}
    leave = naming(*triggers, permits=Permits(talent_replica=True), decided_at=USED - DAY)
    made = case(
        seen(identical()),
        records={ASSET.record_id: replace(for_use.record, assets=ASSETS)},
        papers=for_use.papers,
        approvals=(leave,),
    )

    left = {each.code for each in judge(made, POLICY).findings if each.outcome is Outcome.QUARANTINE}

    assert left <= OWED


# ---- Nonfiction, the dead


def test_in_nonfiction_a_real_event_must_be_escalated() -> None:
    event = {"element_kind": PROP, "realism": Realism(depicts_real_event=True, could_mislead=Answer.NO)}

    assert names(asked(is_final=True, **event)) == ["final_deliverable"]
    assert names(asked(is_final=True, standards={"nonfiction": True}, **event)) == ["4a", "final_deliverable"]


def test_an_estate_s_consent_is_a_permission() -> None:
    on_record = consent(subject_type="estate")

    assert names(asked(more=(on_record,), talent=(talent(living=False),))) == ["3a", "talent_likeness"]


# ---- The matrix

ROWS: dict[str, tuple[dict[str, Any], UseCase | None]] = {
    "a mock-up": ({}, UseCase.IDEATION),
    "a sign": ({"is_final": True, "element_kind": ElementKind.SIGNAGE}, UseCase.BACKGROUND),
    "a prominent poster": ({"is_final": True, "prominence": Prominence.PROMINENT}, UseCase.BACKGROUND),
    "a character": ({"is_final": True, "element_kind": ElementKind.CHARACTER}, UseCase.FINAL_DESIGN),
    "a prominent prop": (
        {"is_final": True, "element_kind": PROP, "prominence": Prominence.PROMINENT},
        UseCase.FINAL_DESIGN,
    ),
    "a replica": ({"talent": (talent(),)}, UseCase.TALENT_REPLICATION),
    "an alteration": ({"talent": (talent(TalentUse.ALTERATION),)}, UseCase.TALENT_REPLICATION),
    "training": ({"training": (TrainingData(dataset_id="x"),)}, UseCase.UNOWNED_TRAINING),
    "own material": (of(InputClass.PROPRIETARY), UseCase.OWN_MATERIAL),
    "a replica, trained on others": (
        {"talent": (talent(),), "training": (TrainingData(dataset_id="x"),)},
        UseCase.TALENT_REPLICATION,
    ),
    "a sound effect": ({"is_final": True, "element_kind": ElementKind.EFFECTS}, None),
}


@pytest.mark.parametrize("what", ROWS)
def test_the_row_of_the_matrix(what: str) -> None:
    said, row = ROWS[what]

    assert asked(**said).use_case is row


@pytest.mark.parametrize("kind", [*ElementKind, None])
@pytest.mark.parametrize("prominence", Prominence)
@pytest.mark.parametrize("use", [use for use in Use if use is not Use.KNOWN_GOOD])
def test_only_background_for_use_goes_out_without_an_escalation(
    kind: ElementKind | None, prominence: Prominence, use: Use
) -> None:
    found = asked(is_final=True, element_kind=kind, prominence=prominence, of={"use": use})

    is_background = kind in (ElementKind.BACKGROUND, ElementKind.SIGNAGE)
    may = is_background and prominence is Prominence.INCIDENTAL and use in (Use.FINAL, Use.CANDIDATE)
    assert found.action is (Action.SOCIALISE if may else Action.ESCALATE)
