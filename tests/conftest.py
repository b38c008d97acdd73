"""Studios for the tests of the pipeline, the daemon and the command line."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from .studio import TITLE, Home, fill_register, new_home


def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto`, two workers for each processor: many tests wait for daemons, and do not compute."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that it is not what everything waits for in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A studio with an empty register."""
    return new_home(tmp_path / "studio")


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio whose register holds the sample assets and the approval. To read only: tests get a copy of it.

    Made once for all workers, index and all: each then has a copy.
    """
    ours = tmp_path_factory.getbasetemp()
    shared = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours
    made = shared / "filled" / "studio"
    with (shared / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "filled.done").exists():
            with new_home(made).open() as studio:
                fill_register(studio)
                studio.register(TITLE)
            (shared / "filled.done").touch()
        shutil.copytree(made, ours / "filled home")
    return Home(folder=ours / "filled home")


@pytest.fixture
def stocked(filled_home: Home, tmp_path: Path) -> Home:
    """A studio of one's own with the sample register."""
    shutil.copytree(filled_home.folder, tmp_path / "stocked")
    return Home(folder=tmp_path / "stocked")
