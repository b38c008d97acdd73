"""What the status codes of C2PA validation mean, in plain words (C2PA 2.2, 15.2; CAWG identity 1.1, 7 and 8).

Codes keep coming: what is not listed is explained by its family, by what its first words name.
"""

from collections.abc import Mapping
from types import MappingProxyType

OF_INGREDIENT = "ingredient: "

_CODES: Mapping[str, str] = MappingProxyType(
    {
        "algorithm.deprecated": "an algorithm was used that is no longer thought safe",
        "algorithm.unsupported": "an algorithm was used that the library does not know",
        "assertion.action.ingredientMismatch": "an action names an ingredient that is not as it was signed",
        "assertion.action.malformed": "the list of actions is not as C2PA wants it",
        "assertion.action.redacted": "the list of actions was struck out, which is not allowed",
        "assertion.action.redactionMismatch": "an action says that something was struck out, and it was not",
        "assertion.action.softBindingMissing": "an action names a watermark, and no statement describes it",
        "assertion.bmffHash.additionalExclusionsPresent": "the signature leaves out parts of the file",
        "assertion.bmffHash.malformed": "how the file was to be checked is not written as C2PA wants it",
        "assertion.bmffHash.mismatch": "the film or sound was changed after it was signed",
        "assertion.boxesHash.additionalExclusionsPresent": "the signature leaves out parts of the file",
        "assertion.boxesHash.malformed": "how the file was to be checked is not written as C2PA wants it",
        "assertion.boxesHash.mismatch": "the file was changed after it was signed",
        "assertion.boxesHash.unknownBox": "the file has a part that was not there when it was signed",
        "assertion.cbor.invalid": "a statement in the manifest cannot be read",
        "assertion.collectionHash.incorrectFileCount": "files were added or taken away after it was signed",
        "assertion.collectionHash.invalidURI": "the list of files that belong to it names one that cannot be",
        "assertion.collectionHash.malformed": "the list of files that belong to it is not as C2PA wants it",
        "assertion.collectionHash.mismatch": "a file that belongs to it was changed after it was signed",
        "assertion.dataHash.additionalExclusionsPresent": "the signature leaves out parts of the file",
        "assertion.dataHash.malformed": "how the file was to be checked is not written as C2PA wants it",
        "assertion.dataHash.mismatch": "the file was changed after it was signed",
        "assertion.dataHash.redacted": "what binds the manifest to the file was struck out",
        "assertion.hardBinding.redacted": "what binds the manifest to the file was struck out",
        "assertion.hashedURI.mismatch": "a statement in the manifest was changed after it was signed",
        "assertion.inaccessible": "a statement is kept elsewhere and was not fetched",
        "assertion.ingredient.malformed": "what is said of an ingredient is not as C2PA wants it",
        "assertion.json.invalid": "a statement in the manifest cannot be read",
        "assertion.missing": "a statement that was signed is missing",
        "assertion.multipleHardBindings": "the manifest is bound to its file in more than one way",
        "assertion.notRedacted": "a statement was to be struck out and is still there",
        "assertion.outsideManifest": "a statement lies outside the manifest that names it",
        "assertion.required.missing": "a statement that must be there is missing",
        "assertion.selfRedacted": "a manifest strikes out a statement of its own",
        "assertion.undeclared": "a statement is there that was not signed",
        "claim.cbor.invalid": "the claim cannot be read",
        "claim.hardBindings.missing": "nothing binds the manifest to this file: it may be another file's",
        "claim.malformed": "the claim is not as C2PA wants it",
        "claim.missing": "the claim is missing",
        "claim.multiple": "there is more than one claim where there must be one",
        "claim.required.missing": "the claim lacks something that must be there",
        "claimSignature.mismatch": "the signature does not fit: the claim was changed after it was signed",
        "claimSignature.missing": "there is no signature",
        "claimSignature.outsideValidity": "it was signed when the signer's certificate was not valid",
        "com.adobe.prerelease": "it was made by software older than the standard, and is not checked",
        "general.error": "the check ended with an error",
        "hashedURI.mismatch": "something that the manifest refers to was changed",
        "hashedURI.missing": "something that the manifest refers to is missing",
        "ingredient.claimSignature.mismatch": "the ingredient's manifest is not the one that was signed over",
        "ingredient.claimSignature.missing": "the ingredient's manifest has no signature",
        "ingredient.hashedURI.mismatch": "an ingredient is not the one that was signed over",
        "ingredient.manifest.mismatch": "an ingredient's manifest was changed after it was signed over",
        "ingredient.manifest.missing": "an ingredient's manifest is named and is not there",
        "ingredient.unknownProvenance": "nothing is known of where an ingredient came from",
        "manifest.compressed.invalid": "a packed manifest cannot be unpacked",
        "manifest.inaccessible": "the manifest is kept elsewhere and was not fetched",
        "manifest.missing": "the manifest is missing",
        "manifest.multipleParents": "the manifest names more than one parent",
        "manifest.timestamp.invalid": "a manifest that only adds a time stamp adds something else as well",
        "manifest.timestamp.wrongParents": "a manifest that only adds a time stamp does not name one parent",
        "manifest.unknownProvenance": "nothing is known of where it came from",
        "manifest.update.invalid": "an update says more than an update may",
        "manifest.update.wrongParents": "an update does not name one parent",
        "signingCredential.expired": "the certificate has expired, and no trusted time stamp says when it signed",
        "signingCredential.invalid": "the signer's certificate may not be used to sign Content Credentials",
        "signingCredential.ocsp.inaccessible": "whether the signer's certificate was withdrawn could not be asked",
        "signingCredential.ocsp.revoked": "the signer's certificate was withdrawn",
        "signingCredential.ocsp.unknown": "whether the signer's certificate was withdrawn is not known",
        "signingCredential.revoked": "the signer's certificate was withdrawn",
        "signingCredential.untrusted": "the signer is not on a trust list",
        "timeOfSigning.outsideValidity": "it was signed when the signer's certificate was not valid",
        "timeStamp.malformed": "the time stamp cannot be read",
        "timeStamp.mismatch": "the time stamp is that of something else",
        "timeStamp.outsideValidity": "the time stamp's own certificate was not valid at that time",
        "timeStamp.untrusted": "who made the time stamp is not on a trust list",
    }
)
_FAMILIES = (
    ("cawg.ica.untrusted_issuer", "who vouches for the person is not known here"),
    ("cawg.ica.did_unavailable", "who vouches for the person could not be asked: nothing is fetched"),
    ("cawg.x509.credential.untrusted", "the named person's or firm's certificate is not on a list that is trusted"),
    ("cawg.", "who is named in it could not be verified"),
    ("ingredient.", "an ingredient is not as it was signed over"),
    ("assertion.", "a statement in the manifest is not as C2PA wants it"),
    ("signingCredential.", "something is wrong with the signer's certificate"),
    ("timeStamp.", "something is wrong with the time stamp"),
    ("claim", "something is wrong with the claim or its signature"),
    ("manifest.", "something is wrong with the manifest"),
)


def explained(code: str) -> str:
    """What a status code says, in a few plain words; for codes of ingredients, that it is about one."""
    plain = code.removeprefix(OF_INGREDIENT)
    family = next((words for start, words in _FAMILIES if plain.startswith(start)), "a check failed that is not known")
    words = _CODES.get(plain, family)
    return f"of an ingredient: {words}" if plain != code else words
