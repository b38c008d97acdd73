"""The night as JSON, whole; `docs/night.schema.json` describes it. No pictures."""

from scanner.model import Finding, Ruling
from scanner.report.canary import canary_object
from scanner.report.json_text import Json, instant, json_text
from scanner.report.night_approvals import Lapse
from scanner.report.night_layout import PRIVATE, Layout
from scanner.report.night_mail import night_subject
from scanner.report.nightly import Entry, Ruled
from scanner.report.plain import code_words, coverage_words, headline
from scanner.report.recalls import recall_object

VERSION = 1


def night_json(layout: Layout) -> str:
    """The whole report as JSON text."""
    night = layout.night
    return json_text(
        {
            "version": VERSION,
            "subject": night_subject(night),
            "since": instant(night.since),
            "until": instant(night.until),
            "delivered": night.delivered,
            "totals": {standing.name.lower(): count for standing, count in night.totals},
            "waiting": [
                {"on": each.on, "deliveries": each.deliveries, "since": instant(each.since)} for each in night.waiting
            ],
            "deliveries": [_entry(entry, layout) for entry in night.entries],
            "recalls": [recall_object(each) for each in night.recalls],
            "approvals_ending": [_lapse(each) for each in night.lapses],
            "rulings": [_ruled(each) for each in night.rulings],
            "known_good": [
                {
                    "record_id": record.record_id,
                    "title": record.title,
                    "files": [asset.name for asset in record.assets],
                    "by": record.created_by,
                    "why": record.note,
                    "at": instant(record.created_at),
                }
                for record in night.lessons
            ],
            "not_examined": [{"why": why, "names": list(names)} for why, names in night.unseen],
            "coverage": layout.coverage,
            "canaries": [canary_object(run) for run in night.canaries],
            "audit_head": str(night.audit_head) if night.audit_head else None,
        }
    )


def _entry(entry: Entry, layout: Layout) -> Json:
    record, verdict = entry.record, entry.record.verdict
    delivery = record.delivery
    return {
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "title": delivery.title,
        "vendor": delivery.vendor,
        "drop_class": delivery.drop_class.value,
        "received_at": instant(delivery.received_at),
        "standing": entry.standing.name.lower(),
        "outcome": verdict.outcome.label if verdict else None,
        "headline": headline(verdict) if verdict else None,
        "new": entry.new,
        "waits_on": entry.waits_on,
        "waited_seconds": entry.waited.total_seconds() if entry.waited is not None else None,
        "approvals": list(entry.approvals),
        "findings": [_finding(finding, talent=layout.talent) for finding in entry.findings],
        "not_examined": [{"name": each.name, "why": each.why} for each in entry.unseen],
        "coverage": coverage_words(verdict) if verdict else None,
        "place": record.place,
    }


def _finding(finding: Finding, *, talent: bool) -> Json:
    is_private = finding.code in PRIVATE and not talent
    return {
        "code": finding.code.value,
        "outcome": finding.outcome.label,
        "member": finding.member or None,
        "message": code_words(finding.code) if is_private else finding.message,
        "clears_when": None if is_private else finding.clears_when,
        "asset": finding.asset.asset_id if finding.asset else None,
        "record": finding.asset.record_id if finding.asset else None,
        "approval": finding.approval,
    }


def _lapse(each: Lapse) -> Json:
    approval = each.approval
    return {
        "approval": approval.approval_id,
        "title": approval.title,
        "approver": approval.approver,
        "ending": each.ending.name.lower(),
        "at": instant(each.at),
    }


def _ruled(ruled: Ruled) -> Json:
    ruling: Ruling = ruled.ruling
    return {
        "name": ruled.name,
        "action": ruling.action.value,
        "by": ruling.by,
        "role": ruling.terms.role,
        "reason": ruling.reason,
        "approval": ruling.approval,
        "at": instant(ruling.at),
        "false_alarm": ruled.is_false_alarm,
    }
