"""Import files of records and approvals: what is understood, and what is refused with row and column."""

import codecs
import json
from datetime import UTC, datetime
from pathlib import Path

import imagehash
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import RegisterInputError
from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.intake.approval_forms import ApprovalForm, approval_forms, timecode_range
from scanner.intake.forms import RecordForm, end_moment, identifier, moment, picture_hash, record_forms
from scanner.model import ApprovalStatus, DropClass, TimecodeRange, Use
from tests.media_files import picture

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHA256 = "0123456789abcdef" * 4
ROW = f"AGM,Runway,temporary,{SHA256}"
HEADER = "title,tool,use,sha256"


def written(tmp_path: Path, content: str | bytes, name: str = "list.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def records(tmp_path: Path, content: str | bytes, name: str = "list.csv") -> tuple[RecordForm, ...]:
    return record_forms(written(tmp_path, content, name))


def approvals(tmp_path: Path, content: str, name: str = "list.csv") -> tuple[ApprovalForm, ...]:
    return approval_forms(written(tmp_path, content, name), at=NOON)


def problems(tmp_path: Path, content: str | bytes, name: str = "list.csv") -> list[str]:
    with pytest.raises(RegisterInputError) as refused:
        records(tmp_path, content, name)
    return [line.strip() for line in str(refused.value).splitlines()[1:]]


def approval_problems(tmp_path: Path, content: str, name: str = "list.csv") -> list[str]:
    with pytest.raises(RegisterInputError) as refused:
        approvals(tmp_path, content, name)
    return [line.strip() for line in str(refused.value).splitlines()[1:]]


ENCODINGS = {
    "utf-8": f"{HEADER}\nÉté,Runway,temporary,{SHA256}".encode(),
    "utf-8 with a mark": codecs.BOM_UTF8 + f"{HEADER}\nÉté,Runway,temporary,{SHA256}".encode(),
    "utf-16": f"{HEADER}\nÉté,Runway,temporary,{SHA256}".encode("utf-16"),
    "utf-16 big-endian": codecs.BOM_UTF16_BE + f"{HEADER}\nÉté,Runway,temporary,{SHA256}".encode("utf-16-be"),
    "utf-16 without a mark": f"{HEADER}\nÉté,Runway,temporary,{SHA256}".encode("utf-16-le"),
    "semicolons": f"{HEADER}\nÉté,Runway,temporary,{SHA256}".replace(",", ";").encode(),
    "tabs": f"{HEADER}\nÉté,Runway,temporary,{SHA256}".replace(",", "\t").encode("utf-16"),
    "carriage returns": f"{HEADER}\r\nÉté,Runway,temporary,{SHA256}\r\n".encode(),
    "quotes": f'"title","tool","use","sha256"\n"Été","Runway","temporary","{SHA256}"'.encode(),
    "spaces": f" title , tool , use , sha256 \n Été , Runway , Temporary , {SHA256} ".encode(),
}


@pytest.mark.parametrize("how", ENCODINGS)
def test_a_spreadsheet_is_read_however_it_was_saved(tmp_path: Path, how: str) -> None:
    (form,) = records(tmp_path, ENCODINGS[how])

    assert (form.title, form.tool, form.use, form.sha256) == ("Été", "Runway", Use.TEMPORARY, SHA256)


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    header = f"{HEADER},note"

    told = problems(tmp_path, f'\n{header}\n,,,,\n{ROW},"two\nlines"\n\n,Runway,temporary,{SHA256},\n')

    assert told == ["row 6, column title: this is missing"]


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, f"{HEADER},tittle\n,,temp,xyz,\n{ROW},\nAGM,,final,{SHA256},,too many\n")

    assert [line.split(": ")[0] for line in told] == [
        "row 1, column 'tittle'",
        "row 2, column title",
        "row 2, column tool",
        "row 2, column use",
        "row 2, column sha256",
        "row 4",
        "row 4, column tool",
    ]


def test_an_unknown_column_names_the_nearest_one(tmp_path: Path) -> None:
    assert "did you mean title?" in problems(tmp_path, f"tittle,{HEADER}\nx,{ROW}")[0]


def test_an_unknown_word_names_the_nearest_one(tmp_path: Path) -> None:
    assert "did you mean temporary?" in problems(tmp_path, f"{HEADER}\nAGM,Runway,temp,{SHA256}")[0]


def test_a_missing_column_is_told_once(tmp_path: Path) -> None:
    told = problems(tmp_path, f"title,use,sha256\nAGM,final,{SHA256}\nAGM,final,{SHA256}")

    assert told == ["row 1, column tool: there must be such a column"]


