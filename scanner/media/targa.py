"""Truevision TGA, which has no magic number: its header is held against itself, and against the end of the file.

Source: Truevision TGA File Format Specification 2.0 (1991), fields 1 to 5 and the file's footer.
"""

import os
from typing import BinaryIO

_HEADER, _FOOTER = 18, 26
_SIGNATURE = b"TRUEVISION-XFILE.\0"
# By kind of picture, how many bits a pixel may have; from 8 on the kinds are packed.
_DEPTHS = {1: (8, 16), 2: (15, 16, 24, 32), 3: (8, 16)}
_PACKED = 8
_TABLE_DEPTHS = (15, 16, 24, 32)


def is_tga(file: BinaryIO, head: bytes) -> bool:
    """Whether a header that makes sense is followed by a footer of version 2.0, or by exactly the bytes it promises.

    A packed picture without a footer is not known: nothing tells it from other data. Raises OSError.
    """
    if len(head) < _HEADER or not _makes_sense(head):
        return False
    size = file.seek(0, os.SEEK_END)
    if size >= _HEADER + _FOOTER:
        file.seek(size - len(_SIGNATURE))
        if file.read(len(_SIGNATURE)) == _SIGNATURE:
            return True
    return head[2] < _PACKED and size == _HEADER + head[0] + _table_size(head) + _picture_size(head)


def has_alpha(head: bytes) -> bool:
    """Whether the header says that pixels have bits of alpha; where not, what stands in their place means nothing."""
    return len(head) >= _HEADER and head[17] & 0x0F > 0


def _makes_sense(head: bytes) -> bool:
    kind, width, height = head[2], _word(head, 12), _word(head, 14)
    depths = _DEPTHS.get(kind & ~_PACKED, ()) if kind < 2 * _PACKED else ()
    has_table = head[1] == 1
    table = has_table and _word(head, 5) > 0 and head[7] in _TABLE_DEPTHS
    # The two highest bits of the descriptor are of no use any more, and 0.
    sound = head[1] in (0, 1) and (table or not has_table) and not head[17] & 0xC0
    return sound and head[16] in depths and width > 0 and height > 0 and (has_table or kind & ~_PACKED != 1)


def _table_size(head: bytes) -> int:
    return _word(head, 5) * ((head[7] + 7) // 8) if head[1] else 0


def _picture_size(head: bytes) -> int:
    return _word(head, 12) * _word(head, 14) * ((head[16] + 7) // 8)


def _word(head: bytes, at: int) -> int:
    return int.from_bytes(head[at : at + 2], "little")
