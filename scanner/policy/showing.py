"""What approvals are asked about a piece of AI material: all that a case knows of it. Pure."""

from collections.abc import Iterator

from scanner.model import (
    INSIDE,
    Asset,
    AssetRef,
    Case,
    Evidence,
    Identical,
    Member,
    MemberEvidence,
    Papers,
    Place,
    Policy,
    ProvenanceRecord,
    Step,
)
from scanner.policy.material import Made, Material


def material_of(
    case: Case,
    policy: Policy,
    item: MemberEvidence,
    evidence: Evidence,
    *,
    tool: str | None,
    asset: AssetRef | None,
    place: Place | None,
    whole: bool = True,
) -> Material:
    """Material that a member shows. `whole`: with every tool that its record names, not this one alone."""
    record = case.records.get(asset.record_id) if asset else None
    told = record.particulars if record else None
    steps = told.steps if told and whole else ()
    return Material(
        delivery=case.delivery,
        member=item.member.name,
        asset=asset,
        tool=tool,
        place=place,
        version=_version(record, tool),
        also=tuple(_also(steps, case.papers, tool)),
        bytes=frozenset(_bytes(case, item.member, evidence)),
        parts=frozenset(_parts(item.member, record, asset)),
        prominence=told.prominence if told else None,
        territories=case.delivery.territories or policy.standards.territories,
        escalations=told.escalation_ids if told else (),
    )


def _version(record: ProvenanceRecord | None, tool: str | None) -> str | None:
    """The version of the tool that a record is about, as it states it or as its steps agree on it."""
    if record is None or tool not in (record.tool, f"{record.tool} {record.tool_version}"):
        return None
    if record.tool_version or record.particulars is None:
        return record.tool_version
    steps = record.particulars.steps
    tools = {step.tool_id for step in steps}
    said = {step.tool_version for step in steps if len(tools) == 1 or _is_called(record.tool, step.tool_id)}
    return said.pop() if len(said) == 1 else None


def _also(steps: tuple[Step, ...], papers: Papers, tool: str | None) -> Iterator[Made]:
    """The tools of the steps, but for the one that the record itself names; where there is one only, it is that."""
    if len({step.tool_id for step in steps}) < 2:
        return
    for step in steps:
        paper = papers.tools.get(step.tool_id)
        names = (step.tool_id, paper.product, f"{paper.vendor} {paper.product}") if paper else (step.tool_id,)
        if not tool or not any(_is_called(tool, name) for name in names):
            yield Made(names=names, version=step.tool_version)


def _is_called(tool: str, name: str) -> bool:
    """The tool by this name, with or without its version behind it."""
    return f"{tool.casefold()} ".startswith(f"{name.casefold()} ")


def _bytes(case: Case, member: Member, evidence: Evidence) -> Iterator[str]:
    """SHA-256 that fix it: of the member, of the containers that it lies in, of the file of it that is meant."""
    yield member.sha256
    if len(member.file_hashes) == 1:
        yield member.file_hashes[0]
    if isinstance(evidence, Identical):
        yield from (sha for name, sha in zip(member.files, member.file_hashes, strict=False) if name == evidence.file)
    if member.is_inside:
        held = {other.name: other.sha256 for other in case.delivery.members}
        parts = member.name.split(INSIDE)
        outer = (INSIDE.join(parts[:count]) for count in range(1, len(parts)))
        yield from (held[name] for name in outer if name in held)


def _parts(member: Member, record: ProvenanceRecord | None, asset: AssetRef | None) -> Iterator[str]:
    yield from member.file_hashes
    assets: tuple[Asset, ...] = record.assets if record else ()
    for registered in assets:
        if asset is not None and registered.asset_id == asset.asset_id:
            yield registered.sha256
            yield from registered.file_hashes
