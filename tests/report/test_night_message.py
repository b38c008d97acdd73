"""The nightly report as a mail: the same in text and HTML, pictures inside, bounded, nothing that may not be told."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest

from scanner.model import (
    EVERY_TITLE,
    ApprovalStatus,
    Code,
    DeliveryRecord,
    Lesson,
    Outcome,
    RulingTerms,
    Scope,
    Stage,
    Thumbnail,
    Use,
)
from scanner.report.night_approvals import Ending, lapses
from scanner.report.night_layout import PRIVATE, SHORTER, Layout
from scanner.report.night_message import MOST_HTML_BYTES, Envelope, message
from scanner.report.night_reader import Gathered, Reader
from scanner.report.night_text import night_text
from scanner.report.nightly import Night

from . import samples
from .test_nightly import BERLIN, SINCE, UNTIL, recalled

ENVELOPE = Envelope(
    sender="scanner@example.com",
    address="maria@example.com",
    name="Maria Lind",
    message_id="<night-1@example.com>",
    at=UNTIL,
)
DAY = timedelta(days=1)


def gathered(*records: DeliveryRecord, **given: object) -> Gathered:
    pictures = {record.delivery.delivery_id: record.pictures for record in records}
    return Gathered(records=records, pictures=pictures, **given)  # type: ignore[arg-type]


def of(found: Gathered, reader: Reader = Reader()) -> Night:  # noqa: B008
    return found.night(since=SINCE, until=UNTIL, tz=BERLIN, expiring=14 * DAY, reader=reader)


def everything() -> Gathered:
    records = [samples.stored(scanned, number=number) for number, scanned in enumerate(samples.every_outcome())]
    taught = replace(samples.RELEASED, terms=RulingTerms(lesson=Lesson.KNOWN_GOOD), reason="our own library shot")
    released = samples.stored(samples.quarantined(), number=7, stage=Stage.RULED, place=None, rulings=(taught,))
    ending = replace(samples.APPROVAL, approval_id="ESC-9", valid_to=UNTIL + 3 * DAY)
    return gathered(*records, released, recalls=(recalled(),), approvals=(ending,), lessons=(known_good(),))


def known_good(**changed: object) -> object:
    good = replace(
        samples.RECORD, use=Use.KNOWN_GOOD, title=EVERY_TITLE, vendor=None, created_at=samples.NIGHT, note="a slate"
    )
    return replace(good, **changed)  # type: ignore[arg-type]


def mailed(
    night: Night, envelope: Envelope = ENVELOPE, *, most_bytes: int = 8_000_000, pictures: int = 24
) -> EmailMessage:
    raw = message(Layout(night=night, sent_to="Sent to you."), envelope, most_bytes=most_bytes, pictures=pictures)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    made = message_from_bytes(raw, policy=default)  # type: ignore[arg-type]
    assert isinstance(made, EmailMessage)
    return made


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


class Words(HTMLParser):
    """What of a page people read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unread = 0
        self.feed(page)

    def handle_starttag(self, tag: str, _: object) -> None:
        self._unread += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        self.words += [] if self._unread else data.split()


def bare(words: str) -> str:
    """Letters and digits only: headings, marks and line breaks are each form's own."""
    return re.sub(r"[^a-z0-9]+", " ", words.casefold())


def test_text_and_html_tell_the_same() -> None:
    mail = mailed(of(everything()))
    page, text = bare(" ".join(Words(part(mail, "html")).words)), part(mail, "plain")

    paragraphs = re.sub(r"\n +", " ", text).splitlines()
    missing = [line for line in map(bare, paragraphs) if line.strip() not in page and not _is_count(line)]

    assert not missing


def _is_count(line: str) -> bool:
    """The first sentence is a table in HTML."""
    return line.startswith("6 deliveries 1 quarantined")


def test_every_kind_of_news_is_told() -> None:
    text = " ".join(part(mailed(of(everything())), "plain").split())

    for told in (
        "Who is waited for",
        "RC-quarantine",
        "QUARANTINED: NH_101_master_v03.mov",
        "Found at 0:12:35.5; registered: harbour_matte_v02.png [PR-0117]",
        "Approved AI that went out",
        "approval ESC-2044",
        "ESC-9 (Night Harbour, by R. Okafor) expires",
        "release by Maria Lind",
        "our own library shot",
        "Known to be good from now on",
        "What was not examined",
        "Looked at in all: ",
    ):
        assert told in text


