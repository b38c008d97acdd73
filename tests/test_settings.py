"""Settings and policy: read whole and strictly, with errors that name the file, the key and what to do."""

import itertools
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from scanner.errors import SettingsError
from scanner.model import Code, DropClass, Outcome
from scanner.settings import (
    CONFIG_NAME,
    CONFIG_VARIABLE,
    Door,
    FoldersTable,
    Settings,
    default_policy,
    default_text,
    find_config,
    read_policy,
    read_settings,
)

OUTCOMES = default_text("policy.toml")
SHIPPED = default_text("scanner.toml")
NEVER_A_PASS = (
    "UNREADABLE",
    "PARTLY-READ",
    "INCOMPLETE",
    "NOT-OPENED",
    "NOTHING-DELIVERED",
    "REGISTER-OUT-OF-REACH",
)


@pytest.fixture(autouse=True)
def no_studio_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / CONFIG_NAME


def settings(config: Path, text: str = "") -> Settings:
    config.write_text(text, encoding="utf-8")
    return read_settings(config)


def refusal(config: Path, text: str) -> str:
    """Why the settings are refused."""
    with pytest.raises(SettingsError) as refused:
        settings(config, text)
    return str(refused.value)


def policy_refusal(folder: Path, old: str, new: str) -> str:
    """Why the shipped policy is refused once `old` is `new` in it."""
    assert old in OUTCOMES
    path = folder / "policy.toml"
    path.write_text(OUTCOMES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        read_policy(path)
    return str(refused.value)


# ---- What is shipped

NOT_SHIPPED = {"home", "doors", "telling", "recipients"}


def test_the_shipped_settings_are_the_defaults(config: Path) -> None:
    assert settings(config, SHIPPED) == settings(config)


def test_the_shipped_settings_name_every_key(config: Path) -> None:
    given_keys = settings(config, SHIPPED).model_fields_set - {"home"}

    assert given_keys == Settings.model_fields.keys() - NOT_SHIPPED


@pytest.mark.parametrize("table", [name for name in Settings.model_fields if name not in NOT_SHIPPED])
def test_a_shipped_table_names_every_key(config: Path, table: str) -> None:
    found: BaseModel = getattr(settings(config, SHIPPED), table)

    assert found.model_fields_set == type(found).model_fields.keys()


def test_the_door_in_the_shipped_comment_is_one(config: Path) -> None:
    lines = SHIPPED.splitlines()
    first = lines.index("# [[doors]]")
    example = "\n".join(line.removeprefix("# ") for line in lines[first : first + 5])

    assert settings(config, example).doors == (
        Door(folder="acme-wip", title="AGM", vendor="acme", drop_class=DropClass.WORK_IN_PROGRESS),
    )


def test_the_exception_in_the_shipped_policys_comment_is_one(tmp_path: Path) -> None:
    text = OUTCOMES.replace("# [outcomes_for.artwork]\n# AI-MAYBE", "[outcomes_for.artwork]\nAI-MAYBE")
    (tmp_path / "policy.toml").write_text(text)

    policy = read_policy(tmp_path / "policy.toml")

    assert policy.outcome(Code.AI_MAYBE, DropClass.ARTWORK) is Outcome.HOLD


def test_the_shipped_policy_is_the_one_without_a_studio(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(OUTCOMES)

    assert read_policy(tmp_path / "policy.toml") == default_policy()


def test_temporary_material_is_allowed_in_work_in_progress_alone_by_default() -> None:
    assert default_policy().temporary_allowed_in == {DropClass.WORK_IN_PROGRESS, DropClass.TEST_REEL}


def test_a_changed_policy_has_another_digest(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(OUTCOMES + "\n")

    assert read_policy(tmp_path / "policy.toml").digest != default_policy().digest


# ---- Unknown keys


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[watchin]", "watchin", "watching"),
        ("title = 'AGM'", "title", "valid: "),
        ("[studio]\ntitel = ''", "studio.titel", "title"),
        ("[store]\nuri = ''", "store.uri", "url"),
        ("[folders]\nquarantin = 'q'", "folders.quarantin", "quarantine"),
        ("[watching]\nquiet_second = 1", "watching.quiet_second", "quiet_seconds"),
        ("[examining]\nshortest_shots = 1", "examining.shortest_shots", "shortest_shot"),
        ("[matching]\nscop = 'all'", "matching.scop", "scope"),
        ("[policy]\nfiles = 'p'", "policy.files", "file"),
        ("[trust]\nanchor = []", "trust.anchor", "anchors"),
        ("[[doors]]\nfolder = 'a'\ndropclass = 'final'", "doors.0.dropclass", "drop_class"),
        ("[[doors]]\nfolder = 'a'\n[[doors]]\nfoldr = 'b'", "doors.1.foldr", "folder"),
        ("[examining]\nsample_step = 1", "examining.sample_step", "valid: shortest_shot, "),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(config: Path, text: str, key: str, nearest: str) -> None:
    reason = refusal(config, text)

    assert reason.startswith(f"{config}: ")
    assert f"unknown key {key} (" in reason
    assert nearest in reason.partition(f"unknown key {key} (")[2]


def test_where_the_studio_lies_is_not_for_its_file_to_say(config: Path) -> None:
    assert "unknown key home" in refusal(config, "home = '/somewhere/else'")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[thresholds]", "[threshold]", "unknown key threshold (did you mean thresholds?)"),
        ("least_quality", "least_qualities", "unknown key thresholds.least_qualities (did you mean least_quality?)"),
        ("allowed_in", "allowed", "unknown key temporary.allowed (did you mean allowed_in?)"),
        ("AI-LABEL", "AI-LABELS", "unknown key outcomes.AI-LABELS (did you mean AI-LABEL?)"),
        ("# [outcomes_for.artwork]", "[outcomes_for.artwerk]", "outcomes_for.artwerk (did you mean artwork?)"),
        (
            "# [outcomes_for.artwork]",
            "[outcomes_for.artwork]\nAI-MAYBEE = 'flag'",
            "unknown key outcomes_for.artwork.AI-MAYBEE (did you mean AI-MAYBE?)",
        ),
    ],
)
def test_an_unknown_key_in_the_policy_is_refused_with_the_nearest(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert told in policy_refusal(tmp_path, old, new)


# ---- Values


_NUMBERS = (
    "watching.quiet_seconds",
    "watching.sweep_seconds",
    "watching.stop_seconds",
    "watching.deliveries_at_once",
    "examining.shortest_shot",
    "examining.memory_megabytes",
    "examining.base_seconds",
    "examining.bytes_per_second",
    "examining.at_most_seconds",
    "examining.stall_seconds",
    "examining.processes",
)
_BAD_NUMBERS = ("-1", "nan", "inf", "-inf", "true", '"1"', "[1]", "1e300", "9" * 30, "2026-11-20")


@pytest.mark.parametrize(("key", "value"), list(itertools.product(_NUMBERS, _BAD_NUMBERS)))
def test_a_number_that_cannot_be_meant_is_refused_by_its_key(config: Path, key: str, value: str) -> None:
    table, _, name = key.partition(".")

    assert f"{config}: {key}: " in refusal(config, f"[{table}]\n{name} = {value}")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_number_that_is_not_finite_is_called_so(config: Path, value: str) -> None:
    assert "finite number" in refusal(config, f"[watching]\nquiet_seconds = {value}")


@pytest.mark.parametrize("key", ["deliveries_at_once", "processes", "shortest_shot", "bytes_per_second"])
def test_a_count_is_whole(config: Path, key: str) -> None:
    table = "watching" if key == "deliveries_at_once" else "examining"

    assert f"{table}.{key}: " in refusal(config, f"[{table}]\n{key} = 2.0")


@pytest.mark.parametrize(
    "key", [key for key in _NUMBERS if key not in ("watching.quiet_seconds", "watching.stop_seconds")]
)
def test_nought_is_refused_where_nothing_would_ever_happen(config: Path, key: str) -> None:
    table, _, name = key.partition(".")

    assert f"{key}: " in refusal(config, f"[{table}]\n{name} = 0")


def test_seconds_may_be_whole(config: Path) -> None:
    assert settings(config, "[watching]\nquiet_seconds = 5").watching.quiet_seconds == 5.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("studio = 'AGM'", "studio: "),
        ("[studio]\ntitle = 7", "studio.title: "),
        ("[folders]\ndrop = 7", "folders.drop: "),
        ("[doors]\nfolder = 'a'", "doors: "),
        ("[[doors]]\ntitle = 'AGM'", "doors.0.folder is missing"),
        ("[[doors]]\nfolder = 'a'\ndrop_class = 'wip'", "doors.0.drop_class: "),
        ("[matching]\nscope = 'some'", "matching.scope: Input should be 'all' or 'title', not 'some'"),
        ("[trust]\nanchors = 'root.pem'", "trust.anchors: "),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_key(config: Path, text: str, told: str) -> None:
    assert f"{config}: {told}" in refusal(config, text)


def test_all_that_is_wrong_is_told_at_once(config: Path) -> None:
    reason = refusal(config, "[watching]\nquiet = 1\n[examining]\nprocesses = 0")

    assert "watching.quiet" in reason
    assert "examining.processes" in reason


@pytest.mark.parametrize("digits", ["1" + "0" * 5000, "0x" + "f" * 5000])
def test_a_number_of_thousands_of_digits_is_refused_like_any_other(config: Path, digits: str) -> None:
    assert refusal(config, f"[examining]\nprocesses = {digits}").startswith(f"{config}: ")


def test_a_long_value_is_told_in_short(config: Path) -> None:
    assert len(refusal(config, f"[matching]\nscope = '{'x' * 10_000}'")) < len(str(config)) + 200


def test_a_class_that_a_door_may_have_is_named_when_it_is_not_known(config: Path) -> None:
    assert "'work-in-progress'" in refusal(config, "[[doors]]\nfolder = 'a'\ndrop_class = 'wip'")


def test_settings_cannot_be_changed_once_they_are_read(config: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings(config).watching.quiet_seconds = 0.0


@pytest.mark.parametrize(("shortest", "step"), [(1, 1), (2, 1), (3, 1), (12, 6), (25, 12)])
def test_two_frames_of_the_shortest_shot_are_looked_at(config: Path, shortest: int, step: int) -> None:
    assert settings(config, f"[examining]\nshortest_shot = {shortest}").examining.sample_step == step


# ---- Folders and doors


def test_a_relative_folder_starts_where_the_file_lies(config: Path) -> None:
    assert settings(config, "[folders]\ndrop = 'in/here'").folder("drop") == config.parent / "in/here"


def test_an_absolute_folder_is_taken_as_it_is(config: Path) -> None:
    assert settings(config, "[folders]\ndrop = '/mnt/drop'").folder("drop") == Path("/mnt/drop")


def test_a_link_to_the_settings_leads_to_where_they_lie(tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    settings(tmp_path / "studio" / CONFIG_NAME)
    (tmp_path / "link.toml").symlink_to(tmp_path / "studio" / CONFIG_NAME)

    assert read_settings(tmp_path / "link.toml").home == (tmp_path / "studio").resolve()


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(FoldersTable.model_fields, 2)))
def test_no_folder_of_a_studio_lies_in_another(config: Path, one: str, other: str) -> None:
    reason = refusal(config, f"[folders]\n{one} = 'a/../b/c'\n{other} = 'b/'")

    assert f"folders.{one} " in reason
    assert f"folders.{other} " in reason


def test_two_folders_are_not_the_same(config: Path) -> None:
    assert "folders.cleared" in refusal(config, "[folders]\ncleared = './drop'")


def test_a_folder_may_begin_with_the_name_of_another(config: Path) -> None:
    assert settings(config, "[folders]\ndrop = 'cleared-not'").folders.drop == Path("cleared-not")


def test_a_door_is_for_finals_unless_it_says_otherwise(config: Path) -> None:
    assert settings(config, "[[doors]]\nfolder = 'acme'").doors[0].drop_class is DropClass.FINAL


@pytest.mark.parametrize("again", ["acme", "acme/", "./acme"])
def test_two_doors_do_not_have_one_folder(config: Path, again: str) -> None:
    assert "two doors have the folder acme" in refusal(config, f"[[doors]]\nfolder='acme'\n[[doors]]\nfolder='{again}'")


# ---- The database's address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///scanner.db", "sqlite:///{home}/scanner.db"),
        ("sqlite:///data/a.db", "sqlite:///{home}/data/a.db"),
        ("sqlite+pysqlite:///a.db", "sqlite+pysqlite:///{home}/a.db"),
        ("sqlite:////var/a.db", "sqlite:////var/a.db"),
        ("postgresql://ada@db/scanner", "postgresql://ada@db/scanner"),
    ],
)
def test_a_relative_sqlite_file_starts_where_the_settings_lie(config: Path, url: str, expected: str) -> None:
    found = settings(config, f"[store]\nurl = '{url}'")

    assert found.store_url == expected.format(home=config.parent)


