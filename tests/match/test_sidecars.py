"""A sidecar of Content Credentials goes to the file that it was signed for."""

from dataclasses import replace

import pytest

from scanner.match.across import across
from scanner.model import Credentials, CredentialState, Evidence, MediaKind, MemberEvidence
from tests.policy.builders import claim, credentials, seen

SIGNED, OTHER = "a" * 64, "b" * 64


def item(name: str, format_name: str, sha256: str, *evidence: Evidence) -> MemberEvidence:
    found = seen(*evidence, name=name, kind=MediaKind.OTHER if format_name == "c2pa" else MediaKind.STILL)
    return replace(found, member=replace(found.member, format=format_name, sha256=sha256, files=(name,)))


def sidecar(name: str = "art/key.c2pa", **given: object) -> MemberEvidence:
    given = {"state": CredentialState.APART, "binds": SIGNED, **given}
    return item(name, "c2pa", "c" * 64, credentials(claim(), **given))


def found(items: tuple[MemberEvidence, ...]) -> list[list[Credentials]]:
    return [[one for one in each.evidence if isinstance(one, Credentials)] for each in across(items)]


@pytest.mark.parametrize("name", ["art/key.c2pa", "art/key.jpg.c2pa"])
@pytest.mark.parametrize(("trusted", "state"), [(True, CredentialState.TRUSTED), (False, CredentialState.UNTRUSTED)])
def test_it_counts_for_the_file_whose_bytes_were_signed(name: str, state: CredentialState, *, trusted: bool) -> None:
    media, apart = found((item("art/key.jpg", "jpeg", SIGNED), sidecar(name, trusted=trusted)))

    assert [(one.state, one.notes) for one in media] == [(state, (f"they lie in {name}",))]
    assert apart == []


def test_it_is_broken_where_the_file_beside_it_is_another_now() -> None:
    media, (broken,) = found((item("art/key.jpg", "jpeg", OTHER), sidecar()))

    assert media == []
    assert (broken.state, broken.validation) == (CredentialState.BROKEN, ("assertion.dataHash.mismatch",))


@pytest.mark.parametrize("name", ["art/other.jpg", "key.jpg", "art/key.c2pa.jpg"])
def test_it_stays_by_itself_where_no_file_has_its_name(name: str) -> None:
    _, (apart,) = found((item(name, "jpeg", OTHER), sidecar()))

    assert apart.state is CredentialState.APART


def test_it_stays_by_itself_where_its_manifest_does_not_tell_the_files_hash() -> None:
    media, (apart,) = found((item("art/key.mov", "mov", OTHER), sidecar(binds=None)))

    assert (media, apart.state) == ([], CredentialState.APART)


def test_a_broken_one_stays_broken() -> None:
    media, (broken,) = found((item("art/key.jpg", "jpeg", SIGNED), sidecar(state=CredentialState.BROKEN)))

    assert (media, broken.state) == ([], CredentialState.BROKEN)
