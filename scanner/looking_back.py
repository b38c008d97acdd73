"""What is registered or revoked is looked for by itself in what went on before; nobody has to ask.

How far the past has been searched is written down. What was being judged at that very time is searched by itself.
"""

import logging
from collections.abc import Collection, Iterable, Iterator

from scanner.model import DeliveryRecord, Outcome, RecallReason, Stage, Verdict
from scanner.recalling import BY_HAND, search, went_on
from scanner.report.recalls import NotSearched, Recalled
from scanner.store import ToSearch
from scanner.studio import Studio

_log = logging.getLogger("scanner")


def is_recall_due(studio: Studio) -> bool:
    """Whether anything was registered or revoked for which the past has not been searched yet. One small query."""
    new = studio.kept.judging.to_search()
    return bool(new.assets or new.revoked or new.withdrawn)


def recall_now(studio: Studio) -> int:
    """Search what went on for all that was registered since, and for what approvals covered that were revoked since.

    Gives the number of new recalls. Each is written down once, so that doing it again, after a crash too, is harmless.
    Raises StoreUnavailableError.
    """
    new = studio.kept.judging.to_search()
    count = _told(_since(studio, new, studio.kept.went_on()))
    studio.kept.judging.searched(new.version, at=studio.now())
    return count


def recall_meanwhile(studio: Studio, delivery_id: str) -> int:
    """Search one delivery for what was registered or revoked while it was judged; the number of new recalls.

    To be called when its verdict is written down and carried out: whatever is registered after that finds it by itself.
    Harmless to repeat. Raises StoreUnavailableError.
    """
    record = studio.kept.delivery(delivery_id)
    state = record.verdict.register if record.verdict is not None else None
    if state is None or record.verdict is None or not _is_onward(record, record.verdict):
        return 0
    return _told(_since(studio, studio.kept.judging.to_search(after=state.version), (delivery_id,)))


def _is_onward(record: DeliveryRecord, verdict: Verdict) -> bool:
    """Cleared, flagged or released, or about to be."""
    passed = verdict.outcome < Outcome.HOLD and record.stage in (Stage.DECIDED, Stage.CARRIED_OUT)
    return passed or (record.stage is Stage.RULED and went_on(record))


def _told(found: Iterable[Recalled | NotSearched]) -> int:
    """How many recalls are new; each is told, and what could not be searched."""
    count = 0
    for each in found:
        name = {"delivery": each.record.delivery.delivery_id, "drop": each.record.delivery.name}
        if isinstance(each, NotSearched):
            _log.warning("not searched", extra={**name, "member": each.member, "why": each.reason})
        elif each.new:
            count += 1
            asset = f"{each.recall.asset.name} [{each.recall.asset.record_id}]"
            told = {"recall": each.recall.recall_id, "asset": asset, "to": each.lies_at}
            _log.warning("recalled", extra={**name, **told})
    return count


def _since(studio: Studio, new: ToSearch, among: Collection[str]) -> Iterator[Recalled | NotSearched]:
    yield from _new_material(studio, new, among)
    for approval_id, by in new.revoked.items():
        yield from _no_longer_approved(studio, approval_id, by, among)
    for consent_id, by in new.withdrawn.items():
        yield from _no_longer_consented(studio, consent_id, by, among)


def _new_material(studio: Studio, new: ToSearch, among: Iterable[str]) -> Iterator[Recalled | NotSearched]:
    """Only deliveries that were judged before the register knew of it."""
    if not new.assets:
        return

    def judged_before(record: DeliveryRecord) -> bool:
        state = record.verdict.register if record.verdict is not None else None
        return state is None or state.version < new.version

    yield from search(studio, new.assets, among, reason=RecallReason.REGISTERED, wanted=judged_before)


def _no_longer_approved(
    studio: Studio, approval_id: str, by: str, among: Collection[str]
) -> Iterator[Recalled | NotSearched]:
    """Only deliveries whose verdict used an approval that is revoked now, for what that covered in them."""
    covered = studio.kept.judging.resting_on(approval_id)
    here = {delivery_id: covered[delivery_id] for delivery_id in among if delivery_id in covered}
    assets = {finding.asset.asset_id: by for findings in here.values() for finding in findings if finding.asset}
    yield from search(studio, assets, here, reason=RecallReason.REVOKED, void=(approval_id,))
    for delivery_id, findings in here.items():
        for finding in findings:
            if finding.asset is None:
                covered_there = finding.tool or "a label"
                reason = f"{approval_id}, which covered {covered_there} in it, was revoked or changed: {BY_HAND}"
                yield NotSearched(record=studio.kept.delivery(delivery_id), member=finding.member, reason=reason)


def _no_longer_consented(
    studio: Studio, consent_id: str, by: str, among: Collection[str]
) -> Iterator[Recalled | NotSearched]:
    """Only deliveries that show material of which a record, or an approval that was used, names a revoked consent."""
    judging = studio.kept.judging
    named = judging.consented_by(consent_id)
    shown = judging.showing(named.records)
    for approval_id in named.approvals:
        for delivery_id, findings in judging.resting_on(approval_id).items():
            shown[delivery_id] = (*shown.get(delivery_id, ()), *findings)
    here = {delivery_id: shown[delivery_id] for delivery_id in among if delivery_id in shown}
    assets = {finding.asset.asset_id: by for findings in here.values() for finding in findings if finding.asset}
    used = {finding.approval for findings in here.values() for finding in findings if finding.approval}
    yield from search(studio, assets, here, reason=RecallReason.CONSENT_REVOKED, void=used)
