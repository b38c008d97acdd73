"""Clips in every encoding, each made once, when a test first asks for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.clips import FRAMES, GOOD
from tests.media.making import encode, ffmpeg, shot

Clips = Callable[[str], Path]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """The path of a clip of `tests.media.clips` by its name."""
    folder = tmp_path_factory.mktemp("clips")

    def clip(name: str) -> Path:
        path, how = folder / name, GOOD[name]
        if path.exists():
            return path
        if how.source is None:
            return encode(path, shot(1, FRAMES), *how.options.split(), rate=how.rate)
        ffmpeg(*how.before.split(), "-i", clip(how.source), *how.options.split(), path)
        return path

    return clip
