"""Content Credentials: validity, trust and AI claims are three separate facts."""

import hashlib
import http.server
import io
import re
import socket
import struct
import threading
import zipfile
import zlib
from pathlib import Path
from typing import Any

import c2pa
import pytest

from scanner.errors import SettingsError
from scanner.media.formats import sniff
from scanner.model import Credentials, CredentialState, Meaning, TrustAnchors, Unreadable
from scanner.sources import Source
from scanner.sources.credential_claims import ai_claims
from scanner.sources.credential_notes import identities
from scanner.sources.credentials import MEDIA_TYPES, OFFLINE, ContentCredentials
from scanner.sources.manifests import generator, signed_state

from .contract import SourceContract, seen
from .making import box, encoded, png, sound, video, wav, xmp
from .signing import SOURCE_TYPES, TRAINED, apart, chain, created, identified, opened, signed

JPEG = encoded("JPEG")


def credentials(path: Path, format_name: str = "jpeg", *, anchors: str = "") -> Credentials:
    (found,) = ContentCredentials(TrustAnchors(pem=anchors, lists=("our own",))).examine(path, format_name)
    assert isinstance(found, Credentials)
    return found


def tampered(path: Path) -> Path:
    raw = path.read_bytes()
    path.write_bytes(raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:])
    return path


class TestTheContract(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return ContentCredentials()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return signed(JPEG, tmp_path / "telling.jpg", created(digitalSourceType=TRAINED))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        path = tmp_path / "silent.jpg"
        path.write_bytes(JPEG)
        return path


class TestTheContractOfASidecar(SourceContract):
    format_name = "c2pa"

    @pytest.fixture
    def source(self) -> Source:
        return ContentCredentials()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return apart(JPEG, tmp_path / "telling.c2pa", created(digitalSourceType=TRAINED))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        path = tmp_path / "silent.c2pa"
        path.write_bytes(b"nothing that anybody signed")
        return path


def test_a_signer_under_a_trusted_root_is_trusted(tmp_path: Path) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED))

    assert credentials(path, anchors=chain().root).state is CredentialState.TRUSTED


def test_a_valid_signature_alone_is_not_trusted(tmp_path: Path) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED))

    assert credentials(path).state is CredentialState.UNTRUSTED


def test_a_picture_changed_after_signing_has_broken_credentials(tmp_path: Path) -> None:
    path = tampered(signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED)))

    found = credentials(path, anchors=chain().root)

    assert found.state is CredentialState.BROKEN
    assert "assertion.dataHash.mismatch" in found.validation


def test_an_ai_claim_under_a_broken_signature_is_still_told(tmp_path: Path) -> None:
    path = tampered(signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED)))

    assert [claim.meaning for claim in credentials(path).claims] == [Meaning.AI]


def test_signer_and_generator_are_named_with_version(tmp_path: Path) -> None:
    found = credentials(signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED)))

    assert (found.signer, found.generator) == ("Test Pictures (Test Signer)", "Test Studio 1.0")


@pytest.mark.parametrize(
    ("term", "meaning"),
    [
        ("trainedAlgorithmicMedia", Meaning.AI),
        ("compositeWithTrainedAlgorithmicMedia", Meaning.AI),
        ("compositeSynthetic", Meaning.AI),
        ("composite", Meaning.MAYBE),
        ("virtualRecording", Meaning.MAYBE),
    ],
)
def test_source_types_of_generated_media_are_claims(tmp_path: Path, term: str, meaning: Meaning) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=SOURCE_TYPES + term))

    (claim,) = credentials(path).claims

    assert (claim.says, claim.meaning) == (term, meaning)


@pytest.mark.parametrize("term", ["algorithmicMedia", "digitalCapture", "computationalCapture", "digitalCreation"])
def test_cameras_and_procedural_work_are_no_ai_claim(tmp_path: Path, term: str) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=SOURCE_TYPES + term))

    assert credentials(path).claims == ()


def test_the_tool_is_the_agent_of_the_action(tmp_path: Path) -> None:
    agent = {"name": "Dream Box", "version": "3"}
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED, softwareAgent=agent))

    assert [claim.tool for claim in credentials(path).claims] == ["Dream Box 3"]


def test_ai_in_a_parent_is_found_under_a_human_edit(tmp_path: Path) -> None:
    parent = signed(JPEG, tmp_path / "parent.jpg", created(digitalSourceType=TRAINED))
    child = signed(JPEG, tmp_path / "child.jpg", opened(), ingredient=parent)

    assert [claim.manifest for claim in credentials(child).claims] == ["ingredient: shot.jpg"]


