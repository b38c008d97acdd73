"""Other people's files through the whole line: stock, examination, evidence, judgement. What each must end as.

No register and the policy that comes with the product. Skipped where the files are not at hand.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from scanner.examine.job import Job
from scanner.examine.pool import ExaminerPool
from scanner.intake.stock import take_stock
from scanner.match.evidence import evidence_of
from scanner.model import Case, Code, Delivery, DropClass, MediaKind, Member, Outcome, Verdict
from scanner.policy.judge import judge
from scanner.settings import default_policy
from tests.examine.limits import Limits

pytestmark = pytest.mark.long

FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[1] / "../shared/fixtures")).resolve()
FILES = sorted(path for path in FIXTURES.rglob("*") if path.is_file() and path.parent.name != "licences")
NAMES = [path.relative_to(FIXTURES).as_posix() for path in FILES]
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)

PASS: frozenset[Code] = frozenset()
CREDENTIALS, LABEL, GENERATOR = {Code.AI_CREDENTIALS}, {Code.AI_LABEL}, {Code.AI_GENERATOR}
BROKEN, HELD = {Code.CREDENTIALS_BROKEN}, {Code.UNREADABLE}

# The first pattern that fits decides; what must be found is told to the letter.
EXPECTED: tuple[tuple[str, set[Code] | frozenset[Code]], ...] = (
    ("c2pa/openai-dalle.webp", CREDENTIALS),
    ("c2pa/microsoft-bing-creator.jpg", CREDENTIALS | BROKEN),
    ("c2pa/photoshop-firefly.jpg", CREDENTIALS),
    # Looked at by itself here: what is in it is not taken out (tests/test_opening.py does).
    ("c2pa/adobe-express-firefly.pdf", CREDENTIALS | {Code.PARTLY_READ}),
    ("c2pa/test-signer-*", BROKEN),
    ("c2pa/public-testfiles/*-E-*", BROKEN),
    ("c2pa/c2pa-rs/E-sig-CA.jpg", BROKEN),
    ("c2pa/c2pa-rs/XCA.jpg", BROKEN),
    ("c2pa/c2pa-rs/cloud.jpg", {Code.CREDENTIALS_ELSEWHERE}),
    ("c2pa/c2pa-rs/no_alg.jpg", HELD),
    ("c2pa/c2pa-rs/prerelease.jpg", HELD),
    ("c2pa/*", PASS),
    ("copies/*", PASS),
    ("footage/*", PASS),
    ("stills/*", PASS),
    ("generators/adobe-firefly/*", CREDENTIALS),
    ("generators/openai/*", CREDENTIALS),
    ("generators/black-forest-labs/*", CREDENTIALS),
    ("generators/midjourney/*", LABEL | GENERATOR),
    ("generators/doubao/*", LABEL),
    ("generators/jimeng/*", LABEL),
    ("generators/automatic1111/example_output.png", PASS),
    ("generators/cogvideox/*", PASS),
    # Its title says so in plain words, beside its settings.
    ("generators/novelai/*", GENERATOR | {Code.AI_MAYBE}),
    ("generators/*", GENERATOR),
    ("audio/*", PASS),
    ("metadata/XMP.svg", HELD),
    ("metadata/MXF.mxf", HELD),
    ("metadata/QuickTime.mov", HELD),
    ("metadata/*", PASS),
    # ACES pictures (OpenEXR in MXF, SMPTE ST 2065-5) and timed text: nobody here decodes them.
    ("packages/imf-app5/reel?.mxf", HELD),
    ("packages/imf-meridian/*_tt.mxf", HELD),
    ("packages/*.mov", HELD),
    ("packages/*", PASS),
    ("timelines/*", PASS),
    ("INDEX.md", PASS),
)
# Pictures of a few pixels or of flat colours could be like anything: that is said beside what else is found.
PLAIN = (
    "footage/flat-colours.m4v",
    "generators/automatic1111/automatic1111_cropped.*",
    "generators/comfyui/*_cropped.png",
    "generators/doubao/doubao_gray_1x1_1.png",
    "generators/fooocus/fooocus1_cropped.png",
    "generators/invokeai/*.png",
    "generators/jimeng/jimeng_cap_C.png",
    "generators/novelai/novelai1_cropped.png",
    "generators/text_after_idat.png",
    *(f"metadata/{name}.jpg" for name in ("ExtendedXMP", "Google", "IPTC", "XMP")),
)
# Good pictures of a fuzzer's corpus, a sound in a thousand empty chunks that decodes; and pictures of nothing.
HARMLESS = ("hostile/libheif/colors-*", "hostile/c2pa-rs/riff_bomb_1000.wav")
EMPTY = "hostile/tiny/empty_image.*"

Judged = Callable[[str], Verdict]


@pytest.fixture(scope="module")
def judged() -> Iterator[Judged]:
    """What becomes of a fixture, delivered alone as a final."""
    policy = default_policy()
    with ExaminerPool(Limits()) as pool:

        @cache
        def verdict(name: str) -> Verdict:
            path = FIXTURES / name
            members, refused = take_stock(path, name=path.name)
            seen = [
                evidence_of(member, pool.examine(asked(path, member)).examination, None, policy) for member in members
            ]
            delivery = Delivery(
                delivery_id="fixture",
                name=path.name,
                origin=str(path),
                title=None,
                vendor=None,
                drop_class=DropClass.FINAL,
                received_at=NOW,
                members=members,
                refused=refused,
            )
            case = Case(
                delivery=delivery,
                members=tuple(seen),
                records={},
                approvals=(),
                register=None,
                examiner="test",
                at=NOW,
            )
            return judge(case, policy)

        yield verdict


def asked(path: Path, member: Member) -> Job:
    return Job(
        root=path,
        files=member.files,
        kind=member.kind,
        format=member.format,
        sample_step=6,
        deadline=60.0,
        stall_seconds=30.0,
    )


def codes(verdict: Verdict) -> set[Code]:
    return {finding.code for finding in verdict.findings}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("hostile/")])
def test_a_file_ends_as_its_index_says(
    judged: Judged, name: str, record_property: Callable[[str, object], None]
) -> None:
    """With `pytest --junitxml FILE`, the report has the outcome and the codes of every file."""
    expected = set(next(codes for pattern, codes in EXPECTED if fnmatch(name, pattern)))
    if any(fnmatch(name, pattern) for pattern in PLAIN):
        expected.add(Code.NOT_INFORMATIVE)

    verdict = judged(name)

    record_property("outcome", verdict.outcome.label)
    record_property("codes", " ".join(sorted(codes(verdict))))
    assert codes(verdict) == expected


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("hostile/")])
def test_a_hostile_file_ends_in_an_answer_and_is_held_unless_it_was_read(judged: Judged, name: str) -> None:
    harmless = any(fnmatch(name, pattern) for pattern in HARMLESS)
    expected = Outcome.PASS if harmless else Outcome.FLAG if fnmatch(name, EMPTY) else Outcome.HOLD

    assert judged(name).outcome is expected


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("copies/", "footage/"))])
def test_of_a_film_every_sixth_frame_is_looked_at_or_every_twelfth_and_some_between(judged: Judged, name: str) -> None:
    ((_, coverage),) = judged(name).coverage

    assert coverage.sample_step in ((1,) if coverage.frames_present == 1 else (6, 12))
    assert coverage.frames_examined - coverage.frames_between >= coverage.frames_present / coverage.sample_step


@pytest.mark.parametrize(
    ("package", "amiss"),
    [
        ("imf-app5", set()),
        # Its timed text is in the asset map and in no packing list.
        ("imf-meridian", {Code.INCOMPLETE, Code.ALTERED, Code.UNLISTED}),
        ("mhl-scenario_01", set()),
        ("mhl-scenario_03", set()),
        ("mhl-scenario_04", {Code.ALTERED}),
    ],
)
def test_a_package_is_what_its_manifests_say_or_not_and_is_held_for_what_cannot_be_examined(
    judged: Judged, package: str, amiss: set[Code]
) -> None:
    if not (FIXTURES / "packages" / package).is_dir():
        pytest.skip(f"{package} is not at hand")

    verdict = judged(f"packages/{package}")

    assert (verdict.outcome, codes(verdict)) == (Outcome.HOLD, HELD | amiss)


@pytest.mark.parametrize(
    ("folder", "amiss"), [("travel_01", set()), ("file_server", {"file_server/A002R2EC/Sidecar.txt"})]
)
def test_only_the_copy_that_was_damaged_is_amiss(judged: Judged, folder: str, amiss: set[str]) -> None:
    path = FIXTURES / "packages/mhl-scenario_04"
    if not path.is_dir():
        pytest.skip("mhl-scenario_04 is not at hand")

    findings = judged("packages/mhl-scenario_04").findings

    altered = {finding.member for finding in findings if finding.code is Code.ALTERED}
    assert {member for member in altered if member.startswith(folder)} == amiss


@pytest.mark.skipif(not FILES, reason="the fixtures are not at hand")
def test_hostile_files_dropped_as_one_folder_are_held(judged: Judged) -> None:
    members, _ = take_stock(FIXTURES / "hostile", name="hostile")

    assert {member.kind for member in members} >= {MediaKind.STILL, MediaKind.OTHER}
    assert judged("hostile").outcome is Outcome.HOLD
