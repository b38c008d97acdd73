"""Papers come in from files, and go out to them: all of a file, or none and all that is wrong."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.intake.papers.csv_files import CsvBook
from scanner.intake.papers.documents import read_document, read_forms
from scanner.intake.papers.files import WRITERS
from scanner.intake.papers.reading import Read, Reader
from scanner.intake.papers.sheets import read_sheets
from scanner.intake.papers.workbooks import WorkbookBook
from scanner.intake.papers.writing import Written
from scanner.model import Approval, Paper, PaperKind, PaperVersion, Particulars
from scanner.store import Store

_AT_ONCE = 500
_MOST_REMARKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersRead:
    """What a file holds, and what is worth knowing of it though nothing is wrong."""

    papers: tuple[Paper, ...]
    remarks: tuple[str, ...]


def read_papers(store: Store, path: Path, *, guarded: Sequence[str], at: datetime) -> PapersRead:
    """The papers in a document, workbook or CSV file, or in a folder of CSV files or forms. Nothing is written.

    `guarded`: names that prompts must not hold. Raises RegisterInputError with everything that is wrong.
    """
    reader = Reader(at=at, guarded=tuple(guarded))
    read = list(_read(path, reader))
    reader.problems.check(path)
    if not read:
        reader.problems.wrong("", "it holds no papers")
    _check(store, read, reader)
    reader.problems.check(path)
    return PapersRead(papers=tuple(each.paper for each in read), remarks=tuple(_remarks(store, read)))


def import_papers(
    store: Store, path: Path, *, guarded: Sequence[str], by: str, reason: str | None, at: datetime
) -> tuple[PapersRead, list[PaperVersion]]:
    """Enter the papers of a file, and the versions that this made. Raises RegisterInputError."""
    read = read_papers(store, path, guarded=guarded, at=at)
    return read, store.put_papers(read.papers, by=by, reason=reason, at=at)


def _read(path: Path, reader: Reader) -> Iterator[Read]:
    suffix = path.suffix.lower()
    if path.is_dir():
        has_sheets = any(each.suffix.lower() == ".csv" for each in path.iterdir())
        yield from read_sheets(CsvBook.of(path, reader.problems), reader) if has_sheets else read_forms(path, reader)
    elif suffix == ".csv":
        yield from read_sheets(CsvBook.of(path, reader.problems), reader)
    elif suffix == ".xlsx":
        with WorkbookBook.open(path, reader.problems) as book:
            if book is not None:
                yield from read_sheets(book, reader)
    elif suffix == ".json":
        yield from read_document(path, reader)
    else:
        reader.problems.wrong("", "a .json, .xlsx or .csv file is wanted, or a folder of .csv files or of forms")


def _check(store: Store, read: Sequence[Read], reader: Reader) -> None:
    """Note what cannot be true as well as what is registered."""
    places = {(each.paper.kind, each.paper.paper_id): each.place for each in read}
    for paper, why in store.refused_papers([each.paper for each in read]):
        reader.problems.wrong(places[paper.kind, paper.paper_id].of(f"{paper.kind}_id"), why)
    titled = [each for each in read if each.title is not None]
    titles = store.record_titles(each.paper.paper_id for each in titled)
    for each in titled:
        title = titles.get(each.paper.paper_id)
        if title is not None and title != each.title:
            reader.problems.wrong(each.place.of("title"), f"this record is of title {title!r}")
    _check_scopes(store, read, reader)


def _check_scopes(store: Store, read: Sequence[Read], reader: Reader) -> None:
    """As where approvals are added one by one, records and assets that they are for must be there."""
    agreed = [
        (each.place.of("scope"), each.paper.content.scope) for each in read if isinstance(each.paper.content, Approval)
    ]
    records = store.record_titles(name for _, scope in agreed for name in scope.records)
    assets = _asset_ids(store) if any(scope.assets for _, scope in agreed) else frozenset()
    for place, scope in agreed:
        lacking = [("records", name) for name in scope.records if name not in records]
        for what, name in [*lacking, *(("assets", name) for name in scope.assets if name not in assets)]:
            reader.problems.wrong(place.of(what), f"{name!r} is not in the register")


def _asset_ids(store: Store) -> frozenset[str]:
    return frozenset(asset.asset_id for record in store.records() for asset in record.assets)


def _remarks(store: Store, read: Sequence[Read]) -> Iterator[str]:
    """Papers that are named and are nowhere: they may come later."""
    named = [(each, kind, name) for each in read for kind, name in _named(each.paper)]
    here = {(each.paper.kind, each.paper.paper_id) for each in read}
    known = set(here)
    for kind in PaperKind:
        wanted = {name for _, of, name in named if of is kind and (kind, name) not in here}
        known |= {(kind, name) for name in _present(store, kind, wanted)}
    lacking = [(each, kind, name) for each, kind, name in named if (kind, name) not in known]
    for each, kind, name in lacking[:_MOST_REMARKS]:
        yield f"{each.place}: it names the {kind} {name!r}, which is not there (yet)"
    if len(lacking) > _MOST_REMARKS:
        yield f"and {len(lacking) - _MOST_REMARKS} more papers that are named and not there"


def _present(store: Store, kind: PaperKind, names: Iterable[str]) -> Iterable[str]:
    return store.record_titles(names) if kind is PaperKind.RECORD else store.papers(kind, names)


def _named(paper: Paper) -> Iterator[tuple[PaperKind, str]]:
    match paper.content:
        case Particulars() as told:
            yield from ((PaperKind.TOOL, step.tool_id) for step in told.steps)
            yield from ((PaperKind.CONSENT, name) for talent in told.talent for name in talent.consent_ids)
            yield from ((PaperKind.APPROVAL, name) for name in told.escalation_ids)
            if told.replaced_by:
                yield PaperKind.RECORD, told.replaced_by
        case Approval() as approval:
            yield from ((PaperKind.CONSENT, name) for name in approval.terms.consents)
            if approval.terms.supersedes:
                yield PaperKind.APPROVAL, approval.terms.supersedes
        case _:
            pass


def export_papers(
    store: Store, path: Path, *, form: str, kinds: Sequence[PaperKind] = (), title: str | None = None
) -> int:
    """Write papers as they are now to a new file or folder; how many. With a title: what concerns it.

    `form`: "json", "csv", "xlsx" or "dir". Raises SettingsError.
    """
    counted = _Counted(_written(store, kinds or tuple(PaperKind), title))
    was_there = os.path.lexists(path)
    try:
        WRITERS[form](counted, path)
    except BaseException:
        # What is not whole must not be taken for an export.
        if not was_there and path.is_dir():
            shutil.rmtree(path)
        elif not was_there:
            path.unlink(missing_ok=True)
        raise
    return counted.number


class _Counted:
    """Papers, counted while they are written."""

    def __init__(self, papers: "Iterator[Written]") -> None:
        self.papers, self.number = papers, 0

    def __iter__(self) -> Iterator[Written]:
        for written in self.papers:
            self.number += 1
            yield written


def _written(store: Store, kinds: Sequence[PaperKind], title: str | None) -> Iterator[Written]:
    for kind in (each for each in PaperKind if each in kinds):
        ids = sorted(store.paper_ids(kind, title=title))
        for start in range(0, len(ids), _AT_ONCE):
            names = ids[start : start + _AT_ONCE]
            found = store.papers(kind, names)
            titles = store.record_titles(names) if kind is PaperKind.RECORD else {}
            for name in names:
                paper = Paper(kind=kind, paper_id=name, content=found[name])
                yield Written(paper=paper, title=titles.get(name))
