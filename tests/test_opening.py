"""What is in an archive, a PDF or a layered picture is examined, matched and judged as if it had been delivered."""

import gzip
import io
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from scanner.errors import CustodyError, ExaminerLostError
from scanner.intake.bench import BenchState, bench_entry, clear_leftover
from scanner.intake.stock import take_stock
from scanner.judging_again import due, judge_again
from scanner.looking_back import recall_now
from scanner.model import (
    Approval,
    ApprovalStatus,
    Code,
    DropClass,
    Outcome,
    RulingAction,
    Scope,
    Stage,
    Use,
)
from scanner.pipeline import handle, rule, scan
from scanner.registering import Registered, register
from scanner.report.scanned import Scanned
from scanner.studio import Studio, job_of

from .containers.making import LINK, listed_twice, patched, tarred, zipped
from .crashing import crashing
from .media_files import picture, sequence, still
from .studio import TITLE, Home, listed, new_home, ruling

CLEAN, ASSET = 8, 3
A_ZIP = "reel.zip"


def bytes_of(seed: int, form: str = "PNG") -> bytes:
    made = io.BytesIO()
    picture(seed).save(made, form)
    return made.getvalue()


CLEAN_PICTURE, ASSET_PICTURE = bytes_of(CLEAN), bytes_of(ASSET)
CLEAN_ZIP = zipped({"stills/clean.png": CLEAN_PICTURE, "notes.txt": b"words"})
ASSET_ZIP = zipped({"stills/clean.png": CLEAN_PICTURE, "stills/shot.png": ASSET_PICTURE})


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio that has one picture registered, and what is mostly delivered here examined before. To copy only."""
    home = new_home(tmp_path_factory.mktemp("opening") / "studio")
    home.set(("quiet_seconds = 0.3", "quiet_seconds = 0.0"))
    with home.open() as studio:
        entered(studio, home.folder, ASSET_PICTURE)
        studio.register(TITLE)
        for name, content in (("a.png", ASSET_PICTURE), ("c.png", CLEAN_PICTURE), ("z.zip", ASSET_ZIP)):
            (home / name).write_bytes(content)
            ((member,), _) = take_stock(home / name, name=name)
            examined = studio.pool.examine(job_of(studio, member, home / name)).examination
            studio.kept.keep_examination(member.sha256, examined)
    return home


@pytest.fixture
def home(template: Home, tmp_path: Path) -> Home:
    shutil.copytree(template.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


@pytest.fixture
def studio(home: Home) -> Iterator[Studio]:
    with home.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def only_read(template: Home) -> Iterator[Studio]:
    """The studio of the template, for looking at files where they lie: nothing is written."""
    with template.open() as opened:
        yield opened


Look = Callable[..., Scanned]


@pytest.fixture
def look(only_read: Studio, tmp_path: Path) -> Look:
    def look_at(content: bytes, name: str = A_ZIP) -> Scanned:
        (tmp_path / name).write_bytes(content)
        return scan(only_read, tmp_path / name, title=TITLE, drop_class=DropClass.FINAL)

    return look_at


def entered(studio: Studio, folder: Path, content: bytes) -> str:
    (folder / "asset.png").write_bytes(content)
    given = {"title": TITLE, "tool": "Runway", "use": Use.TEMPORARY, "by": "kim"}
    (result,) = register(studio, folder / "asset.png", **given)  # type: ignore[arg-type]
    assert isinstance(result, Registered)
    return result.record.record_id


def delivered(home: Home, studio: Studio, content: bytes, name: str = A_ZIP) -> str:
    delivery_id = home.onto_bench(home.write(name, content))
    handle(studio, delivery_id)
    return delivery_id


def found(scanned: Scanned) -> set[tuple[Code, str]]:
    return {(finding.code, finding.member) for finding in scanned.verdict.findings}


def told(scanned: Scanned) -> list[str]:
    return [finding.message for finding in scanned.verdict.findings]


# ---- What is in it


def test_a_zip_that_holds_a_clean_picture_is_cleared_as_it_came(home: Home, studio: Studio) -> None:
    delivered(home, studio, CLEAN_ZIP)
    record = home.record(A_ZIP)

    assert [member.name for member in record.delivery.members] == [
        A_ZIP,
        "reel.zip!//notes.txt",
        "reel.zip!//stills/clean.png",
    ]
    assert (home / "cleared" / A_ZIP).read_bytes() == CLEAN_ZIP
    assert home.outcome(A_ZIP) is Outcome.PASS
    assert not list((home / "work").iterdir())


def test_a_zip_that_holds_a_registered_asset_is_quarantined_with_the_name_in_it(home: Home, studio: Studio) -> None:
    delivery_id = delivered(home, studio, ASSET_ZIP)
    verdict = home.record(A_ZIP).verdict

    assert verdict is not None
    assert [(f.code, f.member) for f in verdict.findings] == [(Code.AI_IDENTICAL, "reel.zip!//stills/shot.png")]
    assert (home / "quarantine" / delivery_id / "payload" / A_ZIP).read_bytes() == ASSET_ZIP


WRAPPED = {
    "a tar": tarred({"shot.png": ASSET_PICTURE}),
    "a compressed tar": gzip.compress(tarred({"shot.png": ASSET_PICTURE})),
    "a compressed file": gzip.compress(ASSET_PICTURE),
    "a zip in a tar": tarred({"in.zip": ASSET_ZIP}),
    "a zip without an ending": ASSET_ZIP,
}


@pytest.mark.parametrize("how", WRAPPED)
def test_a_registered_asset_is_found_byte_for_byte_in(how: str, look: Look) -> None:
    scanned = look(WRAPPED[how], "delivered")

    assert {code for code, _ in found(scanned)} == {Code.AI_IDENTICAL}
    assert scanned.verdict.outcome is Outcome.QUARANTINE


def test_a_registered_asset_is_found_by_its_looks(look: Look) -> None:
    scanned = look(zipped({"shot.jpg": bytes_of(ASSET, "JPEG")}))

    assert found(scanned) == {(Code.AI_LOOK_ALIKE, "reel.zip!//shot.jpg")}


def test_a_registered_asset_is_found_in_a_pdf(look: Look) -> None:
    made, document = io.BytesIO(), io.BytesIO()
    picture(ASSET).save(document, "PDF", quality=90)
    with pikepdf.open(document) as pdf:
        pdf.save(made)

    ((code, member),) = found(look(made.getvalue(), "bible.pdf"))

    assert (code, member.partition("!//")[0]) == (Code.AI_LOOK_ALIKE, "bible.pdf")


def test_labels_in_an_archive_are_read(look: Look) -> None:
    generated = (Path(__file__).parents[1] / "sample_media/deliveries/comfyui.png").read_bytes()

    scanned = look(zipped({"in/generated.png": generated}))

    assert found(scanned) == {(Code.AI_GENERATOR, "reel.zip!//in/generated.png")}


def test_numbered_stills_in_an_archive_are_one_sequence(look: Look, tmp_path: Path) -> None:
    frames = sequence(tmp_path / "frames", 1, 2, 3, 5)

    scanned = look(tarred({f"plate/{path.name}": path.read_bytes() for path in frames}), "plate.tar")

    assert [member.name for member in scanned.record.members] == [
        "plate.tar",
        "plate.tar!//plate/fog.[0001-0005].png",
    ]
    assert found(scanned) == {(Code.INCOMPLETE, "plate.tar!//plate/fog.[0001-0005].png")}


def test_litter_in_an_archive_is_passed_over(look: Look) -> None:
    scanned = look(
        zipped({"clean.png": CLEAN_PICTURE, "__MACOSX/._clean.png": b"\0\5\x16\7", ".DS_Store": b"\0\0\0\1"})
    )

    assert scanned.verdict.outcome is Outcome.PASS


def test_a_scan_leaves_nothing_behind(look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    look(CLEAN_ZIP)

    assert not list(scratch.iterdir())


def test_an_office_document_is_an_archive_too(look: Look) -> None:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", "word/media/image1.png": ASSET_PICTURE}

    assert found(look(zipped(parts), "pitch.docx")) == {(Code.AI_IDENTICAL, "pitch.docx!//word/media/image1.png")}


# ---- What could not be read


ONE = zipped({"a.png": CLEAN_PICTURE})
HELD = {
    "encrypted": patched(ONE, local=6, central=8, value=b"\1\0"),
    "of an unknown compression": patched(ONE, local=8, central=10, value=b"\x09\0"),
    "cut off": CLEAN_ZIP[:-100],
    "listing one file twice": listed_twice(ONE),
    "with a link": zipped({"clean.png": CLEAN_PICTURE, "link": b"/etc/passwd"}, modes={"link": LINK}),
    "with a name that leads out": zipped({"../clean.png": CLEAN_PICTURE}),
    "with nothing in it": zipped({}),
    "with litter only": zipped({".DS_Store": b"\0\0\0\1"}),
}


@pytest.mark.parametrize("what", HELD)
def test_an_archive_that_is_not_read_whole_is_held(what: str, look: Look) -> None:
    scanned = look(HELD[what])

    assert scanned.verdict.outcome is Outcome.HOLD
    assert found(scanned) == {(Code.PARTLY_READ, A_ZIP)}


def test_what_can_be_read_is_examined_all_the_same(look: Look) -> None:
    files = {"link": b"/etc/passwd", "shot.png": ASSET_PICTURE}

    scanned = look(zipped(files, modes={"link": LINK}))

    assert found(scanned) == {(Code.PARTLY_READ, A_ZIP), (Code.AI_IDENTICAL, "reel.zip!//shot.png")}
    assert "opening: link: a symbolic link: never followed" in told(scanned)


def test_half_a_picture_in_a_damaged_archive_is_looked_at(look: Look) -> None:
    wall = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    made = io.BytesIO()
    Image.fromarray(wall).save(made, "BMP")
    packed = gzip.compress(made.getvalue())

    scanned = look(packed[: len(packed) // 2], "wall.bmp.gz")

    assert (Code.PARTLY_READ, "wall.bmp.gz") in found(scanned)
    assert [member.format for member in scanned.record.members] == ["gzip", "bmp"]


LIMITS = {
    "depth": ("depth = 3", "depth = 1", tarred({"in.zip": CLEAN_ZIP}), "it lies in 1 others"),
    "files": ("files = 10000", "files = 1", CLEAN_ZIP, "more files"),
    "file": ("file_megabytes = 32768", "file_megabytes = 1", zipped({"a": bytes(1 << 21)}), "larger than 1,048,576"),
    "total": ("total_megabytes = 65536", "total_megabytes = 0", CLEAN_ZIP, "more than may be taken out"),
    "none": ("depth = 3", "depth = 0", CLEAN_ZIP, "no deeper than 0"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_what_goes_beyond_a_limit_is_held(limit: str, home: Home, tmp_path: Path) -> None:
    old, new, content, why = LIMITS[limit]
    home.set((old, new))
    (tmp_path / "given").write_bytes(content)

    with home.open() as studio:
        scanned = scan(studio, tmp_path / "given", title=TITLE, drop_class=DropClass.FINAL)

    assert scanned.verdict.outcome is Outcome.HOLD
    assert any(why in message for message in told(scanned)), told(scanned)


def test_archives_in_one_another_without_end_are_held(look: Look) -> None:
    content = CLEAN_ZIP
    for _ in range(6):
        content = zipped({"in.zip": content}, method=zipfile.ZIP_STORED)

    scanned = look(content)

    assert scanned.verdict.outcome is Outcome.HOLD
    assert len(scanned.record.members) == 4


def test_a_container_that_nobody_has_opened_is_never_a_pass(
    home: Home, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = home.onto_bench(home.write(A_ZIP, CLEAN_ZIP))

    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        return None if name == "open" else step(*arguments)

    handle(studio, delivery_id, run)  # type: ignore[arg-type]

    assert home.outcome(A_ZIP) is Outcome.HOLD


# ---- Later


def approve(studio: Studio) -> None:
    (record,) = studio.kept.records()
    approval = Approval(
        approval_id="ESC-1",
        title=TITLE,
        status=ApprovalStatus.APPROVED,
        scope=Scope(records=(record.record_id,)),
        approver="Robin",
        created_at=studio.now(),
    )
    studio.kept.add_approval(approval)


def test_what_is_approved_later_goes_on_by_what_is_stored(home: Home, studio: Studio) -> None:
    delivered(home, studio, ASSET_ZIP)
    approve(studio)

    for delivery_id in due(studio):
        judge_again(studio, delivery_id)

    assert (home / "cleared" / A_ZIP).read_bytes() == ASSET_ZIP
    assert home.record(A_ZIP).stage is Stage.CARRIED_OUT


def test_what_looks_like_something_registered_later_is_judged_again_without_the_copies(
    home: Home, studio: Studio
) -> None:
    delivered(home, studio, zipped({"link": b"x", "new.jpg": bytes_of(CLEAN, "JPEG")}, modes={"link": LINK}))
    entered(studio, home.folder, CLEAN_PICTURE)

    for delivery_id in due(studio):
        judge_again(studio, delivery_id)

    assert home.outcome(A_ZIP) is Outcome.QUARANTINE


def test_what_is_registered_later_is_recalled_by_the_name_in_the_archive(home: Home, studio: Studio) -> None:
    delivered(home, studio, CLEAN_ZIP)
    entered(studio, home.folder, CLEAN_PICTURE)

    recall_now(studio)
    (recall,) = studio.kept.recalls()

    assert {finding.member for finding in recall.findings} == {"reel.zip!//stills/clean.png"}


@pytest.mark.parametrize(("action", "place"), [(RulingAction.RELEASE, "cleared"), (RulingAction.RESTORE, "drop")])
def test_a_person_may_rule_on_an_archive(action: RulingAction, place: str, home: Home, studio: Studio) -> None:
    delivery_id = delivered(home, studio, ASSET_ZIP)

    rule(studio, delivery_id, ruling(studio, action))

    assert (home / place / A_ZIP).read_bytes() == ASSET_ZIP


# ---- Cut short


class PowerCut(Exception):
    pass


@pytest.mark.parametrize("last", ["take stock", "open", "examine", "decide", "carry out"])
def test_a_delivery_that_was_cut_short_is_begun_anew_and_ends_the_same(last: str, home: Home, studio: Studio) -> None:
    delivery_id = home.onto_bench(home.write(A_ZIP, CLEAN_ZIP))

    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        result = step(*arguments)
        if name == last:
            raise PowerCut
        return result

    with pytest.raises(PowerCut):
        handle(studio, delivery_id, run)  # type: ignore[arg-type]
    handle(studio, delivery_id)

    assert home.outcome(A_ZIP) is Outcome.PASS
    assert len(home.record(A_ZIP).delivery.members) == 3
    assert (home / "cleared" / A_ZIP).read_bytes() == CLEAN_ZIP
    assert not list((home / "work").iterdir())


def test_what_a_crash_left_in_the_scratch_folder_is_no_member(home: Home, studio: Studio, tmp_path: Path) -> None:
    delivery_id = home.onto_bench(home.write(A_ZIP, CLEAN_ZIP))
    scratch = home / "work" / delivery_id / "opened"
    scratch.mkdir()
    (scratch / "half.png").write_bytes(ASSET_PICTURE)
    (tmp_path / "elsewhere").mkdir()
    still(tmp_path / "elsewhere" / "kept.png")
    (scratch / "link").symlink_to(tmp_path / "elsewhere")

    handle(studio, delivery_id)

    assert home.outcome(A_ZIP) is Outcome.PASS
    assert listed(tmp_path / "elsewhere")
    assert not list((home / "work").iterdir())


def test_a_folder_of_that_name_without_a_receipt_is_somebody_else_s(home: Home) -> None:
    master = still(home / "work" / "by-hand" / "opened" / "master.png")

    with pytest.raises(CustodyError):
        clear_leftover(home / "work" / "by-hand")

    assert bench_entry(home / "work" / "by-hand").state is BenchState.FOREIGN
    assert master.is_file()


# By the number of its change on disk or in the database: while it is taken out; when it has been, and nothing has been
# examined; when the delivery has been moved, and the copies are still there.
CRASHES = (12, 15, 24)


def test_a_crash_while_or_after_it_is_opened_breaks_no_story(template: Home, tmp_path: Path) -> None:
    left: list[int] = []
    with crashing() as warm:
        for before in CRASHES:
            home = Home(folder=tmp_path / str(before))
            shutil.copytree(template.folder, home.folder)
            (home / "drop" / A_ZIP).write_bytes(ASSET_ZIP)
            dropped = Counter(listed(home / "drop").values())

            killed = warm.live(home.folder, before=before)
            left.append(len(list((home / "work").glob("*/opened/*"))))
            life = warm.live(home.folder)

            assert killed.was_killed, killed.told
            assert life.code == 0, life.told
            assert home.bytes_in("quarantine") == dropped, life.told
            assert not list((home / "work").iterdir()), life.told
            assert len(home.record(A_ZIP).delivery.members) == 3

    assert left[0] < 2
    assert left[1:] == [2, 2]


def test_a_pool_that_is_closed_leaves_the_delivery_on_the_bench(home: Home) -> None:
    with home.open() as studio:
        delivery_id = home.onto_bench(home.write(A_ZIP, CLEAN_ZIP))
        studio.pool.close()
        with pytest.raises(ExaminerLostError):
            handle(studio, delivery_id)

    assert (home / "work" / delivery_id / "payload" / A_ZIP).read_bytes() == CLEAN_ZIP
