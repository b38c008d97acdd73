"""The README's tour, typed as written at a terminal, and what it says comes out."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README.split("## Ten minutes with it")[1].split("\n## ")[0]
BLOCK = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)


def _at_a_terminal(script: str, folder: Path) -> str:
    """Run a shell script at a terminal 100 columns wide, and give all that it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
    # The shell would tell the width of its terminal to whom it starts, if one was told to it.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SCANNER_", "COLUMNS", "LINES"))}
    environment |= {
        "TERM": "dumb",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    with subprocess.Popen(
        ["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, cwd=folder, env=environment
    ) as shell:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
        shell.wait(timeout=60)
    os.close(ours)
    return shown.decode("utf-8", "replace")


def _folded(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command block of the tour showed."""
    folder = tmp_path_factory.mktemp("tour")
    shutil.copytree(ROOT / "sample_media", folder / "sample_media", ignore=shutil.ignore_patterns("__pycache__"))
    blocks = [text for kind, text in BLOCK.findall(TOUR) if kind == "sh"]
    script = "\necho ---block---\n".join(blocks).replace(". .venv/bin/activate\n", "")
    return _at_a_terminal(script, folder).split("---block---")


@pytest.mark.parametrize("number", range(len(re.findall(r"```text\n", TOUR))))
def test_the_tour_shows_what_the_readme_says(shown: list[str], number: int) -> None:
    said = [text for kind, text in BLOCK.findall(TOUR) if kind == "text"][number]

    missing = [line for line in said.splitlines() if _folded(line) not in _folded(shown[number])]

    assert not missing, shown[number]


def test_every_tour_block_says_what_comes_out() -> None:
    kinds = [kind for kind, _ in BLOCK.findall(TOUR)]

    assert kinds == ["sh", "text"] * (len(kinds) // 2)