def test_ai_in_a_grandparent_is_found(tmp_path: Path) -> None:
    first = signed(JPEG, tmp_path / "1.jpg", created(digitalSourceType=TRAINED))
    second = signed(JPEG, tmp_path / "2.jpg", opened(), ingredient=first)
    third = signed(JPEG, tmp_path / "3.jpg", opened(), ingredient=second)

    assert [claim.says for claim in credentials(third).claims] == ["trainedAlgorithmicMedia"]


def test_a_damaged_ingredient_does_not_break_the_active_manifest(tmp_path: Path) -> None:
    parent = tampered(signed(JPEG, tmp_path / "parent.jpg", created(digitalSourceType=TRAINED)))
    child = signed(JPEG, tmp_path / "child.jpg", opened(), ingredient=parent)

    found = credentials(child, anchors=chain().root)

    assert found.state is CredentialState.TRUSTED
    assert "ingredient: assertion.dataHash.mismatch" in found.validation


@pytest.mark.parametrize(
    "action",
    [
        created(softwareAgent="Image Creator from Designer"),
        created(description="AI Generated Image", softwareAgent="Some Cloud"),
        created(softwareAgent="DALL·E"),
        {"action": "c2pa.created", "parameters": {"description": "Applied imperceptible SynthID watermark"}},
    ],
)
def test_makers_that_state_no_source_type_are_known_by_their_words(tmp_path: Path, action: dict[str, Any]) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", action)

    assert {claim.meaning for claim in credentials(path).claims} == {Meaning.AI}


@pytest.mark.parametrize("agent", ["Adobe Photoshop 26.9", "Adobe Premiere Pro", "CapCut", "Pixel Camera", "NIKON Z 9"])
def test_editors_and_cameras_are_no_ai_claim(tmp_path: Path, agent: str) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(softwareAgent=agent), generator=agent)

    assert credentials(path).claims == ()


def test_a_maker_of_generated_media_that_states_nothing_at_all_is_a_claim(tmp_path: Path) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(), generator="Dreamina")

    assert [claim.says for claim in credentials(path).claims] == ['claim generator "Dreamina 1.0"']


def test_a_maker_that_states_another_source_type_is_believed(tmp_path: Path) -> None:
    action = created(digitalSourceType=SOURCE_TYPES + "digitalCapture")
    path = signed(JPEG, tmp_path / "shot.jpg", action, generator="Dreamina")

    assert credentials(path).claims == ()


def test_a_ban_on_training_is_no_ai_claim(tmp_path: Path) -> None:
    ban = {"label": "cawg.training-mining", "data": {"entries": {"cawg.ai_inference": {"use": "notAllowed"}}}}
    path = signed(JPEG, tmp_path / "shot.jpg", created(), assertions=(ban,))

    assert credentials(path).claims == ()


@pytest.mark.parametrize(
    ("label", "data", "tool"),
    [
        ("c2pa.ai-disclosure", {"modelType": "image", "modelName": "Brush 2"}, "Brush 2"),
        ("c2pa.ai_generated_content", {"ai_generated": True, "model": "Brush 3", "prompt": "secret"}, "Brush 3"),
    ],
)
def test_disclosures_are_claims_that_name_the_model(
    tmp_path: Path, label: str, data: dict[str, Any], tool: str
) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(), assertions=({"label": label, "data": data},))

    (claim,) = credentials(path).claims

    assert (claim.says, claim.tool, claim.meaning) == (label, tool, Meaning.AI)


def test_no_prompt_is_ever_told(tmp_path: Path) -> None:
    data = {"ai_generated": True, "prompt": "a very secret scene"}
    note = {"label": "c2pa.ai_generated_content", "data": data}
    action = created(description="AI generated image of a very secret scene", softwareAgent="Sora")

    path = signed(JPEG, tmp_path / "shot.jpg", action, assertions=(note,))

    assert "secret" not in repr(credentials(path))


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("stds.schema-org.CreativeWork", {"@type": "CreativeWork", "digitalSourceType": TRAINED}),
        ("org.studio.note", {"Iptc4xmpExt:DigitalSourceType": TRAINED}),
        ("org.studio.note", {"deep": [{"er": {"Iptc4xmpExt:AISystemUsed": "Brush"}}]}),
    ],
)
def test_a_source_type_in_any_assertion_is_a_claim(tmp_path: Path, label: str, data: dict[str, Any]) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(), assertions=({"label": label, "data": data},))

    assert [claim.meaning for claim in credentials(path).claims] == [Meaning.AI]


