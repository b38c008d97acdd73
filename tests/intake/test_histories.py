"""ASC MHL, older MHL and lists of checksums: every generation, every form, every way to be wrong."""

import hashlib
import os
from pathlib import Path

import pytest
import xxhash

from scanner.intake.ignoring import Ignored
from scanner.intake.records import UnreadableManifestError
from scanner.intake.stock import take_stock
from scanner.model import Altered, Checked, Gap, Incomplete, Unlisted, Unreadable

from .packages import Files, amiss, entry, generation, history, members_of, told, write
from .places import frames, in_child

A, B = b"first clip", b"second clip"
FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[2] / "../shared/fixtures")).resolve()
GEN1, GEN2, GEN3 = (f"ascmhl/{number:04}_reel_2026-01-16_091500Z.mhl" for number in (1, 2, 3))


def reel(*generations: bytes, **files: bytes) -> Files:
    return {"Clips/a.mov": A, "Clips/b.mov": B} | history("", *generations) | files


def whole(*, action: str = "original", algorithm: str = "xxh64") -> tuple[str, str]:
    return (
        entry("Clips/a.mov", A, action=action, algorithm=algorithm),
        entry("Clips/b.mov", B, action=action, algorithm=algorithm),
    )


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "c4", "xxh64", "xxh3", "xxh128"])
def test_every_algorithm_is_checked(tmp_path: Path, algorithm: str) -> None:
    members = members_of(write(tmp_path, reel(generation(*whole(algorithm=algorithm)))))

    assert not any(member.amiss for member in members.values())
    assert members["Clips/a.mov"].checked == (Checked(manifest=GEN1, algorithm=algorithm),)

    write(tmp_path, {"Clips/a.mov": b"First clip"})
    (found,) = told(tmp_path)

    assert isinstance(found, Altered)
    assert (found.file, found.manifest, found.algorithm) == ("Clips/a.mov", GEN1, algorithm)


def test_a_file_is_checked_against_every_generation_and_denied_once(tmp_path: Path) -> None:
    generations = generation(*whole()), generation(*whole(action="verified"), *whole(algorithm="md5"))
    members = members_of(write(tmp_path, reel(*generations)))
    assert members["Clips/b.mov"].checked == (
        Checked(manifest=GEN1, algorithm="xxh64"),
        Checked(manifest=GEN2, algorithm="xxh64"),
        Checked(manifest=GEN2, algorithm="md5"),
    )

    write(tmp_path, {"Clips/b.mov": b"x"})

    assert [(each.manifest, each.algorithm) for each in told(tmp_path) if isinstance(each, Altered)] == [
        (GEN1, "xxh64"),
        (GEN2, "md5"),
    ]


def test_a_check_that_failed_is_told_until_a_later_one_did_not(tmp_path: Path) -> None:
    failed = generation(entry("Clips/a.mov", b"damaged", action="failed"), whole()[1])
    write(tmp_path, reel(generation(*whole()), failed))
    wrong, right = xxhash.xxh64(b"damaged").hexdigest(), xxhash.xxh64(A).hexdigest()

    assert told(tmp_path) == [
        Altered(file="Clips/a.mov", manifest=GEN2, algorithm="xxh64", expected=right, found=wrong, recorded=True)
    ]

    write(tmp_path, reel(generation(*whole()), failed, generation(*whole(action="verified"))))

    assert told(tmp_path) == []


def test_a_generation_that_was_changed_is_not_what_the_chain_says(tmp_path: Path) -> None:
    write(tmp_path, reel(generation(*whole())))
    write(tmp_path, {GEN1: generation(*whole()) + b"<!-- -->", "Clips/x.mov": b""})

    found = amiss(tmp_path)

    assert [(each.manifest, each.algorithm) for each in found[GEN1] if isinstance(each, Altered)] == [
        ("ascmhl/ascmhl_chain.xml", "c4")
    ]


def test_a_chain_and_its_generations_belong_together(tmp_path: Path) -> None:
    files = reel(generation(*whole()), generation(*whole(action="verified")), generation(*whole(action="verified")))
    del files[GEN2]
    files["ascmhl/0004_reel_2026-01-16_091500Z.mhl"] = generation(*whole(action="verified"))

    assert amiss(write(tmp_path / "a", files)) == {
        "ascmhl/ascmhl_chain.xml": (
            Incomplete(missing="0002_reel_2026-01-16_091500Z.mhl (listed in ascmhl/ascmhl_chain.xml)"),
        ),
        "ascmhl/0004_reel_2026-01-16_091500Z.mhl": (
            Unlisted(file="ascmhl/0004_reel_2026-01-16_091500Z.mhl", manifest="ascmhl/ascmhl_chain.xml"),
        ),
    }

    del files["ascmhl/ascmhl_chain.xml"]

    (found,) = told(write(tmp_path / "b", files))
    assert found == Incomplete(missing="ascmhl_chain.xml: nothing vouches for the generations of ascmhl")


