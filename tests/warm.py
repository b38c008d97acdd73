"""A warm process that daemons and commands are forked from: they begin at once, not after two seconds of imports.

What is forked is a process of its own as a new `python -m scanner` would be: with its own session and process group,
arguments, environment, folder, files and signals, and it ends as that does. Its fork server is a second fork made at
its very beginning, for the same reason. `/proc/PID/environ` and `/proc/PID/cmdline` are the warm process's. What is
about starting itself (the installed command, systemd, the README's tour, what is imported from where) is tested with
processes that are started anew.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_LONGEST = 1 << 20
_PROGRAM = "scanner"
# What a daemon imports until it stops; the rest comes with it.
_PRELOADED = (
    "dbos._sys_db_sqlite", "faiss", "multiprocessing.popen_forkserver", "numpy.ma", "prometheus_client", "psycopg",
    "pydantic.dataclasses", "scanner.cli.watch", "scanner.daemon", "scanner.examine.examiner",
    "scanner.examine.unpacking", "scanner.match.local", "scanner.match.shelf", "scanner.pipeline",
    "scanner.report.html", "scanner.report.terminal", "scanner.serving", "structlog",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be forked: `python -m scanner`, or this script, with these arguments and this environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    script: str | None = None


class Forked:
    """A process that the warm one has forked, with what a Popen offers for it."""

    def __init__(self, pid: int, told: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._told = told

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0.0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended. Raises TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(_PROGRAM, timeout or 0.0)
            answer = os.read(self._told, 16)
            os.close(self._told)
            assert answer, "the warm process is gone"
            self.returncode = int(answer)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@functools.cache
def _warm() -> tuple["subprocess.Popen[bytes]", socket.socket]:
    """The warm process and the way to it. It ends with this process, when the way to it is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        # No thread may run in what is forked: libraries of numbers start some as they are loaded, unless told not to.
        alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__)), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **alone},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return process, ours


def fork(order: Order, *, out: int, err: int) -> Forked:
    """Begin what is ordered; it writes to these files."""
    _, way = _warm()
    told, telling = os.pipe()
    try:
        socket.send_fds(way, [json.dumps(asdict(order)).encode()], [out, err, telling])
    finally:
        os.close(telling)
    answer = way.recv(16)
    assert answer, "the warm process is gone"
    return Forked(int(answer), told)


def run(*arguments: str, within: float = 120.0) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, in this environment and folder. Raises TimeoutExpired, having killed it."""
    order = Order(arguments=arguments, environment=dict(os.environ), folder=str(Path.cwd()))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        forked = fork(order, out=out.fileno(), err=err.fileno())
        try:
            code = forked.wait(within)
        finally:
            forked.kill()
        told = [file.seek(0) or file.read().decode() for file in (out, err)]
    return subprocess.CompletedProcess(arguments, code, *told)


# ---- Inside the warm process


def main() -> None:
    """Fork what is ordered, and tell how each ends, until nobody can order any more."""
    way = socket.socket(fileno=int(sys.argv[1]))
    for module in _PRELOADED:
        importlib.import_module(module)
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads cannot be forked safely"  # noqa: PTH208
    # What is never looked through for garbage is never copied for a child.
    gc.freeze()
    ended, end = os.pipe()
    os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(end, warn_on_full_buffer=False)
    telling: dict[int, int] = {}
    while True:
        ready = select.select([way, ended], [], [])[0]
        if ended in ready:
            os.read(ended, 4096)
            _tell(telling)
        if way in ready:
            message, files, _, _ = socket.recv_fds(way, _LONGEST, 3)
            if not message:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                way.close()
                _live(json.loads(message), files[0], files[1])
            way.send(str(pid).encode())
            telling[pid] = files.pop()
            for file in files:
                os.close(file)


def _tell(telling: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            told = telling.pop(pid)
            # Nobody may want to know any more.
            with suppress(BrokenPipeError):
                os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(told)


def _live(order: dict[str, Any], out: int, err: int) -> None:
    """In the child: be what is ordered, to its end, and end as Python does, but for taking every module apart."""
    code: object = 0
    try:
        _become(order, out, err)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - told, and then the process ends
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(ValueError, OSError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _become(order: dict[str, Any], out: int, err: int) -> None:
    os.setsid()
    for file, number in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(file, number)
    os.closerange(3, 4096)
    os.chdir(order["folder"])
    _be(order["environment"], "__main__")
    _keep_a_fork_server()
    sys.argv = [order["script"] or _PROGRAM, *order["arguments"]]
    if order["script"]:
        runpy.run_path(order["script"], run_name="__main__")
    else:
        runpy.run_module(_PROGRAM, run_name="__main__", alter_sys=True)


def _be(environment: Mapping[str, str], name: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.modules["__main__"] = types.ModuleType(name)


def _keep_a_fork_server() -> None:
    """Fork what will be the fork server, while there are no threads; it waits until one is wanted.

    A second one, should that die, is started as it always is.
    """
    from multiprocessing import util

    way, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        way.close()
        _serve(theirs)
    theirs.close()
    really = util.spawnv_passfds  # type: ignore[attr-defined]

    def spawn(path: bytes, arguments: Sequence[str], files: Sequence[int]) -> int:
        if "multiprocessing.forkserver" not in arguments[-1]:
            return int(really(path, arguments, files))
        util.spawnv_passfds = really  # type: ignore[attr-defined]
        order = {"code": arguments[-1], "files": list(files), "environment": dict(os.environ)}
        socket.send_fds(way, [json.dumps(order).encode()], files)
        way.close()
        return pid

    util.spawnv_passfds = spawn  # type: ignore[attr-defined]


def _serve(way: socket.socket) -> None:
    """Be the fork server as soon as it is wanted. It never comes back."""
    message, files, _, _ = socket.recv_fds(way, _LONGEST, 8)
    if not message:
        os._exit(0)
    order = json.loads(message)
    way.close()
    # Its code names its files by number.
    above = [os.dup2(file, 100 + number) for number, file in enumerate(files)]
    os.closerange(3, 100)
    for file, number in zip(above, order["files"], strict=True):
        os.dup2(file, number)
        os.close(file)
    _be(order["environment"], "__main__")
    sys.argv = ["-c"]
    exec(order["code"], vars(sys.modules["__main__"]))
    sys.exit()


if __name__ == "__main__":
    main()