def test_names_from_the_manifest_are_cleaned(tmp_path: Path) -> None:
    agent = "Dream\nBox\x1b[31m\u202e" + "x" * 500
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED, softwareAgent=agent))

    (claim,) = credentials(path).claims

    assert claim.tool is not None
    assert claim.tool.startswith("Dream Box [31m x")
    assert len(claim.tool) == 200


def test_a_wrong_extension_does_not_win(tmp_path: Path) -> None:
    path = signed(png(), tmp_path / "shot.jpg", created(digitalSourceType=TRAINED), media_type="image/png")

    assert credentials(path, "png").state is CredentialState.UNTRUSTED


def test_a_pointer_to_a_remote_manifest_is_told_and_never_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", None)
    address = "https://manifests.invalid/one"
    packet = xmp("", attributes=f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"')
    path = tmp_path / "shot.jpg"
    path.write_bytes(encoded("JPEG", xmp=packet))

    found = credentials(path)

    assert (found.state, found.location, found.claims) == (CredentialState.REMOTE, address, ())


def test_a_manifest_that_cannot_be_read_is_unreadable(tmp_path: Path) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"jumdc2cl", b"jumdxxxx"))

    assert any(isinstance(found, Unreadable) for found in ContentCredentials().examine(path, "jpeg"))


def test_what_is_left_of_a_damaged_manifest_still_says_ai(tmp_path: Path) -> None:
    path = signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED))
    path.write_bytes(path.read_bytes().replace(b"jumdc2cl", b"jumdxxxx"))

    found, unreadable = ContentCredentials().examine(path, "jpeg")

    assert isinstance(found, Credentials)
    assert (found.state, found.says_ai) == (CredentialState.BROKEN, Meaning.AI)
    assert isinstance(unreadable, Unreadable)


def test_a_file_that_the_library_refuses_and_that_holds_no_trace_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + b"\0\0\xff\xffmoov" + bytes(40))

    assert seen(ContentCredentials(), path, "mp4") == []


@pytest.mark.parametrize(
    "anchors", ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\N{BULLET}"]
)
def test_trust_anchors_that_are_no_certificates_are_a_settings_error(anchors: str) -> None:
    with pytest.raises(SettingsError, match="trust anchors"):
        ContentCredentials(TrustAnchors(pem=anchors))


@pytest.mark.parametrize(
    ("failures", "successes", "state"),
    [
        ((), ("claimSignature.validated", "signingCredential.trusted"), CredentialState.TRUSTED),
        (("signingCredential.untrusted",), ("claimSignature.validated",), CredentialState.UNTRUSTED),
        (("signingCredential.expired",), ("claimSignature.validated",), CredentialState.EXPIRED),
        (("claimSignature.outsideValidity",), ("claimSignature.validated",), CredentialState.EXPIRED),
        (
            ("signingCredential.expired", "assertion.bmffHash.mismatch"),
            ("claimSignature.validated",),
            CredentialState.BROKEN,
        ),
        (("ingredient.manifest.missing",), ("claimSignature.validated",), CredentialState.BROKEN),
        (("signingCredential.invalid",), ("claimSignature.validated",), CredentialState.BROKEN),
        (("something.new",), ("claimSignature.validated", "signingCredential.trusted"), CredentialState.BROKEN),
        ((), (), CredentialState.BROKEN),
    ],
)
def test_the_state_is_the_worst_that_the_active_manifest_shows(
    failures: tuple[str, ...], successes: tuple[str, ...], state: CredentialState
) -> None:
    assert signed_state(failures, successes) is state


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        ({"claim_generator": "Adobe_Firefly adobe_c2pa/0.5.0 c2pa-rs/0.20.0"}, "Adobe Firefly"),
        ({"claim_generator": "Adobe_Express/1.0.0 c2pa-rs/0.28.1"}, "Adobe Express 1.0.0"),
        ({"claim_generator_info": {"name": "ChatGPT"}}, "ChatGPT"),
        ({"claim_generator_info": []}, None),
        ({}, None),
    ],
)
def test_the_generator_is_the_product_not_its_library(claim: dict[str, Any], name: str | None) -> None:
    assert generator({"claim": claim}) == name


