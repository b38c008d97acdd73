"""`scanner doctor`: what works on this machine, what does not, and what to do about it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from scanner.cli.common import config_option, console, studio_settings
from scanner.errors import ScannerError
from scanner.report.plain import plural, shown

if TYPE_CHECKING:
    from scanner.model import AssetRef
    from scanner.settings import Settings
    from scanner.store import Store

_MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "bad": ("BAD", "bold red")}
_LOW_SPACE_GIGABYTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was tried, how it went, and what to do."""

    state: Literal["ok", "note", "bad"]
    what: str
    told: str


@click.command("doctor")
@config_option
@click.pass_context
def command(ctx: click.Context) -> None:
    """Try everything that scanner needs on this machine, and say what to do where something is missing.

    Exit code 0 when all that is needed works, 2 when something does not.
    """
    from rich.text import Text

    out = console()
    bad = False
    for check in _checks(ctx):
        bad = bad or check.state == "bad"
        mark, style = _MARKS[check.state]
        out.print(Text.assemble((f"{mark:<5}", style), f"{check.what}: {check.told}"), soft_wrap=True)
    ctx.exit(2 if bad else 0)


def _checks(ctx: click.Context) -> Iterator[Check]:
    yield Check(state="ok", what="Python", told=sys.version.split()[0])
    yield _ffmpeg()
    yield _pyav()
    yield _credentials()
    try:
        settings = studio_settings(ctx)
    except ScannerError as error:
        yield Check(state="bad", what="settings", told=str(error))
        return
    yield from _trust(settings)
    yield from _isolation(settings)
    if settings is None:
        told = "none here; `scanner scan` reads labels only. Make one with: scanner init DIR"
        yield Check(state="note", what="studio", told=told)
        return
    yield Check(state="ok", what="studio", told=str(settings.home))
    yield from _studio(settings)


