"""Content Credentials (C2PA) signed by a certificate chain that is made here and whose keys are thrown away."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import c2pa
import cv2
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from labels import SOURCE_TYPE
from numpy.typing import NDArray

OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "builder": {"thumbnail": {"enabled": False}},
}
STARTS, ENDS = datetime(2025, 1, 1, tzinfo=UTC), datetime(2055, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A signer, and the root certificate that one may choose to trust (PEM)."""

    signer: c2pa.Signer
    root: bytes


def chain() -> Chain:
    """Root, intermediate and signer, fit for C2PA: ES256, e-mail protection, key identifiers. For tests only."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    names = [_name(f"scanner sample media, {part}") for part in ("test root", "test intermediate", "test signer")]
    root = _certificate(names[0], names[0], keys[0], keys[0], authority=True)
    middle = _certificate(names[1], names[0], keys[1], keys[0], authority=True)
    leaf = _certificate(names[2], names[1], keys[2], keys[1], authority=False)
    pem = [each.public_bytes(serialization.Encoding.PEM) for each in (leaf, middle, root)]
    key = keys[2].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=pem[0] + pem[1], private_key=key, ta_url=None)
    return Chain(signer=c2pa.Signer.from_info(info), root=pem[2])


def _name(common: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sample media, not a real signer")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(STARTS)
        .not_valid_after(ENDS)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def created(agent: str, source_type: str) -> dict[str, object]:
    """The action of something new."""
    return {
        "action": "c2pa.created",
        "softwareAgent": {"name": agent},
        "digitalSourceType": f"{SOURCE_TYPE}{source_type}",
    }


def sign(
    source: Path, target: Path, trust: Chain, *, maker: str, action: dict[str, object], parent: Path | None = None
) -> None:
    """Write `source` to `target` with a manifest of one action; a parent goes along with its own as ingredient."""
    manifest = {
        "claim_generator_info": [{"name": maker, "version": "1.0"}],
        "title": target.name,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }
    with c2pa.Context.from_dict(OFFLINE) as context, c2pa.Builder(json.dumps(manifest), context=context) as builder:
        if parent is not None:
            ingredient = {"title": parent.name, "relationship": "parentOf", "label": "parent"}
            with parent.open("rb") as stream:
                builder.add_ingredient(ingredient, f"image/{parent.suffix[1:]}", stream)
        builder.sign_file(source, target, trust.signer)


def tampered(signed: bytes, picture: NDArray[np.uint8]) -> bytes:
    """The signed JPEG with other pixels under the old credentials (its APP11 segments)."""
    encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
    return encoded[:2] + b"".join(_segments(signed, 0xEB)) + encoded[2:]


def _segments(jpeg: bytes, marker: int) -> list[bytes]:
    """The segments with this marker, up to the start of the scan."""
    found, place = [], 2
    while jpeg[place + 1] != 0xDA:
        length = int.from_bytes(jpeg[place + 2 : place + 4], "big") + 2
        if jpeg[place + 1] == marker:
            found.append(jpeg[place : place + length])
        place += length
    return found
