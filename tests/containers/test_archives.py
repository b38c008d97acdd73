"""ZIP, TAR and compressed files: what is in them comes out byte for byte, and whatever is wrong with them is told."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner.containers.all import read
from scanner.containers.inner import Inner
from scanner.containers.names import LONGEST, fit_name

from .conftest import Opened
from .making import LINK, PIPE, contents, entry, listed_twice, patched, quoted, tarred, zipped

ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
TAR_FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
NOISE = os.urandom(100_000)
FILES = {"reel/plate.bin": NOISE, "Zoë.txt": b"words", "empty": b""}


@pytest.mark.parametrize("method", ZIP_METHODS)
def test_every_file_of_a_zip_comes_out_byte_for_byte(opened: Opened, method: int) -> None:
    taken = opened(zipped(FILES | {"folder/": b""}, method=method))

    assert contents(taken) == FILES
    assert taken.unread == ()


@pytest.mark.parametrize("form", TAR_FORMATS)
def test_every_file_of_a_tar_comes_out_byte_for_byte(opened: Opened, form: int) -> None:
    files = FILES | {"n" * 90 + "/" + "m" * 90: b"a long name"}
    taken = opened(tarred(files, entry("folder", tarfile.DIRTYPE), form=form))

    assert contents(taken) == files
    assert taken.unread == ()


@pytest.mark.parametrize(("ending", "packed"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_a_compressed_file_comes_out_under_its_own_name(opened: Opened, ending: str, packed: object) -> None:
    taken = opened(packed(NOISE), name=f"plate.exr{ending}")  # type: ignore[operator]

    assert contents(taken) == {"plate.exr": NOISE}
    assert taken.unread == ()


@pytest.mark.parametrize(("name", "inner"), [("a.tgz", "a.tar"), ("a.TXZ", "a.tar"), ("plate", "plate.unpacked")])
def test_the_name_in_a_compressed_file_follows_from_its_own(opened: Opened, name: str, inner: str) -> None:
    assert list(opened(gzip.compress(b"x"), name=name).files) == [inner]


def test_a_file_on_our_disk_has_no_name_that_the_archive_gave(opened: Opened, tmp_path: Path) -> None:
    taken = opened(zipped({"../../evil.sh": b"x", "b/c.png": b"y"}))

    assert {path.parent for path in taken.files.values()} == {tmp_path / "opened"}
    assert {path.suffix for path in taken.files.values()} == {".sh", ".png"}
    assert not [path for path in taken.files.values() if "evil" in path.name]


TOLD = {
    "/etc/passwd": ("etc/passwd", "an absolute path"),
    "C:\\x.png": ("C:\\x.png", "an absolute path"),
    "a/../../x": ("a/x", "its path leads out of the archive"),
    "two\nlines": ("two\\u000alines", "control characters in its name"),
    "\x1b[31mred": ("\\u001b[31mred", "control characters in its name"),
    "gnp.\u202ex": ("gnp.\\u202ex", "control characters in its name"),
    "nul\0l": ("nul\\u0000l", "control characters in its name"),
    "n" * 300 + ".png": ("n" * 63 + "…" + "n" * 12 + ".png", "a name of 304 bytes"),
}


@pytest.mark.parametrize("raw", TOLD)
def test_names_that_lead_astray_are_told_and_their_files_looked_at(opened: Opened, raw: str) -> None:
    name, told = TOLD[raw]

    taken = (
        opened(zipped({"x" * len(raw): b"content"}).replace(b"x" * len(raw), raw.encode()))
        if "\0" in raw
        else (opened(zipped({raw: b"content"})))
    )

    assert contents(taken) == {name: b"content"}
    assert taken.unread == (f"{name}: {told}",)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_several_files_of_one_name_each_is_looked_at(opened: Opened) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for content in ("one", "two"):
            archive.writestr("a.txt", content)

    taken = opened(made.getvalue())

    assert contents(taken) == {"a.txt": b"one", "a.txt (2)": b"two"}
    assert taken.unread == ("a.txt: there are several of this name; each was looked at",)


@pytest.mark.parametrize(
    ("mode", "told"), [(LINK, "a symbolic link: never followed"), (PIPE, "neither a file nor a folder")]
)
def test_links_and_pipes_in_a_zip_are_told(opened: Opened, mode: int, told: str) -> None:
    taken = opened(zipped({"odd": b"/etc/passwd", "fine": b"x"}, modes={"odd": mode}))

    assert contents(taken) == {"fine": b"x"}
    assert taken.unread == (f"odd: {told}",)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "a symbolic link: never followed"),
        (tarfile.LNKTYPE, "a hard link: never followed"),
        (tarfile.CHRTYPE, "a device or a pipe: never opened"),
        (tarfile.BLKTYPE, "a device or a pipe: never opened"),
        (tarfile.FIFOTYPE, "a device or a pipe: never opened"),
        (b"Q", "an entry of a kind that is not known here (b'Q')"),
    ],
)
def test_links_and_devices_in_a_tar_are_told(opened: Opened, kind: bytes, told: str) -> None:
    taken = opened(tarred({"fine": b"x"}, entry("odd", kind, "fine")))

    assert contents(taken) == {"fine": b"x"}
    assert taken.unread == (f"odd: {told}",)


ONE = zipped({"a.bin": NOISE})
SPOILT = {
    "encrypted": (patched(ONE, local=6, central=8, value=b"\1\0"), "a.bin: it is encrypted"),
    "unknown method": (patched(ONE, local=8, central=10, value=b"\x09\0"), "(Deflate64) cannot be read"),
    "other method": (patched(ONE, local=8, central=10, value=b"\x4d\0"), "its compression (method 77) cannot be read"),
    "damaged": (ONE[:5000] + b"\xff" * 50 + ONE[5050:], "a.bin: "),
    "cut off": (ONE[:50_000], "damaged: BadZipFile"),
    "other name": (ONE.replace(b"a.bin", b"b.bin", 1), "a.bin: damaged: BadZipFile: File name in directory"),
    "listed twice": (listed_twice(ONE), "a.bin: it lies over other entries, as in a zip bomb"),
    "quoted": (quoted(1000), "b: it lies over other entries, as in a zip bomb"),
    "two in one": (ONE + zipped({"b.txt": b"words"}), "it holds entries that its directory does not list"),
    "padded": (ONE[:-22] + bytes(2 << 20) + ONE[-22:], "damaged: BadZipFile"),
    "nothing": (b"PK\x03\x04" + bytes(60), "damaged: BadZipFile"),
    "gzip cut off": (gzip.compress(NOISE)[:50_000], "a.container.unpacked: damaged: EOFError"),
    "gzip with more": (gzip.compress(NOISE) + b"more", "a.container.unpacked: BadGzipFile"),
    "bzip2 damaged": (b"BZh91AY&SY" + NOISE[:100], "a.container.unpacked: "),
    "xz cut off": (lzma.compress(NOISE)[:50_000], "a.container.unpacked: damaged: EOFError"),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_with_an_archive_is_told(opened: Opened, what: str) -> None:
    archive, told = SPOILT[what]

    taken = opened(archive)

    assert any(told in reason for reason in taken.unread), taken.unread


def test_what_comes_before_the_damage_is_looked_at(opened: Opened) -> None:
    taken = opened(gzip.compress(NOISE * 40)[: 40 * 70_000], name="plate.gz")

    assert (NOISE * 40).startswith(contents(taken)["plate"])
    assert len(contents(taken)["plate"]) > 1 << 20


def test_a_zip64_that_lies_about_a_size_is_told(opened: Opened) -> None:
    size = struct.pack("<HHQQ", 1, 16, 1 << 45, len(NOISE))
    at = ONE.index(b"PK\x01\x02")
    head = bytearray(ONE[at : at + 46 + 5])
    head[20:28], head[30:32] = b"\xff" * 8, struct.pack("<H", len(size))
    directory = bytes(head) + size
    lying = ONE[:at] + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), at, 0)

    taken = opened(lying)

    assert contents(taken) == {}
    assert any("larger than" in reason or "lies over" in reason for reason in taken.unread)


PLAIN = tarred({"a.bin": NOISE, "b.txt": b"words"})
AT_B = PLAIN.index(b"b.txt")
SPOILT_TARS = {
    "cut off in a file": (PLAIN[:50_000], "a.bin: "),
    "cut off between files": (PLAIN[:AT_B], "its end is missing"),
    "damaged header": (PLAIN[:AT_B] + b"\xff" * 300 + PLAIN[AT_B + 300 :], f"damaged at byte {AT_B}"),
    "two in one": (PLAIN + tarred({"c.txt": b"hidden"}), "there is more after its end, which was not read"),
}


@pytest.mark.parametrize("what", SPOILT_TARS)
def test_what_is_wrong_with_a_tar_is_told_and_the_rest_looked_at(opened: Opened, what: str) -> None:
    archive, told = SPOILT_TARS[what]

    taken = opened(archive)

    assert any(told in reason for reason in taken.unread), taken.unread
    assert NOISE.startswith(contents(taken)["a.bin"])


def test_a_tar_that_leads_backwards_comes_to_an_end(opened: Opened) -> None:
    header = bytearray(tarfile.TarInfo("loop").tobuf(format=tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"  # a size of -512, in base 256: GNU tar, "Extensions"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()

    taken = opened(tarred({"a": b"x"})[:1024] + bytes(header) + bytes(1024))

    assert contents(taken) == {"a": b"x"}
    assert len(taken.unread) == 1


def sparse(size: int) -> bytes:
    """A sparse file in a TAR, as pax headers tell of it: no data, and as many zeros as one likes."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("holes")
        info.pax_headers = {
            "GNU.sparse.major": "0",
            "GNU.sparse.minor": "1",
            "GNU.sparse.name": "holes",
            "GNU.sparse.size": str(size),
            "GNU.sparse.numblocks": "1",
            "GNU.sparse.map": f"{size},0",
        }
        archive.addfile(info)
    return made.getvalue()


