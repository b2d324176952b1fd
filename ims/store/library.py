"""Questions about the library of post-mortems: found by words, service, cause and day, the fittest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, product

from sqlalchemy import ColumnElement, Float, Integer, String, Subquery, TextClause, case, column, func, text
from sqlmodel import Session, col, select

from ims.model import LibraryEntry

BEGINS, ENDS = "\u27ea", "\u27eb"  # stand around a found word in a snippet
MOST_WORDS = 32
_NOTHING = ""
_WORD = re.compile(r"\w+")
_KEY = re.compile(r"(?i)\bINC-(\d{1,9})\b")
_SHARP = re.compile(r"ss|ß")
_MOST_SHARP = 3  # in a word; each doubles its spellings

# Each yields (id, fitness, snippet) of the entries that hold the words; a greater fitness is better.
_SQLITE = """
    SELECT rowid AS id, -bm25(library_words, 10.0, 4.0, 1.0) AS fitness,
           snippet(library_words, -1, :begins, :ends, ' … ', 24) AS snippet
    FROM library_words WHERE library_words MATCH :words
"""
_POSTGRESQL = """
    SELECT library_words.id AS id, ts_rank_cd(library_words.words, asked.query, 1) AS fitness, '' AS snippet
    FROM library_words, (SELECT to_tsquery('english', :words) AS query) AS asked
    WHERE library_words.words @@ asked.query
"""
_SNIPPET = """
    SELECT ts_headline('english', left(:text, 200000), to_tsquery('english', :words),
                       'StartSel=' || :begins || ', StopSel=' || :ends || ', MaxWords=24, MinWords=12')
