"""A folder is whole when everything is there that its manifests list."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.intake.lacking import Manifests
from scanner.intake.look import look
from scanner.settle import Settled, Settling, Stalled, Waiting

from .places import nobody
from .test_listings import ASC_MHL, CHAIN, MD5

FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[2] / "../shared/fixtures")).resolve()


def lacking(drop: Path, name: str = "reel") -> str | None:
    (found,) = [found for found in look(drop) if found.name == name]
    return Manifests(drop).lacking(found)


def write(folder: Path, files: dict[str, bytes | str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def asset_map(*assets: tuple[str, str], packing_lists: tuple[str, ...] = ("pkl",)) -> str:
    """An AssetMap of assets by id and path."""
    written = "".join(
        f"<Asset><Id>urn:uuid:{key}</Id>{'<PackingList>true</PackingList>' if key in packing_lists else ''}"
        f"<ChunkList><Chunk><Path>{path}</Path></Chunk></ChunkList></Asset>"
        for key, path in assets
    )
    return f'<AssetMap xmlns="am"><AssetList>{written}</AssetList></AssetMap>'


def packing_list(**sizes: int) -> str:
    assets = "".join(f"<Asset><Id>urn:uuid:{key}</Id><Size>{size}</Size></Asset>" for key, size in sizes.items())
    return f'<PackingList xmlns="pkl"><AssetList>{assets}</AssetList></PackingList>'


def mhl(*paths: str) -> str:
    hashes = "".join(f'<hash><path size="4">{path}</path></hash>' for path in paths)
    return f"<hashlist><hashes>{hashes}</hashes></hashlist>"


def package(*, cpl: str = "<CompositionPlaylist/>") -> dict[str, bytes | str]:
    """A small IMF package."""
    assets = (("pkl", "PKL.xml"), ("cpl", "CPL.xml"), ("pic", "pic.mxf"), ("snd", "sound/snd.mxf"))
    return {
        "ASSETMAP.xml": asset_map(*assets),
        "PKL.xml": packing_list(cpl=len(cpl), pic=4, snd=5),
        "CPL.xml": cpl,
        "pic.mxf": b"1234",
        "sound/snd.mxf": b"12345",
    }


def test_a_package_with_all_its_assets_is_whole(tmp_path: Path) -> None:
    write(tmp_path / "reel", package())

    assert lacking(tmp_path) is None


def test_a_package_says_which_of_how_many_assets_are_missing(tmp_path: Path) -> None:
    write(tmp_path / "reel", package())
    (tmp_path / "reel/pic.mxf").unlink()
    (tmp_path / "reel/sound/snd.mxf").write_bytes(b"12")

    assert (
        lacking(tmp_path)
        == "waits for 2 of 4 files that 'ASSETMAP.xml' lists: 'pic.mxf', 'sound/snd.mxf' (2 of 5 bytes)"
    )


def test_a_package_whose_packing_list_has_not_come_waits_for_it(tmp_path: Path) -> None:
    write(tmp_path / "reel", package())
    (tmp_path / "reel/PKL.xml").unlink()

    assert lacking(tmp_path) == "waits for 1 of 4 files that 'ASSETMAP.xml' lists: 'PKL.xml'"


def test_track_files_of_an_earlier_delivery_are_not_waited_for(tmp_path: Path) -> None:
    write(
        tmp_path / "reel",
        package(cpl="<CompositionPlaylist><TrackFileId>urn:uuid:old</TrackFileId></CompositionPlaylist>"),
    )

    assert lacking(tmp_path) is None


def test_what_only_a_packing_list_names_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "reel", package() | {"PKL.xml": packing_list(pic=4, elsewhere=99)})

    assert lacking(tmp_path) is None


def test_a_package_below_the_top_of_the_folder_counts_from_there(tmp_path: Path) -> None:
    write(tmp_path / "reel/imf", package())

    assert lacking(tmp_path) is None


@pytest.mark.parametrize("name", ["PKL.xml", "ASSETMAP.xml"])
@pytest.mark.parametrize("content", [b"", b"<AssetMap><AssetList>", b"\0" * 100])
def test_a_manifest_that_is_half_written_is_waited_for(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path / "reel", package() | {name: content})

    assert (lacking(tmp_path) or "").startswith(f"its manifest cannot be read yet: '{name}': it is n")


@pytest.mark.parametrize(
    "path",
    [
        *("../outside.mxf", "/etc/hostname", "a/../../outside.mxf", "file:///etc/hostname", "link/outside.mxf"),
        *("..%2Foutside.mxf", "..\\outside.mxf", "C:\\outside.mxf", "", "sub/../pic.mxf"),
    ],
)
def test_a_path_that_leads_elsewhere_is_not_there(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.mxf").write_bytes(b"1234")
    write(tmp_path / "reel", package() | {"ASSETMAP.xml": asset_map(("pkl", "PKL.xml"), ("x", path))})
    (tmp_path / "reel/link").symlink_to(tmp_path)

    assert (lacking(tmp_path) or "").startswith("waits for 1 of 2 files") is (path != "")


def test_a_packing_list_elsewhere_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel/pipe.xml").symlink_to(tmp_path / "pipe.xml")
    write(tmp_path / "reel", {"ASSETMAP.xml": asset_map(("pkl", "pipe.xml"), ("pkl2", "../pipe.xml"))})

    assert lacking(tmp_path) == "waits for 2 of 2 files that 'ASSETMAP.xml' lists: 'pipe.xml', '../pipe.xml'"


def test_a_manifest_that_is_a_link_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "reel").mkdir()
    os.mkfifo(tmp_path / "reel/x.md5")
    (tmp_path / "reel/y.md5").symlink_to("/etc/hostname")

    assert "cannot be read yet" in (lacking(tmp_path) or "")


def test_the_newest_generation_of_an_asc_mhl_says_what_is_to_be_there(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "ascmhl/ascmhl_chain.xml": CHAIN,
        "ascmhl/0001_a.mhl": mhl("gone.mov"),
        "ascmhl/0002_a.mhl": mhl("Clips/b.mov"),
        "Clips/b.mov": b"1234",
    }
    write(tmp_path / "reel", files)

    assert lacking(tmp_path) is None


def test_generations_that_the_chain_names_are_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"ascmhl/ascmhl_chain.xml": CHAIN, "ascmhl/0001_a.mhl": mhl()})

    assert lacking(tmp_path) == "waits for 1 of 2 files that 'ascmhl/ascmhl_chain.xml' lists: '0002_a.mhl'"


def test_histories_below_one_another_are_all_waited_for(tmp_path: Path) -> None:
    write(
        tmp_path / "reel",
        {
            "ascmhl/0001_reel.mhl": ASC_MHL,
            "Clips/a.mov": b"12345",
            "Sidecar & more.txt": b"",
            "A002/ascmhl/0001_A002.mhl": mhl("x.mov"),
        },
    )

    assert lacking(tmp_path) == "waits for 1 of 1 files that 'A002/ascmhl/0001_A002.mhl' lists: 'x.mov'"


@pytest.mark.parametrize(
    ("manifest", "listed"),
    [
        *(("sums.md5", "Clips/a.mov"), ("sums.md5", "./Clips//a.mov"), ("sums.md5", "Clips\\a.mov")),
        *(("sums.md5", "reel/Clips/a.mov"), ("Clips/a.mov.md5", "a.mov"), ("Clips/list/md5sum.txt", "Clips/a.mov")),
        *(("sums.md5", "/Volumes/RAID/reel/Clips/a.mov"), ("sums.md5", "D:\\out\\reel\\Clips\\a.mov")),
        *(("Clips/a.mov.md5", "/Volumes/RAID/out/a.mov"), ("Clips/sums.md5", "D:\\out\\a.mov")),
        *(("old.mhl", "Clips/a.mov"), ("MHL/old.mhl", "Clips/a.mov"), ("Clips/sums.sha256", "reel/Clips/a.mov")),
    ],
)
def test_names_count_from_the_manifest_or_from_a_folder_above_it(tmp_path: Path, manifest: str, listed: str) -> None:
    content = mhl(listed) if manifest.endswith(".mhl") else f"{MD5}  {listed}\n"
    write(tmp_path / "reel", {manifest: content})
    (tmp_path / "reel/Clips").mkdir(exist_ok=True)

    before = lacking(tmp_path)
    write(tmp_path / "reel", {"Clips/a.mov": b"1234"})

    assert before == f"waits for 1 of 1 files that {manifest!r} lists: {listed!r}"
    assert lacking(tmp_path) is None


def test_a_list_may_take_letters_apart_that_the_disk_has_in_one(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"sums.md5": f"{MD5}  cafe\u0301.mov\n", "caf\u00e9.mov": b""})

    assert lacking(tmp_path) is None


def test_litter_that_a_list_names_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"sums.md5": f"{MD5}  .DS_Store\n{MD5}  a.mov\n", "a.mov": b""})

    assert lacking(tmp_path) is None


def test_only_a_few_names_are_told(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"sums.md5": "".join(f"{MD5}  evil\x1b{number}\n" for number in range(9))})

    assert lacking(tmp_path) == (
        r"waits for 9 of 9 files that 'sums.md5' lists: 'evil\x1b0', 'evil\x1b1', 'evil\x1b2' and 6 more"
    )


def test_a_manifest_larger_than_any_real_one_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"sums.md5": b""})
    os.truncate(tmp_path / "reel/sums.md5", (64 << 20) + 1)

    assert lacking(tmp_path) == "its manifest cannot be read yet: 'sums.md5': it is larger than 64 MB"


def test_a_manifest_that_may_not_be_read_is_read_when_it_may() -> None:
    with nobody() as drop:
        write(drop / "reel", {"sums.md5": f"{MD5}  a.mov\n", "a.mov": b""})
        (found,), manifests = look(drop), Manifests(drop)
        (drop / "reel/sums.md5").chmod(0)

        refused = manifests.lacking(found)
        (drop / "reel/sums.md5").chmod(0o600)

        assert refused == "its manifest cannot be read yet: 'sums.md5': permission denied"
        assert manifests.lacking(found) is None


def test_a_manifest_that_is_written_anew_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"sums.md5": f"{MD5}  a.mov\n", "a.mov": b""})
    (found,), manifests = look(tmp_path), Manifests(tmp_path)
    before = manifests.lacking(found)

    write(tmp_path / "reel", {"sums.md5": f"{MD5}  a.mov\n{MD5}  b.mov\n"})

    assert before is None
    assert manifests.lacking(found) == "waits for 1 of 2 files that 'sums.md5' lists: 'b.mov'"


def test_a_folder_that_went_away_is_not_whole(tmp_path: Path) -> None:
    write(tmp_path / "reel", {"sums.md5": f"{MD5}  a.mov\n", "a.mov": b""})
    (found,) = look(tmp_path)
    (tmp_path / "reel").rename(tmp_path / "gone")

    assert Manifests(tmp_path).lacking(found) is not None


@pytest.mark.parametrize(
    ("arrival", "kinds"),
    [
        (lambda reel: write(reel, {"pic.mxf": b"1234"}), [Waiting, Stalled, Waiting, Settled]),
        (lambda reel: write(reel, {"pic.mxf": b"12"}), [Waiting, Stalled, Waiting, Waiting]),
        (lambda reel: (reel / "ASSETMAP.xml").unlink(), [Waiting, Stalled, Waiting, Settled]),
    ],
)
def test_a_delivery_over_hours_is_told_as_stalled_and_settles_when_its_last_file_is_there(
    tmp_path: Path, arrival: Callable[[Path], None], kinds: list[type]
) -> None:
    settling = Settling(quiet_seconds=10, stalled_seconds=3600, lacking=Manifests(tmp_path).lacking)
    write(tmp_path / "reel", package())
    (tmp_path / "reel/pic.mxf").unlink()
    settling.seen(look(tmp_path), 0)

    answers = [*settling.seen(look(tmp_path), 10), *settling.seen(look(tmp_path), 3600)]
    arrival(tmp_path / "reel")
    answers += [*settling.seen(look(tmp_path), 3602), *settling.seen(look(tmp_path), 3612)]

    assert [type(answer) for answer in answers] == kinds


@pytest.mark.skipif(not (FIXTURES / "packages").is_dir(), reason="other people's packages are not at hand")
@pytest.mark.parametrize(
    ("package", "lack"),
    [
        ("imf-app5", None),
        (
            "imf-meridian",
            "waits for 3 of 6 files that 'ASSETMAP.xml' lists: 'CPL_0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca85.xml'",
        ),
        ("mhl-scenario_01/travel_01/A002R2EC", None),
        ("mhl-scenario_03/file_server/A002R2EC", None),
        ("mhl-scenario_04/file_server", None),
    ],
)
def test_real_packages(package: str, lack: str | None) -> None:
    path = FIXTURES / "packages" / package

    told = lacking(path.parent, path.name)

    assert told == lack or (lack is not None and told is not None and told.startswith(lack))
