"""Names as AI tools give them are leads; ordinary names are not, and many names of a tool are one lead."""

from datetime import UTC, datetime

import pytest

from scanner.match.evidence import evidence_of
from scanner.match.names import SuspectPattern, in_folder, suspect, suspect_names, table
from scanner.model import (
    AiClaim,
    Case,
    Code,
    Coverage,
    Credentials,
    CredentialState,
    DeclaredLabel,
    Delivery,
    DropClass,
    Evidence,
    Examination,
    GeneratorTag,
    Meaning,
    MediaKind,
    Member,
    MemberEvidence,
    Mention,
    Named,
    Observation,
    Outcome,
    SuspectName,
)
from scanner.policy.rules import findings_about
from scanner.settings import default_policy

ORDINARY = [
    *("EP101_v3.mov", "AGM_104_065_010_comp_NFX_v001.[1001-1100].exr", "maintain.mov", "Aida_master.mov"),
    *("DSC_0001.NEF", "IMG_4711.HEIC", "A001C003_230915_R1AB.mov", "A_0001_1ABC.mxf", "GOPR0001.MP4", "MVI_0001.mov"),
    *("VIDEO_2b6e053b-9a65-4ca9-9e13-b6f4465164d4.mxf", "CPL_2b6e053b-9a65-4ca9-9e13-b6f4465164d4.xml"),
    *("show_s01e01_r02_v004_20260101.mov", "plate_0001.dpx", "bg_sky_v002.tif", "title_main_4k.exr", "ASSETMAP.xml"),
    *("music_5.1_stem.wav", "dialogue_fr.wav", "poster_27x40.psd", "Screenshot 2026-01-01 at 10.00.00.png", "GEN_010"),
    *("2026-01-01 10-00-00.mkv", "00001.MTS", "00012-0034.wav", "seed_010_0020.exr", "sora_010.mov", "leonardo_v2.mov"),
    *("gemini_010.mov", "firefly_010.mov", "runway_show_b_cam.mov", "luma_matte.exr", "flux_010.exr", "wan_face.mov"),
    *("AI_010_0010_comp_v001.exr", "AGM_AI_010_comp_v001.exr", "MAI_TAI.mov", "template.psd", "temperature.exr"),
    *("Whatsapp Image 2025-01-01 at 10.00.00.jpeg", "signal-2025-01-01.jpg", "final_final_v2.mov", "reel1.mxf"),
    *("PXL_20250101_100000000.jpg", "20250101_100000.jpg", "DJI_0001.DNG", "C0001.MP4", "clip-000123456.mov"),
]


def member(name: str, *files: str) -> Member:
    kind = MediaKind.SEQUENCE if len(files) > 1 else MediaKind.STILL
    files = files or (name,)
    return Member(name=name, kind=kind, format="png", files=files, size=1, sha256="x", file_hashes=("x",) * len(files))


def leads(name: str, *files: str) -> list[SuspectName]:
    return list(suspect_names(member(name, *files), ()))


def row(pattern: SuspectPattern) -> str:
    return pattern.tool or pattern.what


@pytest.mark.parametrize("pattern", table(), ids=row)
def test_every_example_of_the_table_is_a_lead(pattern: SuspectPattern) -> None:
    found = {example: leads(example) for example in pattern.examples}

    assert all(pattern.tool in {lead.tool for lead in each} for each in found.values()), found


@pytest.mark.parametrize("pattern", table(), ids=row)
def test_no_counter_example_of_the_table_is_a_lead(pattern: SuspectPattern) -> None:
    assert [lead for counter in pattern.counters for lead in leads(counter)] == []


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_is_no_lead(name: str) -> None:
    assert leads(name) == leads(f"deliveries/{name}") == []


@pytest.mark.parametrize("name", ["AIRPORT", "Main", "temporal", "comfort", "AI", "audio", "gen", "sets/AIda"])
def test_an_ordinary_folder_is_no_lead(name: str) -> None:
    assert leads(f"{name}/plate_0001.exr") == []


def test_a_folder_is_told_as_a_folder() -> None:
    (lead,) = leads("exports/midjourney/castle.tif")

    assert (lead.named, lead.name, lead.tool) == (Named.FOLDER, "midjourney", "Midjourney")


def test_a_sequence_is_one_lead_however_many_frames_it_has() -> None:
    frames = tuple(f"ComfyUI_{number:05}_.png" for number in range(1, 200))

    (lead,) = leads("ComfyUI_[00001-00199]_.png", *frames)

    assert lead.name == "ComfyUI_[00001-00199]_.png"
    assert "more names" not in lead.why


def test_a_sequence_is_known_by_its_frames_where_its_own_name_is_short() -> None:
    (lead,) = leads("00012-[1234567890-1234567899].png", "00012-1234567890.png", "00013-1234567891.png")

    assert lead.tool == "Automatic1111"


def mention(name: str, named: Named = Named.CLIP) -> Mention:
    return Mention(named=named, name=name, timeline="cut v7", track="V1", record_in="01:00:00:00")


