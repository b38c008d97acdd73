"""The options of `scanner approval add`: what an approval is for, and on what terms."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from scanner.cli.common import DROP_CLASS
from scanner.cli.entering import IDENTIFIER, MOMENT, WORDS, Typed
from scanner.errors import SettingsError
from scanner.model import Action, DropClass, Scope, Terms

Command = TypeVar("Command", bound=Callable[..., Any])


def _parsed(name: str) -> Callable[[str], Any]:
    """A parser of `intake`, imported when it is first needed."""

    def parse(text: str) -> Any:
        from scanner.intake import approval_forms, approval_terms, forms

        found = next(getattr(each, name) for each in (approval_terms, approval_forms, forms) if hasattr(each, name))
        return found(text)

    return parse


def _several(name: str, field: str, kind: "click.ParamType[Any]", told: str) -> Callable[[Command], Command]:
    return click.option(f"--{name}", field, type=kind, multiple=True, help=told)


_SCOPE = (
    _several("drop-class", "drop_classes", DROP_CLASS, "Only in deliveries of this class."),
    _several("record", "records", WORDS, "Only this provenance record's material."),
    _several("asset", "assets", WORDS, "Only this registered asset."),
    _several("sha256", "sha256", Typed("SHA-256", _parsed("sha256")), "Only these very bytes, of a file or sequence."),
    _several("season", "seasons", WORDS, "Only in this season."),
    _several("episode", "episodes", WORDS, "Only in this episode: 4, E04, s01e04; in season 1 also 104."),
    _several("shot", "shots", WORDS, "Only in this shot, as delivered names spell it."),
    _several(
        "timecode",
        "timecodes",
        Typed("IN-OUT", _parsed("timecode_range")),
        "Only in HH:MM:SS:FF-HH:MM:SS:FF; the second is that of the first frame after the stretch.",
    ),
    _several("file", "file_patterns", WORDS, 'Only in files so named: "EP101_*".'),
    _several("tool", "tools", WORDS, "Only what this tool made."),
    _several("tool-version", "tool_versions", Typed("range", _parsed("version_range")), 'Only this: 7, ">=2,<3".'),
    _several("territory", "territories", WORDS, "Only where it is shown here: US, US-NY, EU."),
    _several("vendor", "vendors", WORDS, "Only what this vendor delivers."),
    click.option(
        "--max-prominence",
        type=Typed("word", _parsed("most_prominent")),
        help="Only where the story rests on it no more than this: incidental, story_relevant.",
    ),
)
_TERMS = (
    _several("trigger", "triggers", Typed("trigger", _parsed("trigger")), "What it approves by name: P1, 2a, 3a ..."),
    _several("permit", "permit", Typed("word", _parsed("permit")), "no-final-use, talent-replica, fine-tuning, ..."),
    _several(
        "condition",
        "conditions",
        Typed("condition", _parsed("condition")),
        '"c1: four seconds at most [max_seconds=4]"; [by DOCUMENT] shows that it is met.',
    ),
    _several("consent", "consents", WORDS, "A consent that it rests on, by its id."),
    click.option("--action", type=Typed("word", _parsed("action")), help="socialise or escalate. [default: escalate]"),
    click.option("--requested-by", type=WORDS, help="Who asked."),
    click.option("--requested-at", type=MOMENT, help="When it was asked."),
    click.option("--legal-review", "legal_review_ref", type=WORDS, help="Where the legal review is kept."),
    click.option("--supersedes", type=IDENTIFIER, help="The approval that it takes the place of."),
)
_OF_SCOPE = frozenset(Scope.__slots__)


def scope_and_terms(command: Command) -> Command:
    """All options of scope and terms."""
    for option in reversed((*_SCOPE, *_TERMS)):
        command = option(command)
    return command


def scope_of(given: dict[str, Any]) -> Scope:
    """The scope that the options say."""
    once: dict[str, Any] = {
        name: tuple(dict.fromkeys(each)) if isinstance(each, tuple) else each
        for name, each in given.items()
        if name in _OF_SCOPE
    }
    return Scope(**once | {"drop_classes": tuple(DropClass(each) for each in once["drop_classes"])})


def terms_of(given: dict[str, Any], document_sha256: str | None) -> Terms:
    """The terms that the options say."""
    from scanner.intake.approval_terms import permits

    requested_at: datetime | None = given["requested_at"]
    return Terms(
        action=given["action"] or Action.ESCALATE,
        triggers=tuple(dict.fromkeys(given["triggers"])),
        permits=permits(given["permit"]),
        conditions=given["conditions"],
        consents=tuple(dict.fromkeys(given["consents"])),
        requested_by=given["requested_by"],
        requested_at=requested_at,
        legal_review_ref=given["legal_review_ref"],
        document_sha256=document_sha256,
        supersedes=given["supersedes"],
    )


def document(text: str | None) -> tuple[str | None, str | None]:
    """Where a document is kept, and its SHA-256 if it is a file here. Raises SettingsError if it cannot be read."""
    if text is None or not Path(text).is_file():
        return text, None
    from scanner.intake.hashing import sha256_of

    path = Path(text).absolute()
    try:
        with path.open("rb") as file:
            return str(path), sha256_of(file)
    except OSError as error:
        msg = f"{text!r} cannot be read: {error.strerror}."
        raise SettingsError(msg) from error
