"""Labels as the tools themselves write them: XMP packets and PNG text chunks."""

import json
from pathlib import Path

from PIL import Image, PngImagePlugin

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
XMP_KEY = "XML:com.adobe.xmp"
PROMPT = "a glowing cloud of gas between the stars, volumetric light, film still"
UNWANTED = "text, watermark, blurry"

COMFY_NODES: list[tuple[str, str, dict[str, object]]] = [
    (
        "3",
        "KSampler",
        {
            "seed": 8566257,
            "steps": 20,
            "cfg": 8.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    ),
    ("4", "CheckpointLoaderSimple", {"ckpt_name": "sd_xl_base_1.0.safetensors"}),
    ("5", "EmptyLatentImage", {"width": 480, "height": 272, "batch_size": 1}),
    ("6", "CLIPTextEncode", {"text": PROMPT, "clip": ["4", 1]}),
    ("7", "CLIPTextEncode", {"text": UNWANTED, "clip": ["4", 1]}),
    ("8", "VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
    ("9", "SaveImage", {"filename_prefix": "ComfyUI", "images": ["8", 0]}),
]


def xmp(fields: dict[str, str]) -> str:
    """An XMP packet with these properties as attributes, in the form that ExifTool and Photoshop write."""
    spaces = {
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "iptcExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    }
    used = sorted({name.split(":")[0] for name in fields})
    declared = "".join(f'\n    xmlns:{prefix}="{spaces[prefix]}"' for prefix in used)
    written = "".join(f'\n   {name}="{value}"' for name, value in fields.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'  <rdf:Description rdf:about=""{declared}{written}/>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )


def save_jpeg(path: Path, image: Image.Image, *, quality: int = 85, packet: str | None = None) -> None:
    """A JPEG, with an XMP packet if one is given."""
    labels = {} if packet is None else {"xmp": packet.encode()}
    image.save(path, "JPEG", quality=quality, **labels)


def save_png(path: Path, image: Image.Image, chunks: dict[str, str] | None = None) -> None:
    """A PNG with text chunks: tEXt, or iTXt for XMP."""
    info = PngImagePlugin.PngInfo()
    for key, value in (chunks or {}).items():
        if key == XMP_KEY:
            info.add_itxt(key, value)
        else:
            info.add_text(key, value)
    image.save(path, "PNG", pnginfo=info, optimize=True)


def comfyui() -> dict[str, str]:
    """The two graphs that ComfyUI's SaveImage node writes: `prompt` to run again, `workflow` to open again."""
    prompt = {number: {"inputs": inputs, "class_type": kind} for number, kind, inputs in COMFY_NODES}
    drawn = [
        {
            "id": int(number),
            "type": kind,
            "pos": [240 * place, 180],
            "size": [315, 98],
            "flags": {},
            "order": place,
            "mode": 0,
            "properties": {"Node name for S&R": kind},
            "widgets_values": [v for v in inputs.values() if not isinstance(v, list)],
        }
        for place, (number, kind, inputs) in enumerate(COMFY_NODES)
    ]
    workflow = {
        "last_node_id": 9,
        "last_link_id": 9,
        "nodes": drawn,
        "links": [],
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }
    return {"prompt": json.dumps(prompt), "workflow": json.dumps(workflow)}


def a1111() -> dict[str, str]:
    """AUTOMATIC1111's web UI."""
    settings = (
        "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 3120957741, Size: 480x270, "
        "Model hash: 31e35c80fc, Model: sd_xl_base_1.0, Version: v1.9.4"
    )
    return {"parameters": f"a hall of stone columns, oil on canvas\nNegative prompt: {UNWANTED}\n{settings}"}


def invokeai() -> dict[str, str]:
    """InvokeAI since version 3."""
    model = {"model_name": "juggernautXL", "base_model": "sdxl", "model_type": "main"}
    made = {
        "generation_mode": "sdxl_txt2img",
        "positive_prompt": "open sea against the light",
        "negative_prompt": UNWANTED,
        "width": 480,
        "height": 272,
        "seed": 3293022630,
        "rand_device": "cpu",
        "cfg_scale": 8.0,
        "steps": 35,
        "scheduler": "euler",
        "model": model,
        "positive_style_prompt": "",
        "negative_style_prompt": "",
    }
    return {"invokeai_metadata": json.dumps(made, separators=(",", ":"))}


def novelai() -> dict[str, str]:
    """NovelAI."""
    comment = {
        "steps": 28,
        "sampler": "k_euler_ancestral",
        "seed": 2253955223,
        "strength": 0.4,
        "noise": 0.0,
        "scale": 10.0,
        "uc": UNWANTED,
    }
    return {
        "Title": "AI generated image",
        "Description": "rolling fields, poplars, oil painting",
        "Software": "NovelAI",
        "Source": "Stable Diffusion 1D44365E",
        "Comment": json.dumps(comment),
    }


def fooocus() -> dict[str, str]:
    """Fooocus with its own scheme."""
    made = {
        "adm_guidance": "(1.5, 0.8, 0.3)",
        "base_model": "juggernautXL_v8Rundiffusion",
        "base_model_hash": "aeb7e9e689",
        "clip_skip": 2,
        "full_negative_prompt": [UNWANTED],
        "full_prompt": ["snowy mountains around a lake"],
        "guidance_scale": 4,
        "loras": [],
        "metadata_scheme": "fooocus",
        "negative_prompt": UNWANTED,
        "performance": "Speed",
        "prompt": "snowy mountains around a lake",
        "resolution": "(480, 272)",
        "sampler": "dpmpp_2m_sde_gpu",
        "scheduler": "karras",
        "seed": "4801935122184721",
        "sharpness": 2,
        "steps": 30,
        "styles": "['Fooocus V2']",
        "version": "Fooocus v2.5.5",
    }
    return {"parameters": json.dumps(made), "fooocus_scheme": "fooocus"}


def midjourney() -> dict[str, str]:
    """Midjourney: the prompt and the job in Description, and the IPTC source type in XMP."""
    job = "5e1f0c52-7a35-4a57-9d6e-0f4f3a2c8b11"
    packet = xmp({"iptcExt:DigImageGUID": job, "iptcExt:DigitalSourceType": f"{SOURCE_TYPE}trainedAlgorithmicMedia"})
    return {
        "Creation Time": "Mon, 14 Sep 2026 10:41:50 GMT",
        "Author": "demo",
        "Description": f"green gas between the stars --ar 16:9 --v 7.0 Job ID: {job}",
        XMP_KEY: packet,
    }
