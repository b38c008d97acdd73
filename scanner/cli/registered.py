"""What the commands that register media share: paths as people type them, progress, and what became of each file."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.cli.common import console
from scanner.cli.entering import print_json
from scanner.errors import SettingsError

if TYPE_CHECKING:
    from scanner.intake.materials import NotRegistered
    from scanner.registering import OnMember, Registered
    from scanner.report.json_text import Json

REFUSED = 2
"""The exit code when something could not be registered."""


def check_paths(paths: Iterable[Path]) -> None:
    """Every path must be there, or be a pattern. Raises SettingsError."""
    import glob

    for path in paths:
        if not path.is_symlink() and not path.exists() and not glob.has_magic(path.name):
            msg = f"{str(path)!r}: no such file or folder. Nothing was registered."
            raise SettingsError(msg)


@contextmanager
def progress() -> "Iterator[OnMember]":
    """A bar on a terminal's standard error; told of each thing before it is looked at."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from scanner.report.plain import shown

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    errors = console(stderr=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def on_member(name: str, number: int, total: int) -> None:
            bar.update(task, description=shown(Path(name).name), completed=number - 1, total=total)

        yield on_member


def say_registered(registered: "Iterable[Registered]", others: "Iterable[NotRegistered]", form: str) -> None:
    """Results on standard output; what was refused or skipped, and the summary, on standard error."""
    registered, others = list(registered), list(others)
    if form == "json":
        print_json(
            {
                "registered": [_result_json(result) for result in registered],
                "refused": [_other_json(other) for other in others if not other.skipped],
                "skipped": [_other_json(other) for other in others if other.skipped],
            }
        )
    else:
        _table(registered)
    from scanner.report.listing import say
    from scanner.report.plain import shown

    errors = console(stderr=True)
    for other in sorted(others, key=lambda other: not other.skipped):
        say(errors, f"{'skipped' if other.skipped else 'NOT REGISTERED'}: {shown(other.name)}: {shown(other.reason)}")
    say(errors, _summary(registered, others))


def _table(registered: "list[Registered]") -> None:
    from scanner.report.listing import Column, Row, listed

    columns = (
        Column(heading="record", whole=True),
        Column(heading="", whole=True),
        Column(heading="file"),
        Column(heading="remarks"),
    )
    rows = [Row(cells=(r.record.record_id, _state(r), r.name, "; ".join(r.remarks))) for r in registered]
    listed(console(), columns, rows, nothing="Nothing was registered.")


def _state(result: "Registered") -> str:
    if result.new:
        return "new"
    return "made again" if result.made_again else "known"


def _summary(registered: "list[Registered]", others: "list[NotRegistered]") -> str:
    """`2 records registered, 1 already there, 1 refused, 3 files skipped.`"""
    from scanner.report.plain import plural

    new = sum(result.new for result in registered)
    refused = sum(not other.skipped for other in others)
    parts = [f"{plural(new, 'record')} registered"]
    parts += [f"{len(registered) - new} already there"] if len(registered) > new else []
    parts += [f"{refused} NOT registered"] if refused else []
    parts += [f"{len(others) - refused} skipped"] if len(others) > refused else []
    return ", ".join(parts) + "."


def _result_json(result: "Registered") -> "dict[str, Json]":
    return {
        "record_id": result.record.record_id,
        "asset_ids": [asset.asset_id for asset in result.record.assets],
        "name": result.name,
        "new": result.new,
        "made_again": result.made_again,
        "remarks": list(result.remarks),
    }


def _other_json(other: "NotRegistered") -> "dict[str, Json]":
    return {"name": other.name, "reason": other.reason}
