"""Clips in every encoding, each made once for all workers, when a test first asks for it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.clips import FRAMES, GOOD
from tests.media.making import encode, ffmpeg, shot

Clips = Callable[[str], Path]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """The path of a clip of `tests.media.clips` by its name. To read only."""
    ours = tmp_path_factory.getbasetemp()
    folder = (ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours) / "clips"
    coming = folder / "coming"
    coming.mkdir(parents=True, exist_ok=True)

    def clip(name: str) -> Path:
        path, how = folder / name, GOOD[name]
        if path.exists():
            return path
        source = how.source and clip(how.source)
        with (coming / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path
            if source is None:
                encode(coming / name, shot(1, FRAMES), *how.options.split(), rate=how.rate)
            else:
                ffmpeg(*how.before.split(), "-i", source, *how.options.split(), coming / name)
            (coming / name).rename(path)
        return path

    return clip
