"""What an escalation says, part by part, as labelled facts. Prompts are never among them."""

from collections.abc import Iterator

from scanner.model import Consent, Principle, Step, Tool, UseCase
from scanner.report.drafts import Draft, Part, Row
from scanner.report.plain import day, moment, plural

_MOST_PLACES = 40
NOT_STATED = "not stated"
_ADVICE = {
    UseCase.IDEATION: "go: low risk, not final",
    UseCase.BACKGROUND: "judge: incidental may be low risk, story-relevant is escalated",
    UseCase.FINAL_DESIGN: "stop: escalate",
    UseCase.TALENT_REPLICATION: "stop: escalate",
    UseCase.UNOWNED_TRAINING: "stop: escalate",
    UseCase.OWN_MATERIAL: "judge: escalate if outside enterprise tools",
}
_PRINCIPLES = {
    Principle.ORIGINALITY: "outputs replicate nothing of others",
    Principle.NO_TRAINING: "tools do not store, reuse or train",
    Principle.SECURE: "enterprise-secured environment",
    Principle.TEMPORARY: "temporary, no part of the final deliverables",
    Principle.TALENT: "no talent or union-covered work replaced without consent",
}


def parts(draft: Draft) -> tuple[Part, ...]:
    """All that the request says, in the order in which it is read; parts with nothing to say are left out."""
    made = (
        Part(heading="What is asked", rows=tuple(_asked(draft))),
        Part(heading="Why", rows=tuple(_reasons(draft))),
        Part(heading="The material", rows=tuple(_material(draft))),
        Part(heading="Where it was found", rows=tuple(_found(draft))),
        Part(heading="The five principles", rows=tuple(_principles(draft))),
        Part(heading="How it was made", rows=tuple(_making(draft))),
        Part(heading="Tools and their terms", rows=tuple(_tools(draft))),
        Part(heading="People and consents", rows=tuple(_people(draft))),
        Part(heading="Realism and union work", rows=tuple(_ethics(draft))),
        Part(heading="Credit and disclosure", rows=tuple(_telling(draft))),
        Part(heading="What was done so far", rows=tuple(_done(draft))),
        Part(heading="Decision", rows=tuple(_decision(draft))),
    )
    return tuple(part for part in made if part.rows)


def _asked(draft: Draft) -> Iterator[Row]:
    yield "To", ", ".join(draft.asked_of) or "the studio's contact"
    yield "From", draft.asked_by
    yield "Date", moment(draft.at)
    if draft.escalates:
        names = ", ".join(dict.fromkeys(each.trigger.value for each in draft.left))
        yield "Asked", f"written approval before proceeding, for {names}" if names else "nothing: all is approved"
    else:
        yield "Told", "this use of AI, which the guidance asks to be told of; no approval is asked"
    purpose = f"for use ({draft.delivery.drop_class})" if draft.delivery else "for use in the final"
    yield "Meant", purpose if draft.is_final else "temporary: not for use in the final"
    case = draft.required.use_case
    yield "Use case", f"{case} ({_ADVICE[case]})" if case else "in none of the rows of the matrix"


def _reasons(draft: Draft) -> Iterator[Row]:
    for each in draft.required.triggers:
        state = "" if each in draft.left else " Approved."
        lead = " To be looked at." if each.is_lead else ""
        yield each.trigger.value, f"{each.why}.{lead}{state} [{each.clause}]"


def _material(draft: Draft) -> Iterator[Row]:
    record, told = draft.record, draft.record.particulars
    yield "Title", record.title
    series = [f"season {told.season}" if told and told.season else "", told.episode or "" if told else ""]
    yield from _known(("Season, episode", " ".join(filter(None, series))))
    yield "Shot", record.shot or NOT_STATED
    yield "Record", f"{record.record_id}, by {record.created_by}, {day(record.created_at)}"
    yield from _known(("Vendor", record.vendor))
    if told:
        kind = _words(told.element_kind)
        yield "Element", f"{kind} ({told.element_id})" if told.element_id else kind
        yield "Use of AI", _words(told.ai_use)
        yield "Seen or heard", _words(told.perceived)
        yield "Prominence", _words(told.prominence)
    yield "Stands as", record.use.value
    for asset in record.assets:
        yield "File", f"{asset.name}, SHA-256 {asset.sha256}"


