"""Real files of other people: what the three sources must say of each. Skipped where the files are not at hand."""

import os
from pathlib import Path

import pytest

from scanner.model import Credentials, DeclaredLabel, GeneratorTag, Meaning, Observation, Unreadable
from scanner.sources.all import sources

FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[2] / "../shared/fixtures"))

SILENT = {
    "avif": "c2pa/c2pa-rs/sample1.avif",
    "gif": "c2pa/c2pa-rs/sample1.gif",
    "heif": "c2pa/c2pa-rs/sample1.heif",
    "webp": "c2pa/c2pa-rs/sample1.webp c2pa/c2pa-rs/mars.webp",
    "mp4": "c2pa/c2pa-rs/video1_no_manifest.mp4 generators/cogvideox/1.mp4 generators/cogvideox/4.mp4"
    " footage/chaplin.mp4 footage/flat-colours.m4v footage/ocean.mp4 copies/nasa/rotated.mp4 copies/chair/sepia.mp4",
    "mov": "copies/skyline/v2s.mov metadata/QuickTime.mov",
    "matroska": "footage/sign-language-again.mkv footage/codecs/av1_video.mkv footage/big_buck_bunny_0_30.webm",
    "mxf": "metadata/MXF.mxf packages/imf-app5/reel1.mxf",
    "png": "stills/astronaut.png stills/chelsea.png stills/coffee.png stills/grass.png hostile/tiny/empty_image.png"
    " generators/automatic1111/example_output.png hostile/pillow/broken.png",
    "jpeg": "stills/retina.jpg stills/rocket.jpg metadata/XMP.jpg metadata/ExtendedXMP.jpg metadata/IPTC.jpg"
    " metadata/Google.jpg copies/bridge/original.jpg hostile/tiny/empty_image.jpg",
    "exr": "stills/exr/t01.exr stills/exr/t08.exr stills/exr/GammaChart.exr stills/exr/GrayRampsHorizontal.exr",
    "mp3": "audio/ai-voice-ayana.mp3 audio/ai-voice-test.mp3",
    "wav": "audio/recording1.wav",
}

