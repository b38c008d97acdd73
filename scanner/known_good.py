"""What must not alarm comes into the register: slates, logos, library shots and music. It is no AI material.

They are kept as records of their own use, so that hashing, fingerprints, history and retiring are the register's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.examine.job import Examined
from scanner.intake.materials import Material, NotRegistered
from scanner.match.evidence import picture_of
from scanner.match.heard import Sounds, heard_in
from scanner.match.look_alikes import Pictures, look_alikes
from scanner.match.pictures import CodeTable
from scanner.model import EVERY_TITLE, AssetRef, Examination, Member, PictureCodes, Use
from scanner.registering import OnMember, Registered, Said, register, unfit
from scanner.studio import Studio, job_of

NO_TOOL = "-"
_LOOKS, _SHOWS, _SOUNDS = "looks like", "shows, whole or in part,", "sounds like"
_MOST_TOLD = 5


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

    What is AI material by its bytes is refused. So is whatever AI material is found in, as it is found in a delivery:
    by its whole frames, in parts of them, in its sound; unless it is `although_alike`: the note then says what it is
    like. Raises StoreUnavailableError, ExaminerLostError.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ai:
    """All AI material in force, of every title."""

    pictures: Pictures
    sounds: Sounds


@dataclass(slots=True, kw_only=True)
class _Alarms:
    """What media would silence if they were known to be good. The register is read when it is first needed."""

    studio: Studio
    accepted: bool
    _ai: _Ai | None = field(default=None)

    def about(self, said: Said, material: Material, examined: Examined) -> Said | str:
        """What to write down of it, or why it is refused."""
        uses = self.studio.kept.records_in_force()
        if all(use is Use.KNOWN_GOOD for use in uses.values()):
            return said
        # Deliveries are sampled otherwise than what is registered, with other features of each frame: both count.
        delivered = self.studio.pool.begin(job_of(self.studio, material.member, material.root)).result().examination
        if reason := unfit(material, delivered):
            return reason
        alike: dict[AssetRef, str] = {}
        for examination in (examined.examination, delivered):
            for asset, how in self._alike(material.member, examination):
                alike.setdefault(asset, how)
        if not alike:
            return said
        if not self.accepted:
            return _refused(alike)
        return replace(said, note=f"{said.note or '-'} (although it {_told(alike)})")

    def _alike(self, member: Member, examination: Examination) -> Iterator[tuple[AssetRef, str]]:
        """The AI material that is found in it, and how."""
        ai, picture, policy = self._register(), picture_of(member, examination), self.studio.policy
        if examination.codes is not None:
            yield from ((asset, _LOOKS) for asset in self._frames(ai.pictures, examination.codes))
        if picture is not None:
            for seen in look_alikes(examination, picture, ai.pictures, policy):
                yield seen.asset, _SHOWS if seen.distance is None else _LOOKS
        if examination.sounds:
            yield from ((heard.asset, _SOUNDS) for heard in heard_in(examination, picture, ai.sounds, policy))

    def _frames(self, pictures: Pictures, codes: PictureCodes) -> list[AssetRef]:
        """Of a single frame that is alike it is enough: that frame alone would silence it."""
        index = pictures.whole
        hits = index.hits(CodeTable.of(codes), radius=self.studio.policy.same_run_distance)
        wanted = pictures.sought(index.assets).wanted
        return [index.assets[number] for number in sorted(set(hits.asset.tolist())) if wanted[number]]

    def _register(self) -> _Ai:
        if self._ai is None:
            store = self.studio.kept
            ai = {record: use for record, use in store.records_in_force().items() if use is not Use.KNOWN_GOOD}
            self._ai = _Ai(pictures=self.studio.pictures(store, ai), sounds=self.studio.sounds(store, ai))
        return self._ai


def _refused(alike: dict[AssetRef, str]) -> str:
    """Why it is refused, and what can be done."""
    record_id = next(iter(alike)).record_id
    return (
        f"it {_told(alike, what='the registered AI material ', most=_MOST_TOLD)}: known to be good, it would silence "
        f"that. Enter a version without it; or retire the record if it is wrong (scanner provenance retire "
        f"{record_id}); or, if it is good all the same, add --although-alike"
    )


def _told(alike: dict[AssetRef, str], *, what: str = "", most: int | None = None) -> str:
    """`looks like sky.png [PR-1], fog.mov [PR-2] and sounds like line.wav [PR-3]`."""
    ways = []
    for way in dict.fromkeys(alike.values()):
        names = [f"{asset.name} [{asset.record_id}]" for asset, how in alike.items() if how == way]
        more = f" and {len(names) - most} more" if most is not None and len(names) > most else ""
        ways.append(f"{way} {what}{', '.join(names[:most])}{more}")
    return " and ".join(ways)
