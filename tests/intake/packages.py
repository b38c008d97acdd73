"""Small packages with the right checksums, to be spoilt by tests."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path

import xxhash

from scanner.intake.hashing import c4
from scanner.intake.stock import take_stock
from scanner.intake.verifying import Amiss
from scanner.model import Member

PICTURE, SOUND = b"a picture track", b"a sound track"
Files = dict[str, bytes]


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def members_of(root: Path) -> dict[str, Member]:
    members, _ = take_stock(root, name=root.name)
    return {member.name: member for member in members}


def amiss(root: Path) -> dict[str, tuple[Amiss, ...]]:
    """What is amiss, by member."""
    return {name: member.amiss for name, member in members_of(root).items() if member.amiss}


def told(root: Path) -> list[Amiss]:
    return [each for found in amiss(root).values() for each in found]


# --- IMF and DCP


def asset(key: str, *chunks: str, packing_list: str = "", lengths: Iterable[int] = ()) -> str:
    sizes = list(lengths) or [0] * len(chunks)
    offsets = [sum(sizes[:number]) for number in range(len(chunks))]
    written = "".join(
        f"<Chunk><Path>{path}</Path><VolumeIndex>1</VolumeIndex>"
        + (f"<Offset>{offset}</Offset><Length>{length}</Length>" if length else "")
        + "</Chunk>"
        for path, offset, length in zip(chunks, offsets, sizes, strict=True)
    )
    return f"<Asset><Id>urn:uuid:{key}</Id>{packing_list}<ChunkList>{written}</ChunkList></Asset>"


def asset_map(*assets: str, namespace: str = "http://www.smpte-ra.org/schemas/429-9/2007/AM") -> bytes:
    return f'<AssetMap xmlns="{namespace}"><AssetList>{"".join(assets)}</AssetList></AssetMap>'.encode()


def packed(key: str, content: bytes, *, name: str = "", algorithm: str = "", size: int | None = None) -> str:
    digest = hashlib.new(algorithm or "sha1", content).digest()
    uri = f"http://www.w3.org/2001/04/xmlenc#{algorithm}"
    return (
        f"<Asset><Id>urn:uuid:{key}</Id><Hash>{b64encode(digest).decode()}</Hash>"
        f"<Size>{len(content) if size is None else size}</Size><Type>application/mxf</Type>"
        f"<OriginalFileName>{name}</OriginalFileName>"
        + (f'<HashAlgorithm Algorithm="{uri}"/>' if algorithm else "")
        + "</Asset>"
    )


def packing_list(*assets: str) -> bytes:
    space = "http://www.smpte-ra.org/schemas/2067-2/2016/PKL"
    return f'<PackingList xmlns="{space}"><AssetList>{"".join(assets)}</AssetList></PackingList>'.encode()


def playlist(*track_files: str, frames: int = 48, rate: str = "24 1", extra: str = "") -> bytes:
    resources = "".join(
        f"<Resource><IntrinsicDuration>{frames}</IntrinsicDuration><TrackFileId>urn:uuid:{key}</TrackFileId></Resource>"
        for key in track_files
    )
    return (
        '<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:cpl</Id>'
        f"<ContentTitle>GHL 101</ContentTitle><EditRate>{rate}</EditRate>{extra}<SegmentList><Segment><SequenceList>"
        f"<MainImageSequence><ResourceList>{resources}</ResourceList></MainImageSequence>"
        "</SequenceList></Segment></SegmentList></CompositionPlaylist>"
    ).encode()


CPL = playlist("pic")
PACKED = (packed("cpl", CPL), packed("pic", PICTURE), packed("snd", SOUND, algorithm="sha256"))
FLAG = "<PackingList>true</PackingList>"
MAPPED = (
    asset("pkl", "PKL.xml", packing_list=FLAG),
    asset("cpl", "CPL.xml"),
    asset("pic", "pic.mxf"),
    asset("snd", "sound/snd.mxf"),
)


def package(*, mapped: Iterable[str] = MAPPED, packed: Iterable[str] = PACKED) -> Files:
    """A package that is whole."""
    return {
        "ASSETMAP.xml": asset_map(*mapped),
        "VOLINDEX.xml": b"<VolumeIndex><Index>1</Index></VolumeIndex>",
        "PKL.xml": packing_list(*packed),
        "CPL.xml": CPL,
        "pic.mxf": PICTURE,
        "sound/snd.mxf": SOUND,
    }


# --- ASC MHL


def entry(path: str, content: bytes, *, algorithm: str = "xxh64", action: str = "original", previous: str = "") -> str:
    value = {
        "xxh64": lambda: xxhash.xxh64(content).hexdigest(),
        "xxh3": lambda: xxhash.xxh3_64(content).hexdigest(),
        "xxh128": lambda: xxhash.xxh3_128(content).hexdigest(),
        "md5": lambda: hashlib.md5(content).hexdigest(),
        "sha1": lambda: hashlib.sha1(content).hexdigest(),
        "c4": lambda: c4(hashlib.sha512(content).digest()),
    }[algorithm]()
    renamed = f"<previousPath>{previous}</previousPath>" if previous else ""
    return (
        f'<hash><path size="{len(content)}">{path}</path><{algorithm} action="{action}">{value}</{algorithm}>'
        f"{renamed}</hash>"
    )


def generation(*entries: str, ignored: Iterable[str] = (), references: str = "") -> bytes:
    patterns = "".join(f"<pattern>{pattern}</pattern>" for pattern in ignored)
    return (
        '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><processinfo><process>in-place</process>'
        f"<ignore>{patterns}</ignore></processinfo><hashes>{''.join(entries)}</hashes>"
        f"<references>{references}</references></hashlist>"
    ).encode()


def history(folder: str, *generations: bytes) -> Files:
    """The files of an `ascmhl` folder, with the chain that fits."""
    files = {
        f"{folder}ascmhl/{number:04}_reel_2026-01-16_091500Z.mhl": content
        for number, content in enumerate(generations, 1)
    }
    chained = "".join(
        f'<hashlist sequencenr="{number}"><path>{name.rpartition("/")[2]}</path>'
        f"<c4>{c4(hashlib.sha512(content).digest())}</c4></hashlist>"
        for number, (name, content) in enumerate(files.items(), 1)
    )
    chain = f'<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">{chained}</ascmhldirectory>'
    return files | {f"{folder}ascmhl/ascmhl_chain.xml": chain.encode()}
