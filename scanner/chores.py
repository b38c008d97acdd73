"""What a daemon does beside the deliveries, from time to time, each in a thread of its own: none waits for another."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from scanner import canary, mailing, telling
from scanner.engine import Engine
from scanner.errors import ScannerError
from scanner.judging_again import due, standing
from scanner.looking_back import is_recall_due
from scanner.studio import Studio
from scanner.watching import Watch

_log = logging.getLogger("scanner")
# An approval must be heard within a minute; what could not be carried out is tried again now and then.
_JUDGING_SECONDS, _AGAIN_SECONDS, _CANARY_SECONDS = 5.0, 600.0, 30.0
# What is made late at a start is not told as missed before it could be sent.
_REPORT_SECONDS, _MAIL_SECONDS, _OVERDUE_SECONDS = 20.0, 10.0, 60.0


class Chores:
    """The chores of one server, until it stops."""

    def __init__(self, studio: Studio, engine: Engine, watch: Watch, stopped: threading.Event) -> None:
        self._studio = studio
        self._engine = engine
        self._watch = watch
        self._stopped = stopped
        self._standing = ""
        self._policy = studio.policy.digest
        self._next_round = 0.0

    def begin(self) -> None:
        """Begin all of them."""
        self._repeat("judging again", _JUDGING_SECONDS, self.judge_again)
        self._repeat("telling of stalled uploads", _JUDGING_SECONDS, self.tell_of_stalled)
        threading.Thread(target=telling.keep_sending, args=(self._studio, self._stopped), daemon=True).start()
        if self._studio.settings.canary.on:
            self._repeat("canary", _CANARY_SECONDS, self.send_canary)
        if self._studio.settings.report.on:
            self._repeat("report", _REPORT_SECONDS, lambda: mailing.write_due(self._studio))
            self._repeat("missing the report", _OVERDUE_SECONDS, self.miss_report)
        if self._studio.settings.mail.host:
            self._repeat("mail", _MAIL_SECONDS, lambda: mailing.send_due(self._studio, stopped=self._stopped))

    def send_canary(self) -> None:
        """Send the canary through the door, when its time has come and no other server does."""
        if canary.due(self._studio, self._studio.now()):
            canary.run_due(self._studio, stopped=self._stopped)

    def miss_report(self) -> None:
        """Tell of a report that has not gone out in its time: in the log again and again, to others once."""
        if why := mailing.tell_overdue(self._studio):
            _log.error("report overdue", extra={"why": why})

    def tell_of_stalled(self) -> None:
        """Tell those who subscribed of uploads that have stalled."""
        while self._watch.stalled:
            doorway, stalled = self._watch.stalled[0]
            since = self._studio.now() - timedelta(seconds=stalled.still_seconds)
            mark = str(stalled.look.newest_mtime_ns)
            telling.transfer_stalled(
                self._studio, folder=doorway.folder, name=stalled.look.name, since=since, mark=mark, why=stalled.why
            )
            del self._watch.stalled[0]

    def judge_again(self) -> None:
        """See whether anything has changed that verdicts rest on; what is due is judged again by the engine."""
        now = standing(self._studio)
        if self._studio.policy.digest != self._policy:
            self._policy = self._studio.policy.digest
            self._studio.kept.audit.policy_in_force(self._studio.policy)
        a_round = time.monotonic() >= self._next_round
        if now == self._standing and not a_round:
            return
        for delivery_id in due(self._studio):
            if self._engine.judge_again(delivery_id, now, retry=a_round):
                _log.info("to be judged again", extra={"delivery": delivery_id})
        if is_recall_due(self._studio):
            self._engine.look_back(now, retry=a_round)
        self._standing, self._next_round = now, time.monotonic() + _AGAIN_SECONDS

    def _repeat(self, name: str, seconds: float, chore: Callable[[], object]) -> None:
        """Do a chore again and again; what goes wrong is told and tried again."""

        def repeated() -> None:
            while not self._stopped.wait(seconds):
                try:
                    chore()
                except ScannerError as error:
                    _log.error("not done", extra={"chore": name, "why": str(error)})

        threading.Thread(target=repeated, name=name, daemon=True).start()
