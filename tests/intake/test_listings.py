"""What manifests list, and what is no manifest."""

from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.intake.checksum_lists import checksum_list
from scanner.intake.listings import MANIFESTS, Listed, asset_map, chain, hash_list, packing_list
from scanner.intake.records import UnreadableManifestError, root_of
from scanner.intake.sums import Form, Sum
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
    found = hash_list(ASC_MHL)

    assert found.files == (
        Listed("Clips/a.mov", 5, (Sum("xxh64", "0ea03b369a463d9d"),)),
        Listed("Sidecar & more.txt", None, (Sum("md5", "f5ac8127b3b6b85cdc13f237c6005d80"),)),
    )
    assert found.histories == (Listed("A002/ascmhl/0001_A002.mhl", None, (Sum("c4", "c4", Form.C4),)),)
    assert found.ignored == (".DS_Store",)


def test_an_older_mhl_lists_its_files() -> None:
    assert hash_list(OLD_MHL).files == (Listed("Clips/a.mov", 5, (Sum("md5", "f5ac8127b3b6b85cdc13f237c6005d80"),)),)


def test_an_asc_mhl_says_what_failed_and_what_was_renamed() -> None:
    found = hash_list(
        b"<hashlist version='2.0'><hashes><hash><path>b.mov</path><xxh64 action='failed'>00</xxh64>"
        b"<previousPath>a.mov</previousPath></hash></hashes></hashlist>"
    )

    assert found.files == (Listed("b.mov", None, (Sum("xxh64", "00", failed=True),), "a.mov"),)


@pytest.mark.parametrize(
    ("tag", "written", "expected"),
    [
        ("md5", "F5AC8127B3B6B85CDC13F237C6005D80", Sum("md5", "f5ac8127b3b6b85cdc13f237c6005d80")),
        ("xxhash", "0000001234", Sum("xxh32", "1234", Form.DECIMAL)),
        ("xxhash", "02cc5d05", Sum("xxh32", "02cc5d05")),
        ("xxhash64be", XXH64, Sum("xxh64", XXH64)),
        ("xxhash64", "99e9d85137db46ef", Sum("xxh64", "99e9d85137db46ef", Form.LITTLE)),
        ("xxh3", XXH64, Sum("xxh3", XXH64)),
        ("whirlpool", "aa", Sum("whirlpool", "aa")),
    ],
)
def test_checksums_of_an_mhl_are_what_its_tags_say(tag: str, written: str, expected: Sum) -> None:
    (listed,) = hash_list(f"<hashlist><hash><file>a</file><{tag}>{written}</{tag}></hash></hashlist>".encode()).files

    assert listed.sums == (expected,)


def test_a_chain_lists_its_generations() -> None:
    c4 = (Sum("c4", "c4", Form.C4),)

    assert chain(CHAIN).generations == ((1, Listed("0001_a.mhl", None, c4)), (2, Listed("0002_a.mhl", None, c4)))


def test_an_asset_map_says_where_its_assets_are() -> None:
    found = asset_map(ASSET_MAP)

    assert found.packing_lists == ("urn:uuid:bb",)
    assert found.assets == {
        "urn:uuid:aa": (Listed("a.mxf"),),
        "urn:uuid:bb": (Listed("PKL.xml"),),
        "urn:uuid:cc": (Listed("c1.mxf", 7), Listed("c2.mxf", 2)),
    }


def test_a_packing_list_says_what_its_assets_are() -> None:
    sha1 = Sum("sha1", "gWT9+xsM9NiSq5oZVfCePT+tnp8=", Form.BASE64)

    assert packing_list(PACKING_LIST).assets == {"urn:uuid:aa": Listed("", 332454, (sha1,)), "urn:uuid:cc": Listed("")}


@pytest.mark.parametrize(
    ("uri", "algorithm"),
    [
        ("http://www.w3.org/2000/09/xmldsig#sha1", "sha1"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "sha256"),
        ("http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"),
    ],
)
def test_a_packing_list_of_2016_names_its_algorithm(uri: str, algorithm: str) -> None:
    data = (
        "<PackingList><AssetList><Asset><Id>urn:uuid:aa</Id><Hash> YWJj\n</Hash><OriginalFileName>a.mxf"
        f"</OriginalFileName><HashAlgorithm Algorithm='{uri}'/></Asset></AssetList></PackingList>"
    )

    assert packing_list(data.encode()).assets == {
        "urn:uuid:aa": Listed("a.mxf", None, (Sum(algorithm, "YWJj", Form.BASE64),))
    }


