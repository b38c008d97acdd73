"""Nearest 256-bit codes by Hamming distance: exact while there are few, inverted files when there are many (faiss).

An inverted file sorts codes into lists round middles and looks only into the lists whose middles are nearest to what is
asked. Middles are put right among the bits themselves (k-majority: Grana et al., "A fast approach for integrating ORB
descriptors in the bag of words model", 2013): seconds for four thousand of them, not minutes.
"""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CODE_BYTES

Codes = NDArray[np.uint8]
Found = tuple[NDArray[np.int32], NDArray[np.int64]]

_BITS = CODE_BYTES * 8
# Up to here the exact search is quick enough.
EXACT = 8_000
# Lists are drawn anew when there are so many times the codes that they were drawn for.
_GROWTH = 8
_LISTS_PER_ROOT, _MOST_LISTS = 1.5, 8_192
# A search looks into so many lists, the fewer the longer they are. Of 10,000,000 codes' good matches two lists of 4,743
# hold 0.71, four 0.83, 24 of them 0.97; of 64 transformed frames 24 find one more than two do, in eight times the time.
_PROBES = ((600, 8), (3000, 4), (_MOST_LISTS, 2))
_ROUNDS, _TRAINED_ON = 3, 24
_AT_ONCE, _MIDDLES_AT_ONCE = 1 << 18, 256


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
    import faiss

    if len(codes) <= EXACT:
        few = faiss.IndexBinaryFlat(_BITS)
        few.add(np.ascontiguousarray(codes))
        return few
    middles = faiss.IndexBinaryFlat(_BITS)
    middles.add(_middles(codes, int(min(_LISTS_PER_ROOT * sqrt(len(codes)), _MOST_LISTS))))
    made = faiss.IndexBinaryIVF(middles, _BITS, int(middles.ntotal))
    # Python's hands off: the lists own their middles, and these are drawn already.
    made.own_fields, made.is_trained, made.nprobe = True, True, _probes(made)
    middles.this.disown()  # type: ignore[attr-defined]
    for start in range(0, len(codes), _AT_ONCE):
        made.add(np.ascontiguousarray(codes[start : start + _AT_ONCE]))
    return made


def _probes(index: Any) -> int:
    """How many lists a search looks into."""
    return next(probes for lists, probes in _PROBES if index.nlist <= lists)


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


def _middles(codes: Codes, count: int) -> Codes:
    """So many middles (count, 32) of the codes: drawn among them, then each put amid the codes nearest to it."""
    import faiss

    chance = np.random.default_rng(0)
    drawn = np.sort(chance.choice(len(codes), min(len(codes), count * _TRAINED_ON), replace=False))
    sample = np.ascontiguousarray(codes[drawn])
    middles = sample[chance.choice(len(sample), count, replace=False)]
    for _ in range(_ROUNDS):
        index = faiss.IndexBinaryFlat(_BITS)
        index.add(middles)
        middles = _amid(sample, index.search(sample, 1)[1][:, 0], middles)
    return middles


def _amid(codes: Codes, nearest: NDArray[np.int64], middles: Codes) -> Codes:
    """Of every middle's codes the bits that most of them have; a middle without codes stays."""
    order = np.argsort(nearest, kind="stable")
    ends = np.searchsorted(nearest[order], np.arange(len(middles) + 1))
    moved = middles.copy()
    # Some middles at a time: bits take eight times the room of codes.
    for first in range(0, len(middles), _MIDDLES_AT_ONCE):
        share = np.arange(first, min(first + _MIDDLES_AT_ONCE, len(middles)))
        share = share[ends[share + 1] > ends[share]]
        if len(share):
            begin, end = ends[share[0]], ends[share[-1] + 1]
            bits = np.unpackbits(codes[order[begin:end]], axis=1)
            ones = np.add.reduceat(bits, ends[share] - begin, axis=0, dtype=np.int32)
            most = 2 * ones > (ends[share + 1] - ends[share])[:, None]
            moved[share] = np.packbits(most, axis=1)
    return moved


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
