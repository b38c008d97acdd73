"""Speaks SMTP: one mail to one reader, encrypted and signed in as the settings say, and how far it came.

A server that drips cannot hold it for longer than `LONGEST` times the time-out: the connection is then cut.
"""

import contextlib
import os
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanner.errors import SettingsError
from scanner.mail_settings import MailTable

LONGEST = 10
"""Time-outs that one mail may take from the first connection to the last word."""

_FOR_GOOD, _ASK_AGAIN = range(550, 560), 400
_DOT = re.compile(rb"(?m)^\.")
# The name by which we greet: nobody's business which machine this is.
_OURSELVES = "localhost.localdomain"


class NotSentError(Exception):
    """Why a mail was not received. `unsure`: it may have been; `for_good`: the server will not take it later either."""

    def __init__(self, why: str, *, unsure: bool = False, for_good: bool = False) -> None:
        super().__init__(why)
        self.unsure = unsure
        self.for_good = for_good


def send(mail: MailTable, home: Path, address: str, content: bytes) -> None:
    """Send a mail to one address. Raises NotSentError, SettingsError."""
    with _session(mail, home) as server:
        _said(server.mail(mail.sender), mail.sender)
        _said(server.rcpt(address), address, lasting=True)
        _said(server.docmd("DATA"), "DATA")
        server.send(_DOT.sub(b"..", content))
        if not content.endswith(b"\r\n"):
            server.send(b"\r\n")
        server.send(b".\r\n")
        try:
            answer = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            why = f"the server fell silent after it had the whole mail ({_words(error)}): it may have been received"
            raise NotSentError(why, unsure=True) from error
        _said(answer, "the mail", lasting=True)


def check(mail: MailTable, home: Path) -> str:
    """Connect, encrypt and sign in, and send nothing: in words how that went. Raises NotSentError, SettingsError."""
    with _session(mail, home) as server:
        words = {"none": "in clear, on this machine"}.get(mail.security) or f"{mail.security} ({_version(server)})"
        signed_in = f", signed in as {mail.username}" if mail.username else ", without a user name"
        return f"{mail.host}:{mail.port} answers, {words}{signed_in}"


def password_of(mail: MailTable, home: Path) -> str:
    """The password, read anew each time. Raises SettingsError; it is in no message."""
    where = f"mail.{'password_env' if mail.password_env else 'password_file'}"
    if mail.password_env:
        password = os.environ.get(mail.password_env, "")
    else:
        path = home / mail.password_file
        try:
            if path.stat().st_mode & 0o007:
                msg = f"{where}: {path} can be read by everybody. Take that away: chmod o= FILE"
                raise SettingsError(msg)
            password = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{where}: {path} cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8'}"
            raise SettingsError(msg) from error
    if not password or not password.isprintable() or not password.isascii():
        msg = f"{where} must hold a password: one line of ASCII."
        raise SettingsError(msg)
    return password


class _Bounded(smtplib.SMTP):
    """From its first word on, the connection is cut when the time is over, whatever it waits for then."""

    _timer: threading.Timer | None = None

    def getreply(self) -> tuple[int, bytes]:
        if self._timer is None:
            assert self.timeout is not None
            self._timer = threading.Timer(LONGEST * self.timeout, self._cut)
            self._timer.daemon = True
            self._timer.start()
        return super().getreply()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _cut(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            assert self.sock is not None
            self.sock.shutdown(socket.SHUT_RDWR)


class _BoundedTLS(_Bounded, smtplib.SMTP_SSL):
    """The same, encrypted from its first byte on."""


@contextmanager
def _session(mail: MailTable, home: Path) -> Iterator[smtplib.SMTP]:
    """A server that is ready to be given mails. What goes wrong in here is a NotSentError."""
    password = password_of(mail, home) if mail.username else None
    secured = _context(mail, home)
    try:
        with contextlib.closing(_connected(mail, secured)) as server:
            _greet(server)
            if mail.security == "starttls":
                _encrypt(server, secured)
            if password is not None:
                server.login(mail.username, password)
            yield server
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
    except smtplib.SMTPAuthenticationError as error:
        # The server's words may hold what we said: they are left out.
        msg = f"the server does not let {mail.username} in ({error.smtp_code}): see mail.username and the password"
        raise NotSentError(msg) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSentError(_words(error)) from error


def _connected(mail: MailTable, secured: ssl.SSLContext | None) -> smtplib.SMTP:
    if mail.security == "tls":
        return _BoundedTLS(
            mail.host, mail.port, local_hostname=_OURSELVES, timeout=mail.timeout_seconds, context=secured
        )
    return _Bounded(mail.host, mail.port, local_hostname=_OURSELVES, timeout=mail.timeout_seconds)


def _encrypt(server: smtplib.SMTP, secured: ssl.SSLContext | None) -> None:
    if not server.has_extn("starttls"):
        msg = "the server offers no STARTTLS, or somebody between takes it away: nothing is sent in clear"
        raise NotSentError(msg)
    _said(server.starttls(context=secured), "STARTTLS")
    _greet(server)


def _context(mail: MailTable, home: Path) -> ssl.SSLContext | None:
    if mail.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=str(home / mail.ca_file) if mail.ca_file else None)
    except (OSError, ssl.SSLError) as error:
        msg = f"mail.ca_file: {mail.ca_file} cannot be used: {error}"
        raise SettingsError(msg) from error


def _greet(server: smtplib.SMTP) -> None:
    code, _ = server.ehlo()
    if code != 250:
        _said(server.helo(), "HELO")


def _said(answer: tuple[int, bytes], to: str, *, lasting: bool = False) -> None:
    """Go on if the server did. `lasting`: a refusal of that is for good, where the server says so."""
    code, words = answer
    if 200 <= code < _ASK_AGAIN:
        return
    told = words.decode("utf-8", "replace")
    msg = f"the server refused {to}: {code} {told}"
    raise NotSentError(msg, for_good=lasting and code in _FOR_GOOD)


def _words(error: Exception) -> str:
    match error:
        case smtplib.SMTPNotSupportedError() | smtplib.SMTPServerDisconnected():
            return str(error)
        case smtplib.SMTPResponseException():
            told = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else ""
            return f"the server said {error.smtp_code} {told}"
        case _:
            return f"{type(error).__name__}: {error}"


def _version(server: smtplib.SMTP) -> str:
    return server.sock.version() or "TLS" if isinstance(server.sock, ssl.SSLSocket) else "in clear"
