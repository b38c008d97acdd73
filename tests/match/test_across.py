"""What only all members together show."""

import pytest

from scanner.match.across import across
from scanner.model import Coverage, MediaKind, Member, MemberEvidence, Stray


def seen(name: str, kind: MediaKind, *files: str) -> MemberEvidence:
    files = files or (name,)
    hashes = ("a" * 64,) * len(files)
    member = Member(name=name, kind=kind, format="png", files=files, size=1, sha256="a" * 64, file_hashes=hashes)
    return MemberEvidence(member=member, coverage=Coverage(), evidence=())


def sequence(folder: str, count: int) -> MemberEvidence:
    files = (f"{folder}shot.{number:04}.exr" for number in range(1, count + 1))
    return seen(f"{folder}shot.[0001-{count:04}].exr", MediaKind.SEQUENCE, *files)


def strays(*members: MemberEvidence) -> list[str]:
    return [each.file for item in across(members) for each in item.evidence if isinstance(each, Stray)]


def test_a_picture_among_the_frames_of_a_sequence_is_told() -> None:
    told = across((sequence("shot/", 24), seen("shot/slate.png", MediaKind.STILL)))

    assert told[0].evidence == ()
    assert told[1].evidence == (Stray(file="shot/slate.png", sequence="shot/shot.[0001-0024].exr"),)


@pytest.mark.parametrize(
    ("name", "kind", "is_told"),
    [
        ("shot/shot.0025.exr", MediaKind.OTHER, True),
        ("shot/Thumb.JPG", MediaKind.OTHER, True),
        ("shot/shot.mov", MediaKind.VIDEO, False),
        ("shot/shot.xml", MediaKind.OTHER, False),
        ("other/slate.png", MediaKind.STILL, False),
        ("slate.png", MediaKind.STILL, False),
        ("shot/stills/slate.png", MediaKind.STILL, False),
    ],
)
def test_only_pictures_in_the_same_folder_are_strays(name: str, kind: MediaKind, *, is_told: bool) -> None:
    assert strays(sequence("shot/", 24), seen(name, kind)) == ([name] if is_told else [])


def test_a_folder_of_pictures_of_which_some_are_numbered_is_no_shot() -> None:
    few = [seen(f"art/key_{letter}.png", MediaKind.STILL) for letter in "abc"]

    assert strays(sequence("art/", 23), few[0]) == []
    assert strays(sequence("art/", 29), *few) == []
    assert len(strays(sequence("art/", 30), *few)) == 3


def test_a_second_sequence_in_the_folder_is_no_stray() -> None:
    other = seen("shot/b.[1-3].png", MediaKind.SEQUENCE, "shot/b.1.png", "shot/b.2.png", "shot/b.3.png")

    assert strays(sequence("shot/", 48), other) == []


def test_nothing_follows_from_nothing() -> None:
    assert across(()) == ()
