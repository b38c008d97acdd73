"""Webhooks and commands: what is sent, how it is signed, and what becomes of it when nobody answers."""

import base64
import ipaddress
import json
import logging
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jsonschema import Draft202012Validator

from scanner import telling
from scanner.errors import SettingsError, UnknownIdError
from scanner.model import Event, Message, Outcome
from scanner.store.outbox import MOST_TRIES, pause
from scanner.studio import Studio
from tests.receiver import Receiver, receiving
from tests.store import values
from tests.studio import Home, call, eventually

SECRET = bytes(range(32))
OTHER_SECRET = bytes(range(32, 64))
SCHEMA = json.loads((Path(__file__).parents[1] / "docs/webhook.schema.json").read_text(encoding="utf-8"))


def words(secret: bytes) -> str:
    return f"whsec_{base64.b64encode(secret).decode()}\n"


@pytest.fixture
def home(home: Home) -> Home:
    """A studio with a secret that is nobody else's."""
    path = home / "hook.secret"
    path.write_text(words(SECRET), encoding="ascii")
    path.chmod(0o600)
    return home


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the program logs, whatever was set up before."""
    logger = logging.getLogger("scanner")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def tells(home: Home, receiver: Receiver, *more: str, name: str = "hook") -> None:
    """Add a target to the settings."""
    given = (f'name = "{name}"', f'url = "{receiver.url}"', 'secret_file = "hook.secret"', *more)
    home.set(more="\n[[telling]]\n" + "\n".join(given) + "\n")


def runs(home: Home, *command: str, more: str = "") -> None:
    """Add a command of this Python to the settings."""
    home.set(more=f'\n[[telling]]\nname = "program"\ncommand = {json.dumps([sys.executable, *command])}\n{more}\n')


def carried_out(studio: Studio, key: str = "d1", *, outcome: Outcome = Outcome.QUARANTINE, **given: object) -> None:
    studio.kept.received(values.delivery(key, **given), place="/bench")
    studio.kept.decided(values.verdict(key, outcome=outcome), (), (), place=f"/there/{key}")
    studio.kept.carried_out(key, place=f"/there/{key}")


def make_due(home: Home, **columns: object) -> None:
    """As if time had passed."""
    changed = ", ".join(f"{name} = :{name}" for name in columns)
    with sqlite3.connect(home / "scanner.db") as database:
        database.execute(
            f"update outbox set next_at = '2025-01-01 00:00:00.000000'{', ' if changed else ''}{changed}", columns
        )
    database.close()


@contextmanager
def sending(studio: Studio) -> Iterator[None]:
    """The daemon's thread."""
    stopped = threading.Event()
    thread = threading.Thread(target=telling.keep_sending, args=(studio, stopped), kwargs={"every": 0.05})
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def unsent(studio: Studio) -> tuple[Message, ...]:
    return studio.kept.outbox.messages()


def test_what_was_blocked_is_told_signed_and_once(home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)

            assert telling.send_due(studio) == 1
            assert telling.send_due(studio) == 0

    (told,) = receiver.received
    assert told.is_signed_with(SECRET)
    assert not told.is_signed_with(OTHER_SECRET)
    assert told.json()["type"] == "delivery.quarantined"
    assert told.headers["content-type"] == "application/json"
    assert abs(int(told.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60


def test_a_message_says_what_where_why_and_by_which_approvals(home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)
            telling.send_due(studio)

    data = receiver.received[0].json()["data"]
    assert (data["delivery_id"], data["name"], data["title"], data["vendor"]) == (
        "d1", "EP101_v3", "Ghost Light", "acme",
    )  # fmt: skip
    assert (data["outcome"], data["place"], data["verdict"]) == ("quarantine", "/there/d1", 1)
    assert [finding["code"] for finding in data["findings"]] == ["AI-LOOK-ALIKE", "AI-CREDENTIALS"]
    assert data["approvals_used"] == ["approval-a"]


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Outcome.PASS, "delivery.cleared"),
        (Outcome.FLAG, "delivery.flagged"),
        (Outcome.HOLD, "delivery.held"),
        (Outcome.QUARANTINE, "delivery.quarantined"),
    ],
)
def test_each_outcome_is_an_event_of_its_own_and_as_the_schema_says(outcome: Outcome, event: str, home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio, outcome=outcome)
            telling.send_due(studio)

    (told,) = receiver.received
    Draft202012Validator(SCHEMA).validate(told.json())
    assert told.json()["type"] == event


