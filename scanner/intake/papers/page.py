"""The fields of papers as docs/papers.md lists them: `python -m scanner.intake.papers.page`."""

import sys
from collections.abc import Iterator

from scanner.intake.papers.files import described
from scanner.intake.papers.layout import tables
from scanner.intake.papers.shape import LISTS, Sort, id_name
from scanner.model import PaperKind

_OF: dict[PaperKind, str] = {
    PaperKind.RECORD: "What a provenance record says beside its media. `title` is only checked against the register.",
    PaperKind.TOOL: "A tool with its terms and how it handles data.",
    PaperKind.CONSENT: "What somebody agreed to in writing.",
    PaperKind.APPROVAL: (
        "An escalation and what was decided on it. `whole_title`: yes is needed for an approved one without any scope."
    ),
    PaperKind.PERSON: "The roster: who may approve, review or release.",
}


def fields_page() -> str:
    """A table of columns for every sheet."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for kind, name in LISTS.items():
        for table in tables(kind):
            keys = " and ".join(f"`{key.name}`" for key in table.keys)
            yield f"### {table.name}\n"
            yield f"{_OF[kind]}\n" if not keys else f"Rows belong to `{name}` by {keys}: `{'.'.join(table.path)}`.\n"
            yield "| column | needed | what it holds |\n|---|---|---|"
            for column in table.columns:
                needed = "yes" if column.entry.needed and "." not in column.name else ""
                words = described(column.entry)
                if column.entry.sort is Sort.ID and column.name == id_name(kind):
                    words = "an id of your own; the record's is that of the register" if name == "records" else words
                told = words.replace("|", "\\|")
                yield f"| `{column.name}` | {needed} | {told} |"
            yield ""


if __name__ == "__main__":
    sys.stdout.write(fields_page())
