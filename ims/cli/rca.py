"""The root-cause document without a browser: written for an incident, and read back from a file."""

import json
from pathlib import Path
from typing import Any

import click

from ims.bootstrap import portal
from ims.postmortem.facts import collect
from ims.postmortem.reader import read
from ims.postmortem.reading import RcaReading
from ims.postmortem.template import read_template
from ims.postmortem.writer import write
from ims.response.similar import similar
from ims.store import incidents


@click.command()
@click.argument("key")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The .docx file to write.",
)
def rca(key: str, out: Path) -> None:
    """Write the root-cause document of an incident, INC-42, as a .docx file."""
    wired = portal()
    with wired.reading() as session:
        incident = incidents.by_key(session, key)
        alike = [
            each.incident for each in similar(session, incident.title, incident.declared_at, excluding=incident.id)
        ]
        facts = collect(session, incident, wired.procedure_of(session, incident), alike, wired.clock())
    out.write_bytes(write(facts, read_template(wired.settings.data_dir)))
    click.echo(f"{incident.key} is written to {out}.", err=True)


@click.command(name="read-rca")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def read_rca(file: Path, as_json: bool) -> None:
    """Say which follow-ups a root-cause document holds, and what in it was not understood.

    It needs no database: the file alone is read.
    """
    reading = read(file.read_bytes())
    if as_json:
        click.echo(json.dumps(_object(reading), ensure_ascii=False, indent=2))
    else:
        click.echo(_words(reading))


def _object(reading: RcaReading) -> dict[str, Any]:
    return {
        "follow_ups": [
            {
                "text": each.text,
                "owner": each.owner,
                "due": each.due.isoformat() if each.due else None,
                "done": each.done,
            }
            for each in reading.follow_ups
        ],
        "not_understood": reading.not_understood,
    }


def _words(reading: RcaReading) -> str:
    lines = [
        f"[{'x' if each.done else ' '}] {each.text} · {each.owner or 'no owner'} · {each.due or 'no due date'}"
        for each in reading.follow_ups
    ]
    unclear = [f"Not understood: {sentence}" for sentence in reading.not_understood]
    return "\n".join([*(lines or ["No follow-ups."]), *unclear])