# ---- Finding the file


def test_the_file_that_is_named_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, other = tmp_path / "named.toml", tmp_path / "other.toml"
    named.touch()
    other.touch()
    monkeypatch.setenv(CONFIG_VARIABLE, str(other))

    assert find_config(named, start=tmp_path) == named


def test_the_environment_goes_before_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / CONFIG_NAME).touch()
    (tmp_path / "other.toml").touch()
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "other.toml"))

    assert find_config(None, start=tmp_path) == tmp_path / "other.toml"


def test_an_empty_variable_says_nothing(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.touch()
    monkeypatch.setenv(CONFIG_VARIABLE, "")

    assert find_config(None, start=config.parent) == config


def test_a_folder_stands_for_the_settings_in_it(config: Path) -> None:
    config.touch()

    assert find_config(config.parent, start=Path("/")) == config


def test_the_nearest_of_the_folders_above_is_taken(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / CONFIG_NAME).touch()
    (tmp_path / "a" / CONFIG_NAME).touch()

    assert find_config(None, start=deep) == tmp_path / "a" / CONFIG_NAME


def test_a_folder_called_like_the_settings_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a" / CONFIG_NAME).mkdir(parents=True)
    (tmp_path / CONFIG_NAME).touch()

    assert find_config(None, start=tmp_path / "a") == tmp_path / CONFIG_NAME


def test_without_a_studio_there_is_none() -> None:
    assert find_config(None, start=Path("/nowhere/at/all")) is None


def test_a_named_file_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such settings file.*scanner init"):
        find_config(tmp_path / "gone.toml", start=tmp_path)


def test_a_variable_that_leads_nowhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / CONFIG_NAME).touch()
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "gone"))

    with pytest.raises(SettingsError, match="gone: no such settings file"):
        find_config(None, start=tmp_path)


