"""Every source, in the order in which they are asked."""

from collections.abc import Callable

from scanner.model import TrustAnchors
from scanner.sources import Source
from scanner.sources.credentials import ContentCredentials
from scanner.sources.declared import DeclaredLabels
from scanner.sources.generators import GeneratorTags
from scanner.sources.lineage import EditorialLineage
from scanner.sources.statements import ProvenanceStatements
from scanner.sources.watermarks import Watermarks


def written_sources() -> tuple[Source, ...]:
    """Those that read timelines and logs, which no picture or sound can be: to be asked where there is none."""
    return (EditorialLineage(), ProvenanceStatements())


def sources(
    trust_anchors: TrustAnchors | None = None, *, watermarks: bool = True, alive: Callable[[], None] = lambda: None
) -> tuple[Source, ...]:
    """All sources. `trust_anchors`: whose credentials are trusted; `alive` is called while a long file is read.

    Raises SettingsError when the anchors cannot be used.
    """
    labels: tuple[Source, ...] = (ContentCredentials(trust_anchors, alive), DeclaredLabels(), GeneratorTags())
    return (*labels, Watermarks()) if watermarks else labels
