"""The sample media are what expected.toml and the README beside them say. The scanner itself is not asked here."""

import contextlib
import json
import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import c2pa
import imagehash
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scanner.model import ApprovalStatus, Code, DropClass, Outcome, Use

SAMPLES = Path(__file__).parents[1] / "sample_media"
REGISTER, DELIVERIES = SAMPLES / "register", SAMPLES / "deliveries"
EXPECTED: dict[str, Any] = tomllib.loads((SAMPLES / "expected.toml").read_text())
CLIPS, SOUNDS = {".mov", ".mp4", ".mxf"}, {".m4a"}
JSON_CHUNKS = (
    "comfyui.png prompt", "comfyui.png workflow", "invokeai.png invokeai_metadata", "novelai.png Comment",
    "fooocus.png parameters",
)  # fmt: skip
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}

# Chance pairs of 256-bit codes differ by about 128 bits; above this they are different pictures.
UNRELATED = 70
SAME = 44

Frame = NDArray[np.uint8]


def media_files() -> list[Path]:
    return [path for part in (REGISTER, DELIVERIES) for path in sorted(part.rglob("*")) if path.is_file()]


def sound_deliveries() -> list[str]:
    """Deliveries with pictures that can be examined from end to end."""
    whole = {each["path"] for each in EXPECTED["deliveries"] if each["outcome"] != "hold"}
    return sorted(name for name in whole if Path(name).suffix not in SOUNDS)


SEGMENTS = [(each["path"], segment) for each in EXPECTED["deliveries"] for segment in each.get("segments", [])]
TIMED = [(path, segment) for path, segment in SEGMENTS if "seconds_in" in segment]


@cache
def frames_of(path: Path) -> tuple[Frame, ...]:
    """Every frame of a clip, a still or a folder of stills."""
    if path.is_dir():
        return tuple(frame for file in sorted(path.iterdir()) for frame in frames_of(file))
    if path.suffix in CLIPS | {".exr"}:
        with av.open(str(path)) as container:
            return tuple(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0))
    with Image.open(path) as image:
        return (np.asarray(image.convert("RGB")),)


def code_of(frame: Frame) -> imagehash.ImageHash:
    return imagehash.phash(Image.fromarray(frame), hash_size=16)


def distance(frame: Frame, asset_frame: Frame) -> int:
    """Differing bits inside the bars, whether the asset is shown whole or matted to 2.39."""
    lines = np.flatnonzero(frame.max(axis=(1, 2)) > 40)
    bar = round((asset_frame.shape[0] - asset_frame.shape[1] / 2.39) / 2)
    seen = code_of(frame[lines[0] : lines[-1] + 1])
    return min(seen - code_of(asset_frame), seen - code_of(asset_frame[bar : asset_frame.shape[0] - bar]))


def rate_and_timecode(path: Path) -> tuple[Fraction, str]:
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        assert picture.average_rate is not None
        return picture.average_rate, container.metadata.get("timecode") or picture.metadata["timecode"]


def read_credentials(path: Path, *, root: str | None = None) -> dict[str, Any]:
    settings = OFFLINE | ({"trust": {"user_anchors": root}} if root else {})
    with c2pa.Context.from_dict(settings) as context, c2pa.Reader(str(path), context=context) as reader:
        return {**json.loads(reader.json()), "state": reader.get_validation_state()}


def texts_of(path: Path) -> dict[str, Any]:
    with Image.open(path) as image:
        image.load()
        return {str(key): value for key, value in image.info.items()}


def test_together_they_stay_small() -> None:
    assert sum(path.stat().st_size for path in media_files()) <= 12 * 1024**2


@pytest.mark.parametrize("path", media_files(), ids=lambda path: path.name)
def test_no_file_is_large(path: Path) -> None:
    assert path.stat().st_size <= 1.5 * 1024**2


def test_every_delivery_has_an_expected_outcome_and_nothing_else_has() -> None:
    assert {each["path"] for each in EXPECTED["deliveries"]} == {path.name for path in DELIVERIES.iterdir()}


