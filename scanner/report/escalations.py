"""An escalation as it is sent: the same parts as text, as a page and for programs."""

from textwrap import wrap

from scanner.model import Triggered
from scanner.report.draft_parts import parts
from scanner.report.drafts import Draft, Person
from scanner.report.html import data_uri
from scanner.report.json_text import Json, instant
from scanner.report.plain import shown
from scanner.report.templating import filled

_WIDTH = 78
_INDENT = "    "


def escalation_text(draft: Draft) -> str:
    """The request as plain text, ready for a mail."""
    lines = [f"Subject: {shown(draft.subject)}", ""]
    for part in parts(draft):
        lines += [part.heading.upper(), ""]
        for label, value in part.rows:
            lines += _wrapped(shown(label), shown(value))
        lines.append("")
    if draft.pictures:
        lines.append("Stills are in the page of this request (HTML).")
    return "\n".join(lines).rstrip() + "\n"


def escalation_html(draft: Draft) -> str:
    """The request as one page that needs nothing else, with its stills inside."""
    return filled("escalation.html.j2", draft=draft, parts=parts(draft), data_uri=data_uri)


def escalation_object(draft: Draft) -> dict[str, Json]:
    """The request for programs. Pictures are counted, not contained."""
    case = draft.required.use_case
    return {
        "subject": draft.subject,
        "action": draft.required.action.value if draft.required.action else None,
        "record_id": draft.record.record_id,
        "title": draft.record.title,
        "use_case": case.value if case else None,
        "final": draft.is_final,
        "delivery_id": draft.delivery.delivery_id if draft.delivery else None,
        "asked_by": draft.asked_by,
        "asked_of": list(draft.asked_of),
        "at": instant(draft.at),
        "triggers": [_trigger_json(each, draft) for each in draft.required.triggers],
        "places": [
            {"member": each.member, "timecode_in": each.timecode_in, "timecode_out": each.timecode_out}
            for each in draft.places
        ],
        "consents": [_person_json(each) for each in draft.people],
        "approvals": [{"approval_id": each.approval_id, "status": each.status.value} for each in draft.approvals],
        "pictures": len(draft.pictures),
        "parts": [
            {"heading": part.heading, "rows": [[label, value] for label, value in part.rows]} for part in parts(draft)
        ],
    }


def _trigger_json(each: Triggered, draft: Draft) -> dict[str, Json]:
    return {
        "trigger": each.trigger.value,
        "why": each.why,
        "clause": each.clause,
        "lead": each.is_lead,
        "open": each in draft.left,
    }


def _person_json(each: Person) -> dict[str, Json]:
    return {
        "performer_id": each.talent.performer_id,
        "use": each.talent.use.value,
        "needed": each.is_needed,
        "consent_id": each.consent.consent_id if each.consent else None,
        "missing": list(each.why),
    }


def _wrapped(label: str, value: str) -> list[str]:
    told = f"{label}: {value}"
    return wrap(told, _WIDTH, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False) or [told]
