"""A C2PA manifest store: which manifests there are, how each is related to the active one, and how valid that is."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner.model import CredentialState
from scanner.model.status_codes import OF_INGREDIENT
from scanner.sources.clean import clean

VALIDATION_LIMIT = 50

# Distrust is a fact of its own; time stamps and named persons (CAWG) have codes of their own and break no signature.
_EXPIRED = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})
_APART = ("signingCredential.untrusted", "timeStamp.", "cawg.")
# What fails for want of the file that a sidecar was signed for.
_BINDINGS = re.compile(r"assertion\.(?:data|bmff|boxes|collection)Hash\.")
_TOLD = frozenset({"signingCredential.ocsp.skipped", "ingredient.unknownProvenance"})
_LIBRARIES = re.compile(r"^(?:adobe_c2pa|c2pa|c2pa-rs|c2patool|c2pa-python|c2pa-node|c2pa-ts|contentauth)\b")
_LABEL = re.compile(r"self#jumbf=/?c2pa/([^/]+)")

Assertion = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One manifest of a store: how people would call it, what it states, what of that its signer only passes on."""

    where: str
    body: dict[str, Any]
    gathered: frozenset[str]


def manifests_of(store: dict[str, Any]) -> Iterator[Manifest]:
    """Every manifest once: the active one, its ingredients and theirs, then those that nothing refers to."""
    manifests, active = mapping(store.get("manifests")), str(store.get("active_manifest") or "")
    waiting, seen = deque([active]), {active}
    while waiting:
        label = waiting.popleft()
        if isinstance(body := manifests.get(label), dict):
            yield _manifest(body, _where(label, body, "active manifest" if label == active else "ingredient"))
            found = dict.fromkeys(one for one in _referred(body) if one not in seen)
            seen.update(found)
            waiting.extend(found)
    rest = sorted(label for label, body in manifests.items() if label not in seen and isinstance(body, dict))
    for label in rest:
        yield _manifest(manifests[label], _where(label, manifests[label], "manifest that nothing refers to"))


def missing(store: dict[str, Any]) -> Iterator[str]:
    """What ingredients are called whose manifest is named and is not in the store."""
    manifests = mapping(store.get("manifests"))
    for _, body in sorted(manifests.items()):
        for label, assertion in assertions(mapping(body)):
            if label.startswith("c2pa.ingredient") and any(one not in manifests for one in _manifests_named(assertion)):
                yield clean(str(assertion.get("dc:title") or label))


def _where(label: str, body: dict[str, Any], relation: str) -> str:
    return relation if relation == "active manifest" else clean(f"{relation}: {title(body) or label}")


def _manifest(body: dict[str, Any], where: str) -> Manifest:
    """Claims before version 2 know no gathered assertions: the signer vouches for all."""
    urls = (mapping(one).get("url") for one in sequence(mapping(body.get("claim")).get("gathered_assertions")))
    return Manifest(where=where, body=body, gathered=frozenset(str(url).rsplit("/", 1)[-1] for url in urls))


def _referred(body: dict[str, Any]) -> Iterator[str]:
    for label, assertion in assertions(body):
        if label.startswith("c2pa.ingredient"):
            yield from _manifests_named(assertion)


def _manifests_named(assertion: Assertion) -> Iterator[str]:
    """The labels of the manifests of an ingredient; `c2pa_manifest` until its third version."""
    for key in ("activeManifest", "c2pa_manifest"):
        if found := _LABEL.match(str(mapping(assertion.get(key)).get("url") or "")):
            yield found[1]


def active_of(store: dict[str, Any]) -> dict[str, Any]:
    """The active manifest; nothing where the store does not have it."""
    return mapping(mapping(store.get("manifests")).get(str(store.get("active_manifest") or "")))


