"""`scanner receipt`: signed receipts of verdicts, which anybody can check without the studio."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from scanner.cli.common import config_option, needed_settings
from scanner.errors import ReceiptError, SettingsError

_BLOCKED, _REVIEW = 1, 4
_MOST = 64 << 20


@click.group("receipt")
def command() -> None:
    """Signed receipts of verdicts: what was decided on which bytes, and as of what.

    \b
    scanner receipt key --new                                     once, for the studio
    scanner receipt issue 20261122-0415 --out ep101.receipt.json
    scanner receipt verify ep101.receipt.json --key studio.pub --files EP101/   anywhere, without the studio
    """


@command.command("key")
@click.option("--new", is_flag=True, help="Make the studio's key. One that is there is never replaced.")
@config_option
@click.pass_context
def key(ctx: click.Context, *, new: bool) -> None:
    """Print the studio's public key, to be given to those who check receipts; make the key with --new."""
    from scanner.receipts import make_key, public_half, public_key
    from scanner.report.receipts import key_id

    path = needed_settings(ctx).receipt_key
    public = make_key(path) if new else public_half(path)
    if not public.exists():
        msg = f"{path}: there is no signing key. Make one with: scanner receipt key --new"
        raise ReceiptError(msg)
    click.echo(f"key {key_id(public_key(public))}, {public}", err=True)
    click.echo(public.read_text(encoding="ascii"), nl=False)


@command.command("issue")
@click.argument("delivery_id")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file. [default: print]")
@config_option
@click.pass_context
def issue(ctx: click.Context, delivery_id: str, out: Path | None) -> None:
    """Sign a receipt of a delivery's latest verdict: its files by SHA-256, the findings, and what it was as of."""
    from scanner.receipts import issued
    from scanner.studio import Studio

    with Studio.open(needed_settings(ctx), processes=1) as studio:
        text = issued(studio, delivery_id)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{out}: cannot be written: {error.strerror}. Name another file with --out."
        raise SettingsError(msg) from error
    click.echo(str(out))


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), help="The studio's public key, as it gave it to you."
)
@click.option(
    "--files", type=click.Path(path_type=Path, file_okay=True), help="The delivered file or folder: compared."
)
def verify(file: Path, key_file: Path | None, files: Path | None) -> None:
    """Check a receipt, offline: its signature by the studio's public key, and the files by their hashes.

    Exit code: 0 it fits; 4 it fits the key inside it, but no key was given that you trust; 1 it was changed, or the
    files are others; 3 it is no receipt.
    """
    from scanner.receipts import public_key
    from scanner.report.plain import shown
    from scanner.report.receipts import checked

    trusted = public_key(key_file) if key_file else None
    try:
        found = checked(_text(file), trusted)
    except ReceiptError as error:
        msg = f"{shown(str(file))}: {error}"
        raise ReceiptError(msg) from error
    told, verdict = found.content["delivery"], found.content["verdict"]
    click.echo(f"{told['name']} [{told['id']}]: {verdict['outcome']}, judged {verdict['judged_at']}")
    click.echo(f"signed by key {found.key_id}" + ("" if found.is_trusted else ", which is only the one inside it"))
    wrong = list(_differences(found.content, files)) if files is not None else []
    for line in wrong:
        click.echo(line)
    if files is not None and not wrong:
        click.echo(f"all {len(found.content['files'])} files are those that were judged")
    if wrong:
        raise SystemExit(_BLOCKED)
    if not found.is_trusted:
        raise SystemExit(_REVIEW)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"it cannot be read: {error}"
        raise ReceiptError(msg) from error


def _differences(content: Mapping[str, Any], root: Path) -> Iterator[str]:
    """What is not as the receipt says, a line each. Links are not followed."""
    from scanner.report.plain import shown

    alone = root.is_file()
    listed = {each["name"]: each["sha256"] for each in content["files"]}
    there = {shown(root.name): root} if alone else {shown(str(p.relative_to(root))): p for p in _plain_files(root)}
    for name, sha256 in listed.items():
        path = there.get(name)
        if path is None:
            yield f"missing: {name}"
        elif _sha256(path) != sha256:
            yield f"changed: {name}"
    for name in sorted(there.keys() - listed.keys()):
        yield f"not in the receipt: {name}"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{path}: it cannot be read: {error.strerror}"
        raise ReceiptError(msg) from error


def _plain_files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())