# ---- Files that cannot be read


@pytest.mark.parametrize("content", [b"\xff\xfe[\x00", b"title = '\xe9'", b"[studio]\ntitle = '\xed\xa0\x80'"])
def test_a_file_that_is_not_utf_8_is_an_error_that_names_it(config: Path, content: bytes) -> None:
    config.write_bytes(content)

    with pytest.raises(SettingsError) as refused:
        read_settings(config)

    assert str(refused.value).startswith(f"{config}: cannot be read: ")


@pytest.mark.parametrize("text", ["[studio", "a = 1\na = 2", "\x00", "a = " + "[" * 5000])
def test_a_file_that_is_not_toml_is_an_error_that_names_it(config: Path, text: str) -> None:
    assert refusal(config, text).startswith(f"{config}: not valid TOML: ")


def test_a_file_that_is_gone_is_an_error_that_names_it(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"scanner\.toml: cannot be read"):
        read_settings(config)


def test_a_policy_that_is_a_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_policy(tmp_path)


def test_lines_may_end_as_on_windows(config: Path) -> None:
    config.write_bytes(b"[studio]\r\ntitle = 'AGM'\r\n")

    assert read_settings(config).studio.title == "AGM"


@hypothesis.settings(deadline=None)
@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text(), max_size=2), min_size=1, max_size=3))
def test_any_other_key_is_an_error_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]
) -> None:
    config = tmp_path_factory.mktemp("settings") / CONFIG_NAME
    known = {key: value for key, value in table.items() if key not in Settings.model_fields}
    text = "\n".join(f"{_quoted(key)} = {_written(value)}" for key, value in known.items()) or "other = 1"

    assert refusal(config, text).startswith(f"{config}: ")


