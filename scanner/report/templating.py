"""The templates' environment: everything is escaped, and every text that a template writes is made safe first."""

from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scanner.report import plain
from scanner.report.clearing import needed
from scanner.report.facts import facts, seconds_words


def _safe(value: object) -> object:
    """Text that is not our own markup, made safe; jinja2 then escapes it."""
    return plain.shown(str(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def environment() -> Environment:
    """The one environment of all templates."""
    made = Environment(
        loader=PackageLoader("scanner.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "as_of": plain.as_of,
        "code_words": plain.code_words,
        "facts": facts,
        "grade_words": plain.grade_words,
        "headline": plain.headline,
        "moment": _moment,
        "needed": needed,
        "plural": plain.plural,
        "reason": plain.reason,
        "seconds": seconds_words,
        "size": plain.size_words,
        "where": plain.where,
    }
    return made


def _moment(at: datetime) -> str:
    return plain.moment(at)


def filled(template: str, **values: object) -> str:
    """The template with the values in it: always valid UTF-8."""
    return environment().get_template(template).render(**values)
