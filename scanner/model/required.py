"""What the guidance asks for before AI material is used: to tell of it, or to have it approved; and why."""

from dataclasses import dataclass
from enum import StrEnum

from scanner.model.papers import Action, Trigger


class UseCase(StrEnum):
    """The rows of the guidance's matrix of use cases (guidelines 1)."""

    IDEATION = "ideation only"
    BACKGROUND = "background elements on camera"
    FINAL_DESIGN = "final character designs, key visuals"
    TALENT_REPLICATION = "talent replication"
    UNOWNED_TRAINING = "unowned training data"
    OWN_MATERIAL = "the studio's own material"


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """A trigger that a record meets, why in words, and the clause of the guidance. The words hold no prompt.

    `also`: an approval that names one of these answers it too. `is_lead`: it rests on a name in a list or on what is
    not stated; that is put before a person, and stops nothing by itself (guidelines 6.1, E5).
    """

    trigger: Trigger
    why: str
    clause: str
    also: tuple[Trigger, ...] = ()
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """The action that the guidance asks for; None where the record says that no AI was used."""

    action: Action | None
    triggers: tuple[Triggered, ...] = ()
    use_case: UseCase | None = None
