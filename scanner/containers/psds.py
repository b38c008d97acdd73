"""PSD and PSB: the files that smart objects hold, and each layer of pixels, shown or hidden. psd-tools reads them.

The picture that all layers make together is the file's own, and is looked at as any other still.
"""

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from psd_tools import PSDImage
from psd_tools.constants import Tag

from scanner.containers.inner import BLOCK, Found, Inner, Left, LeftInError, Unread
from scanner.containers.pictures import SMALLEST, as_png, check_it_shows_something

_LINKED = (Tag.LINKED_LAYER1, Tag.LINKED_LAYER2, Tag.LINKED_LAYER3, Tag.LINKED_LAYER_EXTERNAL)
_PIXELS = frozenset({"pixel", "smartobject"})


def read_psd(path: Path, name: str) -> Iterator[Found]:
    """What is in a PSD or PSB beside its picture."""
    # What it cannot read it logs, and goes on; what matters of that is looked for here.
    logging.getLogger("psd_tools").setLevel(logging.CRITICAL)
    psd: Any = PSDImage.open(path)
    yield from _embedded(psd)
    others = small = 0
    for position, layer in enumerate(psd.descendants(), start=1):
        if layer.is_group():
            continue
        if layer.kind not in _PIXELS:
            others += 1
        elif min(layer.width, layer.height) < SMALLEST:
            small += 1
        else:
            name = str(layer.name).replace("/", "_")
            yield Inner(name=f"layer {position} {name}.png", size=None, read=partial(_layer, layer))
    if others:
        yield Left(
            note=f"{others} of its layers are text, shapes, fills or adjustments: seen only in its whole picture"
        )
    if small:
        yield Left(note=f"{small} of its layers are smaller than {SMALLEST} pixels: not looked at")


def _embedded(psd: Any) -> Iterator[Found]:
    for tag in _LINKED:
        files = psd.tagged_blocks.get_data(tag)
        if files is None and tag in psd.tagged_blocks:
            yield Unread(reason="files in its smart objects cannot be read")
        for number, linked in enumerate(files or (), start=1):
            name = str(linked.filename).rpartition("/")[2].rstrip("\0") or f"smart object {number}"
            if linked.data:
                yield Inner(name=f"smart objects/{name}", size=len(linked.data), read=partial(_file, linked.data))
            else:
                yield Left(note="files that its smart objects link to are not in it")


def _file(content: bytes) -> Iterator[bytes]:
    yield from (content[at : at + BLOCK] for at in range(0, len(content), BLOCK))


def _layer(layer: Any) -> Iterator[bytes]:
    picture = layer.topil()
    if picture is None:
        msg = "a layer without pixels"
        raise LeftInError(msg)
    check_it_shows_something(picture)
    yield as_png(picture)
