"""Recall: registered material is looked for in what went on before, in stored examinations; no media file is opened.

What is found is judged as it would be today and written down, once. Nothing is moved: that is for people.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from scanner.errors import UnknownIdError
from scanner.fingerprint.names import ALGORITHM, FEATURES, FEATURES_VERSION, LANDMARKS, LANDMARKS_VERSION, VERSION
from scanner.match.compositions import in_compositions
from scanner.match.evidence import Register, evidence_of
from scanner.match.lineage import Names
from scanner.model import (
    EVERY_TITLE,
    AssetRef,
    Code,
    DeliveryRecord,
    Evidence,
    Examination,
    Finding,
    Heard,
    Identical,
    LookAlike,
    MediaKind,
    Member,
    MemberEvidence,
    NamedAsset,
    Outcome,
    Policy,
    ProvenanceRecord,
    Recall,
    RecallReason,
    RulingAction,
    Stage,
    SuspectName,
    Unreadable,
    Use,
)
from scanner.policy.judge import judge
from scanner.policy.seen import made_with
from scanner.report.recalls import NotSearched, Recalled
from scanner.store import Store
from scanner.studio import Studio

EXAMINE_AGAIN = "its fingerprints are missing or of another version: it cannot be recalled from them, examine it again"
BY_HAND = "look at it by hand"
COULD_NOT_READ = f"its picture could not be read when it was examined: {BY_HAND}"
COULD_NOT_LISTEN = f"its sound could not be read when it was examined: {BY_HAND}"
WHOLE_FRAMES_ONLY = "no local features of this version are stored: crops and insets are not found, examine it again"
NOT_LISTENED_TO = "its sound was not listened to by this version: registered sound is not found, examine it again"
_log = logging.getLogger("scanner")
_PICTURES = (MediaKind.STILL, MediaKind.VIDEO, MediaKind.SEQUENCE)
_SOUNDING = (MediaKind.VIDEO, MediaKind.SOUND)
_DIGITS = 10


def recall(
    studio: Studio,
    wanted: Iterable[str] = (),
    *,
    by: str,
    reason: RecallReason = RecallReason.ASKED,
    title: str | None = None,
    since: datetime | None = None,
) -> Iterator[Recalled | NotSearched]:
    """Look for registered assets in every delivery that was cleared, flagged or released; each as it is written down.

    `wanted`: ids of records or assets, all that are in force by default; `title`: only what is registered for it;
    `since`: only deliveries that were received, judged or ruled on from then on. What was told before is told again.
    Raises UnknownIdError, also for what is retired or no AI material; StoreUnavailableError.
    """
    records = studio.kept.records(retired=False)
    chosen = _chosen(records, tuple(wanted), title)
    by_asset = dict.fromkeys(chosen, by)
    search = _Search(studio=studio, by=by_asset, reason=reason, chosen=chosen, records=records, policy=studio.policy)
    yield from search.among(studio.kept.went_on(since))


def search(
    studio: Studio,
    by: Mapping[str, str],
    among: Iterable[str],
    *,
    reason: RecallReason,
    wanted: Callable[[DeliveryRecord], bool] | None = None,
    void: Collection[str] = (),
) -> Iterator[Recalled | NotSearched]:
    """Look in these deliveries, where they went on and are `wanted`, for those of the assets that are in force.

    `by`: who registered or revoked, by asset id; `void`: the approvals that are not what they were. Pictures known to
    be good are left out.
    """
    records = studio.kept.records(retired=False)
    chosen = {asset: title for asset, title in _chosen(records, (), None).items() if asset in by}
    found = _Search(
        studio=studio, by=by, reason=reason, chosen=chosen, records=records, policy=studio.policy, void=void
    )
    yield from found.among(among, wanted)


def located(store: Store, found: Recall) -> Recalled:
    """A recall that was written down before, with its delivery."""
    record = store.delivery(found.delivery_id)
    return Recalled(recall=found, record=record, lies_at=lies_at(record))


def lies_at(record: DeliveryRecord) -> str:
    """Where a delivery's bytes are now, as far as is known here."""
    if record.place is None:
        return "handed on"
    return record.place if os.path.lexists(record.place) else f"taken from {record.place}"