def test_a_title_given_beside_the_list_is_for_rows_that_name_none(tmp_path: Path) -> None:
    file = written(tmp_path, f"{HEADER}\n,Runway,final,{SHA256}\n{ROW}")

    assert [form.title for form in record_forms(file, title="Dusk")] == ["Dusk", "AGM"]


def test_a_formula_is_text(tmp_path: Path) -> None:
    (form,) = records(tmp_path, f'{HEADER},note\n{ROW},"=HYPERLINK(""http://x"")"')

    assert form.note == '=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no rows"),
        (HEADER, "holds no rows"),
        (f"{HEADER}\n{ROW},\xe9".encode("latin-1"), "line 2: this is not utf-8"),
        (f'{HEADER}\n"AGM,Runway', "row 2: not valid CSV"),
        (f"{HEADER},title\n{ROW},AGM", "column title: it is there more than once"),
        (f"{HEADER},\n{ROW},", "a column has no name"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert words in problems(tmp_path, content)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "holds no rows"),
        ('{"title": "AGM"}', "a list of objects is wanted"),
        ('["AGM"]', "item 1: an object is wanted"),
        ('[{"title": "AGM", "title": "B"}]', "the key 'title' is there twice"),
        (
            f'[{{"title": "AGM", "tool": 7, "use": "final", "sha256": "{SHA256}"}}]',
            "column tool: text is wanted",
        ),
        (f'[{{"title": ["A"], "tool": "x", "use": "final", "sha256": "{SHA256}"}}]', "one value is wanted here"),
        (f'[{{"titel": "A", "tool": "x", "use": "final", "sha256": "{SHA256}"}}]', "did you mean title?"),
    ],
)
def test_json_that_is_no_list_of_texts_is_refused(tmp_path: Path, content: str, words: str) -> None:
    assert words in problems(tmp_path, content, "list.json")[0]


def test_json_and_csv_say_the_same(tmp_path: Path) -> None:
    item = {"title": "AGM", "tool": "Runway", "use": "temporary", "sha256": SHA256, "note": None}

    (of_json,) = records(tmp_path, json.dumps([item]), "list.json")
    (of_csv,) = records(tmp_path, f"{HEADER}\n{ROW}")

    assert (of_json.title, of_json.use, of_json.sha256) == (of_csv.title, of_csv.use, of_csv.sha256)


def test_media_and_a_hash_in_one_row_are_refused(tmp_path: Path) -> None:
    assert "not both" in problems(tmp_path, f"{HEADER},path\n{ROW},sky.png")[0]


def test_a_row_without_media_and_hash_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, "title,tool,use\nAGM,Runway,final")[0].startswith("row 2, column path: this is missing")


@pytest.mark.parametrize("path", ["/etc/passwd", "../sky.png", "plates/../../sky.png"])
def test_media_outside_of_the_lists_folder_is_refused(tmp_path: Path, path: str) -> None:
    assert "must be below the folder" in problems(tmp_path, f"title,tool,use,path\nAGM,Runway,final,{path}")[0]


def test_a_link_out_of_the_lists_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "plates").symlink_to(tmp_path)
    (tmp_path / "list" / "list.csv").write_text("title,tool,use,path\nAGM,Runway,final,plates/sky.png")

    with pytest.raises(RegisterInputError, match="leads out of the folder"):
        record_forms(tmp_path / "list" / "list.csv")


def test_an_id_twice_in_one_list_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, f"{HEADER},record_id\n{ROW},A-1\n{ROW},A-1") == [
        "row 3, column record_id: 'A-1' is that of row 2 already"
    ]


@pytest.mark.parametrize("text", ["", "-rf", "a\nb", "a|b", "x" * 121, "\x1b[31m"])
def test_an_id_that_could_not_be_typed_or_listed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no id"):
        identifier(text)


def test_a_fingerprint_is_what_imagehash_prints() -> None:
    phash = imagehash.phash(picture(), hash_size=16)

    codes = picture_hash(str(phash))

    assert codes.codes.hex() == str(phash)
    assert (codes.algorithm, codes.version, codes.quality, codes.views) == (ALGORITHM, VERSION, b"\x64", b"\x00")


