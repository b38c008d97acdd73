"""IMF and DCP packages: what is missing, extra or altered, and what nobody can tell."""

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import Altered, Checked, Incomplete, Unlisted, Unreadable

from .packages import (
    CPL,
    FLAG,
    MAPPED,
    PACKED,
    PICTURE,
    SOUND,
    amiss,
    asset,
    asset_map,
    members_of,
    package,
    packed,
    packing_list,
    playlist,
    told,
    write,
)


def base64(algorithm: str, content: bytes) -> str:
    return b64encode(hashlib.new(algorithm, content).digest()).decode()


def test_a_package_that_is_whole_has_nothing_amiss(tmp_path: Path) -> None:
    members = members_of(write(tmp_path, package()))

    assert not any(member.amiss for member in members.values())
    assert members["pic.mxf"].checked == (Checked(manifest="PKL.xml", algorithm="sha1"),)
    assert members["sound/snd.mxf"].checked == (Checked(manifest="PKL.xml", algorithm="sha256"),)
    assert members["pic.mxf"].asset_ids == ("pic",)


@pytest.mark.parametrize("folder", ["", "imp/", "drop/GHL_101/"])
@pytest.mark.parametrize(
    ("namespace", "flag", "map_name"),
    [
        ("http://www.smpte-ra.org/schemas/429-9/2007/AM", FLAG, "ASSETMAP.xml"),
        ("http://www.digicine.com/PROTO-ASDCP-AM-20040311#", "<PackingList/>", "ASSETMAP"),
        ("http://www.digicine.com/PROTO-ASDCP-AM-20040311#", "", "assetmap"),
    ],
)
def test_imf_and_both_kinds_of_dcp_are_read(
    tmp_path: Path, folder: str, namespace: str, flag: str, map_name: str
) -> None:
    mapped = (asset("pkl", "PKL.xml", packing_list=flag), *MAPPED[1:])
    files = package()
    del files["ASSETMAP.xml"]
    files |= {map_name: asset_map(*mapped, namespace=namespace), "pic.mxf": b"another picture"}

    (found,) = told(write(tmp_path, {folder + name: content for name, content in files.items()}))

    assert isinstance(found, Altered)
    assert (found.file, found.manifest, found.algorithm) == (f"{folder}pic.mxf", f"{folder}PKL.xml", "sha1")
    assert (found.expected, found.found) == (base64("sha1", PICTURE), base64("sha1", b"another picture"))


def test_an_altered_asset_is_told_with_both_checksums(tmp_path: Path) -> None:
    found = amiss(write(tmp_path, package() | {"sound/snd.mxf": b"A sound track"}))

    assert found == {
        "sound/snd.mxf": (
            Altered(
                file="sound/snd.mxf",
                manifest="PKL.xml",
                algorithm="sha256",
                expected=base64("sha256", SOUND),
                found=base64("sha256", b"A sound track"),
            ),
        )
    }


def test_a_size_that_lies_is_told(tmp_path: Path) -> None:
    lying = (packed("pic", PICTURE, size=10**18), *PACKED[:1], *PACKED[2:])

    assert told(write(tmp_path, package(packed=lying))) == [
        Altered(file="pic.mxf", manifest="PKL.xml", algorithm="size", expected="1" + "0" * 18, found=str(len(PICTURE)))
    ]


def test_a_length_in_the_asset_map_counts_too(tmp_path: Path) -> None:
    mapped = (*MAPPED[:2], asset("pic", "pic.mxf", lengths=[99]), MAPPED[3])

    assert told(write(tmp_path, package(mapped=mapped))) == [
        Altered(file="pic.mxf", manifest="ASSETMAP.xml", algorithm="size", expected="99", found=str(len(PICTURE)))
    ]


