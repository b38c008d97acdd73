"""What files may state about AI: the IPTC digital source types, and the words that only generated media carry."""

import re

from scanner.model import Meaning

# IPTC Digital Source Type, all terms that say something about generative AI; C2PA adds trainedAlgorithmicData.
# algorithmicMedia (procedural) and algorithmicallyEnhanced (sharpening, noise) are not generative AI.
_TERMS = {
    "trainedAlgorithmicMedia": Meaning.AI,
    "compositeWithTrainedAlgorithmicMedia": Meaning.AI,
    "compositeSynthetic": Meaning.AI,
    "composite": Meaning.MAYBE,
    "virtualRecording": Meaning.MAYBE,
    "trainedAlgorithmicData": Meaning.MAYBE,
}
_BY_FOLDED = {term.casefold(): (term, meaning) for term, meaning in _TERMS.items()}
# The vocabulary's English names, which some tools write in place of the term.
_NAMES = {
    "createdusinggenerativeai": "trainedAlgorithmicMedia",
    "editedusinggenerativeai": "compositeWithTrainedAlgorithmicMedia",
    "editedwithgenerativeai": "compositeWithTrainedAlgorithmicMedia",
    "compositeincludinggenerativeaielements": "compositeSynthetic",
}

CREDITS = re.compile(
    r"(?:made|edited) with google ai|apple image playground|apple photos (?:generative edit: )?clean ?up",
    re.IGNORECASE,
)


def source_type(value: str) -> tuple[str, Meaning] | None:
    """The term that a source type names and what it means; None for those that do not speak of generative AI.

    Takes the URI (http or https, with or without a slash at the end), a qualified code or the bare term.
    """
    last = re.split(r"[/:#]", value[:1000].strip().rstrip("/"))[-1]
    folded = re.sub(r"[\s_-]", "", last).casefold()
    folded = _NAMES.get(folded, folded).casefold()
    if folded in _BY_FOLDED:
        return _BY_FOLDED[folded]
    return (last, Meaning.AI) if "trainedalgorithmicmedia" in folded else None
