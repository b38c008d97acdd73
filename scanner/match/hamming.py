"""Nearest 256-bit codes by Hamming distance: exact while there are few, inverted files when there are many (faiss).

An inverted file sorts codes into lists round middles and looks only into the lists whose middles are nearest to what is
asked. Of many codes there are many lists with few codes each, and their middles are in lists in turn.
"""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CODE_BYTES
from scanner.match.middles import MANY, middles_of

Codes = NDArray[np.uint8]
Found = tuple[NDArray[np.int32], NDArray[np.int64]]

_BITS = CODE_BYTES * 8
# Up to here the exact search is quick enough.
EXACT = 8_000
# Lists are drawn anew when there are so many times the codes that they were drawn for.
_GROWTH = 8
# Lists by the square root of the number of codes, up to so many codes; beyond that so many codes a list.
_LISTS_PER_ROOT, _SOME, _CODES_A_LIST, _MOST_LISTS = 1.5, 450_000, 150, 65_536
# How many lists a search looks into, by the number of lists: among many a code's neighbours are spread over more.
_PROBES = ((MANY, 16), (20_000, 64), (_MOST_LISTS + 1, 128))
# Many middles are in lists themselves, round roots: so many of these are looked into, and fewer when codes are added.
_ROOTS_PROBED, _ROOTS_PROBED_TO_ADD = 48, 8
_AT_ONCE = 1 << 18


class HammingIndex:
    """Codes, numbered from 0 in the order in which they are added.

    `parts` are finished indexes, as `read` gives them: they come first, in their order, and never change. `threads`:
    how many a search takes; 0 leaves it to OpenMP.
    """

    def __init__(self, parts: Sequence[Any] = (), *, threads: int = 1) -> None:
        # Loaded when first needed: a scan that starts should not wait for it.
        import faiss

        self.threads = threads
        self._faiss, self._parts = faiss, tuple(parts)
        self._index: Any = faiss.IndexBinaryFlat(_BITS)
        self._drawn_for = EXACT

    def __len__(self) -> int:
        return sum(int(part.ntotal) for part in (*self._parts, self._index))

    def add(self, codes: Codes) -> None:
        """Take in codes (n, 32). No list is drawn anew before there are eight times the codes that it was drawn for."""
        self._use_threads()
        if self._index.ntotal + len(codes) <= self._drawn_for:
            self._index.add(np.ascontiguousarray(codes))
            return
        self._index = in_lists(np.concatenate([_codes_of(self._index), codes]))
        self._drawn_for = _GROWTH * int(self._index.ntotal)

    def search(self, codes: Codes, nearest: int) -> Found:
        """Distances and numbers, each (n, nearest), of the codes nearest to each of these; -1 where there is none."""
        self._use_threads()
        asked = np.ascontiguousarray(codes)
        parts = [part for part in (*self._parts, self._index) if part.ntotal] or [self._index]
        found = [part.search(asked, nearest) for part in parts]
        return found[0] if len(found) == 1 else _nearest_of(found, [int(part.ntotal) for part in parts], nearest)

    def codes(self, first: int) -> Codes:
        """All codes (n, 32) from a number on."""
        held, start = [np.zeros((0, CODE_BYTES), np.uint8)], 0
        for part in (*self._parts, self._index):
            count = int(part.ntotal)
            if first < start + count:
                held.append(_codes_of(part)[max(0, first - start) :])
            start += count
        return np.concatenate(held)

    def _use_threads(self) -> None:
        if self.threads:
            self._faiss.omp_set_num_threads(self.threads)


def in_lists(codes: Codes) -> Any:
    """A finished index of codes (n, 32): the same codes give the same lists."""
    if len(codes) <= EXACT:
        return _flat(codes)
    many = min(len(codes) / _CODES_A_LIST, _MOST_LISTS)
    count = int(many if len(codes) > _SOME else _LISTS_PER_ROOT * sqrt(len(codes)))
    middles = middles_of(codes, count)
    near = _flat(middles) if count < MANY else _in_roots(middles)
    made = _round(near, count)
    for start in range(0, len(codes), _AT_ONCE):
        made.add(np.ascontiguousarray(codes[start : start + _AT_ONCE]))
    made.nprobe = _probes(made)
    if count >= MANY:
        near.nprobe = _ROOTS_PROBED
    return made


def _in_roots(middles: Codes) -> Any:
    """An index of middles, which are in lists themselves."""
    count = round(sqrt(len(middles)))
    made = _round(_flat(middles_of(middles, count)), count)
    made.add(middles)
    made.nprobe = _ROOTS_PROBED_TO_ADD
    return made


def _flat(codes: Codes) -> Any:
    """An index that compares all."""
    import faiss

    index = faiss.IndexBinaryFlat(_BITS)
    index.add(np.ascontiguousarray(codes))
    return index


def _round(middles: Any, count: int) -> Any:
    """Empty lists round the middles that are in an index."""
    import faiss

    made = faiss.IndexBinaryIVF(middles, _BITS, count)
    # Python's hands off: the lists own their middles, and these are drawn already.
    made.own_fields, made.is_trained = True, True
    middles.this.disown()
    return made


def _probes(index: Any) -> int:
    return next(probes for lists, probes in _PROBES if index.nlist < lists)


def write(index: Any, path: Path) -> None:
    """Write a finished index down."""
    import faiss

    faiss.write_index_binary(index, str(path))


def read(path: Path) -> Any:
    """A finished index, read from its file as it is needed: processes share its pages. Raises RuntimeError."""
    import faiss

    index: Any = faiss.read_index_binary(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    if hasattr(index, "nprobe"):
        index.nprobe = _probes(index)
        # Otherwise 32 threads read every list in advance of each search, which costs half as much again as searching.
        lists: Any = faiss.downcast_InvertedLists(index.invlists)
        lists.prefetch_nthread = 0
    return index


def _codes_of(index: Any) -> Codes:
    """All codes (n, 32) of an index, in their order."""
    return np.asarray(index.reconstruct_n(0, int(index.ntotal)), dtype=np.uint8).reshape(-1, CODE_BYTES)


def _nearest_of(found: Sequence[Found], counts: Sequence[int], nearest: int) -> Found:
    """The nearest of what several parts found, numbered through; `counts`: codes of each part."""
    before = np.cumsum([0, *counts[:-1]])
    distance = np.concatenate([distances for distances, _ in found], axis=1)
    number = np.concatenate(
        [np.where(numbers >= 0, numbers + start, -1) for (_, numbers), start in zip(found, before, strict=True)], axis=1
    )
    order = np.argsort(distance, axis=1, kind="stable")[:, :nearest]
    return np.take_along_axis(distance, order, axis=1), np.take_along_axis(number, order, axis=1)