def test_every_registered_file_has_a_record_and_nothing_else_has() -> None:
    assert set(EXPECTED["register"]) == {path.name for path in REGISTER.iterdir()}


@pytest.mark.parametrize("each", EXPECTED["deliveries"], ids=lambda each: each["path"])
def test_what_is_expected_is_said_in_the_product_s_own_words(each: dict[str, Any]) -> None:
    assert each["outcome"].upper() in Outcome.__members__
    assert each["codes"] == sorted(Code(code) for code in each["codes"])
    assert DropClass(each.get("drop_class", "final"))


@pytest.mark.parametrize("record", EXPECTED["register"].values(), ids=EXPECTED["register"])
def test_records_say_what_the_material_is_for(record: dict[str, str]) -> None:
    assert Use(record["use"])


def test_the_approval_is_for_a_registered_file() -> None:
    (approval,) = EXPECTED["approvals"]

    assert approval["status"] == ApprovalStatus.APPROVED
    assert set(approval["records"]) <= set(EXPECTED["register"])


@pytest.mark.parametrize("name", sound_deliveries())
def test_a_delivery_that_is_not_held_decodes_whole(name: str) -> None:
    path = DELIVERIES / name
    frames = frames_of(path)

    assert frames
    if path.suffix in CLIPS:
        with av.open(str(path)) as container:
            assert len(frames) == sum(1 for packet in container.demux(video=0) if packet.size)


def samples_of(path: Path) -> NDArray[np.float64]:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]).astype(np.float64)


def test_the_registered_voice_lies_in_the_mix_where_it_is_said_to() -> None:
    (delivery,) = [each for each in EXPECTED["deliveries"] if "sounds" in each]
    (placed,) = delivery["sounds"]
    voice, mix = samples_of(REGISTER / placed["asset"]), samples_of(DELIVERIES / delivery["path"])
    size = 1 << (mix.size + voice.size).bit_length()
    like = np.fft.irfft(np.fft.rfft(mix, size) * np.fft.rfft(voice, size).conj(), size)[: mix.size]

    assert int(like.argmax()) / 48_000 == pytest.approx(float(Fraction(placed["seconds_in"])), abs=0.03)
    assert Fraction(placed["seconds_out"]) - Fraction(placed["seconds_in"]) == Fraction(voice.size, 48_000)


def test_the_registered_voice_is_two_seconds_of_sound() -> None:
    samples = samples_of(REGISTER / "scratch_voice.wav")

    assert samples.size == 2 * 48_000
    assert np.abs(samples).max() > 8_000


@pytest.mark.parametrize("path", [path for path in REGISTER.rglob("*") if path.suffix in {".png", ".jpg"}], ids=str)
def test_registered_stills_carry_no_labels(path: Path) -> None:
    assert set(texts_of(path)) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", ["storm_flyover.mp4", "neon_street.mp4"])
def test_registered_clips_carry_no_labels(name: str) -> None:
    with av.open(str(REGISTER / name)) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}


@pytest.mark.parametrize(("name", "segment"), TIMED)
def test_timecodes_are_those_of_the_frames(name: str, segment: dict[str, str]) -> None:
    rate, start = rate_and_timecode(DELIVERIES / name)
    hours, minutes, seconds, frames = (int(part) for part in start.split(":"))
    for end in ("in", "out"):
        frame = Fraction(segment[f"seconds_{end}"]) * rate
        count = ((hours * 60 + minutes) * 60 + seconds) * 24 + frames + int(frame)
        shown = f"{count // 86400:02}:{count // 1440 % 60:02}:{count // 24 % 60:02}:{count % 24:02}"

        assert frame.denominator == 1
        assert shown == segment[f"timecode_{end}"]


