"""What C2PA manifests say of generative AI: source types, actions, disclosures, AI properties, marks and makers."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scanner.model import AiClaim, Meaning
from scanner.sources import vocabulary
from scanner.sources.clean import clean
from scanner.sources.credential_words import is_maker, names_mark, phrase
from scanner.sources.manifests import (
    Assertion,
    Manifest,
    assertions,
    generator,
    manifests_of,
    mapping,
    sequence,
    signer,
)

_CLAIM_LIMIT = 100
_TOOL_LIMIT = 1000
_DISCLOSURES = ("c2pa.ai-disclosure", "c2pa.ai_disclosure", "c2pa.ai_generated_content", "com.adobe.generative-ai")
_AI_PROPERTIES = ("aisystemused", "aisystemversionused", "aipromptinformation", "aipromptwritername")
_PERMISSIONS = ("c2pa.training-mining", "cawg.training-mining")
# Never looked at for words: prompts are confidential, the rest is no statement.
_SILENT = frozenset({"prompt", "negativeprompt", "when", "instanceid", "ingredients", "digitalsourcetype"})


def ai_claims(store: dict[str, Any]) -> Iterator[AiClaim]:
    """Every AI statement of every manifest, each once, those of the active manifest first.

    Of more than a hundred, only those that name another tool: leave for one tool is not leave for the next.
    """
    seen = dict.fromkeys(claim for manifest in manifests_of(store) for claim in _of_manifest(manifest))
    if not seen:
        seen = dict.fromkeys(claim for manifest in manifests_of(store) for claim in _by_maker_alone(manifest))
    tools: set[str | None] = set()
    for at, claim in enumerate(seen):
        if at < _CLAIM_LIMIT or (claim.tool not in tools and len(tools) < _TOOL_LIMIT):
            yield claim
        tools.add(claim.tool)


def _of_manifest(manifest: Manifest) -> Iterator[AiClaim]:
    maker = generator(manifest.body)
    for label, assertion in assertions(manifest.body):
        is_gathered = label in manifest.gathered
        for claim in _of_assertion(label, assertion, manifest.where, maker):
            yield replace(claim, gathered=True) if is_gathered else claim


def _of_assertion(label: str, assertion: Assertion, where: str, maker: str | None) -> Iterator[AiClaim]:
    if label.startswith("c2pa.actions"):
        yield from _of_actions(assertion, where, maker)
    elif label.startswith(_DISCLOSURES):
        yield from _of_disclosure(label, assertion, where, maker)
    elif label.startswith("c2pa.soft-binding"):
        yield from _of_soft_binding(assertion, where)
    elif label.startswith("c2pa.ingredient"):
        yield from _of_ingredient(label, assertion)
    elif not label.startswith(_PERMISSIONS):
        yield from _stated(assertion, where, maker)


def _of_actions(assertion: Assertion, where: str, maker: str | None) -> Iterator[AiClaim]:
    listed = [*sequence(assertion.get("actions")), *sequence(assertion.get("templates"))]
    known = [mapping(action) for action in listed]
    agents = [_agent(action, assertion) for action in known]
    only = next((agent for agent in agents if agent and is_maker(agent)), None)
    for action, agent in zip(known, agents, strict=True):
        stated = tuple(_stated(action, where, agent or only or maker))
        yield from stated
        if not stated and not action.get("digitalSourceType"):
            yield from _unstated(action, agent, where, maker)


def _unstated(action: Assertion, agent: str | None, where: str, maker: str | None) -> Iterator[AiClaim]:
    """AI by the words of an action that gives no source type: a maker of generated media, or a plain statement."""
    if agent and is_maker(agent):
        yield AiClaim(manifest=where, says=clean(f'softwareAgent "{agent}"'), meaning=Meaning.AI, tool=agent)
    for key, text in _texts(action):
        if key == "alg" and names_mark(text):
            yield _mark(text, where)
        elif words := phrase(text):
            says = clean(f'{key} "{words}"', 80)
            yield AiClaim(manifest=where, says=says, meaning=Meaning.AI, tool=agent or maker)


def _texts(action: Assertion) -> Iterator[tuple[str, str]]:
    """Key and text of what an action says in words: its name, description, reason, changes and parameters."""
    for key, node in _entries(action):
        if isinstance(node, str) and _folded(key) not in _SILENT and not _folded(key).startswith("softwareagent"):
            yield key, node


def _of_disclosure(label: str, assertion: Assertion, where: str, maker: str | None) -> Iterator[AiClaim]:
    """C2PA 2.4, AI disclosure; and two of single vendors."""
    if assertion.get("ai_generated") is False:
        return
    named = ("modelName", "model", "modelIdentifier", "description")
    model = next((assertion[key] for key in named if isinstance(assertion.get(key), str) and assertion[key]), None)
    oversight = mapping(assertion.get("contentProfile")).get("humanOversightLevel")
    says = f"{_bare(label)} ({oversight})" if isinstance(oversight, str) and oversight else _bare(label)
    tool = clean(model) if model else maker
    yield AiClaim(manifest=where, says=clean(says), meaning=Meaning.AI, tool=tool)


def _of_soft_binding(assertion: Assertion, where: str) -> Iterator[AiClaim]:
    """A mark in the media itself that the manifest names by its algorithm (C2PA 2.2, 18.11). Whether it is there, no
    one can tell here."""
    algorithm = assertion.get("alg")
    if isinstance(algorithm, str) and names_mark(algorithm):
        yield _mark(algorithm, where)


def _mark(algorithm: str, where: str) -> AiClaim:
    tool = "SynthID" if "synthid" in algorithm.lower() else clean(algorithm)
    return AiClaim(manifest=where, says=clean(f"soft binding {algorithm}"), meaning=Meaning.AI, tool=tool, mark=True)


def _of_ingredient(label: str, assertion: Assertion) -> Iterator[AiClaim]:
    """Source types of an ingredient, and ingredients that are a generator's prompt or seed, or a model."""
    kinds = sequence(assertion.get("dataTypes")) or sequence(assertion.get("data_types"))
    names = sorted({str(mapping(kind).get("type") or "") for kind in kinds})
    # The title of a prompt may be the prompt.
    named = _bare(label) if names else assertion.get("dc:title") or _bare(label)
    where = clean(f"ingredient: {named}")
    yield from _stated(assertion, where, None)
    for name in names:
        if name.startswith("c2pa.types.generator"):
            yield AiClaim(manifest=where, says=clean(name), meaning=Meaning.AI)
        elif name.startswith("c2pa.types.model"):
            yield AiClaim(manifest=where, says=clean(name), meaning=Meaning.MAYBE)


