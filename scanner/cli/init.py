"""`scanner init`: make a studio: folders, settings, policy, database."""

import json
from pathlib import Path

import click

from scanner.errors import ScannerError, SettingsError
from scanner.report.plain import shown
from scanner.settings import CONFIG_NAME, default_text, read_settings

_FOLDERS = ("drop", "work", "cleared", "flagged", "held", "quarantine", "reports")


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--title", default="", help="The title that deliveries belong to when nothing else says so.")
@click.option("--store", "url", default=None, help="PostgreSQL URL; by default SQLite in the folder.")
def command(folder: Path, title: str, url: str | None) -> None:
    """Make a studio in FOLDER: settings, policy, folders and a database.

    An existing studio is never overwritten: what is missing is added.

    \b
    scanner init studio --title AGM
    cd studio
    scanner doctor
    """
    make_studio(folder, title=title, url=url)
    click.echo(f"Studio ready in {shown(str(folder.resolve()))}")
    click.echo("Next: scanner provenance add PATH… --tool … --use temporary   (what AI material was made)")
    click.echo("      scanner watch                                          (guard drop/)")


def make_studio(folder: Path, *, title: str = "", url: str | None = None) -> Path:
    """Make what is missing of a studio; the path of its settings. Raises SettingsError, StoreUnavailableError."""
    text = _settings_text(title, url)
    config = folder / CONFIG_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        _write(folder / "policy.toml", default_text("policy.toml"))
        is_new = _write(config, text)
    except OSError as error:
        msg = f"{folder}: a studio cannot be made there: {error.strerror}. Choose a folder that you may write to."
        raise SettingsError(msg) from error
    from scanner.store import Store

    try:
        Store.open(read_settings(config).store_url).close()
    except ScannerError:
        if is_new:  # so that the next try may say it better
            config.unlink()
        raise
    return config


def _settings_text(title: str, url: str | None) -> str:
    lines = default_text("scanner.toml").split("\n")
    for key, value in (("title", title), ("url", url)):
        if value:
            quoted = _quoted(value)
            lines = [f"{key} = {quoted}" if line.startswith(f"{key} = ") else line for line in lines]
    return "\n".join(lines)


def _quoted(value: str) -> str:
    """As a TOML string: JSON's escapes are TOML's, but for one character."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        msg = f"{value!r} is not text in UTF-8"
        raise SettingsError(msg) from error
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str) -> bool:
    """Write a file that is not there. False if it is."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
