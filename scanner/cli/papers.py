"""`scanner papers`: what records say, tools, consents, approvals and people: import, export, versions."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import WORDS, by_option, needed_name, print_json
from scanner.model import PaperKind

if TYPE_CHECKING:
    from scanner.model import PaperVersion
    from scanner.paperwork import PapersRead
    from scanner.report.papers import Tree
    from scanner.settings import Settings

_FORMS = ("json", "csv", "xlsx", "dir")
_KIND = click.Choice([kind.value for kind in PaperKind])
_PATH = click.argument("path", metavar="FILE_OR_DIR", type=click.Path(exists=True, path_type=Path))
_TALENT = click.option("--talent", is_flag=True, help="With who is concerned: performers, who signed. Confidential.")
_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)


@click.group("papers")
def command() -> None:
    """The papers of the production: what records say, tools, consents, approvals and people, with all their versions.

    \b
    scanner papers template --format xlsx --out papers.xlsx
    scanner papers import papers.xlsx --reason "from the clearance team, 12 November"
    scanner papers show consent C-31 --history
    """


@command.command("import")
@_PATH
@by_option
@click.option("--reason", type=WORDS, help="Why; kept with every version.")
@config_option
@click.pass_context
def import_(ctx: click.Context, path: Path, by: str | None, reason: str | None) -> None:
    """Enter the papers of a file or folder, all or none. What says something new becomes the paper's next version.

    A .json document, an .xlsx workbook, .csv files (one, or a folder of them), or a folder of forms. Records must be
    registered already, with their media: see scanner provenance. docs/papers.md has fields and examples.

    In a pipe: kind, number new, changed and as before, with tabs between; remarks are on standard error.

    Exit code: 0 all is entered, 3 nothing is: every place that is wrong is told.
    """
    settings = needed_settings(ctx)
    from scanner.paperwork import import_papers
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        read, added = import_papers(
            store, path, guarded=_guarded(settings), by=needed_name(by), reason=reason, at=datetime.now(UTC)
        )
    _say(read, added)


@command.command("check")
@_PATH
@config_option
@click.pass_context
def check(ctx: click.Context, path: Path) -> None:
    """Say what is wrong with a file or folder of papers. Nothing is written.

    Exit code: 0 it could be entered, 3 it could not.
    """
    settings = needed_settings(ctx)
    from scanner.paperwork import read_papers
    from scanner.report.plain import plural
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        read = read_papers(store, path, guarded=_guarded(settings), at=datetime.now(UTC))
    _say_remarks(read.remarks)
    click.echo(f"{plural(len(read.papers), 'paper')}: nothing is wrong. Nothing was written.")


def _guarded(settings: "Settings") -> tuple[str, ...]:
    from scanner.settings import read_policy

    return read_policy(settings.home / settings.policy.file).standards.guarded_names


def _say(read: "PapersRead", added: "list[PaperVersion]") -> None:
    from scanner.report.listing import Column, Row, listed

    _say_remarks(read.remarks)
    new = Counter(version.paper.kind for version in added if version.version == 1)
    changed = Counter(version.paper.kind for version in added if version.version > 1)
    total = Counter(paper.kind for paper in read.papers)
    columns = [Column(heading=name) for name in ("kind", "new", "changed", "as before")]
    rows = [
        Row(cells=(kind.value, *map(str, (new[kind], changed[kind], total[kind] - new[kind] - changed[kind]))))
        for kind in PaperKind
        if total[kind]
    ]
    listed(console(), columns, rows, nothing="")


def _say_remarks(remarks: Iterable[str]) -> None:
    from scanner.report.listing import say
    from scanner.report.plain import shown

    for remark in remarks:
        say(console(stderr=True), shown(remark))


@command.command("export")
@click.argument("path", metavar="FILE_OR_DIR", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(_FORMS), required=True, help="csv and dir make a folder.")
@click.option("--kind", "kinds", type=_KIND, multiple=True, help="Only papers of this kind. May be repeated.")
@click.option("--title", help="Only what concerns this production, and all tools.")
@config_option
@click.pass_context
def export(ctx: click.Context, path: Path, form: str, kinds: tuple[str, ...], title: str | None) -> None:
    """Write the papers as they are now to a new file or folder, from which they can be imported again.

    Nothing is left out: the file names performers and who signed for them, and is as confidential as the papers are.
    """
    settings = needed_settings(ctx)
    from scanner.paperwork import export_papers
    from scanner.report.plain import plural
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        count = export_papers(store, path, form=form, kinds=[PaperKind(kind) for kind in kinds], title=title)
    click.echo(f"{plural(count, 'paper')} written to {path}", err=True)


@command.command("template")
@click.option("--format", "form", type=click.Choice(("csv", "xlsx")), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file (xlsx) or folder (csv) to make.")
def template(form: str, out: Path) -> None:
    """Make empty sheets to be filled in: headings; in a workbook also words to choose from, and what each column is."""
    from scanner.intake.papers.files import template_csv, template_workbook

    (template_workbook if form == "xlsx" else template_csv)(out)
    click.echo(f"Empty sheets written to {out}", err=True)


@command.command("list")
@click.argument("kind", type=_KIND)
@click.option("--title", help="Only what concerns this production.")
@_TALENT
@_FORM
@config_option
@click.pass_context
def list_(ctx: click.Context, kind: str, title: str | None, form: str, *, talent: bool) -> None:
    """List the papers of a kind as they are now, by id.

    In a pipe: the columns of the table, with tabs between. As JSON: with all that they say.
    """
    settings = needed_settings(ctx)
    from scanner.report.papers import papers_table
    from scanner.store import Store

    of = PaperKind(kind)
    with Store.open(settings.store_url, make=False) as store:
        names = sorted(store.paper_ids(of, title=title))
        papers = store.papers(of, names)
    if form == "json":
        from scanner.intake.papers.writing import Written, tree_of
        from scanner.model import Paper

        written = (Written(paper=Paper(kind=of, paper_id=name, content=papers[name])) for name in names)
        print_json([_told(of, tree_of(each), talent=talent) for each in written])
    else:
        papers_table(console(), of, [(name, papers[name]) for name in names], at=datetime.now(UTC))


@command.command("show")
@click.argument("kind", type=_KIND)
@click.argument("paper_id", metavar="ID")
@click.option("--history", is_flag=True, help="All versions: when, by whom, why, and what changed.")
@_TALENT
@_FORM
@config_option
@click.pass_context
def show(ctx: click.Context, kind: str, paper_id: str, form: str, *, history: bool, talent: bool) -> None:
    """Show one paper as it is now, or how it came to be so."""
    settings = needed_settings(ctx)
    from scanner.intake.papers.writing import Written, tree_of
    from scanner.report.papers import history_table, paper_shown, version_json
    from scanner.store import Store

    of = PaperKind(kind)
    with Store.open(settings.store_url, make=False) as store:
        versions = store.paper_history(of, paper_id)
    told = [(each, tree_of(Written(paper=each.paper))) for each in versions]
    if form == "json":
        objects = [version_json(each, _told(of, tree, talent=talent)) for each, tree in told]
        print_json(list(objects) if history else objects[-1])
    elif history:
        history_table(console(), told)
    else:
        paper_shown(console(), _told(of, told[-1][1], talent=talent), told[-1][0])


def _told(kind: PaperKind, tree: "Tree", *, talent: bool) -> "Tree":
    from scanner.report.papers import without_talent

    return tree if talent else without_talent(kind, tree)
