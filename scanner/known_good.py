"""Pictures that must not alarm come into the register: slates, logos, bars, library shots. They are no AI material.

They are kept as records of their own use, so that hashing, fingerprints, history and retiring are the register's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.examine.job import Examined
from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.intake.materials import NotRegistered
from scanner.match.pictures import CodeTable, PictureIndex
from scanner.model import EVERY_TITLE, AssetRef, PictureCodes, Use
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
    """Register pictures as known to be good, in deliveries of a title or of any; `why` is kept as the note.

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
    """What pictures would silence if they were known to be good. The register is read when it is first needed."""

    studio: Studio
    accepted: bool
    _index: PictureIndex | None = field(default=None)

    def about(self, said: Said, examined: Examined) -> Said | str:
        """What to write down of a picture, or why it is refused."""
        codes = examined.examination.codes
        alike = self._alike(codes) if codes is not None else []
        if not alike:
            return said
        told = ", ".join(f"{asset.name} [{asset.record_id}]" for asset in alike)
        if not self.accepted:
            return f"it looks like the registered AI material {told}: if it is good all the same, add --although-alike"
        return replace(said, note=f"{said.note or '-'} (although it looks like {told})")

    def _alike(self, codes: PictureCodes) -> list[AssetRef]:
        index = self._index = self._index or self._read()
        hits = index.hits(CodeTable.of(codes), radius=self.studio.policy.same_run_distance)
        return [index.assets[number] for number in sorted(set(hits.asset.tolist()))]

    def _read(self) -> PictureIndex:
        store = self.studio.kept
        ai = {record for record, use in store.records_in_force().items() if use is not Use.KNOWN_GOOD}
        codes = store.registered_codes(algorithm=ALGORITHM, version=VERSION)
        return PictureIndex.of(
            ((asset, code) for asset, code in codes if asset.record_id in ai),
            least_quality=self.studio.policy.least_quality,
        )