def test_a_sparse_file_is_as_large_as_it_unpacks(opened: Opened) -> None:
    assert contents(opened(sparse(5000))) == {"holes": bytes(5000)}


def test_a_sparse_file_beyond_the_limit_is_told(opened: Opened) -> None:
    taken = opened(sparse(1 << 50))

    assert contents(taken) == {}
    assert taken.unread == ("holes: it would be larger than 1,073,741,824 bytes",)


def test_no_more_files_are_taken_out_than_may_be(opened: Opened) -> None:
    taken = opened(zipped({f"{number}.txt": b"x" for number in range(9)}), files=3)

    assert len(taken.files) == 3
    assert taken.unread == ("there are more files in it than may be taken out: the rest was not",)


def test_a_file_that_is_too_large_is_left_and_the_others_taken(opened: Opened) -> None:
    taken = opened(zipped({"large": bytes(3_000_000), "small": b"x"}), largest=2_000_000)

    assert contents(taken) == {"small": b"x"}
    assert taken.unread == ("large: it would be larger than 2,000,000 bytes",)


def test_a_file_that_turns_out_too_large_is_cut_there(opened: Opened) -> None:
    taken = opened(gzip.compress(bytes(3_000_000)), name="a.gz", largest=2_000_000)

    assert len(contents(taken)["a"]) <= 2_000_000
    assert taken.unread == ("a: it is larger than 2,000,000 bytes",)


