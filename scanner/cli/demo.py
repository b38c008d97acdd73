"""`scanner demo`: a temporary studio in which real files are stopped at the door, before your eyes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.common import console
from scanner.cli.init import make_studio
from scanner.errors import ScannerError
from scanner.model import DeliveryRecord, Outcome, Stage

if TYPE_CHECKING:
    from rich.console import Console

    from scanner.studio import Studio

_TITLE = "DEMO"
_DROPS = {
    "clean_scene.mov": "a scene without AI material",
    "clean_plate": "an image sequence (EXR)",
    "approved_titles.mov": "AI key art that an approval covers",
    "temp_in_final.mov": "a temporary AI shot left in the final cut",
    "final_mix.m4a": "a temporary AI voice under the music of the final mix",
    "disguised.mxf": "temporary AI shots, re-encoded, graded and matted",
    "disguised_still.jpg": "a temporary AI still, shrunk and re-compressed",
    "signed_ai.jpg": "Content Credentials that say AI",
    "comfyui.png": "a still with a ComfyUI work flow inside",
    "tampered.jpg": "credentials that no longer fit the picture",
    "broken.mov": "half a file",
    "wip/wip_reel.mov": "temporary AI material, dropped as work in progress",
}
_WITHIN_SECONDS = 180.0
_STYLES = {Outcome.PASS: "green", Outcome.FLAG: "yellow", Outcome.HOLD: "magenta", Outcome.QUARANTINE: "red"}


@click.command("demo")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where. [default: a temporary folder]")
def command(folder: Path | None) -> None:
    """See it work: a studio, a register of AI assets, a daemon, and twelve deliveries. Takes about half a minute.

    Everything happens in a folder of its own, which is kept for you to look at; nothing else is touched.
    """
    media = Path(str(resources.files("scanner.sample_media")))
    out = console()
    place = (folder or Path(tempfile.mkdtemp(prefix="scanner-demo-"))).absolute()
    config = _studio(place)
    out.print(f"1. A studio in {place}")
    _register(config, media, out)
    out.print("3. The daemon guards drop/; twelve deliveries arrive:")
    records = _watched(config, media, place, out)
    report = place / "reports" / "demo.html"
    _write_report(records, report)
    out.print()
    out.print(f"The report, with found and registered frames side by side:\n  {report}")
    out.print(f"Look around:\n  cd {place}\n  scanner quarantine list\n  scanner provenance list\n  scanner report")


def _studio(place: Path) -> Path:
    config = make_studio(place, title=_TITLE)
    wip = place / "drop" / "wip"
    wip.mkdir(exist_ok=True)
    text = config.read_text(encoding="utf-8")
    text = text.replace("quiet_seconds = 10.0", "quiet_seconds = 0.5").replace(
        "sweep_seconds = 2.0", "sweep_seconds = 0.5"
    )
    if "\n[[doors]]" not in text:
        text += '\n[[doors]]\nfolder = "wip"\nvendor = "acme"\ndrop_class = "work-in-progress"\n'
    config.write_text(text, encoding="utf-8")
    return config


def _register(config: Path, media: Path, out: "Console") -> None:
    from scanner.settings import read_settings
    from scanner.studio import Studio

    expected = tomllib.loads((media / "expected.toml").read_text(encoding="utf-8"))
    with Studio.open(read_settings(config)) as studio:
        records = {
            name: _registered(studio, media / "register" / name, table) for name, table in expected["register"].items()
        }
        out.print(f"2. {len(records)} AI assets registered (stills, clips, a sequence, a voice); escalation ", end="")
        for table in expected["approvals"]:
            _approve(studio, table, records)
            out.print(f"{table['id']} approves {', '.join(table['records'])} in {', '.join(table['file_patterns'])}")


def _registered(studio: "Studio", path: Path, table: dict[str, Any]) -> str:
    from scanner.model import Use
    from scanner.registering import Registered, register

    for result in register(
        studio, path, title=table["title"], tool=table["tool"], use=Use(table["use"]), shot=table["shot"], by="demo"
    ):
        if isinstance(result, Registered):
            return result.record.record_id
    msg = f"{path}: the sample could not be registered. Install scanner again: its sample media are damaged."
    raise ScannerError(msg)


def _approve(studio: "Studio", table: dict[str, Any], records: dict[str, str]) -> None:
    from scanner.model import Approval, ApprovalStatus, DropClass, Scope

    now = studio.now()
    studio.kept.add_approval(
        Approval(
            approval_id=table["id"],
            title=table["title"],
            status=ApprovalStatus(table["status"]),
            scope=Scope(
                records=tuple(records[name] for name in table["records"]),
                file_patterns=tuple(table["file_patterns"]),
                drop_classes=tuple(DropClass(name) for name in table["drop_classes"]),
            ),
            approver=table["approver"],
            approver_role=table["approver_role"],
            decided_at=now,
            created_at=now,
        )
    )


def _watched(config: Path, media: Path, place: Path, out: "Console") -> tuple[DeliveryRecord, ...]:
    """Start the daemon, drop everything, and show each verdict as it comes."""
    with (place / "daemon.log").open("wb") as log:
        command = [sys.executable, "-m", "scanner", "watch", "--config", str(config)]
        with subprocess.Popen(command, stdout=log, stderr=log) as daemon:
            try:
                for name in _DROPS:
                    _drop(media / "deliveries" / Path(name).name, place / "drop" / name)
                records = tuple(_verdicts(config, daemon, place, out))
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait(timeout=60)
    return records


def _drop(source: Path, target: Path) -> None:
    """Copy beside the target under a name that says "still coming", then rename: as a careful uploader does."""
    coming = target.with_name(f".{target.name}.partial")
    if source.is_dir():
        shutil.copytree(source, coming)
    else:
        shutil.copyfile(source, coming)
    os.rename(coming, target)  # noqa: PTH104


def _verdicts(config: Path, daemon: "subprocess.Popen[bytes]", place: Path, out: "Console") -> Iterator[DeliveryRecord]:
    from scanner.settings import read_settings
    from scanner.store import Store

    told: set[str] = set()
    deadline = time.monotonic() + _WITHIN_SECONDS
    with Store.open(read_settings(config).store_url) as store:
        while len(told) < len(_DROPS):
            if daemon.poll() is not None or time.monotonic() > deadline:
                msg = f"the demo's daemon ended or is too slow: see {place / 'daemon.log'}"
                raise ScannerError(msg)
            for record in reversed(store.deliveries(stages=(Stage.CARRIED_OUT,))):
                if record.delivery.delivery_id not in told:
                    told.add(record.delivery.delivery_id)
                    _show(record, out)
                    yield store.delivery(record.delivery.delivery_id)
            time.sleep(0.2)


def _show(record: DeliveryRecord, out: "Console") -> None:
    from rich.text import Text

    from scanner.report.plain import reason

    if record.verdict is None:
        return
    outcome = record.verdict.outcome
    what = next(text for name, text in _DROPS.items() if Path(name).name == record.delivery.name)
    line = Text("   ")
    line.append(f"{outcome.label.upper():<11}", style=f"bold {_STYLES[outcome]}")
    line.append(f"{record.delivery.name:<21}")
    line.append(f"{what}", style="dim")
    out.print(line)
    out.print(Text(f"{'':14}{reason(record.verdict)}"))


def _write_report(records: tuple[DeliveryRecord, ...], path: Path) -> None:
    from scanner.report.html import html
    from scanner.report.scanned import of_record

    scanned = tuple(item for item in map(of_record, records) if item is not None)
    path.write_text(html(scanned, shortest_shot=12, heading="Demo deliveries"), encoding="utf-8")