@pytest.mark.parametrize(
    "store",
    [
        {"assertion_store": {"c2pa.actions": {"actions": 3}}},
        {"assertion_store": {"c2pa.actions": {"actions": [None, 3, {"softwareAgent": 7, "digitalSourceType": [1]}]}}},
        {"assertion_store": [], "claim": "text"},
        {"assertion_store": {"c2pa.ingredient": {"validationStatus": "odd", "validationResults": 3}}},
    ],
)
def test_manifests_of_the_wrong_shape_are_no_claims(store: dict[str, Any]) -> None:
    assert list(ai_claims({"manifests": {"a": store}, "active_manifest": "a"})) == []


def test_an_agent_by_index_is_looked_up(tmp_path: Path) -> None:
    action = {"softwareAgentIndex": 0, "digitalSourceType": TRAINED}
    store = {"c2pa.actions.v2": {"actions": [action], "softwareAgents": [{"name": "Dream Box"}]}}

    manifests = {"a": {"assertion_store": store}}

    assert [claim.tool for claim in ai_claims({"manifests": manifests, "active_manifest": "a"})] == ["Dream Box"]


def test_validity_trust_and_what_is_said_are_three_facts(tmp_path: Path) -> None:
    path = tampered(signed(JPEG, tmp_path / "shot.jpg", created(digitalSourceType=TRAINED)))

    found = credentials(path, anchors=chain().root)

    assert (found.valid, found.trusted, found.says_ai) == (False, True, Meaning.AI)


def test_the_lists_that_were_asked_are_told(tmp_path: Path) -> None:
    assert credentials(signed(JPEG, tmp_path / "shot.jpg", created())).trust_lists == ("our own",)


def test_who_is_named_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    found = credentials(identified(JPEG, tmp_path / "shot.jpg", "cawg.creator"), anchors=chain().root)

    assert found.state is CredentialState.TRUSTED
    assert "cawg.x509.credential.untrusted" in found.validation
    assert found.identities == (
        "Test Pictures / Test Signer as cawg.creator: its signature fits; not on a list that is trusted",
    )


def test_people_for_whom_somebody_else_vouches_are_named() -> None:
    person = {"type": "cawg.social_media", "username": "ada\x1b[31m", "provider": {"name": "Example"}}
    data = {"signer_payload": {"role": ["cawg.creator"]}, "verifiedIdentities": [person]}
    decoded = {"manifests": {"a": {"assertions": [{"label": "cawg.identity", "data": data}, "odd"]}}}

    assert list(identities(decoded)) == ["ada [31m (says Example) as cawg.creator: not verified"]


def test_a_sidecar_is_read_and_names_the_file_it_was_signed_for(tmp_path: Path) -> None:
    path = apart(JPEG, tmp_path / "shot.c2pa", created(digitalSourceType=TRAINED))

    found = credentials(path, "c2pa", anchors=chain().root)

    assert sniff(path).name == "c2pa"
    assert (found.state, found.valid, found.trusted, found.says_ai) == (CredentialState.APART, None, True, Meaning.AI)
    assert found.binds == hashlib.sha256(JPEG).hexdigest()


def test_a_sidecar_that_was_changed_is_broken(tmp_path: Path) -> None:
    path = apart(JPEG, tmp_path / "shot.c2pa", created(digitalSourceType=TRAINED))
    path.write_bytes(path.read_bytes().replace(b"trainedAlgorithmicMedia", b"trainedalgorithmicMedia"))

    assert credentials(path, "c2pa").state is CredentialState.BROKEN


def test_a_sidecar_cut_short_cannot_be_read(tmp_path: Path) -> None:
    path = apart(JPEG, tmp_path / "shot.c2pa", created(digitalSourceType=TRAINED))
    path.write_bytes(path.read_bytes()[:-200])

    assert any(isinstance(item, Unreadable) for item in ContentCredentials().examine(path, "c2pa"))


def test_a_manifest_put_where_nobody_looks_is_found(tmp_path: Path) -> None:
    store = apart(JPEG, tmp_path / "shot.c2pa", created(digitalSourceType=TRAINED)).read_bytes()
    path = tmp_path / "shot.png"
    late = struct.pack(">I", len(store)) + b"caBX" + store + struct.pack(">I", zlib.crc32(b"caBX" + store))
    path.write_bytes(png() + late)

    found = credentials(path, "png")

    assert (found.state, found.says_ai, found.binds) == (CredentialState.APART, Meaning.AI, None)


