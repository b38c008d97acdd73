"""Names looked up among registered assets, and delivered logs against what the same delivery shows."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scanner.cli import cli
from scanner.cli.init import make_studio
from scanner.judging_again import judge_again
from scanner.match.across import across
from scanner.match.claims import stated
from scanner.match.evidence import evidence_of
from scanner.match.lineage import MOST_PLACES, Names, leads, looked_up
from scanner.model import (
    Altered,
    Asset,
    AssetRef,
    Code,
    Contradiction,
    Coverage,
    Evidence,
    Examination,
    MediaKind,
    Member,
    MemberEvidence,
    Mention,
    Named,
    NamedAsset,
    Outcome,
    ProvenanceRecord,
    Statement,
    SuspectName,
    Unreadable,
    Use,
)
from scanner.pipeline import handle
from scanner.policy.judge import judge
from scanner.registering import Registered
from scanner.registering import register as register_media
from scanner.store import Store
from tests.match.finding import register
from tests.media_files import still
from tests.policy import builders
from tests.policy.builders import NOON, POLICY, approval, case, codes, credentials, identical, label, look_alike, tag
from tests.studio import TITLE, new_home

SHA, OTHER_SHA = "a" * 64, "b" * 64


def asset(name: str, shot: str | None = None, tool: str = "Runway") -> NamedAsset:
    return NamedAsset(asset=AssetRef(asset_id=f"AS {name}", record_id=f"PR {name}", name=name), tool=tool, shot=shot)


def member(name: str = "cut.edl", kind: MediaKind = MediaKind.OTHER, files: Iterable[str] = ()) -> Member:
    names = tuple(files) or (name,)
    hashes = tuple(f"{number:064}" for number in range(len(names))) if len(names) > 1 else (SHA,)
    form = "provenance-log" if "log" in name else "edl"
    return Member(name=name, kind=kind, format=form, files=names, size=1, sha256=SHA, file_hashes=hashes)


def mention(name: str, number: int = 0, **given: str | None) -> Mention:
    values = {"track": "V1", "record_in": f"01:00:{number:02}:00", "record_out": f"01:00:{number + 1:02}:00"} | given
    return Mention(named=Named.CLIP, name=name, timeline="EP101", **values)


def found(names: Names, *said: str) -> set[str]:
    return {
        each.asset.name
        for each in leads(member(), [mention(name) for name in said], names)
        if isinstance(each, SuspectName) and each.asset
    }


@pytest.mark.parametrize(
    "name",
    [
        "storm_flyover.mp4",
        "STORM FLYOVER",
        "storm-flyover.mov.new.01",
        "Storm.Flyover_v014",
        "file://localhost/D%3a/m/storm%20flyover.mov",
        r"D:\media\storm_flyover_v2.mxf",
        "storm_flyover.[1001-1100].exr",
        "storm_flyover/plate.%04d.exr",
        "use storm flyover here",
        "AGM_104_storm_flyover_graded_v3",
        "\N{FULLWIDTH LATIN SMALL LETTER S}torm_flyover",
    ],
)
def test_a_name_is_known_however_it_is_written(name: str) -> None:
    assert found(Names.of([asset("storm_flyover_v001.mp4")]), name) == {"storm_flyover_v001.mp4"}


@pytest.mark.parametrize("name", ["storm.mov", "flyover", "storm", "stormflyover", "flyover storm", "harbour"])
def test_another_name_is_not(name: str) -> None:
    assert found(Names.of([asset("storm_flyover.mp4")]), name) == set()


@pytest.mark.parametrize(
    "common",
    ["title.png", "temp_v002.mov", "shot_010_020.exr", "final comp.mov", "0001.png", "sky.png", "IMG_1234.jpg"],
)
def test_short_and_common_names_lead_nowhere(common: str) -> None:
    assert found(Names.of([asset(common, shot="010_020")]), common, common.partition(".")[0], "010_020") == set()


def test_a_name_of_one_word_counts_only_alone() -> None:
    names = Names.of([asset("harbour.png")])

    assert found(names, "harbour_v2.png.copy.01") == {"harbour.png"}
    assert found(names, "harbour master interview") == set()


def test_the_shot_of_a_record_is_known_in_longer_names() -> None:
    names = Names.of([asset("sky.png", shot="AGM_104_065_010")])

    (lead,) = leads(member(), [mention("agm-104-065-010_comp_NFX_v012")], names)

    assert lead.why == "it is the shot of sky.png [PR sky.png]"
    assert found(names, "AGM_104_065_011_comp") == set()


def test_one_lead_for_each_asset_and_timeline_with_the_first_places() -> None:
    places = [mention("storm_flyover", number) for number in range(40)]
    elsewhere = replace(places[0], timeline="EP102")

    first, second = leads(member(), [*places, *places, elsewhere], Names.of([asset("storm_flyover.mp4")]))

    assert (first.places, len(first.more), first.mention) == (40, MOST_PLACES - 1, places[0])
    assert (second.places, second.mention) == (1, elsewhere)


def test_a_place_with_timecode_goes_before_one_without() -> None:
    bare = mention("storm_flyover", track=None, record_in=None, record_out=None)

    (lead,) = leads(member(), [bare, mention("storm_flyover", 7)], Names.of([asset("storm_flyover.mp4")]))

    assert (lead.mention, lead.places) == (mention("storm_flyover", 7), 1)


def test_files_and_folders_are_looked_up_unless_the_bytes_tell_already() -> None:
    names = Names.of([asset("storm_flyover.mp4")])
    ref = names.assets[0].asset

    (lead,) = leads(member("storm_flyover/a.mov"), (), names)

    assert (lead.named, lead.name, lead.asset) == (Named.FOLDER, "storm_flyover", ref)
    assert list(leads(member("storm_flyover.mp4"), [identical("storm_flyover.mp4", ref)], names)) == []


def test_evidence_keeps_leads_and_says_how_many_names_were_looked_up() -> None:
    told = Examination(
        examiner="1", kind=MediaKind.OTHER, format="edl", observations=(mention("storm_flyover"), mention("harbour"))
    )
    known = replace(register(), names=Names.of([asset("storm_flyover.mp4")]))

    with_register = evidence_of(member(), told, known, POLICY)
    without = evidence_of(member(), told, None, POLICY)

    assert [type(each) for each in with_register.evidence] == [SuspectName]
    assert with_register.coverage.notes == ("2 different names in it were looked up among 1 registered asset",)
    assert without.evidence == ()
    assert without.coverage.notes == ("2 different names in it were not looked up: no register was asked",)
    assert list(looked_up([], None)) == []


def test_what_is_named_as_a_timeline_and_is_none_is_told() -> None:
    text = Examination(examiner="1", kind=MediaKind.OTHER, format="text")

    (unread,) = evidence_of(member("cut.edl"), text, None, POLICY).evidence

    assert isinstance(unread, Unreadable)


def lead(places: int = 1) -> SuspectName:
    known = Names.of([asset("storm_flyover.mp4")])
    (made,) = leads(member(), [mention("storm_flyover", number) for number in range(places)], known)
    return made


def test_a_cut_that_names_an_asset_is_flagged_with_its_places() -> None:
    verdict = builders.verdict_on(lead(places=14))

    assert (verdict.outcome, codes(verdict)) == (Outcome.FLAG, {Code.AI_IN_TIMELINE})
    assert "track V1, 01:00:00:00 to 01:00:01:00" in verdict.findings[0].message
    assert "14 places in all, also V1 01:00:01:00 to 01:00:02:00" in verdict.findings[0].message
    assert verdict.findings[0].message.endswith("4 more")


def test_an_approval_of_the_record_covers_what_the_cut_names() -> None:
    verdict = builders.verdict_on(lead(), approvals=(approval(records=("PR storm_flyover.mp4",)),))

    assert codes(verdict) == {Code.AI_APPROVED}


# Provenance logs


def row(about: str = "reel.mov", **given: object) -> Statement:
    values: dict[str, object] = {"log": "log.csv", "about": about, "row": "row 2", "says_ai": False, "ai_use": "none"}
    return Statement(**values | given)  # type: ignore[arg-type]


def ai_row(about: str = "reel.mov", **given: object) -> Statement:
    return row(about, says_ai=True, ai_use="generated", **given)


def item(of: Member, *evidence: Evidence) -> MemberEvidence:
    return MemberEvidence(member=of, coverage=Coverage(), evidence=evidence)


def reel(*evidence: Evidence, name: str = "reel.mov") -> MemberEvidence:
    return item(member(name, MediaKind.VIDEO), *evidence)


def compared(*items: MemberEvidence) -> dict[str, MemberEvidence]:
    return {each.member.name: each for each in across(items)}


@pytest.mark.parametrize("shown", [credentials(builders.claim()), label(), tag(), identical(), look_alike()])
def test_a_log_that_states_none_is_contradicted_by_what_the_file_shows(shown: Evidence) -> None:
    items = compared(item(member("log.csv"), row()), reel(shown))

    assert any(isinstance(each, Contradiction) for each in items["reel.mov"].evidence)
    verdict = judge(case(*items.values()), POLICY)
    assert verdict.outcome is Outcome.QUARANTINE
    assert Code.STATEMENT_CONTRADICTED in codes(verdict)


@pytest.mark.parametrize("shown", [(), (lead(),), (look_alike(floods=True),), (replace(credentials(), claims=()),)])
def test_leads_and_what_shows_no_ai_contradict_nothing(shown: tuple[Evidence, ...]) -> None:
    items = compared(item(member("log.csv"), row()), reel(*shown))

    assert not any(isinstance(each, Contradiction) for each in items["reel.mov"].evidence)


def test_what_is_stated_is_judged_and_approved_as_the_files_that_it_is_about() -> None:
    items = compared(item(member("log.csv"), ai_row(tool="Runway 3")), reel()).values()

    stopped = judge(case(*items), POLICY)
    covered = judge(case(*items, approvals=(approval(file_patterns=("reel.mov",), tools=("Runway",)),)), POLICY)

    assert [(finding.code, finding.member) for finding in stopped.findings if finding.code is Code.AI_DECLARED] == [
        (Code.AI_DECLARED, "reel.mov")
    ]
    assert Code.AI_DECLARED not in codes(covered)
    assert "log.csv, row 2 states that reel.mov was made or edited" in stopped.findings[0].message


@pytest.mark.parametrize(
    ("about", "files"),
    [
        ("REEL.MOV", {"a/reel.mov", "b/reel.mov"}),
        ("Delivery/a/reel.mov", {"a/reel.mov"}),
        (r"a\reel", {"a/reel.mov", "b/reel.mov"}),
        ("b", {"b/reel.mov", "b/AGM_104_010.[1-3].exr"}),
        ("AGM_104_010.0002.exr", {"b/AGM_104_010.[1-3].exr"}),
        ("agm_104_010.exr", {"b/AGM_104_010.[1-3].exr"}),
        ("poster", {"pack.zip!//art/poster.psd"}),
        ("pack.zip", {"pack.zip", "pack.zip!//art/poster.psd"}),
        ("reel_2.mov", set()),
        ("reel_v2.mov", set()),
    ],
)
def test_a_row_is_about_the_files_that_it_names(about: str, files: set[str]) -> None:
    frames = [f"b/AGM_104_010.000{number}.exr" for number in (1, 2, 3)]
    members = [
        *(member(name, MediaKind.VIDEO) for name in ("a/reel.mov", "b/reel.mov")),
        member("b/AGM_104_010.[1-3].exr", MediaKind.SEQUENCE, frames),
        member("pack.zip"),
        member("pack.zip!//art/poster.psd", MediaKind.STILL),
    ]

    items = compared(item(member("log.csv"), ai_row(about)), *map(item, members))

    assert {name for name, each in items.items() if any(isinstance(e, Statement) for e in each.evidence)} == files


def test_a_row_about_a_shot_is_about_every_file_of_it() -> None:
    reels = [reel(name=name) for name in ("AGM_104_010_comp_v3.mov", "x/AGM-104-010/a.mov", "AGM_104_011.mov")]

    items = compared(item(member("log.csv"), ai_row("agm_104_010", is_shot=True)), *reels)

    assert [bool(each.evidence) for each in items.values()] == [False, True, True, False]


def test_a_row_about_other_bytes_than_were_delivered_is_told() -> None:
    items = compared(item(member("log.csv"), row(sha256=OTHER_SHA)), reel())

    (altered,) = (each for each in items["reel.mov"].evidence if isinstance(each, Altered))
    assert (altered.file, altered.manifest, altered.expected, altered.found) == ("reel.mov", "log.csv", OTHER_SHA, SHA)


def test_a_row_finds_its_file_by_its_hash() -> None:
    items = compared(item(member("log.csv"), row("another name.mov", sha256=SHA)), reel(tag()))

    assert any(isinstance(each, Contradiction) for each in items["reel.mov"].evidence)


def test_rows_about_what_was_not_delivered_are_told_in_the_coverage() -> None:
    items = compared(item(member("log.csv"), row("gone.mov"), ai_row("elsewhere.mov")), reel())

    assert items["log.csv"].evidence == ()
    assert items["log.csv"].coverage.notes == (
        "2 rows of the provenance log were compared with what was delivered",
        "2 of its rows are about what is not in this delivery: gone.mov, elsewhere.mov",
        "1 of these state that AI was used: elsewhere.mov",
    )


def test_every_row_of_a_log_that_comes_alone_is_judged() -> None:
    items = compared(item(member("log.csv"), row("gone.mov"), ai_row("elsewhere.mov")))

    assert codes(judge(case(*items.values()), POLICY)) == {Code.AI_DECLARED}


@pytest.mark.parametrize(
    ("tool", "joined"), [(None, True), ("Runway 3.1", True), ("runway", True), ("Kling", False), ("Gen-3", False)]
)
def test_a_row_is_joined_to_the_record_that_it_names_if_that_is_of_its_tool(tool: str | None, *, joined: bool) -> None:
    known = Names.of([asset("storm_flyover.mp4")])

    made = stated(ai_row(tool=tool, record_id="PR storm_flyover.mp4"), member("a log"), known)

    assert isinstance(made, Statement)
    assert (made.log, made.asset is not None) == ("a log", joined)
    verdict = builders.verdict_on(made, approvals=(approval(records=("PR storm_flyover.mp4",)),))
    assert (codes(verdict) == {Code.AI_APPROVED}) is joined


# All of it


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A studio in whose register one asset of its title stands, and one of another."""
    config = make_studio(tmp_path_factory.mktemp("lineage") / "studio", title="AGM")
    with Store.open(f"sqlite:///{config.parent / 'scanner.db'}") as store:
        for number, (name, title) in enumerate({"storm_flyover.mp4": "AGM", "harbour_dawn.png": "OTHER"}.items()):
            sha256 = str(number) * 64
            held = Asset(
                asset_id=f"AS-{number}", name=name, kind=MediaKind.OTHER, sha256=sha256, size=0, file_hashes=(sha256,)
            )
            store.add_record(
                ProvenanceRecord(
                    record_id=f"PR-{number}",
                    title=title,
                    tool="Runway",
                    use=Use.TEMPORARY,
                    created_by="kim",
                    created_at=NOON,
                    assets=(held,),
                )
            )
    return config