def test_a_missing_asset_is_told_at_its_asset_map(tmp_path: Path) -> None:
    files = package()
    del files["sound/snd.mxf"]

    assert amiss(write(tmp_path, files)) == {
        "ASSETMAP.xml": (Incomplete(missing="sound/snd.mxf (listed in ASSETMAP.xml)"),)
    }


def test_a_file_that_no_asset_map_lists_is_told_wherever_it_lies(tmp_path: Path) -> None:
    files = package() | {"extra.mxf": b"1", "sound/x.wav": b"2", ".DS_Store": b"", "pic.mxf.md5": b"", "x.mhl": b""}

    found = amiss(write(tmp_path / "imp", files))

    assert {name: each for name, each in found.items() if isinstance(each[0], Unlisted)} == {
        name: (Unlisted(file=name, manifest="ASSETMAP.xml"),) for name in ("extra.mxf", "sound/x.wav")
    }


def test_what_lies_beside_a_package_need_not_be_listed(tmp_path: Path) -> None:
    files = {f"imp/{name}": content for name, content in package().items()}

    assert not told(write(tmp_path, files | {"notes.txt": b"for the operator", "dcp2/a.wav": b"1"}))


def test_what_is_mapped_and_in_no_packing_list_is_told(tmp_path: Path) -> None:
    files = package(mapped=(*MAPPED, asset("opl", "OPL.xml"))) | {"OPL.xml": b"<OutputProfileList/>"}

    assert amiss(write(tmp_path, files)) == {"OPL.xml": (Unlisted(file="OPL.xml", manifest="PKL.xml"),)}


def test_what_is_packed_and_nowhere_mapped_is_missing(tmp_path: Path) -> None:
    files = package(packed=(*PACKED, packed("tt", b"text", name="en.mxf")))

    assert amiss(write(tmp_path, files)) == {
        "PKL.xml": (Incomplete(missing="asset urn:uuid:tt en.mxf (listed in PKL.xml)"),)
    }


def test_several_packing_lists_are_all_checked(tmp_path: Path) -> None:
    mapped = (*MAPPED, asset("pkl2", "PKL2.xml", packing_list=FLAG), asset("tt", "tt.mxf"))
    files = package(mapped=mapped) | {"PKL2.xml": packing_list(packed("tt", b"text")), "tt.mxf": b"other"}

    (found,) = told(write(tmp_path, files))

    assert isinstance(found, Altered)
    assert (found.file, found.manifest) == ("tt.mxf", "PKL2.xml")


def test_a_supplemental_package_names_what_came_earlier_and_nothing_is_amiss(tmp_path: Path) -> None:
    cpl = playlist("pic", "of-an-earlier-delivery")
    files = package(packed=(packed("cpl", cpl), *PACKED[1:])) | {"CPL.xml": cpl}

    members = members_of(write(tmp_path, files))

    assert not any(member.amiss for member in members.values())
    read = members["CPL.xml"].composition
    assert read is not None
    assert read.absent == ("of-an-earlier-delivery",)


def test_track_files_of_another_package_of_the_delivery_are_not_absent(tmp_path: Path) -> None:
    second = (asset("pkl", "PKL.xml", packing_list=FLAG), asset("cpl2", "CPL.xml"))
    files = package() | {
        "vf/ASSETMAP.xml": asset_map(*second),
        "vf/PKL.xml": packing_list(packed("cpl2", CPL)),
        "vf/CPL.xml": CPL,
    }

    members = members_of(write(tmp_path, files))

    assert not any(member.amiss for member in members.values())
    read = members["vf/CPL.xml"].composition
    assert read is not None
    assert read.absent == ()


# --- Chunks


def chunked(*names: str, contents: tuple[bytes, ...]) -> dict[str, bytes]:
    """A package with an asset in chunks, in the order of their offsets."""
    mapped = (*MAPPED[:3], asset("snd", *names, lengths=[len(content) for content in contents]))
    files = package(mapped=mapped, packed=(*PACKED[:2], packed("snd", SOUND)))
    del files["sound/snd.mxf"]
    return files | dict(zip(names, contents, strict=True))