def _stated(assertion: Any, where: str, tool: str | None) -> Iterator[AiClaim]:
    """Source types, IPTC's AI properties and known credit lines, at any depth of an assertion."""
    for key, value in _entries(assertion):
        yield from _property(key, value, where, tool)


def _entries(assertion: Any) -> Iterator[tuple[str, Any]]:
    """Key and value of every entry of every object, at any depth; of a list's items under the list's key."""
    waiting: list[tuple[str, Any]] = [("", assertion)]
    while waiting:
        key, node = waiting.pop()
        if isinstance(node, list):
            waiting.extend((key, item) for item in reversed(node))
        elif isinstance(node, dict):
            waiting.extend((str(name), value) for name, value in sorted(node.items(), key=_by_name, reverse=True))
        if key and not isinstance(node, list):
            yield key, node


def _by_name(entry: tuple[Any, Any]) -> str:
    return str(entry[0])


def _property(key: str, value: Any, where: str, tool: str | None) -> Iterator[AiClaim]:
    name, text = _folded(key), _plain(value)
    if text is None:
        return
    if name == "digitalsourcetype":
        if stated := vocabulary.source_type(text):
            yield AiClaim(manifest=where, says=clean(stated[0]), meaning=stated[1], tool=tool)
    elif name in _AI_PROPERTIES:
        system = clean(text) if name == "aisystemused" else tool
        yield AiClaim(manifest=where, says=clean(key), meaning=Meaning.AI, tool=system)
    elif name == "credit" and (words := vocabulary.CREDITS.search(text[:1000])):
        yield AiClaim(manifest=where, says=clean(f'{key} "{words[0]}"'), meaning=Meaning.AI, tool=tool)


def _plain(value: Any) -> str | None:
    """The text of a value, also of one in JSON-LD's long form."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("@id", "@value", "id") if value.get(key)), None)
    return value if isinstance(value, str) and value.strip() else None


def _folded(key: str) -> str:
    """The last part of a key, past prefixes and paths, in small letters."""
    return re.split(r"[:/#.]", key)[-1].replace("_", "").lower()


def _bare(label: str) -> str:
    """A label without the number that tells it from others of its kind."""
    return clean(label.partition("__")[0])


def _by_maker_alone(manifest: Manifest) -> Iterator[AiClaim]:
    """Last resort: nothing is stated anywhere, but a maker of generated media made the claim, or signed it."""
    if _states_any_type(manifest.body):
        return
    maker, signed_by = generator(manifest.body), signer(manifest.body)
    if maker and is_maker(maker):
        says = clean(f'claim generator "{maker}"')
        yield AiClaim(manifest=manifest.where, says=says, meaning=Meaning.AI, tool=maker)
    elif signed_by and is_maker(signed_by):
        says = clean(f'signed by "{signed_by}"')
        yield AiClaim(manifest=manifest.where, says=says, meaning=Meaning.MAYBE, tool=signed_by)


def _states_any_type(manifest: dict[str, Any]) -> bool:
    groups = (body.get("actions") for label, body in assertions(manifest) if label.startswith("c2pa.actions"))
    return any(mapping(action).get("digitalSourceType") for group in groups for action in sequence(group))


def _agent(action: Assertion, assertion: Assertion) -> str | None:
    """The software of an action: text until the second version of actions, then an object or a place in a list."""
    agent, index = action.get("softwareAgent"), action.get("softwareAgentIndex")
    agents = sequence(assertion.get("softwareAgents"))
    if agent is None and isinstance(index, int) and 0 <= index < len(agents):
        agent = agents[index]
    if isinstance(agent, dict):
        agent = f"{agent.get('name') or ''} {agent.get('version') or ''}"
    return clean(agent) or None if isinstance(agent, str) else None