def test_a_signed_picture_inside_another_file_is_found(tmp_path: Path) -> None:
    long = {"label": "org.studio.note", "data": {"text": "long " * 30_000}}
    inside = signed(JPEG, tmp_path / "in.jpg", created(digitalSourceType=TRAINED), assertions=(long,)).read_bytes()
    path = tmp_path / "shot.png"
    path.write_bytes(png((b"prVW", inside)))

    assert credentials(path, "png").says_ai is Meaning.AI


def test_no_host_may_ever_be_asked() -> None:
    """Not even if a reader were told to fetch: identity documents (did:web) are fetched by another switch."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/one"
        packet = xmp("", attributes=f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"')
        context = c2pa.Context.from_dict(OFFLINE | {"verify": {"remote_manifest_fetch": True}})
        with pytest.raises(c2pa.C2paError, match="not permitted"):
            c2pa.Reader.try_create("image/jpeg", io.BytesIO(encoded("JPEG", xmp=packet)), context=context)
        server.shutdown()

    assert asked == []


HEIF = (
    box(b"ftyp", b"heic\0\0\0\0mif1heic")
    + box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"pict" + bytes(13)))
    + box(b"mdat", bytes(16))
)
JXL = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ") + box(b"jxlc", b"\xff\x0a" + bytes(8))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>"


def says_ai(made: bytes, path: Path, format_name: str) -> bool:
    """Whether the file, signed, is told by its content and its credentials are read."""
    signed(made, path, created(digitalSourceType=TRAINED), media_type=MEDIA_TYPES[format_name])
    found = credentials(path, format_name)
    return (sniff(path).name, found.valid, found.says_ai) == (format_name, True, Meaning.AI)


@pytest.mark.parametrize("kind", ["png", "webp", "gif", "tiff", "avif"])
def test_every_kind_of_picture_is_asked(tmp_path: Path, kind: str) -> None:
    assert says_ai(encoded(kind.upper()), tmp_path / "made", kind)


@pytest.mark.parametrize(("made", "kind"), [(HEIF, "heif"), (JXL, "jxl"), (SVG, "svg"), (wav(), "wav")])
def test_every_kind_of_box_and_text_is_asked(tmp_path: Path, made: bytes, kind: str) -> None:
    assert says_ai(made, tmp_path / "made", kind)


@pytest.mark.parametrize("kind", ["mp4", "mov", "avi"])
def test_every_kind_of_video_is_asked(tmp_path: Path, kind: str) -> None:
    assert says_ai(video(tmp_path / f"plain.{kind}").read_bytes(), tmp_path / "made", kind)


@pytest.mark.parametrize(("kind", "codec"), [("m4a", "aac"), ("mp3", "libmp3lame"), ("flac", "flac")])
def test_every_kind_of_sound_is_asked(tmp_path: Path, kind: str, codec: str) -> None:
    assert says_ai(sound(tmp_path / f"plain.{kind}", codec).read_bytes(), tmp_path / "made", kind)


def test_office_files_and_books_are_asked_as_the_archives_that_they_are(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    path = signed(packed.getvalue(), tmp_path / "a.docx", created(digitalSourceType=TRAINED), media_type="zip")

    assert sniff(path).name == "zip"
    assert credentials(path, "zip").says_ai is Meaning.AI


_ALSO_CALLED = {
    *("application/mp4", "application/svg+xml", "application/x-c2pa-manifest-store", "application/x-troff-msvideo"),
    *("audio/mp3", "audio/mpeg3", "audio/vnd.wave", "audio/wave", "audio/x-mp3", "audio/x-wav", "image/heic"),
    *("image/x-webp", "video/msvideo", "video/x-m4v", "video/x-msvideo"),
}


def test_every_format_that_the_library_reads_is_asked() -> None:
    """Raw pictures and office files are told by content as what they rest on: TIFF and ZIP."""
    resting = re.compile(r"application/(?:vnd\.|epub|oxps|x-zip)|image/x-(?:nikon|sony|adobe)")
    kinds = {kind for kind in c2pa.Reader.get_supported_mime_types() if "/" in kind and not resting.match(kind)}

    assert kinds - _ALSO_CALLED - set(MEDIA_TYPES.values()) == set()


def test_hashing_a_long_film_tells_of_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it goes on, the process that does it is not taken for one that hangs."""
    monkeypatch.setattr("scanner.sources.credentials._TELL_EVERY", 4096)
    told: list[None] = []
    path = signed(wav(), tmp_path / "long.wav", created(), media_type="audio/wav")

    list(ContentCredentials(None, lambda: told.append(None)).examine(path, "wav"))

    assert told
