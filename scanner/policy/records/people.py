"""Rules about talent, real people, unions, and what is escalated (4e, 5, 8, 13 to 16, 18 to 21)."""

from collections.abc import Callable, Iterator

from scanner.model import AiUse, Finding
from scanner.policy.records import acting, creative, disclosing, ethics, talent
from scanner.policy.records.recorded import Recorded

_RULES = (*talent.RULES, *disclosing.RULES, *ethics.RULES, *creative.RULES, *acting.RULES)


def _about_people(recorded: Recorded) -> Iterator[Finding]:
    """Of a record that says nothing, and of one that says that no AI was used, nothing of this can be asked."""
    if recorded.is_bare or recorded.told.ai_use is AiUse.NONE:
        return
    for rule in _RULES:
        yield from rule(recorded)


RULES: tuple[Callable[[Recorded], Iterator[Finding]], ...] = (_about_people,)
