"""One mail to one reader, by real servers: encryption, passwords, and servers that do not behave."""

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from scanner import smtp
from scanner.errors import SettingsError
from scanner.mail_settings import MailTable
from scanner.smtp import NotSentError
from tests.mail_server import PASSWORD, USER, certificate, receiving_mail, saying

TO = "maria@example.com"
CONTENT = b"Subject: night\r\nMessage-ID: <night-1@example.com>\r\n\r\n.a line with a dot\r\n..two\r\nlast\r\n"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


def table(port: int, **given: object) -> MailTable:
    told = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "scanner@example.com"}
    return MailTable.model_validate({**told, "timeout_seconds": 5.0, **given})


def signed_in(folder: Path, *, password: str = PASSWORD) -> dict[str, str]:
    path = folder / "mail.secret"
    path.write_text(f"{password}\n", encoding="utf-8")
    path.chmod(0o600)
    return {"username": USER, "password_file": "mail.secret"}


def test_every_byte_of_a_mail_arrives(tmp_path: Path) -> None:
    with receiving_mail() as postbox:
        smtp.send(table(postbox.port), tmp_path, TO, CONTENT)

    assert postbox.raw == [CONTENT]
    assert postbox.to == [TO]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_is_encrypted_and_signed_in(security: str, trusted: tuple[ssl.SSLContext, Path], tmp_path: Path) -> None:
    context, authorities = trusted
    with receiving_mail(tls=context, security=security, password=True) as postbox:
        mail = table(postbox.port, security=security, ca_file=str(authorities), **signed_in(tmp_path))
        smtp.send(mail, tmp_path, TO, CONTENT)

        assert "signed in as scanner" in smtp.check(mail, tmp_path)

    assert postbox.users == [USER]
    assert security == "tls" or postbox.encrypted == [True]
    assert len(postbox.raw) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(trusted: tuple[ssl.SSLContext, Path], tmp_path: Path) -> None:
    with (
        receiving_mail(tls=trusted[0], security="starttls") as postbox,
        pytest.raises(NotSentError, match="CERTIFICATE_VERIFY_FAILED") as raised,
    ):
        smtp.send(table(postbox.port, security="starttls"), tmp_path, TO, CONTENT)

    assert not raised.value.for_good
    assert postbox.raw == []


def test_where_starttls_is_taken_away_nothing_is_said_in_clear(tmp_path: Path) -> None:
    with receiving_mail() as postbox, pytest.raises(NotSentError, match="nothing is sent in clear"):
        smtp.send(table(postbox.port, security="starttls", **signed_in(tmp_path)), tmp_path, TO, CONTENT)

    assert postbox.raw == []


def test_a_wrong_password_is_told_without_it(trusted: tuple[ssl.SSLContext, Path], tmp_path: Path) -> None:
    wrong = signed_in(tmp_path, password="another secret")
    with receiving_mail(tls=trusted[0], security="starttls", password=True) as postbox:
        mail = table(postbox.port, security="starttls", ca_file=str(trusted[1]), **wrong)
        with pytest.raises(NotSentError, match="does not let scanner in") as raised:
            smtp.send(mail, tmp_path, TO, CONTENT)

    assert "secret" not in str(raised.value)
    assert not raised.value.for_good


@pytest.mark.parametrize(
    ("content", "mode"), [("good\n", 0o604), ("", 0o600), ("two\nlines\n", 0o600), ("schlüssel", 0o600)]
)
def test_a_password_that_cannot_be_meant_is_refused_unsaid(content: str, mode: int, tmp_path: Path) -> None:
    signed_in(tmp_path)
    (tmp_path / "mail.secret").write_text(content, encoding="utf-8")
    (tmp_path / "mail.secret").chmod(mode)

    with pytest.raises(SettingsError, match="password_file") as raised:
        smtp.password_of(table(1, security="tls", username=USER, password_file="mail.secret"), tmp_path)

    assert not content or content.strip() not in str(raised.value)


def test_a_password_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANNER_MAIL_PASSWORD", PASSWORD)
    mail = table(1, security="tls", username=USER, password_env="SCANNER_MAIL_PASSWORD")

    assert smtp.password_of(mail, tmp_path) == PASSWORD


@pytest.mark.parametrize(
    ("answer", "for_good"), [("550 no such user", True), ("450 later", False), ("530 log in first", False)]
)
def test_a_reader_who_is_refused_is_told_and_whether_for_good(answer: str, for_good: bool, tmp_path: Path) -> None:  # noqa: FBT001
    with receiving_mail(refused={TO: answer}) as postbox, pytest.raises(NotSentError, match=answer[4:]) as raised:
        smtp.send(table(postbox.port), tmp_path, TO, CONTENT)

    assert (raised.value.for_good, raised.value.unsure) == (for_good, False)


def test_a_mail_that_is_refused_after_it_was_read_was_not_received(tmp_path: Path) -> None:
    with (
        receiving_mail(answers=["554 too much of it"]) as postbox,
        pytest.raises(NotSentError, match="too much of it") as raised,
    ):
        smtp.send(table(postbox.port), tmp_path, TO, CONTENT)

    assert (raised.value.for_good, raised.value.unsure) == (True, False)


def test_where_the_server_drops_after_data_nobody_knows(tmp_path: Path) -> None:
    with (
        receiving_mail(answers=["drop"]) as postbox,
        pytest.raises(NotSentError, match="may have been received") as raised,
    ):
        smtp.send(table(postbox.port), tmp_path, TO, CONTENT)

    assert (raised.value.for_good, raised.value.unsure) == (False, True)


def test_a_server_that_drops_before_data_did_not_receive_it(tmp_path: Path) -> None:
    with (
        saying(b"220 hello\r\n", b"250 ours\r\n", b"250 ok\r\n", b"250 ok\r\n", then=lambda c, _: c.close()) as port,
        pytest.raises(NotSentError) as raised,
    ):
        smtp.send(table(port), tmp_path, TO, CONTENT)

    assert not raised.value.unsure


@pytest.mark.parametrize("lines", [(), (b"220 hello\r\n",), (b"220 hello\r\n", b"250 ours\r\n", b"250 ok\r\n")])
def test_a_server_that_hangs_holds_nobody(lines: tuple[bytes, ...], tmp_path: Path) -> None:
    with saying(*lines) as port:
        began = time.monotonic()
        with pytest.raises(NotSentError) as raised:
            smtp.send(table(port, timeout_seconds=0.1), tmp_path, TO, CONTENT)

    assert time.monotonic() - began < 5
    assert not raised.value.unsure


def drip(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.05):
        connection.sendall(b"250-and more\r\n")


def test_a_server_that_drips_is_cut_off(tmp_path: Path) -> None:
    with saying(b"220 hello\r\n", b"250-ours\r\n", then=drip) as port:
        began = time.monotonic()
        with pytest.raises(NotSentError):
            smtp.send(table(port, timeout_seconds=0.1), tmp_path, TO, CONTENT)

    assert time.monotonic() - began < 5


def test_nobody_at_the_other_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(NotSentError, match="refused"):
        smtp.check(table(port), tmp_path)


@pytest.mark.parametrize(
    "greeting", [b"554 go away\r\n", b"rubbish\r\n", b"\xff\xfe\r\n", b"220 " + b"x" * 9000 + b"\r\n"]
)
def test_a_server_that_speaks_no_smtp(greeting: bytes, tmp_path: Path) -> None:
    with saying(greeting, then=lambda c, _: c.close()) as port, pytest.raises(NotSentError):
        smtp.send(table(port), tmp_path, TO, CONTENT)
