from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from scanner.model import AssetRef, Code, DeliveryRecord, Outcome, Recall, RecallReason, RulingAction, Stage
from scanner.report import night_mail
from scanner.report import night_text as plain_text
from scanner.report.html import data_uri
from scanner.report.night_layout import Layout
from scanner.report.night_mail import COLOURS, night_subject
from scanner.report.night_text import COLUMNS
from scanner.report.nightly import Night, nightly
from scanner.report.recalls import Recalled
from scanner.report.standing import Standing, standing_of, waited_words, waits_on

from . import samples

BERLIN = ZoneInfo("Europe/Berlin")
SINCE, UNTIL = samples.NIGHT - timedelta(hours=8), samples.NIGHT + timedelta(hours=4)


def night_text(night: Night) -> str:
    return plain_text.night_text(Layout(night=night))


def night_html(night: Night) -> str:
    return night_mail.night_html(Layout(night=night), data_uri)


def night(*records: DeliveryRecord) -> Night:
    return nightly(records, since=SINCE, until=UNTIL, tz=BERLIN)


def busy() -> Night:
    records = [samples.stored(scanned, number=number) for number, scanned in enumerate(samples.every_outcome())]
    released = samples.stored(
        samples.quarantined(), number=7, stage=Stage.RULED, place=None, rulings=(samples.RELEASED,)
    )
    kept = replace(samples.RELEASED, action=RulingAction.KEEP, approval=None)
    stays = samples.stored(samples.quarantined(), number=9, rulings=(kept,))
    on_bench = samples.stored(samples.passed(), number=8, stage=Stage.EXAMINED, verdict=None)
    return night(*records, released, stays, on_bench)


def aged(record: DeliveryRecord, *, days: int) -> DeliveryRecord:
    """The same record, received and judged earlier."""
    assert record.verdict is not None
    delivery = replace(record.delivery, received_at=record.delivery.received_at - timedelta(days=days))
    return replace(
        record, delivery=delivery, verdict=replace(record.verdict, judged_at=samples.NIGHT - timedelta(days=days))
    )


def flat(text: str) -> str:
    return " ".join(text.split())


def test_every_standing_is_counted() -> None:
    assert [standing for standing, _ in busy().totals] == list(Standing)


def test_a_night_is_told_by_title_and_vendor_the_gravest_first() -> None:
    (title,) = busy().titles
    acme, northlight, polar = title.vendors

    assert [vendor.vendor for vendor in (acme, northlight, polar)] == ["acme", "northlight", "polar-vfx"]
    assert acme.entries[0].standing is Standing.QUARANTINED


@pytest.mark.parametrize("say", [night_text, night_html])
def test_a_night_without_deliveries_is_said(say: Callable[[Night], str]) -> None:
    assert "Nothing was delivered" in say(night())


def test_the_subject_says_it_too() -> None:
    assert night_subject(night()) == "Deliveries, night to Tue 3 Nov 2026: nothing was delivered; nothing waits"


def test_what_still_waits_from_earlier_nights_is_told_with_its_age() -> None:
    said = flat(night_text(night(aged(samples.stored(samples.held()), days=3))))

    assert "Nothing was delivered; 1 held." in said
    assert "Waiting since 2026-10-31 02:43 CET (3 days 4 h), on the vendor: deliver again" in said


def test_what_was_cleared_in_earlier_nights_is_left_out() -> None:
    assert night(aged(samples.stored(samples.passed()), days=3)).entries == ()


def test_what_was_judged_again_this_night_is_told() -> None:
    cleared = samples.stored(samples.approved())
    old = replace(cleared, delivery=replace(cleared.delivery, received_at=samples.NIGHT - timedelta(days=9)))

    assert [entry.standing for entry in night(old).entries] == [Standing.APPROVED]


def test_a_ruling_of_this_night_is_told_with_name_reason_and_approval() -> None:
    said = flat(night_text(busy()))

    assert "release by Maria Lind, 2026-11-03 03:54 CET: Netflix approved the shot" in said
    assert "(approval ESC-2046)" in said


def test_a_ruling_of_another_night_is_not_told_again() -> None:
    late = replace(samples.RELEASED, at=UNTIL)

    assert night(samples.stored(samples.quarantined(), stage=Stage.RULED, rulings=(late,))).rulings == ()


