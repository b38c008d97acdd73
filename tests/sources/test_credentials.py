"""Content Credentials: validity, trust and AI claims are three separate facts."""

import socket
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import SettingsError
from scanner.model import AiClaim, Credentials, CredentialState, Meaning, Unreadable
from scanner.sources import Source
from scanner.sources.credentials import ContentCredentials
from scanner.sources.manifests import ai_claims, generator, signed_state

from .contract import SourceContract, seen
from .making import encoded, png, xmp
from .signing import SOURCE_TYPES, TRAINED, chain, created, opened, signed

JPEG = encoded("JPEG")


def credentials(path: Path, format_name: str = "jpeg", *, anchors: str | None = None) -> Credentials:
    (found,) = ContentCredentials(anchors).examine(path, format_name)
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

    assert credentials(path).claims == (AiClaim(manifest="active manifest", says=label, meaning=Meaning.AI, tool=tool),)


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

    (found,) = ContentCredentials().examine(path, "jpeg")

    assert isinstance(found, Unreadable)


def test_a_file_that_the_library_refuses_and_that_holds_no_trace_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + b"\0\0\xff\xffmoov" + bytes(40))

    assert seen(ContentCredentials(), path, "mp4") == []


@pytest.mark.parametrize(
    "anchors", ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\N{BULLET}"]
)
def test_trust_anchors_that_are_no_certificates_are_a_settings_error(anchors: str) -> None:
    with pytest.raises(SettingsError, match="trust anchors"):
        ContentCredentials(anchors)


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
    assert list(ai_claims({"a": store}, "a")) == []


def test_an_agent_by_index_is_looked_up(tmp_path: Path) -> None:
    action = {"softwareAgentIndex": 0, "digitalSourceType": TRAINED}
    store = {"c2pa.actions.v2": {"actions": [action], "softwareAgents": [{"name": "Dream Box"}]}}

    assert [claim.tool for claim in ai_claims({"a": {"assertion_store": store}}, "a")] == ["Dream Box"]
