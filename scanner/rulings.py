"""What a person's ruling must have before it is carried out, what it reaches, and where it takes a delivery."""

import os
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from scanner.errors import RulingError
from scanner.model import (
    MOVING,
    Code,
    Delivery,
    DeliveryRecord,
    Outcome,
    Ruling,
    RulingAction,
    Stage,
    Verdict,
    Waiver,
)
from scanner.studio import Studio

_LETS_ON = (RulingAction.RELEASE, RulingAction.WAIVE)
_KEPT_BACK = (Stage.CARRIED_OUT, Stage.JUDGED_AGAIN)


def needs_second(studio: Studio, record: DeliveryRecord, action: RulingAction) -> bool:
    """Whether the policy asks for a second person, for what may let this delivery go on."""
    asked = studio.policy.of(record.delivery).standards.second_person_for
    return action in _LETS_ON and record.verdict is not None and record.verdict.outcome in asked


def checked(studio: Studio, record: DeliveryRecord, ruling: Ruling) -> Ruling:
    """The ruling as it is written down: a waiver reaches no more than what was found. Raises RulingError."""
    delivery, verdict = record.delivery, record.verdict
    if verdict is None or (verdict.outcome < Outcome.HOLD and record.stage is not Stage.JUDGED_AGAIN):
        msg = f"{delivery.delivery_id} is neither held nor quarantined: there is nothing to rule on."
        raise RulingError(msg)
    if ruling.action not in MOVING and record.stage not in _KEPT_BACK:
        msg = f"{delivery.delivery_id} was ruled on, or is still on the bench: it is {record.stage}."
        raise RulingError(msg)
    _check_second(studio, record, ruling)
    if ruling.action is not RulingAction.WAIVE:
        return ruling
    return replace(ruling, terms=replace(ruling.terms, waiver=_reaching(ruling.terms.waiver, verdict)))


def _check_second(studio: Studio, record: DeliveryRecord, ruling: Ruling) -> None:
    second = ruling.terms.second
    if second is not None and _name(second) == _name(ruling.by):
        msg = f"{second} cannot be the second person: it is the one who rules."
        raise RulingError(msg)
    if second is None and needs_second(studio, record, ruling.action):
        outcome = record.verdict.outcome.label if record.verdict else ""
        msg = f"the policy asks for a second person to {ruling.action} what is {outcome}d: name one with --second."
        raise RulingError(msg.replace("holdd", "held"))


def _name(text: str) -> str:
    return " ".join(text.split()).casefold()


def _reaching(waiver: Waiver | None, verdict: Verdict) -> Waiver:
    """The waiver, kept to the members and assets of what it finds now. Raises RulingError where that is nothing."""
    codes = waiver.codes if waiver else ()
    unknown = [code for code in codes if code not in set(Code)]
    if waiver is None or not codes or unknown or Code.REGISTER_OUT_OF_REACH in codes:
        told = f"{', '.join(unknown)} is no code of findings" if unknown else "name codes of findings"
        msg = f"{told}; that the register could not be asked cannot be waived."
        raise RulingError(msg)
    found = [
        each
        for each in verdict.findings
        if each.code in codes
        and (not waiver.members or each.member in waiver.members)
        and (not waiver.assets or (each.asset is not None and each.asset.asset_id in waiver.assets))
    ]
    if not found:
        msg = f"{verdict.delivery_id} has no finding of {', '.join(codes)} there: nothing was waived."
        raise RulingError(msg)
    assets = {each.asset.asset_id for each in found if each.asset is not None}
    known = all(each.asset is not None for each in found)
    return replace(
        waiver,
        members=tuple(dict.fromkeys(each.member for each in found)),
        assets=tuple(sorted(assets)) if known else waiver.assets,
    )


def target_of(studio: Studio, delivery: Delivery, ruling: Ruling) -> Path:
    """Where a ruling takes what is kept back. Raises RulingError."""
    match ruling.action:
        case RulingAction.RELEASE:
            return studio.target(delivery, Outcome.PASS)
        case RulingAction.RESTORE:
            origin = Path(delivery.origin)
            if os.path.lexists(origin):
                msg = f"{str(origin)!r} is taken: nothing was moved. Move what is there away, then restore again."
                raise RulingError(msg)
            return origin
        case RulingAction.KEEP | RulingAction.WAIVE | RulingAction.ESCALATE:
            msg = f"a ruling to {ruling.action} moves nothing."
            raise RulingError(msg)
        case _:
            assert_never(ruling.action)
