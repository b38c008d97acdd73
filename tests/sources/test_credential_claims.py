"""What Content Credentials say of AI, and what they say that is no such statement."""

from pathlib import Path
from typing import Any

import pytest

from scanner.model import AiClaim, Credentials, Meaning
from scanner.sources.credential_claims import ai_claims
from scanner.sources.credential_notes import notes
from scanner.sources.credentials import ContentCredentials

from .making import encoded
from .signing import SOURCE_TYPES, TRAINED, created, signed

JPEG = encoded("JPEG")
CAPTURED = created(digitalSourceType=SOURCE_TYPES + "digitalCapture")


def said(path: Path, *actions: dict[str, Any], **given: Any) -> Credentials:
    """The credentials of a picture that is signed with these actions."""
    (found,) = ContentCredentials().examine(signed(JPEG, path / "shot.jpg", *actions, **given), "jpeg")
    assert isinstance(found, Credentials)
    return found


def claims(store: dict[str, Any]) -> list[AiClaim]:
    return list(ai_claims({"manifests": {"a": store}, "active_manifest": "a"}))


def linked(*links: tuple[str, str], active: str = "a") -> dict[str, Any]:
    """A store of manifests that name each other as ingredients; `z` was made by AI."""
    names = dict.fromkeys((*(name for link in links for name in link), "z"))
    manifests: dict[str, Any] = {name: {"assertion_store": {}} for name in names}
    for at, (name, other) in enumerate(links):
        url = {"url": f"self#jumbf=/c2pa/{other}"}
        manifests[name]["assertion_store"][f"c2pa.ingredient__{at}"] = {"activeManifest": url, "dc:title": other}
    manifests["z"]["assertion_store"]["c2pa.actions"] = {"actions": [created(digitalSourceType=TRAINED)]}
    return {"manifests": manifests, "active_manifest": active}


@pytest.mark.parametrize(("vouched", "gathered"), [((), True), (("c2pa.actions",), False)])
def test_what_a_signer_only_passes_on_is_told_apart(
    tmp_path: Path, vouched: tuple[str, ...], *, gathered: bool
) -> None:
    found = said(tmp_path, created(digitalSourceType=TRAINED), vouched=vouched)

    assert [claim.gathered for claim in found.claims] == [gathered]


