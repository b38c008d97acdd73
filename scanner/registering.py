"""How AI material comes into the register: it is named, hashed, examined once, and written down with its fingerprints.

What can be registered of the files that someone names is registered; `importing` is for lists, whole or not at all.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

from scanner.errors import RegisterInputError
from scanner.examine.job import Examined
from scanner.examine.pool import Begun
from scanner.fingerprint.names import ALGORITHM, FEATURES, FEATURES_VERSION, LANDMARKS, LANDMARKS_VERSION, VERSION
from scanner.intake.materials import Material, NotRegistered, changed, materials
from scanner.model import (
    Asset,
    Examination,
    MediaKind,
    PictureCodes,
    PictureFeatures,
    ProvenanceRecord,
    SoundMarks,
    Unreadable,
    Use,
)
from scanner.store import Store
from scanner.store.register import Registration, either_good_or_ai
from scanner.studio import Studio, job_of

OnMember = Callable[[str, int, int], None]
"""Told, before each thing is looked at: its name, its number from 1, and how many there are."""

MADE_AGAIN = "its fingerprints were made again: it had none of this version"
NOT_INFORMATIVE = "not informative: it will be found only by its bytes"
NOTHING_TO_HEAR = "nothing in it that could be recognised: it will be found only by its bytes"
_DIGITS = 10
# Looking failed at the very material; what other sources cannot read concerns its labels only.
_OF_THE_MATERIAL = frozenset({"picture", "sound", "structure", "examination", "file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Material that is in the register now. `new`: not before; `remarks`: what to know of it.

    `made_again`: it was there, and has got fingerprints of this version.
    """

    name: str
    record: ProvenanceRecord
    new: bool
    remarks: tuple[str, ...] = ()
    made_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said about material by whoever registers it (guidelines 6.2). `record_id`: of the user's own."""

    title: str
    tool: str
    use: Use
    by: str
    at: datetime
    tool_version: str | None = None
    shot: str | None = None
    vendor: str | None = None
    note: str | None = None
    record_id: str | None = None


Check = Callable[[Said, Material, Examined], Said | str]
"""What to write down of material after it was looked at, or why it is not registered."""


def register(
    studio: Studio,
    *paths: Path,
    title: str,
    tool: str,
    use: Use,
    by: str,
    tool_version: str | None = None,
    shot: str | None = None,
    vendor: str | None = None,
    note: str | None = None,
    on_member: OnMember | None = None,
    check: Check | None = None,
) -> Iterator[Registered | NotRegistered]:
    """Register every still, clip, sound and image sequence at or below these paths; each comes as it is written down.

    Loose frames named side by side are one sequence. The same bytes again are the record that is there, unexamined
    unless its fingerprints are of another version: then those of this version are added. `check` has the last word.
    Raises StoreUnavailableError, ExaminerLostError.
    """
    said = Said(
        title=title,
        tool=tool,
        tool_version=tool_version,
        use=use,
        shot=shot,
        vendor=vendor,
        note=note,
        by=by,
        at=studio.now(),
    )
    found = materials(paths)
    media = [item for item in found if isinstance(item, Material)]
    outdated = _outdated(studio.kept, title)
    due = [item for item in media if _is_due(holder(studio.kept, title, item.member.sha256), item, outdated)]
    with Examining(studio, due) as examining:
        for number, item in enumerate(found, start=1):
            if on_member is not None:
                on_member(item.name, number, len(found))
            if isinstance(item, NotRegistered):
                yield item
            else:
                yield _entered(studio, said, item, examining, outdated, check)


def _outdated(store: Store, title: str) -> frozenset[str]:
    codes, features, sounds = (ALGORITHM, VERSION), (FEATURES, FEATURES_VERSION), (LANDMARKS, LANDMARKS_VERSION)
    found = store.outdated(title=title, codes=codes, features=features, sounds=sounds)
    return frozenset(asset.asset_id for asset in found)


def _is_due(known: ProvenanceRecord | None, material: Material, outdated: frozenset[str]) -> bool:
    return known is None or _lacking(known, material, outdated) is not None


def _lacking(known: ProvenanceRecord, material: Material, outdated: frozenset[str]) -> Asset | None:
    """The registered asset of these bytes, if it lacks fingerprints of this version."""
    same = (asset for asset in known.assets if asset.sha256 == material.member.sha256)
    return next((asset for asset in same if asset.asset_id in outdated), None)


