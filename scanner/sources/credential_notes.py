"""What Content Credentials say beside AI: who says to have made it (CAWG identity), terms of use, marks, gaps.

None of it is evidence of AI: a ban on training says nothing of how a picture was made.
"""

from collections.abc import Iterator
from typing import Any

from scanner.sources.clean import clean
from scanner.sources.credential_words import names_mark
from scanner.sources.manifests import assertions, codes, manifests_of, mapping, missing, sequence

_LIMIT = 20
_PERMISSIONS = ("c2pa.training-mining", "cawg.training-mining")
_ELSEWHERE = ("c2pa.cloud-data", "c2pa.external-reference")
_USES = {"notAllowed": "not allowed", "allowed": "allowed", "constrained": "allowed within limits"}
IDENTITY = "cawg.identity"


def has_identities(store: dict[str, Any]) -> bool:
    """Whether any manifest names a person or firm (CAWG identity)."""
    return any(label.startswith(IDENTITY) for one in manifests_of(store) for label, _ in assertions(one.body))


def identities(decoded: dict[str, Any]) -> Iterator[str]:
    """Who is named, at most 20, as the library decodes it: name, role, who vouches, how far that was verified."""
    told: dict[str, None] = {}
    for _, manifest in sorted(mapping(decoded.get("manifests")).items()):
        for assertion in sequence(mapping(manifest).get("assertions")):
            if str(mapping(assertion).get("label")).startswith(IDENTITY):
                data = mapping(mapping(assertion).get("data"))
                told.update(dict.fromkeys(f"{who}: {_verified(decoded)}" for who in _named(data)))
    yield from (clean(who) for who in list(told)[:_LIMIT])


def _named(data: dict[str, Any]) -> Iterator[str]:
    """The holder of a certificate, or the persons and accounts for which somebody else vouches."""
    payload = mapping(data.get("signer_payload"))
    roles = ", ".join(str(role) for role in sequence(payload.get("role")) or sequence(data.get("roles")))
    called = f" as {roles}" if roles else ""
    info = mapping(data.get("signature_info"))
    names = dict.fromkeys(str(info[key]) for key in ("issuer", "common_name") if info.get(key))
    if names:
        yield " / ".join(names) + called
    subject = mapping(data.get("credentialSubject")) or data
    for one in map(mapping, sequence(subject.get("verifiedIdentities"))):
        provider = mapping(one.get("provider")).get("name")
        told = one.get("name") or one.get("username") or one.get("address") or one.get("uri") or one.get("type")
        yield f"{told}" + (f" (says {provider})" if provider else "") + called


def _verified(decoded: dict[str, Any]) -> str:
    outcome = mapping(mapping(decoded.get("validation_results")).get("activeManifest"))
    failed = [code for code in codes(outcome.get("failure")) if code.startswith("cawg.")]
    if any("untrusted" not in code for code in failed):
        return "could not be verified"
    if failed:
        return "its signature fits; not on a list that is trusted"
    return "verified" if any(code.startswith("cawg.") for code in codes(outcome.get("success"))) else "not verified"


def notes(store: dict[str, Any]) -> Iterator[str]:
    """Terms for training, marks of firms that mark any content, what is kept elsewhere, gone or missing; at most 20."""
    told: dict[str, None] = {}
    for manifest in manifests_of(store):
        for label, assertion in assertions(manifest.body):
            if label.startswith(_PERMISSIONS):
                told.update(dict.fromkeys(f"{terms} ({manifest.where})" for terms in _terms(assertion)))
            elif label.startswith("c2pa.soft-binding") and isinstance(algorithm := assertion.get("alg"), str):
                told.update({} if names_mark(algorithm) else {f"names a mark: {algorithm} ({manifest.where})": None})
            elif label.startswith(_ELSEWHERE):
                told[f"a statement is kept elsewhere and was not fetched: {_kept(assertion)} ({manifest.where})"] = None
        told.update(dict.fromkeys(f"struck out by a later signer: {what}" for what in _struck_out(manifest.body)))
    told.update(dict.fromkeys(f"the manifest of an ingredient is not there: {title}" for title in missing(store)))
    yield from (clean(note) for note in list(told)[:_LIMIT])


def _kept(assertion: dict[str, Any]) -> str:
    """What is kept elsewhere: its label, else its address."""
    return str(assertion.get("label") or mapping(assertion.get("location")).get("url") or "without a name")


def _struck_out(manifest: dict[str, Any]) -> Iterator[str]:
    """The labels of the statements that this manifest removes from others (C2PA 2.2, 6.8)."""
    for url in sequence(mapping(manifest.get("claim")).get("redacted_assertions")):
        yield str(url).rpartition("/")[2]


def _terms(assertion: dict[str, Any]) -> Iterator[str]:
    """Each use that is allowed or not (CAWG training and data mining 1.0; the same in C2PA until 2.0)."""
    for name, entry in sorted(mapping(assertion.get("entries")).items()):
        use = str(mapping(entry).get("use"))
        yield f"terms of use: {str(name).rpartition('.')[2].replace('_', ' ')} {_USES.get(use, use)}"
