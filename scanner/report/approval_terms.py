"""What an approval asked for and what was granted beside its scope, for people and programs."""

from collections.abc import Iterator

from scanner.model import Action, Terms
from scanner.report.json_text import Json, instant
from scanner.report.plain import day


def terms_json(terms: Terms) -> dict[str, Json]:
    """The terms as JSON values. Absent facts are null."""
    permits = terms.permits
    return {
        "action": terms.action.value,
        "triggers": [trigger.value for trigger in terms.triggers],
        "permits": {
            "final_use": permits.final_use,
            "talent_replica": permits.talent_replica,
            "fine_tuning": permits.fine_tuning,
            "credit_exempt": permits.credit_exempt,
        },
        "conditions": [
            {
                "id": each.condition_id,
                "text": each.text,
                "check": each.check.value if each.check else None,
                "limit": each.limit,
                "satisfied_by": each.satisfied_by,
            }
            for each in terms.conditions
        ],
        "consents": list(terms.consents),
        "requested_by": terms.requested_by,
        "requested_at": instant(terms.requested_at),
        "legal_review_ref": terms.legal_review_ref,
        "document_sha256": terms.document_sha256,
        "document_altered_at": instant(terms.document_altered_at),
        "supersedes": terms.supersedes,
    }


def terms_words(terms: Terms) -> Iterator[tuple[str, str]]:
    """What an approval asked for and grants beside its scope, as far as it says anything: what, and the words."""
    if terms.action is not Action.ESCALATE:
        yield "action", terms.action.value
    if terms.triggers:
        yield "triggers", ", ".join(terms.triggers)
    if not terms.permits.final_use:
        yield "permits", "no final use"
    told = terms.permits
    named = (("a replica of talent", told.talent_replica), ("fine-tuning", told.fine_tuning))
    yield from (("permits", words) for words, holds in (*named, ("no credit", told.credit_exempt)) if holds)
    for each in terms.conditions:
        limit = f"={each.limit}" if each.limit else ""
        check = f" [{each.check}{limit}]" if each.check else ""
        met = f" [by {each.satisfied_by}]" if each.satisfied_by else ""
        yield "condition", f"{each.condition_id}: {each.text}{check}{met}"
    if terms.consents:
        yield "consents", ", ".join(terms.consents)
    if terms.supersedes:
        yield "supersedes", terms.supersedes
    if terms.document_sha256:
        altered = f", found altered on {day(terms.document_altered_at)}" if terms.document_altered_at else ""
        yield "sha256 of it", f"{terms.document_sha256}{altered}"