def test_no_more_bytes_are_taken_out_than_may_be(opened: Opened) -> None:
    taken = opened(zipped({"a": NOISE, "b": NOISE * 30, "c": NOISE}), size=2_000_000)

    assert sum(len(content) for content in contents(taken).values()) <= 2_000_000
    assert taken.unread == ("what the delivery's containers hold is more than may be taken out: the rest was not",)


def test_a_bomb_is_stopped_by_its_ratio(opened: Opened) -> None:
    taken = opened(gzip.compress(bytes(80 << 20), compresslevel=1), name="a.gz", ratio=20)

    assert len(contents(taken)["a"]) <= 64 << 20
    assert taken.unread == ("it unpacks to more than 20 times its size, as a bomb does: the rest was not read",)


def test_what_is_wrong_is_told_a_few_times_and_then_counted(opened: Opened) -> None:
    names = [f"{number}.lnk" for number in range(50)]

    taken = opened(zipped(dict.fromkeys(names, b"x"), modes=dict.fromkeys(names, LINK)))

    assert len(taken.unread) == 21
    assert taken.unread[-1] == "and 30 more"


@given(st.text(max_size=400) | st.lists(st.sampled_from(["..", ".", "", "a", "\\", "\n", "C:"])).map("/".join))
def test_a_name_that_is_shown_leads_nowhere(raw: str) -> None:
    name, _ = fit_name(raw)

    assert name
    assert not {"", ".", ".."} & set(name.split("/"))
    assert name.isprintable() or not any(ord(letter) < 32 for letter in name)
    assert len(name.encode("utf-8", "surrogatepass")) <= LONGEST


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, derandomize=True)
@example(archive="zip", at=1717, noise=b"\0")
@given(archive=st.sampled_from(["zip", "tar"]), at=st.integers(0, 3000), noise=st.binary(min_size=1, max_size=40))
def test_a_reader_ends_whatever_an_archive_holds(archive: str, at: int, noise: bytes, tmp_path: Path) -> None:
    files = {"a.txt": b"words" * 100, "b.txt": b"more words"}
    content = bytearray(zipped(files) if archive == "zip" else tarred(files))
    at %= len(content)
    content[at : at + len(noise)] = noise
    (tmp_path / "a").write_bytes(content)

    size = 0
    with suppress(*MAY_BE_RAISED):
        for found in read(tmp_path / "a", archive, "a"):
            if isinstance(found, Inner):
                with suppress(*MAY_BE_RAISED):
                    size += sum(len(block) for block in islice(found.read(), 100))

    assert size < 100 << 20


MAY_BE_RAISED = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
    lzma.LZMAError, struct.error,
)  # fmt: skip
