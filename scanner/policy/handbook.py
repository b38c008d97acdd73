"""What each finding code means, the clause it rests on, and what would clear it: one source for every report."""

from scanner.model import Code
from scanner.policy.explanation import Explanation
from scanner.policy.handbook_records import RECORDS_HANDBOOK

_TEMPORARY_USE = 'Netflix, Using Generative AI, principle 4 (temporary material) and "Final versus temporary"'
_ESCALATE = 'Netflix, Using Generative AI, "Always escalate" and duty B (written approval before proceeding)'
_INTEGRITY = "24 (integrity of the drop)"
_OURS = "scanner: what cannot be looked at cannot be cleared"


_APPROVE = "an approved escalation covers this material for this delivery, or it is replaced and delivered again"
_LOOK = "a person looks at it and rules, or the vendor states how it was made"
_REGISTERED = "what was delivered; the register; approvals"
_ESCALATION = "what was delivered; approvals: status, scope, terms, decided_at, valid_from, valid_to, revoked_at"
_REPLACE = "the material is replaced and delivered again"

HANDBOOK: dict[Code, Explanation] = {
    Code.AI_IDENTICAL: Explanation(
        rule="4(b)",
        source=_TEMPORARY_USE,
        inputs=_REGISTERED,
        says="The very bytes of a registered AI asset were delivered.",
        clears_when=_APPROVE,
    ),
    Code.AI_LOOK_ALIKE: Explanation(
        rule="4(b)",
        source=_TEMPORARY_USE,
        inputs=_REGISTERED,
        says="Frames look like a registered AI asset.",
        clears_when=_APPROVE,
    ),
    Code.AI_LOOK_ALIKE_EVERYWHERE: Explanation(
        rule="4(b)",
        source=_TEMPORARY_USE,
        inputs=_REGISTERED,
        says="Frames look like a registered AI asset in so many places that the likeness may say nothing.",
        clears_when="a person looks at it and rules; what is no AI material is registered as known to be good",
    ),
    Code.AI_HEARD: Explanation(
        rule="4(b), 5",
        source=_TEMPORARY_USE,
        inputs=_REGISTERED,
        says="A registered AI asset is heard in the sound: a voice, music or an effect, alone or under others.",
        clears_when=_APPROVE,
    ),
    Code.AI_HEARD_EVERYWHERE: Explanation(
        rule="4(b)",
        source=_TEMPORARY_USE,
        inputs=_REGISTERED,
        says="A registered AI asset is heard in so many places that the likeness may say nothing.",
        clears_when="a person listens to it and rules; what is no AI material is registered as known to be good",
    ),
    Code.AI_FINAL_UNAPPROVED: Explanation(
        rule="4(c)",
        source=_ESCALATE,
        inputs=_REGISTERED,
        says="A registered AI asset that its record means for the final was delivered without an approval.",
        clears_when="an approved escalation covers this material for this delivery",
    ),
    Code.AI_CREDENTIALS: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="Content Credentials in the file say that it was made or edited with generative AI.",
        clears_when=_APPROVE,
    ),
    Code.AI_LABEL: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="The file declares in its metadata that it was made or edited with generative AI.",
        clears_when=_APPROVE,
    ),
    Code.AI_GENERATOR: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="The file carries the settings that an AI tool writes into what it makes.",
        clears_when=_APPROVE,
    ),
    Code.AI_WATERMARK: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="Several pictures carry an open watermark that an AI tool puts into what it makes.",
        clears_when=_APPROVE,
    ),
    Code.AI_WATERMARK_ONCE: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="One picture carries an open watermark that an AI tool puts into what it makes. One may be chance.",
        clears_when=_LOOK,
    ),
    Code.AI_DECLARED: Explanation(
        rule="4(c)",
        source=_ESCALATE,
        says="The vendor's own provenance log states that this was made or edited with generative AI.",
        clears_when=_APPROVE,
    ),
    Code.AI_IN_TIMELINE: Explanation(
        rule="4(b)",
        source=_TEMPORARY_USE,
        inputs=_REGISTERED,
        says="An editorial timeline names a registered AI asset: the cut uses it, or did when this was written.",
        clears_when="the shot is replaced in the cut, an approved escalation covers it, or a person looks and rules",
    ),
    Code.AI_NAME: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="A name is one that an AI tool gives, or that the register knows. A name alone proves nothing.",
        clears_when=_LOOK,
    ),
    Code.AI_MAYBE: Explanation(
        rule="4(a)",
        source=_TEMPORARY_USE,
        says="The file declares a source type that may include generated parts.",
        clears_when=_LOOK,
    ),
    Code.AI_APPROVED: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs=_ESCALATION,
        says="AI material was found and an approved escalation covers it.",
        clears_when="nothing: it is cleared; the approval is cited",
    ),
    Code.AI_TEMPORARY_ALLOWED: Explanation(
        rule="4(d)",
        source=_TEMPORARY_USE,
        inputs="what was delivered; the class of the delivery; allowed_in of policy.toml",
        says="AI material was found in a drop class in which temporary material is allowed.",
        clears_when="nothing: it is allowed here, and only here",
    ),
    Code.APPROVAL_DENIED: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs=_ESCALATION,
        says="The escalation for this material was denied.",
        clears_when=_REPLACE,
    ),
    Code.APPROVAL_NOT_YET: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs=_ESCALATION,
        says="An escalation for this material exists but nobody has approved it yet.",
        clears_when="the escalation is approved",
    ),
    Code.APPROVAL_NOT_VALID: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs=_ESCALATION,
        says="The approval for this material is withdrawn, superseded, revoked, expired or not valid yet.",
        clears_when="a valid approval is registered",
    ),
    Code.APPROVAL_OTHER_SCOPE: Explanation(
        rule="22",
        source=_ESCALATE,
        inputs=_ESCALATION,
        says="An approval for this material exists, for another use than this one.",
        clears_when="an approval whose scope includes this use is registered",
    ),
    Code.STATEMENT_CONTRADICTED: Explanation(
        rule="9(e)",
        source="house rule: when and how AI was used is recorded; what a file says of itself must agree",
        house=True,
        inputs="the provenance log that was delivered; what the file says of itself",
        says="The vendor's provenance log says that no AI was used, and the file shows that it was.",
        clears_when="the log is corrected and what it then declares is approved, or the material is replaced",
    ),
    Code.CREDENTIALS_BROKEN: Explanation(
        rule="24",
        source="C2PA 2.2, 15 (validation): the file is not what was signed",
        says="Content Credentials are there but do not fit the file: it was changed after signing.",
        clears_when="a person looks at it and rules, or the vendor delivers the file as signed",
    ),
    Code.CREDENTIALS_ELSEWHERE: Explanation(
        rule="4(a)",
        source="C2PA 2.2, 11 (remote manifests); nothing is fetched from the network",
        says="The file only points to Content Credentials kept elsewhere.",
        clears_when="the vendor delivers the credentials in the file or beside it",
    ),
    Code.NOT_INFORMATIVE: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="No frame shows enough to be compared with anything: black, white, bars, flat colour.",
        clears_when="a person looks at it and rules",
    ),
    Code.UNREADABLE: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="Something that has to be looked at could not be examined.",
        clears_when="it is delivered again in a form that can be examined, or a person examines it and rules",
    ),
    Code.PARTLY_READ: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="Only a part could be examined.",
        clears_when="it is delivered again whole, or a person examines the rest and rules",
    ),
    Code.INCOMPLETE: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="Parts that ought to be there are missing.",
        clears_when="the delivery is completed and delivered again",
    ),
    Code.ALTERED: Explanation(
        rule=_INTEGRITY,
        source="SMPTE ST 429-8 and ST 2067-2 (PKL), ASC MHL 1.0, or the checksum list that was delivered",
        says="A file is not the one that its manifest lists.",
        clears_when="the file that the manifest lists is delivered, or the manifest that fits the file",
    ),
    Code.UNLISTED: Explanation(
        rule=_INTEGRITY,
        source="SMPTE ST 429-8 and ST 2067-2 (PKL), ASC MHL 1.0, or the checksum list that was delivered",
        says="A file is in the package and its manifest does not list it.",
        clears_when="the file is taken out or listed and delivered again, or a person looks at it and rules",
    ),
    Code.STRAY: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="A picture lies among the frames of an image sequence and is none of them.",
        clears_when="a person looks at it and rules, or the sequence is delivered again without it",
    ),
    Code.NOT_OPENED: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="Something was not opened: links, devices, sockets and pipes never are; other things could not be.",
        clears_when="plain files that can be opened are delivered in its place",
    ),
    Code.NOTHING_DELIVERED: Explanation(
        rule=_INTEGRITY,
        source=_OURS,
        says="There is nothing in it that could be examined.",
        clears_when="the delivery is completed and delivered again",
    ),
    Code.REGISTER_OUT_OF_REACH: Explanation(
        rule="house rule",
        source="no delivery is cleared without the register",
        says="The register of AI material could not be asked.",
        clears_when="the database answers again; the delivery is then judged without being read again",
    ),
    **RECORDS_HANDBOOK,
}
