"""Consents of performers, models made for them, and the recreation of real people (rules 5 and 15)."""

from collections.abc import Iterator

from scanner.model import Code, Finding, TalentUse, Trigger
from scanner.policy.consents import USE_WORDS, consented, is_customary, needs_consent
from scanner.policy.records.recorded import Recorded
from scanner.policy.triggers_shown import is_of_nobody_named, without_permission


def _consents(recorded: Recorded) -> Iterator[Finding]:
    """Rule 5(a), (b), (f). An approval never takes a consent's place."""
    for talent in filter(needs_consent, recorded.told.talent):
        said = consented(talent, recorded.meant)
        if said.consent is not None:
            continue
        code = Code.TALENT_CONSENT_NOT_VALID if said.is_recorded else Code.TALENT_NO_CONSENT
        why = "; ".join(said.why) or "no consent is named"
        yield recorded.finding(code, f"{USE_WORDS[talent.use]} of {talent.performer_id}: {why}")


def _alterations(recorded: Recorded) -> Iterator[Finding]:
    """Rule 5(c) and (d)."""
    for talent in recorded.told.talent:
        if is_customary(talent):
            why = talent.exception.replace("_", " ")
            yield recorded.finding(Code.TALENT_CUSTOMARY, f"{USE_WORDS[talent.use]} of {talent.performer_id}: {why}")
        elif talent.use is TalentUse.ALTERATION and not recorded.approved(Trigger.ALTERATION):
            who = talent.performer_id
            yield recorded.finding(Code.TALENT_ALTERED, f"a performance of {who} was altered, and no approval names 3b")


def _models(recorded: Recorded) -> Iterator[Finding]:
    """Rule 5(e): a model is for the productions whose consents name it."""
    title = recorded.meant.title
    consents = recorded.case.papers.consents.values()
    for model in dict.fromkeys(step.model for step in recorded.told.steps if step.model):
        agreed = {consent.title for consent in consents if model in consent.model_ids}
        if agreed and title not in agreed:
            message = f"the model {model} was made for {', '.join(sorted(agreed))} and is used in {title}"
            yield recorded.finding(Code.MODEL_OTHER_TITLE, message)


def _real_people(recorded: Recorded) -> Iterator[Finding]:
    """Rule 15. For the dead, their estate's consent is needed; for the living, an approval may do."""
    approved = recorded.approved(Trigger.PROTECTED_INPUT, Trigger.REPLICA) is not None
    for talent in recorded.told.talent:
        why = without_permission(talent, recorded.meant)
        if why and (talent.living is False or not approved):
            yield recorded.finding(Code.REAL_PERSON, why)
    if is_of_nobody_named(recorded.meant) and not approved:
        message = "it shows a real person; who that is, and their permission, is not recorded"
        yield recorded.finding(Code.REAL_PERSON, message)


RULES = (_consents, _alterations, _models, _real_people)
