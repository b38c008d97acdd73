"""`scanner init`: make a studio: folders, settings, policy, database."""

from pathlib import Path

import click

from scanner.errors import SettingsError
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
    click.echo(f"Studio ready in {folder.resolve()}")
    click.echo("Next: scanner provenance add PATH… --tool … --use temporary   (what AI material was made)")
    click.echo("      scanner watch                                          (guard drop/)")


def make_studio(folder: Path, *, title: str = "", url: str | None = None) -> Path:
    """Make what is missing of a studio; the path of its settings. Raises SettingsError, StoreUnavailableError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        _write(folder / "policy.toml", default_text("policy.toml"))
        _write(folder / CONFIG_NAME, _settings_text(title, url))
    except OSError as error:
        msg = f"{folder}: a studio cannot be made there: {error.strerror}. Choose a folder that you may write to."
        raise SettingsError(msg) from error
    settings = read_settings(folder / CONFIG_NAME)
    from scanner.store import Store

    Store.open(settings.store_url).close()
    return folder / CONFIG_NAME


def _settings_text(title: str, url: str | None) -> str:
    text = default_text("scanner.toml")
    for key, value in (("title", title), ("url", url)):
        if value:
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            lines = [f'{key} = "{quoted}"' if line.startswith(f"{key} = ") else line for line in text.splitlines()]
            text = "\n".join(lines) + "\n"
    return text


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return
