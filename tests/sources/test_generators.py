"""Settings that AI tools write into their output: recognised only when the value parses as the tool's."""

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scanner.model import DeclaredLabel, GeneratorTag, Meaning, Observation, Unreadable
from scanner.sources import Source
from scanner.sources.carriers import stealth as hiding
from scanner.sources.carriers.bounds import Text
from scanner.sources.generators import GeneratorTags, named, observations
from scanner.sources.generators_page import page
from scanner.sources.traces import Maker, Trace, read, table

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


# --- the table


def told(texts: Mapping[str, str]) -> list[Observation]:
    """What the source makes of these texts of one file."""
    kept = [
        (f"text {key}", named(Text(place="hidden" if key == "hidden" else "PNG", key=key, value=value)))
        for key, value in texts.items()
    ]
    return list(observations(kept))


def row(trace: Trace) -> str:
    return f"{trace.tool}: {trace.what}"[:60]


def of(tool: str, found: list[Observation]) -> list[Observation]:
    return [item for item in found if not isinstance(item, Unreadable) and getattr(item, "tool", None) == tool]


@pytest.mark.parametrize("trace", table().traces, ids=row)
def test_every_example_of_the_table_is_recognised(trace: Trace) -> None:
    (found,) = of(trace.tool, told(trace.example))

    assert isinstance(found, GeneratorTag if trace.is_proof else DeclaredLabel)
    if isinstance(found, GeneratorTag):
        assert found.model == trace.tells_model or trace.tells_model is None
    else:
        assert found.meaning is Meaning.MAYBE


@pytest.mark.parametrize("trace", table().traces, ids=row)
def test_no_counter_example_of_the_table_is_recognised(trace: Trace) -> None:
    assert told(trace.counter) == []


@pytest.mark.parametrize("trace", table().traces, ids=row)
def test_examples_are_recognised_by_their_own_row_and_tell_no_prompt(trace: Trace) -> None:
    found = told(trace.example)

    assert "secret" not in repr(found)
    assert [item.tool for item in found if isinstance(item, GeneratorTag)] == [trace.tool] * trace.is_proof


@pytest.mark.parametrize("maker", table().makers, ids=lambda maker: maker.tool)
@pytest.mark.parametrize("key", ["Software", "CreatorTool", "encoder"])
def test_a_maker_s_name_where_software_is_named_is_a_maybe(maker: Maker, key: str) -> None:
    (found,) = of(maker.tool, told({key: f"made by {maker.example}" if maker.example[0] != "D" else maker.example}))

    assert isinstance(found, DeclaredLabel)
    assert found.meaning is Meaning.MAYBE


@pytest.mark.parametrize("maker", table().makers, ids=lambda maker: maker.tool)
def test_names_like_a_maker_s_say_nothing(maker: Maker) -> None:
    assert told({"Software": maker.counter}) == []


@pytest.mark.parametrize("maker", table().makers, ids=lambda maker: maker.tool)
def test_a_maker_s_name_in_a_caption_says_nothing(maker: Maker) -> None:
    assert told({"Description": f"a talk about {maker.example}", "Artist": maker.example, "Title": maker.example}) == []


ORDINARY = [
    *("Adobe Photoshop 26.9 (Windows)", "GIMP 2.10.38", "Lavf61.7.100", "Lavc61.19.100 libx264", "Blender 4.5"),
    *("DaVinci Resolve Studio 20", "Adobe Premiere Pro 2026.0 (Macintosh)", "Nuke 16.0v4", "Flame 2026", "HDR+ 1.0"),
    *("Apple ProRes 422 HQ", "HandBrake 1.8.2", "Capture One 23", "darktable 5.0", "ARRI ALEXA 35", "Pro Tools 2025.6"),
    *("Media Encoder 2025", "Topaz Gigapixel 8.1", "Luminar Neo", "Canva (Renderer)", "CapCut 5.2", "Sora Nakamura"),
    *("Lightroom Classic 14.0 (Enhanced)", "imagen", "Gemini", "Luma", "Pika", "Firefly", "Runway", "Leonardo"),
]


@pytest.mark.parametrize("value", ORDINARY)
def test_ordinary_software_says_nothing(value: str) -> None:
    assert (
        told(dict.fromkeys(["Software", "CreatorTool", "encoder", "Make", "Model", "Comment", "Source"], value)) == []
    )


@pytest.mark.parametrize(
    "tool",
    [
        *("Automatic1111", "Forge", "SD.Next", "ComfyUI", "InvokeAI", "SwarmUI", "Fooocus", "Easy Diffusion"),
        *("Draw Things", "NovelAI", "Midjourney", "OpenAI", "Sora", "Runway", "Veo", "Flow", "Kling", "MiniMax", "Wan"),
        *("Vidu", "Luma", "LTX", "Seedance", "Higgsfield", "Krea", "xAI Grok", "Ideogram", "Firefly", "Photoshop"),
        *("Suno", "Pika", "Udio", "ElevenLabs", "Black Forest Labs", "Stability AI", "Dreamina", "Canva", "Recraft"),
        *("Fal.ai", "Bria", "Microsoft", "Titan", "Samsung", "Topaz", "VideoHelperSuite", "Civitai", "TensorArt"),
    ],
)
def test_every_tool_that_is_known_stands_in_the_table(tool: str) -> None:
    rows = (*table().traces, *table().makers, *table().silent)

    assert any(tool in each.tool for each in rows)


def test_the_page_about_the_table_is_written_from_it() -> None:
    document = Path(__file__).parents[2] / "docs/generators.md"

    assert document.read_text(encoding="utf-8") == page(table())


