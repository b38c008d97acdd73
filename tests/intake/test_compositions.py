"""Composition playlists of IMF and DCP become uses of track files in exact seconds."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.intake.compositions import composition
from scanner.intake.records import UnreadableManifestError
from scanner.model import TrackUse

from .packages import playlist

REEL = """<Reel><Id>urn:uuid:reel</Id><AssetList>
<MainMarkers><Id>urn:uuid:m</Id><EditRate>24 1</EditRate><IntrinsicDuration>9</IntrinsicDuration></MainMarkers>
<MainPicture><Id>urn:uuid:{key}</Id><EditRate>24 1</EditRate><IntrinsicDuration>100</IntrinsicDuration>
<EntryPoint>4</EntryPoint><Duration>48</Duration><FrameRate>24 1</FrameRate></MainPicture>
<MainSound><Id>urn:uuid:snd</Id><IntrinsicDuration>100</IntrinsicDuration><Duration>50</Duration></MainSound>
</AssetList></Reel>"""


def dcp(*keys: str) -> bytes:
    reels = "".join(REEL.format(key=key) for key in keys)
    return (
        '<CompositionPlaylist xmlns="http://www.digicine.com/PROTO-ASDCP-CPL-20040511#"><Id>urn:uuid:CPL</Id>'
        f"<ContentTitleText>GHL</ContentTitleText><ReelList>{reels}</ReelList></CompositionPlaylist>"
    ).encode()


def resource(key: str, **values: object) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f"<Resource>{inner}<TrackFileId>urn:uuid:{key.upper()}</TrackFileId></Resource>"


def imf(*segments: str, rate: str = "24 1", extra: str = "") -> bytes:
    written = "".join(
        "<Segment><SequenceList><MarkerSequence><ResourceList><Resource><IntrinsicDuration>7</IntrinsicDuration>"
        "</Resource></ResourceList></MarkerSequence>"
        f"<MainImageSequence><ResourceList>{segment}</ResourceList></MainImageSequence></SequenceList></Segment>"
        for segment in segments
    )
    return (
        f"<CompositionPlaylist><Id>urn:uuid:cpl</Id><ContentTitle>GHL 101</ContentTitle>{extra}"
        f"<EditRate>{rate}</EditRate><SegmentList>{written}</SegmentList></CompositionPlaylist>"
    ).encode()


def use(key: str, start: float, entry: float, duration: float, repeats: int = 1) -> TrackUse:
    return TrackUse(
        track_file=key, start=Fraction(start), entry=Fraction(entry), duration=Fraction(duration), repeats=repeats
    )


def test_resources_and_segments_follow_one_another() -> None:
    found = composition(
        imf(
            resource("a", IntrinsicDuration=96, EntryPoint=24, SourceDuration=48)
            + resource("b", IntrinsicDuration=48, RepeatCount=2),
            resource("a", IntrinsicDuration=96, EntryPoint=72),
        )
    )

    assert found.uses == (use("a", 0, 1, 2), use("b", 2, 0, 2, repeats=2), use("a", 6, 3, 1))
    assert (found.title, found.composition_id, found.edit_rate) == ("GHL 101", "cpl", 24)
    assert found.start_timecode == "00:00:00:00"


def test_a_resource_has_its_own_rate_or_that_of_the_composition() -> None:
    own = resource("a", EditRate="48 1", IntrinsicDuration=48) + resource("b", IntrinsicDuration=24)

    assert composition(imf(own)).uses == (use("a", 0, 0, 1), use("b", 1, 0, 1))


def test_the_rates_of_television_are_exact() -> None:
    found = composition(imf(resource("a", IntrinsicDuration=24), rate="24000 1001"))

    assert (found.edit_rate, found.uses[0].duration) == (Fraction(24000, 1001), Fraction(1001, 1000))


@pytest.mark.parametrize(
    ("address", "drops", "start"),
    [
        ("01:00:00:00", "0", "01:00:00:00"),
        ("01:00:00;00", "1", "01:00:00;00"),
        ("01:00:00:00", "true", "01:00:00;00"),
        ("<b/>", "1", "00:00:00:00"),
    ],
)
def test_the_composition_has_a_timecode_of_its_own(address: str, drops: str, start: str) -> None:
    extra = (
        f"<CompositionTimecode><TimecodeDropFrame>{drops}</TimecodeDropFrame><TimecodeRate>30</TimecodeRate>"
        f"<TimecodeStartAddress>{address}</TimecodeStartAddress></CompositionTimecode>"
    )

    assert composition(imf(resource("a", IntrinsicDuration=1), extra=extra)).start_timecode == start


def test_both_eyes_of_a_stereoscopic_resource_are_used() -> None:
    eyes = "".join(f"<{eye}Eye><TrackFileId>urn:uuid:{eye}</TrackFileId></{eye}Eye>" for eye in ("Left", "Right"))
    both = f"<Resource><IntrinsicDuration>24</IntrinsicDuration>{eyes}</Resource>"

    assert composition(imf(both)).uses == (use("left", 0, 0, 1), use("right", 0, 0, 1))


def test_the_reels_of_a_dcp_are_as_long_as_their_pictures() -> None:
    found = composition(dcp("one", "two"))

    assert [each for each in found.uses if each.track_file != "snd"] == [
        use("one", 0, Fraction(4, 24), 2),
        use("two", 2, Fraction(4, 24), 2),
    ]
    assert (found.title, found.composition_id, found.edit_rate) == ("GHL", "cpl", 24)
    assert "m" not in {each.track_file for each in found.uses}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html/>",
        b"<CompositionPlaylist/>",
        imf(resource("a")),
        imf(resource("a", IntrinsicDuration=1), rate="24 0"),
        imf(resource("a", IntrinsicDuration=1) * 10_001),
        b"<CompositionPlaylist><EditRate>24 1</EditRate>" + b"<a>" * 1000,
        b'<!DOCTYPE a [<!ENTITY a "b">]><CompositionPlaylist>&a;</CompositionPlaylist>',
    ],
)
def test_what_says_nothing_or_too_much_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableManifestError):
        composition(data)


def test_descriptors_of_any_length_are_passed_over() -> None:
    extra = "<EssenceDescriptorList>" + "<a/>" * 120_001 + "</EssenceDescriptorList>"

    assert composition(imf(resource("a", IntrinsicDuration=24), extra=extra)).uses == (use("a", 0, 0, 1),)


def test_numbers_that_no_film_has_are_numbers_all_the_same() -> None:
    many = resource("a", IntrinsicDuration="9" * 12, RepeatCount="9" * 12)

    assert composition(imf(many + resource("b", IntrinsicDuration=24))).uses[1].start > 10**20


@settings(max_examples=60, deadline=None)
@given(data=st.data(), whole=st.sampled_from([playlist("a", "b"), dcp("a")]))
def test_damaged_playlists_are_read_or_unreadable(data: st.DataObject, whole: bytes) -> None:
    at = data.draw(st.integers(0, len(whole)))
    damaged = whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + data.draw(st.integers(0, 20)) :]

    with suppress(UnreadableManifestError):
        composition(damaged)
