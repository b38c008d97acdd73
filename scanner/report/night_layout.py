"""What of a night is told, and in which words, the same in plain text and in HTML; how much of it fits."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from scanner.model import Code, Finding, Picture
from scanner.report.canary import canary_line
from scanner.report.night_approvals import Ending, Lapse
from scanner.report.nightly import Entry, Night, Waiting
from scanner.report.plain import (
    code_words,
    coverage_sentence,
    coverage_words,
    moment,
    plural,
    shown,
    where,
)
from scanner.report.quarantine import ruling_words
from scanner.report.recalls import recall_line
from scanner.report.standing import waited_words

WAITS, RECALLS, WENT_OUT = "Who is waited for", "Found later in what was cleared", "Approved AI that went out"
APPROVALS, RULINGS, UNSEEN = "Approvals that end", "Rulings made", "What was not examined"
FALSE_ALARMS = "False alarms"
AUDIT_HEAD = "Head of the audit log, for: scanner audit verify --head"

_CONCERN_PEOPLE = ("TALENT-", "RIGHTS-")
PRIVATE = frozenset(code for code in Code if code.startswith(_CONCERN_PEOPLE)) | {
    Code.PERSONAL_DATA,
    Code.REAL_PERSON,
    Code.PROMPT_NAMES_OTHERS,
}
"""What findings with these codes say of people, or of what they were prompted with, is not mailed."""

_LONGEST_WORDS = 600
_ENDINGS: Mapping[Ending, str] = {
    Ending.EXPIRING: "expires",
    Ending.EXPIRED: "expired",
    Ending.REVOKED: "was revoked",
}
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How much is told: findings of a delivery, deliveries, lines of each list, names in a line, pairs of pictures."""

    findings: int = 5
    entries: int | None = None
    lines: int | None = None
    names: int = 8
    pictures: int = 0


