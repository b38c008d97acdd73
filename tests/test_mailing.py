"""The nightly report by mail, whole: written once, sent until it is received, and missed when it is not."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import insert

from scanner import mailing
from scanner.chores import Chores
from scanner.engine import Engine
from scanner.gauges import Gauges
from scanner.health import Health, Pulse
from scanner.model import Event, Mail, PaperKind, Person, Report, Subscription
from scanner.overview import Overview
from scanner.store.codec import as_json
from scanner.store.mails import MOST_TRIES, pause
from scanner.store.tables import papers
from scanner.studio import Studio
from scanner.watching import Watch
from tests.mail_server import PASSWORD, Postbox, receiving_mail
from tests.store import values
from tests.studio import Home, eventually, new_home

MARIA, JOE, EVE = "maria@example.com", "joe@example.com", "eve@example.com"
SCHEMA = json.loads((Path(__file__).parents[1] / "docs/webhook.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio to be copied: that is quicker than to make one."""
    return new_home(tmp_path_factory.mktemp("empty") / "studio")


@pytest.fixture
def home(empty: Home, tmp_path: Path) -> Home:
    return Home(folder=Path(shutil.copytree(empty.folder, tmp_path / "studio")))


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with receiving_mail() as postbox:
        yield postbox


def mails_to(home: Home, port: int, *addresses: str, more: str = "", report: str = "") -> None:
    """Have the report sent at a time that came a few hours ago at most, by a server on this machine."""
    recipients = "".join(f'\n[[recipients]]\naddress = "{each}"\n' for each in addresses)
    now = datetime.now(UTC)
    at = f"{(now - timedelta(minutes=3)):%H:%M}"
    home.set(
        ("[report]\n", f"[report]\n{report}"),
        ('on = false\nat = "06:30"', f'on = true\nat = "{at}"'),
        ('host = ""', 'host = "127.0.0.1"'),
        ("port = 587", f"port = {port}"),
        ('security = "starttls"', 'security = "none"'),
        ('sender = ""', 'sender = "scanner@example.com"'),
        ("timeout_seconds = 30.0", "timeout_seconds = 5.0"),
        more=recipients + more,
    )


def make_due(home: Home, **columns: object) -> None:
    """As if time had passed."""
    changed = ", ".join(f"{name} = :{name}" for name in columns)
    with sqlite3.connect(home / "scanner.db") as database:
        database.execute(f"update mails set {changed} where sent_at is null", columns)
    database.close()


LONG_AGO = "2026-01-01 00:00:00.000000"


def all_mails(studio: Studio) -> dict[str, Mail]:
    return {mail.address: mail for mail in studio.kept.mails.mails()}


def test_the_report_is_sent_once_to_everybody_whoever_asks_how_often(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA, JOE)
    with home.open() as studio, home.open() as other:
        both = (studio, other) * 3
        with ThreadPoolExecutor(6) as threads:
            written = list(threads.map(mailing.write_due, both))
            sent = sum(threads.map(mailing.send_due, both))

        assert len([each for each in written if each]) == 1
        assert sent == 2
        assert mailing.write_due(studio) is None
        assert sorted(postbox.to) == [JOE, MARIA]
        assert all(mail.sent_at and mail.content is None for mail in all_mails(studio).values())
        assert studio.kept.mails.newest(finished=True) is not None


