"""`scanner scan` as a shell sees it: what it prints, its exit code, and that it changes nothing."""

import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from scanner.cli import cli
from scanner.errors import SettingsError
from tests.intake.places import NAMES, nobody
from tests.studio import DELIVERIES, Home, call, listed, run

pytestmark = pytest.mark.long

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/scan.schema.json").read_text(encoding="utf-8"))
CLEAN = DELIVERIES / "signed_camera.jpg"
FLAGGED = DELIVERIES / "tampered.jpg"
UNREAD = DELIVERIES / "not_media.exr"
BLOCKED = DELIVERIES / "comfyui.png"


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A folder that is in no studio."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    return folder


def scanned(*arguments: str | Path | bytes, cwd: Path) -> dict[str, Any]:
    """What `scan --format json` says."""
    result: dict[str, Any] = json.loads(call("scan", "--format", "json", *arguments, cwd=cwd).stdout)
    return result


def codes(said: dict[str, Any]) -> list[str]:
    return sorted({finding["code"] for delivery in said["deliveries"] for finding in delivery["findings"]})


def text_file(folder: Path, name: str | bytes = "notes.txt") -> Path:
    path = folder / os.fsdecode(name)
    path.write_text("a cue sheet")
    return path


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        ((CLEAN,), 0),
        ((FLAGGED,), 4),
        ((UNREAD,), 2),
        ((BLOCKED,), 1),
        ((CLEAN, FLAGGED), 4),
        ((FLAGGED, UNREAD, CLEAN), 2),
        ((UNREAD, BLOCKED, FLAGGED, CLEAN), 1),
    ],
)
def test_the_exit_code_is_that_of_the_strictest_outcome(paths: tuple[Path, ...], code: int, nowhere: Path) -> None:
    assert call("scan", *paths, cwd=nowhere).returncode == code


@pytest.mark.parametrize("form", [pytest.param("json", marks=pytest.mark.thorough), "jsonl"])
def test_what_a_program_reads_is_as_the_schema_says(form: str, stocked: Home) -> None:
    out = call(
        "scan", CLEAN, FLAGGED, UNREAD, BLOCKED, DELIVERIES / "disguised.mxf", "--format", form, cwd=stocked.folder
    ).stdout

    for said in [out] if form == "json" else out.splitlines():
        Draft202012Validator(SCHEMA).validate(json.loads(said))


def test_there_is_one_line_a_delivery_for_programs_that_read_lines(nowhere: Path) -> None:
    lines = call("scan", CLEAN, FLAGGED, "--format", "jsonl", cwd=nowhere).stdout.splitlines()

    assert [json.loads(line)["outcome"] for line in lines] == ["pass", "flag"]


def test_a_page_is_written_where_it_was_asked_for(stocked: Home) -> None:
    call("scan", DELIVERIES / "temp_in_final.mov", "--format", "html", "-o", "report.html", cwd=stocked.folder)

    assert "temp_in_final.mov" in (stocked / "report.html").read_text(encoding="utf-8")


def test_a_page_shows_the_found_and_the_registered_frame(stocked: Home) -> None:
    page = call("scan", DELIVERIES / "temp_in_final.mov", "--format", "html", cwd=stocked.folder).stdout

    assert page.count("data:image/jpeg;base64,") >= 2


def test_a_report_that_cannot_be_written_is_an_error_of_usage(nowhere: Path) -> None:
    done = call("scan", CLEAN, "--format", "html", "-o", nowhere / "no such folder/report.html", cwd=nowhere)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_a_report_is_never_written_over_what_is_scanned(form: str, nowhere: Path) -> None:
    delivered = nowhere / "delivered"
    shutil.copytree(DELIVERIES / "clean_plate", delivered)
    before = listed(delivered)
    frame = next(delivered.iterdir())

    assert call("scan", delivered, "--format", form, "-o", frame, cwd=nowhere).returncode == 3
    assert listed(delivered) == before