WHOLE_REPORT = Length()
SHORTER = (
    Length(entries=120, lines=40),
    Length(findings=3, entries=50, lines=20, names=5),
    Length(findings=2, entries=20, lines=10, names=3),
    Length(findings=1, entries=8, lines=5, names=2),
)
"""For mails, the longest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding in words, with its pictures. `clears_when`: None where nothing needs to be done, or it is private."""

    code: Code
    where: str
    message: str
    clears_when: str | None
    picture: Picture | None
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A night as it is laid out for somebody.

    `lies_at`: where the whole report is; `sent_to`: whom it is for, in words; `talent`: whether findings that concern
    people are told in full.
    """

    night: Night
    length: Length = WHOLE_REPORT
    lies_at: str | None = None
    sent_to: str | None = None
    talent: bool = False
    _told: frozenset[str] = field(default=frozenset(), init=False)
    _pictures: Mapping[tuple[str, int], Picture] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        gravest = sorted(self.night.entries, key=lambda entry: entry.standing)[: self.length.entries]
        object.__setattr__(self, "_told", frozenset(_id(entry) for entry in gravest))
        chosen = ((each, picture) for entry in gravest for each, picture in _pictured(entry, self.length.findings))
        object.__setattr__(self, "_pictures", dict(islice(chosen, self.length.pictures)))

    def with_pictures(self, number: int) -> "Layout":
        """The same with at most so many pairs of pictures."""
        return replace(self, length=replace(self.length, pictures=number))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pairs that are shown."""
        return tuple(self._pictures.values())

    @property
    def summary(self) -> str:
        return f"{capital(self.night.summary)}."

    @property
    def span(self) -> str:
        """From when to when, in the zone of the reader."""
        return f"{moment(self.night.since, self.night.tz)} to {moment(self.night.until, self.night.tz)}"

    @property
    def is_link(self) -> bool:
        """Whether the place of the whole report can be followed."""
        return bool(self.lies_at and self.lies_at.startswith(("https://", "http://")))

    @property
    def canaries(self) -> Iterator[str]:
        return (capital(clipped(canary_line(run, self.night.tz))) for run in self.night.canaries)

    @property
    def waiting(self) -> list[str]:
        return self._first([self._waiting(each) for each in self.night.waiting])

    @property
    def recalls(self) -> list[str]:
        return self._first([clipped(recall_line(each, self.night.tz)) for each in self.night.recalls])

    @property
    def titles(self) -> Iterator[tuple[str, list[tuple[str, list[Entry]]]]]:
        """Each title with its vendors and their deliveries, as far as they are told one by one."""
        for title in self.night.titles:
            vendors = [(each.vendor, [e for e in each.entries if _id(e) in self._told]) for each in title.vendors]
            if told := [(vendor, entries) for vendor, entries in vendors if entries]:
                yield title.title, told

    @property
    def untold(self) -> str | None:
        """How many deliveries are not told one by one."""
        left = [entry for entry in self.night.entries if _id(entry) not in self._told]
        if not left:
            return None
        counts = sorted(Counter(entry.standing for entry in left).items())
        parts = ", ".join(f"{count} {standing.words}" for standing, count in counts)
        return f"And {plural(len(left), 'more delivery', 'more deliveries')} that this mail has no room for: {parts}."

    @property
    def went_out(self) -> list[str]:
        lines = [self._went_out(entry) for entry in self.night.went_out]
        return self._first(lines) or ["None went out."]

    @property
    def approvals(self) -> list[str]:
        lines = [self._lapse(each) for each in self.night.lapses]
        return self._first(lines) or ["None ends soon, and none has ended."]

    @property
    def rulings(self) -> list[str]:
        lines = [clipped(f"{each.name}: {ruling_words(each.ruling, self.night.tz)}") for each in self.night.rulings]
        return self._first(lines) or ["Nobody ruled on anything."]

    @property
    def false_alarms(self) -> list[str]:
        """What people said was none, and what they had registered as known to be good."""
        lines = [clipped(f"{each.name}: {each.ruling.by}: {each.ruling.reason}") for each in self.night.false_alarms]
        for record in self.night.lessons:
            names = self.names([asset.name for asset in record.assets])
            why = f": {record.note}" if record.note else ""
            lines.append(clipped(f"Known to be good from now on: {names}, by {record.created_by}{why}"))
        return self._first(lines) or ["None was told."]

    @property
    def unseen(self) -> list[tuple[str, str]]:
        """Each reason for which something was not examined, with the first of what it applies to."""
        found = [(clipped(why), self.names(names)) for why, names in self.night.unseen]
        most = self.length.lines
        more = [] if most is None or len(found) <= most else [(f"{len(found) - most} more reasons", "in the report")]
        return found[:most] + more

    @property
    def coverage(self) -> str | None:
        """What was looked at, all deliveries together; what was not is told by reason."""
        verdicts = [entry.record.verdict for entry in self.night.entries]
        found = [replace(coverage, notes=()) for verdict in verdicts if verdict for _, coverage in verdict.coverage]
        return coverage_sentence(*found, opening="Looked at in all") if found else None

    def findings(self, entry: Entry) -> list[Told]:
        """The gravest findings of a delivery, in words."""
        return [self._found(entry, number, each) for number, each in enumerate(entry.findings[: self.length.findings])]

    def more_findings(self, entry: Entry) -> str | None:
        more = len(entry.findings) - self.length.findings
        return f"and {more} more, in the report" if more > 0 else None

    def waits(self, entry: Entry) -> str | None:
        """Since when a delivery waits, on whom, and its id; None when it does not wait."""
        if entry.waited is None:
            return None
        since = moment(entry.record.delivery.received_at, self.night.tz)
        return f"Waiting since {since} ({waited_words(entry.waited)}), on {entry.waits_on} [{_id(entry)}]"

    def covered(self, entry: Entry) -> str | None:
        """What of a delivery was looked at."""
        return clipped(coverage_words(entry.record.verdict)) if entry.record.verdict else None

    def names(self, names: Sequence[str]) -> str:
        """The first names, and how many more."""
        more = len(names) - self.length.names
        return clipped(", ".join(names[: self.length.names])) + (f" and {more} more" if more > 0 else "")

    def _first(self, lines: list[str]) -> list[str]:
        """As many of the lines as there is room for."""
        most = self.length.lines
        return lines if most is None or len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more"]

    def _waiting(self, each: Waiting) -> str:
        since = f"{moment(each.since, self.night.tz)} ({waited_words(self.night.until - each.since)})"
        return f"{plural(each.deliveries, 'delivery', 'deliveries')} on {each.on}; the oldest since {since}"

    def _went_out(self, entry: Entry) -> str:
        delivery, approvals = entry.record.delivery, ", ".join(entry.approvals)
        owner = " / ".join(filter(None, (delivery.title, delivery.vendor)))
        what = {code_words(each.code): each for each in entry.findings if each.approval in entry.approvals}
        told = "; ".join(f"{words}, {where(each, dash='-')}" for words, each in islice(what.items(), 3))
        return clipped(f"{delivery.name} ({owner or 'no title'}): approval {approvals}{f': {told}' if told else ''}")

    def _lapse(self, each: Lapse) -> str:
        approval = each.approval
        said = f"{approval.approval_id} ({approval.title}, by {approval.approver})"
        by = f" by {approval.revoked_by}: {approval.revoked_reason}" if each.ending is Ending.REVOKED else ""
        return clipped(f"{said} {_ENDINGS[each.ending]} {moment(each.at, self.night.tz)}{by}")

    def _found(self, entry: Entry, number: int, finding: Finding) -> Told:
        is_private = finding.code in PRIVATE and not self.talent
        at = f"scanner quarantine show {_id(entry)}"
        hidden = f"{code_words(finding.code)}. Who is concerned is not told here: {at}"
        picture = self._pictures.get((_id(entry), number))
        return Told(
            code=finding.code,
            where=clipped(where(finding, dash="-")),
            message=hidden if is_private else clipped(finding.message),
            clears_when=clipped(finding.clears_when) if entry.standing.waits and not is_private else None,
            picture=picture,
            caption=_caption(picture, finding) if picture else "",
        )