ROW = """[groups]
naming = []
[[trace]]
tool = "x"
what = ""
where = ""
keys = ["a"]
not = ""
source = "confirmed"
example = { a = "1" }
counter = { a = "2" }
"""


@pytest.mark.parametrize(
    "rest", ['grade = "E9"\npatterns = ["1"]', 'grade = "E2"', 'grade = "E2"\npatterns = ["1"]\nsurplus = 1']
)
def test_a_mistake_in_the_table_is_an_error(rest: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        read(ROW + rest)


@pytest.mark.parametrize(
    "key", ["comment", "COMMENT", "com.apple.quicktime.comment", "comment-eng", "TXXX:comment", "exif:comment"]
)
def test_a_key_is_known_whoever_owns_it(key: str) -> None:
    assert told({key: "made with suno; created=2026"}) != []


def test_names_that_a_tool_s_settings_were_read_with_are_not_told_again() -> None:
    found = told({"Software": "NovelAI", "Source": "Stable Diffusion 1D44365E", "Comment": json.dumps(NOVELAI)})

    assert [item.kind for item in found] == ["generator_tag"]


def test_a_name_of_another_tool_stays_a_lead_beside_proof() -> None:
    found = told({"prompt": json.dumps(PROMPT), "Software": "Adobe_Firefly"})

    assert [item.kind for item in found] == ["generator_tag", "declared_label"]


# --- the carriers


TELLING: dict[str, tuple[str, bytes, str, str | None]] = {
    "ComfyUI in an animated PNG": (
        "png",
        png(late=((b"comf", b"prompt\0" + json.dumps(PROMPT).encode()),)),
        "ComfyUI",
        "house_v1.safetensors",
    ),
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


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    """An ID3v2.3 tag with these frames, before a little of nothing."""
    body = b"".join(kind + struct.pack(">IH", len(value), 0) + value for kind, value in frames)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + body + bytes(512)


ADDRESS = f"https://suno.com/song/{UUID}"
WANGP = json.dumps({"type": "WanGP v10.70 by DeepBeepMeep", "prompt": "secret", "model_type": "ltx2", "seed": 1})


@pytest.mark.parametrize(
    ("format_name", "content", "tool"),
    [
        ("wav", wav((b"LIST", b"INFOICMT" + struct.pack("<I", 24) + b"made with suno studio; x")), "Suno"),
        ("mp3", id3((b"WOAS", ADDRESS.encode())), "Suno"),
        ("mp3", id3((b"TXXX", b"\0comment\0made with suno; created=2026")), "Suno"),
        ("mp3", id3((b"COMM", b"\0eng\0" + WANGP.encode())), "WanGP"),
        ("mp3", id3((b"TXXX", b"\0prompt\0" + json.dumps(PROMPT).encode())), "ComfyUI"),
    ],
)
def test_the_tags_of_sound_are_read(tmp_path: Path, format_name: str, content: bytes, tool: str) -> None:
    found = [item for item in tags(written(tmp_path, content), format_name) if isinstance(item, GeneratorTag)]

    assert [item.tool for item in found] == [tool]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv"])
def test_settings_in_a_comment_of_video_are_read(tmp_path: Path, name: str) -> None:
    path = video(tmp_path / name, comment=WANGP)

    tag = only(tags(path, {"mkv": "matroska"}.get(name[-3:], name[-3:])))

    assert (tag.tool, tag.model) == ("WanGP", "ltx2")


def hiding_picture(mode: str, height: int, mark: bytes, seed: int) -> Image.Image:
    """Noise and flat parts, so that each of PNG's filters is used, with the mark and a text in its lowest bits."""
    random = np.random.default_rng(seed)
    bands = len(mode)
    pixels = random.integers(0, 256, (height, 60, bands), dtype=np.uint8)
    pixels[:, 20:40] = np.arange(height, dtype=np.uint8)[:, None, None]
    layer = pixels[:, :, : min(bands, 3)] if b"rgb" in mark else pixels[:, :, -1:]
    bits = np.unpackbits(np.frombuffer(mark + struct.pack(">I", len(A1111) * 8) + A1111.encode(), np.uint8))
    columns = layer.transpose(1, 0, 2).reshape(-1)
    columns[: len(bits)] = (columns[: len(bits)] & 0xFE) | bits
    layer[:] = columns.reshape(layer.shape[1], layer.shape[0], layer.shape[2]).transpose(1, 0, 2)
    return Image.fromarray(pixels, mode)


@pytest.mark.parametrize("height", [31, 32, 33, 200])
@pytest.mark.parametrize(("mode", "mark"), [("RGBA", b"stealth_pnginfo"), ("LA", b"stealth_pnginfo"),
                                            ("RGB", b"stealth_rgbinfo"), ("RGBA", b"stealth_rgbinfo")])  # fmt: skip
def test_hidden_text_is_found_whatever_the_picture_and_its_filters(
    tmp_path: Path, mode: str, mark: bytes, height: int
) -> None:
    for seed in range(3):
        content = png(image=hiding_picture(mode, 4 * height if mode == "LA" else 2 * height, mark, seed))

        assert [item.tool for item in tags(written(tmp_path, content)) if isinstance(item, GeneratorTag)] == [
            "Automatic1111"
        ]


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


@pytest.mark.parametrize("format_name", ["mp4", "avi", "matroska", "mp3"])
def test_a_list_of_other_files_is_not_opened_as_media(tmp_path: Path, format_name: str) -> None:
    path = written(tmp_path, b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n")

    assert tags(path, format_name) == []


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