def test_nothing_in_the_folder_where_it_runs_is_taken_for_code(nowhere: Path) -> None:
    shutil.copy(CLEAN, nowhere)
    ran = nowhere / "ran"
    for module in ("av", "cv2", "numpy", "scanner", "json", "sitecustomize"):
        (nowhere / f"{module}.py").write_text(f"open({str(ran)!r}, 'w')\n")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    program = Path(sys.executable).with_name("scanner")

    done = subprocess.run([program, "scan", CLEAN.name], cwd=nowhere, env=environment, capture_output=True, check=False)

    assert (done.returncode, ran.exists()) == (0, False)


def test_without_a_studio_it_says_that_no_register_was_asked(nowhere: Path) -> None:
    assert "no register" in " ".join(call("scan", CLEAN, cwd=nowhere).stdout.split())


def test_without_a_studio_the_register_is_null(nowhere: Path) -> None:
    assert scanned(CLEAN, cwd=nowhere)["deliveries"][0]["register"] is None


def test_in_a_studio_it_says_how_much_the_register_holds(stocked: Home) -> None:
    assert scanned(CLEAN, cwd=stocked.folder)["deliveries"][0]["register"]["records"] == 7


def test_results_are_all_that_is_printed(stocked: Home) -> None:
    done = run("scan", BLOCKED, "--format", "json", cwd=stocked.folder)

    assert (json.loads(done.stdout)["outcome"], done.stderr, done.returncode) == ("quarantine", "", 1)


# ---- A studio whose database cannot be asked


def spoilt(home: Home, how: str) -> None:
    database = home / "scanner.db"
    match how:
        case "not a database":
            database.write_bytes(b"this is not a database\n" * 400)
        case "cut off":
            database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
        case "overwritten":
            with database.open("r+b") as file:
                file.seek(8192)
                file.write(os.urandom(database.stat().st_size - 8192))
        case "a folder":
            database.unlink()
            database.mkdir()
        case "missing":
            database.unlink()
        case "empty":
            database.write_bytes(b"")
        case "newer":
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("update alembic_version set version_num = '9999'")


@pytest.mark.parametrize("how", ["not a database", "cut off", "overwritten", "a folder", "missing", "empty", "newer"])
def test_a_database_that_cannot_be_asked_holds_everything(how: str, stocked: Home) -> None:
    spoilt(stocked, how)
    done = call("scan", CLEAN, "--format", "json", cwd=stocked.folder)

    assert (done.returncode, codes(json.loads(done.stdout))) == (2, ["REGISTER-OUT-OF-REACH"])


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_scanning_makes_no_database(how: str, stocked: Home) -> None:
    spoilt(stocked, how)
    before = stocked.files() | listed(stocked.folder)
    call("scan", CLEAN, cwd=stocked.folder)

    assert stocked.files() | listed(stocked.folder) == before


def test_a_database_server_that_is_not_there_holds_everything(home: Home) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        home.set(("sqlite:///scanner.db", f"postgresql://nobody@127.0.0.1:{taken.getsockname()[1]}/films"))
        done = call("scan", CLEAN, "--format", "json", cwd=home.folder)

    assert (done.returncode, codes(json.loads(done.stdout))) == (2, ["REGISTER-OUT-OF-REACH"])


