"""Bringing a team's earlier post-mortems into the library, from Word and Markdown, each file once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import chain
from pathlib import PurePath

from sqlmodel import Session

from ims.model import LibraryEntry
from ims.model.types import LINE_LENGTH, legible
from ims.postmortem.content.causes import Causes
from ims.postmortem.library.occurred import occurred
from ims.postmortem.reading import markdown
from ims.postmortem.reading.reader import is_package, read
from ims.postmortem.reading.understood import RcaReading, ReadFollowUp, normal
from ims.store import library
from ims.store.work import Work

_SERVICE_FACTS = (
    "services",
    "service",
    "affected services",
    "affected service",
    "components",
    "component",
    "systems",
    "system",
)
_CAUSE_FACTS = ("cause", "root cause", "root-cause", "category", "type")
_NO_TITLES = frozenset(
    {
        "issue name",
        "readme",
        "index",
        "post mortem",
        "postmortem",
        "summary",
        "issue summary",
        "incident report",
        "template",
    }
)
_SAID = re.compile(r"^[-*\s]*([A-Za-z][A-Za-z -]{2,30}?)(?:\(s\))?\s*[:|]\s*(\S.{0,200})$")


@dataclass(frozen=True)
class Found:
    """What a file holds, before anything is kept. ``of_the_day`` is what a person should know of how it was found."""

    source: str
    digest: str
    title: str
    occurred_on: date | None
    services: str
    cause: str
    text: str
    follow_ups: Sequence[ReadFollowUp]
    not_understood: Sequence[str]
    of_the_day: str = ""

    @property
    def done(self) -> int:
        """How many of its follow-ups the file marks as done."""
        return sum(each.done for each in self.follow_ups)


def look_into(file: bytes, name: str, causes: Causes) -> Found:
    """Say what a file holds, without keeping it. ``name`` is the file's, perhaps with its folder.

    Raises:
        BadFile: it cannot be read; the sentence says why.
    """
    reading = read(file, name)
    facts = _facts(reading, [] if is_package(file) else markdown.lines(markdown.decoded(file)))
    text = _text(reading)
    day = occurred(facts, name, f"{reading.title}\n{text}")
    return Found(
        source=str(legible(name))[:LINE_LENGTH],
        digest=sha256(file).hexdigest(),
        title=_title(reading, name),
        occurred_on=day.on,
        services=_services(_first(facts, _SERVICE_FACTS)),
        cause=_cause(_first(facts, _CAUSE_FACTS), causes),
        text=text,
        follow_ups=reading.follow_ups,
        not_understood=reading.not_understood,
        of_the_day=str(legible(day.remark)),
    )


def is_known(session: Session, found: Found) -> bool:
    """Return whether the same file is in the library already."""
    return library.by_digest(session, found.digest) is not None


def bring_in(work: Work, found: Found) -> LibraryEntry | None:
    """Keep what a file holds in the library; a file that is there already is left as it is, and nothing is returned."""
    if is_known(work.session, found):
        return None
    return work.add(
        LibraryEntry(
            source=found.source,
            digest=found.digest,
            title=found.title,
            occurred_on=found.occurred_on,
            services=found.services,
            cause=found.cause,
            text=found.text,
            follow_ups=[_as_json(each) for each in found.follow_ups],
            kept_at=work.now,
            kept_by=work.actor.name,
        )
    )


def _facts(reading: RcaReading, lines: Iterable[str]) -> Mapping[str, str]:
    """Return what the file says of itself in its front, and in lines such as “Category: Kubernetes”.

    ``lines`` are those of a file in Markdown, whose paragraphs the reading has in one line.
    """
    read_lines = (line for _, text in reading.sections for line in text.split("\n"))
    said = [match for match in map(_SAID.match, chain(lines, read_lines)) if match]
    return {match[1].casefold(): match[2] for match in reversed(said)} | dict(reading.facts)


def _first(facts: Mapping[str, str], names: Sequence[str]) -> str:
    return next((str(legible(facts[name])) for name in names if facts.get(name)), "")


def _title(reading: RcaReading, name: str) -> str:
    """Return the first heading, or the file's name where that says nothing."""
    said = reading.title.split("\n")[0].strip()
    known = normal(said) not in _NO_TITLES and not reading.title.startswith("{{")
    path = PurePath(name)
    suffix = path.suffix if path.suffix.casefold() in (".md", ".markdown", ".txt", ".docx") else ""
    stem = path.name.removesuffix(suffix)
    stem = (path.parent.name if normal(stem) in _NO_TITLES else stem) or stem  # “2026-03-01 Queue/README.md”
    return str(legible(said if said and known else stem.replace("_", " ")))[:LINE_LENGTH]


def _services(said: str) -> str:
    """Return the services as the library keeps them: “payments, search”, without the marks of a list in YAML."""
    names = (name.strip(" \t\"'“”") for name in re.split(r"[,;]", said.strip().strip("[]")))
    return ", ".join(dict.fromkeys(name for name in names if name))[:LINE_LENGTH]


def _cause(said: str, causes: Causes) -> str:
    """Return the cause that the words name, by its word or its label."""
    wanted = normal(said)
    known = {normal(name): cause.word for cause in causes.causes for name in (cause.word, cause.label)}
    return known.get(wanted, "")


def _text(reading: RcaReading) -> str:
    parts = [f"{heading}\n{text}" if heading else text for heading, text in reading.sections]
    return str(legible("\n\n".join(part.strip() for part in parts if part.strip())))


def _as_json(read: ReadFollowUp) -> dict[str, str | None]:
    return {
        "text": read.text,
        "owner": read.owner or read.owner_email,
        "due": read.due.isoformat() if read.due else None,
        "kind": read.kind.value if read.kind else None,
        "state": read.state.value if read.state else None,
    }
