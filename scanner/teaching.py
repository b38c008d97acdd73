"""What a ruling teaches, where a person chooses that it does: what was found is known to be good, or is AI material.

It is taught before the ruling is written down: what cannot be taught leaves everything as it was.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from scanner.errors import RulingError
from scanner.intake.materials import NotRegistered
from scanner.known_good import register_good
from scanner.model import DeliveryRecord, Finding, Lesson, MediaKind, Ruling, RulingAction, Use
from scanner.registering import Registered, register
from scanner.studio import Studio, Whereabouts

_FITS = {
    Lesson.KNOWN_GOOD: (RulingAction.RELEASE, RulingAction.WAIVE),
    Lesson.STRICTER: (RulingAction.KEEP, RulingAction.ESCALATE),
}
_NOT_KNOWN = "not known"


def teach(studio: Studio, record: DeliveryRecord, ruling: Ruling) -> tuple[str, ...]:
    """Teach what the ruling says; the ids of the records that hold it. Nothing where it says nothing.

    Known-good: the delivered frames that look like registered material, as they were shown to the person. Stricter:
    the delivered files that say themselves that they are AI material. Raises RulingError where that cannot be.
    """
    lesson = ruling.terms.lesson
    if lesson is None:
        return ()
    if ruling.action not in _FITS[lesson]:
        msg = f"{lesson} is not taught by a ruling to {ruling.action}: only to {' or '.join(_FITS[lesson])}."
        raise RulingError(msg)
    if record.delivery.title is None:
        msg = "the delivery has no title: nothing can be registered for it."
        raise RulingError(msg)
    taught = _good if lesson is Lesson.KNOWN_GOOD else _ai_material
    return tuple(taught(studio, record, record.delivery.title, ruling))


def _good(studio: Studio, record: DeliveryRecord, title: str, ruling: Ruling) -> Sequence[str]:
    shown = [picture for picture in record.pictures if picture.found is not None and picture.found.jpeg]
    if not shown:
        msg = "no delivered picture was found to look like registered material: there is nothing to be known as good."
        raise RulingError(msg)
    with tempfile.TemporaryDirectory(prefix="scanner-") as folder:
        paths = []
        for number, picture in enumerate(shown, start=1):
            path = Path(folder) / f"{record.delivery.delivery_id}-{number}.jpg"
            path.write_bytes(picture.found.jpeg if picture.found else b"")
            paths.append(path)
        why = f"{ruling.reason} (ruling on {record.delivery.delivery_id})"
        results = list(register_good(studio, *paths, why=why, by=ruling.by, title=title, although_alike=True))
    return _ids(results)


def _ai_material(studio: Studio, record: DeliveryRecord, title: str, ruling: Ruling) -> Sequence[str]:
    source = studio.kept_back_at(record.delivery)
    found = {finding.member: finding for finding in _own_marks(record)}
    members = [member for member in record.delivery.members if member.name in found]
    if source is None or not members:
        msg = "no delivered file says itself that it is AI material: there is nothing to be registered."
        raise RulingError(msg)
    ids: list[str] = []
    for member in members:
        if member.is_inside or member.kind is MediaKind.SEQUENCE:
            msg = f"{member.name} cannot be registered from here: use scanner provenance add."
            raise RulingError(msg)
        root = Whereabouts.of(source).root(member)
        tool = found[member.name].tool or _NOT_KNOWN
        note = f"{ruling.reason} (ruling on {record.delivery.delivery_id})"
        path = root if root.is_file() else root / member.name
        ids += _ids(list(register(studio, path, title=title, tool=tool, use=Use.TEMPORARY, by=ruling.by, note=note)))
    return ids


def _own_marks(record: DeliveryRecord) -> list[Finding]:
    findings = record.verdict.findings if record.verdict else ()
    return [each for each in findings if each.code.startswith("AI-") and each.asset is None and each.tool]


def _ids(results: Sequence[Registered | NotRegistered]) -> list[str]:
    for result in results:
        if isinstance(result, NotRegistered):
            msg = f"{result.name} was not registered: {result.reason}. Nothing was ruled."
            raise RulingError(msg)
    return [result.record.record_id for result in results if isinstance(result, Registered)]
