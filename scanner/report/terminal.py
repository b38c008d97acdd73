"""Scan results on a terminal (a table with colour) or in a pipe (plain lines, nothing cut, made for grep)."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scanner.model import Finding, Grade, Outcome
from scanner.report.clearing import needed_lines
from scanner.report.listing import say
from scanner.report.plain import (
    as_of,
    checked_words,
    coverage_words,
    grade_words,
    headline,
    inexact,
    reason,
    shown,
    tally,
    where,
)
from scanner.report.scanned import Scanned

STYLES = {
    Outcome.PASS: "bold green",
    Outcome.FLAG: "bold yellow",
    Outcome.HOLD: "bold magenta",
    Outcome.QUARANTINE: "bold red",
}

WIDE = 116
"""Columns from which every fact of a finding has a column of its own."""


MOST_GAPS = 6
"""Lines of what was not examined that a terminal shows for one delivery."""


def render(console: Console, scanned: Sequence[Scanned], *, shortest_shot: int | None = None) -> None:
    """Show each delivery, its findings, its coverage and what it rests on; `shortest_shot` is in frames."""
    for each in scanned:
        if console.is_terminal:
            _show(console, each, shortest_shot)
        else:
            say(console, *lines(each, shortest_shot=shortest_shot))
    if len(scanned) != 1:
        say(console, tally(each.verdict.outcome for each in scanned))


def lines(scanned: Scanned, *, shortest_shot: int | None = None) -> Iterator[str]:
    """One line a fact, each with the path in front."""
    path, verdict = shown(scanned.path), scanned.verdict
    yield f"{path}: {verdict.outcome.name}: {reason(verdict)}"
    for finding in verdict.findings:
        yield f"{path}: finding: {finding_line(finding)}"
    yield f"{path}: coverage: {coverage_words(verdict, shortest_shot=shortest_shot)}"
    if checked := checked_words(scanned.record.members):
        yield f"{path}: {checked[0].lower()}{checked[1:]}"
    for gap in scanned.not_examined:
        yield f"{path}: not examined: {shown(gap)}"
    for change in needed_lines(verdict):
        yield f"{path}: to go on: {shown(change)}"
    yield f"{path}: as of: {as_of(verdict).removeprefix('As of ')}"


def finding_line(finding: Finding) -> str:
    """A finding on one line, in plain characters."""
    place = where(finding, dash="-")
    member = shown(finding.member)
    clears = f"; clears when: {shown(finding.clears_when)}" if finding.clears_when else ""
    ends = f"; {inexact(finding)}" if inexact(finding) else ""
    return (
        f"{finding.outcome.name} {finding.code} {place}{f' in {member}' if member and member != place else ''}: "
        f"{shown(finding.message).rstrip('.')}; rule {shown(finding.rule)}; "
        f"evidence {finding.grade} ({grade_words(finding)}){ends}{clears}"
    )


def _show(console: Console, scanned: Scanned, shortest_shot: int | None) -> None:
    verdict, delivery = scanned.verdict, scanned.record
    style = STYLES[verdict.outcome]
    console.print(Text.assemble((f" {verdict.outcome.name} ", f"{style} reverse"), " ", (shown(scanned.path), "bold")))
    about = [delivery.title, f"vendor {delivery.vendor}" if delivery.vendor else None, delivery.drop_class.value]
    console.print(_indented(Text(" · ".join(shown(each) for each in about if each), style="dim")))
    console.print(_indented(Text(headline(verdict), style=style)))
    if verdict.findings:
        console.print(findings_table(verdict.findings, width=console.width, members=len(delivery.members)))
        console.print()
    console.print(_indented(Text(coverage_words(verdict, shortest_shot=shortest_shot))))
    if checked := checked_words(delivery.members):
        console.print(_indented(Text(checked)))
    for line in _gaps(scanned):
        console.print(_indented(Text(line)))
    console.print(_indented(Text(as_of(verdict), style="dim")))
    console.print()


def _gaps(scanned: Scanned) -> Iterator[str]:
    """What was not examined, by name; a lone member's gaps are in the coverage sentence already."""
    lone = len(scanned.verdict.coverage) < 2 and not scanned.record.refused
    gaps = () if lone else scanned.not_examined
    yield from (f"Not examined: {shown(gap)}" for gap in gaps[:MOST_GAPS])
    if len(gaps) > MOST_GAPS:
        yield f"Not examined: {len(gaps) - MOST_GAPS} more; --format json lists them all"


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2))


def findings_table(findings: Sequence[Finding], *, width: int, members: int = 1) -> Table:
    """The findings as a table that fits the width: five columns, or two when there is little room."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), expand=True, show_edge=False, header_style="dim")
    if width >= WIDE:
        table.add_column("outcome", width=10, no_wrap=True)
        table.add_column("code", width=24, no_wrap=True)
        table.add_column("where", width=23, overflow="fold")
        table.add_column("what was seen", ratio=3, overflow="fold")
        table.add_column("clears when", ratio=2, overflow="fold", style="dim")
    else:
        table.add_column("outcome, code, where", width=24, overflow="fold")
        table.add_column("what was seen, and what would clear it", ratio=1, overflow="fold")
    for position, finding in enumerate(findings):
        if width < WIDE and position:
            table.add_row()
        table.add_row(*(_wide_row(finding, members) if width >= WIDE else _narrow_row(finding, members)))
    return table


def _wide_row(finding: Finding, members: int) -> Iterator[Text]:
    yield Text(finding.outcome.name, style=STYLES[finding.outcome])
    yield Text(finding.code)
    yield _where(finding, members)
    yield _seen(finding)
    yield Text(shown(finding.clears_when))


def _narrow_row(finding: Finding, members: int) -> Iterator[Text]:
    yield Text.assemble(
        (finding.outcome.name, STYLES[finding.outcome]), "\n", finding.code.value, "\n", _where(finding, members)
    )
    clears = f"\nClears when: {shown(finding.clears_when)}" if finding.clears_when else ""
    yield Text.assemble(_seen(finding), (clears, "dim"))


def _where(finding: Finding, members: int) -> Text:
    place, member = where(finding), shown(finding.member)
    return Text(place if members < 2 or member in {"", place} else f"{place} {member}", style="cyan")


def _seen(finding: Finding) -> Text:
    told = [grade_words(finding)] if finding.grade is not Grade.NONE else []
    strength = f" [{'; '.join([*told, *filter(None, [inexact(finding)])])}]" if told else ""
    return Text.assemble(shown(finding.message), (strength, "dim"))
