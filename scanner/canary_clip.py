"""The canary's clip in the register: made and registered once, copied for each run, and why it was not found."""

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from scanner.errors import CustodyError, RegisterInputError, UnknownIdError
from scanner.fingerprint.names import ALGORITHM, FEATURES, FEATURES_VERSION, VERSION
from scanner.media.canary_clip import write_copy, write_registered
from scanner.model import EVERY_TITLE, CanaryClip, Use
from scanner.registering import Registered, register
from scanner.studio import Studio

BY = "scanner canary"
_NOTE = "Harmless: the clip of the daily canary. It is dropped and must be stopped, to show that the door works."


def clip_of(studio: Studio, *, anew: bool = False) -> CanaryClip:
    """The registered clip: made and registered the first time, and `anew` with another picture.

    It is never registered again by itself: a register that has lost it is what the canary is to find out.
    Raises ScannerError.
    """
    known = studio.kept.canaries.clip()
    if known is not None and not anew:
        return known
    seed = 1 if known is None else known.seed + 1
    with tempfile.TemporaryDirectory(prefix="scanner-canary-") as folder:
        path = Path(folder) / f"scanner-canary-{seed}.mov"
        _made(write_registered, path, seed)
        (result,) = register(studio, path, title=EVERY_TITLE, tool=BY, use=Use.TEMPORARY, by=BY, note=_NOTE)
    if not isinstance(result, Registered):
        msg = f"the canary's clip cannot be registered: {result.reason}. Make another: scanner canary --anew"
        raise RegisterInputError(msg)
    (asset,) = result.record.assets
    clip = CanaryClip(record_id=result.record.record_id, asset_id=asset.asset_id, seed=seed, made_at=studio.now())
    studio.kept.canaries.keep_clip(clip, by=socket.gethostname())
    return clip


def copy_of(clip: CanaryClip, name: str) -> bytes:
    """The bytes of a copy that is dropped under this name. Raises CustodyError."""
    with tempfile.TemporaryDirectory(prefix="scanner-canary-") as folder:
        path = Path(folder) / name
        _made(lambda path, seed: write_copy(path, seed, mark=name), path, clip.seed)
        return path.read_bytes()


def why_missed(studio: Studio, clip: CanaryClip) -> str:
    """Why the registered clip may not have been found: a sentence after a space, or nothing."""
    try:
        record = studio.kept.record(clip.record_id)
    except UnknownIdError:
        return f" Its record {clip.record_id} is not in the register any more."
    if record.retired_at is not None:
        return f" Its record {clip.record_id} is retired: for another clip, scanner canary --anew"
    kinds = {"codes": (ALGORITHM, VERSION), "features": (FEATURES, FEATURES_VERSION)}
    if any(asset.asset_id == clip.asset_id for asset in studio.kept.outdated(title=EVERY_TITLE, **kinds)):
        return " Its fingerprints are of another version, maybe all of the register's: see scanner doctor"
    return ""


def _made(write: Callable[[Path, int], None], path: Path, seed: int) -> None:
    try:
        write(path, seed)
    except OSError as error:
        msg = f"the canary's clip cannot be made: {error}. See: scanner doctor"
        raise CustodyError(msg) from error