def _chosen(records: Iterable[ProvenanceRecord], wanted: Collection[str], title: str | None) -> dict[str, str]:
    """The title of each asset that is looked for, by its id."""
    chosen: dict[str, str] = {}
    left = set(wanted)
    for record in records:
        if record.use is Use.KNOWN_GOOD or (title is not None and record.title != title):
            continue
        for asset in record.assets:
            if not wanted or not {record.record_id, asset.asset_id}.isdisjoint(wanted):
                chosen[asset.asset_id] = record.title
                left -= {record.record_id, asset.asset_id}
    if left:
        names = ", ".join(map(repr, sorted(left)))
        of_title = f" of title {title}" if title is not None else ""
        msg = f"{names}: no AI material{of_title} that is in force has this id. See: scanner provenance list --all"
        raise UnknownIdError(msg)
    return chosen


def went_on(record: DeliveryRecord) -> bool:
    """What was ruled on went on only if it was released; whatever else is asked here was cleared or flagged."""
    return record.stage is not Stage.RULED or record.rulings[-1].action is RulingAction.RELEASE


@dataclass(slots=True, kw_only=True)
class _Search:
    """One search of the past; `chosen`: title by asset id, `by`: who made us look, by asset id, `void`: see `search`.

    A register is made once for each title that has its own.
    """

    studio: Studio
    by: Mapping[str, str]
    reason: RecallReason
    chosen: Mapping[str, str]
    records: Collection[ProvenanceRecord]
    policy: Policy
    void: Collection[str] = ()
    _registers: dict[str | None, Register | None] = field(default_factory=dict)
    _names: dict[str | None, Names] = field(default_factory=dict)

    def among(
        self, delivery_ids: Iterable[str], wanted: Callable[[DeliveryRecord], bool] | None = None
    ) -> Iterator[Recalled | NotSearched]:
        """Search those of these deliveries that went on, and that are `wanted`."""
        for delivery_id in delivery_ids if self.chosen else ():
            record = self.studio.kept.delivery(delivery_id)
            if went_on(record) and (wanted is None or wanted(record)):
                yield from self.of(record)

    def of(self, record: DeliveryRecord) -> Iterator[Recalled | NotSearched]:
        """Search one delivery, and write down what is found."""
        title = record.delivery.title if self.studio.settings.matching.scope == "title" else None
        if title not in self._registers:
            self._registers[title] = self._register(title)
        register = self._registers[title]
        if register is None:
            return
        register = replace(register, names=self._names_of(record.delivery.title))
        seen: list[MemberEvidence] = []
        for member in record.delivery.members:
            examination, why = stored_examination(self.studio, member, record.delivery.delivery_id)
            if why is not None:
                yield NotSearched(record=record, member=member.name, reason=why)
            seen.append(evidence_of(member, examination, register, self.policy))
        found = list(self._found(record, in_compositions(tuple(seen)), register))
        place = lies_at(record)
        for kept, new in self.studio.kept.add_recalls(found) if found else ():
            yield Recalled(recall=kept, record=record, lies_at=place, new=new)

    def _register(self, title: str | None) -> Register | None:
        """A register of what is looked for in deliveries of a title; None where that is nothing."""
        here = {asset for asset, of in self.chosen.items() if title is None or of in (title, EVERY_TITLE)}
        return register_of(self.studio, here, self.records, title) if here else None

    def _names_of(self, title: str | None) -> Names:
        """What is looked for of the delivery's own title, by its names: cuts that went on may show it."""
        if title not in self._names:
            self._names[title] = Names.of(
                NamedAsset(
                    asset=AssetRef(asset_id=asset.asset_id, record_id=record.record_id, name=asset.name),
                    tool=made_with(record) or record.tool,
                    shot=record.shot,
                )
                for record in self.records
                if title is None or record.title in (title, EVERY_TITLE)
                for asset in record.assets
                if asset.asset_id in self.chosen
            )
        return self._names[title]

    def _found(self, record: DeliveryRecord, seen: tuple[MemberEvidence, ...], register: Register) -> Iterator[Recall]:
        """A recall for each asset of which policy now says worse than was known when the delivery went on."""
        seen = tuple(replace(item, evidence=tuple(filter(_tells, item.evidence))) for item in seen)
        matched = {
            e.asset
            for item in seen
            for e in item.evidence
            if isinstance(e, Identical | LookAlike | Heard | SuspectName) and e.asset is not None
        }
        if not any(asset.asset_id in self.chosen for asset in matched):
            return
        case = self.studio.case(record.delivery, seen, register.state)
        about: dict[AssetRef, list[Finding]] = {}
        for finding in judge(case, self.policy).findings:
            if finding.asset is not None and finding.asset.asset_id in self.chosen:
                about.setdefault(finding.asset, []).append(finding)
        for asset, findings in about.items():
            outcome = max(finding.outcome for finding in findings)
            in_force = {each.approval_id for each in case.approvals if each.revoked_at is None}
            if outcome > _known(record, asset, in_force.difference(self.void)):
                yield Recall(
                    recall_id=_recall_id(record, asset, outcome),
                    delivery_id=record.delivery.delivery_id,
                    asset=asset,
                    at=case.at,
                    by=self.by[asset.asset_id],
                    reason=self.reason,
                    outcome=outcome,
                    findings=tuple(findings),
                )


