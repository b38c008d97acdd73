"""`scanner policy`: what each finding means here, and what another policy would change."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.common import config_option, console, needed_settings, studio_settings
from scanner.cli.entering import MOMENT, WORDS, print_json
from scanner.model import Code

if TYPE_CHECKING:
    from scanner.model import Policy

_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
_REVIEW, _NOT_TRIED = 4, 2


@click.group("policy")
def command() -> None:
    """What each finding means here, and what another policy would change.

    \b
    scanner policy explain                 all codes, with their outcome in this studio
    scanner policy explain AI-LABEL        one: its rule, where that comes from, what would clear it
    scanner policy try stricter.toml       which past verdicts would be others; nothing is changed
    scanner policy adopt stricter.toml --by "Ada Okafor" --reason "legal, 12 November"
    """


@command.command("explain")
@click.argument("code", required=False, type=click.Choice([each.value for each in Code], case_sensitive=False))
@_FORM
@config_option
@click.pass_context
def explain(ctx: click.Context, code: str | None, form: str) -> None:
    """Say what a finding means, the rule and clause it rests on, its outcome here, and what would clear it.

    Outside a studio, outcomes are those of the policy that comes with the scanner.
    """
    from scanner.policy.explaining import explained, explanation_object
    from scanner.report.policies import codes_table

    policy = _policy(ctx)
    codes = [Code(code)] if code else list(Code)
    if form == "json":
        told: Any = [explanation_object(each, policy) for each in codes]
        print_json(told[0] if code else told)
    elif code:
        click.echo(explained(Code(code), policy))
    else:
        codes_table(console(), codes, policy)


@command.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--since", type=MOMENT, help="Only deliveries received, judged or ruled on since then (2026-11-22).")
@_FORM
@config_option
@click.pass_context
def try_(ctx: click.Context, file: Path, since: datetime | None, form: str) -> None:
    """Judge every past delivery by the policy in force and by that in FILE, and show where they differ.

    Stored examinations are judged, with the approvals and records of now for both: no media file is opened, nothing is
    written down or moved. To put it in force: scanner policy adopt FILE

    Exit code: 4 some verdicts would be others; else 2 some deliveries could not be tried (told on standard error);
    else 0. 3: FILE is no policy.
    """
    settings = needed_settings(ctx)
    from scanner.report.listing import say
    from scanner.report.plain import shown
    from scanner.report.policies import NotTried, Tried, tried_object, tried_summary, tried_table
    from scanner.settings import read_policy
    from scanner.studio import Studio
    from scanner.trying import tried

    policy = read_policy(file)
    with Studio.open(settings, processes=1) as studio:
        results = list(tried(studio, policy, since=since))
    judged = [each for each in results if isinstance(each, Tried)]
    others = [each for each in results if isinstance(each, NotTried)]
    if form == "json":
        print_json([tried_object(each) for each in judged])
    else:
        tried_table(console(), judged)
    errors = console(stderr=True)
    for each in others:
        say(errors, shown(f"{each.record.delivery.name} [{each.record.delivery.delivery_id}]: not tried: {each.why}"))
    say(errors, tried_summary(judged, others))
    if any(each.differs for each in judged):
        ctx.exit(_REVIEW)
    ctx.exit(_NOT_TRIED if others else 0)


@command.command("adopt")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", type=WORDS, required=True, help="Your name; kept for good.")
@click.option("--reason", type=WORDS, required=True, help="Why; kept for good.")
@config_option
@click.pass_context
def adopt(ctx: click.Context, file: Path, by: str, reason: str) -> None:
    """Put the policy in FILE in force: it takes the place of the studio's policy.toml.

    Its text, your name and the reason are kept in the audit log, as the text of the one before is. A daemon takes it up
    by itself, and judges again what is held or quarantined. Several servers: on each that has a policy.toml of its own.
    """
    settings = needed_settings(ctx)
    from scanner.settings import put_policy, read_policy
    from scanner.store import Store

    policy = read_policy(file)
    with Store.open(settings.store_url, make=False) as store:
        store.audit.policy_in_force(read_policy(settings.home / settings.policy.file))
        if not store.audit.policy_in_force(policy, by=by, reason=reason):
            click.echo(f"Policy {policy.digest} is in force already; nothing was changed.")
            return
        put_policy(settings.home / settings.policy.file, policy)
    click.echo(f"Policy {policy.digest} is in force.")


def _policy(ctx: click.Context) -> "Policy":
    from scanner.settings import default_policy, read_policy

    settings = studio_settings(ctx)
    return read_policy(settings.home / settings.policy.file) if settings else default_policy()
