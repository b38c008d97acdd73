"""What manifests list, and what is no manifest."""

from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.intake.listings import (
    MANIFESTS,
    Listed,
    UnreadableManifestError,
    asset_map,
    chain_files,
    checksum_files,
    mhl_files,
    packing_list_sizes,
)
from scanner.settle import Names

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
XXH64 = "ef46db3751d8e999"

ASC_MHL = b"""<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo><hostname>h</hostname></creatorinfo>
  <processinfo><ignore><pattern>.DS_Store</pattern></ignore></processinfo>
  <hashes>
    <hash><path size="5">Clips/a.mov</path><xxh64 action="original">0ea03b369a463d9d</xxh64>
      <metadata><path>not this</path></metadata></hash>
    <directoryhash><path>Clips</path><content><xxh64>4c226b42e27d7af3</xxh64></content></directoryhash>
    <hash><path>Sidecar &amp; more.txt</path><md5>f5ac8127b3b6b85cdc13f237c6005d80</md5></hash>
  </hashes>
  <references><hashlistreference><path>A002/ascmhl/0001_A002.mhl</path><c4>c4</c4></hashlistreference></references>
</hashlist>"""
OLD_MHL = b"""<?xml version="1.0"?><hashlist version="1.1"><creatorinfo><tool>x</tool></creatorinfo>
<hash><file>Clips/a.mov</file><size>5</size><md5>f5ac8127b3b6b85cdc13f237c6005d80</md5></hash></hashlist>"""
CHAIN = b"""<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
<hashlist sequencenr="1"><path>0001_a.mhl</path><c4>c4</c4></hashlist>
<hashlist sequencenr="2"><path>0002_a.mhl</path><c4>c4</c4></hashlist></ascmhldirectory>"""
ASSET_MAP = b"""<?xml version="1.0"?><am:AssetMap xmlns:am="http://www.smpte-ra.org/schemas/429-9/2007/AM"><am:AssetList>
<am:Asset><am:Id>urn:uuid:AA</am:Id><am:ChunkList><am:Chunk><am:Path>a.mxf</am:Path><am:VolumeIndex>1</am:VolumeIndex>
</am:Chunk></am:ChunkList></am:Asset>
<am:Asset><am:Id>urn:uuid:bb</am:Id><am:PackingList/><am:ChunkList><am:Chunk><am:Path>PKL.xml</am:Path></am:Chunk>
</am:ChunkList></am:Asset>
<am:Asset><am:Id>urn:uuid:cc</am:Id><am:PackingList>false</am:PackingList><am:ChunkList>
<am:Chunk><am:Path>c1.mxf</am:Path><am:Offset>0</am:Offset><am:Length>7</am:Length></am:Chunk>
<am:Chunk><am:Path>c2.mxf</am:Path><am:Offset>7</am:Offset><am:Length>2</am:Length></am:Chunk></am:ChunkList></am:Asset>
</am:AssetList></am:AssetMap>"""
PACKING_LIST = b"""<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><Id>urn:uuid:bb</Id><AssetList>
<Asset><Id>urn:uuid:aa</Id><Hash>gWT9+xsM9NiSq5oZVfCePT+tnp8=</Hash><Size>332454</Size><Type>application/mxf</Type></Asset>
<Asset><Id>urn:uuid:cc</Id><Size>nine</Size></Asset></AssetList></PackingList>"""


def test_an_asc_mhl_lists_its_files_and_the_histories_below_it() -> None:
    assert mhl_files(ASC_MHL) == (
        Listed("Clips/a.mov", 5),
        Listed("Sidecar & more.txt"),
        Listed("A002/ascmhl/0001_A002.mhl"),
    )


def test_an_older_mhl_lists_its_files() -> None:
    assert mhl_files(OLD_MHL) == (Listed("Clips/a.mov", 5),)


def test_a_chain_lists_its_generations() -> None:
    assert chain_files(CHAIN) == (Listed("0001_a.mhl"), Listed("0002_a.mhl"))


def test_an_asset_map_says_where_its_assets_are() -> None:
    found = asset_map(ASSET_MAP)

    assert found.packing_lists == ("urn:uuid:bb",)
    assert found.assets == {
        "urn:uuid:aa": (Listed("a.mxf"),),
        "urn:uuid:bb": (Listed("PKL.xml"),),
        "urn:uuid:cc": (Listed("c1.mxf", 7), Listed("c2.mxf", 2)),
    }


