"""PDF and PSD: pictures, attachments, layers and smart objects come out; what does not is told or noted."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import LinkedLayerType, Tag
from psd_tools.psd.linked_layer import LinkedLayer, LinkedLayers

from .conftest import Opened
from .making import contents

NOT_RENDERED = "its pages are not rendered: drawings and text are not compared, only the pictures embedded in it"


def picture(width: int = 96, height: int = 64) -> Image.Image:
    rows, columns = np.mgrid[0:height, 0:width]
    channels = [(columns * 5 + rows) % 256, (rows * 7) % 256, (columns * rows) % 256]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def as_file(image: Image.Image, form: str) -> bytes:
    made = io.BytesIO()
    image.save(made, form)
    return made.getvalue()


def embedded(pdf: pikepdf.Pdf, content: bytes, **keys: Any) -> Any:
    stream = pdf.make_stream(content)
    named = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image, "Width": 96, "Height": 64, **keys}
    for name, value in named.items():
        stream[f"/{name}"] = value
    return stream


def written(pdf: pikepdf.Pdf, **how: Any) -> bytes:
    made = io.BytesIO()
    pdf.save(made, **how)
    return made.getvalue()


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


COLOURS = {"DeviceRGB": "RGB", "DeviceGray": "L", "DeviceCMYK": "CMYK"}


@pytest.mark.parametrize("colours", COLOURS)
def test_a_picture_without_loss_comes_out_of_a_pdf_as_it_is_seen(opened: Opened, colours: str) -> None:
    image, pdf = picture().convert(COLOURS[colours]), pikepdf.new()
    page = pdf.add_blank_page()
    look = {"ColorSpace": pikepdf.Name(f"/{colours}"), "BitsPerComponent": 8}
    page.obj.Resources = pikepdf.Dictionary(XObject={"/P": embedded(pdf, image.tobytes(), **look)})

    (content,) = contents(opened(written(pdf))).values()

    assert np.abs(pixels(content).astype(int) - np.asarray(image.convert("RGB")).astype(int)).max() <= 2


@pytest.mark.parametrize(("form", "how", "ending"), [("JPEG", "DCT", ".jpg"), ("JPEG2000", "JPX", ".jp2")])
def test_a_compressed_picture_comes_out_of_a_pdf_byte_for_byte(
    opened: Opened, form: str, how: str, ending: str
) -> None:
    content, pdf = as_file(picture(), form), pikepdf.new()
    look = {"ColorSpace": pikepdf.Name.DeviceRGB, "BitsPerComponent": 8, "Filter": pikepdf.Name(f"/{how}Decode")}
    pdf.add_blank_page().obj.Resources = pikepdf.Dictionary(XObject={"/P": embedded(pdf, content, **look)})

    taken = opened(written(pdf))

    assert list(contents(taken).values()) == [content]
    assert [name for name in taken.files if name.startswith("picture ") and name.endswith(ending)]
    assert taken.unread == ()


def test_pictures_on_no_page_and_in_the_content_of_one_come_out(opened: Opened) -> None:
    pdf, small = pikepdf.new(), picture(40, 40).convert("L")
    page = pdf.add_blank_page()
    inline = b"q BI /W 40 /H 40 /CS /G /BPC 8 ID " + small.tobytes() + b" EI Q"
    page.obj.Contents = pdf.make_stream(inline)
    look = {"ColorSpace": pikepdf.Name.DeviceRGB, "BitsPerComponent": 8}
    pdf.Root.Unused = pdf.make_indirect(embedded(pdf, picture().tobytes(), **look))

    taken = contents(opened(written(pdf)))

    assert [np.array_equal(pixels(taken[name])[..., 0], np.asarray(small)) for name in taken if "page 1" in name] == [
        True
    ]
    assert sum(name.startswith("picture ") for name in taken) == 1


def test_attachments_of_a_pdf_come_out_by_their_names(opened: Opened) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["note"] = pikepdf.AttachedFileSpec(pdf, b"words", filename="../note.txt")

    taken = opened(written(pdf))

    assert contents(taken) == {"note.txt": b"words"}
    assert taken.unread == ("note.txt: its path leads out of the archive",)


def test_a_pdf_of_drawings_only_is_noted(opened: Opened) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()

    taken = opened(written(pdf))

    assert (contents(taken), taken.unread, list(taken.notes)) == ({}, (), [NOT_RENDERED])


def test_what_is_no_picture_in_a_pdf_is_noted(opened: Opened) -> None:
    pdf, look = pikepdf.new(), {"ColorSpace": pikepdf.Name.DeviceGray, "BitsPerComponent": 8}
    flat = embedded(pdf, bytes([200]) * 96 * 64, **look)
    tiny = embedded(pdf, bytes(range(100)), **look, **{"Width": 10, "Height": 10})
    pdf.add_blank_page().obj.Resources = pikepdf.Dictionary(XObject={"/F": flat, "/T": tiny})

    taken = opened(written(pdf))

    assert contents(taken) == {}
    assert set(taken.notes) == {
        NOT_RENDERED,
        "a picture of one colour: not looked at",
        "1 of its pictures are smaller than 32 pixels: not looked at",
    }


def test_a_picture_that_cannot_be_taken_out_of_a_pdf_is_told(opened: Opened) -> None:
    pdf, look = pikepdf.new(), {"ColorSpace": pikepdf.Name.DeviceRGB, "BitsPerComponent": 8}
    broken = embedded(pdf, b"no picture", **look, Filter=pikepdf.Name.DCTDecode)
    pdf.add_blank_page().obj.Resources = pikepdf.Dictionary(XObject={"/P": broken})

    (told,) = opened(written(pdf)).unread

    assert told.startswith("picture ")


def test_an_encrypted_pdf_is_told(opened: Opened) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()

    taken = opened(written(pdf, encryption=pikepdf.Encryption(owner="one", user="two")))

    assert taken.unread == ("it is encrypted, and cannot be read without its password",)


def test_a_pdf_whose_table_is_damaged_is_told(opened: Opened) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    whole = written(pdf)

    taken = opened(whole[: whole.rindex(b"startxref")] + b"startxref\n7\n%%EOF")

    assert taken.unread == ("its table of objects is damaged: what it held may be missing",)


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing else\0", b"8BPS\0\1" + bytes(40)])
def test_what_is_no_document_at_all_is_told(opened: Opened, content: bytes) -> None:
    assert len(opened(content).unread) == 1


def test_layers_come_out_of_a_psd_shown_or_hidden(opened: Opened, tmp_path: Path) -> None:
    psd: Any = PSDImage.new("RGB", (96, 64))
    psd.create_pixel_layer(picture(), name="plate/one").visible = False
    psd.create_pixel_layer(Image.new("RGB", (96, 64), "white"), name="white")
    psd.create_pixel_layer(picture(20, 20), name="small")
    psd.save(tmp_path / "a.psd")

    taken = opened(tmp_path / "a.psd")

    assert list(taken.files) == ["layer 1 plate_one.png"]
    assert np.array_equal(pixels(contents(taken)["layer 1 plate_one.png"]), np.asarray(picture()))
    assert set(taken.notes) == {
        "a picture of one colour: not looked at",
        "1 of its layers are smaller than 32 pixels: not looked at",
    }
    assert taken.unread == ()


def linked(*files: LinkedLayer) -> Any:
    """A PSD whose smart objects hold, or only link to, these files."""
    psd: Any = PSDImage.new("RGB", (96, 64))
    psd.create_pixel_layer(picture(), name="plate")
    psd.tagged_blocks.set_data(Tag.LINKED_LAYER2, LinkedLayers(list(files)))
    return psd


def test_files_in_smart_objects_come_out_of_a_psd_byte_for_byte(opened: Opened, tmp_path: Path) -> None:
    content = as_file(picture(), "PNG")
    held = LinkedLayer(
        kind=LinkedLayerType.DATA, version=1, uuid="1", filename="C:/work/sky.png", filesize=len(content), data=content
    )
    elsewhere = LinkedLayer(kind=LinkedLayerType.ALIAS, version=1, uuid="2", filename="sea.png")
    linked(held, elsewhere).save(tmp_path / "a.psd")

    taken = opened(tmp_path / "a.psd")

    assert contents(taken)["smart objects/sky.png"] == content
    assert "files that its smart objects link to are not in it" in taken.notes


def test_smart_objects_that_cannot_be_read_are_told(opened: Opened, tmp_path: Path) -> None:
    held = LinkedLayer(kind=LinkedLayerType.DATA, version=7, uuid="1", filename="sky.png", data=b"words")
    linked(held).save(tmp_path / "a.psd")  # of a version with fields at its end, and without these

    assert opened(tmp_path / "a.psd").unread == ("files in its smart objects cannot be read",)
