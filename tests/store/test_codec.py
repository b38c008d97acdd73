from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import (
    Altered,
    Checked,
    Composition,
    Coverage,
    DeclaredLabel,
    Delivery,
    Evidence,
    Examination,
    Finding,
    Gap,
    GeneratorTag,
    Identical,
    Incomplete,
    LookAlike,
    Meaning,
    MediaKind,
    Member,
    RegisterOutOfReach,
    Scope,
    TrackUse,
    Unlisted,
    Unreadable,
    Verdict,
)
from scanner.store.codec import as_json, digest, from_json, ticks_as_bytes, ticks_from_bytes
from scanner.store.types import escaped, unescaped

from .values import codes, credentials, delivery, examination, look_alike, verdict


def look_alike_in(share: float) -> LookAlike:
    return replace(look_alike(), region=(share, 0.0, 1.0, share))


any_text = st.text(alphabet=st.characters(), max_size=8)
file_name = st.binary(max_size=12).map(lambda name: name.decode("utf-8", "surrogateescape"))
times = st.datetimes(timezones=st.just(UTC))

uses = st.builds(TrackUse, track_file=any_text, start=st.fractions(), entry=st.fractions(), duration=st.fractions())
compositions = st.builds(
    Composition,
    composition_id=any_text,
    title=any_text,
    edit_rate=st.fractions(),
    start_timecode=any_text,
    uses=st.lists(uses, max_size=2).map(tuple),
)
members = st.builds(
    Member,
    name=file_name,
    kind=st.sampled_from(MediaKind),
    format=any_text,
    files=st.lists(file_name, max_size=3).map(tuple),
    size=st.integers(min_value=0),
    sha256=any_text,
    file_hashes=st.just(()),
    gaps=st.lists(st.builds(Gap, first=st.integers(), last=st.integers()), max_size=2).map(tuple),
    checked=st.lists(st.builds(Checked, manifest=file_name, algorithm=any_text), max_size=2).map(tuple),
    amiss=st.lists(
        st.one_of(
            st.builds(
                Altered, file=file_name, manifest=file_name, algorithm=any_text, expected=any_text, found=any_text
            ),
            st.builds(Unlisted, file=file_name, manifest=file_name),
            st.builds(Incomplete, missing=any_text),
            st.builds(Unreadable, source=any_text, reason=any_text),
        ),
        max_size=2,
    ).map(tuple),
    asset_ids=st.lists(any_text, max_size=2).map(tuple),
    composition=st.none() | compositions,
)
coverages = st.builds(Coverage, notes=st.lists(any_text, max_size=2).map(tuple), duration=st.none() | st.fractions())
evidence = st.one_of(
    st.builds(DeclaredLabel, kind=st.just("declared_label"), field=any_text, value=any_text, tool=st.none() | any_text),
    st.builds(Unreadable, kind=st.just("unreadable"), source=any_text, reason=any_text),
    st.builds(Incomplete, kind=st.just("incomplete"), missing=any_text),
    st.builds(RegisterOutOfReach, kind=st.just("register_out_of_reach"), reason=any_text),
    st.builds(GeneratorTag, kind=st.just("generator_tag"), tool=any_text, field=any_text),
    st.builds(Identical, kind=st.just("identical"), asset=st.just(look_alike().asset), file=file_name),
    st.builds(look_alike_in, st.floats(allow_nan=False, allow_infinity=False)),
)


def through_the_database(kind: object, value: object) -> object:
    return from_json(kind, unescaped(escaped(as_json(kind, value))))


@settings(deadline=None)
@given(members)
def test_a_member_comes_back_exactly(member: Member) -> None:
    assert through_the_database(Member, member) == member


def test_a_member_from_before_packages_were_read_has_nothing_amiss() -> None:
    old = '{"name":"a","kind":"video","format":"mxf","files":["a"],"size":1,"sha256":"","file_hashes":[""],"gaps":[]}'

    member = from_json(Member, old)

    assert (member.checked, member.amiss, member.asset_ids, member.composition) == ((), (), (), None)


@settings(deadline=None)
@given(coverages)
def test_coverage_comes_back_exactly(coverage: Coverage) -> None:
    assert through_the_database(Coverage, coverage) == coverage


@settings(deadline=None)
@given(evidence)
def test_evidence_comes_back_exactly_and_as_its_own_kind(item: Evidence) -> None:
    back = through_the_database(Evidence, item)

    assert (type(back), back) == (type(item), item)


@settings(deadline=None)
@given(evidence)
def test_a_finding_keeps_the_evidence_it_rests_on(item: Evidence) -> None:
    finding = verdict().findings[0]
    kept = replace(finding, evidence=item)
    assert through_the_database(Finding, kept) == kept


@settings(deadline=None)
@given(times)
def test_a_verdict_comes_back_with_its_exact_times(at: datetime) -> None:
    judged = verdict(judged_at=at)

    assert through_the_database(Verdict, judged) == judged


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Delivery, delivery()),
        (Examination, examination(credentials(), codes=None)),
        (Scope, Scope(file_patterns=("*.mov",))),
        (DeclaredLabel, DeclaredLabel(field="f", value="v", meaning=Meaning.MAYBE)),
    ],
)
def test_nested_values_come_back_exactly(kind: object, value: object) -> None:
    assert through_the_database(kind, value) == value


@settings(deadline=None)
@given(any_text)
def test_escaped_text_is_what_every_database_takes(text: str) -> None:
    safe = escaped(text)

    assert "\x00" not in safe
    assert safe.encode().decode() == safe


@settings(deadline=None)
@given(any_text)
def test_escaping_can_be_undone(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_ordinary_text_is_stored_as_it_is() -> None:
    assert escaped("Königin, 女王 \\ud800 \n") == "Königin, 女王 \\ud800 \n"


@settings(deadline=None)
@given(st.lists(st.integers(min_value=-(2**63), max_value=2**63 - 1)).map(tuple))
def test_time_stamps_come_back_exactly(pts: tuple[int, ...]) -> None:
    assert ticks_from_bytes(ticks_as_bytes(pts)) == pts


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "other"},
        {"version": 2},
        {"time_base": 1},
        {"pts": (1, 2, 4)},
        {"codes": bytes(96)},
        {"quality": b"abc"},
        {"views": b"abc"},
    ],
)
def test_any_change_of_a_fingerprint_changes_its_digest(change: dict[str, Any]) -> None:
    assert digest(codes(**change)) != digest(codes())
