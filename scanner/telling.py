"""Tells the outside what happened: sends what is due in the outbox, by signed POST or by running a command.

A message is claimed for a while before it is sent, so that two servers do not send it at once; one that was claimed and
never marked is due again. Each target is told by itself: one that is down keeps no other waiting.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3

from scanner import __version__
from scanner.errors import ScannerError, SettingsError
from scanner.model import Event, Message
from scanner.outward import TellingTable
from scanner.report.plain import shown
from scanner.report.telling_json import body, stalled_data
from scanner.store.outbox import message_id
from scanner.studio import Studio

TEST = "telling.test"
_log = logging.getLogger("scanner")
_SECRET = "whsec_"
# Longer than any sending takes: connecting and reading may each take the whole time-out.
_MARGIN = timedelta(seconds=30)
_LONGEST_WORDS = 300
# What a command may know of us. No password of the database is among it.
_HANDED_DOWN = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
_FACTS = ("delivery_id", "name", "title", "vendor", "outcome", "place")


class _NotReceivedError(Exception):
    """Why a message was not received. It is tried again."""


def send_due(studio: Studio) -> int:
    """Send what is due, to all targets side by side; how many were received. Raises StoreUnavailableError."""
    targets = studio.settings.telling
    if not targets:
        return 0
    with ThreadPoolExecutor(max_workers=len(targets), thread_name_prefix="telling") as threads:
        return sum(threads.map(lambda target: _send_to(studio, target), targets))


def keep_sending(studio: Studio, stopped: threading.Event, *, every: float = 2.0) -> None:
    """Send what is due to each target, in a thread for each, until `stopped`. Looks every so many seconds."""

    def to(target: TellingTable) -> None:
        while not stopped.is_set():
            try:
                _send_to(studio, target)
            except ScannerError as error:
                _log.error("not told", extra={"target": target.name, "why": str(error)})
            stopped.wait(every)

    threads = [threading.Thread(target=to, args=(each,), daemon=True) for each in studio.settings.telling]
    for thread in threads:
        thread.start()
    stopped.wait()
    for thread in threads:
        thread.join(1.0)


def transfer_stalled(studio: Studio, *, folder: Path, name: str, since: datetime, mark: str, why: str) -> None:
    """Tell that a transfer has come to a stand. `mark`: what all servers see alike of it, so that it is told once."""
    data = stalled_data(folder=str(folder), name=name, since=since, why=why)
    studio.kept.outbox.tell(Event.TRANSFER_STALLED, f"{folder}/{name}/{mark}", data)


def test(home: Path, target: TellingTable) -> str | None:
    """Send a harmless message now, without the outbox. Why it was not received, None if it was."""
    now = datetime.now(UTC)
    message = Message(
        message_id=message_id(TEST, now.isoformat(), target.name),
        event=TEST,
        delivery_id=None,
        target=target.name,
        body=body(TEST, now, {"target": target.name}),
        created_at=now,
    )
    return _why_not(home, target, message)


def signature(secrets: Sequence[bytes], message_id: str, timestamp: int, content: bytes) -> str:
    """The header webhook-signature of Standard Webhooks 1.0: one `v1,…` for each secret, spaces between."""
    signed = f"{message_id}.{timestamp}.".encode() + content
    digests = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode('ascii')}" for digest in digests)


def secrets_of(target: TellingTable, home: Path) -> tuple[bytes, ...]:
    """A target's secrets, read anew each time: while one is replaced, the old and the new. Raises SettingsError."""
    where = f"telling {target.name}: {target.secret_file or target.secret_env}"
    secrets = tuple(filter(None, map(_decoded, _secret_text(target, home, where).split())))
    if not secrets or min(map(len, secrets)) < 24:
        msg = f"{where} must hold {_SECRET} and at least 24 bytes as base64."
        raise SettingsError(msg)
    return secrets


def _secret_text(target: TellingTable, home: Path, where: str) -> str:
    if target.secret_env is not None:
        return os.environ.get(target.secret_env, "")
    path = home / (target.secret_file or "")
    try:
        if path.stat().st_mode & 0o007:
            msg = f"{where} can be read by everybody. Take that away: chmod o= FILE"
            raise SettingsError(msg)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{where} cannot be read: {error}"
        raise SettingsError(msg) from error


