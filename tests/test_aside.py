"""Frames set aside on disk are the very frames that were given, and do not stay in memory."""

import gc
import os
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scanner.aside import Frames, joined, set_aside
from scanner.model import FeatureFrame

MANY, FEW = 200, 20
MEGABYTE = 1 << 20
OPEN_FILES = Path("/proc/self/fd")


def frames(count: int, *, size: int = 1000, first: int = 0) -> Iterator[FeatureFrame]:
    for number in range(first, first + count):
        told = bytes([number % 256])
        yield FeatureFrame(
            pts=number, width=640, height=360, descriptors=told * size, points=told * (number % 7), grey=told * 30
        )


def test_few_frames_stay_as_they_are() -> None:
    assert set_aside(frames(FEW)) == tuple(frames(FEW))
    assert isinstance(set_aside(frames(FEW)), tuple)


def test_many_frames_are_what_they_were_in_any_order_and_in_part() -> None:
    aside, given = set_aside(frames(MANY)), tuple(frames(MANY))

    assert isinstance(aside, Frames)
    assert (len(aside), tuple(aside)) == (MANY, given)
    assert (aside[-1], aside[3], aside[7:130:11]) == (given[-1], given[3], given[7:130:11])
    assert aside == given
    assert given == aside
    assert aside == set_aside(given)
    assert aside != given[:-1]
    assert aside != given[::-1]


def test_parts_are_joined_in_their_order_and_read_only_when_asked_for() -> None:
    parts = [set_aside(frames(MANY)), tuple(frames(FEW, first=MANY)), set_aside(frames(MANY, first=MANY + FEW))]

    together = joined(parts)
    parts.clear()
    gc.collect()

    assert together == tuple(frames(2 * MANY + FEW))
    assert joined([tuple(frames(2)), tuple(frames(3, first=2))]) == tuple(frames(5))


def test_threads_read_at_once() -> None:
    aside, given = set_aside(frames(MANY)), tuple(frames(MANY))
    begin = threading.Barrier(4, timeout=30)

    def read(offset: int) -> bool:
        begin.wait()
        return all(aside[(number + offset) % MANY] == given[(number + offset) % MANY] for number in range(MANY))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(4)))


def test_what_is_set_aside_is_not_in_memory() -> None:
    tracemalloc.start()
    try:
        aside = set_aside(frames(MANY, size=MEGABYTE))
        assert sum(len(frame.descriptors) for frame in aside) == MANY * MEGABYTE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 64 frames are looked at first; a moment later a frame is there twice, as it was and as it is written.
    assert peak < 80 * MEGABYTE


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    open_before = len(list(OPEN_FILES.iterdir()))

    aside = set_aside(frames(MANY))
    assert list(tmp_path.iterdir()) == []
    del aside
    gc.collect()

    assert len(list(OPEN_FILES.iterdir())) == open_before


@pytest.mark.parametrize("room", ["no folder", "full"])
def test_where_nothing_can_be_written_they_stay_in_memory(
    room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if room == "full":
        written: list[int] = []
        pwrite = os.pwrite

        def full(descriptor: int, data: bytes, at: int) -> int:
            written.append(at)
            if len(written) > MANY // 2:
                raise OSError(28, "No space left on device")
            return pwrite(descriptor, data, at)

        monkeypatch.setattr(os, "pwrite", full)
    else:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    assert set_aside(frames(MANY)) == tuple(frames(MANY))
