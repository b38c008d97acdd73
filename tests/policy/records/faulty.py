"""Records that break the rules about the making, each with what is needed beside it: arguments of `builders.said`."""

from dataclasses import replace
from typing import Any

from scanner.model import (
    AiUse,
    ConsentKind,
    Credit,
    Deployment,
    FinalApproval,
    InputClass,
    Known,
    Particulars,
    Review,
    ReviewVerdict,
    Rights,
    TrainingData,
)
from tests.policy.builders import ASSET, NOON, REEL, identical, label, look_alike
from tests.policy.records.builders import OTHER_SHA, USED, consent, given, papers, standing, step, told, tool

APPROVED = ReviewVerdict.APPROVED
RELEASED = FinalApproval(approver_id="edith", verdict=APPROVED)
BYTES = replace(look_alike(), asset=replace(ASSET, name=REEL))


def faulty() -> list[tuple[Particulars | None, dict[str, Any]]]:
    """Which together break every rule about the making."""
    others, own = InputClass.THIRD_PARTY, InputClass.PROPRIETARY
    late = consent("lic", consent_kind=ConsentKind.INPUT_REFERENCE, signed_at=NOON)
    consumer = papers(tool(deployment=Deployment.CONSUMER, stores_data=Known.YES, terms_reviewed_at=None), late)
    inputs = (given(others), given(own), given(InputClass.PERSONAL_DATA))
    return [
        (None, {"policy": standing(strict=True)}),
        (told(principles=None, ai_use=None), {}),
        (told(steps=(step(inputs=inputs, prompt_names=("a",)),)), {"papers_": consumer}),
        (told(steps=(step(),)), {"papers_": consumer}),
        (told(steps=(step(inputs=(given(others, rights_ref="lic"),)),)), {"papers_": consumer}),
        (told(training=(TrainingData(dataset_id="a", rights=Rights.NOT_CLEARED),)), {}),
        (told(training=()), {}),
        (told(steps=(step(used_to=USED.replace(year=2020)), step(3))), {}),
        (told(), {"evidence": (BYTES,)}),
        (told(ai_use=AiUse.NONE), {"evidence": (identical(), label())}),
        (told(credit=Credit(required=True)), {}),
        (told(review=Review(reviewer_id="ada", verdict=APPROVED, at=NOON)), {}),
        (told(final_approval=replace(RELEASED, of_sha256=OTHER_SHA)), {}),
    ]