@pytest.mark.parametrize(
    ("form", "term"),
    [
        ("http://cv.iptc.org/newscodes/digitalsourcetype/{}", "trainedAlgorithmicMedia"),
        ("https://cv.iptc.org/newscodes/digitalsourcetype/{}/", "compositeSynthetic"),
        ("digsrctype:{}", "trainedAlgorithmicMedia"),
        ("{}", "compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_source_types_are_known_in_every_form(tmp_path: Path, form: str, term: str) -> None:
    found = said(tmp_path, created(digitalSourceType=form.format(term)))

    assert [(claim.says, claim.meaning) for claim in found.claims] == [(term, Meaning.AI)]


@pytest.mark.parametrize("value", [{"@id": TRAINED}, {"@value": TRAINED}, [TRAINED]])
def test_source_types_in_the_long_forms_of_json_are_known(value: Any) -> None:
    store = {"assertion_store": {"cawg.metadata": {"Iptc4xmpExt:DigitalSourceType": value}}}

    assert [claim.meaning for claim in claims(store)] == [Meaning.AI]


@pytest.mark.parametrize(
    "action",
    [
        {"action": "c2pa.ai_generated_content"},
        {"action": "c2pa.edited", "parameters": {"name": "Generative Fill"}},
        {"action": "c2pa.edited", "parameters": {"com.adobe.firefly.operation": "text_to_image"}},
        {"action": "c2pa.edited", "reason": "AI-generated"},
        {
            "action": "c2pa.edited",
            "changes": [{"region": [{"type": "temporal", "time": {}}], "description": "Generative Expand"}],
        },
        {"action": "c2pa.edited", "softwareAgent": {"name": "Midjourney", "version": "7"}},
        {"action": "c2pa.watermarked", "parameters": {"alg": "com.google.synthid"}},
    ],
)
def test_actions_without_a_source_type_are_known_by_what_they_say(tmp_path: Path, action: dict[str, Any]) -> None:
    assert said(tmp_path, CAPTURED, action).says_ai is Meaning.AI


@pytest.mark.parametrize(
    "description", ["Not AI-generated", "No generative fill was used", "Made without the generative expand"]
)
def test_what_denies_ai_is_no_claim(tmp_path: Path, description: str) -> None:
    assert said(tmp_path, created(description=description)).claims == ()


@pytest.mark.parametrize(
    ("generator", "action"),
    [
        ("Adobe Photoshop", {"action": "c2pa.color_adjustments", "parameters": {"name": "Curves"}}),
        ("Adobe Photoshop", {"action": "c2pa.cropped", "parameters": {"com.adobe.tool": "crop"}}),
        ("Adobe Premiere Pro", {"action": "c2pa.transcoded"}),
        ("Adobe Lightroom", {"action": "c2pa.filtered", "reason": "AI Denoise"}),
        ("CapCut", {"action": "c2pa.published", "parameters": {"description": "Exported with CapCut"}}),
        ("Leica M11-P", {"action": "c2pa.published"}),
        ("Google Pixel Camera", {"action": "c2pa.published", "description": "Made with Pixel Camera"}),
        ("Canva", {"action": "c2pa.placed", "softwareAgent": "Canva Editor"}),
    ],
)
def test_ordinary_credentials_say_nothing_of_ai(tmp_path: Path, generator: str, action: dict[str, Any]) -> None:
    assert said(tmp_path, CAPTURED, action, generator=generator).claims == ()


def test_a_signer_that_makes_generated_media_may_mean_ai() -> None:
    store = {"claim": {"claim_generator": "c2patool/0.9"}, "signature": {"issuer": "RUNWAY AI, INC."}}

    assert [(claim.meaning, claim.says) for claim in claims(store)] == [(Meaning.MAYBE, 'signed by "RUNWAY AI, INC."')]


def test_human_oversight_is_told_with_a_disclosure(tmp_path: Path) -> None:
    data = {"modelType": "c2pa.types.model", "contentProfile": {"humanOversightLevel": "prompt_guided"}}
    disclosure = {"label": "c2pa.ai-disclosure", "data": data}

    found = said(tmp_path, CAPTURED, assertions=(disclosure,))

    assert [claim.says for claim in found.claims] == ["c2pa.ai-disclosure (prompt_guided)"]


def test_a_credit_line_that_only_generated_media_carry_is_a_claim() -> None:
    store = {"assertion_store": {"cawg.metadata": {"photoshop:Credit": "Made with Google AI"}}}

    assert [claim.says for claim in claims(store)] == ['photoshop:Credit "Made with Google AI"']


@pytest.mark.parametrize("algorithm", ["com.google.synthid.1", "com.microsoft.invismark.1", "io.elevenlabs.audio"])
def test_a_soft_binding_by_an_ai_vendor_is_a_mark(tmp_path: Path, algorithm: str) -> None:
    binding = {"label": "c2pa.soft-binding", "data": {"alg": algorithm, "blocks": [{"scope": {}, "value": "x"}]}}

    found = said(tmp_path, CAPTURED, assertions=(binding,))

    assert [(claim.says, claim.mark) for claim in found.claims] == [(f"soft binding {algorithm}", True)]


@pytest.mark.parametrize("algorithm", ["com.adobe.trustmark.P", "com.digimarc.validate.1", "io.iscc.v0"])
def test_a_soft_binding_of_anybody_else_is_a_note(tmp_path: Path, algorithm: str) -> None:
    binding = {"label": "c2pa.soft-binding", "data": {"alg": algorithm, "blocks": [{"scope": {}, "value": "x"}]}}

    found = said(tmp_path, CAPTURED, assertions=(binding,))

    assert (found.claims, found.notes) == ((), (f"names a mark: {algorithm} (active manifest)",))


@pytest.mark.parametrize("owner", ["c2pa", "cawg"])
def test_terms_for_training_are_noted(tmp_path: Path, owner: str) -> None:
    entries = {f"{owner}.ai_generative_training": {"use": "notAllowed"}, f"{owner}.data_mining": {"use": "allowed"}}
    terms = {"label": f"{owner}.training-mining", "data": {"entries": entries}}

    found = said(tmp_path, CAPTURED, assertions=(terms,))

    assert found.says_ai is None
    assert found.notes == (
        "terms of use: ai generative training not allowed (active manifest)",
        "terms of use: data mining allowed (active manifest)",
    )


@pytest.mark.parametrize(
    ("links", "where"),
    [
        ((("a", "z"),), "ingredient: z"),
        ((("a", "b"), ("b", "a"), ("b", "z")), "ingredient: z"),
        ((("a", "a"), ("z", "z")), "manifest that nothing refers to: z"),
    ],
)
def test_every_manifest_is_walked_once_whatever_refers_to_it(links: tuple[tuple[str, str], ...], where: str) -> None:
    assert [claim.manifest for claim in ai_claims(linked(*links))] == [where]


def test_an_ingredient_without_its_manifest_is_noted() -> None:
    store = linked(("a", "gone"))
    del store["manifests"]["gone"]

    assert list(notes(store)) == ["the manifest of an ingredient is not there: gone"]


@pytest.mark.parametrize(
    ("assertion", "meaning"),
    [
        ({"digitalSourceType": TRAINED}, Meaning.AI),
        ({"dataTypes": [{"type": "c2pa.types.generator.prompt"}], "dc:title": "a very secret scene"}, Meaning.AI),
        ({"data_types": [{"type": "c2pa.types.model.pytorch"}]}, Meaning.MAYBE),
    ],
)
def test_ingredients_speak_for_themselves(assertion: dict[str, Any], meaning: Meaning) -> None:
    (claim,) = claims({"assertion_store": {"c2pa.ingredient.v3": assertion}})

    assert claim.meaning is meaning
    assert "secret" not in repr(claim)


def test_manifests_without_number_or_depth_come_to_an_end() -> None:
    deep: Any = TRAINED
    for _ in range(2000):
        deep = {"x": [deep]}
    store = linked(*((f"m{at}", f"m{at + 1}") for at in range(3000)), active="m0")
    store["manifests"]["m0"]["assertion_store"]["org.studio.note"] = deep

    assert all(isinstance(claim, AiClaim) for claim in ai_claims(store))


def test_no_number_of_claims_hides_another_tool() -> None:
    actions = [created(digitalSourceType=TRAINED, softwareAgent="Brush", description=f"{at}") for at in range(3)]
    deep = {f"org.note__{at}": {"AISystemUsed": "Brush", f"x{at}:AISystemVersionUsed": "1"} for at in range(200)}
    last = {"zz.note": {"AISystemUsed": "Unapproved Tool"}}

    tools = [
        claim.tool for claim in claims({"assertion_store": {"c2pa.actions": {"actions": actions}, **deep, **last}})
    ]

    assert tools[-1] == "Unapproved Tool"
    assert len(tools) == 101


def test_statements_kept_elsewhere_or_struck_out_are_noted() -> None:
    body = {
        "claim": {"redacted_assertions": ["self#jumbf=/c2pa/b/c2pa.assertions/c2pa.actions.v2"]},
        "assertion_store": {"c2pa.cloud-data": {"label": "c2pa.metadata", "location": {"url": "https://x.invalid/1"}}},
    }

    assert list(notes({"manifests": {"a": body}, "active_manifest": "a"})) == [
        "a statement is kept elsewhere and was not fetched: c2pa.metadata (active manifest)",
        "struck out by a later signer: c2pa.actions.v2",
    ]
