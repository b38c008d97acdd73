"""Content Credentials (C2PA): validity, trust and AI statements of a file's manifests. The network is never used."""

import base64
import binascii
import io
import json
import os
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import c2pa

from scanner.errors import SettingsError
from scanner.model import Credentials, CredentialState, Observation, TrustAnchors, Unreadable
from scanner.sources.carriers.bounds import contains
from scanner.sources.clean import clean
from scanner.sources.credential_claims import ai_claims
from scanner.sources.credential_notes import has_identities, identities, notes
from scanner.sources.loose_manifests import claims_left, loose_stores
from scanner.sources.manifests import (
    active_of,
    assertions,
    codes,
    generator,
    mapping,
    signed_state,
    signer,
    status_codes,
)

SIDECAR = "c2pa"
MEDIA_TYPES = {
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
    SIDECAR: "application/c2pa",
}
# Without any of these a file that the library cannot read holds no credentials that could have been read.
_TRACES = (
    bytes.fromhex("63327061001100108000" + "00aa00389b71"),
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"),
    b"jumdc2pa",
    b"C2PA_GIF",
    b"application/x-c2pa-manifest-store",
    b"<c2pa:manifest",
    b"dcterms:provenance",
    b"META-INF/content_credential.c2pa",
    b"/C2PA_Manifest",
)
_REMOTE = re.compile(r"remote manifests? from url (\S+)", re.IGNORECASE)
_TELL_EVERY = 64 << 20
_UNREADABLE = (c2pa.C2paError, ValueError, RecursionError)
_LOOSE = "it stands in the file where no reader of Content Credentials looks for it"
# No manifest, revocation list or identity document (did:web) is fetched, and no host is one that might be asked.
OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": []},
}


class ContentCredentials:
    """Reads Content Credentials, embedded or in a sidecar.

    `trust`: the certificates whose signers are trusted; `alive` is called at every 64 MiB of a file that is hashed.
    """

    name = "content credentials"

    def __init__(self, trust: TrustAnchors | None = None, alive: Callable[[], None] = lambda: None) -> None:
        self._alive = alive
        self._lists = trust.lists if trust else ()
        try:
            self._context = _context(trust.pem if trust else "", os.getpid())
        except (c2pa.C2paError, ssl.SSLError, ValueError) as error:
            msg = f"the C2PA trust anchors cannot be used ({error}): give root certificates as PEM text"
            raise SettingsError(msg) from error

    def applies(self, format_name: str) -> bool:
        return format_name in MEDIA_TYPES

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """The credentials of the file, if it has any; a pointer to a remote manifest is told and never followed."""
        try:
            with _Watched(io.FileIO(path), self._alive) as stream:
                found = self._read(stream, MEDIA_TYPES[format_name], is_apart=format_name == SIDECAR)
        except _UNREADABLE as error:
            yield from self._unread(path, str(error))
            return
        if found is not None:
            yield found
        else:
            yield from self._loose(path)

    def _read(self, stream: BinaryIO, media_type: str, *, is_apart: bool) -> Credentials | None:
        """Raises C2paError, ValueError or RecursionError for what cannot be read."""
        reader = c2pa.Reader.try_create(media_type, stream, context=self._context)
        if reader is None:
            return None
        with reader:
            store = mapping(json.loads(reader.detailed_json()))
            decoded = mapping(json.loads(reader.json())) if has_identities(store) else {}
        return self._credentials(store, decoded, is_apart=is_apart)

    def _loose(self, path: Path) -> Iterator[Observation]:
        """Stores that stand where the library does not look: of an embedded picture, or put out of its sight."""
        for store in loose_stores(path):
            try:
                found = self._read(io.BytesIO(store), MEDIA_TYPES[SIDECAR], is_apart=True)
            except _UNREADABLE as error:
                yield from self._unread(path, str(error))
                return
            if found is not None:
                yield replace(found, binds=None, notes=(_LOOSE, *found.notes))

    def _credentials(self, store: dict[str, Any], decoded: dict[str, Any], *, is_apart: bool) -> Credentials:
        manifest = active_of(store)
        outcome = mapping(mapping(store.get("validation_results")).get("activeManifest"))
        failures, successes = codes(outcome.get("failure")), codes(outcome.get("success"))
        return Credentials(
            state=signed_state(failures, successes, apart=is_apart),
            trusted="signingCredential.trusted" in successes,
            signer=signer(manifest),
            generator=generator(manifest),
            claims=tuple(ai_claims(store)),
            validation=status_codes(store, apart=is_apart),
            trust_lists=self._lists,
            identities=tuple(identities(decoded)),
            notes=tuple(notes(store)),
            binds=_bound(manifest) if is_apart else None,
        )

    def _unread(self, path: Path, message: str) -> Iterator[Observation]:
        if remote := _REMOTE.search(message):
            yield Credentials(state=CredentialState.REMOTE, location=clean(remote[1]))
        elif contains(path, _TRACES):
            if claims := claims_left(path):
                yield Credentials(state=CredentialState.BROKEN, claims=claims, trust_lists=self._lists)
            reason = f"content credentials are present and cannot be read ({message or 'no reason given'})"
            yield Unreadable(source=self.name, reason=clean(reason))


class _Watched(io.BufferedReader):
    """A file that tells of progress: what is signed is hashed whole, and a long film takes minutes."""

    def __init__(self, raw: io.FileIO, alive: Callable[[], None]) -> None:
        super().__init__(raw)
        self._alive, self._untold = alive, 0

    def readinto(self, buffer: Any, /) -> int:
        size = super().readinto(buffer)
        self._untold += size
        if self._untold >= _TELL_EVERY:
            self._untold = 0
            self._alive()
        return size


@lru_cache(maxsize=2)
def _context(pem: str, _process: int) -> c2pa.Context:
    """What the library needs to read with these certificates; made once a process, which it does not outlive."""
    settings: dict[str, Any] = dict(OFFLINE)
    if pem:
        settings["trust"] = {"trust_anchors": _checked(pem)}
    return c2pa.Context.from_dict(settings)


def _checked(trust_anchors: str) -> str:
    """The same text. Raises SSLError or ValueError for what the C2PA library would pass over without a word."""
    if not trust_anchors.isascii():
        msg = "not plain ASCII"
        raise ValueError(msg)
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=trust_anchors)
    return trust_anchors


def _bound(manifest: dict[str, Any]) -> str | None:
    """SHA-256 of the whole file that a manifest was signed for, where its hash leaves no part out (C2PA 2.2, 18.5)."""
    for label, assertion in assertions(manifest):
        if label.startswith("c2pa.hash.data") and assertion.get("alg", "sha256") == "sha256":
            try:
                digest = base64.b64decode(str(assertion.get("hash")), validate=True)
            except binascii.Error:
                return None
            return digest.hex() if len(digest) == 32 and not assertion.get("exclusions") else None
    return None