def _found(draft: Draft) -> Iterator[Row]:
    if draft.delivery is None:
        return
    yield "Delivery", f"{draft.delivery.name} ({draft.delivery.delivery_id})"
    yield "Received", f"{moment(draft.delivery.received_at)}, from {draft.delivery.vendor or 'a vendor not known'}"
    for place in draft.places[:_MOST_PLACES]:
        yield place.member or draft.delivery.name, place.words
    more = len(draft.places) - _MOST_PLACES
    if more > 0:
        yield "And", f"{plural(more, 'place')} more"


def _principles(draft: Draft) -> Iterator[Row]:
    told = draft.record.particulars.principles if draft.record.particulars else None
    for principle in Principle:
        answer = told.answer(principle) if told else None
        yield f"{principle}: {_PRINCIPLES[principle]}", answer.value if answer else "not answered"
    if told and told.answered_by:
        yield "Answered by", told.answered_by + (f", {day(told.at)}" if told.at else "")


def _making(draft: Draft) -> Iterator[Row]:
    if not draft.steps:
        record = draft.record
        yield "Made with", f"{record.tool} {record.tool_version or ''}".strip() + "; its steps are not recorded"
    for step, _ in draft.steps:
        yield f"Step {step.number}", "; ".join(_step(step))
        for given in step.inputs:
            rights = [f"rights {given.rights_ref}"] if given.rights_ref else []
            rights += [f"clearance {given.clearance_ref}"] if given.clearance_ref else []
            yield "was given", f"{given.asset_id}, {_words(given.input_class)}: {', '.join(rights) or 'no reference'}"
    for data in draft.record.particulars.training if draft.record.particulars else ():
        yield (
            "Trained on",
            f"{data.dataset_id}: rights {_words(data.rights)}"
            + (f", {data.clearance_ref}" if data.clearance_ref else ""),
        )


def _step(step: Step) -> Iterator[str]:
    yield f"{step.tool_id} {step.tool_version or ''}".strip()
    if step.model:
        custom = {True: " (custom)", False: "", None: " (custom or not: not stated)"}[step.model_custom]
        yield f"model {step.model} {step.model_version or ''}".strip() + custom
    if step.used_from:
        yield f"used from {day(step.used_from)}" + (f" to {day(step.used_to)}" if step.used_to else "")
    if step.operator:
        yield f"by {step.operator}"
    if step.prompt_sha256:
        yield "with a prompt (confidential, not shown)"
    if step.human_contribution:
        yield f"by hand: {step.human_contribution}"


def _tools(draft: Draft) -> Iterator[Row]:
    for name, tool in {step.tool_id: tool for step, tool in draft.steps}.items():
        yield name, "; ".join(_terms(tool)) if tool else "not on record: its terms are not known"


def _terms(tool: Tool) -> Iterator[str]:
    yield f"{tool.product} of {tool.vendor}, {_words(tool.deployment)}"
    agreement = [tool.agreement_ref, f"tier {tool.licence_tier}" if tool.licence_tier else None]
    yield from filter(None, agreement)
    reviewed = f"terms {tool.terms_version or ''}".strip()
    if tool.terms_reviewed_at:
        by = f" by {tool.terms_reviewed_by}" if tool.terms_reviewed_by else ""
        yield f"{reviewed} reviewed {day(tool.terms_reviewed_at)}{by}"
    else:
        yield "its terms were not reviewed"
    data = (
        ("stores", tool.stores_data),
        ("reuses", tool.reuses_data),
        ("trains on inputs", tool.trains_on_inputs),
        ("trains on outputs", tool.trains_on_outputs),
    )
    yield ", ".join(f"{what}: {known}" for what, known in data)
    yield f"may be given: {', '.join(map(_words, tool.allowed_inputs)) or 'nothing stated'}"