"""


@dataclass(frozen=True)
class Asked:
    """What is looked for; what is empty or ``None`` leaves that open. ``words`` are as people type them."""

    words: str = ""
    service: str = ""
    cause: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Found:
    """An entry with the place where its words were found, between ``BEGINS`` and ``ENDS``."""

    entry: LibraryEntry
    snippet: str = ""


def search(session: Session, asked: Asked, *, limit: int = 20, offset: int = 0) -> Sequence[Found]:
    """Return the entries that fit, the fittest first; without words the newest first.

    All words must be there, the last one as the beginning of a word; where nothing has them all, any of them will do.
    The entry of an incident whose key is among them comes before all others.
    """
    words = _words(asked.words)
    if not words:
        newest = col(LibraryEntry.occurred_on).desc().nulls_last(), col(LibraryEntry.id).desc()
        statement = select(LibraryEntry).where(*_conditions(asked)).order_by(*newest)
        return [Found(entry) for entry in session.exec(statement.limit(limit).offset(offset))]
    return _by_words(session, asked, words, limit, offset)


def count(session: Session, asked: Asked) -> int:
    """Return how many entries fit."""
    words = _words(asked.words)
    if not words:
        return session.exec(select(func.count()).select_from(LibraryEntry).where(*_conditions(asked))).one()
    return next((number for each in _queries(session, words) if (number := _count(session, asked, each))), 0)


def similar(session: Session, entry: LibraryEntry, *, limit: int = 5) -> Sequence[LibraryEntry]:
    """Return the entries that share the most, and the rarest, words with the title and services of another."""
    words = _words(f"{entry.title} {entry.services}")
    if not words:
        return []
    query = _any_of(session, [*words, _NOTHING])  # so that the last word is whole too
    found = _fitting(session, Asked(), query, limit + 1, 0)
    return [each for each, _ in found if each.id != entry.id][:limit]


def by_digest(session: Session, digest: str) -> LibraryEntry | None:
    """Return the entry that was brought in from a file with this content."""
    return session.exec(select(LibraryEntry).where(LibraryEntry.digest == digest)).first()


def of_incident(session: Session, incident_id: int) -> LibraryEntry | None:
    """Return the entry of an incident."""
    return session.exec(select(LibraryEntry).where(LibraryEntry.incident_id == incident_id)).first()


def causes(session: Session) -> list[str]:
    """Return the causes that entries have, in order."""
    named = select(LibraryEntry.cause).where(LibraryEntry.cause != "")
    return sorted(session.exec(named.distinct()))


def services(session: Session) -> list[str]:
    """Return the services that entries name, in order."""
    named = session.exec(select(LibraryEntry.services).where(LibraryEntry.services != "").distinct())
    return sorted({service for row in named for service in row.split(", ")})


def _by_words(session: Session, asked: Asked, words: Sequence[str], limit: int, offset: int) -> list[Found]:
    for query in _queries(session, words):
        found = _fitting(session, asked, query, limit, offset)
        if found or _count(session, asked, query):
            return [Found(entry, snippet or _snippet(session, entry, query)) for entry, snippet in found]
    return []


def _fitting(session: Session, asked: Asked, query: str, limit: int, offset: int) -> Sequence[tuple[LibraryEntry, str]]:
    hits = _hits(session, query)
    named = col(LibraryEntry.incident_id).in_([int(number) for number in _KEY.findall(asked.words)])
    statement = (
        select(LibraryEntry, hits.c.snippet)
        .join(hits, hits.c.id == col(LibraryEntry.id))
        .where(*_conditions(asked))
        .order_by(case((named, 0), else_=1), hits.c.fitness.desc(), col(LibraryEntry.id).desc())
    )
    return [(entry, snippet) for entry, snippet in session.exec(statement.limit(limit).offset(offset))]


def _count(session: Session, asked: Asked, query: str) -> int:
    hits = _hits(session, query)
    statement = select(func.count()).select_from(LibraryEntry).join(hits, hits.c.id == col(LibraryEntry.id))
    return session.exec(statement.where(*_conditions(asked))).one()


def _hits(session: Session, query: str) -> Subquery:
    if _is_sqlite(session):
        found: TextClause = text(_SQLITE).bindparams(words=query, begins=BEGINS, ends=ENDS)
    else:
        found = text(_POSTGRESQL).bindparams(words=query)
    return found.columns(column("id", Integer), column("fitness", Float), column("snippet", String)).subquery("hits")


def _snippet(session: Session, entry: LibraryEntry, query: str) -> str:
    asked = text(_SNIPPET).bindparams(text=entry.text, words=query, begins=BEGINS, ends=ENDS)
    return str(session.scalar(asked))


def _queries(session: Session, words: Sequence[str]) -> list[str]:
    return [_all_of(session, words), _any_of(session, words)]


def _all_of(session: Session, words: Sequence[str]) -> str:
    return _joined(session, words, " AND ", " & ")


def _any_of(session: Session, words: Sequence[str]) -> str:
    return _joined(session, words, " OR ", " | ")


def _joined(session: Session, words: Sequence[str], sqlite: str, postgresql: str) -> str:
    """Write words as a query. Each is letters and digits alone, so nothing in it can be an operator."""
    is_sqlite = _is_sqlite(session)
    quote, begins, either = ('"', "*", " OR ") if is_sqlite else ("'", ":*", " | ")
    *whole, last = words
    terms = [(word, "") for word in whole] + ([(last, begins)] if last else [])
    spelled = [either.join(f"{quote}{each}{quote}{end}" for each in _spellings(word)) for word, end in terms]
    return (sqlite if is_sqlite else postgresql).join(f"({each})" for each in spelled)


def _spellings(word: str) -> list[str]:
    """Return a word with ss and ß for each other: neither database knows that “strasse” is “Straße”."""
    pieces = _SHARP.split(word.lower())
    if not 1 < len(pieces) <= _MOST_SHARP + 1:
        return [word]
    return [
        "".join(chain(*zip(pieces, (*signs, ""), strict=True)))
        for signs in product(("ss", "ß"), repeat=len(pieces) - 1)
    ]


def _words(typed: str) -> list[str]:
    return _WORD.findall(typed)[:MOST_WORDS]


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    services = ", " + col(LibraryEntry.services) + ", "
    return [
        *([services.contains(f", {asked.service}, ", autoescape=True)] if asked.service else []),
        *([col(LibraryEntry.cause) == asked.cause] if asked.cause else []),
        *([col(LibraryEntry.occurred_on) >= asked.since] if asked.since else []),
        *([col(LibraryEntry.occurred_on) <= asked.until] if asked.until else []),
    ]


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
