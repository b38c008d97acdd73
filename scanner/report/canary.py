"""What became of the canary, in one line and as JSON values."""

from datetime import UTC, tzinfo

from scanner.model import CanaryRun, CanaryState
from scanner.report.json_text import Json, instant
from scanner.report.plain import moment, shown


def canary_line(run: CanaryRun, zone: tzinfo = UTC) -> str:
    """`canary: blocked and restored at 2026-11-22 04:30 UTC, within 12 s`."""
    at = moment(run.begun_at, zone)
    match run.state:
        case CanaryState.PASSED:
            return f"canary: blocked and restored at {at}, {shown(run.told)}"
        case CanaryState.FAILED:
            return f"CANARY FAILED at {at}: {shown(run.told)}"
        case CanaryState.BEGUN:
            return f"canary: begun at {at}, not ended"


def canary_object(run: CanaryRun) -> Json:
    """A run as JSON values. Absent facts are null."""
    return {
        "state": run.state.value,
        "told": run.told,
        "name": run.name,
        "folder": run.folder,
        "by": run.by,
        "begun_at": instant(run.begun_at),
        "ended_at": instant(run.ended_at),
        "delivery_id": run.delivery_id,
    }
