"""The studio's settings and policy: read once, whole and strictly. Modules are given values, never the files.

A mistyped threshold must not quietly become the default, so an unknown key is an error that names the nearest one.
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scanner.errors import SettingsError
from scanner.model import Code, DropClass, Outcome, Policy

CONFIG_NAME = "scanner.toml"
CONFIG_VARIABLE = "SCANNER_CONFIG"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


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


class WatchingTable(_Table):
    quiet_seconds: float = Field(default=10.0, ge=0)
    sweep_seconds: float = Field(default=2.0, gt=0)
    deliveries_at_once: int = Field(default=2, ge=1, le=64)
    stop_seconds: float = Field(default=20.0, ge=0)


class Door(_Table):
    """A folder below drop/ whose deliveries have a title, vendor and drop class of their own."""

    folder: str
    title: str | None = None
    vendor: str | None = None
    drop_class: DropClass = DropClass.FINAL


class ExaminingTable(_Table):
    shortest_shot: int = Field(default=12, ge=1)
    memory_megabytes: int = Field(default=6144, ge=1024)
    base_seconds: float = Field(default=120.0, gt=0)
    bytes_per_second: int = Field(default=250_000, gt=0)
    at_most_seconds: float = Field(default=43_200.0, gt=0)
    stall_seconds: float = Field(default=120.0, gt=0)
    processes: int = Field(default=2, ge=1, le=64)

    @property
    def sample_step(self) -> int:
        """Every how many frames one is looked at: two samples in each shot of `shortest_shot` frames."""
        return max(1, self.shortest_shot // 2)


class MatchingTable(_Table):
    scope: Literal["all", "title"] = "all"


class PolicyTable(_Table):
    file: Path = Path("policy.toml")


class TrustTable(_Table):
    anchors: tuple[Path, ...] = ()


class Settings(_Table):
    """One studio's scanner.toml. `home` is the folder it lies in; relative paths start there."""

    home: Path
    studio: StudioTable = StudioTable()
    store: StoreTable = StoreTable()
    folders: FoldersTable = FoldersTable()
    watching: WatchingTable = WatchingTable()
    doors: tuple[Door, ...] = ()
    examining: ExaminingTable = ExaminingTable()
    matching: MatchingTable = MatchingTable()
    policy: PolicyTable = PolicyTable()
    trust: TrustTable = TrustTable()

    def folder(self, name: Literal["drop", "work", "cleared", "flagged", "held", "quarantine", "reports"]) -> Path:
        """The absolute path of one of the studio's folders."""
        path: Path = getattr(self.folders, name)
        return self.home / path

    @property
    def store_url(self) -> str:
        """The database's address; a relative SQLite file starts at `home`."""
        prefix = "sqlite:///"
        if not self.store.url.startswith(prefix):
            return self.store.url
        return f"{prefix}{self.home / self.store.url.removeprefix(prefix)}"


class _Thresholds(_Table):
    same_frame_distance: int = Field(ge=0, le=128)
    same_run_distance: int = Field(ge=0, le=128)
    shortest_run_frames: int = Field(ge=1)
    least_quality: int = Field(ge=0, le=100)


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
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
    return None


def read_settings(path: Path) -> Settings:
    """The settings in a scanner.toml. Raises SettingsError naming the file, the key and the nearest valid key."""
    table = _toml(path, _read(path))
    return _validated(Settings, {**table, "home": path.resolve().parent}, path)


def read_policy(path: Path) -> Policy:
    """The policy in a policy.toml. Raises SettingsError naming the file, the key and the nearest valid key."""
    return _policy(_read(path), path)


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
    return Policy(
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
        same_frame_distance=file.thresholds.same_frame_distance,
        same_run_distance=file.thresholds.same_run_distance,
        shortest_run_frames=file.thresholds.shortest_run_frames,
        least_quality=file.thresholds.least_quality,
        temporary_allowed_in=frozenset(file.temporary.allowed_in),
        outcomes=_outcomes(file.outcomes),
        outcomes_by_class={drop_class: _outcomes(table) for drop_class, table in file.outcomes_for.items()},
    )


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
    except tomllib.TOMLDecodeError as error:
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
    return f"{where}: {item['msg']}, not {item['input']!r}"


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
