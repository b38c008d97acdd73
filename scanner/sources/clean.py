"""Text from delivered files, made safe to keep: no control characters, one line, short."""

import unicodedata

LIMIT = 200

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def clean(text: str, limit: int = LIMIT) -> str:
    """One printable line of at most `limit` characters; control, bidi and surrogate characters become spaces."""
    head = text[: 4 * limit]
    safe = "".join(" " if unicodedata.category(letter) in _UNSAFE else letter for letter in head)
    line = " ".join(safe.split())
    return line if len(line) <= limit and len(head) == len(text) else line[: limit - 1] + "…"


def decoded(raw: bytes) -> str:
    """Bytes as text: UTF-16 with a byte order mark, UTF-8, or else Latin-1, which never fails."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ()
    for encoding in (*encodings, "utf-8"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def decoded_utf16(raw: bytes, *, big: bool = True) -> str:
    """UTF-16 without a mark (EXIF UserComment, XP tags), in the byte order that gives the more zero high bytes.

    `big`: the order where both give the same, as in Chinese.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    first, second = raw[0::2].count(0), raw[1::2].count(0)
    big = big if first == second else first > second
    return raw.decode("utf-16-be" if big else "utf-16-le", "replace")
