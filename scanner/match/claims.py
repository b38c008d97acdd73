"""A delivered provenance log against what the same delivery shows: whose file each row is about, and whether it agrees.

A row goes to the member that it is about, so that it is judged, and can be approved, as that member's. Rows about what
is not in the delivery stay with the log: on their own where the log came alone, as a note where it did not.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scanner.match.lineage import Names, stem, words
from scanner.model import (
    INSIDE,
    Altered,
    Contradiction,
    Credentials,
    DeclaredLabel,
    Evidence,
    GeneratorTag,
    Heard,
    Identical,
    LookAlike,
    Meaning,
    MediaKind,
    Member,
    MemberEvidence,
    Statement,
    Watermark,
)

_MOST_NAMED = 10


def stated(evidence: Evidence, member: Member, names: Names | None) -> Evidence:
    """A statement with what its bytes do not tell: what the log is called, and the asset of the record that it names.

    It is joined to that record only where the register has it, made with the tool that the statement names.
    """
    if not isinstance(evidence, Statement):
        return evidence
    known = names.recorded(evidence.record_id) if names is not None and evidence.record_id else None
    if known is None or not _is_tool(evidence.tool, known.tool):
        return replace(evidence, log=member.name)
    return replace(evidence, log=member.name, asset=known.asset, tool=evidence.tool or known.tool)


def _is_tool(stated: str | None, registered: str) -> bool:
    """`Firefly` is Adobe Firefly, `Runway 3.1` is Runway; Adobe Photoshop is not Adobe Firefly."""
    told, known = set(words(stated or "")), set(words(registered))
    return not told or told <= known or known <= told


def compared(members: tuple[MemberEvidence, ...]) -> tuple[MemberEvidence, ...]:
    """The same with every statement at the member that it is about, and with what contradicts it."""
    if not any(isinstance(each, Statement) for item in members for each in item.evidence):
        return members
    found = _Delivered.of(members)
    alone = all(item.member.kind is MediaKind.OTHER for item in members)
    more: dict[int, list[Evidence]] = defaultdict(list)
    kept: list[MemberEvidence] = []
    for item in members:
        statements = [each for each in item.evidence if isinstance(each, Statement)]
        absent = []
        for statement in statements:
            places = found.meant(statement)
            for place in places:
                more[place] += (statement, *_against(statement, members[place]))
            if not places:
                absent.append(statement)
        kept.append(_log_of(item, len(statements), absent, alone=alone) if statements else item)
    return tuple(replace(item, evidence=(*item.evidence, *more[at])) for at, item in enumerate(kept))


def _log_of(item: MemberEvidence, rows: int, absent: list[Statement], *, alone: bool) -> MemberEvidence:
    """The log itself: its rows have gone to what they are about. What was not delivered is told in its coverage."""
    rest = tuple(each for each in item.evidence if not isinstance(each, Statement))
    notes = [f"{rows} rows of the provenance log were compared with what was delivered"]
    if absent:
        notes.append(f"{len(absent)} of its rows are about what is not in this delivery: {_listed(absent)}")
    if ai := [each for each in absent if each.says_ai]:
        notes.append(f"{len(ai)} of these state that AI was used: {_listed(ai)}")
    coverage = replace(item.coverage, notes=(*item.coverage.notes, *notes))
    return replace(item, coverage=coverage, evidence=(*rest, *absent) if alone else rest)


def _listed(statements: list[Statement]) -> str:
    named = ", ".join(dict.fromkeys(each.about for each in statements[:_MOST_NAMED]))
    return named if len(statements) <= _MOST_NAMED else f"{named} and more"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivered:
    """The members of a delivery by all that a row may call them: their position."""

    members: tuple[Member, ...]
    by_hash: Mapping[str, set[int]]
    by_leaf: Mapping[str, set[int]]
    by_stem: Mapping[tuple[str, ...], set[int]]

    @classmethod
    def of(cls, members: tuple[MemberEvidence, ...]) -> "_Delivered":
        by_hash: dict[str, set[int]] = defaultdict(set)
        by_leaf: dict[str, set[int]] = defaultdict(set)
        by_stem: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for at, item in enumerate(members):
            for sha256 in filter(None, (item.member.sha256, *item.member.file_hashes)):
                by_hash[sha256].add(at)
            for name in (item.member.name, *item.member.files):
                by_leaf[_leaf(name)].add(at)
            by_stem[stem(_leaf(item.member.name))].add(at)
        return cls(members=tuple(item.member for item in members), by_hash=by_hash, by_leaf=by_leaf, by_stem=by_stem)

    def meant(self, statement: Statement) -> list[int]:
        """What a row is about: by its hash, by its name, or by its shot in the names. None of it: not delivered."""
        found = self._in_shot(statement.about) if statement.is_shot else self._named(statement.about)
        return sorted(found | self.by_hash.get(statement.sha256 or "", set()))

    def _named(self, about: str) -> set[int]:
        """By as much of the path as agrees: a/b.mov is not c/b.mov where there are both. A folder is all in it."""
        path = _path(about)
        same = self.by_leaf.get(_leaf(about)) or self.by_stem.get(stem(_leaf(about))) or set()
        exact = {at for at in same if any(_ends(_path(name), path) for name in self._names(at))}
        folder = {at for at, member in enumerate(self.members) if _path(member.name).startswith(f"{path}/")}
        return (exact or same) | folder

    def _names(self, at: int) -> tuple[str, ...]:
        return (self.members[at].name, *self.members[at].files)

    def _in_shot(self, shot: str) -> set[int]:
        told = words(shot)
        return {at for at, member in enumerate(self.members) if told and _holds(words(member.name), told)}


def _path(name: str) -> str:
    return name.replace(INSIDE, "/").replace("\\", "/").strip("/").casefold()


def _leaf(name: str) -> str:
    return _path(name).rpartition("/")[2]


def _ends(path: str, other: str) -> bool:
    """Whether one is the end of the other, folder by folder."""
    longer, shorter = sorted((path, other), key=len, reverse=True)
    return f"/{longer}".endswith(f"/{shorter}")


def _holds(name: tuple[str, ...], told: tuple[str, ...]) -> bool:
    return any(name[at : at + len(told)] == told for at in range(len(name) - len(told) + 1))


def _against(statement: Statement, item: MemberEvidence) -> Iterator[Altered | Contradiction]:
    """Bytes that are not those which the row is about; and, where it states that there is no AI, all that shows AI."""
    found = _hash_of(statement, item.member)
    if statement.sha256 and found and found != statement.sha256:
        yield Altered(
            file=item.member.name,
            manifest=statement.log,
            algorithm="SHA-256",
            expected=statement.sha256,
            found=found,
        )
    shown = [told for each in item.evidence if (told := _shows_ai(each))]
    if shown and not statement.says_ai:
        row = f", {statement.row}" if statement.row else ""
        yield Contradiction(
            log=f"{statement.log}{row}",
            stated=f"that no AI was used in {statement.about}",
            shown=f"{item.member.name} shows it: {'; '.join(dict.fromkeys(shown))}",
        )


def _hash_of(statement: Statement, member: Member) -> str:
    """Of the file that the row names. A sequence as a whole has no hash that a vendor could know."""
    if statement.sha256 in member.file_hashes:
        return statement.sha256 or ""
    if len(member.files) == 1:
        return member.sha256
    named = (
        sha for sha, name in zip(member.file_hashes, member.files, strict=True) if _leaf(name) == _leaf(statement.about)
    )
    return next(named, "")


def _shows_ai(evidence: Evidence) -> str | None:
    """What evidence of the file itself says about AI, in a few words. Leads, and what may be chance, say nothing."""
    match evidence:
        case Credentials():
            claim = next((claim for claim in evidence.claims if claim.meaning is Meaning.AI), None)
            return f"Content Credentials say {claim.says}" if claim else None
        case DeclaredLabel(meaning=Meaning.AI):
            return f"it declares {evidence.field} = {evidence.value}"
        case GeneratorTag():
            return f"{evidence.tool} wrote its settings into it"
        case Watermark():
            return f"it carries the watermark of {evidence.tool}" if evidence.frames > 1 else None
        case Identical():
            return f"it is the registered {evidence.asset.name} [{evidence.asset.record_id}]"
        case LookAlike(floods=False):
            return f"it looks like the registered {evidence.asset.name} [{evidence.asset.record_id}]"
        case Heard(floods=False):
            return f"the registered {evidence.asset.name} [{evidence.asset.record_id}] is heard in it"
        case _:
            return None
