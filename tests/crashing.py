"""A warm process whose children take what was dropped and handle it to its end, each until it is killed.

Nothing is imported anew for a child, and no engine is started: one child is one daemon's whole life, of a tenth of a
second. The process itself starts no thread, so that forking it is safe.
"""

import faulthandler
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_CHANGES = frozenset(
    {"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.chown", "os.utime"}
)
_LOOKS_ENDED, _LIVES_ENDED = 20.0, 30.0
_SIGNS = (".HELD.txt", ".QUARANTINED.txt")
_PRELOADED = (
    "faiss", "numpy.ma", "prometheus_client", "pydantic.dataclasses", "scanner.match.local", "scanner.match.shelf",
    "scanner.pipeline", "scanner.report.html", "scanner.report.terminal", "scanner.taking", "scanner.watching",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One life: of a daemon on a studio, killed before its change `before` or after so many seconds, or let live.

    `examiner_after`: the process that examines is killed so many seconds after it has come, not the daemon.
    """

    home: str
    before: int | None = None
    after: float | None = None
    examiner_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How a life ended: `code` 0 by itself, else the signal's number, negative; `told`: all that it logged."""

    code: int
    seconds: float
    hits: int
    told: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Crashing:
    """The warm process, from outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def live(self, home: Path, **how: Any) -> Life:
        """Let one daemon live, and die as ordered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(Order(home=str(home), **how))) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the warm process is gone"
        return Life(**json.loads(answer))


@contextmanager
def crashing() -> Iterator[Crashing]:
    """Start the warm process, and end it and all that it has started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crashing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        # Empty: this one is found in the current folder.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": ""},
        start_new_session=True,
        text=True,
    )
    try:
        yield Crashing(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


# ---- Inside the warm process. Examining processes load this module too: what is heavy is imported where it is used.


def main() -> None:
    """Do what is ordered, a line at a time, until nobody orders any more."""
    from multiprocessing import forkserver

    from scanner.examine.pool import warm_up

    for module in _PRELOADED:
        importlib.import_module(module)
    warm_up()
    server = forkserver._forkserver  # type: ignore[attr-defined]
    for line in sys.stdin:
        print(json.dumps(asdict(_lived(Order(**json.loads(line)), server))), flush=True)  # noqa: T201


def _lived(order: Order, server: Any) -> Life:
    log = Path(order.home) / "life.log"
    before = time.monotonic()
    child = os.fork()
    if child == 0:
        _child(order, server, log)
    hits = 0
    if order.after is not None:
        time.sleep(order.after)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    if order.examiner_after is not None:
        hits = _kill_examiners(child, server._forkserver_pid, order.examiner_after)
    _, status = os.waitpid(child, 0)
    told = log.read_text(encoding="utf-8", errors="replace")
    return Life(code=os.waitstatus_to_exitcode(status), seconds=time.monotonic() - before, hits=hits, told=told)


def _kill_examiners(child: int, server: int, after: float) -> int:
    """Kill the first process that examines for this child; how many were killed."""
    earlier = set(_children(server))
    while not (examiners := set(_children(server)) - earlier):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return 0
        time.sleep(0.002)
    time.sleep(after)
    killed = 0
    for pid in examiners:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _child(order: Order, server: Any, log: Path) -> None:
    """One life; it never comes back."""
    code = 3
    try:
        fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        faulthandler.dump_traceback_later(_LIVES_ENDED, exit=True)
        # It is another process's child, alive as long as that one is.
        server.ensure_running = lambda: None
        if order.before is not None:
            _die_before(order.before)
        guard_once(Path(order.home))
        code = 0
    except BaseException:  # noqa: BLE001 - told, and then the process ends
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _die_before(number: int) -> None:
    """Have this process killed before its `number`th change to a file system or a database."""
    from sqlalchemy import Engine, event

    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def of_files(name: str, args: tuple[Any, ...]) -> None:
        made = name == "open" and isinstance(args[2], int) and args[2] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)
        # The last is how renameat2 is found, just before it is called.
        if name in _CHANGES or made or (name == "ctypes.dlsym" and args[1] == "renameat2"):
            count()

    def of_transactions(connection: Any) -> None:
        if connection.get_execution_options().get("begin") == "BEGIN IMMEDIATE":
            count()

    event.listen(Engine, "commit", of_transactions)
    sys.addaudithook(of_files)


def guard_once(home: Path) -> None:
    """What a daemon does from its start until the drop folder and the bench are empty, but for the engine."""
    import logging

    from scanner.settings import read_settings
    from scanner.studio import Studio
    from scanner.taking import Taking
    from scanner.watching import Watch

    logging.basicConfig(level=logging.INFO)
    with ExitStack() as stack:
        studio = stack.enter_context(Studio.open(read_settings(home / "scanner.toml"), processes=1))
        taking = Taking(studio, AtOnce(studio), instance="alone", shared=False)  # type: ignore[arg-type]
        taking.resume()
        watch = Watch(studio.settings)
        until = time.monotonic() + _LOOKS_ENDED
        while any(not path.name.endswith(_SIGNS) for path in (home / "drop").iterdir()) and time.monotonic() < until:
            for doorway, settled in watch.settled():
                taking.take(doorway, settled)
            time.sleep(0.01)


class AtOnce:
    """Stands where the engine stands: handles a delivery as soon as it is submitted."""

    def __init__(self, studio: Any) -> None:
        self._studio = studio

    def submit(self, delivery_id: str, priority: object) -> bool:
        from scanner.pipeline import handle

        handle(self._studio, delivery_id)
        return True

    def look_often(self, *, on: bool) -> None:
        """There is no queue to look at."""


if __name__ == "__main__":
    main()
