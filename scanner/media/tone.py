"""What codes of luma look like on an ordinary screen: tables from code to 8-bit grey, for every range and curve.

HDR is brought down by the reference white of ITU-R BT.2408: 203 nit become white, what is brighter is rolled off.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float64]
Grey = NDArray[np.uint8]

# ISO/IEC 23091-2, TransferCharacteristics.
PQ = 16
HLG = 18
_REFERENCE_WHITE = 203.0
# Display gamma of ITU-R BT.1886; HLG is shown on a screen of 1000 nit (ITU-R BT.2100).
_GAMMA = 2.4
_HLG_PEAK = 1000.0
_HLG_SYSTEM_GAMMA = 1.2
# Light below this share of white is left as it is.
_KNEE = 0.7
# Cineon printing density (SMPTE RP 180): black and white in 10-bit codes, density a code, gamma of the negative.
_LOG_BLACK, _LOG_WHITE, _LOG_STEP, _LOG_GAMMA = 95.0, 685.0, 0.002, 0.6


@cache
def table(bits: int, *, full: bool, transfer: int = 0) -> Grey:
    """8-bit full-range grey of every code of so many bits."""
    codes = np.arange(1 << bits, dtype=np.float64)
    scale = 2.0 ** (bits - 8)
    signal = codes / (len(codes) - 1) if full else (codes - 16 * scale) / (219 * scale)
    return np.asarray(np.round(seen(np.clip(signal, 0.0, 1.0), transfer) * 255), dtype=np.uint8)


def seen(signal: Light, transfer: int) -> Light:
    """A signal of 0 to 1 as an SDR signal of 0 to 1; all but PQ and HLG are taken to be one already."""
    if transfer == PQ:
        nits = _pq(signal)
    elif transfer == HLG:
        nits = _HLG_PEAK * _hlg(signal) ** _HLG_SYSTEM_GAMMA
    else:
        return signal
    return np.asarray(rolled_off(nits / _REFERENCE_WHITE) ** (1 / _GAMMA))


def rolled_off(light: Light, knee: float = _KNEE) -> Light:
    """Light of 0 and more as 0 to 1: up to the knee as it is, above it ever less, never cut."""
    room = 1.0 - knee
    above = np.maximum(light - knee, 0.0)
    return np.asarray(np.minimum(light, knee) + room * (1.0 - np.exp(-above / room)))


def printing_density(signal: Light) -> Light:
    """Scene light, white at 1, of a logarithmic film scan whose codes are given as 0 to 1."""
    power = _LOG_STEP / _LOG_GAMMA
    black = 10.0 ** ((_LOG_BLACK - _LOG_WHITE) * power)
    light = 10.0 ** ((signal * 1023.0 - _LOG_WHITE) * power)
    return np.asarray(np.maximum(light - black, 0.0) / (1.0 - black))


def _pq(signal: Light) -> Light:
    """Nits of a PQ signal (SMPTE ST 2084)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    return np.asarray(10_000.0 * (np.maximum(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1))


def _hlg(signal: Light) -> Light:
    """Scene light, 0 to 1, of an HLG signal (ITU-R BT.2100)."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.asarray(np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12))
