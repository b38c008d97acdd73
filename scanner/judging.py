"""From examinations to a verdict: what they and the register together show, and what policy makes of that."""

from dataclasses import replace

from scanner.match.across import across
from scanner.match.compositions import absent_from, in_compositions, of_other_deliveries
from scanner.match.evidence import Register, evidence_of
from scanner.match.names import in_folder
from scanner.model import (
    Case,
    Delivery,
    Examination,
    LookAlike,
    Member,
    MemberEvidence,
    Outcome,
    Picture,
    Unreadable,
    Verdict,
)
from scanner.playing import sounds_of
from scanner.policy.judge import judge
from scanner.refining import refined
from scanner.report.plain import outcome_words
from scanner.studio import Studio, Whereabouts, job_of

# Thumbnails are for people: more than this of one delivery nobody looks at.
_MOST_PICTURES = 24


def judged(
    studio: Studio, delivery: Delivery, examined: list[tuple[Member, Examination]], where: Whereabouts | None = None
) -> tuple[tuple[MemberEvidence, ...], Verdict]:
    """Match and judge. With the media at hand, the ends of what is found are told to the frame."""
    # One policy for all of it: it may be changed at any time.
    policy, register = studio.policy, studio.register(delivery.title)
    evidence = tuple(evidence_of(m, examination, register, policy) for m, examination in examined)
    if where is not None:
        evidence = tuple(
            refined(studio.pool, job_of(studio, item.member, where.root(item.member)), item, examination)
            for item, (_, examination) in zip(evidence, examined, strict=True)
        )
    known = isinstance(register, Register) and studio.store is not None
    evidence = together(studio, delivery, evidence, ask=known)
    if isinstance(register, Register) and studio.store is not None:
        return evidence, judge(studio.case(delivery, evidence, register.state), policy)
    state = register.state if isinstance(register, Register) else None
    case = Case(
        delivery=delivery,
        members=evidence,
        records={},
        approvals=(),
        register=state,
        examiner=studio.examiner,
        at=studio.now(),
    )
    return evidence, judge(case, policy)


def together(
    studio: Studio, delivery: Delivery, evidence: tuple[MemberEvidence, ...], *, ask: bool
) -> tuple[MemberEvidence, ...]:
    """The evidence with what only all of it shows. `ask`: what came in earlier deliveries is looked up in the store."""
    told = in_compositions(across(evidence))
    absent = absent_from(item.member for item in told)
    if absent:
        told = of_other_deliveries(told, _elsewhere(studio, delivery, absent) if ask else {})
    return in_folder(told, delivery.name)


def _elsewhere(studio: Studio, delivery: Delivery, track_files: tuple[str, ...]) -> dict[str, str]:
    """Where track files are that came in another delivery of the title, and what became of it; in words."""
    found = studio.kept.track_files(delivery.title, track_files) if delivery.title else {}
    verdicts = {delivery_id: studio.kept.delivery(delivery_id).verdict for delivery_id, _ in set(found.values())}
    told = dict.fromkeys(track_files, "no earlier delivery of the title holds it")
    for track_file, (delivery_id, member) in found.items():
        verdict = verdicts[delivery_id]
        became = outcome_words(verdict.outcome) if verdict else "not judged yet"
        told[track_file] = f"it is {member} of delivery {delivery_id}, {became}"
    return told


def pictures_of(studio: Studio, evidence: tuple[MemberEvidence, ...], where: Whereabouts) -> tuple[Picture, ...]:
    """Found and registered frame, and sound, side by side, for the people who look at the verdict."""
    wanted = [(item.member, e) for item in evidence for e in item.evidence if isinstance(e, LookAlike)]
    pictures = []
    for member, found in wanted[:_MOST_PICTURES]:
        thumbnails = studio.pool.pictures(job_of(studio, member, where.root(member)), (found.best_seconds,))
        registered = studio.kept.thumbnail(found.asset.asset_id, found.best_asset_seconds)
        pictures.append(
            Picture(
                member=member.name,
                found=thumbnails[0] if thumbnails else None,
                registered=registered,
                asset_id=found.asset.asset_id,
            )
        )
    return (*pictures, *sounds_of(studio, evidence, where))


def held(studio: Studio, delivery: Delivery, source: str, reason: str) -> tuple[tuple[MemberEvidence, ...], Verdict]:
    """The verdict on a delivery of which nothing can be said, and why: held whatever the policy says."""
    unread = Unreadable(source=source, reason=reason)
    examined: list[tuple[Member, Examination]] = [
        (member, with_trouble(Examination(examiner=studio.examiner, kind=member.kind, format=member.format), unread))
        for member in delivery.members
    ]
    evidence, verdict = judged(studio, delivery, examined)
    return evidence, replace(verdict, outcome=max(verdict.outcome, Outcome.HOLD))


def with_trouble(examination: Examination, observation: Unreadable) -> Examination:
    """The same, and that something could not be read."""
    return replace(examination, observations=(*examination.observations, observation))
