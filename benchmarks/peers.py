"""Codes of whole pictures, asked beside the matcher in the same run: hashes, a neural descriptor, and our own.

A peer finds a registered picture where any of its codes is close enough to any of the delivered frame's. What is close
enough is set after the fact, in the peer's favour: the largest distance at which no other picture is taken for one.
"""

import contextlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import neural
from benchmarks.transforms import Picture, fitted
from scanner.fingerprint.codes import codes_of
from scanner.fingerprint.views import View, delivered_views, registered_views
from scanner.media.frames import grey_of

# (n, bytes), uint8; or vectors (n, numbers), float32, of length 1.
Codes = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How far codes are apart: whole numbers (n, m) between n codes and m others; and one such number in words."""

    apart: Callable[[Codes, Codes], NDArray[np.int64]]
    words: Callable[[int], str]


def _bits_apart(codes: Codes, others: Codes) -> NDArray[np.int64]:
    return np.asarray(np.bitwise_count(codes[:, None] ^ others[None]).sum(axis=2, dtype=np.int64), np.int64)


def _cosines_apart(vectors: Codes, others: Codes) -> NDArray[np.int64]:
    """In thousandths: 0 of the same direction, 1000 across."""
    return np.asarray(np.rint(1000 * (1 - vectors @ others.T)), np.int64)


BITS = Measure(apart=_bits_apart, words="{} bits".format)
COSINE = Measure(apart=_cosines_apart, words=lambda thousandths: f"cosine distance {thousandths / 1000:.3f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A hash or descriptor of whole pictures: codes of a picture as it is registered and as it is delivered."""

    name: str
    registered: Callable[[Picture], Codes]
    delivered: Callable[[Picture], Codes]
    measure: Measure = BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRegister:
    """The register as a peer keeps it: its codes, and the first code of every picture."""

    peer: Peer
    codes: Codes
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, peer: Peer, pictures: Sequence[Picture]) -> "PeerRegister":
        own = [peer.registered(picture) for picture in pictures]
        starts = np.cumsum([0, *(len(codes) for codes in own[:-1])]).astype(np.int64)
        return cls(peer=peer, codes=np.concatenate(own), starts=starts)

    def distances(self, picture: Picture) -> NDArray[np.int64]:
        """How far a delivered picture is from every registered one, by the peer's measure."""
        apart = self.peer.measure.apart(self.codes, self.peer.delivered(picture)).min(axis=1)
        return np.asarray(np.minimum.reduceat(apart, self.starts), dtype=np.int64)


def peers() -> list[Peer]:
    """Our whole-frame codes, two sizes of imagehash.phash, and PDQ and SSCD where their packages are installed."""
    found = [Peer(name="whole-frame codes", registered=_own_registered, delivered=_own_delivered)]
    others = [("phash 64", partial(_phash, 8), BITS), ("phash 256", partial(_phash, 16), BITS)]
    with contextlib.suppress(ImportError):
        others.append(("PDQ", partial(_pdq, importlib.import_module("pdqhash")), BITS))
    if (describe := neural.descriptor()) is not None:
        others.append(("SSCD", partial(_sscd, describe), COSINE))
    return [*found, *(_as_others(name, code, measure) for name, code, measure in others)]


def _as_others(name: str, code: Callable[[Picture], Codes], measure: Measure) -> Peer:
    return Peer(name=name, registered=partial(_both, code), delivered=code, measure=measure)


def _both(code: Callable[[Picture], Codes], picture: Picture) -> Codes:
    """Also of the picture as it fills a frame: without it every picture of another shape would be lost."""
    return np.concatenate([code(picture), code(fitted(picture).picture)])


def _own_registered(picture: Picture) -> Codes:
    return _codes(registered_views(grey_of(picture)))


def _own_delivered(picture: Picture) -> Codes:
    return _codes(delivered_views(grey_of(picture))[0])


def _codes(views: Sequence[View]) -> Codes:
    return codes_of(np.stack([view.picture for view in views]))


def _phash(side: int, picture: Picture) -> Codes:
    return np.packbits(imagehash.phash(Image.fromarray(picture), hash_size=side).hash)[None]


def _pdq(pdqhash: Any, picture: Picture) -> Codes:
    bits, _ = pdqhash.compute(np.ascontiguousarray(picture))
    return np.packbits(np.asarray(bits, np.uint8))[None]


def _sscd(describe: Callable[[Picture], neural.Vector], picture: Picture) -> Codes:
    return describe(picture)[None]
