"""Rule 23: a step of the making that is not recorded. Each step by itself is judged under the rules 2, 3 and 7."""

from collections.abc import Iterator
from itertools import pairwise

from scanner.model import Code, Finding, Step
from scanner.policy.records.made import listed
from scanner.policy.records.recorded import Recorded


def gaps(r: Recorded) -> Iterator[Finding]:
    """Only what is stated is compared: numbers that are left out, and results that nothing goes on with."""
    steps = sorted(r.told.steps, key=lambda step: step.number)
    if found := [*_left_out(steps), *_loose_ends(r, steps)]:
        yield r.finding(Code.STEP_GAP, "; ".join(found))


def _left_out(steps: list[Step]) -> Iterator[str]:
    for one, other in pairwise(steps):
        if other.number - one.number > 1:
            yield f"there is no step between {one.number} and {other.number}"


def _loose_ends(r: Recorded, steps: list[Step]) -> Iterator[str]:
    """A step of which no result is taken in later, nor is what was registered.

    Steps may begin with new material, and not all that a step gives need be used.
    """
    later: set[str] = set()
    kept = {_name(name) for name in _registered(r)}
    following: Step | None = None
    for step in reversed(steps):
        given = {_name(name) for name in step.outputs}
        if given and not given & later and not given & kept:
            if following is not None and following.inputs:
                yield _torn(step, following)
            elif following is None and _has_hashes(step, kept):
                yield f"what step {step.number} gives is not what is registered: {listed(step.outputs)}"
        later |= {_name(each.asset_id) for each in step.inputs}
        following = step


def _torn(step: Step, following: Step) -> str:
    taken = listed(each.asset_id for each in following.inputs)
    return (
        f"what step {step.number} gives ({listed(step.outputs)}) no later step takes in; "
        f"step {following.number} takes in {taken}"
    )


def _registered(r: Recorded) -> Iterator[str]:
    for asset in r.record.assets:
        yield from (asset.asset_id, asset.name, asset.sha256, *asset.file_hashes)


def _has_hashes(step: Step, kept: set[str]) -> bool:
    """Names of the last results may be others than those that were registered; hashes may not."""
    return bool(kept) and all(_is_hash(name) for name in step.outputs)


def _is_hash(name: str) -> bool:
    return len(name) == 64 and set(name.casefold()) <= set("0123456789abcdef")


def _name(name: str) -> str:
    return name.strip().casefold()