def test_ids_that_stand_for_several_things_are_told() -> None:
    def asset(path: str) -> str:
        return f"<Asset><Id>urn:uuid:aa</Id><ChunkList><Chunk><Path>{path}</Path></Chunk></ChunkList></Asset>"

    found = asset_map(f"<AssetMap>{asset('a.mxf')}{asset('a.mxf')}{asset('b.mxf')}</AssetMap>".encode())

    assert (found.assets, found.twice) == ({"urn:uuid:aa": (Listed("a.mxf"),)}, ("urn:uuid:aa",))


def test_chunks_come_in_the_order_of_their_offsets() -> None:
    chunks = "".join(
        f"<Chunk><Path>{path}</Path><Offset>{offset}</Offset><Length>2</Length></Chunk>"
        for path, offset in (("c10", 4), ("c1", 0), ("c2", 2))
    )
    data = f"<AssetMap><Asset><Id>aa</Id><ChunkList>{chunks}</ChunkList></Asset></AssetMap>"

    assert [listed.name for listed in asset_map(data.encode()).assets["aa"]] == ["c1", "c2", "c10"]


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
    assert checksum_list((line + end).encode(), leaf="list.md5").files[0].name == name


@pytest.mark.parametrize(
    ("line", "leaf", "expected"),
    [
        (f"{MD5}  a", "sums.md5", Sum("md5", MD5)),
        (f"{MD5}  a", "sums.xxh128", Sum("xxh128", MD5)),
        (f"{XXH64}  a", "checksums.txt", Sum("xxh64", XXH64)),
        (f"{XXH64}  a", "sums.xxh3", Sum("xxh3", XXH64)),
        (f"XXH3_{XXH64}  a", "sums.xxh", Sum("xxh3", XXH64)),
        (f"XXH3 (a) = {XXH64}", "sums.txt", Sum("xxh3", XXH64)),
        (f"XXH64_LE (a) = {XXH64}", "sums.txt", Sum("xxh64", XXH64, Form.LITTLE)),
        (f"XXH128 (a) = {MD5}", "sums.txt", Sum("xxh128", MD5)),
        (f"SHA256 (a) = {SHA256.upper()}", "sums.txt", Sum("sha256", SHA256)),
        (f"SHA2-256(a)= {SHA256}", "sums.txt", Sum("sha256", SHA256)),
        (f"SHA3-256 (a) = {SHA256}", "sums.txt", Sum("sha3256", SHA256)),
        (f"RMD160 (a) = {'a' * 40}", "sums.txt", Sum("RMD160", "a" * 40)),
        (f"{'a' * 128}  a", "B2SUMS", Sum("blake2b", "a" * 128)),
        (f"{'a' * 50}  a", "sums.txt", Sum("50 digits", "a" * 50)),
        (f"{MD5},a", "sums.csv", Sum("md5", MD5)),
        (f"a;{MD5}", "sums.csv", Sum("md5", MD5)),
        (f'"a",{SHA256}', "sums.csv", Sum("sha256", SHA256)),
        (f"1234567890,{MD5},a", "sums.csv", Sum("md5", MD5)),
    ],
)
def test_a_line_says_which_checksum_it_bears(line: str, leaf: str, expected: Sum) -> None:
    (listed,) = checksum_list(f"{line}\n".encode(), leaf=leaf).files

    assert (listed.name, listed.sums) == ("a", (expected,))


def test_a_table_may_have_a_heading_sizes_and_several_checksums() -> None:
    table = f"%%%% size,md5,sha256,filename\nhash;path\n12,{MD5},{SHA256},reel 1/a.mov\n"

    assert checksum_list(table.encode(), leaf="checksums.txt").files == (
        Listed("reel 1/a.mov", 12, (Sum("md5", MD5), Sum("sha256", SHA256))),
    )