def _entered(
    studio: Studio,
    said: Said,
    material: Material,
    examining: "Examining",
    outdated: frozenset[str],
    check: Check | None,
) -> Registered | NotRegistered:
    known = holder(studio.kept, said.title, material.member.sha256)
    if reason := opposite(studio.kept, said.use, material.member.sha256, material.member.file_hashes):
        return NotRegistered(name=material.name, reason=reason)
    if known is not None and not _is_due(known, material, outdated):
        return _already_or_retired(said, material.name, known)
    examined = examining.result(material)
    if reason := unfit(material, examined.examination):
        return NotRegistered(name=material.name, reason=reason)
    if known is not None:
        return _made_again(studio.kept, said, known, material, examined)
    checked = said if check is None else check(said, material, examined)
    if isinstance(checked, str):
        return NotRegistered(name=material.name, reason=checked)
    return _added(studio, checked, material, examined)


def _added(studio: Studio, said: Said, material: Material, examined: Examined) -> Registered | NotRegistered:
    record, thumbnails = drawn_up(said, material, examined)
    try:
        kept, new = studio.kept.add_record(record, thumbnails)
    except RegisterInputError as error:
        return NotRegistered(name=material.name, reason=str(error))
    if not new:
        return _already_or_retired(said, material.name, kept)
    return Registered(name=material.name, record=record, new=True, remarks=remarks(studio, material, examined))


def _made_again(
    store: Store, said: Said, known: ProvenanceRecord, material: Material, examined: Examined
) -> Registered:
    """Add what the registered asset of these bytes lacks. What it has of other versions stays, for history."""
    record, thumbnails = drawn_up(said, material, examined)
    (fresh,) = record.assets
    present = already(said, material.name, known)
    (held,) = (asset for asset in known.assets if asset.sha256 == fresh.sha256)
    if not store.add_fingerprints(
        held.asset_id, codes=fresh.codes, features=fresh.features, sounds=fresh.sounds, at=said.at
    ):
        return present
    store.add_excerpts(held.asset_id, [each for each in thumbnails[fresh.asset_id] if each.sound])
    return replace(present, remarks=(*present.remarks, MADE_AGAIN), made_again=True)


def opposite(store: Store, use: Use, sha256: str, parts: tuple[str, ...] = ()) -> str | None:
    """Why these bytes cannot be registered for this use: they are known to be good, or AI material; None when not.

    What is known to be good may not even have a file in common with AI material.
    """
    good = use is Use.KNOWN_GOOD
    held = store.asset_by_file_hash((sha256, *parts) if good else (sha256,))
    for record in store.records_by_id(ref.record_id for ref in held.values()).values():
        if record.retired_at is None and (record.use is Use.KNOWN_GOOD) is not good:
            return either_good_or_ai(record)
    return None


def _already_or_retired(said: Said, name: str, known: ProvenanceRecord) -> Registered | NotRegistered:
    reason = retired(known)
    return NotRegistered(name=name, reason=reason) if reason else already(said, name, known)


class Examining(AbstractContextManager["Examining"]):
    """Examines media several at a time, for the register: every frame, in every view. The same bytes only once."""

    def __init__(self, studio: Studio, media: Iterable[Material]) -> None:
        self._studio = studio
        self._begun: dict[str, Begun] = {}
        for material in media:
            if material.member.sha256 not in self._begun:
                self._begun[material.member.sha256] = self._begin(material)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for begun in self._begun.values():
            begun.future.cancel()

    def result(self, material: Material) -> Examined:
        """The examination, as soon as it is done. Given away once, so that thumbnails do not pile up."""
        begun = self._begun.pop(material.member.sha256, None) or self._begin(material)
        return begun.result()

    def _begin(self, material: Material) -> Begun:
        return self._studio.pool.begin(job_of(self._studio, material.member, material.root, registering=True))


def holder(store: Store, title: str, sha256: str) -> ProvenanceRecord | None:
    """The record of this title that has an asset of these very bytes, without fingerprints."""
    found = store.asset_by_file_hash((sha256,), title=title)
    records = store.records_by_id([*(ref.record_id for ref in found.values()), f"PR-{_digits(title, sha256)}"])
    holders = [r for r in records.values() if r.title == title and any(a.sha256 == sha256 for a in r.assets)]
    return holders[0] if holders else None


