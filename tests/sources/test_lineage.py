"""Names in timelines: every format, with its place in the cut, and nothing lost by what cannot be read."""

import gc
import json
import os
from pathlib import Path

import aaf2
import opentimelineio as otio
import pytest
from otio_aaf_adapter.adapters import advanced_authoring_format as aaf_adapter

from scanner.media.formats import sniff
from scanner.model import Mention, Named, Observation, Unreadable
from scanner.sources import Source, lineage
from scanner.sources.lineage import EditorialLineage

from .contract import SourceContract

FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[2] / "../shared/fixtures"))

EDL = """TITLE: REEL 1
FCM: DROP FRAME

001  A001C002 V     C        10:00:00;00 10:00:04;00 01:00:59;28 01:01:03;28
* FROM CLIP NAME:  storm_flyover.mp4
* SOURCE FILE: /Volumes/Media/storm_flyover.mp4
* LOC: 01:01:00;02 RED     harbour plate
002  REELB    V     C        01:00:00;00 01:00:00;00 01:01:03;28 01:01:03;28
002  MY REEL  AA/V  D    024 01:00:00;00 01:00:02;00 01:01:03;28 01:01:05;28
* FROM CLIP NAME: left.mov
* TO CLIP NAME: met.mov
M2   MY REEL       012.0     01:00:00;00
FCM: NON-DROP FRAME
003  BL       V     C        00:00:00:00 00:00:01:00 01:01:06:00 01:01:07:00
"""
SILENT = "TITLE:\nFCM: NON-DROP FRAME\n001  BL V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
FCPXML = """<?xml version="1.0"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.10"><resources>
 <format id="r1" frameDuration="1001/30000s"/><format id="r9" frameDuration="1/25s"/>
 <asset id="r2" name="storm"><media-rep kind="original-media" src="file:///m/storm%20flyover.mov"/>
  <metadata><md key="com.apple.proapps.studio.reel" value="A001_C002"/></metadata></asset>
 <asset id="r4" name="unused bin clip" src="file:///m/unused.mov"/>
 <media id="r3" name="nested"><sequence format="r9" tcStart="0s"><spine>
  <asset-clip ref="r2" name="inside" offset="2s" duration="1s"/></spine></sequence></media>
</resources><library><event name="day 4"><project name="EP101">
 <sequence format="r1" tcStart="107999892/30000s" tcFormat="DF"><spine>
  <gap offset="107999892/30000s" start="10s" duration="1001/30000s"/>
  <asset-clip ref="r2" name="Storm" start="5s" duration="2002/30s">
   <title name="burn in" lane="1" offset="182032/30000s" duration="1001/30000s"/></asset-clip>
  <ref-clip ref="r3" name="nest" duration="1001/30s"/>
 </spine></sequence></project></event></library></fcpxml>"""
XMEML = """<!DOCTYPE xmeml><xmeml version="4"><sequence><name>EP101</name>
 <rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>
 <timecode><frame>107892</frame><displayformat>DF</displayformat></timecode>
 <media><video><track><clipitem><name>storm.mov</name><start>0</start><end>60</end>
   <file id="f1"><name>storm.mov</name><pathurl>file://localhost/m/storm.mov</pathurl>
   <timecode><reel><name>A001</name></reel></timecode></file></clipitem></track>
  <track><clipitem><name>again</name><start>-1</start><end>90</end><file id="f1"/></clipitem></track></video>
 </media></sequence></xmeml>"""
ALE = (
    "Heading\r\nFIELD_DELIM\tTABS\r\nFPS\t24\r\n\r\nColumn\r\nName\tTape\tStart\tSource File\r\n\r\nData\r\n"
    "storm\tA001\t01:00:00:00\t/m/storm.mov\r\nharbour\tB002\t01:00:00:00\t/m/harbour.mov\tstray cell\r\n"
)
CPL = """<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">
 <ContentTitle>EP101</ContentTitle><EditRate>24 1</EditRate>
 <CompositionTimecode><TimecodeDropFrame>0</TimecodeDropFrame><TimecodeRate>24</TimecodeRate>
  <TimecodeStartAddress>00:59:50:00</TimecodeStartAddress></CompositionTimecode>
 <SegmentList><Segment><SequenceList><MainImageSequence><ResourceList>
  <Resource><IntrinsicDuration>240</IntrinsicDuration></Resource>
  <Resource><Annotation>storm flyover</Annotation><IntrinsicDuration>100</IntrinsicDuration>
   <EntryPoint>4</EntryPoint><SourceDuration>24</SourceDuration><RepeatCount>2</RepeatCount></Resource>
 </ResourceList></MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>"""


