"""The root-cause document without a browser: written for an incident, and read back from a file."""

import json
from pathlib import Path
from typing import Any

import click

from ims.bootstrap import portal
from ims.errors import BadFile
from ims.postmortem.content.facts import RcaFacts, collect
from ims.postmortem.content.template import Template, read_template
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.understood import RcaReading
from ims.postmortem.word.package import LARGEST_FILE, check_size
from ims.postmortem.writing.customer_copy import customer_copy
from ims.postmortem.writing.writer import write
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
@click.option("--customer", is_flag=True, help="Write the version for customers, and say what was made neutral in it.")
def rca(key: str, out: Path, *, customer: bool) -> None:
    """Write the root-cause document of an incident, INC-42, as a .docx file."""
    wired = portal()
    with wired.reading() as session:
        incident = incidents.by_key(session, key)
        alike = [
            each.incident for each in similar(session, incident.title, incident.declared_at, excluding=incident.id)
        ]
        facts = collect(session, incident, wired.procedure_of(session, incident), alike, wired.clock())
    template = read_template(wired.settings.data_dir)
    out.write_bytes(_for_customers(facts, template) if customer else write(facts, template))
    click.echo(f"{incident.key} is written to {out}.", err=True)


def _for_customers(facts: RcaFacts, template: Template) -> bytes:
    """Write the customer version, and say what a person must look at before it is sent."""
    copy = customer_copy(facts, template)
    for heading in copy.missing:
        click.echo(f"Nobody has written or accepted “{heading}”.", err=True)
    for each in copy.replaced:
        click.echo(f"Replaced “{each.found}” by “{each.by}”, {each.times} times.", err=True)
    click.echo("Read it before it is sent.", err=True)
    return copy.file


@click.command(name="read-rca")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--summary", is_flag=True, help="Print a Markdown table of every file in the folder FILE: names and counts."
)
def read_rca(file: Path, *, as_json: bool, summary: bool) -> None:
    """Say which follow-ups a root-cause document holds, Word or Markdown, and what in it was not understood.

    It needs no database: the file alone is read.
    """
    if summary:
        click.echo(_table(file))
        return
    reading = read(_bytes(file), file.name)
    if as_json:
        click.echo(json.dumps(_object(reading), ensure_ascii=False, indent=2))
    else:
        click.echo(_words(reading))


def _bytes(file: Path) -> bytes:
    """Read the file, but not one so large that it would be refused anyway."""
    check_size(file.stat().st_size)
    with file.open("rb") as stream:
        return stream.read(LARGEST_FILE + 1)


def _table(folder: Path) -> str:
    rows = ["| file | follow-ups | done | remarks |", "|---|---|---|---|"]
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix().replace("|", "/")
        rows.append(f"| {name} | {_counts(path)} |")
    return "\n".join(rows)


def _counts(path: Path) -> str:
    try:
        reading = read(_bytes(path), path.name)
    except BadFile as bad:
        return f"– | – | {bad}"
    done = sum(each.done for each in reading.follow_ups)
    return f"{len(reading.follow_ups)} | {done} | {len(reading.not_understood)}"


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
