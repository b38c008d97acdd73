"""What is held or quarantined is judged again when an approval, the register or the policy has changed.

From what is stored: no media file is opened, but to tell the ends of what was not found before. Each change of a
verdict is a new one beside the old. What a person ruled on is left alone.
"""

import logging
from dataclasses import replace
from pathlib import Path

from scanner.errors import StoreUnavailableError
from scanner.judging import pictures_of, together
from scanner.looking_back import recall_meanwhile
from scanner.match.evidence import Register, evidence_of
from scanner.model import (
    DeliveryRecord,
    Evidence,
    Examination,
    Heard,
    LookAlike,
    Member,
    MemberEvidence,
    Outcome,
    Picture,
    Policy,
    RegisterState,
    Stage,
    Unreadable,
    Verdict,
)
from scanner.pipeline import CHANGED
from scanner.policy.judge import judge
from scanner.recalling import EXAMINE_AGAIN, NOT_LISTENED_TO, WHOLE_FRAMES_ONLY, stored_examination
from scanner.refining import refined_as_before
from scanner.releasing import GONE, Grounds, carry_out_again, waits
from scanner.steps import Run, at_once
from scanner.store import KeptBack
from scanner.studio import Studio, Whereabouts, job_of

_log = logging.getLogger("scanner")
_KEPT_BACK = (Stage.CARRIED_OUT, Stage.JUDGED_AGAIN)
_OUT_OF_DATE = (EXAMINE_AGAIN, WHOLE_FRAMES_ONLY, NOT_LISTENED_TO)
_NOT_WHOLE = "it was not examined as a whole: it does not go on by itself"

_Examined = list[tuple[Member, Examination]]


def standing(studio: Studio) -> str:
    """A word for all that verdicts rest on beside the bytes: register, approvals, time, policy. It changes with them.

    To be asked every few seconds: one small query. Takes up a policy.toml that has changed. Raises
    StoreUnavailableError.
    """
    studio.take_up_policy()
    version, borders = studio.kept.judging.standing(studio.now())
    return f"{version}-{borders}-{studio.policy.digest}"


def due(studio: Studio) -> tuple[str, ...]:
    """The ids, oldest first, of what is kept back and whose verdict rests on another standing, or is not carried out.

    To be asked when the standing has changed, and at the start: what is judged again and found the same stays due.
    Raises StoreUnavailableError.
    """
    now = Grounds.of(studio)

    def is_due(item: KeptBack) -> bool:
        to_be_moved = item.stage is Stage.JUDGED_AGAIN and not waits(studio, item.verdict)
        return to_be_moved or now.have_changed_since(item.verdict, item.title)

    return tuple(item.delivery_id for item in studio.kept.judging.kept_back() if is_due(item))


def judge_again(studio: Studio, delivery_id: str, run: Run = at_once) -> Verdict | None:
    """Judge a held or quarantined delivery by what is stored, and take it where it belongs now. Safe to repeat.

    To be called for what is due, and for every delivery when it is closed: something may have changed while it was on
    the bench. What went on is then searched for what is new. Gives the new verdict; None where nothing new can be said.
    Raises StoreUnavailableError, CustodyError.
    """
    is_new = run("judge again", judged_again, studio, delivery_id)
    run("carry out again", carry_out_again, studio, delivery_id)
    run("look back", recall_meanwhile, studio, delivery_id)
    return studio.kept.delivery(delivery_id).verdict if is_new else None


def judged_again(studio: Studio, delivery_id: str) -> bool:
    """Judge by the register, approvals and policy of now. What differs from the latest verdict is written down."""
    is_new = None
    while is_new is None:
        is_new = _judged_once(studio, studio.kept.delivery(delivery_id))
    return is_new


def _judged_once(studio: Studio, record: DeliveryRecord) -> bool | None:
    """Whether there is a new verdict; None when another server has judged, moved or ruled meanwhile: once more."""
    delivery, before = record.delivery, record.verdict
    if record.stage not in _KEPT_BACK or before is None or not _is_blocked(record) or record.is_kept:
        return False
    if not Grounds.of(studio).have_changed_since(before, delivery.title):
        return False
    policy, source = studio.policy, studio.kept_back_at(delivery)
    state = _state_if_evidence_stands(studio, before, policy)
    examined, why_not = _stored(studio, record, features=state is None)
    if source is None or why_not is not None:
        return _not_judged(record, why_not or GONE)
    if state is not None:
        evidence = studio.kept.evidence(delivery.delivery_id)
    else:
        evidence, state = _matched(studio, record, examined, source, policy)
    verdict = judge(studio.case(delivery, evidence, state), policy)
    # What was cut short before it went on goes on only by a verdict of today, though that says the same.
    is_under_way = record.stage is Stage.JUDGED_AGAIN and not waits(studio, before)
    if _says(verdict) == _says(before) and not is_under_way:
        return False
    if verdict.outcome < Outcome.HOLD and studio.kept.judging.was_not_seen_whole(delivery):
        return _not_judged(record, _NOT_WHOLE)
    pictures = _pictures(studio, record, evidence, source)
    after = record.verdicts_before + 1
    if not studio.kept.judging.judged_again(verdict, evidence, pictures, after=after, place=str(source)):
        return None
    told = {"delivery": delivery.delivery_id, "outcome": verdict.outcome.label, "before": before.outcome.label}
    _log.info("judged again", extra=told)
    return True