def seen(path: Path, content: str | bytes | None = None) -> list[Observation]:
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(EditorialLineage().examine(path, sniff(path).name))


def told(found: list[Observation]) -> list[tuple[str, str, str | None, str | None]]:
    """What is named how, and from when to when."""
    return [(m.named.value, m.name, m.record_in, m.record_out) for m in found if isinstance(m, Mention)]


def troubles(found: list[Observation]) -> list[str]:
    return [each.reason for each in found if isinstance(each, Unreadable)]


class TestEditorialLineage(SourceContract):
    format_name = "edl"

    @pytest.fixture
    def source(self) -> Source:
        return EditorialLineage()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        path = tmp_path / "cut.edl"
        path.write_text(EDL)
        return path

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        path = tmp_path / "silent.edl"
        path.write_text(SILENT)
        return path


class _Written(SourceContract):
    """The same for a format that is written as one text."""

    text = silence = ""

    @pytest.fixture
    def source(self) -> Source:
        return EditorialLineage()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        path = tmp_path / "cut"
        path.write_text(self.text)
        return path

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        path = tmp_path / "silent"
        path.write_text(self.silence)
        return path


class TestFinalCut(_Written):
    format_name, text, silence = "fcpxml", FCPXML, '<fcpxml version="1.8"/>'


class TestFinalCut7(_Written):
    format_name, text, silence = "xmeml", XMEML, "<xmeml/>"


class TestOpenTimeline(_Written):
    format_name = "otio"
    text = otio.schema.Timeline(name="EP101").to_json_string()
    silence = otio.schema.Timeline().to_json_string()


def test_an_edit_list_tells_every_name_with_the_times_that_are_written_there(tmp_path: Path) -> None:
    found = told(seen(tmp_path / "cut.edl", EDL))

    assert found[:4] == [
        ("reel", "A001C002", "01:00:59;28", "01:01:03;28"),
        ("clip", "storm_flyover.mp4", "01:00:59;28", "01:01:03;28"),
        ("source", "/Volumes/Media/storm_flyover.mp4", "01:00:59;28", "01:01:03;28"),
        ("clip", "harbour plate", "01:00:59;28", "01:01:03;28"),
    ]


def test_both_sides_of_a_transition_are_named_while_it_lasts(tmp_path: Path) -> None:
    found = told(seen(tmp_path / "cut.edl", EDL))[4:]

    assert {name for _, name, *_ in found} == {"REELB", "MY REEL", "left.mov", "met.mov"}
    assert {place for *_, first, last in found for place in [(first, last)]} == {("01:01:03;28", "01:01:05;28")}


def test_a_broken_line_is_told_and_costs_nothing_of_the_rest(tmp_path: Path) -> None:
    broken = EDL.replace("001  A001C002 V     C        10:00:00;00", "001  A001C002 V     C        10:00:0x;00")

    found = seen(tmp_path / "cut.edl", broken)

    assert troubles(found) == ["line 4: an event that is not understood"]
    assert {"storm_flyover.mp4", "left.mov", "met.mov"} <= {name for _, name, *_ in told(found)}
    assert ("clip", "storm_flyover.mp4", None, None) in told(found)


