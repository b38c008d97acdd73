"""Rule 7: what models were trained on, and whether the rights in that are settled."""

from collections.abc import Iterator

from scanner.model import Code, ConsentKind, Finding, Rights, Step, TrainingData, Trigger
from scanner.policy.records.made import gathered, listed
from scanner.policy.records.recorded import Recorded
from scanner.policy.records.rights import unfit

_SETTLED = (Rights.OWNED, Rights.CLEARED)
_TRAINING = (ConsentKind.TRAINING,)


def not_cleared(r: Recorded) -> Iterator[Finding]:
    """Of a custom model everything must be owned or cleared; of any model, nothing may be known not to be.

    A custom model was trained on something: where that is not stated, it is not cleared.
    """
    found = list(_not_cleared(r))
    if found and not _is_approved(r):
        yield from found


def _not_cleared(r: Recorded) -> Iterator[Finding]:
    custom = [step for step in r.told.steps if step.model_custom]
    if custom and not r.told.training:
        yield from gathered(
            r,
            Code.TRAINING_NOT_CLEARED,
            ((step, f"what its custom model{_named(step)} was trained on is not stated") for step in custom),
        )
    for data in r.told.training:
        if why := _unsettled(r, data, is_custom=bool(custom)):
            message = f"the rights in the training data {data.dataset_id} are not settled: {why}"
            yield r.finding(Code.TRAINING_NOT_CLEARED, message)


def _unsettled(r: Recorded, data: TrainingData, *, is_custom: bool) -> str | None:
    if data.rights is Rights.NOT_CLEARED or (is_custom and data.rights not in _SETTLED):
        return f"they are stated as {data.rights.replace('_', ' ')}"
    consent = r.case.papers.consents.get(data.clearance_ref or "")
    if consent is None or data.rights is Rights.OWNED:
        return None
    used = r.told.first_used or r.record.created_at
    fault = unfit(consent, r, _TRAINING, used, used)
    return f"{consent.consent_id} {fault}" if fault else None


def not_stated(r: Recorded) -> Iterator[Finding]:
    """Whether a model is a custom one, and what one that is not was trained on."""
    found = list(_not_stated(r))
    if found and not _is_approved(r):
        yield from found


def _not_stated(r: Recorded) -> Iterator[Finding]:
    base = [step for step in r.told.steps if not step.model_custom]
    unknown = [data.dataset_id for data in r.told.training if data.rights is Rights.UNKNOWN]
    unsaid = [(step, "whether its model is a custom one is not stated") for step in base if step.model_custom is None]
    if base and not r.told.training:
        unsaid += [(step, "what its model was trained on is not stated") for step in base if step.model_custom is False]
    yield from gathered(r, Code.TRAINING_NOT_STATED, unsaid)
    if unknown and len(base) == len(r.told.steps):
        message = f"whether the rights in the training data are settled is not known: {listed(unknown)}"
        yield r.finding(Code.TRAINING_NOT_STATED, message)


def _is_approved(r: Recorded) -> bool:
    """By an approval that names 1b, or permits fine-tuning by its own word."""
    return any(Trigger.TRAINING in a.terms.triggers or a.terms.permits.fine_tuning for a in r.approvals)


def _named(step: Step) -> str:
    return f" {step.model}" if step.model else ""