@pytest.mark.parametrize("numbers", [(1, 3), (1, 10**17)])
def test_a_generation_that_the_chain_passes_over_is_missing(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    files = reel(generation(*whole()), generation(*whole(action="verified")))
    chain = files["ascmhl/ascmhl_chain.xml"].replace(b'sequencenr="2"', f'sequencenr="{numbers[1]}"'.encode())

    (found,) = told(write(tmp_path, files | {"ascmhl/ascmhl_chain.xml": chain}))

    assert isinstance(found, Incomplete)


def test_what_any_generation_lists_must_be_there_under_its_newest_name(tmp_path: Path) -> None:
    renamed = generation(entry("Clips/c.mov", A, action="verified", previous="Clips/a.mov"))
    files = reel(generation(*whole(), entry("gone.mov", b"1")), renamed)
    files["Clips/c.mov"] = files.pop("Clips/a.mov")

    members = members_of(write(tmp_path, files))

    assert members[GEN1].amiss == (Incomplete(missing=f"gone.mov (listed in {GEN1})"),)
    assert [each.manifest for each in members["Clips/c.mov"].checked] == [GEN1, GEN2]


def test_names_that_take_turns_come_to_an_end(tmp_path: Path) -> None:
    turns = generation(entry("x.mov", A, previous="y.mov"), entry("y.mov", A, previous="x.mov"), *whole())

    assert len(told(write(tmp_path, reel(turns)))) == 2


def test_a_file_that_no_generation_lists_is_told_but_not_what_is_ignored(tmp_path: Path) -> None:
    listed = generation(*whole(), ignored=[".DS_Store", "ascmhl/", "*.tmp", "/Proxies/", "!Clips/keep.tmp"])
    extra = {name: b"1" for name in ("x.mov", "Clips/x.tmp", "Clips/keep.tmp", "Proxies/p.mov", "Clips/Proxies/q.mov")}

    found = amiss(write(tmp_path, reel(listed) | extra | {"Clips/a.mov.md5": hashlib.md5(A).hexdigest().encode()}))

    assert found == {
        name: (Unlisted(file=name, manifest=GEN1),) for name in ("Clips/Proxies/q.mov", "Clips/keep.tmp", "x.mov")
    }


def test_histories_in_one_another_list_each_their_own(tmp_path: Path) -> None:
    inner = history("A002/", generation(entry("c.mov", B)))
    (name, content) = next(iter(inner.items()))
    reference = entry(name, content, algorithm="c4").replace("hash>", "hashlistreference>")
    outer = generation(*whole(), references=reference)
    files = reel(outer) | inner | {"A002/c.mov": B}

    assert told(write(tmp_path, files)) == []

    changed = write(tmp_path, {"A002/c.mov": b"!", "A002/d.mov": b"1", name: content + b" "})

    assert {each.file for each in told(changed) if isinstance(each, Altered)} == {"A002/c.mov", name}
    assert [each for each in told(changed) if isinstance(each, Unlisted)] == [
        Unlisted(file="A002/d.mov", manifest=name)
    ]


def test_a_generation_that_cannot_be_read_does_not_make_the_rest_unlisted(tmp_path: Path) -> None:
    found = told(write(tmp_path, reel(b"<hashlist><hash><path>Clips/a.mov")))

    assert [type(each) for each in found] == [Unreadable]


@pytest.mark.parametrize("path", ["../outside.mov", "/etc/hostname", "link.mov", "Clips"])
def test_nothing_outside_of_the_delivery_is_hashed(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"outside.mov": A})
    root = write(tmp_path / "reel", reel(generation(*whole(), entry(path, A))))
    (root / "link.mov").symlink_to(tmp_path / "outside.mov")

    assert told(root) == [Incomplete(missing=f"{path} (listed in {GEN1})")]


# --- Patterns