def _ffmpeg() -> Check:
    import subprocess

    from scanner.media.ffmpeg import program

    try:
        done = subprocess.run([program(), "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        told = f"does not run ({error}). Reinstall imageio-ffmpeg: EXR, DPX and 16-bit stills cannot be examined"
        return Check(state="bad", what="FFmpeg", told=told)
    return Check(state="ok", what="FFmpeg", told=" ".join(done.stdout.split()[:3]))


def _pyav() -> Check:
    import av

    needed = ("prores", "dnxhd", "h264", "hevc", "jpeg2000", "mpeg2video", "av1", "vp9", "exr", "dpx")
    missing = [name for name in needed if name not in av.codecs_available]
    if missing:
        return Check(state="bad", what="PyAV", told=f"cannot decode {', '.join(missing)}. Reinstall av from its wheel")
    return Check(state="ok", what="PyAV", told=f"{av.__version__}, decodes {', '.join(needed)}")


def _credentials() -> Check:
    import c2pa

    return Check(state="ok", what="Content Credentials", told=f"c2pa library {c2pa.sdk_version()}, network off")


def _trust(settings: "Settings | None") -> Iterator[Check]:
    """Whose Content Credentials are trusted, by lists of which day."""
    from scanner.settings import Settings
    from scanner.trust import now, trust_lists

    at = now()
    try:
        lists = trust_lists(settings or Settings(home=Path("/")))
    except ScannerError as error:
        yield Check(state="bad", what="trust", told=str(error))
        return
    for one in lists:
        told = f"{one.shown}, {plural(one.certificates, 'certificate')}"
        if expired := one.expired(at):
            yield Check(state="note", what="trust", told=f"{told}; expired: {', '.join(map(shown, expired))}")
        elif one.is_old(at.date()):
            yield Check(
                state="note", what="trust", told=f"{told}; more than a year old: add a newer one as trust.anchors"
            )
        else:
            yield Check(state="ok", what="trust", told=told)
    if not lists:
        yield Check(state="note", what="trust", told="no list: no signer of Content Credentials is trusted")


def _isolation(settings: "Settings | None") -> Iterator[Check]:
    """Ask an examining process what it may do, from inside."""
    from scanner.examine.pool import ExaminerPool
    from scanner.settings import Settings

    limits = (settings or Settings(home=Path("/"))).examining
    try:
        with ExaminerPool(limits, processes=1) as pool:
            rights = pool.rights()
    except ScannerError as error:
        yield Check(state="bad", what="examining processes", told=f"cannot be started: {error}")
        return
    told = f"memory {rights.memory_bytes >> 20} MB" if rights.memory_bytes else "memory is not limited by this system"
    yield Check(state="ok" if rights.memory_bytes else "note", what="examining processes", told=told)
    state: Literal["ok", "bad"] = "bad" if rights.can_write else "ok"
    yield Check(state=state, what="examining processes", told="can write files" if rights.can_write else "cannot write")
    if rights.has_network:
        told = "the system does not let them leave the network; no reader is asked to use it. Allow user namespaces"
        yield Check(state="note", what="examining processes", told=told)
    else:
        yield Check(state="ok", what="examining processes", told="have no network")


def _studio(settings: "Settings") -> Iterator[Check]:
    from scanner.settings import read_policy
    from scanner.store import Store

    try:
        policy = read_policy(settings.home / settings.policy.file)
        yield Check(state="ok", what="policy", told=f"{settings.policy.file} ({policy.digest})")
        with Store.open(settings.store_url, make=False) as store:
            yield from _register(store)
    except ScannerError as error:
        yield Check(state="bad", what="studio", told=str(error))
    yield from _mail(settings)
    yield from _folders(settings)


def _mail(settings: "Settings") -> Iterator[Check]:
    """Connect to the mail server and sign in; nothing is sent."""
    from scanner.smtp import NotSentError, check

    mail = settings.mail
    if not mail.host:
        if settings.report.on:
            yield Check(state="note", what="mail", told="no server is named: reports are written to reports/ only")
        return
    try:
        yield Check(state="ok", what="mail", told=shown(check(mail, settings.home)))
    except (NotSentError, ScannerError) as error:
        yield Check(state="bad", what="mail", told=f"{mail.host}:{mail.port}: {shown(str(error))}")
    if settings.recipients and all(each.titles or each.vendors for each in settings.recipients):
        told = "every recipient is for some titles or vendors: nobody is told of what has none"
        yield Check(state="note", what="mail", told=told)


def _register(store: "Store") -> Iterator[Check]:
    from scanner.canary_clip import BY as CANARY
    from scanner.model import Use

    records = store.records()
    good = sum(record.use is Use.KNOWN_GOOD for record in records)
    if len(records) > good:
        told = f"{len(records) - good} provenance records, {len(store.approvals())} approvals, {good} known to be good"
        yield Check(state="ok", what="register", told=told)
    else:
        yield Check(state="note", what="register", told=_EMPTY_REGISTER)
    old = _outdated(store, silent={record.record_id for record in records if record.tool == CANARY})
    if old:
        names = ", ".join(shown(f"{asset.name} [{asset.record_id}]") for asset in old[:_NAMED])
        more = f" and {len(old) - _NAMED} more" if len(old) > _NAMED else ""
        told = f"registered by another version, so not found, or not in every disguise: register again: {names}{more}"
        yield Check(state="bad", what="register", told=told)


def _outdated(store: "Store", silent: "set[str]") -> "list[AssetRef]":
    """What lacks fingerprints of this version. Of the `silent` records' assets no sound is missed."""
    from scanner.fingerprint.names import ALGORITHM, FEATURES, FEATURES_VERSION, LANDMARKS, LANDMARKS_VERSION, VERSION

    seen, heard = ((ALGORITHM, VERSION), (FEATURES, FEATURES_VERSION)), (LANDMARKS, LANDMARKS_VERSION)
    unseen = store.outdated(codes=seen[0], features=seen[1])
    unheard = store.outdated(codes=seen[0], features=seen[1], sounds=heard)
    return list(dict.fromkeys([*unseen, *(asset for asset in unheard if asset.record_id not in silent)]))


_NAMED = 20
_EMPTY_REGISTER = "empty: only labels can be found. Add AI material with: scanner provenance add PATH…"


def _folders(settings: "Settings") -> Iterator[Check]:
    drop = settings.folder("drop")
    for name in ("drop", "work", "cleared", "flagged", "held", "quarantine"):
        folder = settings.folder(name)
        if not folder.is_dir():
            yield Check(state="bad", what=f"{name}/", told=f"{folder} is not there. Make it, or run: scanner init")
            return
        if not os.access(folder, os.W_OK | os.X_OK):
            yield Check(state="bad", what=f"{name}/", told=f"{folder} cannot be written to by this user")
        if name == "work" and folder.stat().st_dev != drop.stat().st_dev:
            told = "not on one file system with drop/: custody is a rename, nothing could be taken"
            yield Check(state="bad", what="work/", told=told)
    free = shutil.disk_usage(drop).free // 10**9
    state: Literal["ok", "note"] = "note" if free < _LOW_SPACE_GIGABYTES else "ok"
    yield Check(state=state, what="disk", told=f"{free} GB free at {drop}")
    yield _links(drop)


def _links(drop: Path) -> Check:
    try:
        with tempfile.TemporaryDirectory(dir=drop.parent, prefix=".scanner-doctor-") as folder:
            first = Path(folder) / "a"
            first.touch()
            (Path(folder) / "b").hardlink_to(first)
    except OSError as error:
        told = f"no hard links ({error.strerror}): moves reserve their target instead"
        return Check(state="note", what="file system", told=told)
    return Check(state="ok", what="file system", told="moves never land on another file")
