"""The daily canary: a harmless clip that is registered as temporary is dropped like a delivery, and must be stopped.

Healthy means: within a time it is quarantined as a look-alike of the registered clip, and given back byte for byte. It
is then removed, as is one that was let through: only ever a file whose bytes are those that were dropped.
"""

import hashlib
import logging
import math
import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from scanner.canary_clip import BY, clip_of, copy_of, why_missed
from scanner.errors import CustodyError, ScannerError, SettingsError
from scanner.intake.custody import move_exclusively
from scanner.intake.hashing import sha256_of
from scanner.model import (
    CanaryClip,
    CanaryRun,
    CanaryState,
    Code,
    DeliveryRecord,
    Event,
    Outcome,
    Ruling,
    RulingAction,
    Stage,
)
from scanner.outward import CanaryTable
from scanner.pipeline import rule
from scanner.report.plain import outcome_words
from scanner.report.telling_json import canary_data
from scanner.studio import Studio

_log = logging.getLogger("scanner")
_LOOK_SECONDS = 0.25
# After its time is over, this much more is allowed to a run to be taken back before it counts as cut off.
_MARGIN = timedelta(minutes=5)
_CLEARED_AFTER = 10
_EMPTY = hashlib.sha256(b"").hexdigest()
_DONE = (Stage.CARRIED_OUT, Stage.RULED)

