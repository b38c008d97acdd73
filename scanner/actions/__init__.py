"""What is done to delivered bytes: moved, proved unchanged, marked. Nothing is overwritten, nothing is done twice.

Decide, write down, act: the target of a move is worked out once (`destination`), recorded by the caller, and then given
to `place`, which can be called again after a crash at any point.
"""

from scanner.actions.marking import leave_sign, leave_word, take_sign_away, write_tombstone
from scanner.actions.moving import alone_with, blocked_destination, destination, in_use, place, resume, unfinished
from scanner.actions.proving import Stamp, Stamps, stamp, unchanged, verify
from scanner.intake.carrying import Phase, Unfinished

__all__ = [
    "Phase",
    "Stamp",
    "Stamps",
    "Unfinished",
    "alone_with",
    "blocked_destination",
    "destination",
    "in_use",
    "leave_sign",
    "leave_word",
    "place",
    "resume",
    "stamp",
    "take_sign_away",
    "unchanged",
    "unfinished",
    "verify",
    "write_tombstone",
]