def test_a_daemon_sends_it_by_itself(home: Home, postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    mails_to(home, postbox.port, MARIA)
    for name in ("_REPORT_SECONDS", "_MAIL_SECONDS"):
        monkeypatch.setattr(f"scanner.chores.{name}", 0.05)
    stopped = threading.Event()
    with home.open() as studio:
        Chores(studio, Engine(studio, instance="one"), Watch(studio.settings), stopped).begin()
        try:
            eventually(lambda: studio.kept.mails.newest(finished=True))
        finally:
            stopped.set()

    assert postbox.to == [MARIA]


def test_nothing_is_written_where_it_is_not_switched_on(home: Home) -> None:
    with home.open() as studio:
        assert mailing.write_due(studio) is None
        assert mailing.send_due(studio) == 0
        assert mailing.tell_overdue(studio) is None


def test_one_reader_who_is_refused_keeps_no_other_waiting(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA, JOE, EVE)
    postbox.refused[JOE] = "550 no such user"
    with home.open() as studio:
        mailing.write_due(studio)

        assert mailing.send_due(studio) == 2
        joe = all_mails(studio)[JOE]
        assert (joe.given_up, joe.tries) == (True, 1)
        assert "550 no such user" in (joe.last_error or "")
        assert sorted(postbox.to) == [EVE, MARIA]


def test_a_server_that_will_not_now_is_asked_again_later(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    postbox.refused[MARIA] = "450 greylisted"
    with home.open() as studio:
        mailing.write_due(studio)
        assert mailing.send_due(studio) == 0
        waiting = all_mails(studio)[MARIA]
        assert waiting.next_at is not None
        assert waiting.next_at > studio.now() + timedelta(seconds=10)
        assert mailing.send_due(studio) == 0, "not before its time"

        postbox.refused.clear()
        make_due(home, next_at=LONG_AGO)

        assert mailing.send_due(studio) == 1
        assert postbox.to == [MARIA]


def test_after_a_drop_the_same_bytes_come_again_under_the_same_id(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    postbox.answers.append("drop")
    with home.open() as studio:
        mailing.write_due(studio)
        assert mailing.send_due(studio) == 0
        unsure = all_mails(studio)[MARIA]
        assert unsure.unsure_at is not None
        assert "may have been received" in (unsure.last_error or "")

        make_due(home, next_at=LONG_AGO)
        assert mailing.send_due(studio) == 1

    assert len(set(postbox.ids)) == 1
    assert postbox.raw[0] == postbox.raw[1]


def test_a_mail_that_was_claimed_and_never_marked_is_sent_when_its_lease_is_over(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    with home.open() as studio:
        mailing.write_due(studio)
        assert studio.kept.mails.claim(lease=timedelta(minutes=5)) is not None
        assert mailing.send_due(studio) == 0

        make_due(home, next_at=LONG_AGO)

        assert mailing.send_due(studio) == 1


def test_after_three_days_it_is_given_up_until_a_person_says_so(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    postbox.refused[MARIA] = "451 not now"
    with home.open() as studio:
        mailing.write_due(studio)
        make_due(home, tries=MOST_TRIES - 1)
        mailing.send_due(studio)
        assert all_mails(studio)[MARIA].given_up

        postbox.refused.clear()
        assert studio.kept.mails.retry() == 1

        assert mailing.send_due(studio) == 1


def test_pauses_grow_to_an_hour_and_last_three_days_together() -> None:
    seconds = [pause(number).total_seconds() for number in range(1, MOST_TRIES)]

    assert 13 < seconds[0] < 17
    assert max(seconds) <= 3960
    assert 2.5 * 86_400 < sum(seconds) < 3.5 * 86_400


def test_the_next_report_tells_of_all_since_the_last(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    with home.open() as studio:
        last = studio.now() - timedelta(days=4)
        studio.kept.mails.write(Report(report_id="x", since=last, until=last, due_at=last, written_at=last), ())

        report = mailing.write_due(studio)

        assert report is not None
        assert report.since == last


def test_readers_are_told_of_their_titles(home: Home, postbox: Postbox) -> None:
    ours = '\n[[recipients]]\naddress = "{}"\ntitles = ["{}"]\n'
    mails_to(home, postbox.port, MARIA, more=ours.format(JOE, "OTHER") + ours.format(EVE, "DEMO"))
    with home.open() as studio:
        received = studio.now() - timedelta(hours=1)
        made = values.delivery("d1", title="DEMO", received_at=received)
        studio.kept.received(made, place="/bench")
        mailing.write_due(studio)
        mailing.send_due(studio)

    subjects = {to: str(mail["Subject"]) for to, mail in zip(postbox.to, postbox.mails, strict=True)}
    assert "nothing was delivered" in subjects[JOE]
    assert all("1 delivery" in subjects[to] for to in (MARIA, EVE))


def person(home: Home, **given: object) -> None:
    """Somebody comes into the roster."""
    someone = Person(person_id="P-7", name="Maria Lind", role="post supervisor", **given)  # type: ignore[arg-type]
    row = {"kind": PaperKind.PERSON, "paper_id": "P-7", "version": 1, "content": as_json(Person, someone)}
    with home.store() as store, store._database.writing() as connection:
        connection.execute(insert(papers).values(**row, digest="-", at=datetime.now(UTC), by="t"))


CANNOT_BE_SENT_TO = (
    {},
    {"mail": "no address"},
    {"mail": "a@b.example\r\nBcc: x@y.example"},
    {"mail": MARIA, "active_to": datetime(2026, 1, 1, tzinfo=UTC)},
    None,
)


def test_a_person_of_the_roster_is_sent_to_by_the_address_there(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, more='\n[[recipients]]\nperson = "P-7"\n')
    person(home, mail=MARIA)
    with home.open() as studio:
        mailing.write_due(studio)
        mailing.send_due(studio)

    (mail,) = postbox.mails
    assert mail["To"] == "Maria Lind <maria@example.com>"
    assert "Sent to Maria Lind, post supervisor, for all titles." in str(mail.get_body(("plain",)))


@pytest.mark.parametrize("given", CANNOT_BE_SENT_TO)
def test_somebody_who_cannot_be_sent_to_is_missed(
    given: dict[str, object] | None, home: Home, postbox: Postbox
) -> None:
    mails_to(home, postbox.port, JOE, more='\n[[recipients]]\nperson = "P-7"\n', report="")
    home.set(("overdue_minutes = 60", "overdue_minutes = 1"))
    if given is not None:
        person(home, **given)
    with home.open() as studio:
        mailing.write_due(studio)

        assert mailing.send_due(studio) == 1
        assert "P-7: " in (mailing.tell_overdue(studio) or "")
        assert studio.kept.mails.retry() == 0


def subscribed(studio: Studio) -> None:
    studio.kept.subscriptions = [Subscription(target="all", events=frozenset(Event))]


def told(studio: Studio) -> list[dict[str, object]]:
    studio.kept.subscriptions = []
    bodies = [json.loads(each.body) for each in studio.kept.outbox.messages()]
    for each in bodies:
        Draft202012Validator(SCHEMA).validate(each)
    return [{"type": each["type"], **each["data"]} for each in bodies]


def test_that_it_has_gone_out_is_told_once_all_have_it(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA, JOE)
    postbox.refused[JOE] = "450 later"
    with home.open() as studio:
        subscribed(studio)
        mailing.write_due(studio)
        mailing.send_due(studio)
        assert studio.kept.outbox.messages() == ()
        postbox.refused.clear()
        make_due(home, next_at=LONG_AGO)
        mailing.send_due(studio)
        mailing.send_due(studio)

        (message,) = told(studio)
        assert (message["type"], message["why"]) == ("report.sent", None)


def test_a_report_that_does_not_go_out_is_missed_once_and_seen_by_all_who_look(home: Home) -> None:
    mails_to(home, 1, MARIA)
    home.set(("overdue_minutes = 60", "overdue_minutes = 1"))
    with home.open() as studio:
        subscribed(studio)
        assert mailing.tell_overdue(studio) == "it has not been written"
        mailing.write_due(studio)
        mailing.send_due(studio)

        why = mailing.tell_overdue(studio)

        assert why is not None
        assert why.startswith("1 not received: ConnectionRefusedError")
        health = Health(studio.settings, studio.kept, Pulse(), engine_runs=lambda: True)
        part = eventually(lambda: health.ready().get("report"))
        assert part.ok, "a server that cannot mail can take deliveries"
        assert "OVERDUE" in part.told
        assert any("has not gone out" in each for each in Overview(studio.settings, studio.kept).status().problems)
        (message,) = told(studio)
        assert (message["type"], message["why"]) == ("report.overdue", "it has not been written")


def test_it_is_not_missed_before_its_time_is_over(home: Home) -> None:
    mails_to(home, 1, MARIA)
    with home.open() as studio:
        assert mailing.tell_overdue(studio) is None


def gauge(studio: Studio, home: Home, name: str) -> float | None:
    found = {metric.name: metric for metric in Gauges(studio.kept, home / "work").collect()}
    return found[name].samples[0].value if name in found else None


def test_monitors_see_how_old_the_last_report_is(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    with home.open() as studio:
        mailing.write_due(studio)
        assert gauge(studio, home, "scanner_report_age_seconds") is None
        assert gauge(studio, home, "scanner_unsent_mails") == 1
        mailing.send_due(studio)

        age = gauge(studio, home, "scanner_report_age_seconds")

        assert age is not None
        assert 0 <= age < 60
        assert gauge(studio, home, "scanner_unsent_mails") == 0


def test_without_a_mail_server_the_report_lies_in_its_folder_every_night(home: Home) -> None:
    mails_to(home, 587)
    home.set(('host = "127.0.0.1"', 'host = ""'))
    with home.open() as studio:
        subscribed(studio)
        mailing.write_due(studio)

        assert sorted(path.suffix for path in (home / "reports").iterdir()) == [".html", ".json", ".txt"]
        assert [each["type"] for each in told(studio)] == ["report.sent"]


def test_a_folder_that_cannot_be_written_to_keeps_no_mail_back(home: Home, postbox: Postbox) -> None:
    mails_to(home, postbox.port, MARIA)
    (home / "reports").rmdir()
    (home / "reports").write_text("a file of that name")
    with home.open() as studio:
        mailing.write_due(studio)

        assert mailing.send_due(studio) == 1


def test_the_whole_report_is_linked_where_it_can_be_fetched(home: Home, postbox: Postbox) -> None:
    vendor = f'\n[[recipients]]\naddress = "{JOE}"\nvendors = ["acme"]\n'
    mails_to(home, postbox.port, MARIA, more=vendor, report='base_url = "https://hooks.example.com/nights"\n')
    home.set(('base_url = ""\n', ""))
    with home.open() as studio:
        mailing.write_due(studio)
        mailing.send_due(studio)

    page = {to: str(mail.get_body(("html",))) for to, mail in zip(postbox.to, postbox.mails, strict=True)}
    assert "https://hooks.example.com/nights/night_" in page[MARIA].replace("=\n", "")
    assert "hooks.example.com" not in page[JOE]


def test_no_secret_is_logged_or_kept(home: Home, postbox: Postbox, caplog: pytest.LogCaptureFixture) -> None:
    mails_to(home, postbox.port, MARIA)
    secret = home / "mail.secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    home.set(
        ('security = "none"', 'security = "starttls"'),
        ('username = ""', 'username = "scanner"'),
        ('password_file = ""', 'password_file = "mail.secret"'),
    )
    with home.open() as studio:
        mailing.write_due(studio)
        mailing.send_due(studio)
        why = all_mails(studio)[MARIA].last_error

    assert "nothing is sent in clear" in (why or "")
    assert postbox.mails == []
    assert PASSWORD not in f"{why}{caplog.text}"
    assert PASSWORD.encode() not in (home / "scanner.db").read_bytes()