@pytest.mark.parametrize("text", ["", "12", "g" * 64, SHA256 + "0", "0x" + SHA256[:62], SHA256[:63] + "_"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a fingerprint"):
        picture_hash(text)


def test_the_fingerprint_of_a_plain_picture_is_refused() -> None:
    plain = imagehash.phash(picture().point(lambda _: 90), hash_size=16)

    with pytest.raises(ValueError, match="plain picture"):
        picture_hash(str(plain))


def test_a_day_begins_and_ends_in_utc() -> None:
    assert moment("2026-11-22") == datetime(2026, 11, 22, tzinfo=UTC)
    assert end_moment("2026-11-22") == datetime(2026, 11, 23, tzinfo=UTC)
    assert end_moment("2026-11-22T18:00+01:00") == datetime(2026, 11, 22, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["22.11.2026", "11/22/2026", "2026-11-22T18:00", "2026-11-22 18:00", "20261122", ""])
def test_a_time_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a day|has no time zone"):
        moment(text)


@given(st.text() | st.dates().map(str) | st.datetimes().map(str))
def test_any_text_is_a_time_with_a_zone_or_refused(text: str) -> None:
    try:
        at = end_moment(text)
    except ValueError:
        return

    assert at.tzinfo is UTC


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode()))
def test_any_bytes_are_rows_or_refused(tmp_path: Path, content: bytes) -> None:
    try:
        forms = records(tmp_path, content)
    except RegisterInputError:
        return

    assert all(form.title and form.tool for form in forms)


# Approvals

FULL = (
    "id,title,status,approver,decided_at,drop_class,record,asset,shot,timecode,file,tool\n"
    "A-1,AGM,approved,Okafor,2026-03-01,final|trailer,PR-1| PR-2,AS-1,010|020,"
    "01:00:00:00-01:00:01:00|01:00:02;00-01:00:03;12,EP101_*,Runway"
)


def test_a_scope_is_read_with_bars_between_its_values(tmp_path: Path) -> None:
    (form,) = approvals(tmp_path, FULL)

    scope = form.approval.scope
    assert scope.drop_classes == (DropClass.FINAL, DropClass.TRAILER)
    assert scope.records == ("PR-1", "PR-2")
    assert scope.timecodes[1] == TimecodeRange(first="01:00:02;00", last="01:00:03;12")


def test_a_scope_is_read_from_lists_in_json(tmp_path: Path) -> None:
    item = {"id": "A-1", "title": "AGM", "status": "pending", "shot": ["010", "020"], "file": ["EP|101"]}

    (form,) = approvals(tmp_path, json.dumps([item]), "list.json")

    assert form.approval.scope.shots == ("010", "020")
    assert form.approval.scope.file_patterns == ("EP|101",)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A,T,approved,,2026-03-01,,,010,", "row 2, column approver: an approved one must say who approved it"),
        ("A,T,approved,K,,,,010,", "row 2, column decided_at: an approved one must say when it was decided"),
        ("A,T,approved,K,2026-03-01,,,,", "row 2, column whole_title: its scope is empty"),
        ("A,T,approved,K,2026-03-01,,,010,yes", "row 2, column whole_title: the whole title is not meant"),
        ("A,T,approved,K,2026-03-01,2026-03-05,2026-03-04,010,", "row 2, column valid_to: this ends before"),
        ("A,T,approved,K,soon,,,010,", "row 2, column decided_at: 'soon' is not a day"),
        ("A,T,aproved,K,2026-03-01,,,010,", "row 2, column status: 'aproved' is not one of"),
        (",T,pending,K,,,,010,", "row 2, column id: this is missing"),
        ("A,T,pending,K,,,,,maybe", "row 2, column whole_title: 'maybe' is neither yes nor no"),
    ],
)
def test_an_approval_that_contradicts_itself_is_refused(tmp_path: Path, row: str, told: str) -> None:
    header = "id,title,status,approver,decided_at,valid_from,valid_to,shot,whole_title"

    (problem,) = approval_problems(tmp_path, f"{header}\n{row}")

    assert problem.startswith(told)


def test_a_denied_or_pending_approval_needs_neither_approver_nor_scope(tmp_path: Path) -> None:
    forms = approvals(tmp_path, "id,title,status\nA-1,AGM,denied\nA-2,AGM,pending")

    assert [form.approval.status for form in forms] == [ApprovalStatus.DENIED, ApprovalStatus.PENDING]


def test_a_validity_of_one_day_is_one_day(tmp_path: Path) -> None:
    (form,) = approvals(tmp_path, "id,title,status,valid_from,valid_to\nA,AGM,pending,2026-03-01,2026-03-01")

    assert form.approval.valid_to == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "01:00:00:00",
        "01:00:00:00-",
        "1:0:0:0-1:0:1:0",
        "01:00:00:00-01:60:00:00",
        "25:00:00:00-26:00:00:00",
        "01:00:02:00-01:00:01:00",
        "01:00:01:00-01:00:01:00",
        "01:00:01;00-01:00:01:00",
    ],
)
def test_a_stretch_of_timecode_that_holds_no_frame_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="timecode"):
        timecode_range(text)