def test_a_night_in_which_nothing_happened_says_so_everywhere() -> None:
    text = part(mailed(of(gathered())), "plain")

    for told in ("Nothing was delivered", "None went out", "None ends soon", "Nobody ruled", "None was told"):
        assert told in text
    assert "Nothing that was delivered was left out" in text


def test_pictures_lie_in_the_mail_each_once_and_are_what_the_page_shows() -> None:
    mail = mailed(of(everything()))
    shown = re.findall(r'src="cid:([^"]+)"', part(mail, "html"))
    (page,) = [each for each in mail.walk() if each.get_content_type() == "multipart/related"]
    inside = {str(each["Content-ID"]).strip("<>"): each for each in page.iter_parts() if each["Content-ID"]}

    assert set(shown) == set(inside)
    assert len(shown) == 8
    assert all(each.get_content().startswith(b"\xff\xd8") for each in inside.values())
    assert all(each.get_content_disposition() == "inline" for each in inside.values())


def test_a_mail_that_would_be_too_large_loses_its_pictures_and_no_word() -> None:
    found = everything()
    heavy = {
        key: tuple(replace(each, found=Thumbnail(seconds=each.found.seconds, jpeg=each.found.jpeg + bytes(100_000)))
                   for each in pictures if each.found)
        for key, pictures in found.pictures.items()
    }  # fmt: skip
    night = of(replace(found, pictures=heavy))
    whole, light = mailed(night), mailed(night, most_bytes=300_000)

    assert len(whole.as_bytes()) > 300_000 >= len(light.as_bytes())
    assert "cid:" in part(light, "html")
    none = mailed(night, most_bytes=100_000)
    assert "cid:" not in part(none, "html")
    assert [code for code in Code if code in part(none, "plain")] == [c for c in Code if c in part(whole, "plain")]


def test_a_night_of_thousands_fits_and_tells_the_gravest() -> None:
    passed = [samples.stored(samples.passed(), number=number) for number in range(100, 2100)]
    kept_back = [samples.stored(samples.held(), number=number) for number in range(5)]
    mail = mailed(of(gathered(*passed, *kept_back)))
    page, text = part(mail, "html"), part(mail, "plain")

    assert len(page.encode()) <= MOST_HTML_BYTES
    assert text.count("HELD:") == 5
    assert re.search(r"And 1,\d{3} more deliveries that this mail has no room for", " ".join(text.split()))
    assert "2000 cleared" in text


def test_words_without_an_end_fit_too() -> None:
    long = samples.finding(Code.UNREADABLE, Outcome.HOLD, message="x" * 100_000, clears_when="y" * 100_000)
    many = replace(samples.held(), verdict=samples.verdict(Outcome.HOLD, *[long] * 50))
    records = [samples.stored(many, number=number) for number in range(40)]
    renamed = [replace(each, delivery=replace(each.delivery, name="n" * 5000, title="t" * 5000)) for each in records]

    assert len(part(mailed(of(gathered(*renamed))), "html").encode()) <= MOST_HTML_BYTES


BREAKS = (
    "a\r\nBcc: evil@example.com",
    "a\nb",
    "a\rb",
    "a\u2028b",
    "a\x85b",
    "\u202egpj.a",
    "\udcff",
    "m\u00fcller",
    "\U0001f3ac",
)


@pytest.mark.parametrize("name", BREAKS)
def test_no_name_becomes_a_header(name: str) -> None:
    record = samples.stored(samples.held())
    named = replace(record, delivery=replace(record.delivery, name=name, title=name, vendor=name))
    mail = mailed(of(gathered(named)))

    assert sorted(mail.keys()) == sorted(mailed(of(gathered())).keys())
    assert mail["Bcc"] is None
    assert name.isprintable() == (name in part(mail, "plain"))


def test_a_reader_s_name_is_quoted_and_encoded() -> None:
    for name in ('Lind, "Maria" <x@y>', "Zoë Müller", "名前"):
        to = mailed(of(gathered()), replace(ENVELOPE, name=name))["To"]

        assert [(each.display_name, each.addr_spec) for each in to.addresses] == [(name, "maria@example.com")]