def test_names_in_a_timeline_are_one_lead_for_each_tool() -> None:
    names = [f"ComfyUI_{number:05}_.png" for number in range(300)] + ["Gen-3 Alpha 1253773931, x, M 5", "A001C003"]

    found = list(suspect_names(member("cut.edl"), [mention(name) for name in names]))

    assert [lead.tool for lead in found] == ["ComfyUI", "Runway"]
    assert found[0].why.endswith("so are 299 more names in it")
    assert found[0].mention == mention("ComfyUI_00000_.png")


@pytest.mark.parametrize(
    "name", ["/Volumes/comfyui/out/plate_1.png", "D:\\stills\\ComfyUI_00001_.png", "ComfyUI_00001_"]
)
def test_a_source_is_known_by_its_file_and_its_folders(name: str) -> None:
    (lead,) = suspect_names(member("cut.otio"), [mention(name, Named.SOURCE)])

    assert (lead.named, lead.name, lead.tool) == (Named.SOURCE, name, "ComfyUI")


CLAIM = AiClaim(manifest="active manifest", says="trainedAlgorithmicMedia", meaning=Meaning.AI)


@pytest.mark.parametrize(
    ("item", "is_told"),
    [
        (GeneratorTag(tool="ComfyUI", field="PNG prompt"), False),
        (DeclaredLabel(field="AIGC", value="Label 1", meaning=Meaning.AI), False),
        (Credentials(state=CredentialState.UNTRUSTED, claims=(CLAIM,)), False),
        (DeclaredLabel(field="EXIF Software", value="x", meaning=Meaning.MAYBE), True),
        (Credentials(state=CredentialState.UNTRUSTED), True),
    ],
)
def test_what_the_bytes_declare_needs_no_name(item: Observation, is_told: bool) -> None:  # noqa: FBT001
    assert bool(list(suspect_names(member("ComfyUI_00001_.png"), [item]))) is is_told


def test_in_a_cut_the_word_temp_is_common() -> None:
    clips = [mention("sc01_master_sh030_temp.mov"), mention("/media/TEMP/sc01.mov", Named.SOURCE)]

    assert list(suspect_names(member("cut.otio"), clips)) == []


def test_names_are_among_the_evidence_of_a_member_without_any_register() -> None:
    examination = Examination(
        examiner="x", kind=MediaKind.OTHER, format="edl", observations=(mention("kling_20260101_x"),)
    )

    found = evidence_of(member("midjourney.edl"), examination, None, default_policy()).evidence

    assert {item.tool for item in found if isinstance(item, SuspectName)} == {"Midjourney", "Kling"}


@pytest.mark.parametrize(
    ("drop_class", "code"),
    [(DropClass.FINAL, Code.AI_NAME), (DropClass.WORK_IN_PROGRESS, Code.AI_TEMPORARY_ALLOWED)],
)
def test_the_word_temp_is_a_lead_only_where_temporary_material_is_not_allowed(
    drop_class: DropClass, code: Code
) -> None:
    item = known("storm_TEMP_v003.mov", *leads("storm_TEMP_v003.mov"))

    (finding,) = findings_about(item.evidence[0], item, case(drop_class, item), default_policy())

    assert (finding.code, finding.outcome) == (code, Outcome.FLAG if code is Code.AI_NAME else Outcome.PASS)


def case(drop_class: DropClass, *members: MemberEvidence) -> Case:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    delivery = Delivery(
        delivery_id="d", name="d", origin="d", title="AGM", vendor=None, drop_class=drop_class, received_at=noon
    )
    return Case(delivery=delivery, members=members, records={}, approvals=(), register=None, examiner="x", at=noon)


def of_folder(name: str, *members: MemberEvidence) -> list[list[SuspectName]]:
    together = in_folder(members, name)
    return [[item for item in each.evidence if isinstance(item, SuspectName)] for each in together]


def known(name: str, *evidence: Evidence) -> MemberEvidence:
    return MemberEvidence(member=member(name), coverage=Coverage(), evidence=evidence)


def test_the_name_of_the_delivered_folder_is_told_once() -> None:
    first, second = of_folder("midjourney_exports", known("a.png"), known("b.png"))

    assert [(lead.named, lead.tool) for lead in first] == [(Named.FOLDER, "Midjourney")]
    assert second == []


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("EP101_v3", known("a.png")),
        ("midjourney.png", known("midjourney.png")),
        ("midjourney", known("a.png", GeneratorTag(tool="Midjourney", field="PNG Description"))),
        ("midjourney", known("a.png", SuspectName(named=Named.FILE, name="a", why="", tool="Midjourney"))),
    ],
)
def test_a_folder_s_name_is_told_only_where_it_adds_something(name: str, item: MemberEvidence) -> None:
    assert [lead for lead in of_folder(name, item)[0] if lead.named is Named.FOLDER] == []


def test_a_name_of_any_length_is_an_answer() -> None:
    for name in (
        "a_" * 100_000,
        "_".join(["jane", *["word"] * 5000]),
        "s-" * 50_000,
        ", " * 50_000 + " s-1",
        "-" * 9999,
    ):
        assert suspect(name) is None
