"""Registering AI material: what becomes a record, what is refused, and that it is then found."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.cli.init import make_studio
from scanner.errors import RegisterInputError
from scanner.fingerprint.names import VERSION
from scanner.importing import import_records
from scanner.intake.materials import NotRegistered
from scanner.model import DropClass, Identical, LookAlike, MediaKind, Use
from scanner.pipeline import scan
from scanner.registering import MADE_AGAIN, NOTHING_TO_HEAR, Registered, register
from scanner.settings import read_settings
from scanner.studio import Studio
from tests.media_files import broken, clip, converted, photoshop, picture, sequence, still, tone
from tests.sounds import voice, write


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for all; every test has a title of its own."""
    with Studio.open(read_settings(make_studio(tmp_path_factory.mktemp("studio")))) as opened:
        yield opened


@pytest.fixture
def title(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def entered(studio: Studio, title: str, *paths: Path, **said: str) -> list[Registered | NotRegistered]:
    facts = {"tool": "Runway", "use": Use.TEMPORARY, "by": "kim"} | said
    return list(register(studio, *paths, title=title, **facts))  # type: ignore[arg-type]


def only(results: list[Registered | NotRegistered]) -> Registered:
    (result,) = results
    assert isinstance(result, Registered), result
    return result


def refused(results: list[Registered | NotRegistered]) -> NotRegistered:
    (result,) = results
    assert isinstance(result, NotRegistered), result
    return result


STILLS = {
    "jpeg": lambda path: still(path / "a.jpg"),
    "png": lambda path: still(path / "a.png"),
    "webp": lambda path: still(path / "a.webp"),
    "tiff": lambda path: still(path / "a.tif"),
    "tiff of 16 bits": lambda path: converted(path / "a.tif", 1, "-pix_fmt", "rgb48le"),
    "dpx": lambda path: converted(path / "a.dpx", 1, "-pix_fmt", "gbrp10be"),
    "exr": lambda path: converted(path / "a.exr", 1, "-pix_fmt", "gbrpf32le"),
    "psd": lambda path: photoshop(path / "a.psd"),
}


@pytest.mark.parametrize("kind", STILLS)
def test_a_still_of_any_kind_is_registered_with_fingerprints(
    studio: Studio, title: str, tmp_path: Path, kind: str
) -> None:
    result = only(entered(studio, title, STILLS[kind](tmp_path)))

    assert result.new
    assert not result.remarks
    assert studio.kept.record(result.record.record_id).assets[0].codes[0].pts


def test_a_registered_picture_is_found_in_a_copy_of_other_bytes(studio: Studio, title: str, tmp_path: Path) -> None:
    asset = only(entered(studio, title, still(tmp_path / "sky.png", 41))).record.assets[0]
    copy = tmp_path / "EP101_sky.jpg"
    picture(41).resize((320, 180)).save(copy, quality=60)

    scanned = scan(studio, copy, title=title, drop_class=DropClass.FINAL)

    found = [finding.evidence for finding in scanned.verdict.findings if isinstance(finding.evidence, LookAlike)]
    assert [evidence.asset.asset_id for evidence in found] == [asset.asset_id]


def test_a_clip_is_registered_frame_by_frame_with_thumbnails(studio: Studio, title: str, tmp_path: Path) -> None:
    asset = only(entered(studio, title, clip(tmp_path / "fog.mp4", frames=12))).record.assets[0]

    assert asset.kind is MediaKind.VIDEO
    assert len(set(asset.codes[0].pts)) == 12
    assert studio.kept.thumbnail(asset.asset_id, asset.codes[0].time_base) is not None


def test_sound_is_registered_with_what_is_heard_of_it(studio: Studio, title: str, tmp_path: Path) -> None:
    result = only(entered(studio, title, write(tmp_path / "voice.wav", voice(1, 3))))

    (asset,) = studio.kept.record(result.record.record_id).assets
    assert (asset.codes, [marks.channel for marks in asset.sounds], result.remarks) == ((), ["1"], ())


def test_of_a_tone_it_is_said_that_it_is_found_only_by_its_bytes(studio: Studio, title: str, tmp_path: Path) -> None:
    result = only(entered(studio, title, tone(tmp_path / "tone.wav")))

    assert result.remarks == (NOTHING_TO_HEAR,)


def test_a_plain_picture_is_registered_and_said_to_be_found_only_by_its_bytes(
    studio: Studio, title: str, tmp_path: Path
) -> None:
    plain = tmp_path / "grey.png"
    picture().convert("L").point(lambda _: 90).save(plain)

    result = only(entered(studio, title, plain))

    assert result.remarks == ("not informative: it will be found only by its bytes",)


def test_loose_frames_named_side_by_side_are_one_sequence(studio: Studio, title: str, tmp_path: Path) -> None:
    frames = sequence(tmp_path, 1, 2, 3, 4)

    asset = only(entered(studio, title, *frames)).record.assets[0]

    assert (asset.name, len(asset.file_hashes)) == ("fog.[0001-0004].png", 4)


def test_loose_frames_may_be_named_by_a_pattern(studio: Studio, title: str, tmp_path: Path) -> None:
    sequence(tmp_path, 1, 2, 3)
    still(tmp_path / "other.png", 9)

    assert only(entered(studio, title, tmp_path / "fog.*.png")).record.assets[0].kind is MediaKind.SEQUENCE


def test_loose_frames_and_their_folder_are_the_same_material(studio: Studio, title: str, tmp_path: Path) -> None:
    frames = sequence(tmp_path / "fog", 1, 2, 3)
    first = only(entered(studio, title, *frames))

    again = only(entered(studio, title, tmp_path / "fog"))

    assert (again.new, again.record.record_id) == (False, first.record.record_id)


def test_a_single_frame_of_a_registered_sequence_is_found_by_its_bytes(
    studio: Studio, title: str, tmp_path: Path
) -> None:
    frames = sequence(tmp_path, 1, 2, 3, seed=5)
    entered(studio, title, *frames)

    scanned = scan(studio, frames[1], title=title, drop_class=DropClass.FINAL)

    assert any(isinstance(finding.evidence, Identical) for finding in scanned.verdict.findings)


def test_each_piece_of_media_in_a_folder_is_a_record_of_its_own(studio: Studio, title: str, tmp_path: Path) -> None:
    folder = tmp_path / "plates"
    still(folder / "sky.png", 2)
    sequence(folder / "fog", 1, 2, 3)
    clip(folder / "rain.mp4")

    results = entered(studio, title, folder)

    kinds = {item.record.assets[0].kind for item in results if isinstance(item, Registered)}
    assert kinds == {MediaKind.STILL, MediaKind.SEQUENCE, MediaKind.VIDEO}


def test_what_is_no_media_in_a_folder_is_skipped_and_said(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "plates" / "sky.png", 3)
    (tmp_path / "plates" / "notes.txt").write_text("made on Monday")

    others = [item for item in entered(studio, title, tmp_path / "plates") if isinstance(item, NotRegistered)]

    assert [(Path(item.name).name, item.skipped) for item in others] == [("notes.txt", True)]


def test_litter_in_a_folder_is_passed_over_without_a_word(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "plates" / "sky.png", 3)
    (tmp_path / "plates" / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")

    assert only(entered(studio, title, tmp_path / "plates")).new


def test_a_folder_without_media_is_refused(studio: Studio, title: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing yet")

    results = entered(studio, title, tmp_path)

    assert [item.skipped for item in results if isinstance(item, NotRegistered)] == [True, False]


def test_a_broken_file_is_refused_by_name_and_the_rest_goes_on(studio: Studio, title: str, tmp_path: Path) -> None:
    broken(tmp_path / "plates" / "cut.jpg")
    still(tmp_path / "plates" / "sky.png", 4)

    results = entered(studio, title, tmp_path / "plates")

    assert [(Path(item.name).name, isinstance(item, Registered)) for item in results] == [
        ("cut.jpg", False),
        ("sky.png", True),
    ]


def test_a_broken_file_twice_is_refused_twice(studio: Studio, title: str, tmp_path: Path) -> None:
    shutil.copy(broken(tmp_path / "a.jpg"), tmp_path / "b.jpg")

    results = entered(studio, title, tmp_path / "a.jpg", tmp_path / "b.jpg")

    assert [isinstance(item, NotRegistered) for item in results] == [True, True]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.png", b"", "0 bytes"),
        ("film.mov", b"a film will be here", "format text"),
        ("page.pdf", b"%PDF-1.7\n", "format pdf"),
    ],
)
def test_a_file_that_is_no_media_is_refused_when_it_is_named(
    studio: Studio, title: str, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)

    result = refused(entered(studio, title, tmp_path / name))

    assert words in result.reason
    assert not result.skipped


def test_a_file_that_claims_to_be_media_is_refused_in_a_folder_too(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "sky.png", 6)
    (tmp_path / "film.mov").write_bytes(b"")

    others = [item for item in entered(studio, title, tmp_path) if isinstance(item, NotRegistered)]

    assert [item.skipped for item in others] == [False]


def test_a_symbolic_link_is_refused(studio: Studio, title: str, tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(still(tmp_path / "sky.png"))

    assert "symbolic link" in refused(entered(studio, title, tmp_path / "link.png")).reason


def test_a_path_that_does_not_exist_is_refused(studio: Studio, title: str, tmp_path: Path) -> None:
    assert refused(entered(studio, title, tmp_path / "no" / "sky.png")).reason == "no such file or folder"


@pytest.mark.parametrize("name", ["new\nline.png", "\x1b[31mred.png", os.fsdecode(b"caf\xe9.png"), "a|b;$(x).png"])
def test_any_file_name_is_registered_as_it_is(studio: Studio, title: str, tmp_path: Path, name: str) -> None:
    still(tmp_path / "sky.png", 7).rename(tmp_path / name)

    result = only(entered(studio, title, tmp_path / name))

    assert studio.kept.record(result.record.record_id).assets[0].name == name


def test_the_same_bytes_again_are_the_record_that_is_there(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 8)
    first = only(entered(studio, title, path))
    version = studio.kept.register_state(studio.now()).version

    again = only(entered(studio, title, path))

    assert (again.new, again.record.record_id) == (False, first.record.record_id)
    assert studio.kept.register_state(studio.now()).version == version


def test_the_same_bytes_again_are_not_examined_again(tmp_path: Path) -> None:
    settings = read_settings(make_studio(tmp_path / "studio", title="AGM"))
    path = still(tmp_path / "sky.png")
    with Studio.open(settings) as studio:
        entered(studio, "AGM", path)
    with Studio.open(settings) as without_examiners:
        without_examiners.pool.close()

        assert not only(entered(without_examiners, "AGM", path)).new


def test_the_same_bytes_twice_at_once_are_one_record(studio: Studio, title: str, tmp_path: Path) -> None:
    shutil.copy(still(tmp_path / "a.png", 10), tmp_path / "b.png")

    results = entered(studio, title, tmp_path / "a.png", tmp_path / "b.png")

    assert [item.new for item in results if isinstance(item, Registered)] == [True, False]


def test_what_is_said_otherwise_of_known_bytes_is_told(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 11)
    entered(studio, title, path)

    again = only(entered(studio, title, path, use=Use.FINAL))

    assert again.remarks == ("it is registered with use temporary, not final",)


def test_the_bytes_of_a_retired_record_are_refused(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 12)
    record = only(entered(studio, title, path)).record
    studio.kept.retire(record.record_id, by="kim", reason="replaced", at=studio.now())

    assert "retired (replaced)" in refused(entered(studio, title, path)).reason


def test_the_same_bytes_in_two_titles_are_two_records(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 13)

    ids = {only(entered(studio, f"{title} {season}", path)).record.record_id for season in (1, 2)}

    assert len(ids) == 2


def test_progress_is_told_before_each_thing(studio: Studio, title: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    paths = [still(tmp_path / "a.png", 14), still(tmp_path / "b.png", 15)]

    def on_member(name: str, number: int, total: int) -> None:
        told.append((Path(name).name, number, total))

    list(register(studio, *paths, title=title, tool="Runway", use=Use.FINAL, by="kim", on_member=on_member))

    assert told == [("a.png", 1, 2), ("b.png", 2, 2)]


def written_by_another_version(studio: Studio, record_id: str) -> None:
    """Make the fingerprints of a record's asset those of another version, and forget what was read of them."""
    asset_id = studio.kept.record(record_id).assets[0].asset_id
    shutil.rmtree(studio.settings.folder("index"), ignore_errors=True)
    studio._registers.clear()
    sets = "select feature_set_id from asset_features where asset_id = ?"
    with studio.kept._database.writing() as connection:
        connection.exec_driver_sql(
            "update fingerprints set version = 0, digest = 'old' where asset_id = ?", (asset_id,)
        )
        connection.exec_driver_sql(
            f"update feature_sets set version = 0, digest = digest || 'old' where feature_set_id in ({sets})",
            (asset_id,),
        )


def test_fingerprints_of_another_version_are_made_again_and_kept_beside_those(
    studio: Studio, title: str, tmp_path: Path
) -> None:
    path = still(tmp_path / "sky.png", 31)
    record_id = only(entered(studio, title, path)).record.record_id
    written_by_another_version(studio, record_id)

    again = only(entered(studio, title, path))

    assert (again.new, again.made_again, again.record.record_id) == (False, True, record_id)
    assert again.remarks == (MADE_AGAIN,)
    assert [codes.version for codes in studio.kept.record(record_id).assets[0].codes] == [0, VERSION]


def test_a_picture_whose_fingerprints_were_made_again_is_found(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 32)
    written_by_another_version(studio, only(entered(studio, title, path)).record.record_id)
    copy = still(tmp_path / "copy.jpg", 32)
    assert not scan(studio, copy, title=title, drop_class=DropClass.FINAL).verdict.findings

    entered(studio, title, path)

    assert scan(studio, copy, title=title, drop_class=DropClass.FINAL).verdict.findings


def test_fingerprints_of_a_retired_record_are_not_made_again(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 33)
    record_id = only(entered(studio, title, path)).record.record_id
    written_by_another_version(studio, record_id)
    studio.kept.retire(record_id, by="kim", reason="replaced", at=studio.now())

    assert "retired (replaced)" in refused(entered(studio, title, path)).reason


# Imports


def listed(folder: Path, *rows: str, header: str = "tool,use,path,sha256,phash,record_id,shot") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "list.csv").write_text("\n".join([header, *rows]))
    return folder / "list.csv"


PHASH = "9f0c63b1d8274e5ac3964fa0168be7d259b40e7d38c1f26a17e8954bd02c6ba5"


def test_a_list_registers_media_below_its_folder(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "plates" / "sky.png", 21)
    file = listed(tmp_path, "Runway,final,plates/sky.png,,,ACME-7,")

    (result,) = import_records(studio, file, by="kim", title=title)

    assert studio.kept.record("ACME-7").assets[0].codes[0].pts == result.record.assets[0].codes[0].pts


def test_a_hash_stands_for_media_that_is_found_by_its_bytes(studio: Studio, title: str, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 22)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    import_records(studio, listed(tmp_path / "list", f"Runway,final,,{sha256.upper()},,,"), by="kim", title=title)

    scanned = scan(studio, path, title=title, drop_class=DropClass.FINAL)

    assert any(isinstance(finding.evidence, Identical) for finding in scanned.verdict.findings)


def test_a_fingerprint_stands_for_media_that_is_found_by_its_look(studio: Studio, title: str, tmp_path: Path) -> None:
    import imagehash

    phash = str(imagehash.phash(picture(23, width=640, height=360), hash_size=16))
    import_records(studio, listed(tmp_path / "list", f"Runway,final,,,{phash},,"), by="kim", title=title)

    scanned = scan(studio, still(tmp_path / "copy.jpg", 23), title=title, drop_class=DropClass.FINAL)

    assert any(isinstance(finding.evidence, LookAlike) for finding in scanned.verdict.findings)


def test_a_list_again_changes_nothing(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "sky.png", 24)
    file = listed(tmp_path, "Runway,final,sky.png,,,,", f"Runway,final,,,{PHASH},,")
    import_records(studio, file, by="kim", title=title)

    assert [result.new for result in import_records(studio, file, by="kim", title=title)] == [False, False]


def test_one_wrong_medium_keeps_the_whole_list_out(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "sky.png", 25)
    broken(tmp_path / "cut.jpg")
    file = listed(tmp_path, "Runway,final,sky.png,,,,", "Runway,final,cut.jpg,,,,", "Runway,final,gone.png,,,,")

    with pytest.raises(RegisterInputError, match=r"row 4, column path: .*gone\.png.*no such file"):
        import_records(studio, file, by="kim", title=title)

    (tmp_path / "gone.png").write_bytes((tmp_path / "sky.png").read_bytes() + b"\n")
    with pytest.raises(RegisterInputError, match=r"row 3, column path: .*cut\.jpg"):
        import_records(studio, file, by="kim", title=title)
    assert studio.kept.records(title=title) == ()


def test_an_id_that_stands_for_other_bytes_is_refused(studio: Studio, title: str, tmp_path: Path) -> None:
    import_records(studio, listed(tmp_path, f"Runway,final,,{'1' * 64},,{title},"), by="kim", title=title)

    with pytest.raises(RegisterInputError, match=r"row 2, column record_id: .* is registered already"):
        import_records(studio, listed(tmp_path, f"Runway,final,,{'2' * 64},,{title},"), by="kim", title=title)


def test_the_same_bytes_with_other_facts_in_one_list_are_refused(studio: Studio, title: str, tmp_path: Path) -> None:
    file = listed(tmp_path, f"Runway,final,,{'3' * 64},,,", f"Runway,temporary,,{'3' * 64},,,")

    with pytest.raises(RegisterInputError, match="row 3: these are the bytes of row 2"):
        import_records(studio, file, by="kim", title=title)


def test_one_id_cannot_stand_for_a_folder_of_media(studio: Studio, title: str, tmp_path: Path) -> None:
    still(tmp_path / "plates" / "a.png", 26)
    still(tmp_path / "plates" / "b.png", 27)

    with pytest.raises(RegisterInputError, match="one id, but 2 pieces of media"):
        import_records(studio, listed(tmp_path, "Runway,final,plates,,,ACME-8,"), by="kim", title=title)
