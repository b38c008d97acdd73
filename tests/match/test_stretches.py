"""What whole frames and parts of frames show of one asset is put together, and kept apart where it is cut."""

from math import inf

from scanner.fingerprint.segment import Motion, Segment
from scanner.match.stretches import Stretch, Whole, together
from scanner.model import AssetRef

STEP = 0.25
CHAIR = AssetRef(asset_id="AS-1", record_id="PR-1", name="chair.mp4")
OTHER = AssetRef(asset_id="AS-2", record_id="PR-2", name="other.mp4")


def stretch(first: float, last: float, *, samples: int = 5, whole: bool = True, asset: AssetRef = CHAIR) -> Stretch:
    """A stretch between these samples, in seconds."""
    segment = Segment(
        first_frame=round(first / STEP),
        last_frame=round(last / STEP),
        first_seconds=first,
        last_seconds=last,
        asset_first_seconds=0.0,
        asset_last_seconds=last - first,
        speed=1.0,
        speed_error=inf,
        motion=Motion.FORWARD,
        passes=1,
        keys=tuple(range(samples)),
    )
    found = Whole(distance=0, quality=100, seconds=first, asset_seconds=0.0, view=0, asset_view=0)
    return Stretch(asset=asset, first=first, last=last, segment=segment, whole=found if whole else None)


def spans(found: list[Stretch]) -> list[tuple[float, float]]:
    return [(each.first, each.last) for each in found]


def test_a_part_that_is_seen_for_longer_makes_a_stretch_longer() -> None:
    assert spans(together([stretch(1.0, 2.0)], [stretch(1.0, 4.0, whole=False)], STEP)) == [(1.0, 4.0)]


def test_two_pieces_of_an_asset_one_after_the_other_do_not_reach_into_each_other() -> None:
    pieces, part = [stretch(1.0, 2.0), stretch(2.5, 3.5)], stretch(1.0, 3.5, whole=False)

    assert spans(together(pieces, [part], STEP)) == [(1.0, 2.25), (2.5, 3.5)]


def test_what_a_part_shows_after_the_last_piece_is_not_lost() -> None:
    pieces, part = [stretch(1.0, 2.0), stretch(2.5, 3.5)], stretch(1.0, 6.0, whole=False)

    assert spans(together(pieces, [part], STEP)) == [(1.0, 2.25), (2.5, 6.0)]


def test_one_sample_amid_a_stretch_is_no_piece_of_its_own() -> None:
    pieces, part = [stretch(1.0, 2.0), stretch(3.0, 3.0, samples=1)], stretch(1.0, 4.0, whole=False)

    assert spans(together(pieces, [part], STEP)) == [(1.0, 4.0)]


def test_two_assets_at_once_are_two_stretches() -> None:
    pieces = [stretch(1.0, 4.0), stretch(2.0, 3.0, asset=OTHER)]

    assert spans(together(pieces, [], STEP)) == [(1.0, 4.0), (2.0, 3.0)]
