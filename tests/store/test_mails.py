"""Reports and mails in the store: written once, claimed by one sender at a time, on either database."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from scanner.model import Event, Mail, Report, Subscription
from scanner.store import Store

from .values import NOON

LEASE = timedelta(minutes=1)
REPORT = Report(report_id="2026-11-22", since=NOON - timedelta(days=1), until=NOON, due_at=NOON, written_at=NOON)


def mail(number: int, **given: object) -> Mail:
    made = Mail(
        mail_id=f"night-{number}@example.com",
        report_id=REPORT.report_id,
        address=f"reader{number}@example.com",
        content=b"From: \xff\x00",
        size=8,
        sha256="0" * 64,
        created_at=NOON,
    )
    return replace(made, **given)  # type: ignore[arg-type]


def test_of_servers_that_write_a_report_at_once_one_does(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        written = list(threads.map(lambda number: store.mails.write(REPORT, [mail(number)]), range(4)))

    assert sorted(written) == [False, False, False, True]
    assert len(store.mails.mails()) == 1
    newest = store.mails.newest()
    assert newest is not None
    assert replace(newest, written_at=NOON) == REPORT


def test_of_senders_that_ask_at_once_one_gets_a_mail(store: Store) -> None:
    store.mails.write(REPORT, [mail(number) for number in range(3)])

    with ThreadPoolExecutor(6) as threads:
        claimed = [each for each in threads.map(lambda _: store.mails.claim(lease=LEASE), range(6)) if each]

    assert sorted(each.address for each in claimed) == [mail(number).address for number in range(3)]
    assert {each.content for each in claimed} == {b"From: \xff\x00"}
    assert store.mails.claim(lease=LEASE) is None


def test_a_report_is_finished_when_the_last_has_it_and_that_is_told_once(store: Store) -> None:
    store.subscriptions = (Subscription(target="hook", events=frozenset(Event)),)
    store.mails.write(REPORT, [mail(1), mail(2)])

    for _ in range(2):
        assert store.mails.newest(finished=True) is None
        assert store.outbox.messages() == ()
        claimed = store.mails.claim(lease=LEASE)
        assert claimed is not None
        store.mails.sent(claimed)
        store.mails.sent(claimed)

    finished = store.mails.newest(finished=True)
    assert finished is not None
    assert finished.finished_at is not None
    (message,) = store.outbox.messages()
    assert (message.event, json.loads(message.body)["data"]["report"]) == ("report.sent", REPORT.report_id)
    assert store.mails.unsent() == 0


def test_a_report_that_somebody_asked_for_is_no_nightly_one(store: Store) -> None:
    store.subscriptions = (Subscription(target="hook", events=frozenset(Event)),)
    store.mails.write(replace(REPORT, due_at=None), ())

    assert store.mails.newest() is None
    assert store.outbox.messages() == ()


def test_what_nobody_could_be_sent_is_never_claimed(store: Store) -> None:
    store.mails.write(REPORT, [mail(1, content=None, last_error="nobody")])

    assert store.mails.claim(lease=LEASE) is None
    assert store.mails.retry() == 0
    assert store.mails.overdue(NOON - timedelta(days=400), 1, REPORT.report_id) == "1 not received: nobody"
    assert store.mails.newest(finished=True) is None
