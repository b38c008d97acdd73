"""Patterns of names that an ASC MHL does not list, as git reads them (`.gitignore`).

With the standard library's name patterns, part by part: those of the pathspec library are regular expressions that a
hostile pattern keeps busy without end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from scanner.intake.records import UnreadableManifestError

# What the reference implementation of ASC MHL ignores where a list says nothing of it.
USUAL = (".DS_Store", "ascmhl", "ascmhl/")
_MOST = 64
_LONGEST = 256
_ANY = "**"


@dataclass(frozen=True, slots=True)
class _Pattern:
    parts: tuple[str, ...]
    only_folders: bool
    again: bool

    def fits(self, path: tuple[str, ...], *, is_folder: bool) -> bool:
        return (is_folder or not self.only_folders) and _fits(self.parts, path)


class Ignored:
    """Some patterns. Raises UnreadableManifestError for more, or longer ones, than any list has."""

    def __init__(self, patterns: Iterable[str]) -> None:
        patterns = tuple(dict.fromkeys(pattern.strip() for pattern in patterns))
        if len(patterns) > _MOST or any(len(pattern) > _LONGEST for pattern in patterns):
            msg = "it has more patterns of ignored names than are looked at"
            raise UnreadableManifestError(msg)
        self._patterns = [_pattern(pattern) for pattern in patterns if pattern and not pattern.startswith("#")]
        self._folders: dict[tuple[str, ...], bool] = {(): False}

    def __contains__(self, name: str) -> bool:
        path = tuple(part for part in name.split("/") if part not in ("", "."))
        return self._is_folder_ignored(path[:-1]) or self._decide(path, is_folder=False)

    def _is_folder_ignored(self, path: tuple[str, ...]) -> bool:
        """What is in an ignored folder is ignored, whatever else is said of it."""
        known = self._folders.get(path)
        if known is None:
            known = self._is_folder_ignored(path[:-1]) or self._decide(path, is_folder=True)
            self._folders[path] = known
        return known

    def _decide(self, path: tuple[str, ...], *, is_folder: bool) -> bool:
        """The last pattern that fits decides."""
        fitting = (pattern for pattern in reversed(self._patterns) if pattern.fits(path, is_folder=is_folder))
        decisive = next(fitting, None)
        return decisive is not None and not decisive.again


def _pattern(text: str) -> _Pattern:
    again, text = text.startswith("!"), text.removeprefix("!")
    only_folders, text = text.endswith("/"), text.rstrip("/")
    parts = tuple(part for part in text.split("/") if part)
    anchored = "/" in text
    return _Pattern(parts if anchored else (_ANY, *parts), only_folders, again)


def _fits(parts: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether the parts of a pattern fit all of a path; `**` stands for any number of folders."""
    reached = {0}
    for part in parts:
        if part == _ANY:
            reached = set(range(min(reached), len(path) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(path) and fnmatchcase(path[at], part)}
    return len(path) in reached
