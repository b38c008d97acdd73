"""What C2PA manifests say: about AI, every manifest of the store; about validity, the active one alone."""

import re
from collections.abc import Iterator
from typing import Any

from scanner.model import AiClaim, CredentialState, Meaning
from scanner.sources import vocabulary
from scanner.sources.clean import clean

_EXPIRED = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})
_HARMLESS = frozenset({"signingCredential.untrusted"})
_NODE_LIMIT = 20_000
_CLAIM_LIMIT = 100
_MANIFEST_LIMIT = 1000

# Makers of generated media, for manifests that state no source type (Bing Image Creator does not). Editors, cameras
# and clouds that also sign other work (Photoshop, Premiere, CapCut, Canva, Pixel, Galaxy, Topaz) are not makers.
_MAKERS = re.compile(
    r"adobe[ _]firefly|\bdall[-·. ]?e\b|gpt-?4o|gpt-image|\bchatgpt\b|\bsora\b|image creator from designer"
    r"|bing image creator|microsoft[ _]responsible[ _]ai|stable diffusion|stability ai|\bflux[. -]?\d|black forest labs"
    r"|\brunway\b|dreamina|jimeng|doubao|seedream|seedance|midjourney|eleven ?labs|\bsuno\b|grok imagine|\brecraft\b"
    r"|\bfal[-.]ai\b|\bbria\b|\bideogram\b|titan image generator|nova canvas|nova reel|google generative ai|\bimagen\b"
    r"|nano banana|luma ai|dream machine|\bkling\b|\bhailuo\b|\bpika labs\b|photo assist",
    re.IGNORECASE,
)
_PHRASES = re.compile(
    r"\bai[ -]generated(?: (?:image|video|audio|music|voice|content|media))?\b"
    r"|\bgenerated (?:by|with|using) (?:generative )?ai\b|\b(?:made|edited|created) with google ai\b"
    r"|\bcreated by google generative ai\b|\bsynthid\b|\bgenerative (?:fill|expand|edit)\b",
    re.IGNORECASE,
)
_DISCLOSURES = ("c2pa.ai-disclosure", "c2pa.ai_disclosure", "c2pa.ai_generated_content")
_AI_PROPERTIES = ("aisystemused", "aisystemversionused", "aipromptinformation", "aipromptwritername")
_LIBRARIES = re.compile(r"^(?:adobe_c2pa|c2pa|c2pa-rs|c2patool|c2pa-python|c2pa-node|c2pa-ts|contentauth)\b")

Assertion = dict[str, Any]


def ai_claims(manifests: dict[str, Any], active: str) -> Iterator[AiClaim]:
    """Every AI statement, at most 100, each once: those of the active manifest first."""
    labels = [active, *sorted(label for label in manifests if label != active)]
    seen: dict[AiClaim, None] = {}
    for label in labels[:_MANIFEST_LIMIT]:
        manifest = manifests.get(label)
        if isinstance(manifest, dict):
            where = "active manifest" if label == active else f"ingredient: {_title(manifest) or label}"
            seen.update(dict.fromkeys(_of_manifest(manifest, clean(where))))
    if not seen:
        seen.update(dict.fromkeys(_by_maker_alone(manifests, active)))
    yield from list(seen)[:_CLAIM_LIMIT]


def generator(manifest: dict[str, Any]) -> str | None:
    """The product that made the claim, with its version; signing libraries are not products."""
    claim = _mapping(manifest.get("claim"))
    info = claim.get("claim_generator_info")
    first = _mapping(info[0] if isinstance(info, list) and info else info)
    if name := first.get("name"):
        return clean(f"{name} {first.get('version') or ''}".replace("_", " "))
    words = str(claim.get("claim_generator") or "").split()
    product = [word for word in words if not _LIBRARIES.match(word)]
    return clean(" ".join(product).replace("_", " ").replace("/", " ")) or None


def signed_state(failures: tuple[str, ...], successes: tuple[str, ...]) -> CredentialState:
    """Of the active manifest alone: a damaged ingredient does not break what was signed on top of it."""
    grave = {code for code in failures if not code.startswith("timeStamp.")} - _HARMLESS
    if grave - _EXPIRED or "claimSignature.validated" not in successes:
        return CredentialState.BROKEN
    if grave:
        return CredentialState.EXPIRED
    return CredentialState.TRUSTED if "signingCredential.trusted" in successes else CredentialState.UNTRUSTED


def ingredient_failures(manifests: dict[str, Any], deltas: Any) -> Iterator[str]:
    """Failure codes of ingredients: found now, or written down by whoever signed over them. Distrust is not failure."""
    statuses: list[Any] = []
    for delta in _sequence(deltas):
        statuses += _sequence(_mapping(_mapping(delta).get("validationDeltas")).get("failure"))
    for manifest in manifests.values():
        for label, assertion in _assertions(_mapping(manifest)):
            if label.startswith("c2pa.ingredient"):
                statuses += _sequence(assertion.get("validationStatus"))
                results = _mapping(assertion.get("validationResults"))
                statuses += _sequence(_mapping(results.get("activeManifest")).get("failure"))
    codes = (str(_mapping(status).get("code")) for status in statuses)
    yield from (
        code for code in codes if code != "signingCredential.untrusted" and not code.endswith((".match", ".validated"))
    )


