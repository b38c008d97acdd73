"""An escalation to be sent, filled in from the record, the papers that it names, and where it was found."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from scanner.errors import UnknownIdError
from scanner.model import (
    Approval,
    Case,
    Delivery,
    DeliveryRecord,
    DropClass,
    Finding,
    Heard,
    Identical,
    LookAlike,
    PaperKind,
    Person,
    Picture,
    Policy,
    ProvenanceRecord,
    Required,
    Statement,
    Triggered,
    Use,
)
from scanner.policy.consents import USE_WORDS, consented, needs_consent
from scanner.policy.meant import Meant
from scanner.policy.records.recorded import Recorded
from scanner.policy.requiring import required, unanswered
from scanner.report.drafts import Draft, Place
from scanner.report.drafts import Person as Concerned
from scanner.store import Store

_MAY = "approve"
_SHOWS = (Identical, LookAlike, Heard, Statement)
_MOST_PICTURES = 6


def draft(
    store: Store,
    policy: Policy,
    record_id: str,
    *,
    delivery_id: str | None = None,
    by: str,
    to: tuple[str, ...] = (),
    at: datetime,
) -> Draft:
    """The request about a record, as it was found in a delivery or as it is meant to be used.

    Raises UnknownIdError: there is no such record or delivery, the delivery shows nothing of it, or its record says
    that no AI was used.
    """
    record = store.record(record_id)
    kept = store.delivery(delivery_id) if delivery_id else None
    found = _findings(kept, record_id) if kept else ()
    approvals = store.approvals(title=record.title)
    meant = _meant(store, policy, record, kept.delivery if kept else None, approvals, at)
    asked = required(meant)
    if asked.action is None:
        msg = f"{record_id} says that no AI was used: there is nothing to ask for."
        raise UnknownIdError(msg)
    tools = meant.papers.tools
    return Draft(
        record=record,
        required=asked,
        left=_left(asked, store, policy, meant, found, approvals),
        is_final=meant.is_final,
        asked_by=by,
        asked_of=to or _asked_of(store, meant),
        at=at,
        steps=tuple((step, tools.get(step.tool_id)) for step in meant.told.steps),
        people=tuple(_people(meant)),
        approvals=tuple(each for each in approvals if _is_about(each, meant)),
        delivery=kept.delivery if kept else None,
        places=tuple(dict.fromkeys(map(_place, found))),
        pictures=_pictures(store, record, kept),
    )


def _findings(kept: DeliveryRecord, record_id: str) -> tuple[Finding, ...]:
    findings = kept.verdict.findings if kept.verdict else ()
    found = tuple(
        each
        for each in findings
        if each.asset and each.asset.record_id == record_id and isinstance(each.evidence, _SHOWS)
    )
    if not found:
        msg = f"{kept.delivery.delivery_id} shows nothing of {record_id}."
        raise UnknownIdError(msg)
    return found


def _meant(
    store: Store,
    policy: Policy,
    record: ProvenanceRecord,
    delivery: Delivery | None,
    approvals: tuple[Approval, ...],
    at: datetime,
) -> Meant:
    """With a delivery, what it is for decides; without one, what the record says that it is for."""
    for_use = record.use in (Use.FINAL, Use.CANDIDATE)
    judged = delivery or Delivery(
        delivery_id="",
        name="",
        origin="",
        title=record.title,
        vendor=record.vendor,
        drop_class=DropClass.FINAL if for_use else DropClass.WORK_IN_PROGRESS,
        received_at=at,
    )
    return Meant(
        record=record,
        papers=store.papers_named_by([record], approvals),
        standards=policy.of(judged).standards,
        at=at,
        is_final=delivery.drop_class not in policy.temporary_allowed_in if delivery else for_use,
        delivery=delivery,
    )


def _left(
    asked: Required,
    store: Store,
    policy: Policy,
    meant: Meant,
    found: Iterable[Finding],
    approvals: tuple[Approval, ...],
) -> tuple[Triggered, ...]:
    """As it is judged: what is approved in one place only is still open in the others."""
    still: set[Triggered] = set()
    if (delivery := meant.delivery) is None:
        return asked.triggers
    members = store.evidence(delivery.delivery_id)
    case = Case(
        delivery=delivery,
        members=members,
        records={meant.record.record_id: meant.record},
        approvals=approvals,
        register=store.register_state(meant.at),
        examiner="",
        at=meant.at,
        papers=meant.papers,
    )
    items = {item.member.name: item for item in members}
    for each in found:
        if each.asset and each.evidence and each.member in items:
            shown = Recorded(
                record=meant.record,
                asset=each.asset,
                evidence=each.evidence,
                item=items[each.member],
                case=case,
                policy=policy.of(delivery),
            )
            still |= set(unanswered(asked, shown.approvals))
        else:
            still |= set(asked.triggers)
    return tuple(each for each in asked.triggers if each in still)


def _people(meant: Meant) -> Iterator[Concerned]:
    for talent in meant.told.talent:
        said = consented(talent, meant)
        yield Concerned(
            talent=talent,
            what=USE_WORDS[talent.use].rstrip(","),
            is_needed=needs_consent(talent),
            consent=said.consent,
            why=said.why,
        )


def _asked_of(store: Store, meant: Meant) -> tuple[str, ...]:
    """Those of the roster who may approve for this title; or else who was told of it."""
    roster = store.papers(PaperKind.PERSON, store.paper_ids(PaperKind.PERSON)).values()
    named = [
        f"{each.name} ({each.role})" if each.role else each.name
        for each in roster
        if isinstance(each, Person)
        and _MAY in {word.casefold() for word in each.may}
        and (not each.titles or meant.record.title in each.titles)
        and (each.active_to is None or each.active_to > meant.at)
    ]
    told = meant.told.socialised
    return tuple(named) or ((told.with_whom,) if told else ())


def _is_about(approval: Approval, meant: Meant) -> bool:
    """It names the record or one of its assets, or the record names it."""
    record = meant.record
    assets = {asset.asset_id for asset in record.assets}
    return (
        record.record_id in approval.scope.records
        or bool(assets & set(approval.scope.assets))
        or approval.approval_id in meant.told.escalation_ids
    )


def _place(finding: Finding) -> Place:
    place = finding.evidence.place if isinstance(finding.evidence, LookAlike | Heard) else None
    if place is None:
        return Place(member=finding.member)
    return Place(member=finding.member, timecode_in=place.timecode_in, timecode_out=place.timecode_out)


def _pictures(store: Store, record: ProvenanceRecord, kept: DeliveryRecord | None) -> tuple[Picture, ...]:
    """Those of the delivery that show it; without any, what the register keeps of its assets."""
    assets = [asset.asset_id for asset in record.assets]
    of_delivery = kept.pictures if kept else ()
    seen = [each for each in of_delivery if each.asset_id in assets]
    if not seen:
        stills = [(asset, store.thumbnail(asset, Fraction(0))) for asset in assets[:_MOST_PICTURES]]
        seen = [Picture(member="", asset_id=asset, found=None, registered=still) for asset, still in stills if still]
    return tuple(seen[:_MOST_PICTURES])
