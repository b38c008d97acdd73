"""Words for what of a picture could not be had, from counts of what was there."""

from collections.abc import Sequence
from fractions import Fraction

from scanner.media.coverage import Counts, missing_frames
from scanner.media.timecode import shown
from scanner.model import Observation, PictureTrack, Unreadable

# What image sequences, and tracks that tell no rate, are counted by.
SEQUENCE_RATE = Fraction(24)


def lost_frames(counts: Counts, about: PictureTrack, examined: int) -> tuple[list[Observation], list[str]]:
    """What a track that was read to its end lacks, and notes on it."""
    if not examined:
        return [Unreadable(source="picture", reason="no frame of its picture can be decoded")], []
    damage: list[Observation] = []
    lost = missing_frames(counts)
    if lost:
        reason = f"{lost} of {counts.present + lost} frames are missing: the file ends early"
        damage.append(Unreadable(source="picture", reason=reason, partly=True))
    if counts.damaged == counts.led_in and counts.decoded >= counts.present:
        # A file that begins inside an open group of pictures refers to frames before it; every frame came out.
        return damage, ["picture: its first frames refer to frames before its beginning"] if counts.led_in else []
    if counts.damaged:
        first = ""
        if counts.first_damage is not None:
            first = f", the first at {shown(counts.first_damage, about.frame_rate, about.start_timecode)}"
        reason = f"{counts.damaged} of {counts.present} frames cannot be decoded cleanly{first}"
        damage.append(Unreadable(source="picture", reason=reason, partly=True))
    return damage, []


def failed_files(failed: int, reasons: Sequence[str], examined: int) -> list[Observation]:
    """What an image sequence lacks of which so many sampled files could not be decoded."""
    if not failed:
        return []
    reason = f"{failed} of {examined + failed} sampled files cannot be decoded; {reasons[0]}"
    return [Unreadable(source="picture", reason=reason, partly=examined > 0)]


def picture_length(last: Fraction, about: PictureTrack, present: int) -> Fraction:
    """A track's length in seconds; `last`: when its last sampled frame is shown."""
    rate = about.frame_rate or SEQUENCE_RATE
    return max(last + 1 / rate, present / rate)
