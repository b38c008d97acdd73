"""The result of `scan` as one JSON object or as a line a delivery; `docs/scan.schema.json` describes both."""

from collections.abc import Sequence

from scanner.model import (
    Coverage,
    Credentials,
    DeclaredLabel,
    Evidence,
    Finding,
    GeneratorTag,
    Heard,
    Identical,
    LookAlike,
    Member,
    Outcome,
    Place,
    RegisterState,
    Shown,
    SuspectName,
    Verdict,
)
from scanner.report.clearing import needed
from scanner.report.credentials_json import credentials_object
from scanner.report.json_text import Json, instant, json_text
from scanner.report.plain import grade_words, headline
from scanner.report.scanned import Scanned


def scan_json(scanned: Sequence[Scanned]) -> str:
    """One object for everything scanned. Nothing scanned is a hold, never a pass."""
    outcome = max((each.verdict.outcome for each in scanned), default=Outcome.HOLD)
    return json_text({"outcome": outcome.label, "deliveries": [delivery_object(each) for each in scanned]}) + "\n"


def jsonl(scanned: Sequence[Scanned]) -> str:
    """One delivery object a line."""
    return "".join(json_text(delivery_object(each), indent=None) + "\n" for each in scanned)


def delivery_object(scanned: Scanned) -> dict[str, Json]:
    """One delivery as JSON values. Absent facts are null."""
    delivery, verdict = scanned.record, scanned.verdict
    return {
        "path": scanned.path,
        "title": delivery.title,
        "outcome": verdict.outcome.label,
        "headline": headline(verdict),
        "members": [member.name for member in delivery.members],
        "coverage": _coverage(scanned),
        "findings": [finding_object(finding) for finding in verdict.findings],
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "vendor": delivery.vendor,
        "drop_class": delivery.drop_class.value,
        "received_at": instant(delivery.received_at),
        "judged_at": instant(verdict.judged_at),
        "scanner": verdict.examiner,
        "policy": verdict.policy,
        "register": _register(verdict.register),
        "approvals_used": list(verdict.approvals_used),
        "to_go_on": [
            {"change": each.change, "codes": [code.value for code in each.codes], "findings": each.findings}
            for each in needed(verdict)
        ],
        "files": [_file(member) for member in delivery.members],
        "refused": [{"name": refused.name, "reason": refused.reason} for refused in delivery.refused],
    }


def finding_object(finding: Finding) -> dict[str, Json]:
    """One finding as JSON values."""
    evidence = finding.evidence
    return {
        "code": finding.code.value,
        "outcome": finding.outcome.label,
        "rule": finding.rule,
        "grade": finding.grade.value,
        "strength": grade_words(finding),
        "member": finding.member or None,
        "kind": evidence.kind if evidence else None,
        "tool": finding.tool or (_tool(evidence) if evidence else None),
        "asset": finding.asset.asset_id if finding.asset else None,
        "asset_name": finding.asset.name if finding.asset else None,
        "record": finding.asset.record_id if finding.asset else None,
        "approval": finding.approval,
        **_place(evidence),
        "credentials": credentials_object(evidence) if isinstance(evidence, Credentials) else None,
        "message": finding.message,
        "clears_when": finding.clears_when,
    }


def _place(evidence: Evidence | None) -> dict[str, Json]:
    look = evidence if isinstance(evidence, LookAlike) else None
    heard = evidence if isinstance(evidence, Heard) else None
    name = evidence if isinstance(evidence, SuspectName) else None
    found = look or heard
    place, used = found.place if found else None, name.mention if name else None
    return {
        "timecode_in": place.timecode_in if place else used.record_in if used else None,
        "timecode_out": place.timecode_out if place else used.record_out if used else None,
        "seconds_in": float(place.seconds_in) if place else None,
        "seconds_out": float(place.seconds_out) if place else None,
        "region": list(look.region) if look else None,
        "transform": look.transform if look else None,
        "score": _score(evidence),
        "polygon": [list(corner) for corner in look.polygon] if look else None,
        "accuracy_frames": place.accuracy_frames if place else None,
        "compositions": None if place is None or place.shown is None else [_shown(each) for each in place.shown],
        "timeline": _timeline(name) if name else None,
        "distance": look.distance if look else None,
        "enclosed_distance": look.enclosed_distance if look else None,
        "inliers": look.inliers if look else None,
        "blocks_agreeing": look.blocks_agreeing if look else None,
        "blocks_compared": look.blocks_compared if look else None,
        "covered": look.covered if look else None,
        "asset_seconds_in": float(found.asset_seconds_in) if found else None,
        "asset_seconds_out": float(found.asset_seconds_out) if found else None,
        "speed": found.speed if found else None,
        "passes": look.passes if look else None,
        "heard": _heard(heard) if heard else None,
    }