def test_a_time_that_no_clock_shows_is_told(tmp_path: Path) -> None:
    found = seen(tmp_path / "cut.edl", EDL.replace("01:00:59;28", "01:01:00;00"))

    assert troubles(found) == ["line 4: 01:01:00;00 is no timecode"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_names_come_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = SILENT + "* FROM CLIP NAME: Nächtlicher Hafen\n"

    assert told(seen(tmp_path / "cut.edl", text.encode(encoding)))[0][1] == "Nächtlicher Hafen"


def test_exact_seconds_become_drop_frame_timecode(tmp_path: Path) -> None:
    found = told(seen(tmp_path / "cut.fcpxml", FCPXML))

    assert ("clip", "Storm", "01:00:00;01", "01:01:06;23") in found
    assert ("source", "file:///m/storm%20flyover.mov", "01:00:00;01", "01:01:06;23") in found
    assert ("reel", "A001_C002", "01:00:00;01", "01:01:06;23") in found
    assert ("clip", "nest", "01:01:06;23", "01:01:40;03") in found


def test_what_is_connected_lies_by_its_parents_clock_and_a_nest_by_its_own(tmp_path: Path) -> None:
    found = told(seen(tmp_path / "cut.fcpxml", FCPXML))

    assert ("clip", "burn in", "01:00:01;03", "01:00:01;04") in found
    assert ("clip", "inside", "00:00:02:00", "00:00:03:00") in found
    assert ("source", "unused bin clip", None, None) in found


def test_final_cut_7_names_are_placed_and_files_named_by_id_alone_are_known(tmp_path: Path) -> None:
    found = told(seen(tmp_path / "cut.xml", XMEML))

    assert ("clip", "storm.mov", "01:00:00;00", "01:00:02;00") in found
    assert ("reel", "A001", "01:00:00;00", "01:00:02;00") in found
    assert ("source", "file://localhost/m/storm.mov", None, "01:00:03;00") in found


def test_a_log_of_clips_names_without_places_and_odd_rows_are_told(tmp_path: Path) -> None:
    found = seen(tmp_path / "dailies.ale", ALE)

    assert [each[:2] for each in told(found)] == [
        ("clip", "storm"),
        ("source", "/m/storm.mov"),
        ("clip", "harbour"),
        ("source", "/m/harbour.mov"),
        ("clip", "stray cell"),
    ]
    assert troubles(found) == ["line 10: it has 5 cells, but there are 4 columns"]


def test_annotations_of_a_composition_come_with_its_timecode(tmp_path: Path) -> None:
    found = told(seen(tmp_path / "CPL.xml", CPL))

    assert found == [("clip", "storm flyover", "01:00:00:00", "01:00:02:00"), ("clip", "EP101", None, None)]


@pytest.mark.parametrize("name", ["cut.fcpxml", "cut.xml", "CPL.xml"])
def test_entities_are_refused(tmp_path: Path, name: str) -> None:
    root = {"cut.fcpxml": FCPXML, "cut.xml": XMEML, "CPL.xml": CPL}[name]
    start = root[root.index("<", 30) if root.startswith("<?xml") else 0 :]
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'

    found = seen(tmp_path / name, bomb + start[start.index(">") + 1 :] if start.startswith("<!") else bomb + start)

    assert told(found) == []
    assert "EntitiesForbidden" in troubles(found)[0]


def clip(name: str, frames: int, rate: float = 24) -> otio.schema.Clip:
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(frames, rate))
    media = otio.schema.ExternalReference(target_url=f"file:///m/{name}.mov", available_range=span)
    return otio.schema.Clip(name=name, media_reference=media, source_range=span, metadata={"x": {"Reel": f"{name}R"}})


def timeline(*items: otio.core.Item, start: int = 86400) -> otio.schema.Timeline:
    made = otio.schema.Timeline(name="EP101", global_start_time=otio.opentime.RationalTime(start, 24))
    made.tracks.append(otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video, children=list(items)))
    return made


def test_nested_clips_are_placed_in_the_cut_and_only_as_far_as_they_are_seen(tmp_path: Path) -> None:
    nest = otio.schema.Stack(name="nest", children=[otio.schema.Track(children=[clip("one", 24), clip("two", 48)])])
    nest.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(12, 24), otio.opentime.RationalTime(24, 24))

    found = told(seen(tmp_path / "cut.otio", timeline(clip("first", 24), nest).to_json_string()))

    assert ("reel", "firstR", "01:00:00:00", "01:00:01:00") in found
    assert ("clip", "nest", "01:00:01:00", "01:00:02:00") in found
    assert ("clip", "one", "01:00:01:00", "01:00:01:12") in found
    assert ("source", "file:///m/two.mov", "01:00:01:12", "01:00:02:00") in found


def test_a_clip_whose_length_nobody_knows_is_named_without_a_place(tmp_path: Path) -> None:
    unknown = otio.schema.Clip(name="lost", media_reference=otio.schema.MissingReference())

    found = seen(tmp_path / "cut.otio", timeline(clip("first", 24), unknown).to_json_string())

    assert {"first", "lost"} <= {name for _, name, *_ in told(found)}
    assert troubles(found) == []


