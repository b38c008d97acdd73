"""From look-ups of single frames to runs."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.fingerprint.names import FIRST_MATTE
from scanner.fingerprint.runs import Hit, Run, runs_of


def hit(frame: int, distance: int = 40, *, asset: int = 0, view: int = 0, asset_view: int = 0) -> Hit:
    return Hit(
        asset=asset,
        frame=frame,
        seconds=frame / 4,
        asset_seconds=frame / 4,
        distance=distance,
        quality=50,
        view=view,
        asset_view=asset_view,
    )


def runs(*hits: Hit, shortest: int = 2) -> list[Run]:
    return runs_of(hits, same_frame=36, same_run=44, shortest=shortest)


def test_two_frames_in_a_row_are_a_run() -> None:
    (run,) = runs(hit(3), hit(4))

    assert [h.frame for h in run.hits] == [3, 4]


def test_one_frame_that_is_merely_alike_is_none() -> None:
    assert runs(hit(3, 37)) == []


def test_one_frame_that_is_the_same_is_one() -> None:
    assert len(runs(hit(3, 36))) == 1


def test_one_missing_frame_does_not_end_a_run() -> None:
    assert len(runs(hit(3), hit(5), hit(6))) == 1


def test_two_missing_frames_end_a_run() -> None:
    assert len(runs(hit(3), hit(4), hit(7), hit(8))) == 2


def test_frames_that_are_not_alike_enough_do_not_count() -> None:
    assert runs(hit(3, 45), hit(4, 45)) == []


def test_frames_that_only_a_matte_makes_alike_must_be_closer() -> None:
    matted = {"asset_view": FIRST_MATTE}

    assert runs(hit(3, 41, **matted), hit(4, 41, **matted)) == []
    assert len(runs(hit(3, 40, **matted), hit(4, 40, **matted))) == 1


def test_assets_have_runs_of_their_own() -> None:
    found = runs(hit(3), hit(3, asset=1), hit(4), hit(4, asset=1))

    assert sorted(run.hits[0].asset for run in found) == [0, 1]


def test_hits_of_two_assets_in_turn_are_no_run() -> None:
    assert runs(hit(3), hit(4, asset=1)) == []


def test_of_several_views_of_a_frame_the_closest_counts() -> None:
    (run,) = runs(hit(3, 40, view=0), hit(3, 20, view=1), hit(4, 40))

    assert (run.best.view, [h.distance for h in run.hits]) == (1, [20, 40])


def test_of_frames_that_are_equally_close_the_first_is_best() -> None:
    (run,) = runs(hit(3, 10), hit(4, 10))

    assert run.best.frame == 3


@given(
    st.lists(
        st.builds(hit, st.integers(0, 60), st.integers(0, 60), asset=st.integers(0, 3), view=st.integers(0, 2)),
        max_size=80,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_look_ups_does_not_matter(hits: list[Hit], random: "object") -> None:
    mixed = list(hits)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    def told(found: list[Run]) -> list[tuple[int, int, int]]:
        return [(run.best.asset, run.best.frame, len(run.hits)) for run in found]

    assert told(runs(*hits)) == told(runs(*mixed))


@given(st.lists(st.builds(hit, st.integers(0, 60), st.integers(0, 60), asset=st.integers(0, 3)), max_size=80))
def test_no_same_frame_is_ever_lost(hits: list[Hit]) -> None:
    found = {(h.asset, h.frame) for run in runs(*hits) for h in run.hits}

    assert {(h.asset, h.frame) for h in hits if h.distance <= 36} <= found
