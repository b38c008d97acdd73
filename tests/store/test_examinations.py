from scanner.model import MediaKind
from scanner.store import Store

from .values import codes, examination, sha256


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