Due = Callable[[Sequence[CanaryRun]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A run that nothing was dropped for yet."""

    clip: CanaryClip
    run: CanaryRun
    content: bytes


def due(studio: Studio, now: datetime) -> bool:
    """Whether the canary is on, and none was begun since its time of day came; or the last was cut off."""
    table = studio.settings.canary
    return table.on and _due(table, now)(studio.kept.canaries.runs())


def run_due(studio: Studio, *, stopped: threading.Event | None = None) -> CanaryRun | None:
    """Run the canary if it is due: of several servers one does. None if it is not, or another server runs it.

    Raises ScannerError where nothing could be begun. Takes up to `within_seconds`; told to stop, it comes back at once.
    """
    now = studio.now()
    if not due(studio, now):
        return None
    ready = _prepared(studio)
    if not studio.kept.canaries.begin(ready.run, due=_due(studio.settings.canary, now)):
        return None
    return _performed(studio, ready, studio.settings.canary.within_seconds, stopped)


def run(studio: Studio, *, within: float | None = None, stopped: threading.Event | None = None) -> CanaryRun:
    """Run the canary now, whatever the time. A daemon must guard the folder. Raises ScannerError like `run_due`."""
    ready = _prepared(studio)
    studio.kept.canaries.begin(ready.run)
    return _performed(studio, ready, within or studio.settings.canary.within_seconds, stopped)


def last_success(studio: Studio) -> datetime | None:
    """When the canary last came through, None for never."""
    return next((each.ended_at for each in reversed(_ended(studio)) if each.state is CanaryState.PASSED), None)


def age(studio: Studio) -> float | None:
    """Seconds since the canary last came through: None if none ever ended, infinite if the last one failed."""
    ended = _ended(studio)
    if not ended:
        return None
    last = ended[-1]
    if last.state is CanaryState.FAILED or last.ended_at is None:
        return math.inf
    return max(0.0, (studio.now() - last.ended_at).total_seconds())


def _ended(studio: Studio) -> list[CanaryRun]:
    return [each for each in studio.kept.canaries.runs() if each.state is not CanaryState.BEGUN]


def _due(table: CanaryTable, now: datetime) -> Due:
    came, patience = _time_of_day(table.at, now), timedelta(seconds=table.within_seconds) + _MARGIN

    def is_due(runs: Sequence[CanaryRun]) -> bool:
        if not runs:
            return True
        was_cut_off = runs[-1].state is CanaryState.BEGUN and now - runs[-1].begun_at > patience
        return was_cut_off or runs[-1].begun_at < came

    return is_due


def _time_of_day(at: str, now: datetime) -> datetime:
    """When it last was that time of day, here."""
    today = now.astimezone().date()
    times = (
        datetime.combine(day, clock_time.fromisoformat(at)).astimezone(UTC) for day in (today, today - timedelta(1))
    )
    return next(each for each in times if each <= now)


def _prepared(studio: Studio) -> _Ready:
    clip = clip_of(studio)
    _clear_leftovers(studio)
    now = studio.now()
    name = f"scanner-canary-{now:%Y%m%d-%H%M%S}.mov"
    content = copy_of(clip, name)
    run = CanaryRun(
        name=name,
        folder=str(_door(studio)),
        sha256=hashlib.sha256(content).hexdigest(),
        by=socket.gethostname(),
        state=CanaryState.BEGUN,
        begun_at=now,
    )
    return _Ready(clip=clip, run=run, content=content)


def _performed(studio: Studio, ready: _Ready, within: float, stopped: threading.Event | None) -> CanaryRun:
    """Drop it, wait for what becomes of it, take it out again, and write down how it ended."""
    run = ready.run
    _log.info("canary", extra={"drop": run.name, "state": run.state.value})
    try:
        _drop(run, ready.content)
        record = _awaited(studio, run, within, stopped)
        if stopped is not None and stopped.is_set():
            return run
        fault = _fault(studio, ready.clip, record, within)
        left = _take_out(studio, run, record)
    except ScannerError as error:
        return _end(studio, run, None, str(error))
    return _end(studio, run, record, fault or left)


def _end(studio: Studio, run: CanaryRun, record: DeliveryRecord | None, fault: str | None) -> CanaryRun:
    now = studio.now()
    ended = replace(
        run,
        state=CanaryState.FAILED if fault else CanaryState.PASSED,
        ended_at=now,
        told=fault or f"within {(now - run.begun_at).total_seconds():.0f} s",
        delivery_id=record.delivery.delivery_id if record else None,
    )
    studio.kept.canaries.end(ended)
    about = {"drop": run.name, "state": ended.state.value, "told": ended.told}
    if fault:
        studio.kept.outbox.tell(Event.CANARY_FAILED, run.sha256, canary_data(ended), delivery_id=ended.delivery_id)
        _log.error("canary failed", extra=about)
    else:
        _log.info("canary", extra=about)
    return ended


def _door(studio: Studio) -> Path:
    folder = studio.settings.folder("drop") / studio.settings.canary.door
    if not folder.is_dir():
        msg = f"{folder} is not there: the canary cannot be dropped. Make it, or change [canary] in scanner.toml."
        raise SettingsError(msg)
    return folder


def _coming(run: CanaryRun) -> Path:
    """Beside the drop: as long as it is there, the drop is not taken."""
    return Path(run.folder) / f".{run.name}.partial"


def _drop(run: CanaryRun, content: bytes) -> None:
    """As a careful uploader does: under a hidden name that says "still coming", then renamed."""
    coming = _coming(run)
    try:
        with coming.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        move_exclusively(coming, Path(run.folder) / run.name)
    except OSError as error:
        with suppress(CustodyError, OSError):
            _remove(coming, run.sha256)
        msg = f"the canary cannot be dropped in {run.folder}: {error.strerror or error}"
        raise CustodyError(msg) from error


def _awaited(studio: Studio, run: CanaryRun, within: float, stopped: threading.Event | None) -> DeliveryRecord | None:
    """The canary's record when its verdict has been carried out, or as far as it has come when the time is over."""
    deadline, record = time.monotonic() + within, None
    waiting = stopped or threading.Event()
    while True:
        record = _record(studio, run)
        if (record is not None and record.stage in _DONE) or time.monotonic() > deadline:
            return record
        if waiting.wait(_LOOK_SECONDS):
            return record


def _record(studio: Studio, run: CanaryRun) -> DeliveryRecord | None:
    delivery_id = studio.kept.canaries.delivery_of(run.sha256)
    return studio.kept.delivery(delivery_id) if delivery_id is not None else None


def _fault(studio: Studio, clip: CanaryClip, record: DeliveryRecord | None, within: float) -> str | None:
    """What was not as it must be; None when it was blocked for what it looks like."""
    if record is None:
        return f"nobody took it from the drop folder within {within:g} s: is a daemon running?"
    verdict = record.verdict
    if verdict is None or record.stage not in _DONE:
        return f"it was taken, but not judged within {within:g} s: it is {record.stage.value}"
    codes = ", ".join(dict.fromkeys(finding.code.value for finding in verdict.findings)) or "no finding"
    if verdict.outcome is not Outcome.QUARANTINE:
        return f"it was {outcome_words(verdict.outcome)}, not quarantined ({codes}).{why_missed(studio, clip)}"
    alike = [each for each in verdict.findings if each.code is Code.AI_LOOK_ALIKE and each.asset is not None]
    if not any(each.asset is not None and each.asset.asset_id == clip.asset_id for each in alike):
        return f"it was quarantined for something else ({codes}).{why_missed(studio, clip)}"
    return None


def _take_out(studio: Studio, run: CanaryRun, record: DeliveryRecord | None) -> str | None:
    """Give the canary back to where it was dropped, and remove it. What went wrong, None if nothing did."""
    dropped = Path(run.folder) / run.name
    try:
        if record is None or record.stage is Stage.RULED:
            _remove(dropped, run.sha256)
        elif record.stage is Stage.JUDGED_AGAIN:
            _restore(studio, run, record)
        elif record.stage is Stage.CARRIED_OUT and record.verdict is not None and record.place is not None:
            if record.verdict.outcome < Outcome.HOLD:
                _remove(Path(record.place), run.sha256)
            else:
                _restore(studio, run, record)
    except (ScannerError, OSError) as error:
        return f"it was not given back: {error}"
    return None


def _restore(studio: Studio, run: CanaryRun, record: DeliveryRecord) -> None:
    """By a ruling like a person's. Meanwhile a name beside it keeps the daemon from taking it once more."""
    with suppress(FileExistsError):
        os.close(os.open(_coming(run), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644))
    reason = "the canary is given back and removed"
    ruling = Ruling(action=RulingAction.RESTORE, by=BY, reason=reason, at=studio.now())
    restored = rule(studio, record.delivery.delivery_id, ruling)
    if not _remove(restored, run.sha256):
        msg = f"it was restored to {restored}, and is not there"
        raise CustodyError(msg)
    _remove(_coming(run), _EMPTY)


def _remove(path: Path, sha256: str) -> bool:
    """Remove a file if its bytes are these; False if it is not there. Links and other things are never followed.

    Raises CustodyError, OSError.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    with os.fdopen(fd, "rb") as file:
        ours, there = os.fstat(fd), path.lstat()
        is_one = (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino) and stat.S_ISREG(ours.st_mode)
        if not is_one or sha256_of(file) != sha256:
            msg = f"{str(path)!r} holds other bytes than the canary's: it was left where it is"
            raise CustodyError(msg)
        path.unlink()
    return True


def _clear_leftovers(studio: Studio) -> None:
    """What earlier runs left behind that were cut off, or not handled in their time."""
    patience = timedelta(seconds=studio.settings.canary.within_seconds) + _MARGIN
    for run in studio.kept.canaries.runs()[-_CLEARED_AFTER:]:
        over = run.state is CanaryState.FAILED or studio.now() - run.begun_at > patience
        if run.state is not CanaryState.PASSED and over:
            fault = _take_out(studio, run, _record(studio, run))
            for digest in (_EMPTY, run.sha256):
                with suppress(CustodyError, OSError):
                    _remove(_coming(run), digest)
            if fault is not None:
                _log.warning("canary", extra={"drop": run.name, "told": fault})
