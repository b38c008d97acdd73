"""Whose Content Credentials are trusted: the lists that come with scanner, and the studio's own certificates."""

import ssl
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

from scanner.errors import SettingsError
from scanner.model import TrustAnchors
from scanner.settings import Settings

_BEGIN = "-----BEGIN CERTIFICATE-----"
_OLD_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """Certificates from one place. `dated`: the day of the list, None for certificates of one's own."""

    name: str
    pem: str
    dated: date | None = None
    source: str | None = None

    @property
    def certificates(self) -> int:
        """How many it has."""
        return self.pem.count(_BEGIN)

    @property
    def shown(self) -> str:
        """Its name and date."""
        return f"{self.name} of {self.dated}" if self.dated else self.name

    def is_old(self, today: date) -> bool:
        """Whether a newer one is likely to exist: it is more than a year old."""
        return self.dated is not None and (today - self.dated).days > _OLD_DAYS

    def expired(self, at: datetime) -> tuple[str, ...]:
        """The names of its certificates that have expired. Raises SSLError if it holds none that can be read."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.pem)
        old = (one for one in context.get_ca_certs() if ssl.cert_time_to_seconds(str(one["notAfter"])) < at.timestamp())
        return tuple(_common_name(one.get("subject")) for one in old)


def trust_lists(settings: Settings) -> tuple[TrustList, ...]:
    """The lists that a studio asks: those that come with scanner, unless it wants none, and its own."""
    shipped = tuple(_shipped()) if settings.trust.lists == "shipped" else ()
    return (*shipped, *(_own(settings.home / path) for path in settings.trust.anchors))


def trust_anchors(settings: Settings) -> TrustAnchors | None:
    """All certificates of the lists, and what the lists are called; None where nobody is trusted."""
    lists = trust_lists(settings)
    if not lists:
        return None
    return TrustAnchors(pem="\n".join(one.pem for one in lists), lists=tuple(one.shown for one in lists))


def now() -> datetime:
    """The time by which lists are old and certificates have expired."""
    return datetime.now(UTC)


def _shipped() -> Iterator[TrustList]:
    folder = resources.files("scanner.defaults") / "trust"
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            told = tomllib.loads(entry.read_text(encoding="utf-8"))
            pem = (folder / told["file"]).read_text(encoding="ascii")
            yield TrustList(name=told["name"], pem=pem, dated=told["dated"], source=told["source"])


def _own(path: Path) -> TrustList:
    try:
        found = TrustList(name=path.name, pem=path.read_text(encoding="ascii"))
        found.expired(now())
    except (OSError, ValueError) as error:
        msg = f"{path}: these trust anchors cannot be read ({error}): give root certificates as PEM text"
        raise SettingsError(msg) from error
    return found


def _common_name(subject: object) -> str:
    """The name in a subject as `ssl` gives it: a tuple of tuples of pairs."""
    pairs = [pair for part in subject for pair in part] if isinstance(subject, tuple) else []
    return next((str(value) for key, value in pairs if key == "commonName"), "a certificate without a name")
