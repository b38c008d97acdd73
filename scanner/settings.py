"""The studio's settings and policy: read once, whole and strictly. Modules are given values, never the files.

A mistyped threshold must not quietly become the default, so an unknown key is an error that names the nearest one.
"""

import hashlib
import os
import re
import reprlib
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import resources
from itertools import permutations
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scanner.errors import SettingsError
from scanner.inward import Door as Door
from scanner.inward import OpeningTable, WatchingTable
from scanner.model import Code, DropClass, Outcome, Policy
from scanner.outward import CanaryTable, TellingTable, faults
from scanner.running import JudgingTable, QueueTable, ServerTable, ServingTable, SignsTable

CONFIG_NAME = "scanner.toml"
CONFIG_VARIABLE = "SCANNER_CONFIG"

# Text is no number here, and neither is `true`. A year is longer than anyone means.
_Seconds = Annotated[float, Field(strict=True, le=31_536_000)]
_Count = Annotated[int, Field(strict=True)]
_SQLITE_FILE = re.compile(r"(sqlite(?:\+pysqlite)?:///)(.*)", re.DOTALL)
# What could not be looked at may be let through with a ticket for a person, never without a word.
_NEVER_A_PASS = (
    Code.UNREADABLE,
    Code.PARTLY_READ,
    Code.INCOMPLETE,
    Code.NOT_OPENED,
    Code.NOTHING_DELIVERED,
    Code.REGISTER_OUT_OF_REACH,
)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


class StudioTable(_Table):
    title: str = ""


class StoreTable(_Table):
    url: str = "sqlite:///scanner.db"


class FoldersTable(_Table):
    drop: Path = Path("drop")
    work: Path = Path("work")
    cleared: Path = Path("cleared")
    flagged: Path = Path("flagged")
    held: Path = Path("held")
    quarantine: Path = Path("quarantine")
    reports: Path = Path("reports")
    index: Path = Path("index")


class ExaminingTable(_Table):
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


class MatchingTable(_Table):
    scope: Literal["all", "title"] = "all"


class PolicyTable(_Table):
    file: Path = Path("policy.toml")


class TrustTable(_Table):
    lists: Literal["shipped", "none"] = "shipped"
    anchors: tuple[Path, ...] = ()


class Settings(_Table):
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
    telling: tuple[TellingTable, ...] = ()
    canary: CanaryTable = CanaryTable()

    def folder(
        self, name: Literal["drop", "work", "cleared", "flagged", "held", "quarantine", "reports", "index"]
    ) -> Path:
        """The absolute path of one of the studio's folders."""
        path: Path = getattr(self.folders, name)
        return self.home / path

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


class _Thresholds(_Table):
    same_frame_distance: _Count = Field(ge=0, le=128)
    same_run_distance: _Count = Field(ge=0, le=128)
    shortest_run_frames: _Count = Field(ge=1, le=10_000)
    least_quality: _Count = Field(ge=0, le=100)
    same_part_score: float = Field(default=5.0, ge=0.5, le=1000)
    same_part_run_score: float = Field(default=4.0, ge=0.5, le=1000)
    flood_places: _Count = Field(default=25, ge=2, le=1_000_000)


class _Temporary(_Table):
    allowed_in: tuple[DropClass, ...]


T = TypeVar("T", bound=BaseModel)
_Decision = Literal["pass", "flag", "hold", "quarantine"]


class _PolicyFile(_Table):
    thresholds: _Thresholds
    temporary: _Temporary
    outcomes: dict[Code, _Decision]
    outcomes_for: dict[DropClass, dict[Code, _Decision]] = {}


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
    table = _toml(path, _read(path))
    if "home" in table:
        msg = f"{path}: unknown key home (home is the folder that this file lies in)"
        raise SettingsError(msg)
    settings = _validated(Settings, {**table, "home": path.resolve().parent}, path)
    _check_folders(settings, path)
    _check_doors(settings, path)
    if fault := next(faults(settings.telling, settings.canary, [door.folder for door in settings.doors]), None):
        msg = f"{path}: {fault}"
        raise SettingsError(msg)
    return settings


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


def read_policy(path: Path) -> Policy:
    """The policy in a policy.toml. Raises SettingsError naming the file, the key and the nearest valid key."""
    return _policy(_read(path), path)


