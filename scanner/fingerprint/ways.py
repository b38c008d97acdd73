"""The best way through the places that delivered frames may show: dynamic programming over runs and jumps.

A way earns the strength of each place that it goes through and pays for what is unlikely: a jump, a loop, an unusual
speed. It goes forward, is held, or goes in reverse; changing from one to another is a jump.
"""

from dataclasses import dataclass
from math import inf

import numpy as np

from scanner.fingerprint.places import Floats, Ints, Places

# Asset seconds by which places of one run may be off, beside their widths.
TOLERANCE = 0.15
SLOWEST, FASTEST = 0.45, 2.2
# Prices, in strengths of a usual frame: one frame is not worth a jump, two are.
_JUMP, _LOOP, _UNUSUAL = 1.2, 0.3, 0.2
_SIGNS = np.asarray([1.0, 0.0, -1.0]).reshape(3, 1, 1, 1, 1)
_CHUNK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The way from one jump to the next: rows and columns of places, and how often the asset begins again on the way
    to each (negative in reverse)."""

    rows: Ints
    columns: Ints
    turns: Ints


@dataclass(slots=True, kw_only=True)
class _Table:
    """What is known of the best way to each place by each motion (3, rows, places). `before`: the place it comes from,
    counted from the earliest row in reach; -1 after a jump. `jumped_from`: (motion, row, place) for each row."""

    gain: Floats
    before: Ints
    turns: Ints
    jumped_from: list[tuple[int, int, int] | None]


def best_way(places: Places, *, duration: float, reach: int) -> list[Leg]:
    """The legs of the best way, in order. A leg goes on over no more than `reach` sampled frames at once."""
    rows, columns = places.strength.shape
    usual = float(np.median(places.strength[:, 0])) or 1.0
    strength = places.strength / usual
    table = _Table(
        gain=np.full((3, rows + reach, columns), -inf),
        before=np.full((3, rows, columns), -1, dtype=np.int64),
        turns=np.zeros((3, rows, columns), dtype=np.int64),
        jumped_from=[None] * rows,
    )
    best, best_at = 0.0, None
    for row in range(rows):
        if row % _CHUNK == 0:
            price, again = _prices(places, np.arange(row, min(row + _CHUNK, rows)), duration, reach)
        fresh = 0.0
        if best > _JUMP:
            fresh, table.jumped_from[row] = best - _JUMP, best_at
        going = table.gain[:, row : row + reach, :, None] - price[:, row % _CHUNK]
        going = going.reshape(3, reach * columns, columns)
        at = going.argmax(axis=1)[:, None]
        on = np.take_along_axis(going, at, axis=1)[:, 0]
        goes = on > fresh
        table.before[:, row] = np.where(goes, at[:, 0], -1)
        came = again[:, row % _CHUNK].reshape(going.shape)
        table.turns[:, row] = np.take_along_axis(came, at, axis=1)[:, 0] * goes
        gain = np.where(goes, on, fresh) + strength[row]
        table.gain[:, row + reach] = gain
        top = int(gain.argmax())
        if gain.flat[top] > best:
            best, best_at = float(gain.flat[top]), (top // columns, row, top % columns)
    return _traced(table, best_at, reach)


def _prices(places: Places, rows: Ints, duration: float, reach: int) -> tuple[Floats, Ints]:
    """The price of going to each row's places from those of the `reach` rows before: shape (3 motions, rows, reach,
    places before, places), inf where it is no run. The second: how often the asset begins again on the way."""
    earlier = rows[:, None] + np.arange(-reach, 0)
    is_near = (earlier >= 0) & (places.frame[rows][:, None] - places.frame[np.maximum(earlier, 0)] <= reach)
    earlier = np.maximum(earlier, 0)
    elapsed = (places.seconds[rows][:, None] - places.seconds[earlier])[None, :, :, None, None]
    elapsed = np.maximum(elapsed, 1e-9)
    moved = (places.middle[rows][:, None, None, :] - places.middle[earlier][:, :, :, None])[None]
    slack = TOLERANCE + (places.width[rows][:, None, None, :] + places.width[earlier][:, :, :, None])[None] / 2
    again = np.maximum(np.rint((_SIGNS * elapsed - moved) * _SIGNS / duration), 0)
    along = np.where(_SIGNS == 0, np.abs(moved), _SIGNS * moved + again * duration)
    usual = np.abs(_SIGNS) * elapsed
    is_run = (along >= SLOWEST * usual - slack) & (along <= FASTEST * usual + slack) & is_near[None, :, :, None, None]
    price = _UNUSUAL * np.minimum(np.abs(along - usual) / elapsed, 1) + _LOOP * (again > 0)
    return np.where(is_run, price, inf), again.astype(np.int64)


def _traced(table: _Table, end: tuple[int, int, int] | None, reach: int) -> list[Leg]:
    """Walk the best way back from its end."""
    legs: list[Leg] = []
    chain: list[tuple[int, int, int]] = []
    at = end
    while at is not None:
        motion, row, column = at
        chain.append((row, column, int(table.turns[at]) * (1, 0, -1)[motion]))
        before = int(table.before[at])
        if before >= 0:
            columns = table.before.shape[2]
            at = motion, row - reach + before // columns, before % columns
            continue
        path = np.asarray(chain[::-1], dtype=np.int64)
        legs.append(Leg(rows=path[:, 0], columns=path[:, 1], turns=path[:, 2]))
        chain, at = [], table.jumped_from[row]
    return legs[::-1]