def _of_manifest(manifest: dict[str, Any], where: str) -> Iterator[AiClaim]:
    maker = generator(manifest)
    for label, assertion in _assertions(manifest):
        if label.startswith("c2pa.actions"):
            yield from _of_actions(assertion, where, maker)
        elif label.startswith(_DISCLOSURES):
            yield from _of_disclosure(label, assertion, where, maker)
        elif label.startswith("c2pa.soft-binding") and "synthid" in str(assertion.get("alg", "")).lower():
            yield AiClaim(manifest=where, says="soft binding SynthID", meaning=Meaning.AI, tool=maker)
        elif label.startswith("c2pa.ingredient"):
            title = clean(f"ingredient: {assertion.get('dc:title') or label}")
            yield from _stated(assertion, title, None)
        else:
            yield from _stated(assertion, where, maker)


def _of_actions(assertion: Assertion, where: str, maker: str | None) -> Iterator[AiClaim]:
    actions = [*_sequence(assertion.get("actions")), *_sequence(assertion.get("templates"))]
    known = [_mapping(action) for action in actions[:_NODE_LIMIT]]
    agents = [_agent(action, assertion) for action in known]
    only = next((agent for agent in agents if agent and _MAKERS.search(agent)), None)
    for action, agent in zip(known, agents, strict=True):
        stated = tuple(_stated(action, where, agent or only or maker))
        yield from stated
        if not stated and not action.get("digitalSourceType"):
            yield from _unstated(action, agent, where, maker)


def _unstated(action: Assertion, agent: str | None, where: str, maker: str | None) -> Iterator[AiClaim]:
    """AI by the words of an action that gives no source type: a maker of generated media, or a plain statement."""
    if agent and _MAKERS.search(agent):
        yield AiClaim(manifest=where, says=clean(f'softwareAgent "{agent}"'), meaning=Meaning.AI, tool=agent)
    described = (action.get("description"), _mapping(action.get("parameters")).get("description"))
    for text in described:
        if isinstance(text, str) and (words := _PHRASES.search(text[:10_000])):
            yield AiClaim(
                manifest=where, says=clean(f'description "{words[0]}"'), meaning=Meaning.AI, tool=agent or maker
            )


def _of_disclosure(label: str, assertion: Assertion, where: str, maker: str | None) -> Iterator[AiClaim]:
    if assertion.get("ai_generated") is False:
        return
    model = next((assertion[key] for key in ("modelName", "model", "modelIdentifier") if assertion.get(key)), None)
    tool = clean(str(model)) if isinstance(model, str) else maker
    yield AiClaim(manifest=where, says=clean(label.partition("__")[0]), meaning=Meaning.AI, tool=tool)


def _stated(assertion: Any, where: str, tool: str | None) -> Iterator[AiClaim]:
    """Source types and IPTC's AI properties, at any depth of an assertion."""
    waiting = [assertion]
    for _ in range(_NODE_LIMIT):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            for key, value in sorted(node.items()):
                yield from _property(str(key), value, where, tool)
            waiting.extend(value for _, value in sorted(node.items()) if isinstance(value, dict | list))


def _property(key: str, value: Any, where: str, tool: str | None) -> Iterator[AiClaim]:
    name = re.split(r"[:/#.]", key)[-1].lower()
    if name == "digitalsourcetype":
        for text in _sequence(value) or [value]:
            if isinstance(text, str) and (stated := vocabulary.source_type(text)):
                yield AiClaim(manifest=where, says=clean(stated[0]), meaning=stated[1], tool=tool)
    elif name in _AI_PROPERTIES and value:
        system = clean(value) if name == "aisystemused" and isinstance(value, str) else tool
        yield AiClaim(manifest=where, says=clean(key), meaning=Meaning.AI, tool=system)


def _by_maker_alone(manifests: dict[str, Any], active: str) -> Iterator[AiClaim]:
    """Last resort: nothing is stated anywhere, but a maker of generated media made the claim."""
    for label, manifest in sorted(manifests.items()):
        maker = generator(_mapping(manifest))
        if maker and _MAKERS.search(maker) and not _states_any_type(_mapping(manifest)):
            where = "active manifest" if label == active else f"ingredient: {_title(manifest) or label}"
            says = clean(f'claim generator "{maker}"')
            yield AiClaim(manifest=clean(where), says=says, meaning=Meaning.AI, tool=maker)


def _states_any_type(manifest: dict[str, Any]) -> bool:
    actions = (
        assertion.get("actions") for label, assertion in _assertions(manifest) if label.startswith("c2pa.actions")
    )
    return any(_mapping(action).get("digitalSourceType") for group in actions for action in _sequence(group))


def _agent(action: Assertion, assertion: Assertion) -> str | None:
    agent = action.get("softwareAgent")
    index = action.get("softwareAgentIndex")
    agents = _sequence(assertion.get("softwareAgents"))
    if agent is None and isinstance(index, int) and 0 <= index < len(agents):
        agent = agents[index]
    if isinstance(agent, dict):
        agent = f"{agent.get('name') or ''} {agent.get('version') or ''}"
    return clean(agent) or None if isinstance(agent, str) else None


def _assertions(manifest: dict[str, Any]) -> Iterator[tuple[str, Assertion]]:
    # Sorted: the library gives objects in another order each time, and an examination must not differ.
    for label, assertion in sorted(_mapping(manifest.get("assertion_store")).items()):
        if isinstance(assertion, dict):
            yield str(label), assertion


def _title(manifest: dict[str, Any]) -> str | None:
    title = _mapping(manifest.get("claim")).get("dc:title")
    return title if isinstance(title, str) and title.strip() else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
