"""What files may state about AI: the IPTC digital source types, and the words that only generated media carry."""

import re
from urllib.parse import unquote

from scanner.model import Meaning

# IPTC Digital Source Type, every term of the vocabulary as of 2024-10-23, retired ones included; and C2PA's two.
# None: no statement about generative AI. algorithmicMedia is procedural, algorithmicallyEnhanced sharpens or denoises.
_TERMS: dict[str, Meaning | None] = {
    "trainedAlgorithmicMedia": Meaning.AI,
    "compositeWithTrainedAlgorithmicMedia": Meaning.AI,
    "compositeSynthetic": Meaning.AI,
    "composite": Meaning.MAYBE,
    "virtualRecording": Meaning.MAYBE,
    "trainedAlgorithmicData": Meaning.MAYBE,
    **dict.fromkeys(
        (
            "digitalCapture",
            "computationalCapture",
            "negativeFilm",
            "positiveFilm",
            "print",
            "minorHumanEdits",
            "humanEdits",
            "algorithmicallyEnhanced",
            "softwareImage",
            "digitalArt",
            "digitalCreation",
            "dataDrivenMedia",
            "algorithmicMedia",
            "screenCapture",
            "compositeCapture",
            "empty",
        )
    ),
}
_BY_FOLDED = {term.casefold(): (term, meaning) for term, meaning in _TERMS.items()}
# The vocabulary's English names of today and before 2024, which some tools write in place of the term.
_NAMES = {
    "createdusinggenerativeai": "trainedAlgorithmicMedia",
    "editedusinggenerativeai": "compositeWithTrainedAlgorithmicMedia",
    "editedwithgenerativeai": "compositeWithTrainedAlgorithmicMedia",
    "compositeincludinggenerativeaielements": "compositeSynthetic",
    "compositeincludingsyntheticelements": "compositeSynthetic",
    "virtualeventrecording": "virtualRecording",
    "virtualrecordings": "virtualRecording",
    "compositeofelements": "composite",
}
_OF_THE_VOCABULARY = re.compile(r"digitalsourcetype/|^\s*digsrctype:", re.IGNORECASE)

CREDITS = re.compile(
    r"(?:made|edited|created) with google ai|apple image playground|apple photos (?:generative edit: )?clean ?up",
    re.IGNORECASE,
)
# Plain words of a caption, credit or keyword that state it. What only speaks of AI as a subject does not match.
_STATEMENT = re.compile(
    r"\b(?:ai|artificial intelligence)[\s-]generated\b"
    r"|\b(?:generated|created|made|edited|produced)\s+(?:by|with|using)\s+(?:an?\s+)?(?:generative\s+)?"
    r"(?:ai|artificial intelligence)\b"
    r"|(?:AI|人工智能)\s?(?:技术)?(?:生成|合成)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:not?|non|never|without|neither|nothing|cannot)\b|n't\b|[未非不无])[^.;。]{0,24}$", re.IGNORECASE
)


def source_type(value: str) -> tuple[str, Meaning] | None:
    """The term that a source type names and what it means; None for those that do not speak of generative AI.

    Takes the URI (http or https, with or without a slash at the end), a qualified code, the bare term, or its English
    name. A term of the vocabulary that is not known here (a newer one) may speak of it.
    """
    plain = unquote(value[:1000]).strip().split("?")[0].rstrip("/# ")
    last = re.split(r"[/:#]", plain)[-1]
    folded = re.sub(r"[\s_-]", "", last).casefold()
    folded = _NAMES.get(folded, folded).casefold()
    if folded in _BY_FOLDED:
        term, meaning = _BY_FOLDED[folded]
        return (term, meaning) if meaning else None
    if "trainedalgorithmicmedia" in folded:
        return last, Meaning.AI
    return (last, Meaning.MAYBE) if last and _OF_THE_VOCABULARY.search(plain) else None


def statement(text: str) -> str | None:
    """The words in which a text says outright that AI made or changed what it describes; None where it denies it."""
    for match in _STATEMENT.finditer(text[:20_000]):
        if not _DENIED.search(text[max(match.start() - 60, 0) : match.start()]):
            return match[0]
    return None
