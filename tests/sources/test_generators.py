"""Settings that AI tools write into their output: recognised only when the value parses as the tool's."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scanner.model import DeclaredLabel, GeneratorTag, Meaning, Observation, Unreadable
from scanner.sources import Source
from scanner.sources.carriers import stealth as hiding
from scanner.sources.generators import GeneratorTags

from .contract import SourceContract, seen
from .making import (
    A1111,
    PROMPT,
    encoded,
    exif,
    gif,
    jpeg,
    packed_text,
    png,
    sound,
    stealth,
    text,
    video,
    wav,
    webp,
    xmp,
)

UUID = "2b6e053b-9a65-4ca9-9e13-b6f4465164d4"
WORKFLOW: dict[str, Any] = {
    "last_node_id": 4,
    "links": [],
    "nodes": [
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["house_v1.safetensors"]},
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a very secret scene"]},
    ],
}
NOVELAI = {"steps": 28, "sampler": "k_euler", "seed": 1, "scale": 5.0, "uc": "blurry", "prompt": "secret"}
FOOOCUS = {"prompt": "secret", "negative_prompt": "", "base_model": "house_v1", "seed": 1}
SWARM = {"sui_image_params": {"prompt": "secret", "model": "house_v1"}}
INVOKE = {"generation_mode": "txt2img", "positive_prompt": "secret", "model": {"model_name": "house_v1"}}
DIFFUSION = {"prompt": "secret", "seed": 1, "use_stable_diffusion_model": "house_v1"}
DRAW_THINGS = {"c": "secret", "uc": "", "seed": 1, "steps": 20, "model": "house_v1"}


def tags(path: Path, format_name: str = "png") -> list[Observation]:
    return seen(GeneratorTags(), path, format_name)


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "delivered"
    path.write_bytes(content)
    return path


def only(found: list[Observation]) -> GeneratorTag:
    (tag,) = found
    assert isinstance(tag, GeneratorTag)
    return tag


def unicode_comment(value: str, order: str = "utf-16-be") -> bytes:
    return exif(UserComment=b"UNICODE\0" + value.encode(order))


class TestTheContractForPng(SourceContract):
    format_name = "png"

    @pytest.fixture
    def source(self) -> Source:
        return GeneratorTags()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return written(tmp_path, png(packed_text("parameters", A1111.encode()), text("prompt", json.dumps(PROMPT))))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return written(tmp_path, png(text("Software", "Adobe Photoshop 26.9"), text("Comment", "Created with GIMP")))


class TestTheContractForExif(TestTheContractForPng):
    format_name = "jpeg"

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return written(tmp_path, encoded("JPEG", exif=unicode_comment(A1111)))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return written(tmp_path, encoded("JPEG", exif=exif(Make="NIKON", Model="Z 9", Software="Ver.01.00")))


class TestTheContractForVideo(TestTheContractForPng):
    format_name = "mp4"

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return video(tmp_path / "telling.mp4", prompt=json.dumps(PROMPT))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return video(tmp_path / "silent.mp4", title="Shot", comment="graded")


class TestTheContractForHiddenText(TestTheContractForPng):
    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return written(tmp_path, stealth(A1111))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return written(tmp_path, png(image=Image.linear_gradient("L").convert("RGBA")))


TELLING: dict[str, tuple[str, bytes, str, str | None]] = {
    "ComfyUI prompt": ("png", png(text("prompt", json.dumps(PROMPT))), "ComfyUI", "house_v1.safetensors"),
    "ComfyUI workflow": ("png", png(text("workflow", json.dumps(WORKFLOW))), "ComfyUI", "house_v1.safetensors"),
    "ComfyUI with NaN": ("png", png(text("prompt", json.dumps(PROMPT | {"9": float("nan")}))), "ComfyUI", None),
    "ComfyUI in WebP": (
        "webp",
        webp(exif=exif(Make="workflow:" + json.dumps(WORKFLOW), Model="prompt:" + json.dumps(PROMPT))),
        "ComfyUI",
        "house_v1.safetensors",
    ),
    "ComfyUI in JPEG": ("jpeg", encoded("JPEG", exif=exif(Make="prompt:" + json.dumps(PROMPT))), "ComfyUI", None),
    "A1111": ("png", png(text("parameters", A1111)), "Automatic1111", "house_v1"),
    "A1111 after the pixels": ("png", png(late=(text("parameters", A1111),)), "Automatic1111", "house_v1"),
    "A1111 packed": ("png", png(packed_text("parameters", A1111.encode())), "Automatic1111", "house_v1"),
    "A1111 upscaled": (
        "png",
        png(text("postprocessing", "Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN")),
        "Automatic1111",
        None,
    ),
    "A1111 in EXIF": ("jpeg", encoded("JPEG", exif=unicode_comment(A1111)), "Automatic1111", "house_v1"),
    "A1111 in EXIF, little-endian": (
        "jpeg",
        encoded("JPEG", exif=unicode_comment(A1111, "utf-16-le")),
        "Automatic1111",
        "house_v1",
    ),
    "A1111 in EXIF, ASCII": (
        "webp",
        webp(exif=exif(UserComment=b"ASCII\0\0\0" + A1111.encode())),
        "Automatic1111",
        "house_v1",
    ),
    "A1111 in GIF": ("gif", encoded("GIF", comment=A1111.encode()), "Automatic1111", "house_v1"),
    "A1111 in TIFF": ("tiff", encoded("TIFF", tiffinfo={270: A1111}), "Automatic1111", "house_v1"),
    "A1111 in AVIF": ("avif", encoded("AVIF", exif=unicode_comment(A1111)), "Automatic1111", "house_v1"),
    "A1111 in a PNG's EXIF": ("png", encoded("PNG", exif=unicode_comment(A1111)), "Automatic1111", "house_v1"),
    "Forge": ("png", png(text("parameters", A1111 + ", Version: f2.0.1v1.10.1")), "Forge", "house_v1"),
    "A1111 hidden": ("png", stealth(A1111), "Automatic1111", "house_v1"),
    "A1111 hidden, plain": ("png", stealth(A1111, b"stealth_pnginfo"), "Automatic1111", "house_v1"),
    "A1111 hidden in colours": ("png", stealth(A1111, b"stealth_rgbcomp"), "Automatic1111", "house_v1"),
    "NovelAI hidden": (
        "png",
        stealth(json.dumps({"Software": "NovelAI", "Source": "NAI v4", "Comment": json.dumps(NOVELAI)})),
        "NovelAI",
        "NAI v4",
    ),
    "something hidden": ("png", stealth("who knows"), "unknown generator", None),
    "NovelAI": (
        "png",
        png(text("Software", "NovelAI"), text("Source", "NAI v3"), text("Comment", json.dumps(NOVELAI))),
        "NovelAI",
        "NAI v3",
    ),
    "Fooocus": ("png", png(text("parameters", json.dumps(FOOOCUS))), "Fooocus", "house_v1"),
    "Fooocus in a PNG comment": ("png", png(text("Comment", json.dumps(FOOOCUS))), "Fooocus", "house_v1"),
    "Fooocus in a JPEG comment": ("jpeg", jpeg((0xFE, json.dumps(FOOOCUS).encode())), "Fooocus", "house_v1"),
    "SwarmUI": ("png", png(text("parameters", json.dumps(SWARM))), "SwarmUI", "house_v1"),
    "SwarmUI in EXIF": ("jpeg", encoded("JPEG", exif=unicode_comment(json.dumps(SWARM))), "SwarmUI", "house_v1"),
    "InvokeAI": ("png", png(text("invokeai_metadata", json.dumps(INVOKE))), "InvokeAI", "house_v1"),
    "InvokeAI 2": ("png", png(text("sd-metadata", '{"model_weights": "house_v1"}')), "InvokeAI", "house_v1"),
    "InvokeAI 1": ("png", png(text("Dream", '"a scene" -s 20 -S 1234 -W 512 -A k_euler')), "InvokeAI", None),
    "Midjourney": ("png", png(text("Description", f"secret --v 6.1 Job ID: {UUID}")), "Midjourney", "v 6.1"),
    "Midjourney in XMP": (
        "jpeg",
        encoded(
            "JPEG",
            xmp=xmp(f"<dc:description><rdf:Alt><rdf:li>secret Job ID: {UUID}</rdf:li></rdf:Alt></dc:description>"),
        ),
        "Midjourney",
        None,
    ),
    "Easy Diffusion": (
        "png",
        png(text("use_stable_diffusion_model", "house_v1"), text("negative_prompt", "x"), text("seed", "1")),
        "Easy Diffusion",
        "house_v1",
    ),
    "Easy Diffusion in EXIF": (
        "jpeg",
        encoded("JPEG", exif=unicode_comment(json.dumps(DIFFUSION))),
        "Easy Diffusion",
        "house_v1",
    ),
    "Draw Things": (
        "jpeg",
        encoded(
            "JPEG",
            xmp=xmp(
                "<exif:UserComment><rdf:Alt><rdf:li>"
                + json.dumps(DRAW_THINGS)
                + "</rdf:li></rdf:Alt></exif:UserComment>"
            ),
        ),
        "Draw Things",
        "house_v1",
    ),
    "Luma": ("png", png(text("Comment", "Generated by Luma AI's Uni-1 model")), "Luma", "Uni-1"),
    "Luma by source": ("png", png(text("Source", "Luma AI")), "Luma", None),
    "Ideogram": ("jpeg", encoded("JPEG", exif=exif(Make="Ideogram AI")), "Ideogram", None),
    "Grok": (
        "jpeg",
        encoded("JPEG", exif=exif(ImageDescription="Signature: " + "Ab1/" * 20 + "==", Artist=UUID)),
        "xAI Grok",
        None,
    ),
    "A1111 in WAV": ("wav", wav((b"ICMT", A1111.encode())), "Automatic1111", "house_v1"),
}


@pytest.mark.parametrize("name", TELLING)
def test_a_tool_is_known_by_what_it_writes(tmp_path: Path, name: str) -> None:
    format_name, content, tool, model = TELLING[name]

    tag = only(tags(written(tmp_path, content), format_name))

    assert tag.tool == tool
    assert model is None or tag.model == model


@pytest.mark.parametrize("name", TELLING)
def test_no_prompt_is_ever_told(tmp_path: Path, name: str) -> None:
    format_name, content, _, _ = TELLING[name]

    assert "secret" not in repr(tags(written(tmp_path, content), format_name))


@pytest.mark.parametrize(
    "content",
    [
        png(text("Software", "Adobe Photoshop 26.9")),
        png(text("Software", "GIMP 2.10")),
        png(text("Comment", "Created with GIMP")),
        png(text("prompt", "to be or not to be")),
        png(text("prompt", '{"answer": 42}')),
        png(text("prompt", '{"3": {"class_type": 7}}')),
        png(text("prompt", "[" * 100_000)),
        png(text("workflow", '{"nodes": []}')),
        png(text("workflow", '{"nodes": [1, 2], "links": []}')),
        png(text("parameters", "exposure 1/50, Steps: none")),
        png(text("parameters", '{"prompt": "x"}')),
        png(text("Description", "Job ID: 17 of the vendor")),
        png(text("Comment", '{"steps": 3, "sampler": "drum kit"}')),
        png(text("Software", "NovelAI"), text("Comment", "plain words")),
        png(text("Dream", "a dream I had")),
        png(text("Source", "Camera A")),
        png(text("Model", "ARRI Alexa 35")),
        png(text("negative_prompt", "x")),
        png(text("hf-job-id", "17")),
    ],
)
def test_a_generic_key_alone_says_nothing(tmp_path: Path, content: bytes) -> None:
    assert tags(written(tmp_path, content)) == []


@pytest.mark.parametrize("tag", ["Make", "Model", "Artist", "Software", "ImageDescription"])
@pytest.mark.parametrize(
    "value", ["NIKON CORPORATION", "Pixel 8 Pro", "HDR+ 1.0", "Adobe Photoshop", "Signature: Jane"]
)
def test_cameras_and_editors_say_nothing(tmp_path: Path, tag: str, value: str) -> None:
    assert tags(written(tmp_path, encoded("JPEG", exif=exif(**{tag: value}))), "jpeg") == []


def test_prompt_and_workflow_are_one_tag_with_both_fields(tmp_path: Path) -> None:
    path = written(tmp_path, png(text("prompt", json.dumps(PROMPT)), text("workflow", json.dumps(WORKFLOW))))

    assert only(tags(path)).field == "PNG prompt, PNG workflow"


@pytest.mark.parametrize(
    ("name", "codec", "format_name"),
    [
        ("clip.mp4", "mpeg4", "mp4"),
        ("clip.mov", "mpeg4", "mov"),
        ("clip.mkv", "mpeg4", "matroska"),
        ("clip.webm", "libvpx", "webm"),
    ],
)
def test_graphs_in_the_tags_of_video_are_found(tmp_path: Path, name: str, codec: str, format_name: str) -> None:
    path = video(tmp_path / name, codec, prompt=json.dumps(PROMPT))

    assert only(tags(path, format_name)).model == "house_v1.safetensors"


def test_graphs_within_a_comment_are_found(tmp_path: Path) -> None:
    comment = json.dumps({"prompt": json.dumps(PROMPT), "workflow": WORKFLOW})

    assert only(tags(video(tmp_path / "clip.mp4", comment=comment), "mp4")).tool == "ComfyUI"


@pytest.mark.parametrize(
    ("name", "codec", "format_name"),
    [("song.flac", "flac", "flac"), ("song.mp3", "libmp3lame", "mp3"), ("song.ogg", "flac", "ogg")],
)
@pytest.mark.parametrize("key", ["comment", "description"])
def test_suno_says_so_in_the_tags_of_its_songs(
    tmp_path: Path, name: str, codec: str, format_name: str, key: str
) -> None:
    value = f"made with suno; created=2026-01-01T00:00:00Z; id={UUID}"
    path = sound(tmp_path / name, codec, **{key: value})

    assert only(tags(path, format_name)).tool == "Suno"


def test_a_song_about_suno_is_not_made_by_it(tmp_path: Path) -> None:
    assert tags(sound(tmp_path / "song.mp3", "libmp3lame", comment="made with a sunny o"), "mp3") == []


def test_a_job_number_of_higgsfield_is_a_maybe(tmp_path: Path) -> None:
    (found,) = tags(written(tmp_path, png(text("hf-job-id", UUID))))

    assert isinstance(found, DeclaredLabel)
    assert (found.meaning, found.tool) == (Meaning.MAYBE, "Higgsfield")


def test_a_name_that_is_no_unicode_is_read_like_any_other(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", prompt=json.dumps(PROMPT))
    odd = path.rename(tmp_path / "http:\udcff\n;clip.mp4")

    assert only(tags(odd, "mp4")).tool == "ComfyUI"


def test_a_list_of_other_files_is_not_opened_as_video(tmp_path: Path) -> None:
    path = written(tmp_path, b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n")

    (found,) = tags(path, "mp4")

    assert isinstance(found, Unreadable)


def test_a_text_that_inflates_without_end_is_said_and_not_inflated(tmp_path: Path) -> None:
    bomb = b"parameters\0\0" + zlib.compress(bytes(40 << 20), 9)

    (found,) = tags(written(tmp_path, png((b"zTXt", bomb))))

    assert isinstance(found, Unreadable)
    assert found.partly


def test_a_telling_text_beside_a_bomb_is_still_told(tmp_path: Path) -> None:
    bomb = b"junk\0\0" + zlib.compress(bytes(40 << 20), 9)
    path = written(tmp_path, png((b"zTXt", bomb), text("prompt", json.dumps(PROMPT))))

    assert [item.kind for item in tags(path)] == ["generator_tag", "unreadable"]


def test_a_picture_too_large_to_look_for_hidden_text_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiding, "PIXEL_LIMIT", 1000)

    (found,) = tags(written(tmp_path, stealth(A1111)))

    assert isinstance(found, Unreadable)


def test_a_hidden_text_that_claims_gigabytes_is_said(tmp_path: Path) -> None:
    content = stealth("x" * 10, b"stealth_pnginfo")
    with Image.open(written(tmp_path, content)) as picture:
        pixels = picture.copy()
    height = pixels.height
    for bit in range(120, 152):
        place = divmod(bit, height)
        red, green, blue, alpha = pixels.getpixel(place)  # type: ignore[misc]
        pixels.putpixel(place, (red, green, blue, alpha | 1))

    (found,) = tags(written(tmp_path, png(image=pixels)))

    assert isinstance(found, Unreadable)


def test_a_gif_with_xmp_says_nothing_here(tmp_path: Path) -> None:
    assert tags(written(tmp_path, gif(xmp(""))), "gif") == []


def test_tool_names_in_models_are_cleaned(tmp_path: Path) -> None:
    graph = {"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "ho\x1b[2Juse\n" + "x" * 900}}}

    model = only(tags(written(tmp_path, png(text("prompt", json.dumps(graph)))))).model

    assert model is not None
    assert model.startswith("ho [2Juse x")
    assert len(model) == 200