def clipped(text: str, most: int = _LONGEST_WORDS) -> str:
    """The text made safe, and no longer than this."""
    text = shown(text[: most + 1])
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def capital(text: str) -> str:
    """The text with its first letter as a capital and the others as they are."""
    return text[:1].upper() + text[1:]


def _id(entry: Entry) -> str:
    return entry.record.delivery.delivery_id


def _pictured(entry: Entry, findings: int) -> Iterator[tuple[tuple[str, int], Picture]]:
    """The first picture of each of the first findings."""
    spare = list(entry.pictures)
    for number, finding in enumerate(entry.findings[:findings]):
        about = (finding.member, finding.asset.asset_id if finding.asset else None)
        mine = next((each for each in spare if (each.member, each.asset_id) == about and _has_frame(each)), None)
        if mine is not None:
            spare.remove(mine)
            yield (_id(entry), number), mine


def _has_frame(picture: Picture) -> bool:
    return any(each is not None and each.jpeg for each in (picture.found, picture.registered))


def _caption(picture: Picture, finding: Finding) -> str:
    asset = f"{finding.asset.name} [{finding.asset.record_id}]" if finding.asset else ""
    found = f"Found at {_clock(float(picture.found.seconds))}" if picture.found else ""
    beside = f"registered: {asset}" if picture.registered and asset else ""
    return clipped(capital("; ".join(filter(None, (found, beside)))))


def _clock(seconds: float) -> str:
    """How far into the programme: `0:12:35.5`."""
    minutes, seconds = divmod(max(seconds, 0.0), 60)
    return f"{int(minutes) // 60}:{int(minutes) % 60:02}:{seconds:04.1f}"
