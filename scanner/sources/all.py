"""Every source, in the order in which they are asked."""

from scanner.sources import Source
from scanner.sources.credentials import ContentCredentials
from scanner.sources.declared import DeclaredLabels
from scanner.sources.generators import GeneratorTags


def sources(trust_anchors: str | None = None) -> tuple[Source, ...]:
    """All sources. `trust_anchors`: PEM text of trusted C2PA roots. Raises SettingsError when they cannot be used."""
    return (ContentCredentials(trust_anchors), DeclaredLabels(), GeneratorTags())
