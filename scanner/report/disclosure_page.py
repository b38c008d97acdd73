"""The disclosure map and the errors-and-omissions pack as one HTML file each: no script, no request."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from scanner.model import Approval, Papers, ProvenanceRecord
from scanner.report.disclosure import DisclosureMap
from scanner.report.templating import filled

# Who consented is not shown unless it is asked for; a prompt's hash tells nobody anything.
_NEVER = frozenset({"prompt_sha256", "prompt_names", "kind", "created_at", "codes", "features", "sounds", "assets"})
_TALENT = frozenset({"subject_id", "performer_id", "signed_by", "mail"})

Line = tuple[int, str, str]
"""How deep, label and value."""


def disclosure_html(mapped: DisclosureMap) -> str:
    """The map alone."""
    return filled("disclosure.html.j2", mapped=mapped, chain=None, receipt=None)


def pack_html(
    mapped: DisclosureMap,
    records: Sequence[ProvenanceRecord],
    approvals: Sequence[Approval],
    papers: Papers,
    *,
    receipt: str | None,
    talent: bool = False,
) -> str:
    """The errors-and-omissions pack: files with their hashes, verdict, map, and every record that it rests on.

    `receipt`: the signed receipt's text; `talent`: name the people who consented.
    """
    hidden = _NEVER if talent else _NEVER | _TALENT
    chain = [("Provenance record", record.record_id, lines(record, hidden)) for record in records]
    chain += [("Approval", approval.approval_id, lines(approval, hidden)) for approval in approvals]
    chain += [("Tool", name, lines(tool, hidden)) for name, tool in papers.tools.items()]
    chain += [("Consent", name, lines(consent, hidden)) for name, consent in papers.consents.items()]
    return filled("disclosure.html.j2", mapped=mapped, chain=chain, receipt=receipt)


def lines(value: object, hidden: frozenset[str]) -> list[Line]:
    """A value's fields for reading, those in it further in; what was not stated is left out."""
    plain: Any = TypeAdapter(type(value)).dump_python(value, mode="json", exclude_none=True)
    return list(_lines(plain, hidden, 0))


def _lines(plain: dict[str, Any], hidden: frozenset[str], depth: int) -> list[Line]:
    told: list[Line] = []
    for name, value in plain.items():
        if name in hidden or value in ([], {}, None):
            continue
        label = name.replace("_", " ")
        if isinstance(value, dict):
            told += [(depth, label, ""), *_lines(value, hidden, depth + 1)]
        elif isinstance(value, list) and isinstance(value[0], dict):
            for number, each in enumerate(value, 1):
                told += [(depth, f"{label} {number}", ""), *_lines(each, hidden, depth + 1)]
        else:
            told.append((depth, label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return told