def test_the_headers_tell_programs_what_it_is() -> None:
    mail = mailed(of(gathered()))

    assert mail["Subject"] == "Deliveries, night to Tue 3 Nov 2026: nothing was delivered; nothing waits"
    assert mail["Message-ID"] == "<night-1@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "scanner@example.com"
    assert mail.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("code", sorted(PRIVATE))
@pytest.mark.parametrize("talent", [False, True])
def test_who_is_concerned_is_mailed_only_where_the_settings_say_so(code: Code, talent: bool) -> None:  # noqa: FBT001
    said = samples.finding(code, Outcome.HOLD, message="Jo Doe has not agreed", clears_when="Jo Doe agrees")
    scanned = replace(samples.held(), verdict=samples.verdict(Outcome.HOLD, said))
    layout = Layout(night=of(gathered(samples.stored(scanned))), talent=talent)

    assert ("Jo Doe" in night_text(layout)) is talent
    assert code in night_text(layout)


def test_a_reader_of_one_title_is_told_of_no_other() -> None:
    ours, theirs = samples.stored(samples.held(), number=1), samples.stored(samples.quarantined(), number=2)
    secret = replace(
        theirs, delivery=replace(theirs.delivery, title="Secret", name="S.mov"), rulings=(samples.RELEASED,)
    )
    untitled = replace(theirs, delivery=replace(theirs.delivery, title=None, name="U.mov", delivery_id="u"))
    found = gathered(
        ours,
        secret,
        untitled,
        recalls=(replace(recalled(), record=secret),),
        approvals=(replace(samples.APPROVAL, title="Secret", valid_to=UNTIL + DAY),),
        lessons=(known_good(title="Secret"),),
    )
    told = night_text(Layout(night=of(found, Reader(titles=("Night Harbour",)))))

    assert "NH_101_065" in told
    assert not [word for word in ("Secret", "S.mov", "U.mov", "RC-", "ESC-", "Known to be good") if word in told]
    assert "Secret" in night_text(Layout(night=of(found)))


def test_a_reader_of_one_vendor_is_told_of_its_own_deliveries_and_approvals_only() -> None:
    found = everything()
    found = replace(
        found,
        approvals=(*found.approvals, replace(found.approvals[0], approval_id="ESC-10", scope=Scope(vendors=("acme",)))),
    )
    told = night_text(Layout(night=of(found, Reader(vendors=("acme",)))))

    assert "NH_101_master_v03.mov" in told
    assert "ESC-10" in told
    assert not [word for word in ("polar-vfx", "northlight", "ESC-9", "Known to be good") if word in told]


@pytest.mark.parametrize(
    ("changed", "ending"),
    [
        ({"valid_to": UNTIL + 13 * DAY}, Ending.EXPIRING),
        ({"valid_to": UNTIL + 14 * DAY}, None),
        ({"valid_to": UNTIL}, Ending.EXPIRING),
        ({"valid_to": UNTIL - timedelta(seconds=1)}, Ending.EXPIRED),
        ({"valid_to": SINCE - timedelta(seconds=1)}, None),
        ({"valid_to": UNTIL + DAY, "revoked_at": SINCE}, Ending.REVOKED),
        ({"valid_to": UNTIL + DAY, "revoked_at": SINCE - DAY}, None),
        ({"valid_to": UNTIL + DAY, "status": ApprovalStatus.DENIED}, None),
        ({"valid_to": None}, None),
    ],
)
def test_approvals_are_told_before_they_end_and_when_they_have(
    changed: dict[str, object], ending: Ending | None
) -> None:
    approval = replace(samples.APPROVAL, **changed)  # type: ignore[arg-type]

    found = lapses([approval], since=SINCE, until=UNTIL, within=14 * DAY)

    assert [each.ending for each in found] == ([] if ending is None else [ending])


def test_shorter_is_shorter() -> None:
    night = of(everything())
    lengths = [len(night_text(Layout(night=night, length=length))) for length in SHORTER]

    assert lengths == sorted(lengths, reverse=True)
