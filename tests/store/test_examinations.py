import pytest

from scanner.model import Examination, MediaKind
from scanner.store import Store

from .values import codes, examination, features, member, sha256

REEL = member()
OLD = codes(version=0)


def test_an_examination_comes_back_exactly(store: Store) -> None:
    store.keep_examination(sha256("x"), examination())

    assert store.examination(sha256("x"), "1") == examination()


def test_an_examination_without_a_picture_comes_back_exactly(store: Store) -> None:
    silent = examination(codes=None, picture=None, kind=MediaKind.OTHER)

    store.keep_examination(sha256("x"), silent)

    assert store.examination(sha256("x"), "1") == silent


def test_an_examination_in_which_no_frame_was_coded_is_not_one_without_codes(store: Store) -> None:
    empty = examination(codes=codes(count=0))

    store.keep_examination(sha256("x"), empty)

    assert store.examination(sha256("x"), "1") == empty


def test_no_examination_was_kept_of_other_bytes(store: Store) -> None:
    store.keep_examination(sha256("x"), examination())

    assert store.examination(sha256("y"), "1") is None


def test_an_examination_of_another_version_does_not_count(store: Store) -> None:
    store.keep_examination(sha256("x"), examination())

    assert store.examination(sha256("x"), "2") is None


def test_the_first_examination_kept_stays(store: Store) -> None:
    store.keep_examination(sha256("x"), examination())

    store.keep_examination(sha256("x"), examination(codes=None))

    assert store.examination(sha256("x"), "1") == examination()


def newest(store: Store, *, delivery_id: str = "d1", wanted: bool = True) -> Examination | None:
    return store.newest_examination(REEL, delivery_id, algorithm="pdq", version=1, features=wanted)


def test_the_newest_examination_of_a_members_bytes_is_given_whoever_made_it(store: Store) -> None:
    for examiner in ("9", "1", "5"):
        store.keep_examination(REEL.sha256, examination(examiner=examiner, features=features()))

    assert newest(store) == examination(examiner="5", features=features())
    assert newest(store, wanted=False) == examination(examiner="5")


def test_codes_of_another_version_are_never_given(store: Store) -> None:
    store.keep_examination(REEL.sha256, examination(codes=OLD))

    assert newest(store) is None


def test_codes_of_the_wanted_version_go_before_newer_ones_of_another(store: Store) -> None:
    store.keep_examination(REEL.sha256, examination(examiner="1"))
    store.keep_examination(REEL.sha256, examination(examiner="2", codes=OLD))

    assert newest(store) == examination(examiner="1")


def test_an_examination_without_codes_is_given_when_there_never_were_any(store: Store) -> None:
    store.keep_examination(REEL.sha256, examination(codes=None))

    assert newest(store) == examination(codes=None)


@pytest.mark.parametrize("first", ["old codes", "none"])
def test_an_examination_without_codes_does_not_hide_codes_of_another_version(store: Store, first: str) -> None:
    both = [examination(examiner="1", codes=OLD), examination(examiner="2", codes=None)]
    for each in both if first == "old codes" else reversed(both):
        store.keep_examination(REEL.sha256, each)

    assert newest(store) is None


def test_an_examination_that_counts_for_one_delivery_only_is_given_for_that_one(store: Store) -> None:
    store.keep_examination(f"{REEL.sha256}/d1", examination())

    assert (newest(store), newest(store, delivery_id="d2")) == (examination(), None)


def test_an_examination_of_the_bytes_as_something_else_is_not_given(store: Store) -> None:
    store.keep_examination(REEL.sha256, examination(kind=MediaKind.OTHER))

    assert newest(store) is None


def test_no_examination_is_given_of_what_was_never_examined(store: Store) -> None:
    assert newest(store) is None
