"""Crashes at random, of the daemon and of the process that examines: no story is ever broken.

`SCANNER_TEST_CRASHES` is how often the daemon is killed (16), beside those killed before every change
(`test_crashes.py`); `SCANNER_TEST_SEED` chooses when.
"""

import os
import random
from collections.abc import Callable

import pytest

from scanner.model import Outcome

from .crashing import Crashing
from .test_crashes import KINDS, UNREADY, Case, case, check_after_a_crash, check_in_the_end, template, warm

pytestmark = pytest.mark.long

__all__ = ["case", "template", "warm"]

CRASHES = int(os.environ.get("SCANNER_TEST_CRASHES", "16"))
EXAMINERS = max(CRASHES // 5, 12)
SEED = int(os.environ.get("SCANNER_TEST_SEED", "20261122"))


def test_crashes_at_random_moments_break_no_story(warm: Crashing, case: Callable[[str], Case]) -> None:
    chance = random.Random(SEED)
    lasts = {kind: warm.live(case(kind).home.folder).seconds for kind in KINDS}
    killed = 0
    while killed < CRASHES:
        kind = chance.choice(sorted(KINDS))
        made = case(kind)
        # What was begun is begun again, and cut off again, up to three times.
        for _ in range(chance.choice((1, 2, 3))):
            life = warm.live(made.home.folder, after=chance.uniform(0.0, 1.1 * lasts[kind]))
            check_after_a_crash(made, life)
            killed += life.was_killed
        check_in_the_end(made, warm.live(made.home.folder))


@pytest.mark.parametrize("kind", UNREADY)
def test_nothing_passes_because_its_examining_process_was_killed(
    kind: str, warm: Crashing, case: Callable[[str], Case]
) -> None:
    chance = random.Random(SEED)
    hits = 0
    for after in (0.0, *(chance.uniform(0.0, 0.3) for _ in range(EXAMINERS // len(UNREADY)))):
        made = case(kind)
        life = warm.live(made.home.folder, examiner_after=after)
        hits += life.hits
        check_after_a_crash(made, life)
        # Killed before it had begun, it says nothing of the file: the engine tries again.
        if any((made.home / "work").iterdir()):
            life = warm.live(made.home.folder)
        check_in_the_end(made, life, made.kind.outcome, Outcome.HOLD)

    assert hits