def put_policy(path: Path, policy: Policy) -> None:
    """Put a policy's text in place of that at `path`, all or nothing. Raises SettingsError."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(policy.text, encoding="utf-8")
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        msg = f"{path}: cannot be replaced: {error.strerror}. It was not changed."
        raise SettingsError(msg) from error


def default_policy() -> Policy:
    """The policy that `scanner init` writes; one-off scans without a studio use it."""
    return _policy(default_text("policy.toml"), Path("policy.toml"))


def default_text(name: Literal["scanner.toml", "policy.toml"]) -> str:
    """The text of a settings file as `scanner init` writes it."""
    return (resources.files("scanner.defaults") / name).read_text(encoding="utf-8")


def _policy(text: str, path: Path) -> Policy:
    file = _validated(_PolicyFile, _toml(path, text), path)
    missing = [code.value for code in Code if code not in file.outcomes]
    if missing:
        msg = f"{path}: [outcomes] says nothing about {', '.join(missing)}. Add a line for each."
        raise SettingsError(msg)
    _check_policy(file, path)
    return Policy(
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
        text=text,
        same_frame_distance=file.thresholds.same_frame_distance,
        same_run_distance=file.thresholds.same_run_distance,
        shortest_run_frames=file.thresholds.shortest_run_frames,
        least_quality=file.thresholds.least_quality,
        same_part_score=file.thresholds.same_part_score,
        same_part_run_score=file.thresholds.same_part_run_score,
        flood_places=file.thresholds.flood_places,
        temporary_allowed_in=frozenset(file.temporary.allowed_in),
        outcomes=_outcomes(file.outcomes),
        outcomes_by_class={drop_class: _outcomes(table) for drop_class, table in file.outcomes_for.items()},
    )


def _check_policy(file: _PolicyFile, path: Path) -> None:
    """What reads well and cannot be meant."""
    tables = {"outcomes": file.outcomes, **{f"outcomes_for.{name}": table for name, table in file.outcomes_for.items()}}
    for where, table in tables.items():
        passed = next((code for code in _NEVER_A_PASS if table.get(code) == "pass"), None)
        if passed is not None:
            msg = f'{path}: {where}.{passed} cannot be "pass": what could not be examined is at least a "flag".'
            raise SettingsError(msg)
    if file.thresholds.same_frame_distance > file.thresholds.same_run_distance:
        msg = f"{path}: thresholds.same_frame_distance cannot be larger than thresholds.same_run_distance."
        raise SettingsError(msg)


def _outcomes(table: Mapping[Code, _Decision]) -> dict[Code, Outcome]:
    return {code: Outcome[decision.upper()] for code, decision in table.items()}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read: {error}"
        raise SettingsError(msg) from error


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path}: not valid TOML: {error}"
        raise SettingsError(msg) from error


def _validated(model: type[T], table: Mapping[str, Any], path: Path) -> T:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        reasons = "; ".join(_reason(model, item) for item in error.errors(include_url=False))
        msg = f"{path}: {reasons}"
        raise SettingsError(msg) from error


def _reason(model: type[BaseModel], item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"] if part != "[key]")
    key = str(item["loc"][-1])
    if item["type"] == "extra_forbidden":
        return f"unknown key {where}{_nearest(key, _keys_beside(model, item['loc']))}"
    if item["loc"][-1] == "[key]":
        kind = DropClass if item["loc"][0] == "outcomes_for" and len(item["loc"]) == 3 else Code
        return f"unknown key {where}{_nearest(str(item['loc'][-2]), [value.value for value in kind])}"
    if item["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {item['msg']}, not {_told(item['input'])}"


def _told(value: Any) -> str:
    try:
        return reprlib.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def _keys_beside(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The valid keys of the table that `location` lies in; `home` is ours, not the file's."""
    here: Any = model
    for part in location[:-1]:
        if isinstance(part, str):
            here = here.model_fields[part].annotation
        elif getattr(here, "__args__", None):
            here = here.__args__[0]
    return [name for name in here.model_fields if name != "home"]


def _nearest(key: str, valid: list[str]) -> str:
    near = get_close_matches(key, valid, n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else f" (valid: {', '.join(valid)})"
