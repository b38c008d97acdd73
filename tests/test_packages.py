"""A package from the drop folder to its verdict, and judged again: checksums, and places in the time of its CPL."""

import json
from pathlib import Path

import pytest

from scanner.judging_again import judge_again
from scanner.model import Approval, ApprovalStatus, Code, LookAlike, Outcome, Scope, Use
from scanner.pipeline import handle
from scanner.registering import register
from scanner.report.facts import evidence_facts
from scanner.report.plain import checked_words
from scanner.report.scan_json import jsonl
from scanner.report.scanned import of_record

from .intake.packages import FLAG, asset, asset_map, packed, packing_list, write
from .studio import DELIVERIES, SAMPLES, TITLE, Home

pytestmark = pytest.mark.long

# Of the track file, which shows a registered still in frames 68 to 92: frames 60 to 84, then all but the last few.
PLAYLIST = b"""<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:cpl</Id>
<ContentTitle>GHL 101</ContentTitle><CompositionTimecode><TimecodeDropFrame>0</TimecodeDropFrame>
<TimecodeRate>24</TimecodeRate><TimecodeStartAddress>01:00:00:00</TimecodeStartAddress></CompositionTimecode>
<EditRate>24000 1001</EditRate><SegmentList><Segment><SequenceList><MainImageSequence><ResourceList>
<Resource><IntrinsicDuration>120</IntrinsicDuration><EntryPoint>60</EntryPoint><SourceDuration>24</SourceDuration>
<TrackFileId>urn:uuid:pic</TrackFileId></Resource>
<Resource><IntrinsicDuration>120</IntrinsicDuration><SourceDuration>96</SourceDuration>
<TrackFileId>urn:uuid:pic</TrackFileId></Resource>
<Resource><IntrinsicDuration>24</IntrinsicDuration><TrackFileId>urn:uuid:0EB3D1B9-b77b-4d3f-bbe5-7c69b15dca85</TrackFileId></Resource>
</ResourceList></MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>"""


EARLIER = "0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca85"


def delivered_before(home: Home) -> Path:
    """A package with what the next one refers to."""
    plate = (DELIVERIES / "signed_camera.jpg").read_bytes()
    mapped = asset_map(asset("pkl", "PKL.xml", packing_list=FLAG), asset(EARLIER, "plate.jpg"))
    return write(
        home / "drop" / "first",
        {"ASSETMAP.xml": mapped, "PKL.xml": packing_list(packed(EARLIER, plate)), "plate.jpg": plate},
    )


def dropped(home: Home) -> Path:
    """A package with a picture that shows registered material, and with a note that is not the one that was packed."""
    picture = (DELIVERIES / "disguised.mxf").read_bytes()
    return write(
        home / "drop" / "imp",
        {
            "ASSETMAP.xml": asset_map(
                asset("pkl", "PKL.xml", packing_list=FLAG),
                asset("cpl", "CPL.xml"),
                asset("pic", "pic.mxf"),
                asset("note", "note.txt"),
            ),
            "PKL.xml": packing_list(packed("cpl", PLAYLIST), packed("pic", picture), packed("note", b"as it was")),
            "CPL.xml": PLAYLIST,
            "pic.mxf": picture,
            "note.txt": b"as it is",
        },
    )


def test_what_a_package_says_is_judged_told_kept_and_judged_again(home: Home) -> None:
    earlier = home.onto_bench(delivered_before(home))
    delivery_id = home.onto_bench(dropped(home))
    with home.open() as studio:
        still = SAMPLES / "register/harbour_concept.png"
        assert list(register(studio, still, title=TITLE, tool="Kling", use=Use.TEMPORARY, by="kim"))
        handle(studio, earlier)
        handle(studio, delivery_id)
        record = studio.kept.delivery(delivery_id)
        assert record.verdict is not None
        assert record.verdict.outcome is Outcome.QUARANTINE
        assert {finding.code for finding in record.verdict.findings} == {Code.AI_LOOK_ALIKE, Code.ALTERED}

        scanned = of_record(record)
        assert scanned is not None
        told = json.loads(jsonl([scanned]))
        shown = [
            (each["timecode_in"], each["timecode_out"])
            for finding in told["findings"]
            for each in finding["compositions"] or ()
        ]
        assert shown == [("01:00:00:08", "01:00:01:00"), ("01:00:03:20", "01:00:04:20")]
        checked = {file["name"]: file["checked"] for file in told["files"]}
        assert checked["pic.mxf"] == [{"manifest": "PKL.xml", "algorithm": "sha1", "files": 1}]
        assert checked["note.txt"] == []
        assert checked_words(record.delivery.members) == "Checksums that agree: 2 files by PKL.xml (sha1)."
        note = f"CPL.xml: its track file {EARLIER} was not delivered with it and not examined here"
        assert f"{note}: it is plate.jpg of delivery {earlier}, passed" in told["coverage"]["not_examined"]

        before = studio.kept.evidence(delivery_id)
        found = [e for item in before for e in item.evidence if isinstance(e, LookAlike) and e.place and e.place.shown]
        assert ("In composition GHL 101", "01:00:03:20 to 01:00:04:20") in evidence_facts(found[0])
        studio.kept.add_approval(
            Approval(
                approval_id="ESC-9",
                title=TITLE,
                status=ApprovalStatus.APPROVED,
                scope=Scope(file_patterns=("pic.mxf",)),
                approver="Robin",
                created_at=studio.now(),
            )
        )
        again = judge_again(studio, delivery_id)

        assert again is not None
        assert again.outcome is Outcome.HOLD
        assert {finding.code for finding in again.findings} == {Code.AI_APPROVED, Code.ALTERED}
        assert studio.kept.evidence(delivery_id) == before
