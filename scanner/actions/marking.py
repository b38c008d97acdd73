"""What is written beside blocked bytes, and where they were dropped. No payload is touched, nothing overwritten."""

from pathlib import Path

from scanner.actions.moving import reached
from scanner.intake.custody import cannot, make_folders, shown, write_exclusively
from scanner.intake.signs import Sign, put_up, take_down
from scanner.model import Outcome, Verdict
from scanner.report.plain import code_words
from scanner.report.plain import shown as plain
from scanner.report.scanned import Scanned

_MOST_REASONS = 2


def leave_word(folder: Path, scanned: Scanned, shortest_shot: int) -> None:
    """Put the verdict beside what is blocked, as text and as a page, for whoever finds it there. Harmless to repeat.

    Raises CustodyError if it cannot be written.
    """
    from scanner.report.html import html
    from scanner.report.terminal import lines

    rule = f"rule on it: scanner quarantine show {scanned.record.delivery_id}\n"
    write_tombstone(folder, "\n".join((*lines(scanned, shortest_shot=shortest_shot), rule)))
    write_tombstone(folder, html((scanned,), shortest_shot=shortest_shot), name="verdict.html")


def leave_sign(origin: Path, scanned: Scanned, reviewer: str, *, within: Path | None = None) -> Path | None:
    """Leave a note where a blocked delivery was dropped: what became of it, and how to reach a reviewer.

    Gives its path, or None if it was not blocked or its folder is gone. Harmless to repeat, overwrites nothing.
    `within` as in `place`. Raises CustodyError.
    """
    verdict = scanned.verdict
    if verdict.outcome < Outcome.HOLD or not origin.parent.is_dir():
        return None
    sign = Sign(
        word="HELD" if verdict.outcome is Outcome.HOLD else "QUARANTINED",
        delivery_id=verdict.delivery_id,
        name=plain(origin.name),
        at=verdict.judged_at,
        reasons=_reasons(verdict),
        reviewer=plain(reviewer),
    )
    try:
        with reached(origin, within) as at:
            return origin.with_name(put_up(at.parent, origin.name, sign))
    except OSError as error:
        raise cannot(f"no note could be left for {shown(origin)}", error, left="No payload was touched") from error


def take_sign_away(origin: Path, delivery_id: str, *, within: Path | None = None) -> None:
    """Remove the note that `leave_sign` left for this delivery, if nobody altered it. Harmless if there is none.

    Raises CustodyError.
    """
    if not origin.parent.is_dir():
        return
    try:
        with reached(origin, within) as at:
            take_down(at.parent, origin.name, delivery_id)
    except OSError as error:
        raise cannot(f"the note for {shown(origin)} stays", error, left="No payload was touched") from error


def write_tombstone(folder: Path, text: str, *, name: str = "verdict.txt") -> Path:
    """Write a note beside a blocked payload and return its path. The same text is written once; an older one stays.

    Raises CustodyError if it cannot be written.
    """
    content = text.encode("utf-8", "surrogateescape")
    stem, dot, extension = name.partition(".")
    number = 1
    try:
        make_folders(folder)
        while True:
            path = folder / (name if number == 1 else f"{stem}-{number}{dot}{extension}")
            try:
                write_exclusively(path, content)
            except FileExistsError:
                if _says(path, content):
                    return path
                number += 1
            else:
                return path
    except OSError as error:
        raise cannot(f"{shown(folder / name)} could not be written", error, left="No payload was touched") from error


def _reasons(verdict: Verdict) -> tuple[str, ...]:
    """The two strictest kinds of finding, in words that name nothing of the register."""
    strictest = sorted(verdict.findings, key=lambda finding: -finding.outcome)
    kinds = dict.fromkeys(finding.code for finding in strictest if finding.outcome >= Outcome.HOLD)
    return tuple(f"{code_words(code)} ({code.value})" for code in list(kinds)[:_MOST_REASONS])


def _says(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content