def test_schemas_that_are_newer_than_the_library_are_read(tmp_path: Path) -> None:
    text = timeline(clip("first", 24)).to_json_string().replace('"Clip.2"', '"Clip.7"').replace("Track.1", "Track.9")

    assert ("clip", "first", "01:00:00:00", "01:00:01:00") in told(seen(tmp_path / "cut.otio", text))


@pytest.mark.parametrize("text", ['{"OTIO_SCHEMA": "Timeline.1", "tracks": ', '{"OTIO_SCHEMA":' + "[" * 5000])
def test_a_timeline_that_is_not_whole_is_told(tmp_path: Path, text: str) -> None:
    found = seen(tmp_path / "cut.otio", text)

    assert [type(each) for each in found] == [Unreadable]


def test_too_many_names_are_bounded_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MOST_EVENTS", 5)

    found = seen(tmp_path / "cut.edl", EDL)

    assert len(told(found)) == 5
    assert troubles(found) == ["all names after the first 5"]


@pytest.fixture(scope="module")
def an_aaf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("aaf") / "cut.aaf"
    aaf_adapter.write_to_file(timeline(clip("storm", 24), clip("harbour", 48)), str(path), use_empty_mob_ids=True)
    return path.read_bytes()


def test_an_aaf_is_read_through_its_adapter_and_by_its_objects(tmp_path: Path, an_aaf: bytes) -> None:
    found = seen(tmp_path / "cut.aaf", an_aaf)

    assert ("clip", "harbour", "01:00:01:00", "01:00:03:00") in told(found)
    assert ("source", "file:///m/storm.mov") in {each[:2] for each in told(found)}
    assert troubles(found) == []


def test_where_the_adapter_gives_up_the_names_are_told_all_the_same_and_nothing_is_printed(
    tmp_path: Path, an_aaf: bytes, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def gives_up(*_: object) -> None:
        print("SKIPPING: \x1b[31m")  # noqa: T201 - as the adapter does
        raise aaf_adapter.AAFAdapterError("an effect that nobody knows")

    monkeypatch.setattr(aaf_adapter, "read_from_file", gives_up)

    found = seen(tmp_path / "cut.aaf", an_aaf)

    assert {"storm", "harbour"} <= {name for _, name, *_ in told(found)}
    assert troubles(found) == ["where the cut shows its clips cannot be told (AAFAdapterError)"]
    assert capfd.readouterr() == ("", "")


def test_media_inside_an_aaf_are_told_as_not_examined(tmp_path: Path, an_aaf: bytes) -> None:
    path = tmp_path / "cut.aaf"
    path.write_bytes(an_aaf)
    with aaf2.open(str(path), "rw") as file:
        mob = file.create.SourceMob("embedded")
        file.content.mobs.append(mob)
        mob.descriptor = file.create.ImportDescriptor()
        essence = file.create.EssenceData()
        essence["MobID"].value = mob.mob_id
        file.content["EssenceData"].append(essence)
        stream = essence.open("w")
        stream.write(b"a picture")

    assert troubles(seen(path)) == ["the media inside it are not examined (1): deliver them as files"]


# Its reader leaves a file open that it cannot read: in an examination it is closed with the process.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("sixteenths", range(1, 16, 3))
def test_a_cut_short_aaf_is_never_silent(tmp_path: Path, an_aaf: bytes, sixteenths: int) -> None:
    found = seen(tmp_path / "cut.aaf", an_aaf[: len(an_aaf) * sixteenths // 16])

    gc.collect()
    assert troubles(found)


def test_a_plain_text_says_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path / "notes.txt", "Call the lab.\n") == []
    assert seen(tmp_path / "list.json", json.dumps({"name": "storm"})) == []


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the fixtures are not at hand")
@pytest.mark.parametrize("path", sorted((FIXTURES / "timelines").glob("*")), ids=lambda path: path.name)
def test_every_fixture_is_read_whole(path: Path) -> None:
    found = seen(path)

    assert troubles(found) == []
    assert any(isinstance(each, Mention) and each.named is Named.CLIP for each in found)