@pytest.mark.parametrize(("name", "segment"), SEGMENTS)
def test_the_asset_is_where_the_truth_says(name: str, segment: dict[str, str]) -> None:
    delivered, asset = frames_of(DELIVERIES / name), frames_of(REGISTER / segment["asset"])
    rate = rate_and_timecode(DELIVERIES / name)[0] if "seconds_in" in segment else Fraction(1)
    first = int(Fraction(segment.get("seconds_in", "0")) * rate)
    last = int(Fraction(segment.get("seconds_out", "1")) * rate) - 1
    offset = int(Fraction(segment.get("asset_seconds_in", "0")) * 24)

    for number in (first, (first + last) // 2, last):
        same = asset[offset + number - first] if len(asset) > 1 else asset[0]
        assert distance(delivered[number], same) <= SAME


@pytest.mark.parametrize(("name", "segment"), TIMED)
def test_the_asset_is_not_in_the_frames_around_it(name: str, segment: dict[str, str]) -> None:
    delivered, asset = frames_of(DELIVERIES / name), frames_of(REGISTER / segment["asset"])
    rate, _ = rate_and_timecode(DELIVERIES / name)
    before, after = (int(Fraction(segment[key]) * rate) for key in ("seconds_in", "seconds_out"))

    for number in (before - 1, after):
        if number < len(delivered):
            assert min(distance(delivered[number], frame) for frame in asset[::6]) > UNRELATED


@pytest.mark.parametrize("name", sorted(set(sound_deliveries()) - {path for path, _ in SEGMENTS}))
def test_deliveries_without_registered_material_look_like_none_of_it(name: str) -> None:
    pictures = set(EXPECTED["register"]) - {"scratch_voice.wav"}
    registered = [frame for asset in pictures for frame in frames_of(REGISTER / asset)[::12]]

    for delivered in frames_of(DELIVERIES / name)[::12]:
        assert min(distance(delivered, frame) for frame in registered) > UNRELATED


def test_registered_pictures_look_like_none_of_the_others() -> None:
    names = sorted(set(EXPECTED["register"]) - {"scratch_voice.wav"})
    codes = {name: [code_of(frame) for frame in frames_of(REGISTER / name)[::12]] for name in names}
    near = [
        (a, b) for a in names for b in names if a < b and min(x - y for x in codes[a] for y in codes[b]) <= UNRELATED
    ]

    assert not near


def test_the_plate_is_half_float_scene_linear() -> None:
    files = sorted((DELIVERIES / "clean_plate").iterdir())
    with av.open(str(files[0])) as container:
        frame = next(container.decode(video=0))

    assert [file.name for file in files] == [f"clean_plate.{number:04d}.exr" for number in range(1, 25)]
    assert frame.format.name == "gbrpf16le"


@pytest.mark.parametrize(
    ("name", "codec", "hour"),
    [("clean_scene.mov", "prores", 1), ("temp_in_final.mov", "h264", 1), ("disguised.mxf", "dnxhd", 10)],
)
def test_reels_have_the_codec_and_the_start_timecode_that_are_claimed(name: str, codec: str, hour: int) -> None:
    with av.open(str(DELIVERIES / name)) as container:
        assert container.streams.video[0].codec_context.name == codec
    assert rate_and_timecode(DELIVERIES / name)[1] == f"{hour:02}:00:00:00"


@pytest.mark.parametrize("name", ["clean_scene.mov", "temp_in_final.mov"])
def test_reels_have_sound(name: str) -> None:
    with av.open(str(DELIVERIES / name)) as container:
        loudest = max(float(np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0))

    assert loudest > 0


@pytest.mark.parametrize("name", ["signed_ai.jpg", "signed_clip.mp4"])
def test_signed_ai_says_so_under_a_good_signature(name: str) -> None:
    found = read_credentials(DELIVERIES / name)

    assert "trainedAlgorithmicMedia" in json.dumps(found["manifests"][found["active_manifest"]])
    assert found["state"] == "Valid"


def test_the_edited_picture_owns_up_to_ai_only_in_its_parent() -> None:
    found = read_credentials(DELIVERIES / "signed_ai_ingredient.png")
    active = found["manifests"].pop(found["active_manifest"])

    assert "trainedAlgorithmicMedia" not in json.dumps(active)
    assert "trainedAlgorithmicMedia" in json.dumps(found["manifests"])
    assert found["state"] == "Valid"


def test_the_camera_s_credentials_are_good_and_say_nothing_of_ai() -> None:
    found = read_credentials(DELIVERIES / "signed_camera.jpg")

    assert "digitalCapture" in json.dumps(found["manifests"])
    assert "trainedAlgorithmicMedia" not in json.dumps(found["manifests"])
    assert found["state"] == "Valid"


def test_who_trusts_the_test_root_trusts_the_signer() -> None:
    root = (SAMPLES / "trust" / "test_root.pem").read_text()

    assert read_credentials(DELIVERIES / "signed_camera.jpg", root=root)["state"] == "Trusted"


def test_the_tampered_picture_has_other_pixels_than_were_signed() -> None:
    found = read_credentials(DELIVERIES / "tampered.jpg")

    assert found["state"] == "Invalid"
    assert "assertion.dataHash.mismatch" in {each["code"] for each in found["validation_status"]}
    assert "trainedAlgorithmicMedia" not in json.dumps(found["manifests"])


@pytest.mark.parametrize(
    ("name", "term"), [("labelled_xmp.jpg", "trainedAlgorithmicMedia"), ("labelled_ok.jpg", "digitalCapture")]
)
def test_labelled_stills_declare_their_source_type_in_xmp(name: str, term: str) -> None:
    assert f"digitalsourcetype/{term}" in texts_of(DELIVERIES / name)["xmp"].decode()


@pytest.mark.parametrize("chunk", JSON_CHUNKS)
def test_generators_write_json(chunk: str) -> None:
    name, key = chunk.split()

    assert json.loads(texts_of(DELIVERIES / name)[key])


def test_a1111_writes_its_settings_as_text() -> None:
    assert "\nNegative prompt: " in texts_of(DELIVERIES / "a1111.png")["parameters"]
    assert "\nSteps: 28, Sampler: " in texts_of(DELIVERIES / "a1111.png")["parameters"]


def test_midjourney_writes_its_job_and_a_source_type() -> None:
    texts = texts_of(DELIVERIES / "midjourney.png")

    assert "Job ID: " in texts["Description"]
    assert "trainedAlgorithmicMedia" in texts["XML:com.adobe.xmp"]


def test_the_broken_reel_opens_and_then_runs_out_of_frames() -> None:
    with av.open(str(DELIVERIES / "broken.mov")) as container:
        promised = container.streams.video[0].frames
        decoded = 0
        with contextlib.suppress(av.error.InvalidDataError):
            for _ in container.decode(video=0):
                decoded += 1

    assert 0 < decoded < promised


def test_the_empty_reel_is_empty() -> None:
    assert (DELIVERIES / "empty.mov").stat().st_size == 0


def test_the_mislabelled_jpeg_is_a_png() -> None:
    with Image.open(DELIVERIES / "mislabelled.jpg") as image:
        assert image.format == "PNG"


def test_the_exr_that_is_no_media_is_text() -> None:
    assert (DELIVERIES / "not_media.exr").read_text().startswith("This is a note")


def test_every_delivery_stands_in_the_readme() -> None:
    readme = (SAMPLES / "README.md").read_text()

    assert not [path.name for path in [*DELIVERIES.iterdir(), *REGISTER.iterdir()] if f"`{path.name}" not in readme]


def test_the_script_renders_the_committed_picture_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SAMPLES)
    import land
    import noise

    dunes = land.dunes()
    again = noise.bytes_of(land.view(dunes, land.stand(dunes, (220, 300), above=45, heading=0.2), (960, 540)))
    (kept,) = frames_of(REGISTER / "desert_plate.png")

    assert np.abs(again.astype(int) - kept.astype(int)).mean() < 0.5
