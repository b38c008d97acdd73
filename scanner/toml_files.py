"""Settings files in TOML: read whole and strictly.

A mistyped threshold must not quietly become the default, so an unknown key is an error that names the nearest one.
"""

import reprlib
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from scanner.errors import SettingsError
from scanner.model import Code, DropClass, Prominence

T = TypeVar("T", bound=BaseModel)

_KINDS = {"outcomes_for": DropClass, "outcomes_when": Prominence}


class Table(BaseModel):
    """A table in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


def read(path: Path) -> str:
    """The text of a settings file. Raises SettingsError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read: {error}"
        raise SettingsError(msg) from error


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The tables of a text. Raises SettingsError."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path}: not valid TOML: {error}"
        raise SettingsError(msg) from error


def validated(model: type[T], table: Mapping[str, Any], path: Path) -> T:
    """The table as a value. Raises SettingsError naming the file, the key and the nearest valid key."""
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
        kind = _KINDS.get(item["loc"][0], Code) if len(item["loc"]) == 3 else Code
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