@pytest.mark.parametrize(
    ("pattern", "name", "ignored"),
    [
        ("*.tmp", "a/b/c.tmp", True),
        ("*.tmp", "a.tmp/b.mov", True),
        ("/a.tmp", "b/a.tmp", False),
        ("a/*.tmp", "a/b.tmp", True),
        ("a/*.tmp", "b/a/b.tmp", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c", True),
        ("**/c", "a/b/c", True),
        ("c/", "c", False),
        ("c/", "a/c/d", True),
        ("c[0-9].mov", "c7.mov", True),
        ("# c", "# c", False),
        ("", "a", False),
    ],
)
def test_patterns_are_those_of_git(pattern: str, name: str, *, ignored: bool) -> None:
    assert (name in Ignored([pattern])) is ignored


def test_no_pattern_keeps_the_program_busy() -> None:
    assert "a" * 255 not in Ignored(["*a" * 120 + "b", "**/" * 80 + "b"])
    assert "/".join("a" * 60) not in Ignored(["**/a/" * 40 + "b"])


@pytest.mark.parametrize("patterns", [[str(number) for number in range(65)], ["a" * 257]])
def test_more_patterns_than_any_list_has_are_not_looked_at(patterns: list[str]) -> None:
    with pytest.raises(UnreadableManifestError):
        Ignored(patterns)


# --- Lists that list only what they list

SUMS = {
    "md5": hashlib.md5(A).hexdigest(),
    "sha1": hashlib.sha1(A).hexdigest(),
    "sha256": hashlib.sha256(A).hexdigest(),
    "xxh64": xxhash.xxh64(A).hexdigest(),
    "xxh3": xxhash.xxh3_64(A).hexdigest(),
    "xxh128": xxhash.xxh3_128(A).hexdigest(),
}
LITTLE = bytes.fromhex(SUMS["xxh64"])[::-1].hex()


@pytest.mark.parametrize(
    ("name", "content", "algorithm"),
    [
        ("md5sums.txt", f"{SUMS['md5']}  reel/a.mov\n", "md5"),
        ("list.sha256", f"SHA256 (reel/a.mov) = {SUMS['sha256']}\n", "sha256"),
        ("SHA1SUMS", f"{SUMS['sha1'].upper()} *reel/a.mov\n", "sha1"),
        ("list.xxh64", f"{SUMS['xxh64']}  reel/a.mov\n", "xxh64"),
        ("list.xxh", f"XXH3_{SUMS['xxh3']}  reel/a.mov\n", "xxh3"),
        ("list.xxh128", f"{SUMS['xxh128']}  ./reel\\a.mov\n", "xxh128"),
        ("list.xxh", f"XXH64_LE (reel/a.mov) = {LITTLE}\n", "xxh64"),
        ("checksums.csv", f"hash,path\n{SUMS['sha256']},reel/a.mov\n", "sha256"),
        ("checksums.txt", f"reel/a.mov;{len(A)};{SUMS['md5']}\n", "md5"),
        ("manifest-sha256.txt", f"{SUMS['sha256']} reel/a.mov\n", "sha256"),
        ("reel/a.mov.md5", SUMS["md5"], "md5"),
        ("reel/a.md5", f"{SUMS['md5']}\n", "md5"),
        ("x.mhl", f"<hashlist><hash><file>reel/a.mov</file><md5>{SUMS['md5']}</md5></hash></hashlist>", "md5"),
        (
            "x.mhl",
            f"<hashlist><hash><file>reel/a.mov</file><xxhash64be>{SUMS['xxh64']}</xxhash64be></hash></hashlist>",
            "xxh64",
        ),
        ("x.mhl", f"<hashlist><hash><file>reel/a.mov</file><xxhash64>{LITTLE}</xxhash64></hash></hashlist>", "xxh64"),
        (
            "x.mhl",
            f"<hashlist><hash><file>reel/a.mov</file><xxhash>{xxhash.xxh32(A).intdigest():010}</xxhash></hash></hashlist>",
            "xxh32",
        ),
    ],
)
def test_every_form_of_list_is_checked_and_lists_only_what_it_lists(
    tmp_path: Path, name: str, content: str, algorithm: str
) -> None:
    root = write(tmp_path, {"reel/a.mov": A, "reel/notes.txt": b"1", "b.mov": B, name: content.encode()})
    members = members_of(root)

    assert not any(member.amiss for member in members.values())
    assert members["reel/a.mov"].checked == (Checked(manifest=name, algorithm=algorithm),)

    write(root, {"reel/a.mov": A[:-1] + b"!"})

    assert [(type(each), each.file) for each in told(root) if isinstance(each, Altered)] == [(Altered, "reel/a.mov")]


def test_a_list_of_what_is_not_there_is_told(tmp_path: Path) -> None:
    root = write(tmp_path, {"sums.md5": f"{SUMS['md5']}  a.mov\n{SUMS['md5']}  ../a.mov\n".encode()})

    assert told(root) == [
        Incomplete(missing="a.mov (listed in sums.md5)"),
        Incomplete(missing="../a.mov (listed in sums.md5)"),
    ]


def test_a_list_that_lists_itself_is_not_held_to_it(tmp_path: Path) -> None:
    content = f"{SUMS['md5']}  a.mov\nd41d8cd98f00b204e9800998ecf8427e  ./md5sums.txt\n"

    assert told(write(tmp_path, {"a.mov": A, "md5sums.txt": content.encode()})) == []


def test_a_checksum_without_a_name_must_have_one_file_beside_it(tmp_path: Path) -> None:
    files = {"a.mov": A, "a.wav": B, "a.md5": SUMS["md5"].encode()}

    assert told(write(tmp_path, files)) == [
        Unreadable(source="manifest", reason="a.md5: it does not say of which file it is the checksum")
    ]


def test_lines_that_cannot_be_understood_are_told(tmp_path: Path) -> None:
    content = f"{SUMS['md5']}  a.mov\nb.mov = {SUMS['md5']}\n"

    assert told(write(tmp_path, {"a.mov": A, "x.md5": content.encode()})) == [
        Unreadable(
            source="manifest", reason="x.md5: it has a line that bears a checksum and cannot be understood", partly=True
        )
    ]


def test_frames_of_a_sequence_are_checked_each_and_told_together(tmp_path: Path) -> None:
    names = frames(tmp_path / "shot", 1, 2, 4)
    sums = "".join(
        f"{hashlib.md5((tmp_path / 'shot' / name).read_bytes()).hexdigest()}  shot/{name}\n" for name in names
    )
    write(tmp_path, {"md5sums.txt": f"{sums}{SUMS['md5']}  shot/shot.0003.png\n".encode()})
    members = members_of(tmp_path)

    assert members["shot/shot.[0001-0004].png"].checked == (Checked(manifest="md5sums.txt", algorithm="md5", files=3),)
    assert members["shot/shot.[0001-0004].png"].gaps == (Gap(first=3, last=3),)
    assert members["md5sums.txt"].amiss == (Incomplete(missing="shot/shot.0003.png (listed in md5sums.txt)"),)

    with (tmp_path / "shot/shot.0002.png").open("ab") as frame:
        frame.write(b"!")

    (found,) = members_of(tmp_path)["shot/shot.[0001-0004].png"].amiss
    assert isinstance(found, Altered)
    assert found.file == "shot/shot.0002.png"


def test_litter_of_a_desktop_is_no_manifest(tmp_path: Path) -> None:
    assert told(write(tmp_path, {"a.mov": A, "._x.mhl": b"\0\5\x16\7", "._ASSETMAP.xml": b"\0\5\x16\7"})) == []


def test_a_manifest_larger_than_any_real_one_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"sums.md5": b""})
    os.truncate(tmp_path / "sums.md5", (64 << 20) + 1)

    assert told(tmp_path) == [Unreadable(source="manifest", reason="sums.md5: it is larger than 64 MB")]


