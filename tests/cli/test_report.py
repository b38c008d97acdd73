"""`scanner report`: the night's report is written, printed, opened or sent, for the day that was asked for."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scanner.pipeline import handle
from tests.mail_server import receiving_mail
from tests.studio import Home, call, new_home
from tests.test_mailing import EVE, JOE, MARIA, mails_to

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/night.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio in which something was stopped tonight. To read only: tests get a copy of it."""
    home = new_home(tmp_path_factory.mktemp("night") / "studio")
    delivery_id = home.take("comfyui.png")
    with home.open() as studio:
        handle(studio, delivery_id)
    return home


@pytest.fixture
def night(told: Home, tmp_path: Path) -> Home:
    return Home(folder=Path(shutil.copytree(told.folder, tmp_path / "studio")))


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def test_it_is_written_as_text_as_a_page_and_as_json(night: Home) -> None:
    call("report", cwd=night.folder)

    assert sorted(path.suffix for path in (night / "reports").iterdir()) == [".html", ".json", ".txt"]


def test_it_names_the_files_that_it_wrote(night: Home) -> None:
    named = call("report", cwd=night.folder).stdout.split("\n")[:-1]

    assert sorted(map(str, (night / "reports").iterdir())) == sorted(named, key=lambda name: name)


@pytest.mark.parametrize("form", ["text", "html", "json", "eml"])
def test_it_tells_what_was_stopped(form: str, night: Home) -> None:
    assert "comfyui.png" in call("report", "--format", form, cwd=night.folder).stdout


@pytest.mark.parametrize("form", ["text", "html", "json", "eml"])
def test_printing_it_writes_nothing(form: str, night: Home) -> None:
    call("report", "--format", form, cwd=night.folder)

    assert not list((night / "reports").iterdir())


def test_the_day_that_was_asked_for_is_told(night: Home) -> None:
    assert "comfyui.png" in call("report", "--date", today(), "--format", "text", cwd=night.folder).stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("--date", "yesterday"),
        ("--date", "2026-13-01"),
        ("--date", "9999-12-31"),
        ("--date", "0001-01-01", "--zone", "Asia/Tokyo"),
        ("--zone", "Europe"),
        ("--zone", "../etc/passwd"),
        ("--zone", ""),
        ("--zone", "Nowhere/Land"),
        ("--format", "pdf"),
        ("--to", "maria@example.com"),
        ("--send", "--to", "maria"),
        ("--send", "--to", "maria@example.com\nBcc: x@example.com"),
        ("--send", "--to", "maria@example.com"),
        ("--send",),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: tuple[str, ...], home: Home) -> None:
    done = call("report", *wrong, cwd=home.folder)

    assert (done.returncode, "Traceback" in done.stderr, list((home / "reports").iterdir())) == (3, False, [])


def test_a_day_to_come_is_refused(home: Home) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)

    assert call("report", "--date", f"{tomorrow:%Y-%m-%d}", cwd=home.folder).returncode == 3


def test_a_day_that_the_clocks_make_longer_is_told_whole(home: Home) -> None:
    """Berlin, 25 October 2026: from 22:00 to 23:00 UTC on the next day, 25 hours."""
    said = call("report", "--date", "2026-10-25", "--zone", "Europe/Berlin", cwd=home.folder).stdout

    assert "night_2026-10-25_2300.txt" in said


def test_a_folder_that_cannot_be_written_to_is_an_error_of_settings(night: Home) -> None:
    (night / "reports").rmdir()
    (night / "reports").write_text("a file of that name")
    done = call("report", cwd=night.folder)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_it_needs_a_studio(tmp_path: Path) -> None:
    assert call("report", cwd=tmp_path).returncode == 3


def test_a_missing_database_is_not_a_quiet_night(home: Home) -> None:
    (home / "scanner.db").unlink()

    assert call("report", cwd=home.folder).returncode == 2


def test_json_is_as_its_schema_says_and_tells_the_version(night: Home) -> None:
    told = json.loads(call("report", "--format", "json", cwd=night.folder).stdout)

    Draft202012Validator(SCHEMA).validate(told)
    assert told["version"] == 1
    assert [each["name"] for each in told["deliveries"]] == ["comfyui.png"]


def test_the_mail_can_be_seen_before_it_is_sent(night: Home) -> None:
    mail = message_from_string(
        call("report", "--format", "eml", "--to", MARIA, cwd=night.folder).stdout, policy=default
    )

    assert mail["To"] == MARIA
    assert mail.get_content_type() == "multipart/alternative"


def test_it_is_opened_in_the_browser(night: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    call("report", "--open", cwd=night.folder)

    (url,) = opened
    assert url.startswith("file://")
    assert url.endswith(".html")


def test_it_is_sent_to_everybody_once_however_often_that_day_is_asked_for(night: Home) -> None:
    with receiving_mail() as postbox:
        mails_to(night, postbox.port, MARIA, JOE)
        postbox.refused[JOE] = "450 later"
        yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"

        first = call("report", "--send", "--date", yesterday, cwd=night.folder)
        assert (first.returncode, postbox.to) == (2, [MARIA])
        assert "450 later" in first.stdout

        postbox.refused.clear()
        again = call("report", "--send", "--date", yesterday, cwd=night.folder)
        assert (again.returncode, postbox.to) == (0, [MARIA, JOE])

        listed = call("report", "--mails", cwd=night.folder)
        assert sorted(line.split("\t")[1:3] for line in listed.stdout.splitlines()) == [[JOE, "sent"], [MARIA, "sent"]]


def test_one_address_is_sent_to_at_once_and_told_when_that_failed(night: Home) -> None:
    with receiving_mail() as postbox:
        mails_to(night, postbox.port, MARIA)

        assert call("report", "--send", "--to", EVE, cwd=night.folder).returncode == 0
        postbox.refused[EVE] = "550 nobody"
        refused = call("report", "--send", "--to", EVE, cwd=night.folder)

    assert (refused.returncode, postbox.to) == (2, [EVE])
    assert "550 nobody" in refused.stderr
    assert call("report", "--mails", cwd=night.folder).stdout == ""


def test_what_was_given_up_is_tried_again(night: Home) -> None:
    with receiving_mail(refused={MARIA: "550 nobody"}) as postbox:
        mails_to(night, postbox.port, MARIA)
        assert call("report", "--send", cwd=night.folder).returncode == 2
        assert "given up" in call("report", "--mails", cwd=night.folder).stdout
        postbox.refused.clear()

        assert call("report", "--retry", cwd=night.folder).returncode == 0

    assert postbox.to == [MARIA]


def test_the_doctor_tries_the_mail_server_and_sends_nothing(home: Home) -> None:
    with receiving_mail() as postbox:
        mails_to(home, postbox.port, MARIA)
        assert "mail: 127.0.0.1" in call("doctor", cwd=home.folder).stdout
    assert postbox.mails == []

    assert re.search("BAD +mail: 127.0.0.1", call("doctor", cwd=home.folder).stdout)
