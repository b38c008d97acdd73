"""Rules about how the material was made, and how that was written down (1 to 3, 6, 7, 9 to 12, 17, 23)."""

from collections.abc import Callable, Iterator

from scanner.model import AiUse, Finding
from scanner.policy.records import inputs, keeping, originality, reviewing, rights, steps, tools, training
from scanner.policy.records.recorded import Recorded

_Rule = Callable[[Recorded], Iterator[Finding]]
_OF_AI: tuple[_Rule, ...] = (
    originality.doubted,
    inputs.not_cleared,
    inputs.names_others,
    inputs.personal,
    tools.keeps_data,
    tools.not_known,
    tools.input_not_allowed,
    tools.not_secure,
    tools.consumer_input,
    rights.no_consent,
    rights.late,
    training.not_cleared,
    training.not_stated,
    steps.gaps,
    keeping.incomplete,
    keeping.credit,
    reviewing.not_reviewed,
    reviewing.not_trained,
)


def _about_use_of_ai(recorded: Recorded) -> Iterator[Finding]:
    """Of a record that says nothing, and of one that says that no AI was used, nothing of this can be asked."""
    if recorded.is_bare or recorded.told.ai_use is AiUse.NONE:
        return
    for rule in _OF_AI:
        yield from rule(recorded)


RULES: tuple[_Rule, ...] = (
    keeping.bare,
    keeping.contradicted,
    keeping.dates,
    keeping.other_bytes,
    reviewing.approved_other_bytes,
    _about_use_of_ai,
)