def test_of_very_many_entries_the_first_are_told(tmp_path: Path) -> None:
    entries = "".join(f"{SUMS['md5']}  {number}.mov\n" for number in range(20_000))

    found = told(write(tmp_path, {"sums.md5": entries.encode()}))

    assert len(found) == 51
    assert found[-1] == Incomplete(missing="19950 more files (listed in sums.md5)")


def test_every_file_is_opened_for_its_checksums_once(tmp_path: Path) -> None:
    root = write(tmp_path, reel(generation(*whole(), *whole(algorithm="md5"), *whole(algorithm="c4"))))
    opened: list[str] = []

    def tell(event: str, args: tuple[object, ...]) -> None:
        if event == "open" and isinstance(args[0], str) and args[0].endswith(".mov"):
            opened.append(args[0])
            if len(opened) > 2:
                os._exit(9)

    assert in_child(tell, lambda: take_stock(root, name="reel")) == 0


@pytest.mark.skipif(not (FIXTURES / "packages").is_dir(), reason="other people's packages are not at hand")
@pytest.mark.parametrize(
    ("package", "kinds"),
    [
        ("imf-app5", []),
        ("imf-meridian", ["altered", "altered", "incomplete", "unlisted"]),
        *((f"mhl-scenario_{number}", []) for number in ("01", "03")),
        ("mhl-scenario_04", ["altered", "altered"]),
    ],
)
def test_real_packages(package: str, kinds: list[str]) -> None:
    assert sorted(each.kind for each in told(FIXTURES / "packages" / package)) == kinds