def generator(manifest: dict[str, Any]) -> str | None:
    """The product that made the claim, with its version; signing libraries are not products."""
    claim = mapping(manifest.get("claim"))
    info = claim.get("claim_generator_info")
    first = mapping(info[0] if isinstance(info, list) and info else info)
    if name := first.get("name"):
        return clean(f"{name} {first.get('version') or ''}".replace("_", " "))
    words = str(claim.get("claim_generator") or "").split()
    product = [word for word in words if not _LIBRARIES.match(word)]
    return clean(" ".join(product).replace("_", " ").replace("/", " ")) or None


def signer(manifest: dict[str, Any]) -> str | None:
    """Who signed it, by the certificate: the firm and, where it differs, the certificate's own name."""
    signature = mapping(manifest.get("signature"))
    issuer, name = signature.get("issuer"), signature.get("common_name")
    if issuer and name and issuer != name:
        return clean(f"{issuer} ({name})")
    return clean(str(issuer or name)) if issuer or name else None


def title(manifest: dict[str, Any]) -> str | None:
    """What the manifest calls its file."""
    text = mapping(manifest.get("claim")).get("dc:title")
    return text if isinstance(text, str) and text.strip() else None


def signed_state(failures: tuple[str, ...], successes: tuple[str, ...], *, apart: bool = False) -> CredentialState:
    """Of the active manifest alone: a damaged ingredient does not break what was signed on top of it.

    `apart`: the manifest was read without its file, so that what binds it to the file is not asked for.
    """
    grave = {code for code in failures if not code.startswith(_APART) and not (apart and _BINDINGS.match(code))}
    if grave - _EXPIRED or "claimSignature.validated" not in successes:
        return CredentialState.BROKEN
    if grave:
        return CredentialState.EXPIRED
    if apart:
        return CredentialState.APART
    return CredentialState.TRUSTED if "signingCredential.trusted" in successes else CredentialState.UNTRUSTED


def status_codes(store: dict[str, Any], *, apart: bool = False) -> tuple[str, ...]:
    """Every code that is no success, at most 50: those of the active manifest, then, marked so, of ingredients."""
    outcome = mapping(mapping(store.get("validation_results")).get("activeManifest"))
    own = {*codes(outcome.get("failure")), *codes(outcome.get("informational"))} - _TOLD
    own = {code for code in own if not (apart and _BINDINGS.match(code))}
    inherited = {OF_INGREDIENT + code for code in _of_ingredients(store)}
    return tuple(clean(code) for code in (*sorted(own), *sorted(inherited))[:VALIDATION_LIMIT])


def _of_ingredients(store: dict[str, Any]) -> Iterator[str]:
    """Failure codes of ingredients: found now, or written down by whoever signed over them. Distrust is not failure."""
    statuses: list[Any] = []
    for delta in sequence(mapping(store.get("validation_results")).get("ingredientDeltas")):
        statuses += sequence(mapping(mapping(delta).get("validationDeltas")).get("failure"))
    for manifest in mapping(store.get("manifests")).values():
        for label, assertion in assertions(mapping(manifest)):
            if label.startswith("c2pa.ingredient"):
                statuses += sequence(assertion.get("validationStatus"))
                results = mapping(assertion.get("validationResults"))
                statuses += sequence(mapping(results.get("activeManifest")).get("failure"))
    fine = (".match", ".validated", ".trusted")
    yield from (code for code in codes(statuses) if code != "signingCredential.untrusted" and not code.endswith(fine))


def codes(statuses: Any) -> tuple[str, ...]:
    """The codes of a list of validation statuses."""
    return tuple(str(status.get("code")) for status in sequence(statuses) if isinstance(status, dict))


def assertions(manifest: dict[str, Any]) -> Iterator[tuple[str, Assertion]]:
    """Label and content of each assertion, in the order of the labels."""
    # Sorted: the library gives objects in another order each time, and an examination must not differ.
    for label, assertion in sorted(mapping(manifest.get("assertion_store")).items()):
        if isinstance(assertion, dict | list):
            yield str(label), assertion if isinstance(assertion, dict) else {"": assertion}


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
