"""Every code about records and approvals can be a finding."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from scanner.model import (
    Answer,
    Approval,
    Check,
    Code,
    Condition,
    ConsentKind,
    Credit,
    DropClass,
    ElementKind,
    Particulars,
    Policy,
    Realism,
    RecordsRequired,
    Talent,
    TalentException,
    TalentUse,
    UnionImpact,
    Use,
    Verdict,
)
from scanner.policy.handbook_records import RECORDS_HANDBOOK
from scanner.policy.judge import judge
from tests.policy.builders import ASSET, POLICY, case, identical, record, seen
from tests.policy.records.builders import ASSETS, USED, consent, naming, papers, standing, step, talent, told
from tests.policy.records.faulty import faulty

ALTERED = TalentUse.ALTERATION
SAYS: tuple[Particulars, ...] = (
    told(),
    told(replaced_by="record-2"),
    *(told(talent=(talent(use),)) for use in TalentUse),
    told(talent=(talent(ALTERED, exception=TalentException.CUSTOMARY_POST),)),
    told(talent=(Talent(performer_id="lena", use=ALTERED, living=False),)),
    told(steps=(step(model="lena-1"),)),
    told(realism=None, union_impact=None, socialised=None),
    told(realism=Realism(could_mislead=Answer.YES), union_impact=UnionImpact(affected=True)),
    told(element_kind=ElementKind.CHARACTER),
    replace(told(element_kind=ElementKind.SIGNAGE), final_approval=None),
)
PAPERS = (
    papers(),
    papers(consent()),
    papers(consent("con-2", title="Another", model_ids=("lena-1",), consent_kind=ConsentKind.REPLICA)),
    papers(consent(revoked_at=USED)),
)
CONDITION = Condition(condition_id="1", text="a credit", check=Check.CREDIT)
APPROVALS: tuple[Approval, ...] = (
    naming(),
    naming(conditions=(CONDITION,)),
    naming(document_altered_at=USED, document="memo.pdf"),
)


def _verdicts() -> list[Verdict]:
    roster = standing(roster_required=True)
    found = [_verdict(says, papers=known) for says, known in product(SAYS, PAPERS)]
    found += [_verdict(told(credit=Credit(required=True)), policy=roster, approvals=(each,)) for each in APPROVALS]
    found += [_verdict(says, papers=papers(consent()), territories=("US",)) for says in SAYS]
    found += [_verdict(says, drop_class=DropClass.WORK_IN_PROGRESS) for says in SAYS]
    found.append(judge(case(seen()), standing(records_required=RecordsRequired.ALL)))
    for says, beside in faulty():
        evidence = beside.get("evidence", (identical(),))
        known = beside.get("papers_", papers())
        found.append(_verdict(says, *evidence, policy=beside.get("policy", POLICY), papers=known))
    return found


def _verdict(says: Particulars | None, *evidence: Any, policy: Policy = POLICY, **given: Any) -> Verdict:
    records = {ASSET.record_id: record(use=Use.FINAL, assets=ASSETS, particulars=says)}
    return judge(case(seen(*(evidence or (identical(),))), records=records, **{"papers": papers()} | given), policy)


@pytest.fixture(scope="module")
def found() -> set[Code]:
    return {finding.code for verdict in _verdicts() for finding in verdict.findings}


@pytest.mark.parametrize("code", RECORDS_HANDBOOK)
def test_every_code_can_be_the_finding_of_some_record(code: Code, found: set[Code]) -> None:
    assert code in found
