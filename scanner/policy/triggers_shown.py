"""What must be escalated for what it shows: people, key elements, what can be taken for real, union work. Pure.

Guidelines 1 (always escalate 2a, 2b, 3a to 4b; talent enhancement).
"""

from collections.abc import Iterator

from scanner.model import AiUse, Answer, ElementKind, Prominence, Talent, TalentUse, Trigger, Triggered
from scanner.policy.clauses import because
from scanner.policy.consents import PERSON_KINDS, REPLICAS, USE_WORDS, consented, is_customary
from scanner.policy.meant import Meant

BACKGROUND = (ElementKind.BACKGROUND, ElementKind.SIGNAGE)
KEY_KINDS = (ElementKind.CHARACTER, ElementKind.KEY_VISUAL, ElementKind.SETTING)


def of_people(meant: Meant) -> Iterator[Triggered]:
    """Whatever it is for."""
    for talent in meant.told.talent:
        yield from _of_talent(talent, meant)
    if is_of_nobody_named(meant):
        yield because(Trigger.PROTECTED_INPUT, "it shows a real person, and who that is is not recorded")


def of_use(meant: Meant) -> Iterator[Triggered]:
    """Of what is for use only."""
    if why := key_element(meant):
        yield because(Trigger.KEY_ELEMENT, why)
    if why := misleads(meant):
        yield because(Trigger.MISLEADING, why)
    yield from _of_unions(meant)


def _of_talent(talent: Talent, meant: Meant) -> Iterator[Triggered]:
    who = talent.performer_id
    if talent.use in REPLICAS:
        yield because(Trigger.REPLICA, f"{USE_WORDS[talent.use]} of {who}")
        yield because(Trigger.TALENT_LIKENESS, f"it is the likeness or voice of {who}", Trigger.REPLICA)
    elif talent.use is TalentUse.ALTERATION and not is_customary(talent):
        yield because(Trigger.ALTERATION, f"a performance of {who} was altered beyond what is customary")
        why = f"it is the likeness or voice of {who}"
        yield because(Trigger.TALENT_LIKENESS, why, Trigger.ALTERATION, Trigger.REPLICA)
    elif talent.use is TalentUse.SYNTHETIC_PERFORMER and meant.is_final and meant.told.union_impact is None:
        # Notice and bargaining are due before one takes a person's place (guidelines 4, SAG-AFTRA).
        yield because(Trigger.UNION, f"{who} is a synthetic performer, and whose work it replaces is not stated")
    if missing := without_permission(talent, meant):
        yield because(Trigger.PROTECTED_INPUT, missing, Trigger.REPLICA)


def without_permission(talent: Talent, meant: Meant) -> str | None:
    """Why a public figure or a dead person is shown without permission (guidelines 6.6, rule 15); None if not so."""
    if is_customary(talent) or (talent.living is not False and not talent.public_figure):
        return None
    said = consented(talent, meant, PERSON_KINDS)
    if said.consent is not None:
        return None
    which = "is dead" if talent.living is False else "is a public figure"
    told = f" ({'; '.join(said.why)})" if said.why else ""
    return f"{talent.performer_id} {which}, and no permission is recorded{told}"


def is_of_nobody_named(meant: Meant) -> bool:
    """Whether it shows a real person of whom nothing is recorded (guidelines 6.6, rule 15)."""
    realism = meant.told.realism
    return bool(realism and realism.depicts_real_person and not meant.told.talent)


def key_element(meant: Meant) -> str | None:
    """Why it is a key element of the work (guidelines 6.6, rules 18 and 19); None where it is not."""
    told = meant.told
    if told.ai_use not in (AiUse.GENERATED, None):
        return None
    if told.element_kind in KEY_KINDS:
        return f"a {_words(told.element_kind)} was generated"
    if told.prominence is Prominence.UNKNOWN:
        return "it was generated, and how much the story rests on it is not stated"
    if told.prominence is not Prominence.INCIDENTAL:
        return f"it was generated, and it is {_words(told.prominence)}"
    if meant.standards.strict and told.element_kind in BACKGROUND:
        return "a background element was generated, and incidental use is not excepted here"
    return None


def misleads(meant: Meant) -> str | None:
    """Why it can be taken for something that happened (guidelines 6.6, rule 14); None where nothing says so."""
    realism = meant.told.realism
    if realism is None:
        return None
    if realism.could_mislead in (Answer.YES, Answer.UNSURE):
        sure = "it could" if realism.could_mislead is Answer.YES else "nobody is sure that it could not"
        return f"{sure} be taken for something that happened"
    depicted = (
        ("person", realism.depicts_real_person),
        ("event", realism.depicts_real_event),
        ("statement", realism.depicts_real_statement),
    )
    shown = [what for what, is_shown in depicted if is_shown]
    return f"in nonfiction it shows a real {' and '.join(shown)}" if meant.standards.nonfiction and shown else None


def _of_unions(meant: Meant) -> Iterator[Triggered]:
    impact = meant.told.union_impact
    if impact and impact.affected and not impact.agreement_ref:
        role = f" ({impact.role})" if impact.role else ""
        yield because(Trigger.UNION, f"union-represented work{role} is affected, and no agreement is recorded")


def _words(value: str) -> str:
    return value.replace("_", " ")
