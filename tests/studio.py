"""Studios of real files for tests: made as `scanner init` makes them, guarded by real daemons."""

import contextlib
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from scanner.cli import main
from scanner.cli.init import make_studio
from scanner.errors import ScannerError
from scanner.intake.receive import new_delivery_id, receive
from scanner.model import (
    Approval,
    ApprovalStatus,
    DeliveryRecord,
    DropClass,
    Outcome,
    Ruling,
    RulingAction,
    Scope,
    Stage,
    Use,
)
from scanner.registering import Registered, register
from scanner.settings import Settings, read_settings
from scanner.store import Store
from scanner.studio import Studio

from . import warm

SAMPLES = Path(__file__).parents[1] / "sample_media"
DELIVERIES = SAMPLES / "deliveries"
EXPECTED: dict[str, Any] = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))
TITLE = "DEMO"
MARK = "SCANNER_TEST_RUN"
PLACES = ("drop", "work", "cleared", "flagged", "held", "quarantine")
STARTED, SOON, LATER = 30.0, 30.0, 120.0
# Put before the command line of a daemon: its pauses are shorter.
HURRIED = (sys.executable, str(Path(__file__).with_name("hurried.py")))

Found = TypeVar("Found")
_never = threading.Event()


def eventually(condition: Callable[[], Found], *, within: float = LATER, told: Callable[[], object] = str) -> Found:
    """What `condition` gives as soon as it is true. Fails after `within` seconds, saying what `told` gives.

    Looking takes a tenth of the time at most: who looks without a pause slows down what it waits for.
    """
    deadline = time.monotonic() + within
    looked = time.thread_time()
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within} s: {str(told())[-6000:]}")
        _never.wait(min(max(0.02, 10 * (time.thread_time() - looked)), 0.5))
        looked = time.thread_time()
    return found


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listed(root: Path) -> dict[str, str]:
    """Every file at or below `root` with the hash of its bytes; links and pipes by what they are."""
    paths = [root] if not root.is_dir() else sorted(root.rglob("*"))
    return {
        str(path.relative_to(root)): sha256(path) if path.is_file() and not path.is_symlink() else "not a file"
        for path in paths
        if not path.is_dir() or path.is_symlink()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One studio on disk."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "scanner.toml"

    @property
    def settings(self) -> Settings:
        return read_settings(self.config)

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def set(self, *replacements: tuple[str, str], more: str = "") -> None:
        """Change settings: text for text, each of which must be there."""
        text = self.config.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        self.config.write_text(text + more, encoding="utf-8")

    @contextmanager
    def open(self) -> Iterator[Studio]:
        with Studio.open(self.settings, processes=1) as studio:
            yield studio

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store.open(self.settings.store_url) as store:
            yield store

    def records(self) -> tuple[DeliveryRecord, ...]:
        with self.store() as store:
            return store.deliveries()

    def record(self, name: str) -> DeliveryRecord:
        """The only record of a delivery of this name."""
        (record,) = [record for record in self.records() if record.delivery.name == name]
        return record

    def drop(self, sample: Path | str, name: str | None = None, *, door: str = ".") -> Path:
        """Copy a sample beside the drop folder and rename it into it, as a careful uploader does."""
        source = DELIVERIES / sample
        coming = self.folder / f"coming-{uuid.uuid4().hex}"
        if source.is_dir():
            shutil.copytree(source, coming)
        else:
            shutil.copyfile(source, coming)
        target = self.folder / "drop" / door / (name or source.name)
        os.rename(coming, target)  # noqa: PTH104
        return target

    def write(self, name: str, content: bytes | str) -> Path:
        """Drop a small file."""
        path = self.folder / "drop" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(self, sample: Path | str, name: str | None = None, *, drop_class: DropClass = DropClass.FINAL) -> str:
        """Drop a sample and take it onto the bench at once; its delivery's id."""
        return self.onto_bench(self.drop(sample, name), drop_class=drop_class)

    def onto_bench(self, dropped: Path, *, drop_class: DropClass = DropClass.FINAL) -> str:
        with self.open() as studio:
            now = studio.now()
        delivery_id = new_delivery_id(now, os.urandom(3))
        receive(
            dropped,
            work=self.folder / "work",
            delivery_id=delivery_id,
            title=TITLE,
            vendor=None,
            drop_class=drop_class,
            received_at=now,
        )
        return delivery_id

    def files(self, *places: str) -> dict[str, str]:
        """Every file in the studio's folders, by place and name, with its hash."""
        return {
            f"{place}/{name}": digest for place in places or PLACES for name, digest in listed(self / place).items()
        }

    def bytes_in(self, *places: str) -> Counter[str]:
        """The hashes of all files in these folders, receipts and verdicts left out."""
        return Counter(digest for name, digest in self.files(*places).items() if not _is_receipt(name))

    def is_done(self, *names: str) -> bool:
        """Whether as many deliveries of these names have been carried out as are named, and the bench is clear."""
        done = Counter(r.delivery.name for r in self.records() if r.stage in (Stage.CARRIED_OUT, Stage.RULED))
        return Counter(names) <= done and not any((self / "work").iterdir())

    def outcome(self, name: str) -> Outcome:
        verdict = self.record(name).verdict
        assert verdict is not None
        return verdict.outcome


def _is_receipt(name: str) -> bool:
    """What the scanner writes: a receipt on the bench, a verdict beside what is blocked, a note in the drop folder."""
    if name.startswith("drop/"):
        return name.endswith((".HELD.txt", ".QUARANTINED.txt"))
    return name.startswith(("work/", "held/", "quarantine/")) and name.count("/") == 2


def new_home(folder: Path, *, url: str | None = None) -> Home:
    """A studio that is quick to look and quick to stop, and leaves no notes in its drop folder."""
    make_studio(folder, title=TITLE, url=url)
    home = Home(folder=folder)
    home.set(
        ("quiet_seconds = 10.0", "quiet_seconds = 0.3"),
        ("sweep_seconds = 2.0", "sweep_seconds = 0.2"),
        ("stop_seconds = 20.0", "stop_seconds = 10.0"),
        ("in_drop = true", "in_drop = false"),
    )
    return home


def fill_register(studio: Studio) -> dict[str, str]:
    """Register the sample assets and the approval; the record's id by sample name."""
    records = {name: _registered(studio, name, table) for name, table in EXPECTED["register"].items()}
    for table in EXPECTED["approvals"]:
        studio.kept.add_approval(approval_of(table, records, studio))
    return records


def _registered(studio: Studio, name: str, table: Mapping[str, Any]) -> str:
    told = {"tool": table["tool"], "use": Use(table["use"]), "shot": table["shot"], "title": table["title"]}
    (result,) = register(studio, SAMPLES / "register" / name, by="a test", **told)
    if not isinstance(result, Registered):
        msg = f"{name}: {result.reason}"
        raise ScannerError(msg)
    return result.record.record_id


def approval_of(table: Mapping[str, Any], records: Mapping[str, str], studio: Studio) -> Approval:
    now = studio.now()
    return Approval(
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


def ruling(studio: Studio, action: RulingAction = RulingAction.RELEASE, *, by: str = "Ada", why: str = "ok") -> Ruling:
    return Ruling(action=action, by=by, reason=why, at=studio.now())


def run(
    *arguments: str | Path | bytes, cwd: Path, env: Mapping[str, str] | None = None, within: float = 60.0
) -> "subprocess.CompletedProcess[str]":
    """Run the command as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "scanner", *arguments],
        cwd=cwd,
        env={**_environment(), **(env or {})},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=within,
        check=False,
    )


def call(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command in this process, much quicker: it prints, and ends with the code, that a shell would see."""
    given = [str(argument) for argument in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape") for _ in range(2))
    before = sys.argv, sys.excepthook
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        sys.argv = ["scanner", *given]
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            sys.argv, sys.excepthook = before
    told = [(stream.flush(), stream.buffer.getvalue().decode())[1] for stream in (out, err)]  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(given, int(code or 0), *told)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "SCANNER_CONFIG"}


@dataclass(slots=True, kw_only=True)
class Watch:
    """A running daemon, in a process group of its own."""

    process: "subprocess.Popen[bytes] | warm.Forked"
    log: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def says(self, *words: str) -> bool:
        """Whether one line of its log holds all of these words."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return any(all(word in line for word in words) for line in lines)

    def wait_until_it_watches(self) -> None:
        eventually(lambda: self.says("watching") or self.process.poll() is not None, within=STARTED, told=self.told)
        assert self.process.poll() is None, self.told()

    def told(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """Kill it and all its processes, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, within: float = 60.0) -> int:
        """Ask it to stop as systemd does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def is_examining(self) -> bool:
        """Whether both examining processes are at work."""
        return sum(ticks(pid) >= 10 for pid in self.examiners()) >= 2

    def examiners(self) -> list[int]:
        """The examining processes: those that are forked from its fork server."""
        parents = {pid: int(words[1]) for pid in self.processes() if (words := _stat(pid))}
        children = {pid for pid, parent in parents.items() if parent == self.process.pid}
        return [pid for pid, parent in parents.items() if parent in children]

    def processes(self) -> list[int]:
        """Every process that it or a process of its has started and that still lives."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_ours(pid)]  # noqa: PTH208

    def _is_ours(self, pid: int) -> bool:
        """By its session, or, if it began one of its own, by what it was told."""
        if not (words := _stat(pid)) or words[0] == b"Z":
            return False
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{pid}/environ").read_bytes()
            return int(words[3]) == self.process.pid or f"{MARK}={self.mark}".encode() in told
        return False


def _stat(pid: int) -> list[bytes]:
    """What the kernel tells of a process, from its state on; empty when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return []


def ticks(pid: int) -> int:
    """How long a process has worked, in hundredths of a second; none when it is gone."""
    return int(words[11]) if (words := _stat(pid)) else 0


def start(home: Home, *, prefix: Iterable[str] = (), log_format: str = "json", server: str | None = None) -> Watch:
    """Start a daemon on a studio, and do not wait for it; `server`: its name among several.

    It is forked from a warm process (tests/warm.py), unless something but another script is to be run with it.
    """
    mark = uuid.uuid4().hex
    log = home.folder / f"daemon-{mark}.log"
    arguments = ["watch", "--config", str(home.config), "--log-format", log_format]
    if server is not None:
        arguments += ["--server", server]
    environment = {**_environment(), MARK: mark}
    with log.open("wb") as file, log.with_suffix(".out").open("wb") as out:
        process: subprocess.Popen[bytes] | warm.Forked
        if prefix and tuple(prefix) != HURRIED:
            process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "scanner", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=file,
                start_new_session=True,
                env=environment,
            )
        else:
            script = HURRIED[-1] if prefix else None
            order = warm.Order(arguments=arguments, environment=environment, folder=str(Path.cwd()), script=script)
            process = warm.fork(order, out=out.fileno(), err=file.fileno())
    return Watch(process=process, log=log, mark=mark)


@contextmanager
def watching(home: Home, *, prefix: Iterable[str] = (), exit_code: int = 0) -> Iterator[Watch]:
    """A daemon that guards the studio, and is asked to stop in the end: it must, with this exit code."""
    watch = start(home, prefix=prefix)
    try:
        watch.wait_until_it_watches()
        yield watch
        if watch.process.poll() is None:
            assert watch.stop() == exit_code, watch.told()
    finally:
        if watch.process.poll() is None:
            watch.kill()
