"""The studio's settings: read once, whole and strictly. Modules are given values, never the files."""

import os
import re
from importlib import resources
from itertools import chain, permutations
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from scanner.errors import SettingsError
from scanner.inward import Door as Door
from scanner.inward import OpeningTable, WatchingTable
from scanner.mail_settings import MailTable, RecipientTable, ReportTable, mail_faults
from scanner.outward import CanaryTable, TellingTable, faults
from scanner.policy_file import default_policy as default_policy
from scanner.policy_file import put_policy as put_policy
from scanner.policy_file import read_policy as read_policy
from scanner.running import JudgingTable, QueueTable, ServerTable, ServingTable, SignsTable
from scanner.toml_files import Table, parsed, read, validated

CONFIG_NAME = "scanner.toml"
CONFIG_VARIABLE = "SCANNER_CONFIG"

# Text is no number here, and neither is `true`. A year is longer than anyone means.
_Seconds = Annotated[float, Field(strict=True, le=31_536_000)]
_Count = Annotated[int, Field(strict=True)]
_SQLITE_FILE = re.compile(r"(sqlite(?:\+pysqlite)?:///)(.*)", re.DOTALL)


class StudioTable(Table):
    title: str = ""


class StoreTable(Table):
    url: str = "sqlite:///scanner.db"


class FoldersTable(Table):
    drop: Path = Path("drop")
    work: Path = Path("work")
    cleared: Path = Path("cleared")
    flagged: Path = Path("flagged")
    held: Path = Path("held")
    quarantine: Path = Path("quarantine")
    reports: Path = Path("reports")
    index: Path = Path("index")


