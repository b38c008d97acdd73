"""Content Credentials as JSON values: valid, trusted and what they say of AI, each by itself."""

from scanner.model import Credentials
from scanner.model.status_codes import explained
from scanner.report.json_text import Json


def credentials_object(evidence: Credentials) -> dict[str, Json]:
    """Absent facts are null; `valid` also where the file that was signed is not at hand."""
    return {
        "state": evidence.state.value,
        "valid": evidence.valid,
        "trusted": evidence.trusted,
        "trust_lists": list(evidence.trust_lists),
        "says_ai": evidence.says_ai.value if evidence.says_ai else None,
        "signer": evidence.signer,
        "generator": evidence.generator,
        "location": evidence.location,
        "claims": [
            {
                "manifest": claim.manifest,
                "says": claim.says,
                "meaning": claim.meaning.value,
                "tool": claim.tool,
                "gathered": claim.gathered,
                "mark": claim.mark,
            }
            for claim in evidence.claims
        ],
        "validation": [{"code": code, "means": explained(code)} for code in evidence.validation],
        "identities": list(evidence.identities),
        "notes": list(evidence.notes),
    }
