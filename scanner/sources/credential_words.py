"""The words of Content Credentials that speak of generative AI without a source type: makers, phrases, marks."""

import re

# Makers of generated media, for manifests that state no source type (Bing Image Creator does not). Editors, cameras
# and clouds that also sign other work (Photoshop, Premiere, CapCut, Canva, Pixel, Galaxy, Topaz) are not makers.
_MAKERS = re.compile(
    r"adobe[ _]firefly|\bopenai\b|\bdall[-·. ]?e\b|gpt-?4o|gpt-image|\bchatgpt\b|\bsora\b|image creator from designer"
    r"|bing image creator|microsoft[ _]responsible[ _]ai|stable diffusion|stability ai|\bflux[. -]?\d|black forest labs"
    r"|\brunway\b|dreamina|jimeng|doubao|seedream|seedance|midjourney|eleven ?labs|\bsuno\b|grok imagine|\brecraft\b"
    r"|\bfal[-.]ai\b|\bbria\b|\bideogram\b|titan image generator|nova canvas|nova reel|google generative ai|\bimagen\b"
    r"|nano banana|luma ai|dream machine|\bkling\b|\bhailuo\b|\bpika labs\b|photo assist",
    re.IGNORECASE,
)
_MEDIA = r"(?:image|picture|photo|video|audio|music|song|voice|speech|content|media)"
_PHRASES = re.compile(
    rf"\bai[ _-]generated(?:[ _]{_MEDIA})?(?![a-z])|\bgenerated (?:by|with|using) (?:generative )?ai\b"
    r"|\b(?:made|edited|created) with (?:google|generative) ai\b|\bcreated by google generative ai\b|\bsynthid\b"
    r"|\bgenerative[ _](?:fill|expand|edit|upscale|remove|recolou?r|extend|match)\b"
    rf"|\b(?:text|image)_(?:to|2)_{_MEDIA}\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"(?:\b(?:no|not|non|never|without|isn't|wasn't)\b|\bfree of\b)[ -]*(?:\w+[ -]+){0,2}$", re.IGNORECASE
)

# Watermarks of AI vendors, by the `alg` of a soft binding: reversed domains, or plain names. Those of firms that mark
# any content (Digimarc, Imatag, TrustMark, castLabs, NexGuard, Steg.AI, Trufo and others) say nothing of AI.
_MARKS = re.compile(
    r"synthid|google\.deepmind|\b(?:com|ai)\.openai\b|openai|elevenlabs|invismark|wavmark|stability\.?ai|stablesignature"
    r"|midjourney|runwayml|\bcom\.runway\b|blackforestlabs|\bbfl\b|suno|udio|ideogram|recraft|lumalabs|klingai|kuaishou"
    r"|bytedance|volcengine|doubao|minimax|hailuo|pika\.(?:art|labs)|resemble|\bperth\b|\bxai\b",
    re.IGNORECASE,
)
_LONGEST = 1_000_000


def is_maker(name: str) -> bool:
    """Whether a product makes generated media and nothing else."""
    return bool(_MAKERS.search(name))


def phrase(text: str) -> str | None:
    """The first words of a text that say plainly that generative AI made it; none where they are denied."""
    head = text[:_LONGEST]
    found = (words for words in _PHRASES.finditer(head) if not _NEGATED.search(head[: words.start()][-60:]))
    return next((words[0] for words in found), None)


def names_mark(algorithm: str) -> bool:
    """Whether the algorithm of a soft binding is the watermark of a vendor of generative AI."""
    return bool(_MARKS.search(algorithm[:_LONGEST]))
