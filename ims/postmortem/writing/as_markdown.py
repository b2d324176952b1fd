"""The root-cause document as Markdown (CommonMark with GitHub's tables): facts of the portal and words of people.

What people wrote is text, never markup: every character that Markdown would read is escaped, so any renderer shows what
was typed.
"""

import re
from collections.abc import Iterator, Sequence

from ims.postmortem.content.blocks import GRIDS
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Owner, Section, Template
from ims.postmortem.content.wording import label, moment

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$&!^{}])")
_AT_LINE_START = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")
_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(:)|(www)(\.)|(@)")  # what GitHub would make a link of by itself
_BLANK = re.compile(r"[^\S\n]+")


def write(facts: RcaFacts, template: Template, *, notes: Sequence[str] = ()) -> str:
    """Return the document as Markdown; ``notes`` are lines under its title: its edition, its cause."""
    incident = facts.incident
    severity = label(incident.severity) if incident.severity else "not decided"
    head = [
        f"# {escaped(template.title)} of {incident.key}: {escaped(incident.title)}",
        f"State: {label(incident.state)}. Severity: {severity}. As of {moment(facts.written_at)}.",
        *(escaped(note) for note in notes),
    ]
    parts = [part for section in template.sections for part in _section(facts, section)]
    return "\n\n".join([*head, *parts]) + "\n"


def escaped(text: str) -> str:
    """Return text in which no character is markup; one line stays one paragraph."""
    return "\n\n".join(_line(row) for row in text.split("\n") if row.strip())


def _line(row: str) -> str:
    said = _MARKUP.sub(r"\\\1", _BLANK.sub(" ", row).strip())
    said = _AT_LINE_START.sub(_not_a_list, said)
    return _LINK.sub(lambda found: f"{found[1] or found[3] or ''}\\{found[2] or found[4] or found[5]}", said)


def _not_a_list(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


def _section(facts: RcaFacts, section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    grid = GRIDS[section.block](facts) if section.block else None
    if grid:
        rows = [row for row in grid.rows if any(cell.strip() for cell in row)]
        yield _table(grid.header, rows) if rows else escaped(grid.empty) or "–"
    if section.owned_by is Owner.PEOPLE:
        words = facts.written.get(section.key, "")
        if words.strip():
            yield escaped(words)
        elif not grid:
            yield "_Nothing was written here._"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = "|".join(" --- " for _ in header)
    return "\n".join([_row(header), f"|{ruler}|", *(_row(row) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return "<br>".join(_line(row) for row in text.split("\n") if row.strip())