def _is_blocked(record: DeliveryRecord) -> bool:
    """Held, quarantined, or judged again and still in the place of before."""
    return record.stage is Stage.JUDGED_AGAIN or (record.verdict is not None and record.verdict.outcome >= Outcome.HOLD)


def _not_judged(record: DeliveryRecord, why: str) -> bool:
    _log.warning("not judged again", extra={"delivery": record.delivery.delivery_id, "why": why})
    return False


def _stored(studio: Studio, record: DeliveryRecord, *, features: bool) -> tuple[_Examined, str | None]:
    """Every member's stored examination, or why the delivery cannot be judged by them."""
    if record.verdict is not None and any(_tells_of_change(finding.evidence) for finding in record.verdict.findings):
        return [], CHANGED
    examined: _Examined = []
    for member in record.delivery.members:
        examination, why = stored_examination(studio, member, record.delivery.delivery_id, wanted=features)
        if why in _OUT_OF_DATE:
            return [], f"{member.name}: {why}"
        examined.append((member, examination))
    return examined, None


def _tells_of_change(evidence: Evidence | None) -> bool:
    return isinstance(evidence, Unreadable) and evidence.reason == CHANGED


def _state_if_evidence_stands(studio: Studio, before: Verdict, policy: Policy) -> RegisterState | None:
    """The register's state, where only approvals have changed since this verdict: its evidence is what it was."""
    state = studio.kept.register_state(studio.now())
    if before.register is None or before.policy != policy.digest:
        return None
    return state if studio.kept.judging.last_changes().records <= before.register.version else None


def _matched(
    studio: Studio, record: DeliveryRecord, examined: _Examined, source: Path, policy: Policy
) -> tuple[tuple[MemberEvidence, ...], RegisterState]:
    """The evidence anew, from what is stored and the register of now."""
    delivery = record.delivery
    register = studio.register(delivery.title)
    if not isinstance(register, Register):
        msg = f"{delivery.delivery_id} was not judged again: {register.reason if register else 'there is no register'}"
        raise StoreUnavailableError(msg)
    before = {
        item.member.name: [e for e in item.evidence if isinstance(e, LookAlike)]
        for item in studio.kept.evidence(delivery.delivery_id)
    }
    where = Whereabouts.of(source)
    evidence = tuple(
        refined_as_before(
            studio.pool,
            job_of(studio, member, where.root(member)),
            evidence_of(member, examination, register, policy),
            examination,
            before.get(member.name, ()),
        )
        for member, examination in examined
    )
    return together(studio, delivery, evidence, ask=True), register.state


def _says(verdict: Verdict) -> tuple[object, ...]:
    """What a verdict says, without when it was said and the numbers of a likeness."""
    findings = frozenset(
        (finding.code, finding.outcome, finding.member, finding.asset, finding.tool, finding.approval)
        + (() if isinstance(finding.evidence, LookAlike | Heard) else (finding.message,))
        for finding in verdict.findings
    )
    return verdict.outcome, verdict.approvals_used, findings


def _pictures(
    studio: Studio, record: DeliveryRecord, evidence: tuple[MemberEvidence, ...], source: Path
) -> tuple[Picture, ...]:
    """Those of the latest verdict that still tell of something, and new ones of what is new."""
    found = {_shown_as(e, item.member) for item in evidence for e in item.evidence if isinstance(e, LookAlike | Heard)}
    kept = tuple(picture for picture in record.pictures if _is_of(picture) in found)
    shown = {_is_of(picture) for picture in kept}
    new = tuple(
        replace(item, evidence=looks)
        for item in evidence
        if (looks := tuple(e for e in item.evidence if _is_new(e, item.member, shown)))
    )
    return (*kept, *pictures_of(studio, new, Whereabouts.of(source)))


_Shown = tuple[str, str | None, bool]


def _shown_as(evidence: LookAlike | Heard, member: Member) -> _Shown:
    """By what a picture of it is known: its member, the asset, and whether it is to be listened to."""
    return member.name, evidence.asset.asset_id, isinstance(evidence, Heard)


def _is_of(picture: Picture) -> _Shown:
    return picture.member, picture.asset_id, picture.is_sound


def _is_new(evidence: Evidence, member: Member, shown: set[_Shown]) -> bool:
    return isinstance(evidence, LookAlike | Heard) and _shown_as(evidence, member) not in shown
