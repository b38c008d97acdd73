"""Codes of whole pictures, asked beside the matcher in the same run: perceptual hashes in common use, and our own.

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

from benchmarks.transforms import Picture, fitted
from scanner.fingerprint.codes import codes_of
from scanner.fingerprint.views import View, delivered_views, registered_views
from scanner.media.frames import grey_of

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A hash of whole pictures: codes (n, bytes) of a picture as it is registered and as it is delivered."""

    name: str
    registered: Callable[[Picture], Codes]
    delivered: Callable[[Picture], Codes]


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
        """Differing bits between a delivered picture and every registered one."""
        asked = self.peer.delivered(picture)
        apart = np.bitwise_count(self.codes[:, None] ^ asked[None]).sum(axis=2, dtype=np.int64).min(axis=1)
        return np.asarray(np.minimum.reduceat(apart, self.starts), dtype=np.int64)


def peers() -> list[Peer]:
    """Our whole-frame codes, two sizes of imagehash.phash, and PDQ where `pdqhash` is installed."""
    found = [Peer(name="whole-frame codes", registered=_own_registered, delivered=_own_delivered)]
    hashes = [("phash 64", partial(_phash, 8)), ("phash 256", partial(_phash, 16))]
    with contextlib.suppress(ImportError):
        hashes.append(("PDQ", partial(_pdq, importlib.import_module("pdqhash"))))
    return [*found, *(Peer(name=name, registered=partial(_both, code), delivered=code) for name, code in hashes)]


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
