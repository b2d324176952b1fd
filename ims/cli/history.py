"""``ims import`` and ``ims figures``: past incidents in, figures out."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ims.bootstrap import portal
from ims.errors import Refusal
from ims.intake.history.content import LARGEST_BYTES
from ims.intake.history.found import Choices, DayOrder, Decision, Preview
from ims.intake.history.importing import Outcome, bring_in
from ims.intake.history.registry import read_history, titles
from ims.metrics.population import Selection, prepare, select
from ims.metrics.summary import summary
from ims.model import Actor
from ims.store import frames

MOST_PROBLEMS_PRINTED = 50
IMPORTER = Actor("ims import")


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "known", type=click.Choice(list(titles())), help="The format, where it is not recognised.")
@click.option("--zone", default="UTC", show_default=True, help="The zone of times that carry none: Europe/Berlin.")
@click.option("--day-first", "order", flag_value=DayOrder.DAY_FIRST.value, help="03/04 is the third of April.")
@click.option("--month-first", "order", flag_value=DayOrder.MONTH_FIRST.value, help="03/04 is the fourth of March.")
@click.option("--skip-problems", is_flag=True, help="Leave out every row that has a problem.")
@click.option("--without-maintenance", is_flag=True, help="Leave out maintenance planned beforehand.")
@click.option("--dry-run", is_flag=True, help="Say what is found and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_history(
    file: Path,
    *,
    known: str | None,
    zone: str,
    order: str | None,
    skip_problems: bool,
    without_maintenance: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring in past incidents from FILE; doing it again brings nothing in twice.

    Rows with a time that cannot be read come in without it; rows without a start are left out; both are printed.
    """
    choices = Choices(known, zone, DayOrder(order) if order else None)
    preview = read_history(_bytes(file), choices)
    if preview.order_is_guessed and not dry_run:
        raise Refusal(
            "Nothing in the file shows whether the day or the month comes first in its dates. "
            "Say --day-first or --month-first."
        )
    decisions = {problem.row: Decision.SKIP for problem in preview.problems} if skip_problems else {}
    wanted = preview.decided(decisions, with_planned=not without_maintenance)
    outcome = Outcome()
    if not dry_run:
        with portal().work(IMPORTER) as work:
            outcome = bring_in(work, wanted)
    click.echo(json.dumps(_as_json(preview, outcome), ensure_ascii=False) if as_json else _as_text(preview, outcome))


def _bytes(file: Path) -> bytes:
    """Read the file, but not one so large that it would be refused anyway."""
    with file.open("rb") as stream:
        return stream.read(LARGEST_BYTES + 1)


def _as_json(preview: Preview, outcome: Outcome) -> dict[str, Any]:
    return {
        "format": preview.format,
        "rows": preview.rows,
        "incidents": len(preview.incidents),
        "planned": preview.planned,
        "added": outcome.added,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "kept": outcome.kept,
        "remarks": list(preview.remarks),
        "problems": [
            {"row": each.row, "key": each.key, "kind": each.kind.value, "sentence": each.sentence}
            for each in preview.problems
        ],
    }


def _as_text(preview: Preview, outcome: Outcome) -> str:
    lines = [f"{preview.title}: {preview.rows:,} rows, {len(preview.incidents):,} incidents.", *preview.remarks]
    lines += [f"Row {each.row}: {each.sentence}" for each in preview.problems[:MOST_PROBLEMS_PRINTED]]
    more = len(preview.problems) - MOST_PROBLEMS_PRINTED
    if more > 0:
        kinds = Counter(each.kind.value.replace("_", " ") for each in preview.problems)
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        lines.append(f"… and {more} more ({counted}); --json prints them all.")
    return "\n".join([*lines, outcome.sentence])


@click.command()
@click.option("--origin", multiple=True, help="Only incidents that came from there: portal, servicenow, …")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Declared on this day or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Declared on this day or earlier.")
@click.option("--without-maintenance", is_flag=True, help="Leave out maintenance planned beforehand.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; times are in minutes.")
def figures(
    origin: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    *,
    without_maintenance: bool,
    as_json: bool,
) -> None:
    """Print how many incidents there were, and how long it took to resolve them.

    What each figure means is written in data/metrics.yaml. Drills and cancelled incidents are never counted.
    """
    selection = Selection(
        since=since.date() if since else None,
        until=until.date() if until else None,
        origins=frozenset(origin),
        with_planned=not without_maintenance,
    )
    with portal().reading() as session:
        frame = prepare(frames.incidents(session))
    answer = summary(select(frame, selection).frame, portal().metrics)
    click.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False) if as_json else _figures_text(answer))


def _figures_text(answer: dict[str, Any]) -> str:
    left_out = f"{answer['missing']} without a resolved time, {answer['negative']} resolved before the start"
    lines = [f"Incidents          {answer['incidents']:,}", f"Left out           {left_out}"]
    lines += [_times("all", answer), *(_times(name, each) for name, each in answer["severities"].items())]
    lines += [f"{month}            {count:,}" for month, count in answer["by_month"].items()]
    return "\n".join(lines)


def _times(name: str, answer: dict[str, Any]) -> str:
    times = answer["time_to_resolve"]
    if not times["n"]:
        return f"Time to resolve    {name}: nothing was measured"
    return (
        f"Time to resolve    {name}: median {times['median']:,.0f} min, mean {times['mean']:,.0f} min, "
        f"p90 {times['p90']:,.0f} min, n {times['n']:,}"
    )
