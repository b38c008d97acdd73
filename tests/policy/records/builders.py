"""Records with particulars whose material a delivery shows: `said` is what the rules about records make of them.

What is built without a word is whole: a record with one step, made in time with a known and secured tool, reviewed and
approved by people of the roster who did not make it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scanner.model import (
    AiUse,
    Answer,
    Approval,
    Asset,
    Consent,
    ConsentKind,
    Deployment,
    ElementKind,
    Evidence,
    FinalApproval,
    Finding,
    Input,
    InputClass,
    Known,
    MediaKind,
    Originality,
    OriginalityResult,
    Papers,
    Particulars,
    Perceived,
    Person,
    Policy,
    Principles,
    Prominence,
    Realism,
    Review,
    ReviewVerdict,
    Rights,
    Socialised,
    Step,
    SubjectType,
    Talent,
    TalentUse,
    Terms,
    Tool,
    Training,
    TrainingData,
    Trigger,
    UnionImpact,
    Use,
)
from scanner.policy.records import about_records
from tests.policy.builders import ASSET, DAY, NOON, POLICY, TITLE, TOOL, approval, case, identical, record, seen

SHA = "ab" * 32
OTHER_SHA = "cd" * 32
USED = NOON - 20 * DAY
ASSETS = (
    Asset(
        asset_id=ASSET.asset_id, name=ASSET.name, kind=MediaKind.STILL, sha256=SHA, size=1, file_hashes=(SHA,)
    ),
)  # fmt: skip


def given(input_class: InputClass = InputClass.OWN, /, **more: Any) -> Input:
    values: dict[str, Any] = {"asset_id": "plate-1", "input_class": input_class}
    return Input(**values | more)


def step(number: int = 1, /, **more: Any) -> Step:
    values: dict[str, Any] = {
        "number": number,
        "tool_id": "comfy",
        "tool_version": "0.3",
        "model": "sdxl",
        "model_custom": False,
        "used_from": USED,
        "used_to": USED + DAY,
        "operator": "ada",
        "human_contribution": "painted over by hand",
    }
    return Step(**values | more)


def told(**more: Any) -> Particulars:
    values: dict[str, Any] = {
        "element_kind": ElementKind.BACKGROUND,
        "ai_use": AiUse.GENERATED,
        "perceived": Perceived.SEEN,
        "prominence": Prominence.INCIDENTAL,
        "steps": (step(),),
        "training": (TrainingData(dataset_id="base", rights=Rights.CLEARED),),
        "principles": Principles(p1=Answer.YES, p2=Answer.YES, p3=Answer.YES, p4=Answer.YES, p5=Answer.YES),
        "socialised": Socialised(with_whom="studio contact", at=USED),
        "originality": Originality(result=OriginalityResult.CLEAR),
        "realism": Realism(
            depicts_real_person=False,
            depicts_real_event=False,
            depicts_real_statement=False,
            could_mislead=Answer.NO,
        ),
        "union_impact": UnionImpact(affected=False),
        "review": Review(reviewer_id="grace", verdict=ReviewVerdict.APPROVED, at=NOON - 2 * DAY),
        "final_approval": FinalApproval(
            approver_id="edith", verdict=ReviewVerdict.APPROVED, at=NOON - DAY, of_sha256=SHA, legal_review_ref="L-1"
        ),
    }
    return Particulars(**values | more)


def tool(key: str = "comfy", /, **more: Any) -> Tool:
    values: dict[str, Any] = {
        "tool_id": key,
        "vendor": "Comfy Org",
        "product": TOOL,
        "deployment": Deployment.ON_PREMISES,
        "terms_reviewed_at": USED - 30 * DAY,
        "allowed_inputs": (InputClass.OWN,),
    }
    values |= dict.fromkeys(("stores_data", "reuses_data", "trains_on_inputs", "trains_on_outputs"), Known.NO)
    return Tool(**values | more)


def consent(key: str = "con-1", /, **more: Any) -> Consent:
    values: dict[str, Any] = {
        "consent_id": key,
        "subject_id": "lena",
        "subject_type": SubjectType.PERFORMER,
        "consent_kind": ConsentKind.REPLICA,
        "title": TITLE,
        "use_description": "her face as the captain, in the storm",
        "signed_at": USED - 10 * DAY,
    }
    return Consent(**values | more)


def person(key: str, /, **more: Any) -> Person:
    values: dict[str, Any] = {"person_id": key, "name": key.title()}
    return Person(**values | more)


def talent(use: TalentUse = TalentUse.REPLICA_EMPLOYMENT, /, **more: Any) -> Talent:
    values: dict[str, Any] = {"performer_id": "lena", "use": use, "living": True, "consent_ids": ("con-1",)}
    return Talent(**values | more)


def papers(*more: Tool | Consent | Person) -> Papers:
    """The known tool, its makers and reviewers, and these."""
    trained = (Training(training_id="ai-1"),)
    reviewer = person("grace", may=("review",), trainings=trained)
    every = (tool(), person("ada"), reviewer, person("edith", may=("approve",), trainings=trained), *more)
    people = {name: each for each in every if isinstance(each, Person) for name in (each.person_id, each.name)}
    return Papers(
        tools={each.tool_id: each for each in every if isinstance(each, Tool)},
        consents={each.consent_id: each for each in every if isinstance(each, Consent)},
        people=people,
    )


def naming(*triggers: Trigger, key: str = "ESC-1", **more: Any) -> Approval:
    """An approval of everything of the title that names these triggers. Terms may be given beside its own fields."""
    terms = {name: more.pop(name) for name in Terms.__slots__ if name in more}
    return approval(key, terms=Terms(triggers=triggers, **terms), **more)


def standing(**more: Any) -> Policy:
    """The default policy with other standards."""
    return replace(POLICY, standards=replace(POLICY.standards, **more))


def said(
    particulars: Particulars | None,
    *approvals: Approval,
    papers_: Papers | None = None,
    policy: Policy = POLICY,
    evidence: tuple[Evidence, ...] = (identical(),),
    of: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[Finding]:
    """What the rules say of a delivery that shows a record with these particulars.

    `of`: fields of the record beside them; all else goes to the delivery if it has such a field, else to the case.
    """
    values: dict[str, Any] = {"use": Use.FINAL, "assets": ASSETS, "particulars": particulars, **(of or {})}
    item = seen(*evidence)
    made = case(
        item,
        approvals=approvals,
        records={ASSET.record_id: record(**values)},
        papers=papers() if papers_ is None else papers_,
        **more,
    )
    return list(about_records(item, made, policy.of(made.delivery)))


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}