def _quoted(text: str) -> str:
    safe = "".join(letter if letter.isalnum() and letter.isascii() else f"\\U{ord(letter):08X}" for letter in text)
    return f'"{safe}"'


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    return str(value) if isinstance(value, int) else _quoted(value)


# ---- The policy


@pytest.mark.parametrize("code", Code)
def test_a_policy_that_is_silent_on_a_code_is_refused(tmp_path: Path, code: Code) -> None:
    line = next(line for line in OUTCOMES.splitlines() if line.startswith(f"{code} = "))

    assert policy_refusal(tmp_path, f"\n{line}\n", "\n").endswith(
        f"[outcomes] says nothing about {code}. Add a line for each."
    )


@pytest.mark.parametrize("code", NEVER_A_PASS)
def test_what_could_not_be_examined_never_passes_by_policy(tmp_path: Path, code: str) -> None:
    assert f"outcomes.{code} cannot be" in policy_refusal(tmp_path, f'{code} = "hold"', f'{code} = "pass"')


@pytest.mark.parametrize("code", NEVER_A_PASS)
def test_what_could_not_be_examined_never_passes_in_any_class(tmp_path: Path, code: str) -> None:
    reason = policy_refusal(tmp_path, "# [outcomes_for.artwork]", f"[outcomes_for.camera]\n{code} = 'pass'")

    assert f"outcomes_for.camera.{code} cannot be" in reason