@pytest.mark.parametrize("say", [night_text, night_html])
@pytest.mark.parametrize(
    "told",
    [
        "sound not matched",
        "timed text not examined",
        "no examiner for this kind of file",
        "a symbolic link, never followed",
        "4 frames are missing from the sequence",
        "not judged yet",
    ],
)
def test_what_was_not_examined_is_told_with_the_reason(say: Callable[[Night], str], told: str) -> None:
    assert told in flat(say(busy()))


def test_a_reason_is_told_once_with_all_the_names_it_applies_to() -> None:
    reasons = dict(busy().unseen)

    assert reasons["sound not matched"] == (
        "NH_101_master_v03.mov",
        "NH_102_master_v01.mov",
        "NH_101_trailer_60.mov",
    )


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FLAG])
def test_nothing_is_cleared_before_it_has_moved(outcome: Outcome) -> None:
    record = samples.stored(samples.passed(), stage=Stage.DECIDED, verdict=samples.verdict(outcome))

    assert standing_of(record) is Standing.ON_BENCH


@pytest.mark.parametrize(
    ("code", "whom"),
    [
        (Code.AI_LOOK_ALIKE, "post supervisor"),
        (Code.APPROVAL_NOT_YET, "approver"),
        (Code.INCOMPLETE, "vendor"),
        (Code.REGISTER_OUT_OF_REACH, "operator"),
    ],
)
def test_a_blocked_delivery_waits_on_whoever_can_move_it(code: Code, whom: str) -> None:
    assert whom in waits_on(samples.stored(samples.with_code(code)))


@pytest.mark.parametrize("code", Code)
def test_every_code_can_be_mailed(code: Code) -> None:
    told = night(samples.stored(samples.with_code(code)))

    assert code in night_text(told)
    assert code in night_html(told)


@pytest.mark.parametrize("say", [night_text, night_html, night_subject])
def test_hostile_text_never_reaches_the_mail_raw(say: Callable[[Night], str]) -> None:
    said = say(night(samples.stored(samples.hostile())))

    assert said.encode()
    assert all(mark.isprintable() or mark == "\n" for mark in said)
    assert "<script" not in night_html(night(samples.stored(samples.hostile())))


def test_the_subject_is_one_header() -> None:
    message = EmailMessage()
    message["Subject"] = night_subject(night(samples.stored(samples.hostile())))

    assert "\n" not in message["Subject"]


def test_the_text_is_no_wider_than_a_mail() -> None:
    assert max(map(len, night_text(busy()).splitlines())) <= COLUMNS


def test_the_html_asks_nobody_for_anything_and_styles_inline() -> None:
    said = night_html(busy())

    assert not any(part in said for part in ("http:", "https:", "<link", "<script", "url(", "@import", "src="))
    assert said.count("<style>") == 1
    assert "max-width:600px" in said


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_has_words_and_a_colour(standing: Standing) -> None:
    assert standing.words
    assert COLOURS[standing]


@pytest.mark.parametrize(
    ("hours", "words"), [(0.5, "30 min"), (3.25, "3 h 15 min"), (24, "1 day 0 h"), (76, "3 days 4 h")]
)
def test_waiting_is_told_in_two_units(hours: float, words: str) -> None:
    assert waited_words(timedelta(hours=hours)) == words


def recalled(outcome: Outcome = Outcome.QUARANTINE) -> Recalled:
    finding = samples.quarantined().verdict.findings[0]
    assert isinstance(finding.asset, AssetRef)
    recall = Recall(
        recall_id=f"RC-{outcome.label}",
        delivery_id="d1",
        asset=finding.asset,
        at=samples.NIGHT,
        by="ada",
        reason=RecallReason.REGISTERED,
        outcome=outcome,
        findings=(finding,),
    )
    return Recalled(recall=recall, record=samples.stored(samples.passed(), number=1), lies_at="cleared")


@pytest.mark.parametrize("say", [night_text, night_html])
def test_an_open_recall_is_told_before_the_deliveries(say: Callable[[Night], str]) -> None:
    told = say(nightly((), since=SINCE, until=UNTIL, tz=BERLIN, recalls=(recalled(),)))

    assert "Found later in what was cleared" in told
    assert "RC-quarantine" in told


@pytest.mark.parametrize("say", [night_text, night_html])
def test_a_night_without_recalls_does_not_speak_of_any(say: Callable[[Night], str]) -> None:
    assert "Found later" not in say(busy())


def test_open_recalls_are_counted_in_the_subject() -> None:
    one_night = nightly((), since=SINCE, until=UNTIL, tz=BERLIN, recalls=(recalled(), recalled(Outcome.FLAG)))

    assert night_subject(one_night).endswith("; 2 recalls open")
