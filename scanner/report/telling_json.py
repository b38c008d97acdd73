"""What webhooks and commands are told, as JSON; `docs/webhook.schema.json` describes it. No pictures."""

from datetime import datetime

from scanner.model import CanaryRun, DeliveryRecord, Finding, Outcome, Recall, Ruling
from scanner.report.json_text import Json, instant, json_text
from scanner.report.plain import headline

VERSION = 1
MOST_FINDINGS = 100
"""A message tells the gravest findings, this many at most; the record has all."""

Data = dict[str, Json]


def body(event: str, at: datetime, data: Data) -> str:
    """One message. The fields are those of Standard Webhooks (type, timestamp, data), with a version before them."""
    return json_text({"version": VERSION, "type": event, "timestamp": instant(at), "data": data}, indent=None)


def delivery_data(record: DeliveryRecord, *, before: Outcome | None = None, audit: Data | None = None) -> Data:
    """A delivery as it stands: verdict, place, latest ruling. `before`: its outcome before it was judged again."""
    delivery, verdict = record.delivery, record.verdict
    findings = sorted(verdict.findings, key=lambda each: -each.outcome) if verdict else []
    return {
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "title": delivery.title,
        "vendor": delivery.vendor,
        "drop_class": delivery.drop_class.value,
        "received_at": instant(delivery.received_at),
        "outcome": verdict.outcome.label if verdict else None,
        "outcome_before": before.label if before is not None else None,
        "headline": headline(verdict) if verdict else None,
        "verdict": record.verdicts_before + 1 if verdict else None,
        "judged_at": instant(verdict.judged_at) if verdict else None,
        "approvals_used": list(verdict.approvals_used) if verdict else [],
        "findings": [_finding(finding) for finding in findings[:MOST_FINDINGS]],
        "findings_in_all": len(findings),
        "place": record.place,
        "ruling": _ruling(record.rulings[-1]) if record.rulings else None,
        "audit": audit,
    }


def recall_data(recall: Recall, record: DeliveryRecord, *, audit: Data | None = None) -> Data:
    """A recall, with the delivery in which registered material was found."""
    return {
        "recall_id": recall.recall_id,
        "asset": recall.asset.asset_id,
        "asset_name": recall.asset.name,
        "record": recall.asset.record_id,
        "outcome": recall.outcome.label,
        "found_at": instant(recall.at),
        "by": recall.by,
        "reason": recall.reason.value,
        "findings": [_finding(finding) for finding in recall.findings[:MOST_FINDINGS]],
        "findings_in_all": len(recall.findings),
        "delivery": delivery_data(record),
        "audit": audit,
    }


def stalled_data(*, folder: str, name: str, since: datetime, why: str) -> Data:
    """A transfer in a drop folder that has come to a stand."""
    return {"folder": folder, "name": name, "since": instant(since), "why": why}


def canary_data(run: CanaryRun) -> Data:
    """A canary that was not stopped, or not given back."""
    return {
        "name": run.name,
        "folder": run.folder,
        "begun_at": instant(run.begun_at),
        "ended_at": instant(run.ended_at),
        "why": run.told,
        "delivery_id": run.delivery_id,
    }


def report_data(report_id: str, *, due_at: datetime, why: str | None = None) -> Data:
    """A nightly report: that it has gone out, or why it has not. Nothing of what is in it."""
    return {"report": report_id, "due_at": instant(due_at), "why": why}


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code.value,
        "outcome": finding.outcome.label,
        "member": finding.member or None,
        "message": finding.message,
        "clears_when": finding.clears_when,
        "approval": finding.approval,
    }


def _ruling(ruling: Ruling) -> Json:
    return {
        "action": ruling.action.value,
        "by": ruling.by,
        "reason": ruling.reason,
        "approval": ruling.approval,
        "at": instant(ruling.at),
    }
