"""Whose Content Credentials are trusted: lists with a date, and the studio's own certificates."""

import ssl
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from scanner.errors import SettingsError
from scanner.settings import Settings, TrustTable
from scanner.trust import TrustList, now, trust_anchors, trust_lists
from tests.sources.signing import chain

LISTS = Path(__file__).parents[1] / "config" / "trust"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def settings(home: Path, *anchors: str, lists: str = "shipped") -> Settings:
    return Settings(home=home, trust=TrustTable.model_validate({"lists": lists, "anchors": list(anchors)}))


@pytest.fixture
def own(tmp_path: Path) -> str:
    (tmp_path / "own.pem").write_text(chain().root)
    return "own.pem"


def test_a_shipped_list_has_a_name_a_date_and_a_source(tmp_path: Path) -> None:
    (found,) = trust_lists(settings(tmp_path))

    assert (found.shown, found.certificates) == ("C2PA Trust List of 2026-08-05", 19)
    assert found.source is not None
    assert found.expired(NOON) == ()


def test_the_studios_own_certificates_are_trusted_as_well(tmp_path: Path, own: str) -> None:
    found = trust_anchors(settings(tmp_path, own))

    assert found is not None
    assert found.lists == ("C2PA Trust List of 2026-08-05", "own.pem")
    assert chain().root in found.pem


def test_a_studio_that_wants_no_list_trusts_only_its_own(tmp_path: Path, own: str) -> None:
    found = trust_anchors(settings(tmp_path, own, lists="none"))

    assert found is not None
    assert found.lists == ("own.pem",)


def test_without_any_list_nobody_is_trusted(tmp_path: Path) -> None:
    assert trust_anchors(settings(tmp_path, lists="none")) is None


@pytest.mark.parametrize(
    "text", ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_file_without_certificates_is_a_settings_error_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.pem").write_text(text)

    with pytest.raises(SettingsError, match=r"own\.pem"):
        trust_anchors(settings(tmp_path, "own.pem"))


def test_certificates_that_have_expired_are_named(tmp_path: Path, own: str) -> None:
    (found,) = trust_lists(settings(tmp_path, own, lists="none"))

    assert found.expired(now()) == ()
    assert found.expired(now() + timedelta(days=400)) == ("Test Root",)


@pytest.mark.parametrize(("day", "is_old"), [(date(2027, 8, 5), False), (date(2027, 8, 6), True)])
def test_a_list_is_old_after_a_year(day: date, *, is_old: bool) -> None:
    assert TrustList(name="x", pem="", dated=date(2026, 8, 5)).is_old(day) is is_old


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.toml")), ids=lambda path: path.name)
def test_every_list_says_what_it_is_and_holds_whole_certificates(path: Path) -> None:
    told = tomllib.loads(path.read_text())
    pem = (LISTS / told["file"]).read_text("ascii")

    assert {"name", "dated", "source", "what", "licence"} <= set(told)
    assert path.stem.endswith(str(told["dated"]))
    assert ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem) is None  # type: ignore[func-returns-value]
    for certificate in x509.load_pem_x509_certificates(pem.encode()):
        if certificate.issuer == certificate.subject:
            certificate.verify_directly_issued_by(certificate)