@pytest.mark.parametrize("names", [("s.1", "s.2", "s.10"), ("s.3", "s.2", "s.1"), ("a/s", "b/s", "A/s")])
def test_chunks_are_checked_together_in_their_order(tmp_path: Path, names: tuple[str, ...]) -> None:
    files = chunked(*names, contents=(SOUND[:4], SOUND[4:5], SOUND[5:]))
    members = members_of(write(tmp_path, files))

    assert not any(member.amiss for member in members.values())
    assert members[names[0]].checked == (Checked(manifest="PKL.xml", algorithm="sha1"),)

    write(tmp_path, {names[1]: b"!"})
    (found,) = told(tmp_path)

    assert isinstance(found, Altered)
    assert (found.file, found.algorithm) == (f"{names[0]} and 2 more chunks", "sha1")


def test_a_chunk_on_another_volume_is_missing(tmp_path: Path) -> None:
    files = chunked("s.1", "s.2", contents=(SOUND[:4], SOUND[4:]))
    del files["s.2"]

    assert told(write(tmp_path, files)) == [Incomplete(missing="s.2 (listed in ASSETMAP.xml)")]


@pytest.mark.parametrize("names", [("s.1", "s.1"), ("s.1", "pic.mxf", "s.1")])
def test_chunks_that_are_given_twice_are_not_read_twice(tmp_path: Path, names: tuple[str, ...]) -> None:
    mapped = (*MAPPED[:3], asset("snd", *names))
    files = package(mapped=mapped) | {"s.1": b"1"}
    del files["sound/snd.mxf"]

    found = told(write(tmp_path, files))

    assert [each.reason for each in found if isinstance(each, Unreadable)] == [
        "PKL.xml: the chunks of asset urn:uuid:snd are those of another too"
    ]


def test_a_chunk_that_cannot_be_read_leaves_the_asset_unchecked(tmp_path: Path) -> None:
    files = chunked("s.1", "s.2", contents=(SOUND[:4], SOUND[4:]))
    write(tmp_path, files)
    (tmp_path / "s.2").unlink()
    (tmp_path / "s.2").symlink_to(tmp_path / "s.1")

    assert Incomplete(missing="s.2 (listed in ASSETMAP.xml)") in told(tmp_path)


# --- What cannot be read, and what is hostile


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_package_is_passed_over(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    files = package()
    name = data.draw(st.sampled_from(sorted(set(files) - {"VOLINDEX.xml", "ASSETMAP.xml", "PKL.xml"})))
    at = data.draw(st.integers(0, len(files[name])))
    damaged = files[name][:at] + data.draw(st.binary(max_size=9)) + files[name][at + data.draw(st.integers(0, 9)) :]

    found = told(write(tmp_path_factory.mktemp("package"), files | {name: damaged}))

    assert any(isinstance(each, Altered) for each in found) is (damaged != files[name])


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_damaged_manifest_is_always_read_to_an_end(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    files = package()
    name = data.draw(st.sampled_from(["ASSETMAP.xml", "PKL.xml"]))
    at = data.draw(st.integers(0, len(files[name])))
    damaged = files[name][:at] + data.draw(st.binary(max_size=20)) + files[name][at + data.draw(st.integers(0, 40)) :]
    root = write(tmp_path_factory.mktemp("package"), files | {name: damaged})

    assert set(members_of(root)) == set(files)
    assert told(root) == told(root)


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<AssetMap><AssetList>&c;</AssetList></AssetMap>"
)


@pytest.mark.parametrize("name", ["ASSETMAP.xml", "PKL.xml"])
@pytest.mark.parametrize("content", [b"", b"<AssetMap><AssetList>", b"\0" * 100, BOMB, b"<html/>"])
def test_a_manifest_that_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    found = amiss(write(tmp_path, package() | {name: content}))

    assert any(isinstance(each, Unreadable) for each in found[name])
    assert not any(isinstance(each, Unlisted) for rest in found.values() for each in rest)


@pytest.mark.parametrize(
    "path", ["../outside.mxf", "/etc/hostname", "link.mxf", "..\\outside.mxf", "folder", "sub/../pic.mxf"]
)
def test_an_asset_outside_of_the_delivery_is_missing_and_never_read(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"outside.mxf": PICTURE})
    root = write(tmp_path / "imp", package(mapped=(*MAPPED[:2], asset("pic", path), MAPPED[3])))
    (root / "link.mxf").symlink_to(tmp_path / "outside.mxf")
    (root / "folder").mkdir()

    found = amiss(root)

    assert found["ASSETMAP.xml"] == (Incomplete(missing=f"{path} (listed in ASSETMAP.xml)"),)
    assert found["pic.mxf"] == (Unlisted(file="pic.mxf", manifest="ASSETMAP.xml"),)