def test_rulings_stalled_transfers_and_recalls_are_told_as_the_schema_says(home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver, 'events = ["delivery.ruled", "transfer.stalled", "recall.opened", "delivery.rejudged"]')
        with home.open() as studio:
            carried_out(studio)
            studio.kept.decided(values.verdict("d1", outcome=Outcome.PASS), (), (), place="/cleared/d1")
            studio.kept.ruled("d1", values.ruling(), place="/cleared/d1")
            studio.kept.add_records([(values.record("a"), {})])
            studio.kept.add_recalls([values.recall()])
            for _ in range(2):
                telling.transfer_stalled(
                    studio, folder=home / "drop", name="reel.mov", since=values.NOON, mark="7", why="no byte in 3 h"
                )
            telling.send_due(studio)

    assert sorted(receiver.events()) == ["delivery.rejudged", "delivery.ruled", "recall.opened", "transfer.stalled"]
    for told in receiver.received:
        Draft202012Validator(SCHEMA).validate(told.json())
    rejudged = next(told.json()["data"] for told in receiver.received if told.json()["type"] == "delivery.rejudged")
    assert (rejudged["outcome_before"], rejudged["outcome"], rejudged["verdict"]) == ("quarantine", "pass", 2)


def test_only_the_events_that_a_target_wants_are_written_down(home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver, 'events = ["delivery.held"]')
        with home.open() as studio:
            carried_out(studio)

            assert unsent(studio) == ()


def test_a_hostile_name_arrives_as_a_name_and_nothing_else(home: Home) -> None:
    name = 'a"},"outcome":"pass\u202e\n' + os.fsdecode(b"\xff") + ".mov"
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio, name=name)
            telling.send_due(studio)

    data = receiver.received[0].json()["data"]
    assert data["name"] == name.replace(os.fsdecode(b"\xff"), "\\xff")
    assert data["outcome"] == "quarantine"
    assert b"\xe2\x80\xae" not in receiver.received[0].body


def test_what_was_not_received_is_sent_again_with_the_same_id_and_a_new_signature(home: Home) -> None:
    with receiving(500, 503) as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)

            assert telling.send_due(studio) == 0
            assert unsent(studio)[0].last_error == "it answered 500"
            eventually(lambda: telling.send_due(studio), within=20)

            assert unsent(studio) == ()
    assert len(receiver.ids) == 3
    assert len(set(receiver.ids)) == 1
    assert all(told.is_signed_with(SECRET) for told in receiver.received)


def test_a_redirect_is_not_followed(home: Home) -> None:
    with receiving() as elsewhere, receiving(elsewhere.url) as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)

            assert telling.send_due(studio) == 0
            assert unsent(studio)[0].last_error == "it answered 307"
    assert elsewhere.received == []


def test_a_proxy_in_the_environment_is_not_used(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("all_proxy", proxy.url)
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)

            assert telling.send_due(studio) == 1
    assert proxy.received == []


def test_a_target_that_hangs_keeps_no_other_waiting(home: Home) -> None:
    let_go = threading.Event()
    with receiving(lambda: 200 if let_go.wait(20) else 500) as hanging, receiving() as other:
        tells(home, hanging, "timeout_seconds = 0.5", name="hanging")
        tells(home, other, name="other")
        with home.open() as studio:
            carried_out(studio)
            with sending(studio):
                eventually(lambda: len(other.received) == 1)
                carried_out(studio, "d2")
                eventually(lambda: len(other.received) == 2)
                eventually(lambda: any("timed out" in (each.last_error or "") for each in unsent(studio)))
                let_go.set()
                eventually(lambda: not unsent(studio))


def test_a_target_that_is_down_is_asked_once_a_round_and_not_once_a_message(home: Home) -> None:
    with receiving(500) as receiver:
        tells(home, receiver)
        with home.open() as studio:
            for key in ("d1", "d2", "d3"):
                carried_out(studio, key)
            telling.send_due(studio)

            assert len(receiver.received) == 1
            eventually(lambda: (telling.send_due(studio), not unsent(studio))[1])
    assert len(set(receiver.ids)) == 3


