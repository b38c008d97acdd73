"""The systemd units: systemd itself finds no fault in them, and each line that a promise rests on is there."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.settings import Settings

from .test_docs import resolve

UNITS = sorted((Path(__file__).parents[1] / "config" / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
DAEMON = next(path for path in UNITS if path.name == "scanner.service")
PROGRAM = "/opt/scanner/bin/scanner"
# Of ten, by systemd's own reckoning.
MOST_EXPOSED = 2.5

analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not here")


def section(path: Path, name: str) -> dict[str, str]:
    """A section of a unit; of a key that is there more than once, the last."""
    parser = configparser.RawConfigParser(strict=False, comment_prefixes="#", delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return dict(parser[name])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units beside each other, with a program that is there."""
    folder = tmp_path_factory.mktemp("units")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(PROGRAM, shutil.which("true") or "/bin/true")
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_no_fault(path: Path, installed: Path) -> None:
    command = [str(analyze), "verify", "--man=no", f"./{path.name}"]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_systemd_finds_it_well_shut(path: Path, installed: Path) -> None:
    limit = f"--threshold={MOST_EXPOSED * 10:.0f}"
    command = [str(analyze), "security", "--offline=true", "--no-pager", limit, f"./{path.name}"]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=60, check=False)

    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("NoNewPrivileges", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("ProtectKernelTunables", "yes"),
        ("ProtectKernelModules", "yes"),
        ("ProtectKernelLogs", "yes"),
        ("ProtectControlGroups", "yes"),
        ("CapabilityBoundingSet", ""),
        ("SystemCallFilter", "@system-service"),
        ("ReadWritePaths", "/srv/scanner/studio"),
    ],
)
def test_a_service_may_do_little(path: Path, key: str, value: str) -> None:
    assert section(path, "Service")[key] == value


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
@pytest.mark.parametrize("key", ["MemoryMax", "TasksMax", "RestrictAddressFamilies", "RestrictNamespaces"])
def test_a_service_has_limits(path: Path, key: str) -> None:
    assert section(path, "Service")[key]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_calls_a_command_that_is_there(path: Path) -> None:
    program, *words = shlex.split(section(path, "Service")["ExecStart"])
    command, context, rest = resolve(words)

    assert program == PROGRAM
    command.make_context(context.info_name, rest, parent=context.parent).close()


def test_systemd_is_told_and_watches() -> None:
    service = section(DAEMON, "Service")

    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert int(service["WatchdogSec"]) == 60
    assert service["Restart"] == "on-failure"


def test_systemd_never_gives_up_starting_it() -> None:
    assert section(DAEMON, "Unit")["StartLimitIntervalSec"] == "0"


def test_it_may_have_a_file_open_for_everything_it_examines() -> None:
    processes = Settings.model_fields["examining"].default.processes

    assert int(section(DAEMON, "Service")["LimitNOFILE"]) >= 1024 * processes


def test_the_examining_processes_may_leave_the_network() -> None:
    assert section(DAEMON, "Service")["RestrictNamespaces"].split() == ["user", "net"]


def test_monitors_of_this_machine_may_ask() -> None:
    service = section(DAEMON, "Service")

    assert "PrivateNetwork" not in service
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")


def test_the_timer_starts_the_report_and_makes_up_for_a_night_that_was_missed() -> None:
    (timer,) = [path for path in UNITS if path.suffix == ".timer"]

    assert timer.with_suffix(".service") in SERVICES
    assert section(timer, "Timer")["Persistent"] == "true"