def test_another_program_that_writes_to_the_database_is_no_hindrance(stocked: Home) -> None:
    with closing(sqlite3.connect(stocked / "scanner.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        assert call("scan", CLEAN, cwd=stocked.folder).returncode == 0


# ---- Paths


@pytest.fixture(scope="module")
def oddly_named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of clean pictures whose names break careless code."""
    folder = tmp_path_factory.mktemp("odd") / "reel"
    folder.mkdir()
    for name in NAMES:
        shutil.copyfile(CLEAN, folder / name)
    return folder


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "html"])
def test_any_name_can_be_scanned_and_shown(form: str, oddly_named: Path) -> None:
    done = call("scan", "--format", form, "--", *NAMES, ".", cwd=oddly_named)

    assert (done.returncode, done.stderr, "\x1b" in done.stdout, "\udcff" in done.stdout) == (0, "", False, False)


def test_names_in_results_tell_one_from_the_other(oddly_named: Path) -> None:
    said = scanned("--", *NAMES, cwd=oddly_named)

    assert len({delivery["name"] for delivery in said["deliveries"]}) == len(NAMES)


@pytest.mark.parametrize("make", ["nothing", "link", "dangling link", "pipe", "socket", "too long"])
def test_what_is_no_file_or_folder_is_refused(make: str, nowhere: Path) -> None:
    path = nowhere / ("x" * 300 if make == "too long" else "given")
    match make:
        case "link":
            path.symlink_to(CLEAN)
        case "dangling link":
            path.symlink_to("nothing")
        case "pipe":
            os.mkfifo(path)
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)
    done = call("scan", path, cwd=nowhere)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_a_link_in_a_folder_holds_it(nowhere: Path) -> None:
    (nowhere / "reel").mkdir()
    text_file(nowhere / "reel")
    (nowhere / "reel/more.mov").symlink_to(CLEAN)
    said = scanned("reel", cwd=nowhere)

    assert (said["outcome"], codes(said)) == ("hold", ["NOT-OPENED"])


def test_a_folder_with_nothing_in_it_is_held(nowhere: Path) -> None:
    (nowhere / "reel").mkdir()

    assert codes(scanned("reel", cwd=nowhere)) == ["NOTHING-DELIVERED"]


@pytest.mark.parametrize("given", [".", "../reel", "../reel/", "./"])
def test_a_folder_is_called_by_its_name_however_it_is_given(given: str, nowhere: Path) -> None:
    (nowhere / "reel").mkdir()
    text_file(nowhere / "reel")

    assert scanned(given, cwd=nowhere / "reel")["deliveries"][0]["name"] == "reel"


@pytest.fixture
def loaded(tmp_path: Path) -> None:
    """All code that a scan needs is loaded: a user without privileges may not be able to read it."""
    CliRunner().invoke(cli, ["scan", str(text_file(tmp_path))], standalone_mode=False)


@pytest.mark.usefixtures("loaded")
def test_a_file_that_may_not_be_read_is_held() -> None:
    with nobody() as folder:
        if not os.access(sys.prefix, os.R_OK | os.X_OK, effective_ids=True):
            pytest.skip("Python lies in a folder that a user without privileges may not read")
        path = text_file(folder)
        path.chmod(0)
        said = CliRunner().invoke(cli, ["scan", str(path)], standalone_mode=False)

    assert said.return_value == 2, said.output


@pytest.mark.usefixtures("loaded")
def test_a_folder_that_may_not_be_looked_into_is_refused() -> None:
    with nobody() as folder:
        (folder / "closed").mkdir()
        path = text_file(folder / "closed")
        (folder / "closed").chmod(0)
        said = CliRunner().invoke(cli, ["scan", str(path)], standalone_mode=False)

    assert isinstance(said.exception, SettingsError)


# ---- It changes nothing


def traits(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a tree but access times."""
    return {
        str(path.relative_to(folder)): (
            status.st_mode,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            path.read_bytes() if stat.S_ISREG(status.st_mode) else None,
        )
        for path in [folder, *folder.rglob("*")]
        for status in [path.lstat()]
    }


def test_scanning_changes_nothing_of_what_is_scanned(stocked: Home, tmp_path: Path) -> None:
    shutil.copytree(DELIVERIES, tmp_path / "delivered")
    before = traits(tmp_path / "delivered")
    call("scan", *sorted((tmp_path / "delivered").iterdir()), "--format", "html", cwd=stocked.folder)

    assert traits(tmp_path / "delivered") == before


def test_scanning_changes_nothing_of_the_studio_but_its_index(stocked: Home) -> None:
    """The index is made from the database when it is first needed, and may be removed at any time."""
    shutil.rmtree(stocked / "index", ignore_errors=True)
    before = listed(stocked.folder)
    call("scan", BLOCKED, DELIVERIES / "temp_in_final.mov", cwd=stocked.folder)

    after = listed(stocked.folder)
    assert {name: after[name] for name in after if not name.startswith("index")} == before


def test_every_frame_is_looked_at_when_that_is_asked_for(stocked: Home) -> None:
    said = scanned(DELIVERIES / "clean_scene.mov", "--exhaustive", cwd=stocked.folder)
    coverage = said["deliveries"][0]["coverage"]

    assert coverage["frames_examined"] == coverage["frames_present"] > 0
    assert coverage["sample_step"] == 1