def test_a_packing_list_says_how_large_its_assets_are() -> None:
    assert packing_list_sizes(PACKING_LIST) == {"urn:uuid:aa": 332454, "urn:uuid:cc": None}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"{MD5}  a.mov", "a.mov"),
        (f"{MD5} *reel 1/a.mov", "reel 1/a.mov"),
        (f"{MD5} a.mov", "a.mov"),
        (f"{SHA256}\t./a.mov", "./a.mov"),
        (f"{XXH64}  a (1).mov", "a (1).mov"),
        (f"MD5 (a.mov) = {MD5}", "a.mov"),
        (f"SHA256 (a (1) = b.mov) = {SHA256}", "a (1) = b.mov"),
        (f"SHA2-256(a.mov)= {SHA256}", "a.mov"),
        (f"XXH64 (a.mov) = {XXH64}", "a.mov"),
        (rf"\{MD5}  new\nline\\.mov", "new\nline\\.mov"),
        (rf"{MD5}  reel\a.mov", "reel\\a.mov"),
        (f"{MD5.upper()}  naïve 東京.mov", "naïve 東京.mov"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n", f"\n; a comment\n\n{MD5}  b.mov\n"])
def test_every_form_of_checksum_names_its_file(line: str, name: str, end: str) -> None:
    assert checksum_files((line + end).encode(), leaf="list.md5")[0] == Listed(name)


@pytest.mark.parametrize(
    ("leaf", "listed"), [("a.mov.md5", (Listed("a.mov"),)), ("a.MOV.SHA256", (Listed("a.MOV"),)), ("a.md5", ())]
)
def test_a_hash_alone_stands_for_the_file_that_the_list_is_named_after(leaf: str, listed: tuple[Listed, ...]) -> None:
    assert checksum_files(f"{MD5}\n".encode(), leaf=leaf) == listed


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_lists_of_checksums_may_be_of_windows(encoding: str) -> None:
    assert checksum_files(f"{MD5} *ä.mov\r\n".encode(encoding), leaf="x.md5") == (Listed("ä.mov"),)


def test_names_that_are_no_unicode_are_those_of_the_file_system() -> None:
    assert checksum_files(f"{MD5}  ".encode() + b"caf\xe9.mov\n", leaf="x.md5") == (Listed("caf\udce9.mov"),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 4096,
        b"\n\n",
        b"a film about checksums",
        f"{MD5}  a.mov\n{MD5[:20]}".encode(),
        f"{MD5}  a.mov\n{MD5}  ".encode(),
    ],
)
def test_a_list_of_checksums_that_is_not_whole_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableManifestError):
        checksum_files(data, leaf="a.mov.md5")


@pytest.mark.parametrize("parse", [mhl_files, chain_files, asset_map, packing_list_sizes])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 4096,
        b"<",
        b"no xml at all",
        b"<a><b/></a>",
        b'<?xml version="1.0" encoding="nonsense"?><hashlist/>',
        b'<!DOCTYPE hashlist [<!ENTITY a "b">]><hashlist>&a;</hashlist>',
        b'<!DOCTYPE hashlist SYSTEM "file:///etc/passwd"><hashlist/>',
        b"<hashlist><hash><path>\xff</path></hash></hashlist>",
        *(whole[: len(whole) // 2] for whole in (ASC_MHL, OLD_MHL, CHAIN, ASSET_MAP, PACKING_LIST)),
        *(b"<" + root + b">" + b"<a>" * 100_000 for root in (b"hashlist", b"AssetMap", b"PackingList")),
    ],
)
def test_what_is_not_whole_or_something_else_is_unreadable(parse, data: bytes) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnreadableManifestError):
        parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<hashlist><hash><path>" + b"a" * 100_000 + b"</path></hash></hashlist>",
        b"<hashlist><hash>" + b"<a/>" * 100_000 + b"</hash></hashlist>",
        b"<hashlist><hash><a " + b"".join(b"a%d='' " % number for number in range(500_000)) + b"/></hash></hashlist>",
        b"<hashlist " + b" " * (2 << 20) + b"/>",
    ],
)
def test_what_goes_on_without_end_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableManifestError, match="too long"):
        mhl_files(data)


def test_a_long_text_outside_of_the_entries_is_passed_over() -> None:
    assert mhl_files(b"<hashlist><signature>" + b"a" * (3 << 20) + b"</signature></hashlist>") == ()


def test_more_files_than_any_delivery_has_are_not_read() -> None:
    with pytest.raises(UnreadableManifestError, match="more than"):
        checksum_files(b"d41d8cd98f00b204 a\n" * 500_001, leaf="x.md5")


PARSERS = [mhl_files, chain_files, asset_map, packing_list_sizes, partial(checksum_files, leaf="a.mov.md5")]


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(), whole=st.sampled_from([ASC_MHL, OLD_MHL, CHAIN, ASSET_MAP, PACKING_LIST, f"{MD5}  a\n".encode()])
)
@pytest.mark.parametrize("parse", PARSERS)
def test_damaged_manifests_are_read_or_unreadable(parse, data: st.DataObject, whole: bytes) -> None:  # type: ignore[no-untyped-def]
    at = data.draw(st.integers(0, len(whole)))
    damaged = whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + data.draw(st.integers(0, 20)) :]

    with suppress(UnreadableManifestError):
        parse(damaged)


@pytest.mark.parametrize("size", ["-1", "1e9", "\N{SUPERSCRIPT TWO}", "9" * 5000, "", " "])
def test_a_size_that_is_no_number_is_not_compared(size: str) -> None:
    data = f"<hashlist><hash><file>a</file><size>{size}</size></hash></hashlist>".encode()

    assert mhl_files(data) == (Listed("a"),)


@pytest.mark.parametrize(
    ("name", "is_manifest"),
    [
        *((name, True) for name in ("ASSETMAP", "ASSETMAP.xml", "assetmap.XML", "0001_x.mhl", "ascmhl_chain.xml")),
        *((name, True) for name in ("x.md5", "x.mov.SHA1", "x.xxh", "x.xxh64", "x.sha256", "md5sum.txt", "SHA256SUMS")),
        *((name, True) for name in ("checksums.txt", "checksums.md5", "MD5SUMS", "checksum.sha1")),
        *(
            (name, False)
            for name in ("CPL.xml", "PKL.xml", "md5", "checksums.pdf", "x.mov", "VOLINDEX.xml", "sums.txt")
        ),
    ],
)
def test_manifests_are_known_by_name(name: str, is_manifest: object) -> None:
    assert (name in Names(MANIFESTS)) is is_manifest
