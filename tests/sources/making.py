"""Small files with metadata of our own making, in every container that the sources read."""

import gzip
import io
import json
import struct
import wave
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PROMPT = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "house_v1.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a very secret scene"}},
}
A1111 = (
    "a very secret scene\nNegative prompt: blurry\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model hash: abc, Model: house_v1"
)


def picture(mode: str = "RGB") -> Image.Image:
    """A small gradient."""
    grey = Image.linear_gradient("L").resize((64, 48))
    return grey.convert(mode)


def encoded(kind: str, **options: object) -> bytes:
    """The gradient as a file of Pillow's `kind`."""
    out = io.BytesIO()
    picture().save(out, kind, **options)
    return out.getvalue()


def xmp(properties: str, *, attributes: str = "") -> bytes:
    """A packet with these elements inside, and these attributes on, its one description."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC_EXT}"'
        ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
        f" {attributes}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    ).encode()


def trained() -> bytes:
    """A packet that declares generative AI."""
    return xmp(f"<Iptc4xmpExt:DigitalSourceType>{TRAINED}</Iptc4xmpExt:DigitalSourceType>")


def png(
    *chunks: tuple[bytes, bytes], late: tuple[tuple[bytes, bytes], ...] = (), image: Image.Image | None = None
) -> bytes:
    """A PNG with these chunks before its pixels and the late ones after them."""
    out = io.BytesIO()
    (image or picture()).save(out, "PNG")
    plain = out.getvalue()
    first, last = plain.index(b"IDAT") - 4, plain.index(b"IEND") - 4
    before, after = (b"".join(_chunk(*chunk) for chunk in group) for group in (chunks, late))
    return plain[:first] + before + plain[first:last] + after + plain[last:]


def text(key: str, value: str) -> tuple[bytes, bytes]:
    return b"tEXt", key.encode() + b"\0" + value.encode()


def packed_text(key: str, value: bytes) -> tuple[bytes, bytes]:
    return b"zTXt", key.encode() + b"\0\0" + zlib.compress(value)


def international_text(key: str, value: bytes, *, packed: bool = False) -> tuple[bytes, bytes]:
    body = zlib.compress(value) if packed else value
    return b"iTXt", key.encode() + b"\0" + bytes([packed, 0]) + b"\0\0" + body


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with these segments (marker, payload) right after its first marker."""
    plain = encoded("JPEG")
    added = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    return plain[:2] + added + plain[2:]


def jpeg_xmp(packet: bytes) -> tuple[int, bytes]:
    return 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet


def extended_xmp(packet: bytes) -> list[tuple[int, bytes]]:
    """The packet in two extension segments, the second part first."""
    middle = len(packet) // 2
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + struct.pack(">I", len(packet))
    parts = [(middle, packet[middle:]), (0, packet[:middle])]
    return [(0xE1, head + struct.pack(">I", offset) + part) for offset, part in parts]


def exif(**tags: str | bytes) -> bytes:
    """An EXIF block with these tags by name."""
    numbers = {"ImageDescription": 0x010E, "Make": 0x010F, "Model": 0x0110, "Artist": 0x013B, "Software": 0x0131}
    block = Image.Exif()
    for name, value in tags.items():
        if name == "UserComment":
            block.get_ifd(0x8769)[0x9286] = value
        else:
            block[numbers[name]] = value
    return block.tobytes()


def webp(**options: object) -> bytes:
    return encoded("WEBP", **options)


def tiff(packet: bytes) -> bytes:
    return encoded("TIFF", tiffinfo={700: packet})


def gif(packet: bytes) -> bytes:
    """A GIF with the packet in an application block, the way XMP part 3 has it: raw, then a descending trailer."""
    plain = encoded("GIF")
    at = 13 + (3 << ((plain[10] & 7) + 1)) * (plain[10] >> 7)
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return plain[:at] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + plain[at:]


def psd(packet: bytes) -> bytes:
    """The head of a Photoshop file with one image resource, and one grey pixel."""
    resource = b"8BIM" + struct.pack(">HHI", 1060, 0, len(packet)) + packet + b"\0" * (len(packet) & 1)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 1, 1, 1, 8, 1)
    return (
        head + struct.pack(">I", 0) + struct.pack(">I", len(resource)) + resource + struct.pack(">IH", 0, 0) + b"\x7f"
    )


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def wav(*chunks: tuple[bytes, bytes]) -> bytes:
    """A tenth of a second of silence, with these chunks after it."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(bytes(9600))
    added = b"".join(kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1) for kind, body in chunks)
    whole = out.getvalue() + added
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def video(path: Path, codec: str = "mpeg4", **tags: str) -> Path:
    """Five frames of video with these container tags."""
    options = {"movflags": "use_metadata_tags"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=options) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=Fraction(25))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture()), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sound(path: Path, codec: str, **tags: str) -> Path:
    """A little silence with these container tags."""
    with av.open(str(path), "w") as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=44100, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4608), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=44100)
        for part in resampler.resample(frame):
            part.pts = None
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def stealth(value: str, mark: bytes = b"stealth_pngcomp") -> bytes:
    """A PNG with the text in the lowest bits of its alpha or, for the `rgb` marks, of its colours, column by column."""
    body = gzip.compress(value.encode()) if mark.endswith(b"comp") else value.encode()
    bits = np.unpackbits(np.frombuffer(mark + struct.pack(">I", len(body) * 8) + body, np.uint8))
    pixels = np.asarray(picture("RGBA").resize((128, 96))).copy()
    layer = pixels[:, :, :3] if b"rgb" in mark else pixels[:, :, 3:]
    columns = layer.transpose(1, 0, 2).reshape(-1)
    columns[: len(bits)] = (columns[: len(bits)] & 0xFE) | bits
    shape = (layer.shape[1], layer.shape[0], layer.shape[2])
    layer[:] = columns.reshape(shape).transpose(1, 0, 2)
    return png(image=Image.fromarray(pixels))


def aigc(stated: str = "1", producer: str = "doubao") -> str:
    return json.dumps({"Label": stated, "ContentProducer": producer, "ProduceID": "x"})


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
