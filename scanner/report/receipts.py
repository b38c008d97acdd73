"""Verdict receipts: what was decided on which bytes, as of what, signed with Ed25519 (RFC 8032); checked offline.

A receipt is a JSON object: `content`, `signature` over its canonical form (RFC 8785) and `public_key`, both in base64.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.errors import ReceiptError
from scanner.model import Approval, DeliveryRecord, Finding, Ruling, Verdict
from scanner.model.audit import Head, canonical
from scanner.report.json_text import Json, instant, json_text
from scanner.report.plain import shown
from scanner.report.scan_json import finding_object

FORMAT = "scanner-receipt/1"

_OF_FINDINGS = ("code", "outcome", "rule", "member", "asset", "record", "approval", "timecode_in", "timecode_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A receipt whose signature fits. `is_trusted`: by the key that was given, not only by the one inside."""

    content: Mapping[str, Any]
    key_id: str
    is_trusted: bool


def key_id(key: Ed25519PublicKey) -> str:
    """A short name of a key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(_raw(key)).hexdigest()[:16]


def receipt_content(
    record: DeliveryRecord,
    verdict: Verdict,
    approvals: Mapping[str, Approval],
    *,
    head: Head,
    issued_at: datetime,
) -> dict[str, Json]:
    """What a receipt says: the delivery's files by hash, the verdict, and what it was as of."""
    delivery = record.delivery
    return {
        "format": FORMAT,
        "delivery": {
            "id": delivery.delivery_id,
            "name": shown(delivery.name),
            "title": _shown(delivery.title),
            "vendor": _shown(delivery.vendor),
            "drop_class": delivery.drop_class.value,
            "received_at": instant(delivery.received_at),
        },
        "files": [
            {"name": shown(name), "sha256": sha256}
            for member in delivery.members
            if not member.is_inside
            for name, sha256 in zip(member.files, member.file_hashes, strict=True)
        ],
        "verdict": {
            "number": record.verdicts_before + 1,
            "outcome": verdict.outcome.label,
            "judged_at": instant(verdict.judged_at),
            "findings": [_finding(finding) for finding in verdict.findings],
        },
        "as_of": _as_of(verdict, approvals, head),
        "rulings": [_ruling(ruling) for ruling in record.rulings],
        "issued_at": instant(issued_at),
    }


def _as_of(verdict: Verdict, approvals: Mapping[str, Approval], head: Head) -> dict[str, Json]:
    register = verdict.register
    return {
        "policy": verdict.policy,
        "scanner": verdict.examiner,
        "register": {
            "version": register.version,
            "records": register.records,
            "approvals": register.approvals,
            "read_at": instant(register.read_at),
        }
        if register
        else None,
        "approvals": [
            {
                "id": name,
                "approver": _shown(approvals[name].approver) if name in approvals else None,
                "decided_at": instant(decided) if (decided := _decided_at(approvals.get(name))) else None,
                "document_sha256": approvals[name].terms.document_sha256 if name in approvals else None,
            }
            for name in verdict.approvals_used
        ],
        "audit_head": str(head),
    }


def _decided_at(approval: Approval | None) -> datetime | None:
    return approval.decided_at if approval else None


def _finding(finding: Finding) -> dict[str, Json]:
    told = finding_object(finding)
    return {name: _shown(value) if isinstance(value := told[name], str) else value for name in _OF_FINDINGS}


def _ruling(ruling: Ruling) -> dict[str, Json]:
    return {
        "action": ruling.action.value,
        "by": shown(ruling.by),
        "reason": shown(ruling.reason),
        "approval": _shown(ruling.approval),
        "at": instant(ruling.at),
    }


def _shown(text: str | None) -> str | None:
    return None if text is None else shown(text)


def signed(content: Mapping[str, Json], key: Ed25519PrivateKey) -> str:
    """The receipt as JSON text."""
    signature = key.sign(canonical(content).encode("utf-8"))
    whole: dict[str, Json] = {
        "content": dict(content),
        "algorithm": "Ed25519",
        "public_key": base64.b64encode(_raw(key.public_key())).decode("ascii"),
        "signature": base64.b64encode(signature).decode("ascii"),
    }
    return json_text(whole) + "\n"


def checked(text: str, key: Ed25519PublicKey | None) -> Checked:
    """Check a receipt by the key that is trusted, or else by the one inside. Raises ReceiptError if it does not fit."""
    try:
        whole = json.loads(text)
        content = whole["content"]
        signature = base64.b64decode(whole["signature"], validate=True)
        inside = Ed25519PublicKey.from_public_bytes(base64.b64decode(whole["public_key"], validate=True))
        signed_bytes = canonical(content).encode("utf-8")
        is_ours = content["format"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"it is no receipt of scanner, or it is not whole ({type(error).__name__})"
        raise ReceiptError(msg) from error
    if not is_ours:
        msg = f"its format is {shown(str(content['format']))}, not {FORMAT}"
        raise ReceiptError(msg)
    by = key or inside
    try:
        by.verify(signature, signed_bytes)
    except InvalidSignature as error:
        whose = f"of key {key_id(by)}" if key else "inside it"
        msg = f"the signature does not fit the key {whose}: it was changed, or somebody else signed it"
        raise ReceiptError(msg) from error
    return Checked(content=content, key_id=key_id(by), is_trusted=key is not None)


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
