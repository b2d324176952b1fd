"""``ims demo``: fill an empty portal with a month of a small team's life."""

import json
import sys

import click

from ims.bootstrap import Portal, portal
from ims.demo.play import AlreadyLoaded, load
from ims.store import incidents

_STEPS = 1000
_MOST = 1000  # incidents counted; the demo has far fewer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an object with what is there.")
def demo(*, as_json: bool) -> None:
    """Load the demo: a month of incidents of an invented team, one burning now.

    It takes some seconds. A portal that is in use is refused; one that holds the demo is left as it is.
    """
    wired = portal()
    try:
        _load(wired)
    except AlreadyLoaded as already:
        click.echo(str(already), err=True)
    with wired.reading() as session:
        active = [incident.key for incident in incidents.active(session)]
        count = len(incidents.latest(session, limit=_MOST))
    if as_json:
        click.echo(json.dumps({"incidents": count, "active": active}))
    else:
        click.echo(f"{count} incidents are there; active now: {', '.join(active) or 'none'}.")


def _load(wired: Portal) -> None:
    with click.progressbar(length=_STEPS, label="Loading the demo", file=sys.stderr) as bar:

        def progress(part: float, _words: str) -> None:
            bar.update(round(part * _STEPS) - bar.pos)

        load(wired, progress)