def unfit(material: Material, examination: Examination) -> str | None:
    """Why material cannot be registered after it was looked at; None when it can."""
    seen = [item for item in examination.observations if isinstance(item, Unreadable)]
    reasons = [f"{item.source}: {item.reason}" for item in seen if item.source in _OF_THE_MATERIAL]
    if reasons:
        return "; ".join(reasons)
    return "it changed while it was read: register it again when it is whole" if changed(material) else None


def drawn_up(said: Said, material: Material, examined: Examined) -> Registration:
    """The record of one piece of media, with the thumbnails of its asset."""
    member, codes = material.member, examined.examination.codes
    asset = asset_of(
        said,
        name=member.name,
        kind=member.kind,
        sha256=member.sha256,
        size=member.size,
        file_hashes=member.file_hashes,
        codes=(codes,) if codes is not None and codes.pts else (),
        features=tuple(each for each in (examined.examination.features, examined.mirrored) if each is not None),
        sounds=examined.examination.sounds,
    )
    return record_of(said, asset), {asset.asset_id: examined.thumbnails}


def asset_of(
    said: Said,
    *,
    name: str,
    kind: MediaKind,
    sha256: str,
    size: int,
    file_hashes: tuple[str, ...],
    codes: tuple[PictureCodes, ...],
    features: tuple[PictureFeatures, ...] = (),
    sounds: tuple[SoundMarks, ...] = (),
) -> Asset:
    """An asset whose id follows from the title and the bytes, so that the same is always called the same."""
    return Asset(
        asset_id=f"AS-{_digits(said.title, sha256)}",
        name=name,
        kind=kind,
        sha256=sha256,
        size=size,
        file_hashes=file_hashes,
        codes=codes,
        features=features,
        sounds=sounds,
    )


def record_of(said: Said, asset: Asset) -> ProvenanceRecord:
    """What is said about an asset, as a record; its id follows from title and bytes unless it was given one."""
    return ProvenanceRecord(
        record_id=said.record_id or f"PR-{_digits(said.title, asset.sha256)}",
        title=said.title,
        tool=said.tool,
        tool_version=said.tool_version,
        use=said.use,
        shot=said.shot,
        vendor=said.vendor,
        note=said.note,
        created_by=said.by,
        created_at=said.at,
        assets=(asset,),
    )


def remarks(studio: Studio, material: Material, examined: Examined) -> tuple[str, ...]:
    """What whoever registered it should know: how it will be found."""
    codes, sounds = examined.examination.codes, examined.examination.sounds
    seen = codes is not None and any(quality >= studio.policy.least_quality for quality in codes.quality)
    if seen or any(marks.informative for marks in sounds):
        return ()
    heard = material.member.kind is MediaKind.SOUND or examined.examination.picture is None
    return (NOTHING_TO_HEAR if heard else NOT_INFORMATIVE,)


def already(said: Said, name: str, known: ProvenanceRecord) -> Registered:
    """What to say of bytes that are registered, and of what is said of them now and was not then."""
    noted = [f"it is registered with {words}" for words in _differences(said, known)]
    if any(asset.size == 0 for asset in known.assets):
        noted.append("it was registered without its media: only what was given then is looked for")
    return Registered(name=name, record=known, new=False, remarks=tuple(noted))


def retired(known: ProvenanceRecord) -> str | None:
    """Why it is no success that material is registered: its record is retired. None when it is not."""
    if known.retired_at is None:
        return None
    told = f"its record {known.record_id!r} is retired ({known.retired_reason or '-'}): it is no longer looked for"
    if known.use is Use.KNOWN_GOOD:
        return told
    return f"{told}. To have it looked for again: scanner provenance reinstate {known.record_id} --reason WHY"


def _differences(said: Said, known: ProvenanceRecord) -> Iterator[str]:
    if said.record_id is not None and said.record_id != known.record_id:
        yield f"id {known.record_id}, not {said.record_id}"
    for what in ("tool", "tool_version", "use", "shot", "vendor"):
        now, then = getattr(said, what), getattr(known, what)
        if now is not None and now != then:
            yield f"{what.replace('_', ' ')} {then or '-'}, not {now}"


def _digits(title: str, sha256: str) -> str:
    return hashlib.sha256((title + sha256).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
