"""Real mail servers on this machine: with TLS and passwords, or such as refuse, hang, drop and drip."""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "scanner", "a secret of 1 word"


@dataclass(slots=True, kw_only=True)
class Postbox:
    """What came to a server. `refused`: answers to RCPT by address; `answers`: to mails, one for each, then 250.

    An answer "drop": the connection is cut after the whole mail was read.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str | None] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == "drop" or answer.startswith("250"):
            self.raw.append(content)
            self.mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
            self.to += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
            self.users.append(session.auth_data if isinstance(session.auth_data, str) else None)
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()
        return answer


def _let_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    if (data.login, data.password) != (USER.encode(), PASSWORD.encode()):
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data.login.decode())


@contextmanager
def receiving_mail(
    *, tls: ssl.SSLContext | None = None, security: str = "none", password: bool = False, **given: Any
) -> Iterator[Postbox]:
    """A server on this machine; without more it takes everything in clear."""
    postbox = Postbox(**given)
    loop = asyncio.new_event_loop()

    def made() -> SMTP:
        return SMTP(
            postbox,
            hostname="localhost",
            tls_context=tls if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=_let_in if password else None,
            auth_required=password and security != "tls",
            auth_require_tls=security != "tls",
            loop=loop,
        )

    encrypted = tls if security == "tls" else None
    server = loop.run_until_complete(loop.create_server(made, "127.0.0.1", 0, ssl=encrypted))
    postbox.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield postbox
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.AbstractServer) -> None:
    server.close()
    ours = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not ours]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def saying(*lines: bytes, then: Callable[[socket.socket, threading.Event], None] | None = None) -> Iterator[int]:
    """A server of its own kind: each line is said in answer to a line, the first unasked; then it does that, or hangs.

    Gives the port.
    """
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(30)
            for number, line in enumerate(lines):
                if number:
                    connection.recv(65536)
                connection.sendall(line)
            if then is not None:
                then(connection, over)
            over.wait(30)

    def serve() -> None:
        with suppress(OSError):
            while not over.is_set():
                connection, _ = listener.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for this machine, and the file by which it is trusted."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    trusted, both = folder / "mail.pem", folder / "mail-key.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(trusted.read_bytes() + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, trusted
