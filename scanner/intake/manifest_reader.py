"""Reads the manifests of a delivery before its files are: each once, and all of them within a limit."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from scanner.intake.claims import Claims
from scanner.intake.held import opened
from scanner.intake.listings import MOST_BYTES
from scanner.intake.records import UnreadableManifestError, root_of
from scanner.intake.walk import why

_T = TypeVar("_T")
_MOST_IN_ALL = 256 << 20
_BEGINNING = 65_536


class ManifestReader:
    """Reads below one folder; what cannot be read is told among the claims."""

    def __init__(self, root: Path, claims: Claims) -> None:
        self._root = root
        self._claims = claims
        self._left = _MOST_IN_ALL

    def read(self, name: str, parse: Callable[[bytes], _T], *, most: int = MOST_BYTES) -> _T | None:
        """What a manifest says; None, and told, if it cannot be read."""
        try:
            data = self._bytes(name, most)
            self._claims.read[name] = hashlib.sha256(data).hexdigest()
            return parse(data)
        except OSError as error:
            self._claims.unreadable(name, why(error))
        except UnreadableManifestError as error:
            self._claims.unreadable(name, str(error))
        return None

    def root(self, name: str) -> str | None:
        """The root element of an XML file, by its beginning; None if it is none, or cannot be read."""
        try:
            with os.fdopen(opened(self._root, name), "rb") as file:
                return root_of(file.read(_BEGINNING))
        except OSError:
            return None

    def _bytes(self, name: str, most: int) -> bytes:
        with os.fdopen(opened(self._root, name), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                msg = f"it is larger than {most >> 20} MB"
                raise UnreadableManifestError(msg)
            self._left -= status.st_size
            if self._left < 0:
                msg = f"all manifests together are larger than {_MOST_IN_ALL >> 20} MB"
                raise UnreadableManifestError(msg)
            data = file.read(status.st_size + 1)
        if len(data) != status.st_size:
            msg = "it changed while it was read"
            raise UnreadableManifestError(msg)
        return data
