"""A signing chain of our own (ES256: root, intermediate, leaf), and files with credentials signed by it."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = SOURCE_TYPES + "trainedAlgorithmicMedia"

_LEAF_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_AUTHORITY_USAGE = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


_PLAIN = {"thumbnail": {"enabled": False}}
_QUICK: dict[str, Any] = {"verify": {"verify_after_sign": False}, "builder": _PLAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The root's PEM text, and what a signer needs: leaf and intermediate, and the leaf's key."""

    root: str
    certificates: str
    key: str


@cache
def chain() -> Chain:
    """Three certificates and the leaf's key, made once a run."""
    root_key, middle_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = _certificate("Test Root", root_key, "Test Root", root_key, None, path_length=1)
    middle = _certificate("Test Intermediate", middle_key, "Test Root", root_key, root, path_length=0)
    leaf = _certificate("Test Signer", leaf_key, "Test Intermediate", middle_key, middle)
    key = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Chain(root=_pem(root), certificates=_pem(leaf) + _pem(middle), key=key.decode())


def signed(
    picture: bytes,
    target: Path,
    *actions: dict[str, Any],
    media_type: str = "image/jpeg",
    generator: str = "Test Studio",
    assertions: tuple[dict[str, Any], ...] = (),
    ingredient: Path | None = None,
    ingredient_title: str = "plate.jpg",
    vouched: tuple[str, ...] = (),
) -> Path:
    """The picture with a manifest of these actions, signed by our chain; the ingredient becomes its parent.

    `vouched`: the labels of the assertions for which the signer vouches; the others are only passed on.
    """
    links = chain()
    manifest = _manifest(generator, actions, assertions)
    context = c2pa.Context.from_dict(_QUICK | {"builder": _PLAIN | {"created_assertion_labels": list(vouched)}})
    with (
        c2pa.Signer.from_info(
            c2pa.C2paSignerInfo("es256", links.certificates.encode(), links.key.encode(), None)
        ) as signer,
        c2pa.Builder(json.dumps(manifest), context=context) as builder,
        target.open("w+b") as out,
    ):
        if ingredient is not None:
            note = {"title": ingredient_title, "relationship": "parentOf", "label": "parent"}
            with ingredient.open("rb") as parent:
                builder.add_ingredient(json.dumps(note), media_type, parent)
        builder.sign(signer, media_type, io.BytesIO(picture), out)
    return target


def apart(picture: bytes, target: Path, *actions: dict[str, Any], media_type: str = "image/jpeg") -> Path:
    """A manifest of these actions for the picture, in a file of its own."""
    links = chain()
    info = c2pa.C2paSignerInfo("es256", links.certificates.encode(), links.key.encode(), None)
    with (
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(json.dumps(_manifest("Test Studio", actions, ())), context=c2pa.Context.from_dict(_QUICK)) as made,
    ):
        made.set_no_embed()
        target.write_bytes(made.sign(signer, media_type, io.BytesIO(picture)))
    return target


class _Signing(c2pa.Context):
    """A context whose settings hold the signer: the only way to sign for a named firm as well."""

    has_signer = True


def identified(picture: bytes, target: Path, *roles: str) -> Path:
    """The picture signed by our chain, and named in it (CAWG identity) the holder of the same certificate."""
    links = chain()
    local = {"alg": "es256", "sign_cert": links.certificates, "private_key": links.key}
    named = local | {"referenced_assertions": ["c2pa.actions"], "roles": list(roles)}
    context = _Signing.from_dict(_QUICK | {"signer": {"local": local}, "cawg_x509_signer": {"local": named}})
    captured = created(digitalSourceType=SOURCE_TYPES + "digitalCapture")
    manifest = _manifest("Test Studio", (captured,), ())
    with c2pa.Builder(json.dumps(manifest), context=context) as builder, target.open("w+b") as out:
        builder.sign("image/jpeg", io.BytesIO(picture), out)
    return target


def _manifest(
    generator: str, actions: tuple[dict[str, Any], ...], assertions: tuple[dict[str, Any], ...]
) -> dict[str, Any]:
    return {
        "claim_generator_info": [{"name": generator, "version": "1.0"}],
        "title": "shot.jpg",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}, *assertions],
    }


def created(**fields: Any) -> dict[str, Any]:
    """The action that made the picture."""
    return {"action": "c2pa.created", **fields}


def opened() -> dict[str, Any]:
    """The action that opened the parent."""
    return {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    above: x509.Certificate | None,
    *,
    path_length: int | None = None,
) -> x509.Certificate:
    authority = path_length is not None
    above_key = issuer_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=730))
        .not_valid_after(datetime.now(UTC) + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(_AUTHORITY_USAGE if authority else _LEAF_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if above is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above_key)
        builder = builder.add_extension(identifier, critical=False)
    if not authority:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test Pictures")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