def test_an_id_that_stands_for_two_files_is_told(tmp_path: Path) -> None:
    files = package(mapped=(*MAPPED, asset("pic", "other.mxf")), packed=(*PACKED, packed("pic", b"other")))

    reasons = [each.reason for each in told(write(tmp_path, files)) if isinstance(each, Unreadable)]

    assert reasons == [
        f"{manifest}: it says different things of one id, urn:uuid:pic" for manifest in ("ASSETMAP.xml", "PKL.xml")
    ]


def test_an_asset_without_a_checksum_is_told(tmp_path: Path) -> None:
    bare = "<Asset><Id>urn:uuid:pic</Id><Size>15</Size></Asset>"

    assert told(write(tmp_path, package(packed=(PACKED[0], bare, PACKED[2])))) == [
        Unreadable(source="manifest", reason="PKL.xml: 1 of 3 assets have no checksum in it", partly=True)
    ]


def test_a_checksum_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    strange = packed("pic", PICTURE).replace("</Asset>", '<HashAlgorithm Algorithm="urn:x#crc9"/></Asset>')

    assert told(write(tmp_path, package(packed=(PACKED[0], strange, PACKED[2])))) == [
        Unreadable(
            source="manifest",
            reason="PKL.xml: its checksum of pic.mxf is of a kind that is not known here: crc9",
            partly=True,
        )
    ]


def test_a_packing_list_that_lists_itself_cannot_be_right(tmp_path: Path) -> None:
    files = package(packed=(*PACKED, packed("pkl", b"itself")))

    (found,) = told(write(tmp_path, files))

    assert isinstance(found, Altered)
    assert found.file == "PKL.xml"


def test_a_package_without_a_packing_list_or_without_a_map_is_not_whole(tmp_path: Path) -> None:
    no_list = {"ASSETMAP.xml": asset_map(asset("pic", "pic.mxf")), "pic.mxf": PICTURE}

    assert told(write(tmp_path / "a", no_list)) == [Incomplete(missing="a packing list: ASSETMAP.xml names none")]
    assert told(write(tmp_path / "b", {"PKL.xml": packing_list(*PACKED)})) == [
        Incomplete(missing="an asset map: nothing says where the assets of PKL.xml are")
    ]


def test_of_many_missing_files_the_first_are_told(tmp_path: Path) -> None:
    mapped = (*MAPPED, *(asset(f"x{number}", f"x{number}.mxf") for number in range(300)))

    found = told(write(tmp_path, package(mapped=mapped)))

    assert len(found) == 51
    assert found[-1] == Incomplete(missing="250 more files (listed in ASSETMAP.xml)")


def test_a_playlist_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = CPL[:-30]
    files = package(packed=(packed("cpl", broken), *PACKED[1:])) | {"CPL.xml": broken}

    (found,) = told(write(tmp_path, files))

    assert isinstance(found, Unreadable)
    assert found.reason.startswith("CPL.xml: it is not whole")
