"""Registered material is looked for in what was cleared before, from stored examinations alone."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from scanner import pipeline
from scanner.errors import UnknownIdError
from scanner.fingerprint.names import ALGORITHM, FEATURES, FEATURES_VERSION, VERSION
from scanner.looking_back import is_recall_due, recall_now
from scanner.model import (
    Approval,
    ApprovalStatus,
    Code,
    Examination,
    FeatureFrame,
    MediaKind,
    Outcome,
    PictureCodes,
    PictureFeatures,
    RecallReason,
    RulingAction,
    Scope,
    Unreadable,
    Use,
)
from scanner.pipeline import handle, rule
from scanner.recalling import (
    COULD_NOT_READ,
    EXAMINE_AGAIN,
    WHOLE_FRAMES_ONLY,
    recall,
)
from scanner.registering import Registered, register
from scanner.report.recalls import NotSearched, Recalled
from scanner.studio import Studio

from .media_files import still
from .studio import TITLE, Home, new_home, ruling

SKY, OTHER = 3, 4


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio in which a copy of a picture was cleared before anybody registered it. To copy only."""
    home = new_home(tmp_path_factory.mktemp("past") / "studio")
    with home.open() as studio:
        delivered(home, studio, "copy.jpg", SKY)
    return home


@pytest.fixture
def home(past: Home, tmp_path: Path) -> Home:
    shutil.copytree(past.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


@pytest.fixture
def studio(home: Home) -> Iterator[Studio]:
    with home.open() as opened:
        yield opened


def delivered(home: Home, studio: Studio, name: str, seed: int) -> str:
    """Deliver a picture, and take it to its end."""
    delivery_id = home.onto_bench(still(home / "drop" / name, seed))
    handle(studio, delivery_id)
    return delivery_id


def entered(
    studio: Studio,
    folder: Path,
    seed: int = SKY,
    *,
    title: str = TITLE,
    use: Use = Use.TEMPORARY,
    name: str | None = None,
) -> str:
    """Register a picture; its record's id."""
    path = still(folder / f"{name or seed}.png", seed)
    (result,) = register(studio, path, title=title, tool="Runway", use=use, by="kim")
    assert isinstance(result, Registered)
    return result.record.record_id


def found(studio: Studio, *ids: str, **asked: object) -> list[Recalled]:
    return [each for each in searched(studio, *ids, **asked) if isinstance(each, Recalled)]


def searched(studio: Studio, *ids: str, **asked: object) -> list[Recalled | NotSearched]:
    return list(recall(studio, ids, by="kim", **asked))  # type: ignore[arg-type]


def approved(studio: Studio, record_id: str, **given: object) -> Approval:
    values = {
        "approval_id": "ESC-1",
        "title": TITLE,
        "status": ApprovalStatus.APPROVED,
        "scope": Scope(records=(record_id,)),
        "approver": "Robin",
        "decided_at": studio.now(),
        "created_at": studio.now(),
    }
    return studio.kept.add_approval(Approval(**values | given))[0]  # type: ignore[arg-type]


def test_what_was_cleared_is_found_when_it_is_registered_later(studio: Studio, tmp_path: Path) -> None:
    record_id = entered(studio, tmp_path)

    (recalled,) = found(studio)

    assert recalled.new
    assert (recalled.recall.asset.record_id, recalled.recall.outcome) == (record_id, Outcome.QUARANTINE)
    assert [finding.code for finding in recalled.recall.findings] == [Code.AI_LOOK_ALIKE]
    assert recalled.record.delivery.name == "copy.jpg"


def test_a_recall_needs_no_media_and_no_examiner(home: Home, studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)
    (home / "cleared" / "copy.jpg").unlink()
    studio.pool.close()

    assert len(found(studio)) == 1


@pytest.mark.parametrize("taken", [False, True])
def test_a_recall_says_where_the_delivery_lies(home: Home, studio: Studio, tmp_path: Path, *, taken: bool) -> None:
    place = home / "cleared" / "other.jpg"
    delivered(home, studio, place.name, OTHER)
    entered(studio, tmp_path, OTHER)
    if taken:
        place.rename(tmp_path / "downstream.jpg")

    assert found(studio)[0].lies_at == (f"taken from {place}" if taken else str(place))


def test_a_recall_moves_nothing(home: Home, studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)
    before = home.files()

    found(studio)

    assert home.files() == before


def test_a_recall_is_written_down_once(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)

    first, second = found(studio, reason=RecallReason.REGISTERED), found(studio)

    assert [each.new for each in (*first, *second)] == [True, False]
    assert first[0].recall == second[0].recall == studio.kept.recalls()[0]
    assert len(studio.kept.recalls()) == 1


def test_what_was_closed_stays_closed(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)
    recall_id = found(studio)[0].recall.recall_id

    studio.kept.close_recall(recall_id, by="Ada", reason="replaced", at=studio.now())

    assert found(studio)[0].recall.closed_by == "Ada"
    assert studio.kept.recalls(closed=False) == ()


def test_the_very_bytes_are_found_too(home: Home, studio: Studio) -> None:
    (result,) = register(studio, home / "cleared" / "copy.jpg", title=TITLE, tool="Runway", use=Use.TEMPORARY, by="kim")
    assert isinstance(result, Registered)

    assert [finding.code for finding in found(studio)[0].recall.findings] == [Code.AI_IDENTICAL]


def test_material_that_is_not_in_it_is_not_found(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path, OTHER)

    assert found(studio) == []


@pytest.mark.parametrize("by", ["record", "asset"])
def test_only_what_is_named_is_looked_for(studio: Studio, tmp_path: Path, by: str) -> None:
    sky, other = entered(studio, tmp_path), entered(studio, tmp_path, OTHER)
    ids = {record: studio.kept.record(record).assets[0].asset_id for record in (sky, other)}

    def of(record: str) -> list[Recalled]:
        return found(studio, record if by == "record" else ids[record])

    assert (len(of(sky)), len(of(other))) == (1, 0)


def test_an_unknown_id_is_an_error(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)

    with pytest.raises(UnknownIdError, match="'PR-0'"):
        found(studio, "PR-0")


def test_a_retired_record_is_not_looked_for(studio: Studio, tmp_path: Path) -> None:
    record_id = entered(studio, tmp_path)
    studio.kept.retire(record_id, by="kim", reason="cut", at=studio.now())

    assert found(studio) == []
    with pytest.raises(UnknownIdError):
        found(studio, record_id)


def test_what_was_cleared_while_a_record_was_retired_is_recalled_when_it_comes_back(
    home: Home, studio: Studio, tmp_path: Path
) -> None:
    record_id = entered(studio, tmp_path, OTHER)
    studio.kept.retire(record_id, by="kim", reason="by mistake", at=studio.now())
    delivery_id = delivered(home, studio, "meanwhile.jpg", OTHER)
    recall_now(studio)
    assert not is_recall_due(studio)

    studio.kept.reinstate(record_id, by="kim", reason="it was not", at=studio.now())

    assert is_recall_due(studio)
    assert recall_now(studio) == 1
    assert [each.delivery_id for each in studio.kept.recalls()] == [delivery_id]


def test_what_is_known_to_be_good_is_not_recalled(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path, title="*", use=Use.KNOWN_GOOD)

    assert found(studio) == []


@pytest.mark.parametrize(("scope", "count"), [("all", 1), ("title", 0)])
def test_material_of_another_title_is_looked_for_as_the_settings_say(
    home: Home, tmp_path: Path, scope: str, count: int
) -> None:
    home.set(('scope = "all"', f'scope = "{scope}"'))
    with home.open() as studio:
        entered(studio, tmp_path, title="Dusk")

        assert len(found(studio)) == count


def test_the_material_of_one_title_can_be_looked_for_alone(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path, title="Dusk")

    assert (len(found(studio, title="Dusk")), len(found(studio, title=TITLE))) == (1, 0)


def test_only_deliveries_since_a_time_are_searched(studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)
    hour = timedelta(hours=1)

    assert len(found(studio, since=studio.now() - hour)) == 1
    assert found(studio, since=studio.now() + hour) == []


def test_what_is_approved_is_no_recall(studio: Studio, tmp_path: Path) -> None:
    approved(studio, entered(studio, tmp_path))

    assert found(studio) == []


def test_what_an_approval_cleared_is_a_recall_when_that_is_revoked(home: Home, studio: Studio, tmp_path: Path) -> None:
    approval = approved(studio, entered(studio, tmp_path, OTHER))
    delivered(home, studio, "approved.jpg", OTHER)
    assert found(studio) == []

    studio.kept.revoke(approval.approval_id, by="Robin", reason="withdrawn", at=studio.now())

    assert [each.record.delivery.name for each in found(studio)] == ["approved.jpg"]


def test_what_an_approval_cleared_is_no_recall_when_that_runs_out(home: Home, studio: Studio, tmp_path: Path) -> None:
    record_id = entered(studio, tmp_path, OTHER)
    approved(studio, record_id, valid_to=studio.now() + timedelta(hours=1))
    delivered(home, studio, "approved.jpg", OTHER)
    now = studio.now() + timedelta(hours=2)

    class Later(Studio):
        def now(self) -> datetime:
            return now

    later = Later(settings=studio.settings, policy=studio.policy, pool=studio.pool, store=studio.store)

    assert found(later) == []


def test_what_a_person_released_knowing_of_it_is_no_recall(home: Home, studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path, OTHER)
    delivery_id = delivered(home, studio, "held.jpg", OTHER)
    rule(studio, delivery_id, ruling(studio))

    assert found(studio) == []


def test_what_a_person_released_for_other_reasons_is_searched(home: Home, studio: Studio, tmp_path: Path) -> None:
    folder = home.folder / "drop" / "reel"
    folder.mkdir()
    still(folder / "copy.jpg", OTHER)
    (folder / "link").symlink_to("copy.jpg")
    delivery_id = home.onto_bench(folder)
    handle(studio, delivery_id)
    rule(studio, delivery_id, ruling(studio))
    entered(studio, tmp_path, OTHER)

    assert [each.record.delivery.name for each in found(studio)] == ["reel"]


def test_what_was_restored_or_is_still_blocked_is_not_searched(home: Home, studio: Studio, tmp_path: Path) -> None:
    first = entered(studio, tmp_path, OTHER)
    restored, blocked = (delivered(home, studio, f"{name}.jpg", OTHER) for name in ("restored", "blocked"))
    rule(studio, restored, ruling(studio, RulingAction.RESTORE))
    studio.kept.retire(first, by="kim", reason="to look again", at=studio.now())
    entered(studio, tmp_path, OTHER, title="Dusk")

    assert blocked
    assert found(studio) == []


def test_where_policy_flags_it_the_recall_is_a_flag(home: Home, tmp_path: Path) -> None:
    policy = home / "policy.toml"
    policy.write_text(policy.read_text().replace('AI-LOOK-ALIKE = "quarantine"', 'AI-LOOK-ALIKE = "flag"'))
    with home.open() as studio:
        entered(studio, tmp_path)

        assert found(studio)[0].recall.outcome is Outcome.FLAG


def test_what_has_become_worse_since_is_another_recall(home: Home, tmp_path: Path) -> None:
    policy = home / "policy.toml"
    strict = policy.read_text()
    policy.write_text(strict.replace('AI-LOOK-ALIKE = "quarantine"', 'AI-LOOK-ALIKE = "flag"'))
    with home.open() as studio:
        entered(studio, tmp_path)
        found(studio)
    policy.write_text(strict)

    with home.open() as studio:
        (recalled,) = found(studio)
        assert (recalled.new, recalled.recall.outcome) == (True, Outcome.QUARANTINE)
        assert len(studio.kept.recalls()) == 2


# ---- What is stored of another version, or not at all


SEEN = PictureCodes(
    algorithm=ALGORITHM,
    version=VERSION,
    time_base=Fraction(1),
    pts=(0,),
    codes=bytes(range(32)),
    quality=bytes([90]),
    views=bytes(1),
)
FEATURED = PictureFeatures(
    algorithm=FEATURES,
    version=FEATURES_VERSION,
    time_base=Fraction(1),
    frames=(FeatureFrame(pts=0, width=640, height=360, descriptors=bytes(32), points=bytes(8), grey=b"jpeg"),),
)


def reasons(home: Home, studio: Studio, kind: MediaKind = MediaKind.STILL, **stored: object) -> list[str]:
    """Why a released delivery, of which this is all that is stored, is not searched."""
    delivery_id = home.onto_bench(still(home / "drop" / "reel.jpg", OTHER))
    pipeline.receive(studio, delivery_id)
    (member,) = studio.kept.delivery(delivery_id).delivery.members
    made = Examination(examiner=studio.examiner, kind=kind, format="jpeg", **stored)  # type: ignore[arg-type]
    studio.kept.keep_examination(member.sha256, made)
    handle(studio, delivery_id)
    rule(studio, delivery_id, ruling(studio))
    missed = [each for each in searched(studio) if isinstance(each, NotSearched)]
    return [each.reason for each in missed if each.record.delivery.delivery_id == delivery_id]


def test_what_has_all_fingerprints_of_today_is_searched(home: Home, studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path)

    assert reasons(home, studio, codes=SEEN, features=FEATURED) == []


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ({"codes": replace(SEEN, version=VERSION + 1), "features": FEATURED}, EXAMINE_AGAIN),
        ({"codes": replace(SEEN, algorithm="other")}, EXAMINE_AGAIN),
        ({"codes": SEEN}, WHOLE_FRAMES_ONLY),
        ({"codes": SEEN, "features": replace(FEATURED, version=FEATURES_VERSION + 1)}, WHOLE_FRAMES_ONLY),
        ({"observations": (Unreadable(source="picture", reason="damaged"),)}, COULD_NOT_READ),
    ],
    ids=["old codes", "other codes", "no features", "old features", "unread"],
)
def test_what_cannot_be_searched_is_told(
    home: Home, studio: Studio, tmp_path: Path, stored: dict[str, object], reason: str
) -> None:
    entered(studio, tmp_path)

    assert reasons(home, studio, **stored) == [reason]


