"""The night as a mail: plain text and HTML of the same content, pictures inside, and never larger than it may be."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from scanner.model import Thumbnail
from scanner.report.night_layout import SHORTER, Layout
from scanner.report.night_mail import night_html, night_subject
from scanner.report.night_text import night_text

MOST_HTML_BYTES = 95_000
"""Some mail programs cut HTML off beyond 102 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom and to whom, and the id by which a mail that comes twice is known. `name`: the reader's, for people."""

    sender: str
    address: str
    name: str
    message_id: str
    at: datetime


def message(layout: Layout, envelope: Envelope, *, most_bytes: int, pictures: int) -> bytes:
    """The mail, ready to be sent: shortened until it is no larger than `most_bytes`.

    Pictures are left out first, half of them at a time, then what is told of each delivery, then deliveries.
    """
    made = b""
    for shorter in _shorter(layout, pictures):
        made = _built(shorter, envelope)
        if len(made) <= most_bytes:
            break
    return made


def _shorter(layout: Layout, pictures: int) -> Iterator[Layout]:
    """First with as much text as mail programs show, and ever fewer pictures; then with less text."""
    layouts = [replace(layout, length=replace(length, pictures=pictures)) for length in SHORTER]
    fits = (n for n, each in enumerate(layouts) if len(night_html(each, _cid).encode()) <= MOST_HTML_BYTES)
    first = next(fits, len(layouts) - 1)
    for times in range(pictures.bit_length() + 1):
        yield layouts[first].with_pictures(pictures >> times)
    for each in layouts[first + 1 :]:
        yield each.with_pictures(0)


def _built(layout: Layout, envelope: Envelope) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["Subject"] = night_subject(layout.night)
    made["From"] = envelope.sender
    made["To"] = _to(envelope)
    made["Date"] = format_datetime(envelope.at)
    made["Message-ID"] = envelope.message_id
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(night_text(layout), cte="quoted-printable")
    made.add_alternative(night_html(layout, _cid), subtype="html", cte="quoted-printable")
    _, page = made.iter_parts()
    assert isinstance(page, EmailMessage)
    for cid, jpeg in _attached(layout).items():
        page.add_related(jpeg, "image", "jpeg", cid=f"<{cid}>", disposition="inline", filename=f"{cid[:12]}.jpg")
    # The library may put a whole subject on a second line; some programs then show a space before it.
    return made.as_bytes().replace(b"Subject:\r\n ", b"Subject: ", 1)


def _to(envelope: Envelope) -> Address:
    return Address(display_name=envelope.name, addr_spec=envelope.address)


def _attached(layout: Layout) -> dict[str, bytes]:
    """Each picture once, by its content id."""
    shown = (each for picture in layout.pictures for each in (picture.found, picture.registered))
    return {_content_id(each): each.jpeg for each in shown if each is not None and each.jpeg}


def _content_id(thumbnail: Thumbnail) -> str:
    return f"{hashlib.sha256(thumbnail.jpeg).hexdigest()[:32]}@scanner"


def _cid(thumbnail: Thumbnail) -> str:
    return f"cid:{_content_id(thumbnail)}"
