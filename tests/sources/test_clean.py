"""Text from delivered files is made safe before it goes anywhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.sources.clean import clean, decoded, decoded_utf16


@given(st.text(alphabet=st.characters(), max_size=1000))
def test_a_cleaned_text_is_one_short_printable_line(text: str) -> None:
    line = clean(text)

    assert len(line) <= 200
    assert not {unicodedata.category(letter) for letter in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("dirty", "line"),
    [
        ("one\ntwo\0three", "one two three"),
        ("\x1b[31mred", "[31mred"),
        ("\udcff", ""),
        ("evil\u202egnp.exe", "evil gnp.exe"),
        ("DALL·E", "DALL·E"),
        ("名前", "名前"),
    ],
)
def test_what_could_mislead_a_reader_becomes_a_space(dirty: str, line: str) -> None:
    assert clean(dirty) == line


def test_a_cut_text_shows_that_it_was_cut() -> None:
    assert clean("x" * 201) == "x" * 199 + "…"


@given(st.binary(max_size=300))
def test_any_bytes_can_be_decoded(raw: bytes) -> None:
    assert isinstance(decoded(raw) + decoded_utf16(raw), str)