def _people(draft: Draft) -> Iterator[Row]:
    for each in draft.people:
        living = {True: "living", False: "dead", None: "living or not: not stated"}[each.talent.living]
        yield each.talent.performer_id, f"{each.what}, {living}; exception: {_words(each.talent.exception)}"
        if each.consent is not None:
            yield "consent", _consent(each.consent)
        elif each.is_needed:
            yield "consent MISSING", "; ".join(each.why) or "none is named"
        else:
            yield "consent", "none is needed"


def _consent(consent: Consent) -> str:
    signed = f", signed {day(consent.signed_at)}" if consent.signed_at else ""
    use = f": {consent.use_description}" if consent.use_description else ""
    return f"{consent.consent_id} ({_words(consent.consent_kind)}{signed}){use}"


def _ethics(draft: Draft) -> Iterator[Row]:
    told = draft.record.particulars
    if told is None:
        return
    realism, impact = told.realism, told.union_impact
    if realism is None:
        yield "Real people, events", NOT_STATED
    else:
        yield "A real person", _yes(realism.depicts_real_person)
        yield "A real event", _yes(realism.depicts_real_event)
        yield "A real statement", _yes(realism.depicts_real_statement)
        yield "Could mislead", _words(realism.could_mislead)
        yield from _known(("Context", realism.context))
    if impact is None:
        yield "Union work", NOT_STATED
    elif impact.affected:
        agreed = f"agreement {impact.agreement_ref}" if impact.agreement_ref else "no agreement is recorded"
        yield "Union work", f"affected ({impact.role or 'role not stated'}): {agreed}"
    else:
        yield "Union work", "not affected"


def _telling(draft: Draft) -> Iterator[Row]:
    told = draft.record.particulars
    credit, disclosure = (told.credit, told.disclosure) if told else (None, None)
    if credit:
        yield "Credit", f"{credit.text or 'no text'}, {credit.placement or 'no place'}"
    if disclosure:
        where = f" ({', '.join(disclosure.jurisdictions)})" if disclosure.jurisdictions else ""
        yield "Disclosure", f"{disclosure.text or 'no text'}, {disclosure.placement or 'no place'}{where}"


def _done(draft: Draft) -> Iterator[Row]:
    told = draft.record.particulars
    socialised = told.socialised if told else None
    if socialised:
        at = f", {day(socialised.at)}" if socialised.at else ""
        ref = f" ({socialised.ref})" if socialised.ref else ""
        yield "Socialised", f"with {socialised.with_whom}{at}{ref}"
    else:
        yield "Socialised", "no: nobody is recorded to have been told"
    for each in draft.approvals:
        decided = f", {each.approver}, {day(each.decided_at)}" if each.decided_at else ""
        names = ", ".join(trigger.value for trigger in each.terms.triggers)
        yield each.approval_id, f"{_words(each.status)}{decided}" + (f"; for {names}" if names else "")
    if not draft.approvals:
        yield "Escalations", "none is on record"


def _decision(draft: Draft) -> Iterator[Row]:
    """To be filled in by who decides: what the registry asks for (guidelines 6.5)."""
    if not draft.escalates:
        return
    for label in ("Approved, approved with conditions, or denied", "For which scope", "Conditions", "Valid until"):
        yield label, "____________________"
    yield "Decided by (name, role)", "____________________"
    yield "Date, and reference of the written approval", "____________________"


def _known(*rows: tuple[str, str | None]) -> Iterator[Row]:
    yield from ((label, value) for label, value in rows if value)


def _yes(answer: bool | None) -> str:  # noqa: FBT001 - it is the answer
    return {True: "yes", False: "no", None: NOT_STATED}[answer]


def _words(value: str | None) -> str:
    return value.replace("_", " ") if value else NOT_STATED