def _heard(heard: Heard) -> Json:
    """In which sound, and what it rests on."""
    return {
        "stream": heard.stream,
        "channel": heard.channel,
        "also": [{"stream": stream, "channel": channel} for stream, channel in sorted(heard.also)],
        "votes": heard.votes,
        "strength": heard.score,
        "pitch": heard.pitch,
    }


def _timeline(found: SuspectName) -> Json:
    """Where a timeline names an asset: the first few places, and how many there are."""
    if found.mention is None or found.mention.timeline is None:
        return None
    return {
        "title": found.mention.timeline,
        "places": found.places,
        "uses": [
            {
                "kind": each.named.value,
                "name": each.name,
                "track": each.track,
                "timecode_in": each.record_in,
                "timecode_out": each.record_out,
            }
            for each in (found.mention, *found.more)
        ],
    }


def _shown(place: Shown) -> dict[str, Json]:
    return {
        "title": place.composition,
        "id": place.composition_id,
        "file": place.file,
        "timecode_in": place.timecode_in,
        "timecode_out": place.timecode_out,
        "seconds_in": float(place.seconds_in),
        "seconds_out": float(place.seconds_out),
    }


def _score(evidence: Evidence | None) -> float | None:
    match evidence:
        case Identical():
            return 1.0
        case LookAlike():
            return evidence.alike
        case _:
            return None


def _tool(evidence: Evidence) -> str | None:
    match evidence:
        case Credentials():
            return next((claim.tool for claim in evidence.claims if claim.tool), evidence.generator)
        case DeclaredLabel() | GeneratorTag():
            return evidence.tool
        case _:
            return None


def _coverage(scanned: Scanned) -> dict[str, Json]:
    verdict: Verdict = scanned.verdict
    coverages = [coverage for _, coverage in verdict.coverage]
    return {
        "frames_examined": sum(coverage.frames_examined for coverage in coverages),
        "frames_present": sum(coverage.frames_present for coverage in coverages),
        "frames_uninformative": sum(coverage.frames_uninformative for coverage in coverages),
        "frames_between": sum(coverage.frames_between for coverage in coverages),
        "sample_step": max((coverage.sample_step for coverage in coverages), default=None),
        "not_examined": list(scanned.not_examined),
        "by_member": [_member_coverage(name, coverage) for name, coverage in verdict.coverage],
    }


def _member_coverage(name: str, coverage: Coverage) -> dict[str, Json]:
    return {
        "member": name,
        "frames_examined": coverage.frames_examined,
        "frames_present": coverage.frames_present,
        "frames_uninformative": coverage.frames_uninformative,
        "frames_between": coverage.frames_between,
        "sample_step": coverage.sample_step,
        "seconds": None if coverage.duration is None else float(coverage.duration),
        "sound_seconds": None if coverage.sound_seconds is None else float(coverage.sound_seconds),
        "sound_streams": coverage.sound_streams,
        "sound_channels": coverage.sound_channels,
        "sound_uninformative": coverage.sound_plain,
        "broken": [_broken(place) for place in coverage.broken],
        "broken_more": coverage.broken_more,
        "not_examined": list(coverage.notes),
    }


def _broken(place: Place) -> dict[str, Json]:
    return {
        "timecode_in": place.timecode_in,
        "timecode_out": place.timecode_out,
        "seconds_in": float(place.seconds_in),
        "seconds_out": float(place.seconds_out),
        "accuracy_frames": place.accuracy_frames,
    }


def _register(state: RegisterState | None) -> Json:
    if state is None:
        return None
    return {
        "version": state.version,
        "records": state.records,
        "approvals": state.approvals,
        "read_at": instant(state.read_at),
    }


def _file(member: Member) -> dict[str, Json]:
    return {
        "name": member.name,
        "kind": member.kind.value,
        "format": member.format,
        "files": len(member.files),
        "size": member.size,
        "sha256": member.sha256,
        "gaps": [[gap.first, gap.last] for gap in member.gaps],
        "checked": [
            {"manifest": each.manifest, "algorithm": each.algorithm, "files": each.files} for each in member.checked
        ],
        "asset_ids": list(member.asset_ids),
    }
