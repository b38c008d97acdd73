"""`scanner canary`: drop the harmless clip now, and say whether it was stopped."""

import click

from scanner.cli.common import config_option, console, needed_settings

_FAILED = 2


@click.command("canary")
@click.option("--within", type=click.FloatRange(min=1, max=86_400), help="Seconds. [default: canary.within_seconds]")
@click.option("--anew", is_flag=True, help="Register another clip first, in place of the one that is looked for.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@config_option
@click.pass_context
def command(ctx: click.Context, within: float | None, form: str, *, anew: bool) -> None:
    """Drop the canary into the real folder: a harmless clip, registered as temporary AI material.

    Healthy: the daemon quarantines it as a look-alike within the time, and it is given back byte for byte. It is then
    removed. The first time, the clip is made and registered.

    Exit code: 0 blocked and restored, 2 not, 3 usage or settings.
    """
    settings = needed_settings(ctx)
    from scanner.canary import run
    from scanner.canary_clip import clip_of
    from scanner.model import CanaryState
    from scanner.report.canary import canary_line, canary_object
    from scanner.report.json_text import json_text
    from scanner.report.listing import say
    from scanner.studio import Studio

    seconds = within or settings.canary.within_seconds
    with Studio.open(settings, processes=1) as studio:
        clip_of(studio, anew=anew)
        click.echo(f"Dropped into {settings.canary.door}; waiting up to {seconds:g} s.", err=True)
        ended = run(studio, within=seconds)
    if form == "json":
        click.echo(json_text(canary_object(ended)))
    else:
        say(console(), canary_line(ended))
    if ended.state is not CanaryState.PASSED:
        ctx.exit(_FAILED)