@pytest.mark.parametrize(
    ("lines", "unread"),
    [
        ("# a comment\n; another\nchecksums of reel 1\n", 0),
        (
            (
                f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{MD5}  b\n"
                f"-----BEGIN PGP SIGNATURE-----\n{MD5}\n-----END PGP SIGNATURE-----\n"
            ),
            0,
        ),
        (f"a.mov is {MD5}, b.mov is {MD5}\n", 1),
        (f"a.mov = {MD5}\nb.mov = {XXH64}\n", 2),
    ],
)
def test_lines_that_bear_a_checksum_and_are_no_entry_are_counted(lines: str, unread: int) -> None:
    assert checksum_list(f"{lines}{MD5}  z\n".encode(), leaf="x.md5").unread == unread


@pytest.mark.parametrize(("leaf", "names"), [("a.mov.md5", ["a.mov"]), ("a.MOV.SHA256", ["a.MOV"]), ("a.md5", [])])
def test_a_hash_alone_stands_for_the_file_that_the_list_is_named_after(leaf: str, names: list[str]) -> None:
    found = checksum_list(f"{MD5}\n".encode(), leaf=leaf)

    assert ([listed.name for listed in found.files], found.alone) == (names, Sum("md5", MD5))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_lists_of_checksums_may_be_of_windows(encoding: str) -> None:
    (listed,) = checksum_list(f"{MD5} *ä.mov\r\n".encode(encoding), leaf="x.md5").files

    assert listed.name == "ä.mov"


def test_names_that_are_no_unicode_are_those_of_the_file_system() -> None:
    (listed,) = checksum_list(f"{MD5}  ".encode() + b"caf\xe9.mov\n", leaf="x.md5").files

    assert listed.name == "caf\udce9.mov"


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
        checksum_list(data, leaf="a.mov.md5")


@pytest.mark.parametrize("parse", [hash_list, chain, asset_map, packing_list])
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
        hash_list(data)


def test_a_long_text_outside_of_the_entries_is_passed_over() -> None:
    assert hash_list(b"<hashlist><signature>" + b"a" * (3 << 20) + b"</signature></hashlist>").files == ()


def test_more_files_than_any_delivery_has_are_not_read() -> None:
    with pytest.raises(UnreadableManifestError, match="more than"):
        checksum_list(b"d41d8cd98f00b204 a\n" * 500_001, leaf="x.md5")


PARSERS = [hash_list, chain, asset_map, packing_list, partial(checksum_list, leaf="a.mov.md5")]


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

    assert hash_list(data).files == (Listed("a"),)


@pytest.mark.parametrize(
    ("name", "is_manifest"),
    [
        *((name, True) for name in ("ASSETMAP", "ASSETMAP.xml", "assetmap.XML", "0001_x.mhl", "ascmhl_chain.xml")),
        *((name, True) for name in ("x.md5", "x.mov.SHA1", "x.xxh", "x.xxh64", "x.sha256", "md5sum.txt", "SHA256SUMS")),
        *((name, True) for name in ("checksums.txt", "checksums.md5", "MD5SUMS", "checksum.sha1", "checksums.csv")),
        *((name, True) for name in ("manifest-md5.txt", "tagmanifest-sha256.txt", "XXHSUMS", "B2SUMS", "x.sha256sum")),
        *(
            (name, False)
            for name in ("CPL.xml", "PKL.xml", "md5", "checksums.pdf", "x.mov", "VOLINDEX.xml", "sums.txt")
        ),
    ],
)
def test_manifests_are_known_by_name(name: str, is_manifest: object) -> None:
    assert (name in Names(MANIFESTS)) is is_manifest


@pytest.mark.parametrize(
    ("data", "root"),
    [
        (b"<?xml version='1.0'?><!-- x --><am:AssetMap xmlns:am='x'><unfinished", "AssetMap"),
        ("<?xml version='1.0' encoding='utf-16'?><PackingList>".encode("utf-16"), "PackingList"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", None),
        (b"a film about AssetMaps", None),
        (b"", None),
    ],
)
def test_a_document_is_known_by_its_root(data: bytes, root: str | None) -> None:
    assert root_of(data) == root
