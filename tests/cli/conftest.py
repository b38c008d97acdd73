"""The command line as people and scripts use it, in a studio of its own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scanner.cli import cli
from scanner.cli.init import make_studio
from scanner.store import Store
from tests import warm


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """`scanner` with the settings of one studio."""

    config: Path

    def __call__(self, *arguments: str | Path) -> Result:
        """Run a command in this process. What it raises is raised here."""
        given = ["--config", str(self.config), *map(str, arguments)]
        return CliRunner().invoke(cli, given, catch_exceptions=False, standalone_mode=False)

    def json(self, *arguments: str | Path) -> Any:
        """What a command prints as JSON."""
        return json.loads(self(*arguments, "--format", "json").stdout)

    def exit_code(self, *arguments: str | Path) -> int:
        """The exit code that a shell sees."""
        return self.process(*arguments).returncode

    def process(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run a command in a process of its own."""
        return warm.run("--config", str(self.config), *map(str, arguments))

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.config.parent / 'scanner.db'}")


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """The settings file of a new studio, of title AGM."""
    return make_studio(tmp_path / "studio", title="AGM")


@pytest.fixture
def scanner(studio: Path) -> Scanner:
    """The command line in the new studio."""
    return Scanner(config=studio)