def test_two_servers_at_once_send_each_message_once(home: Home) -> None:
    keys = [f"d{number}" for number in range(20)]
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as one, home.open() as two:
            for key in keys:
                carried_out(one, key)
            threads = [threading.Thread(target=telling.send_due, args=(studio,)) for studio in (one, two, one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

            assert unsent(one) == ()
    assert sorted(told.json()["data"]["delivery_id"] for told in receiver.received) == sorted(keys)


def test_killed_between_sending_and_marking_it_is_sent_again_with_the_same_id(home: Home) -> None:
    sender: list[subprocess.Popen[bytes]] = []

    def kill() -> int:
        eventually(lambda: sender)
        os.kill(sender[0].pid, signal.SIGKILL)
        sender[0].wait()
        return 200

    with receiving(kill) as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)
            program = (
                "import sys; from pathlib import Path; from scanner import telling; from scanner.settings import "
                "read_settings; from scanner.studio import Studio; "
                "telling.send_due(Studio.open(read_settings(Path(sys.argv[1])), processes=1))"
            )
            sender.append(subprocess.Popen([sys.executable, "-c", program, str(home.config)]))
            eventually(lambda: sender[0].poll() is not None)

            (left,) = unsent(studio)
            assert left.tries == 1
            assert telling.send_due(studio) == 0, "it is still claimed"
            make_due(home)
            assert telling.send_due(studio) == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_after_the_last_try_it_is_given_up_aloud_and_a_person_may_ask_again(
    home: Home, log: pytest.LogCaptureFixture
) -> None:
    with receiving(500) as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)
            make_due(home, tries=MOST_TRIES - 1)
            telling.send_due(studio)

            (left,) = unsent(studio)
            assert left.given_up
            assert {(each.levelname, each.message) for each in log.records} == {("ERROR", "given up")}
            (backlog,) = studio.kept.outbox.backlog()
            assert (backlog.waiting, backlog.given_up) == (0, 1)
            assert studio.kept.outbox.retry() == 1
            assert telling.send_due(studio) == 1
    assert len(set(receiver.ids)) == 1


def test_the_tries_go_on_for_three_days() -> None:
    waited = sum((pause(tries) for tries in range(1, MOST_TRIES)), timedelta())

    assert timedelta(days=2.7) < waited < timedelta(days=3.3)
    assert pause(1) <= timedelta(seconds=1.1)
    assert pause(MOST_TRIES) <= timedelta(hours=1.1)


def test_only_what_is_named_is_sent_a_second_time(home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)
            telling.send_due(studio)
            (sent,) = studio.kept.outbox.messages(sent=True)

            assert studio.kept.outbox.retry() == 0
            assert studio.kept.outbox.retry([sent.message_id]) == 1
            assert telling.send_due(studio) == 1
            with pytest.raises(UnknownIdError, match="msg_no"):
                studio.kept.outbox.retry(["msg_no"])


def test_a_secret_is_read_anew_and_while_it_is_replaced_both_sign(home: Home) -> None:
    with receiving() as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)
            (home / "hook.secret").write_text(words(OTHER_SECRET) + words(SECRET), encoding="ascii")
            telling.send_due(studio)

    (told,) = receiver.received
    assert told.is_signed_with(SECRET)
    assert told.is_signed_with(OTHER_SECRET)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.chmod(0o604), "can be read by everybody"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_text("hunter2"), "must hold whsec_"),
        (lambda path: path.write_text("whsec_c2hvcnQ="), "must hold whsec_"),
    ],
)
def test_without_a_fit_secret_nothing_is_sent(home: Home, spoil: Callable[[Path], object], why: str) -> None:
    with receiving() as receiver:
        tells(home, receiver)
        spoil(home / "hook.secret")
        with home.open() as studio:
            carried_out(studio)
            telling.send_due(studio)

            assert why in (unsent(studio)[0].last_error or "")
    assert receiver.received == []


