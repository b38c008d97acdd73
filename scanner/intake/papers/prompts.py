"""Prompts: only that there was one is kept, as its SHA-256, and which guarded names it holds. Never the text itself."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable


def digest(prompt: str) -> str:
    """SHA-256 of a prompt's UTF-8 text, without the space around it and with `\\n` between its lines."""
    return hashlib.sha256(prompt.encode("utf-8")).hexdigest()


def names_in(prompt: str, guarded: Iterable[str]) -> tuple[str, ...]:
    """The guarded names that stand in a prompt as whole words, whatever their case and the space between words."""
    text = _folded(prompt)
    return tuple(name for name in dict.fromkeys(guarded) if (word := _folded(name)) and _stands_in(word, text))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