# File, format, what is said. A claim is `state tool, tool`; a label or tag is its tool and, after a colon, its model.
TELLING = [
    ("c2pa/openai-dalle.webp", "webp", ["untrusted DALL·E"]),
    ("c2pa/microsoft-bing-creator.jpg", "jpeg", ["broken Image Creator from Designer"]),
    ("c2pa/photoshop-firefly.jpg", "jpeg", ["untrusted Adobe Firefly"]),
    ("c2pa/adobe-express-firefly.pdf", "pdf", ["untrusted Adobe Firefly, Adobe Firefly Pipeline"]),
    ("c2pa/test-signer-tampered.jpg", "jpeg", ["broken no AI"]),
    ("c2pa/test-signer-audio.mp3", "mp3", ["broken no AI"]),
    ("c2pa/public-testfiles/adobe-20220124-CAICA.jpg", "jpeg", ["untrusted no AI"]),
    ("c2pa/public-testfiles/adobe-20220124-E-dat-CA.jpg", "jpeg", ["broken no AI"]),
    ("c2pa/public-testfiles/adobe-20220124-E-clm-CAICAI.jpg", "jpeg", ["broken no AI"]),
    ("c2pa/public-testfiles/nikon-20221019-building.jpeg", "jpeg", ["expired no AI"]),
    ("c2pa/c2pa-rs/C.jpg", "jpeg", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/C.dng", "dng", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/CACAE-uri-CA.jpg", "jpeg", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/CIE-sig-CA.jpg", "jpeg", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/file_with_wrong_extension.xyz.jpg", "jpeg", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/E-sig-CA.jpg", "jpeg", ["broken no AI"]),
    ("c2pa/c2pa-rs/XCA.jpg", "jpeg", ["broken no AI"]),
    ("c2pa/c2pa-rs/update_manifest.jpg", "jpeg", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/legacy.mp4", "mp4", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/video1.mp4", "mp4", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/sample1_signed.wav", "wav", ["untrusted no AI"]),
    ("c2pa/c2pa-rs/cloud.jpg", "jpeg", ["remote no AI"]),
    ("c2pa/c2pa-rs/no_alg.jpg", "jpeg", ["unreadable content credentials"]),
    ("c2pa/c2pa-rs/prerelease.jpg", "jpeg", ["unreadable content credentials"]),
    ("metadata/XMP.svg", "svg", ["unreadable content credentials"]),
    ("generators/adobe-firefly/firefly-1.png", "png", ["untrusted Adobe Firefly"]),
    ("generators/openai/chatgpt-1.png", "png", ["expired GPT-4o"]),
    ("generators/black-forest-labs/flux-1.jpg", "jpeg", ["expired Flux.2"]),
    ("generators/midjourney/mj-1.png", "png", ["ai trainedAlgorithmicMedia: None", "Midjourney: v 5.2"]),
    (
        "generators/doubao/doubao_gray_1x1_1.png",
        "png",
        ["ai Label 1, producer 001191110102MACQD9K64010000: Doubao"],
    ),
    ("generators/jimeng/jimeng_cap_C.png", "png", ["ai Label 1, producer 00119144030008867405X210001: Jimeng"]),
    ("generators/comfyui/controlnet_example.png", "png", ["ComfyUI: Anything-V3.0.ckpt"]),
    ("generators/comfyui/flux_depth_lora_example.png", "png", ["ComfyUI: flux1-dev.safetensors"]),
    ("generators/comfyui/lora.png", "png", ["ComfyUI: v1-5-pruned-emaonly.ckpt"]),
    ("generators/comfyui/sdxlturbo_example.png", "png", ["ComfyUI: sd_xl_turbo_1.0_fp16.safetensors"]),
    (
        "generators/comfyui/hunyuan_video_text_to_video.webp",
        "webp",
        ["ComfyUI: hunyuan_video_t2v_720p_bf16.safetensors"],
    ),
    ("generators/comfyui/img2img_cropped.png", "png", ["ComfyUI: v1-5-pruned-emaonly.ckpt"]),
    (
        "generators/comfyui/night_evening_day_morning_cropped.png",
        "png",
        ["ComfyUI: Anything-V3.0.ckpt, AbyssOrangeMix2_hard.safetensors"],
    ),
    ("generators/comfyui/noisy_latents_3_subjects_cropped.png", "png", ["ComfyUI: Anything-V3.0.ckpt"]),
    (
        "generators/comfyui/unclip_2pass_cropped.png",
        "png",
        ["ComfyUI: wd-1-5-beta2-aesthetic-unclip-h-fp32.safetensors, cardosAnimated_v20.safetensors"],
    ),
    (
        "generators/automatic1111/automatic1111_cropped.png",
        "png",
        ["Automatic1111: realistic_realisticVisionV20_v20"],
    ),
    (
        "generators/automatic1111/automatic1111_cropped.jpg",
        "jpeg",
        ["Automatic1111: realistic_realisticVisionV20_v20"],
    ),
    ("generators/automatic1111/automatic1111_stealth.png", "png", ["Automatic1111: realisticVisionV51_v51VAE"]),
    ("generators/text_after_idat.png", "png", ["Automatic1111: realistic_realisticVisionV20_v20"]),
    ("generators/fooocus/fooocus1_cropped.png", "png", ["Fooocus: juggernautXL_v8Rundiffusion"]),
    ("generators/invokeai/invokeai_dream1.png", "png", ["InvokeAI: None"]),
    ("generators/invokeai/invokeai_sdmeta1.png", "png", ["InvokeAI: deliberateForInvoke_v08"]),
    ("generators/invokeai/invokeai_imeta1.png", "png", ["InvokeAI: juggernautXL"]),
    (
        "generators/novelai/novelai1_cropped.png",
        "png",
        ["maybe AI generated: None", "NovelAI: Stable Diffusion 1D44365E"],
    ),
]


def fixture(name: str) -> Path:
    path = FIXTURES / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand")
    return path


def said(path: Path, format_name: str) -> list[str]:
    asked = (source for source in sources() if source.applies(format_name))
    return [_words(item) for source in asked for item in source.examine(path, format_name)]


def _words(item: Observation) -> str:
    match item:
        case Credentials():
            tools = dict.fromkeys(str(claim.tool) for claim in item.claims if claim.meaning is Meaning.AI)
            return f"{item.state} {', '.join(tools) or 'no AI'}"
        case DeclaredLabel():
            return f"{item.meaning} {item.value}: {item.tool}"
        case GeneratorTag():
            return f"{item.tool}: {item.model}"
        case Unreadable():
            return f"unreadable {item.source}"


@pytest.mark.parametrize(("name", "format_name", "words"), TELLING, ids=[name for name, _, _ in TELLING])
def test_of_a_telling_file_all_is_said(name: str, format_name: str, words: list[str]) -> None:
    assert said(fixture(name), format_name) == words


@pytest.mark.parametrize(
    ("format_name", "name"), [(format_name, name) for format_name, names in SILENT.items() for name in names.split()]
)
def test_of_a_file_without_ai_nothing_is_said(format_name: str, name: str) -> None:
    assert said(fixture(name), format_name) == []


def test_a_broken_ingredient_is_kept_in_the_validation() -> None:
    (found,) = sources()[0].examine(fixture("c2pa/c2pa-rs/CIE-sig-CA.jpg"), "jpeg")

    assert isinstance(found, Credentials)
    assert "ingredient: claimSignature.mismatch" in found.validation


HOSTILE = sorted(path for path in (FIXTURES / "hostile").rglob("*") if path.is_file())


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp", "gif", "tiff", "heif", "mp4", "wav", "psd", "mp3"])
def test_hostile_files_end_in_an_answer_whatever_they_are_taken_for(format_name: str) -> None:
    for path in HOSTILE:
        assert all(isinstance(word, str) for word in said(path, format_name))