def test_what_was_never_examined_is_told_and_its_bytes_are_looked_for(
    home: Home, studio: Studio, tmp_path: Path
) -> None:
    with studio.kept._database.writing() as connection:
        for table in ("examination_features", "examinations"):
            connection.exec_driver_sql(f"delete from {table}")
    copy = still(tmp_path / "same.jpg", SKY)
    (result,) = register(studio, copy, title=TITLE, tool="Runway", use=Use.TEMPORARY, by="kim")
    assert isinstance(result, Registered)

    missed, recalled = searched(studio)

    assert isinstance(missed, NotSearched)
    assert missed.reason == EXAMINE_AGAIN
    assert isinstance(recalled, Recalled)
    assert [finding.code for finding in recalled.recall.findings] == [Code.AI_IDENTICAL]


def test_a_cut_that_names_what_is_registered_later_is_found(home: Home, studio: Studio, tmp_path: Path) -> None:
    event = "001 AX V C 00:00:00:00 00:00:01:00 01:00:10:00 01:00:11:00\n* FROM CLIP NAME: storm_flyover.mov\n"
    cut = home.write("storm_flyover.edl", f"TITLE: EP101\nFCM: NON-DROP FRAME\n{event}")
    handle(studio, home.onto_bench(cut))
    entered(studio, tmp_path, OTHER, name="storm_flyover")

    (recalled,) = found(studio)

    assert recalled.record.delivery.name == "storm_flyover.edl"
    assert [(finding.code, finding.outcome) for finding in recalled.recall.findings] == [
        (Code.AI_IN_TIMELINE, Outcome.FLAG)
    ]


def test_the_name_of_a_file_is_no_reason_to_recall_it(home: Home, studio: Studio, tmp_path: Path) -> None:
    delivered(home, studio, "storm_flyover.jpg", SKY)
    entered(studio, tmp_path, OTHER, name="storm_flyover")

    assert found(studio) == []