class ExaminingTable(Table):
    shortest_shot: _Count = Field(default=12, ge=1, le=10_000)
    memory_megabytes: _Count = Field(default=6144, ge=1024, le=16_777_216)
    base_seconds: _Seconds = Field(default=120.0, gt=0)
    bytes_per_second: _Count = Field(default=250_000, gt=0, le=10**12)
    at_most_seconds: _Seconds = Field(default=43_200.0, gt=0)
    stall_seconds: _Seconds = Field(default=120.0, gt=0)
    range_seconds: _Count = Field(default=300, ge=1, le=86_400)
    spread_megabytes: _Count = Field(default=64, ge=0, le=16_777_216)
    tries: _Count = Field(default=10, ge=1, le=1000)
    processes: _Count = Field(default=2, ge=1, le=64)
    watermarks: bool = Field(default=True, strict=True)

    @property
    def sample_step(self) -> int:
        """Every how many frames one is looked at: two samples in each shot of `shortest_shot` frames."""
        return max(1, self.shortest_shot // 2)


class MatchingTable(Table):
    scope: Literal["all", "title"] = "all"


class PolicyTable(Table):
    file: Path = Path("policy.toml")


class TrustTable(Table):
    lists: Literal["shipped", "none"] = "shipped"
    anchors: tuple[Path, ...] = ()


class ReceiptsTable(Table):
    key_file: Path = Path("receipt.key")


class Settings(Table):
    """One studio's scanner.toml. `home` is the folder it lies in; relative paths start there."""

    home: Path
    studio: StudioTable = StudioTable()
    store: StoreTable = StoreTable()
    folders: FoldersTable = FoldersTable()
    watching: WatchingTable = WatchingTable()
    doors: tuple[Door, ...] = ()
    server: ServerTable = ServerTable()
    queue: QueueTable = QueueTable()
    signs: SignsTable = SignsTable()
    opening: OpeningTable = OpeningTable()
    examining: ExaminingTable = ExaminingTable()
    serving: ServingTable = ServingTable()
    matching: MatchingTable = MatchingTable()
    judging: JudgingTable = JudgingTable()
    policy: PolicyTable = PolicyTable()
    trust: TrustTable = TrustTable()
    receipts: ReceiptsTable = ReceiptsTable()
    telling: tuple[TellingTable, ...] = ()
    canary: CanaryTable = CanaryTable()
    report: ReportTable = ReportTable()
    mail: MailTable = MailTable()
    recipients: tuple[RecipientTable, ...] = ()

    def folder(
        self, name: Literal["drop", "work", "cleared", "flagged", "held", "quarantine", "reports", "index"]
    ) -> Path:
        """The absolute path of one of the studio's folders."""
        path: Path = getattr(self.folders, name)
        return self.home / path

    @property
    def receipt_key(self) -> Path:
        """The key that receipts are signed with."""
        return self.home / self.receipts.key_file

    def exhaustive(self) -> "Settings":
        """The same, but that every frame is looked at."""
        every = self.examining.model_copy(update={"shortest_shot": 1})
        return self.model_copy(update={"examining": every})

    def as_server(self, name: str) -> "Settings":
        """The same, for a server of this name. Raises SettingsError for what is no name."""
        try:
            server = ServerTable(name=name, lease_seconds=self.server.lease_seconds)
        except ValidationError as error:
            msg = f"{name!r} is no name for a server: letters, digits, '.', '_' and '-', at most 64"
            raise SettingsError(msg) from error
        return self.model_copy(update={"server": server})

    @property
    def store_url(self) -> str:
        """The database's address; a relative SQLite file starts at `home`."""
        file = _SQLITE_FILE.fullmatch(self.store.url)
        return f"{file[1]}{self.home / file[2]}" if file else self.store.url


def find_config(given: Path | None, *, start: Path) -> Path | None:
    """The studio's scanner.toml: the one given, else SCANNER_CONFIG, else in `start` and its parents, else None."""
    named = given or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        path = named / CONFIG_NAME if named.is_dir() else named
        if not path.is_file():
            msg = f"{path}: no such settings file. Make a studio with: scanner init {path.parent}"
            raise SettingsError(msg)
        return path.resolve()
    for folder in (start, *start.parents):
        # Where this user may not look, there is no studio of theirs (`Path.is_file` would raise).
        if os.path.isfile(folder / CONFIG_NAME):  # noqa: PTH113
            return folder / CONFIG_NAME
    return None


def read_settings(path: Path) -> Settings:
    """The settings in a scanner.toml. Raises SettingsError naming the file, the key and the nearest valid key."""
    table = parsed(path, read(path))
    if "home" in table:
        msg = f"{path}: unknown key home (home is the folder that this file lies in)"
        raise SettingsError(msg)
    settings = validated(Settings, {**table, "home": path.resolve().parent}, path)
    _check_folders(settings, path)
    _check_doors(settings, path)
    _check_outside(settings, path)
    return settings


def _check_outside(settings: Settings, path: Path) -> None:
    found = faults(settings.telling, settings.canary, [door.folder for door in settings.doors])
    of_mail = mail_faults(settings.report, settings.mail, settings.recipients)
    if fault := next(chain(found, of_mail), None):
        msg = f"{path}: {fault}"
        raise SettingsError(msg)


def _check_folders(settings: Settings, path: Path) -> None:
    """What is released must not lie where things are dropped, nor the other way round."""
    placed = {name: Path(os.path.normpath(settings.home / folder)) for name, folder in settings.folders}
    for (name, folder), (other, around) in permutations(placed.items(), 2):
        if folder.is_relative_to(around):
            msg = f"{path}: folders.{name} ({folder}) lies in folders.{other} ({around}). Give each a place of its own."
            raise SettingsError(msg)


def _check_doors(settings: Settings, path: Path) -> None:
    folders = [Path(door.folder) for door in settings.doors]
    twice = next((folder for folder in folders if folders.count(folder) > 1), None)
    if twice is not None:
        msg = f"{path}: two doors have the folder {twice}. What is dropped there can be of one kind only."
        raise SettingsError(msg)


def default_text(name: Literal["scanner.toml", "policy.toml"]) -> str:
    """The text of a settings file as `scanner init` writes it."""
    return (resources.files("scanner.defaults") / name).read_text(encoding="utf-8")
