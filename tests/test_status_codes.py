"""Every status code of C2PA validation is explained in plain words."""

import pytest

from scanner.model.status_codes import explained

FAILURES = [
    "claim.missing",
    "claim.multiple",
    "claim.malformed",
    "claim.required.missing",
    "claim.cbor.invalid",
    "claim.hardBindings.missing",
    "claimSignature.missing",
    "claimSignature.mismatch",
    "claimSignature.outsideValidity",
    "manifest.multipleParents",
    "manifest.update.invalid",
    "manifest.update.wrongParents",
    "manifest.timestamp.invalid",
    "manifest.inaccessible",
    "ingredient.hashedURI.mismatch",
    "ingredient.manifest.missing",
    "ingredient.manifest.mismatch",
    "ingredient.claimSignature.missing",
    "ingredient.claimSignature.mismatch",
    "signingCredential.untrusted",
    "signingCredential.invalid",
    "signingCredential.expired",
    "signingCredential.ocsp.revoked",
    "timeStamp.mismatch",
    "timeStamp.malformed",
    "timeStamp.outsideValidity",
    "timeStamp.untrusted",
    "hashedURI.missing",
    "hashedURI.mismatch",
    "assertion.missing",
    "assertion.multipleHardBindings",
    "assertion.undeclared",
    "assertion.inaccessible",
    "assertion.notRedacted",
    "assertion.selfRedacted",
    "assertion.required.missing",
    "assertion.json.invalid",
    "assertion.cbor.invalid",
    "assertion.hashedURI.mismatch",
    "assertion.outsideManifest",
    "assertion.action.ingredientMismatch",
    "assertion.action.malformed",
    "assertion.dataHash.mismatch",
    "assertion.bmffHash.mismatch",
    "assertion.boxesHash.mismatch",
    "assertion.boxesHash.unknownBox",
    "assertion.collectionHash.mismatch",
    "assertion.collectionHash.incorrectFileCount",
    "algorithm.unsupported",
    "general.error",
    "cawg.identity.assertion.mismatch",
    "cawg.x509.credential.untrusted",
    "cawg.ica.untrusted_issuer",
    "com.adobe.prerelease",
]
UNKNOWN = "a check failed that is not known"


@pytest.mark.parametrize("code", FAILURES)
def test_every_code_is_explained_and_not_repeated(code: str) -> None:
    words = explained(code)

    assert words != UNKNOWN
    assert code not in words


@pytest.mark.parametrize("code", ["assertion.new.thing", "cawg.new", "timeStamp.new", "claimSignature.new"])
def test_a_code_to_come_is_explained_by_its_family(code: str) -> None:
    assert explained(code) != UNKNOWN


def test_a_code_of_no_known_family_says_that_a_check_failed() -> None:
    assert explained("vendor.private.code") == UNKNOWN


def test_of_an_ingredient_it_is_said_that_it_is_one() -> None:
    assert explained("ingredient: claimSignature.missing") == "of an ingredient: there is no signature"
