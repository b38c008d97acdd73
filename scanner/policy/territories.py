"""Where a work is shown, as codes: `EU`, `DE`, `US`, `US-NY` (ISO 3166), or everywhere. Pure."""

from collections.abc import Iterable

_EVERYWHERE = frozenset({"*", "WW", "WORLD", "WORLDWIDE"})
# The member states, 2026, by ISO 3166-1.
_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_OF_EU = frozenset(_STATES.split())


def covers(granted: Iterable[str], place: str) -> bool:
    """Whether what is granted for these territories is granted for all of this one."""
    place = _code(place)
    return any(_holds(_code(each), place) for each in granted)


def touches(shown: Iterable[str], place: str) -> bool:
    """Whether a work that is shown in these territories is, or may be, shown in this one."""
    place = _code(place)
    return any(_holds(code, place) or _holds(place, code) for code in map(_code, shown))


def _holds(outer: str, inner: str) -> bool:
    if outer in _EVERYWHERE or outer == inner:
        return True
    return inner.startswith(f"{outer}-") or (outer == "EU" and inner.split("-")[0] in _OF_EU)


def _code(territory: str) -> str:
    return territory.strip().upper()