def test_what_could_not_be_examined_may_be_let_through_to_a_person(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(OUTCOMES + "\n[outcomes_for.camera]\nUNREADABLE = 'flag'\n")

    assert read_policy(path).outcome(Code.UNREADABLE, DropClass.CAMERA) is Outcome.FLAG


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("same_frame_distance = 36", "same_frame_distance = 45", "same_frame_distance cannot be larger"),
        ("same_frame_distance = 36", "same_frame_distance = -1", "thresholds.same_frame_distance: "),
        ("same_frame_distance = 36", "same_frame_distance = nan", "thresholds.same_frame_distance: "),
        ("same_frame_distance = 36", "same_frame_distance = 36.0", "thresholds.same_frame_distance: "),
        ("same_run_distance = 44", "same_run_distance = 129", "thresholds.same_run_distance: "),
        ("same_run_distance = 44\n", "\n", "thresholds.same_run_distance is missing"),
        ("shortest_run_frames = 2", "shortest_run_frames = 0", "thresholds.shortest_run_frames: "),
        ("least_quality = 12", "least_quality = 101", "thresholds.least_quality: "),
        ("least_quality = 12", "least_quality = true", "thresholds.least_quality: "),
        ('"test-reel"]', '"testreel"]', "temporary.allowed_in.1: "),
        ('AI-LABEL = "quarantine"', 'AI-LABEL = "block"', "outcomes.AI-LABEL: "),
        ('AI-LABEL = "quarantine"', 'AI-LABEL = "PASS"', "outcomes.AI-LABEL: "),
        ('AI-LABEL = "quarantine"', "AI-LABEL = 0", "outcomes.AI-LABEL: "),
        ("[temporary]", "[outcomes_for.final]", "temporary is missing"),
    ],
)
def test_a_value_of_the_policy_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    reason = policy_refusal(tmp_path, old, new)

    assert reason.startswith(f"{tmp_path / 'policy.toml'}: ")
    assert told in reason
