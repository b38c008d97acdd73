"""What the findings about records and approvals mean: the handbook's pages on guidelines 6.6, rules 1 to 23."""

from scanner.model import Code
from scanner.policy.explanation import Explanation

_ORIGINAL = "Netflix, Using Generative AI, principle 1 (outputs do not replicate material of others)"
_NO_TRAINING = 'Netflix, Using Generative AI, principle 2 (tools do not store, reuse or train) and "Confidentiality"'
_SECURE = (
    "Netflix, Using Generative AI, principle 3 (enterprise-secured environment) and the use-case matrix, own material"
)
_DATA = (
    'Netflix, Using Generative AI, "Always escalate" 1 (data use): no proprietary or personal data '
    "as input unless explicitly approved"
)
_TRAINED = (
    'Netflix, Using Generative AI, "Always escalate" 1 (data use): no training on the work of others '
    "without clearance; matrix, unowned training data"
)
_KEY = (
    'Netflix, Using Generative AI, "Always escalate" 2 (creative output): main characters, key '
    "visuals, central settings; matrix, final designs"
)
_PROTECTED = (
    'Netflix, Using Generative AI, "Always escalate" 2 (creative output): no copyrighted works, '
    "public figures or the dead as input without permission"
)
_TALENT = 'Netflix, Using Generative AI, principle 5, "Always escalate" 3 (talent) and "Talent enhancement"'
_ALTERED = 'Netflix, Using Generative AI, "Always escalate" 3 (talent): significant digital alteration of a performance'
_MODELS = 'Netflix, Using Generative AI, "Talent enhancement": models serve one production and scope only'
_MISLEADING = (
    'Netflix, Using Generative AI, "Always escalate" 4 (ethics): nothing that can be mistaken for '
    "real events, people or statements"
)
_UNION = 'Netflix, Using Generative AI, principle 5 and "Always escalate" 4 (ethics): union-represented work'
_TEMPORARY = 'Netflix, Using Generative AI, principle 4 (temporary material) and "Final versus temporary"'
_INCIDENTAL = (
    'Netflix, Using Generative AI, use-case matrix, background elements; "Final versus temporary" (incidental use)'
)
_DUTY_A = "Netflix, Using Generative AI, duty A: any intended use is told to the studio's contact"
_ESCALATE = 'Netflix, Using Generative AI, "Always escalate" and duty B (written approval before proceeding)'
_WORKFLOWS = 'Netflix, Using Generative AI, "Custom workflows": each step must meet the standards'
_HOUSE = "house rule"