def scan(studio: Path, *paths: Path, form: str = "json") -> Result:
    given = ["--config", str(studio), "scan", "--format", form, *map(str, paths)]
    return CliRunner().invoke(cli, given)


@pytest.mark.long
def test_a_cut_can_be_checked_weeks_before_the_delivery(studio: Path, tmp_path: Path) -> None:
    event = "001  AX V C 00:00:00:00 00:00:02:00 01:00:10:00 01:00:12:00\n* FROM CLIP NAME: {}\n"
    dirty, clean, log = (tmp_path / name for name in ("dirty.edl", "clean.edl", "log.csv"))
    dirty.write_text(f"TITLE: EP101\nFCM: NON-DROP FRAME\n{event.format('storm_flyover.mp4.new.01')}")
    clean.write_text(f"TITLE: EP101\nFCM: NON-DROP FRAME\n{event.format('harbour_dawn.png')}")
    log.write_text("file,ai_use,tool,record_id\nreel.mov,generated,Runway,PR-0\nreel_2.mov,none,,\n")

    flagged, passed, stopped = (scan(studio, path) for path in (dirty, clean, log))

    assert [result.exit_code for result in (flagged, passed, stopped)] == [4, 0, 1]
    (finding,) = json.loads(flagged.stdout)["deliveries"][0]["findings"]
    assert (finding["code"], finding["asset_name"]) == ("AI-IN-TIMELINE", "storm_flyover.mp4")
    assert (finding["timecode_in"], finding["timecode_out"]) == ("01:00:10:00", "01:00:12:00")
    assert (finding["timeline"]["title"], finding["timeline"]["places"]) == ("EP101", 1)
    assert "1 name in it was looked up among 1 registered asset" in passed.stdout
    (finding,) = json.loads(stopped.stdout)["deliveries"][0]["findings"]
    assert (finding["code"], finding["record"]) == ("AI-DECLARED", "PR-0")


@pytest.mark.long
def test_what_a_log_states_goes_on_when_its_record_is_approved(tmp_path: Path) -> None:
    home = new_home(tmp_path / "studio")
    with home.open() as opened:
        (made,) = register_media(
            opened, still(tmp_path / "sky.png", 4), title=TITLE, tool="Runway", use=Use.FINAL, by="a"
        )
        assert isinstance(made, Registered)
        still(home / "drop/show/reel.jpg", 7)
        log = f"file,ai_use,tool,record_id\nreel.jpg,generated,Runway,{made.record.record_id}\n"
        home.write("show/log.csv", log)
        delivery_id = home.onto_bench(home / "drop/show")
        handle(opened, delivery_id)
        stopped = home.outcome("show")
        opened.kept.add_approval(approval(title=TITLE, records=(made.record.record_id,)))

        again = judge_again(opened, delivery_id)

    assert stopped is Outcome.QUARANTINE
    assert again is not None
    assert [(each.code, each.member) for each in again.findings] == [(Code.AI_APPROVED, "reel.jpg")]
