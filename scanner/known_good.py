"""What must not alarm comes into the register: slates, logos, library shots and music. It is no AI material.

They are kept as records of their own use, so that hashing, fingerprints, history and retiring are the register's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.examine.job import Examined
from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.intake.materials import NotRegistered
from scanner.match.heard import Sounds, heard_in
from scanner.match.pictures import CodeTable, PictureIndex
from scanner.model import EVERY_TITLE, AssetRef, Examination, PictureCodes, Use
from scanner.registering import OnMember, Registered, Said, register
from scanner.studio import Studio

NO_TOOL = "-"


def register_good(
    studio: Studio,
    *paths: Path,
    why: str,
    by: str,
    title: str = EVERY_TITLE,
    although_alike: bool = False,
    on_member: OnMember | None = None,
) -> Iterator[Registered | NotRegistered]:
    """Register pictures and sounds as known to be good, in deliveries of a title or of any; `why` is kept as the note.

    What is AI material by its bytes is refused; so is what looks like AI material, unless it is `although_alike`:
    the note then says what it looks like. Raises StoreUnavailableError, ExaminerLostError.
    """
    alarms = _Alarms(studio=studio, accepted=although_alike)
    return register(
        studio,
        *paths,
        title=title,
        tool=NO_TOOL,
        use=Use.KNOWN_GOOD,
        by=by,
        note=why,
        on_member=on_member,
        check=alarms.about,
    )


@dataclass(slots=True, kw_only=True)
class _Alarms:
    """What media would silence if they were known to be good. The register is read when it is first needed."""

    studio: Studio
    accepted: bool
    _index: PictureIndex | None = field(default=None)
    _sounds: Sounds | None = field(default=None)

    def about(self, said: Said, examined: Examined) -> Said | str:
        """What to write down of it, or why it is refused."""
        codes = examined.examination.codes
        seen = self._alike(codes) if codes is not None else []
        alike = list(dict.fromkeys([*seen, *self._heard(examined.examination)]))
        if not alike:
            return said
        told = ", ".join(f"{asset.name} [{asset.record_id}]" for asset in alike)
        like = "looks like" if seen else "sounds like"
        if not self.accepted:
            return f"it {like} the registered AI material {told}: if it is good all the same, add --although-alike"
        return replace(said, note=f"{said.note or '-'} (although it {like} {told})")

    def _alike(self, codes: PictureCodes) -> list[AssetRef]:
        index = self._index = self._index or self._read()
        hits = index.hits(CodeTable.of(codes), radius=self.studio.policy.same_run_distance)
        return [index.assets[number] for number in sorted(set(hits.asset.tolist()))]

    def _heard(self, examination: Examination) -> list[AssetRef]:
        if not examination.sounds:
            return []
        sounds = self._sounds = self._sounds or self.studio.sounds(self.studio.kept, self._ai())
        found = heard_in(examination, None, sounds, self.studio.policy)
        return list(dict.fromkeys(each.asset for each in found))

    def _ai(self) -> dict[str, Use]:
        in_force = self.studio.kept.records_in_force()
        return {record: use for record, use in in_force.items() if use is not Use.KNOWN_GOOD}

    def _read(self) -> PictureIndex:
        store, ai = self.studio.kept, self._ai()
        codes = store.registered_codes(algorithm=ALGORITHM, version=VERSION)
        return PictureIndex.of(
            ((asset, code) for asset, code in codes if asset.record_id in ai),
            least_quality=self.studio.policy.least_quality,
        )