RECORDS_HANDBOOK: dict[Code, Explanation] = {
    Code.ORIGINALITY_DOUBTED: Explanation(
        rule="1(b)",
        source=_ORIGINAL,
        inputs="principles.p1, originality; approvals with trigger P1",
        says=(
            "That the output replicates nobody's material is not a confident yes in its record, or a check of "
            "its originality did not come out clear, and no approval speaks of it."
        ),
        clears_when=(
            "the record answers principle 1 with yes and no check speaks against it, or an approved escalation names P1"
        ),
    ),
    Code.INPUT_NOT_CLEARED: Explanation(
        rule="1(c)",
        source=_PROTECTED,
        inputs="steps.inputs: class, clearance_ref; approvals with trigger 2b or third_party_ip",
        says="Material of others was given to the tool without a clearance.",
        clears_when="the clearance is recorded for that input, or an approved escalation names 2b or third_party_ip",
    ),
    Code.PROMPT_NAMES_OTHERS: Explanation(
        rule="1(d)",
        source=_PROTECTED,
        inputs=(
            "steps.prompt_names: the guarded_names of policy.toml that were found in the prompt when the record came "
            "in; approvals with trigger 2b or third_party_ip"
        ),
        says="A prompt names a work, an artist or a person of the studio's list.",
        clears_when="a person looks at the prompt and rules, or an approved escalation names 2b or third_party_ip",
    ),
    Code.TOOL_KEEPS_DATA: Explanation(
        rule="2",
        source=_NO_TRAINING,
        inputs=(
            "the tool record: stores_data, reuses_data, trains_on_inputs, trains_on_outputs; approvals with "
            "trigger 1a or P2"
        ),
        says="The terms of a tool let it store, reuse or train on what it is given or makes.",
        clears_when="an approved escalation names 1a or P2, or the material is made again with a tool that does not",
    ),
    Code.TOOL_NOT_KNOWN: Explanation(
        rule="2",
        source=_NO_TRAINING,
        inputs=(
            "steps.tool_id, tool_version, used_from, used_to; the tool record: stores_data and its kin, "
            "terms_reviewed_at (terms_months of policy.toml), versions, valid_from, valid_to, agreement_ref of an "
            "enterprise tool; approvals with trigger 1a or P2"
        ),
        says=(
            "A tool, or what it does with data, is not known, or its terms were not reviewed within the year "
            "before it was used."
        ),
        clears_when="the tool's terms are reviewed and recorded, or an approved escalation names 1a or P2",
    ),
    Code.TOOL_INPUT_NOT_ALLOWED: Explanation(
        rule="2",
        source=_DATA,
        inputs=(
            "steps.inputs: class; the tool record: allowed_inputs; approvals with trigger 1a, or with that of the "
            "class: personal_data, talent_likeness, 2b, third_party_ip"
        ),
        says="Material was given to a tool that the tool is not, or not known to be, allowed to have.",
        clears_when=(
            "an approved escalation names 1a or that class of input, or the material is made again without that input"
        ),
    ),
    Code.TOOL_NOT_SECURE: Explanation(
        rule="3",
        source=_SECURE,
        inputs="the tool record: deployment; steps.inputs: class; approvals with trigger P3",
        says="A tool that is not secured, or not known to be, was used, with nothing sensitive as input.",
        clears_when="an approved escalation names P3, or it is made again with an enterprise-secured tool",
    ),
    Code.TOOL_CONSUMER_INPUT: Explanation(
        rule="3",
        source=_SECURE,
        inputs="the tool record: deployment; steps.inputs: class; approvals with trigger P3 or 1a",
        says="The studio's material, personal data or a likeness was given to a tool that is not known to be secured.",
        clears_when="an approved escalation names P3 or 1a",
    ),
    Code.AI_REPLACED: Explanation(
        rule="4(e)",
        source=_TEMPORARY,
        inputs="replaced_by; what was found",
        says="Material that its record says was replaced is still in the picture or sound.",
        clears_when="the replacement is delivered",
    ),
    Code.TALENT_NO_CONSENT: Explanation(
        rule="5(a)",
        source=_TALENT,
        inputs="talent: use, exception, consent_ids; consents: subject, kind, title, uses",
        says=(
            "A performer's voice, likeness or performance was generated or altered, and no consent to it is recorded."
        ),
        clears_when="the performer's (or the estate's) written consent for this title and use is recorded",
    ),
    Code.TALENT_CONSENT_NOT_VALID: Explanation(
        rule="5(f)",
        source=_TALENT,
        inputs="consents: title, scope, valid_from, valid_to, revoked_at, signed_at",
        says=(
            "A consent is named, and it does not cover this use: revoked, expired, signed later, or for something else."
        ),
        clears_when="a consent that covers this title, use and time is recorded",
    ),
    Code.TALENT_ALTERED: Explanation(
        rule="5(d)",
        source=_ALTERED,
        inputs="talent: use alteration, exception; approvals with trigger 3b",
        says="A performance was altered in tone, delivery or intent, and no approval speaks of it.",
        clears_when="an approved escalation names 3b, and the performer consents",
    ),
    Code.MODEL_OTHER_TITLE: Explanation(
        rule="5(e)",
        source=_MODELS,
        inputs="steps: model; consents: model_ids, title",
        says="A model that was trained for a performer in one production was used in another.",
        clears_when="everyone concerned expressly consents to the other production, and that is recorded",
    ),
    Code.TALENT_CUSTOMARY: Explanation(
        rule="5(c)",
        source=_TALENT,
        inputs="talent: use alteration, exception",
        says="A performance was altered as is customary in post, or as scripted: no further consent is needed.",
        clears_when="nothing: it is written down only",
    ),
    Code.RIGHTS_NO_CONSENT: Explanation(
        rule="6",
        source=_HOUSE,
        house=True,
        inputs=(
            "steps.inputs of class third_party or talent_likeness: rights_ref, clearance_ref; consents: kind "
            "input_reference (of a likeness any but training), title, scope, signed_at, valid_from, valid_to, "
            "revoked_at; approvals with trigger 2b or third_party_ip"
        ),
        says="An input names no consent of its rights holder, or one that is not recorded or did not cover its use.",
        clears_when=(
            "the rights holder's consent for this title and time is recorded, or an approved escalation names 2b or "
            "third_party_ip"
        ),
    ),
    Code.RIGHTS_CONSENT_LATE: Explanation(
        rule="6",
        source=_HOUSE,
        house=True,
        inputs="consents: signed_at; steps.used_from; approvals with trigger 2b or third_party_ip",
        says="The rights holder's consent to an input was signed after the input was used.",
        clears_when="a person looks at it and rules, or an approved escalation names 2b or third_party_ip",
    ),
    Code.TRAINING_NOT_CLEARED: Explanation(
        rule="7",
        source=_TRAINED,
        inputs=(
            "steps.model_custom; training: rights, clearance_ref; consents of kind training; approvals with trigger "
            "1b or that permit fine-tuning"
        ),
        says=(
            "A custom model was trained on material whose rights are not settled or not stated, or any model on "
            "material that is known not to be cleared."
        ),
        clears_when="the rights are cleared and recorded, or an approved escalation names 1b or permits fine-tuning",
    ),
    Code.TRAINING_NOT_STATED: Explanation(
        rule="7",
        source=_HOUSE,
        house=True,
        inputs="steps.model_custom; training; approvals with trigger 1b or that permit fine-tuning",
        says="What the model was trained on, or whether it is a custom one, is not stated.",
        clears_when="the record states it, or an approved escalation names 1b or permits fine-tuning",
    ),
    Code.TALENT_NOT_DISCLOSED: Explanation(
        rule="8",
        source=_HOUSE,
        house=True,
        inputs="talent; disclosure",
        says="A performer consented; that the audience is told is not recorded.",
        clears_when="the record holds the text and place of the disclosure",
    ),
    Code.RECORD_MISSING: Explanation(
        rule="9(a)",
        source=_HOUSE,
        house=True,
        inputs=(
            "the register, provenance logs that were delivered; records_required, vfx_names of policy.toml; media of a "
            "final only"
        ),
        says="No provenance record is about this, and the house asks for one.",
        clears_when="a provenance record is registered for it, or a log that is delivered states how it was made",
    ),
    Code.RECORD_BARE: Explanation(
        rule="9(b)",
        source=_HOUSE,
        house=True,
        inputs="the provenance record; strict of policy.toml (otherwise nothing is said)",
        says="The record says no more than the tool and the use: nothing of how it was made.",
        clears_when="the record is filled in",
    ),
    Code.RECORD_INCOMPLETE: Explanation(
        rule="9(b)",
        source=_HOUSE,
        house=True,
        inputs=(
            "ai_use, element_kind; steps: tool_version, model, operator, used_from; of a final also "
            "final_approval.of_sha256 and originality"
        ),
        says="The record leaves out what the house asks for.",
        clears_when="the record is filled in",
    ),
    Code.RECORD_DATES: Explanation(
        rule="9(c)",
        source=_HOUSE,
        house=True,
        inputs="steps.used_from, used_to; the delivery's date",
        says="The dates of the record cannot be right: it ends before it begins, or begins after the delivery.",
        clears_when="the record is corrected",
    ),
    Code.RECORD_OTHER_BYTES: Explanation(
        rule="9(d)",
        source=_HOUSE,
        house=True,
        inputs="the record's assets: name and SHA-256; the delivered file of that name, of records for the final",
        says="A final was delivered under the name in its record, and is another file than the registered one.",
        clears_when="the registered file is delivered, or this one is registered",
    ),
    Code.RECORD_CONTRADICTED: Explanation(
        rule="9(e)",
        source=_HOUSE,
        house=True,
        inputs="ai_use none; Content Credentials, labels, generator settings and watermarks of the file",
        says="The record says that no AI was used, and the file shows that it was.",
        clears_when="the record is corrected and what it then says is approved",
    ),
    Code.CREDIT_MISSING: Explanation(
        rule="10",
        source=_HOUSE,
        house=True,
        inputs="credit: required, text, placement; approvals: permits.credit_exempt",
        says="A credit is required, and its text or place is not recorded.",
        clears_when="the credit is recorded, or the approval exempts it",
    ),
    Code.NOT_REVIEWED: Explanation(
        rule="11",
        source=_HOUSE,
        house=True,
        inputs=(
            "review, final_approval: who, verdict, at; steps.operator; the roster, with roster_required of "
            "policy.toml; human_contribution and legal_review_ref of elements that the story rests on"
        ),
        says=(
            "It was not reviewed and approved for release by others than its maker before it was delivered, or it was "
            "rejected; what was rejected is quarantined."
        ),
        clears_when=(
            "a reviewer and an approver, not its maker, have approved it; what the story rests on also needs a human "
            "part and a legal review"
        ),
    ),
    Code.APPROVED_OTHER_BYTES: Explanation(
        rule="11",
        source=_HOUSE,
        house=True,
        inputs="final_approval.of_sha256; the delivered bytes, or those of the registered asset that is seen in them",
        says="What was approved for release are other bytes than those that were delivered.",
        clears_when="the approved bytes are delivered, or these are approved",
    ),
    Code.REVIEWER_NOT_TRAINED: Explanation(
        rule="12",
        source=_HOUSE,
        house=True,
        inputs="review: reviewer_id, training_id, at; the roster: active_from, active_to, trainings",
        says="The reviewer was not on the roster, or not trained, when it was reviewed.",
        clears_when="a trained person of the roster reviews it",
    ),
    Code.DISCLOSURE_MISSING: Explanation(
        rule="13",
        source="house rule; NY Gen. Bus. Law 396-b (advertisements), EU AI Act art. 50(4)",
        house=True,
        inputs="talent; disclosure; the delivery's class and territories",
        says="A synthetic performer, replica or voice must be disclosed here, and no text is recorded.",
        clears_when="the text and place of the disclosure are recorded",
    ),
    Code.MISLEADING: Explanation(
        rule="14",
        source=_MISLEADING,
        inputs="realism; the profile; approvals with trigger 4a",
        says="It can be mistaken for a real event, person or statement, and no approval speaks of it.",
        clears_when="an approved escalation names 4a",
    ),
    Code.MISLEADING_NOT_STATED: Explanation(
        rule="14",
        source=_MISLEADING,
        inputs="realism; the profile",
        says="Whether it can be mistaken for something real is not stated.",
        clears_when="the record states it",
    ),
    Code.REAL_PERSON: Explanation(
        rule="15",
        source=(
            'Netflix, Using Generative AI, "Always escalate" 2 (creative output): no copyrighted works, '
            "public figures or the dead as input without permission; Calif. Civ. Code 3344.1, N.Y. S.8391 "
            "(the dead)"
        ),
        inputs="talent: living, public_figure; consents of the person or estate; approvals with trigger 2b or 3a",
        says="A public figure or a dead person is recreated without a recorded permission.",
        clears_when=(
            "the permission of the person or the estate is recorded; for the living, an approved escalation that names "
            "2b or 3a will do"
        ),
    ),
    Code.UNION_NOT_AGREED: Explanation(
        rule="16",
        source=_UNION,
        inputs="union_impact; approvals with trigger 4b",
        says="Union-represented work is replaced or affected without an agreement.",
        clears_when="the agreement is recorded, or an approved escalation names 4b",
    ),
    Code.UNION_NOT_STATED: Explanation(
        rule="16",
        source=_UNION,
        inputs="union_impact",
        says="Whether union-represented work is affected is not stated, and it is in a final.",
        clears_when="the record states it",
    ),
    Code.PERSONAL_DATA: Explanation(
        rule="17",
        source=_DATA,
        inputs="steps.inputs: class personal_data; approvals with trigger 1a or personal_data",
        says="Personal data was given to a tool without an explicit approval.",
        clears_when="an approved escalation names 1a or personal_data",
    ),
    Code.KEY_ELEMENT: Explanation(
        rule="18",
        source=_KEY,
        inputs="element_kind, prominence; approvals with trigger 2a and final_use",
        says=(
            "A character, key visual, central setting or prominent element was generated without an approval "
            "that says so."
        ),
        clears_when="an approved escalation names 2a and permits final use",
    ),
    Code.INCIDENTAL: Explanation(
        rule="19",
        source=_INCIDENTAL,
        inputs="prominence, principles, socialised",
        says="An incidental background element was generated; all five principles hold and it was socialised.",
        clears_when="a person takes note; for on-screen text and signs, clearance",
    ),
    Code.SIGNAGE_TO_CLEAR: Explanation(
        rule="19",
        source=_INCIDENTAL,
        inputs="element_kind document_signage or text; perceived; legal_review_ref of final_approval or of approvals",
        says="Generated text or signage is on screen: its rights may need clearance.",
        clears_when="a legal review of it is recorded, or a person rules",
    ),
    Code.NOT_SOCIALISED: Explanation(
        rule="20",
        source=_DUTY_A,
        inputs="socialised",
        says="That the studio's contact was told of this use is not recorded.",
        clears_when="it is socialised, and that is recorded",
    ),
    Code.ONLY_SOCIALISED: Explanation(
        rule="21",
        source=_ESCALATE,
        inputs="principles, triggers derived from the record; approvals",
        says="The guidance asks for an escalation, and it was only socialised, or not even that.",
        clears_when="an approved escalation covers every trigger that is named",
    ),
    Code.APPROVAL_AFTER_USE: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs="approvals: decided_at; steps.used_from",
        says="The approval was decided after the material was made.",
        clears_when="a person looks at it and rules",
    ),
    Code.APPROVAL_CONDITION: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs="approvals: conditions",
        says="A condition of the approval is not met.",
        clears_when="the condition is met, or its approver says in writing that it is",
    ),
    Code.APPROVER_NOT_KNOWN: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs="approvals: approver; the roster",
        says="The approver is not on the roster, or was not when it was decided.",
        clears_when="somebody of the roster decides on it",
    ),
    Code.APPROVAL_DOCUMENT: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs="approvals: document, document_sha256",
        says="The written approval is not the document whose hash was registered.",
        clears_when="the document is found as it was, or the approval is given anew",
    ),
    Code.STEP_GAP: Explanation(
        rule="23",
        source=_WORKFLOWS,
        inputs="steps: number, inputs, outputs, where they are stated; the record's assets",
        says="A step of the making is not recorded: a number is left out, or nothing goes on with what a step gives.",
        clears_when="the missing step is recorded",
    ),
}
