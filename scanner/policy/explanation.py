"""One finding code in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One finding code in words: the rule of the guidelines, its source, what it says, what would clear it.

    `house`: it rests on a house rule, which is never cited as the studio's and can be switched off. `inputs`: what it
    is judged by, beside what was found.
    """

    rule: str
    source: str
    says: str
    clears_when: str
    house: bool = False
    inputs: str = "what was delivered"

    @property
    def cited(self) -> str:
        """Rule and source in one line."""
        return f"{self.rule}: {self.source}"