def _tells(evidence: Evidence) -> bool:
    """The name of a file is no reason to recall it: its picture was looked for. That a cut names an asset is one."""
    return not isinstance(evidence, SuspectName) or evidence.mention is not None


def stored_examination(
    studio: Studio, member: Member, delivery_id: str, *, wanted: bool = True
) -> tuple[Examination, str | None]:
    """What is known of a member, and why that is not all. Fingerprints of other versions are never given.

    Its local features are large: they are neither read nor missed unless `wanted`.
    """
    stored = studio.kept.newest_examination(member, delivery_id, algorithm=ALGORITHM, version=VERSION, features=wanted)
    if stored is None:
        nothing = Examination(examiner=studio.examiner, kind=member.kind, format=member.format)
        return nothing, EXAMINE_AGAIN
    features = stored.features
    if features is not None and (features.algorithm, features.version) != (FEATURES, FEATURES_VERSION):
        stored = replace(stored, features=None)
    sounds = tuple(each for each in stored.sounds if (each.algorithm, each.version) == (LANDMARKS, LANDMARKS_VERSION))
    unheard = wanted and member.kind in _SOUNDING and (stored.coverage.sound_seconds is None or sounds != stored.sounds)
    stored = replace(stored, sounds=sounds)
    if stored.codes is not None and wanted and stored.features is None:
        return stored, WHOLE_FRAMES_ONLY
    unread = any(isinstance(seen, Unreadable) for seen in stored.observations)
    if stored.codes is None and unread and member.kind in _PICTURES:
        return stored, COULD_NOT_READ
    return stored, None if not unheard else COULD_NOT_LISTEN if unread else NOT_LISTENED_TO


def register_of(
    studio: Studio, chosen: Collection[str], records: Iterable[ProvenanceRecord], title: str | None
) -> Register:
    """A register of these assets only, and of the pictures known to be good, for deliveries of a title (None: any)."""
    pictures, by_hash = set(chosen), dict[str, AssetRef]()
    for record in records:
        for asset in record.assets:
            if record.use is Use.KNOWN_GOOD:
                pictures.add(asset.asset_id)
            elif asset.asset_id in chosen:
                ref = AssetRef(asset_id=asset.asset_id, record_id=record.record_id, name=asset.name)
                by_hash |= dict.fromkeys({asset.sha256, *asset.file_hashes} - by_hash.keys(), ref)
    here = (title, EVERY_TITLE)
    uses = {record.record_id: record.use for record in records if title is None or record.title in here}
    index = studio.pictures(studio.kept, uses, only=pictures)
    sounds = studio.sounds(studio.kept, uses, only=pictures)

    def known(hashes: tuple[str, ...]) -> dict[str, AssetRef]:
        return {sha256: by_hash[sha256] for sha256 in hashes if sha256 in by_hash}

    return Register(state=studio.kept.register_state(studio.now()), pictures=index, sounds=sounds, by_hash=known)


def _known(record: DeliveryRecord, asset: AssetRef, in_force: Collection[str]) -> Outcome:
    """How grave this asset was held to be when the delivery went on. `in_force`: approvals that are what they were.

    Nothing more can be said of what a person released knowing of it, nor of what an approval covered that was not
    revoked: that it ran out since does not reach back.
    """
    told = [finding for finding in (record.verdict.findings if record.verdict else ()) if finding.asset == asset]
    approved = any(finding.code is Code.AI_APPROVED and finding.approval in in_force for finding in told)
    if told and (record.stage is Stage.RULED or approved):
        return Outcome.QUARANTINE
    return max((finding.outcome for finding in told), default=Outcome.PASS)


def _recall_id(record: DeliveryRecord, asset: AssetRef, outcome: Outcome) -> str:
    words = "\0".join((record.delivery.delivery_id, asset.asset_id, outcome.label))
    return f"RC-{hashlib.sha256(words.encode()).hexdigest()[:_DIGITS]}"
