"""Receipts of verdicts: the studio's signing key, and signing what the store says of a delivery."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from scanner.errors import ReceiptError
from scanner.report.receipts import receipt_content, signed
from scanner.studio import Studio

_MAKE_ONE = "Make one with: scanner receipt key --new"


def make_key(path: Path) -> Path:
    """Make a signing key that only its owner can read, and its public half beside it. Raises ReceiptError.

    A key that is there is never replaced: old receipts could not be checked by it any more.
    """
    key = Ed25519PrivateKey.generate()
    public = public_half(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except FileExistsError as error:
        msg = f"{path}: there is a key already, and it is kept. Move it away to make another."
        raise ReceiptError(msg) from error
    except OSError as error:
        msg = f"{path}: the key cannot be written: {error.strerror}"
        raise ReceiptError(msg) from error
    return public


def public_half(path: Path) -> Path:
    """Where the public half of a key lies: beside it."""
    return path.with_name(path.name + ".pub")


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The studio's signing key. Raises ReceiptError, also for one that others can read."""
    try:
        if path.stat().st_mode & 0o077:
            msg = f"{path}: others can read this key. Take that away (chmod 600), or make a new one"
            raise ReceiptError(msg)
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        msg = f"{path}: there is no signing key. {_MAKE_ONE}"
        raise ReceiptError(msg) from error
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path}: the key cannot be read: {error}"
        raise ReceiptError(msg) from error
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path}: it is no Ed25519 key. {_MAKE_ONE}"
        raise ReceiptError(msg)
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file. Raises ReceiptError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path}: no public key can be read from it: {error}"
        raise ReceiptError(msg) from error
    if not isinstance(key, Ed25519PublicKey):
        msg = f"{path}: it is no Ed25519 key"
        raise ReceiptError(msg)
    return key


def issued(studio: Studio, delivery_id: str) -> str:
    """The signed receipt of a delivery's latest verdict. Raises UnknownIdError, ReceiptError."""
    key = signing_key(studio.settings.receipt_key)
    record = studio.kept.delivery(delivery_id)
    if record.verdict is None:
        msg = f"{record.delivery.delivery_id} is not judged yet: there is nothing to sign"
        raise ReceiptError(msg)
    approvals = {each.approval_id: each for each in studio.kept.approvals(title=record.delivery.title)}
    head = studio.kept.audit.head()
    content = receipt_content(record, record.verdict, approvals, head=head, issued_at=studio.now())
    return signed(content, key)
