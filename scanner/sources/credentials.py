"""Content Credentials (C2PA): validity, trust and AI statements of a file's manifests. The network is never used."""

import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import c2pa

from scanner.errors import SettingsError
from scanner.model import Credentials, CredentialState, Observation, Unreadable
from scanner.sources.carriers.bounds import contains
from scanner.sources.clean import clean
from scanner.sources.manifests import ai_claims, generator, ingredient_failures, signed_state

_MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "dng": "image/dng",
    "heif": "image/heif",
    "avif": "image/avif",
    "jxl": "image/jxl",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "m4a": "audio/mp4",
    "avi": "video/avi",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "pdf": "application/pdf",
    "zip": "zip",
}
# Without any of these a file that the library cannot read holds no credentials that could have been read.
_TRACES = (
    bytes.fromhex("63327061001100108000" + "00aa00389b71"),
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"),
    b"<c2pa:manifest",
    b"dcterms:provenance",
    b"META-INF/content_credential.c2pa",
    b"/C2PA_Manifest",
)
_REMOTE = re.compile(r"remote manifests? from url (\S+)", re.IGNORECASE)
_NETWORK_OFF = {"remote_manifest_fetch": False, "ocsp_fetch": False}
_VALIDATION_LIMIT = 50


class ContentCredentials:
    """Reads Content Credentials. `trust_anchors`: PEM text of the root certificates whose signers are trusted."""

    name = "content credentials"

    def __init__(self, trust_anchors: str | None = None) -> None:
        settings: dict[str, Any] = {"verify": _NETWORK_OFF}
        try:
            if trust_anchors:
                settings["trust"] = {"trust_anchors": _checked(trust_anchors)}
            self._context = c2pa.Context.from_dict(settings)
        except (c2pa.C2paError, ssl.SSLError, ValueError) as error:
            msg = f"the C2PA trust anchors cannot be used ({error}): give root certificates as PEM text"
            raise SettingsError(msg) from error

    def applies(self, format_name: str) -> bool:
        return format_name in _MEDIA_TYPES

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """The credentials of the file, if it has any; a pointer to a remote manifest is told and never followed."""
        try:
            store = self._store(path, _MEDIA_TYPES[format_name])
        except (c2pa.C2paError, ValueError, RecursionError) as error:
            yield from self._unread(path, str(error))
            return
        if store is not None:
            yield _credentials(store)

    def _store(self, path: Path, media_type: str) -> dict[str, Any] | None:
        with path.open("rb") as stream:
            reader = c2pa.Reader.try_create(media_type, stream, context=self._context)
            if reader is None:
                return None
            with reader:
                store: dict[str, Any] = json.loads(reader.detailed_json())
                return store

    def _unread(self, path: Path, message: str) -> Iterator[Observation]:
        if remote := _REMOTE.search(message):
            yield Credentials(state=CredentialState.REMOTE, location=clean(remote[1]))
        elif contains(path, _TRACES):
            reason = f"content credentials are present and cannot be read ({message or 'no reason given'})"
            yield Unreadable(source=self.name, reason=clean(reason))


def _checked(trust_anchors: str) -> str:
    """The same text. Raises SSLError or ValueError for what the C2PA library would pass over without a word."""
    if not trust_anchors.isascii():
        msg = "not plain ASCII"
        raise ValueError(msg)
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=trust_anchors)
    return trust_anchors


def _credentials(store: dict[str, Any]) -> Credentials:
    manifests = store.get("manifests") or {}
    active = str(store.get("active_manifest") or "")
    manifest = manifests.get(active) or {}
    results = store.get("validation_results") or {}
    outcome = results.get("activeManifest") or {}
    failures = _codes(outcome.get("failure"))
    inherited = ingredient_failures(manifests, results.get("ingredientDeltas"))
    validation = (*sorted(set(failures)), *sorted({f"ingredient: {code}" for code in inherited}))
    return Credentials(
        state=signed_state(failures, _codes(outcome.get("success"))),
        signer=_signer(manifest.get("signature") or {}),
        generator=generator(manifest),
        claims=tuple(ai_claims(manifests, active)),
        validation=tuple(clean(code) for code in validation[:_VALIDATION_LIMIT]),
    )


def _codes(statuses: Any) -> tuple[str, ...]:
    return tuple(str(status.get("code")) for status in statuses or () if isinstance(status, dict))


def _signer(signature: dict[str, Any]) -> str | None:
    issuer, name = signature.get("issuer"), signature.get("common_name")
    if issuer and name and issuer != name:
        return clean(f"{issuer} ({name})")
    return clean(str(issuer or name)) if issuer or name else None
