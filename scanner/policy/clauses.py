"""Triggers of an escalation, with the clauses of the studio's guidance that they rest on, as they are cited."""

from collections.abc import Mapping

from scanner.model import Trigger, Triggered

_GUIDE = "Netflix, Using Generative AI, "
_ALWAYS = f'{_GUIDE}"Always escalate" '
_DUTY_B = f"{_GUIDE}duty B (written approval before proceeding): "

CLAUSES: Mapping[Trigger, str] = {
    Trigger.P1: f"{_GUIDE}principle 1 (outputs do not replicate material of others)",
    Trigger.P2: f"{_GUIDE}principle 2 (tools do not store, reuse or train on what they are given)",
    Trigger.P3: f"{_GUIDE}principle 3 (enterprise-secured environment)",
    Trigger.P4: f"{_GUIDE}principle 4 (temporary material, not part of final deliverables)",
    Trigger.P5: f"{_GUIDE}principle 5 (no replacing of talent or union-covered work without consent)",
    Trigger.DATA: (f"{_ALWAYS}1 (data use): no proprietary or personal data as input unless explicitly approved"),
    Trigger.TRAINING: f"{_ALWAYS}1 (data use): no training on the work of others without clearance",
    Trigger.KEY_ELEMENT: f"{_ALWAYS}2 (creative output): main characters, key visuals, central settings",
    Trigger.PROTECTED_INPUT: (
        f"{_ALWAYS}2 (creative output): no copyrighted works, public figures or the dead as input without permission"
    ),
    Trigger.REPLICA: f"{_ALWAYS}3 (talent): no digital replica without explicit, documented consent",
    Trigger.ALTERATION: f"{_ALWAYS}3 (talent): significant digital alteration of a performance",
    Trigger.MISLEADING: (f"{_ALWAYS}4 (ethics): nothing that can be mistaken for real events, people or statements"),
    Trigger.UNION: f"{_ALWAYS}4 (ethics): no replacing of union-represented work without approvals or agreements",
    Trigger.FINAL_DELIVERABLE: f"{_DUTY_B}final deliverables",
    Trigger.TALENT_LIKENESS: f"{_DUTY_B}talent likeness",
    Trigger.PERSONAL_DATA: f"{_DUTY_B}personal data",
    Trigger.THIRD_PARTY: f"{_DUTY_B}third-party IP",
}

# What an approval of something more exact says of a principle too.
_ALSO: Mapping[Trigger, tuple[Trigger, ...]] = {
    Trigger.P2: (Trigger.DATA,),
    Trigger.P3: (Trigger.DATA,),
    Trigger.P4: (Trigger.FINAL_DELIVERABLE,),
    Trigger.P5: (Trigger.REPLICA, Trigger.ALTERATION, Trigger.UNION),
}


def because(trigger: Trigger, why: str, *also: Trigger, is_lead: bool = False) -> Triggered:
    """A trigger with its reason; `also`: what an approval may name in its place."""
    also = also or _ALSO.get(trigger, ())
    return Triggered(trigger=trigger, why=why, clause=CLAUSES[trigger], also=also, is_lead=is_lead)