def _decoded(word: str) -> bytes:
    """Empty for what is no secret."""
    if not word.startswith(_SECRET):
        return b""
    with suppress(ValueError):
        return base64.b64decode(word.removeprefix(_SECRET), validate=True)
    return b""


def _send_to(studio: Studio, target: TellingTable) -> int:
    """Send what is due to one target, the oldest first, until one is not received: it may be down."""
    outbox, sent = studio.kept.outbox, 0
    lease = timedelta(seconds=2 * target.timeout_seconds) + _MARGIN
    while message := outbox.claim(target.name, lease=lease):
        about = {"target": target.name, "event_told": message.event, "message_id": message.message_id}
        if message.delivery_id is not None:
            about["delivery"] = message.delivery_id
        why = _why_not(studio.settings.home, target, message)
        if why is None:
            outbox.sent(message.message_id)
            _log.info("told", extra=about)
            sent += 1
        elif outbox.failed(message, why):
            _log.error("given up", extra={**about, "why": why, "told": "see: scanner telling list"})
            return sent
        else:
            _log.warning("not told", extra={**about, "why": why, "tries": message.tries})
            return sent
    return sent


def _why_not(home: Path, target: TellingTable, message: Message) -> str | None:
    try:
        if target.url is not None:
            _post(target, target.url, message, home)
        else:
            _run(target, message, home)
    except (_NotReceivedError, SettingsError) as error:
        return shown(str(error))[:_LONGEST_WORDS]
    return None


def _post(target: TellingTable, url: str, message: Message, home: Path) -> None:
    """POST to this very host, and to no other that it or the environment names: no redirect, no proxy."""
    content, timestamp = message.body.encode(), int(time.time())
    headers = {
        "content-type": "application/json",
        "user-agent": f"deliverables-scanner/{__version__}",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secrets_of(target, home), message.message_id, timestamp, content),
    }
    authorities = str(home / target.ca_file) if target.ca_file else None
    patience = urllib3.Timeout(connect=target.timeout_seconds, read=target.timeout_seconds)
    try:
        with urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=authorities, retries=False) as web:
            answer = web.request(
                "POST", url, body=content, headers=headers, timeout=patience, redirect=False, preload_content=False
            )
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        msg = f"{type(error).__name__}: {error}"
        raise _NotReceivedError(msg) from error
    if not 200 <= answer.status < 300:
        msg = f"it answered {answer.status}"
        raise _NotReceivedError(msg)


def _run(target: TellingTable, message: Message, home: Path) -> None:
    """Run a command without a shell: the message on its standard input, the facts in its environment."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                target.command, cwd=home, env=_environment(target, message, home), start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
            )  # fmt: skip
        except OSError as error:
            msg = f"the command cannot be run: {error}"
            raise _NotReceivedError(msg) from error
        with process:
            try:
                process.communicate(message.body.encode(), timeout=target.timeout_seconds)
            except subprocess.TimeoutExpired as error:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                msg = f"the command did not end within {target.timeout_seconds:g} s and was killed"
                raise _NotReceivedError(msg) from error
        if process.returncode != 0:
            said.seek(max(0, said.seek(0, os.SEEK_END) - _LONGEST_WORDS // 2))
            words = said.read().decode("utf-8", "replace").strip()
            msg = f"the command ended with {process.returncode}: {words or 'without a word'}"
            raise _NotReceivedError(msg)


def _environment(target: TellingTable, message: Message, home: Path) -> dict[str, str]:
    data = json.loads(message.body)["data"]
    facts = {f"SCANNER_{name.upper()}": str(data[name]) for name in _FACTS if data.get(name) is not None}
    ours = {
        "SCANNER_EVENT": message.event,
        "SCANNER_MESSAGE_ID": message.message_id,
        "SCANNER_TARGET": target.name,
        "SCANNER_CONFIG": str(home),
    }
    handed_down = {name: os.environ[name] for name in _HANDED_DOWN if name in os.environ}
    return {**handed_down, **{name: text.replace("\0", "") for name, text in facts.items()}, **ours}