def test_a_secret_may_stand_in_the_environment(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", words(OTHER_SECRET).strip())
    with receiving() as receiver:
        home.set(more=f'\n[[telling]]\nname = "hook"\nurl = "{receiver.url}"\nsecret_env = "HOOK_SECRET"\n')
        with home.open() as studio:
            carried_out(studio)

            assert telling.send_due(studio) == 1
    assert receiver.received[0].is_signed_with(OTHER_SECRET)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's own certificate for 127.0.0.1, as a context and as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "ca.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_that_is_not_trusted_is_told_nothing(home: Home, *, trusted: bool) -> None:
    context, pem = certificate(home.folder)
    with receiving(tls=context) as receiver:
        tells(home, receiver, *([f'ca_file = "{pem.name}"'] if trusted else []))
        with home.open() as studio:
            carried_out(studio)

            assert telling.send_due(studio) == int(trusted)
            assert trusted or "CERTIFICATE_VERIFY_FAILED" in (unsent(studio)[0].last_error or "")
    assert len(receiver.received) == int(trusted)


def test_a_command_gets_the_message_and_the_facts_and_no_passwords(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    program = "import json, os, sys; json.dump([sys.stdin.read(), dict(os.environ)], open(sys.argv[1], 'w'))"
    name = "$(touch owned); `touch owned`.mov"
    runs(home, "-c", program, str(tmp_path / "told.json"))
    with home.open() as studio:
        carried_out(studio, name=name)

        assert telling.send_due(studio) == 1

    text, environment = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert environment["SCANNER_EVENT"] == "delivery.quarantined"
    assert (environment["SCANNER_NAME"], environment["SCANNER_PLACE"]) == (name, "/there/d1")
    assert environment["SCANNER_CONFIG"] == str(home.folder)
    assert "PGPASSWORD" not in environment
    assert not list(home.folder.rglob("owned"))


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import sys; sys.exit('no ticket today')", "the command ended with 1: no ticket today"),
        ("import time; time.sleep(60)", "the command did not end within 1 s and was killed"),
        ("import sys; sys.stdin.close()", None),
    ],
)
def test_a_command_that_fails_or_hangs_is_tried_again(home: Home, program: str, why: str | None) -> None:
    runs(home, "-c", program, more="timeout_seconds = 1.0")
    with home.open() as studio:
        carried_out(studio)

        assert telling.send_due(studio) == int(why is None)
        assert [each.last_error for each in unsent(studio)] == ([why] if why else [])


def test_a_command_that_is_not_there_is_tried_again(home: Home) -> None:
    home.set(more='\n[[telling]]\nname = "program"\ncommand = ["./no-such-program"]\n')
    with home.open() as studio:
        carried_out(studio)
        telling.send_due(studio)

        assert "cannot be run" in (unsent(studio)[0].last_error or "")


GOOD = 'name = "a"\nurl = "https://hooks.example.com/x"\nsecret_file = "s"'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('name = "a"', "needs a url or a command"),
        ('name = "a"\nurl = "https://hooks.example.com/x"', "needs secret_file or secret_env"),
        (GOOD + '\nsecret_env = "S"', "one of them"),
        (GOOD + '\ncommand = ["x"]', "a url and a command"),
        (GOOD.replace("https", "http"), "must be https"),
        (GOOD.replace("https", "ftp"), "not like https"),
        (GOOD.replace("https://", "https://ada:pw@"), "a user, a password"),
        ('name = "a"\ncommand = ["x"]\nsecret_file = "s"', "are for a url"),
        (f"{GOOD}\n[[telling]]\n{GOOD}", "two have the name a"),
        (GOOD + '\nevents = ["delivery.eaten"]', "delivery.eaten"),
        (GOOD + '\nsecret = "x"', "unknown key telling.0.secret"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_without_telling_a_secret(home: Home, text: str, why: str) -> None:
    home.set(more=f"\n[[telling]]\n{text}\n")

    with pytest.raises(SettingsError) as refused:
        _ = home.settings

    assert why in str(refused.value)
    assert "pw" not in str(refused.value)


def test_the_command_line_lists_retries_and_tests(home: Home) -> None:
    with receiving(500) as receiver:
        tells(home, receiver)
        with home.open() as studio:
            carried_out(studio)
            telling.send_due(studio)
        (listed,) = json.loads(call("telling", "list", "--format", "json", cwd=home.folder).stdout)
        assert (listed["state"], listed["tries"], listed["last_error"]) == ("waiting", 1, "it answered 500")
        assert "delivery.quarantined\twaiting\t1" in call("telling", "list", cwd=home.folder).stdout
        assert call("telling", "retry", "--target", "hook", cwd=home.folder).stdout == "1 message due now.\n"

        tested = call("telling", "test", cwd=home.folder)
        assert (tested.returncode, tested.stdout) == (0, "hook: received\n")
        Draft202012Validator(SCHEMA).validate(receiver.received[-1].json())
        receiver.answers = [500]
        tested = call("telling", "test", "hook", cwd=home.folder)
        assert (tested.returncode, tested.stdout) == (2, "hook: NOT received: it answered 500\n")
        assert call("telling", "test", "nobody", cwd=home.folder).returncode == 3


def test_every_event_stands_in_the_schema() -> None:
    assert {*map(str, Event), telling.TEST} == set(SCHEMA["properties"]["type"]["enum"])
