"""Drafted paragraphs: plain sentences made of the facts alone, which a person accepts or rewrites.

In the document a draft starts with a mark and a short sum of its words. One that nobody touched is not taken for what
people wrote; once they change a word, or take the mark away, it is theirs.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ims.model import EntryKind, Incident
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.lulls import lulls
from ims.postmortem.content.template import Owner, Section
from ims.postmortem.content.wording import duration, label, moment

MARK = "Draft by IMS: accept or rewrite"
_MARKED = re.compile(rf"{re.escape(MARK)} \[(?P<sum>[0-9a-f]{{6}})\]\.(?: (?P<draft>.*))?")
_IMPACT = {"outage": "an outage", "degraded": "degraded service", "minor": "a minor impairment", "none": "no impact"}


def draft(facts: RcaFacts, section: Section) -> str:
    """Return the drafted paragraph of a section, on one line; empty where there is none, or people wrote already."""
    drafter = _DRAFTERS.get(section.key)
    if drafter is None or section.owned_by is not Owner.PEOPLE or facts.written.get(section.key, "").strip():
        return ""
    return " ".join(drafter(facts).split())


def drafted(facts: RcaFacts, sections: Sequence[Section]) -> Mapping[str, str]:
    """Return every drafted paragraph that waits for somebody to accept it, by the key of its section."""
    found = ((section.key, draft(facts, section)) for section in sections)
    return {key: text for key, text in found if text}


def marked(words: str) -> str:
    """Return a draft as it stands in the document."""
    return f"{MARK} [{_sum(words)}]. {words}"


def without_drafts(words: str) -> str:
    """Return what people wrote: without drafts that nobody touched, and without the mark of those that they changed."""
    kept = [_taken_over(line) for line in words.split("\n")]
    return "\n".join(line for line in kept if line is not None).strip()


def _taken_over(line: str) -> str | None:
    found = _MARKED.fullmatch(line.strip())
    if found is None:
        return line
    words = found["draft"] or ""
    return None if not words or _sum(words) == found["sum"] else words


def _sum(words: str) -> str:
    return hashlib.sha256(" ".join(words.split()).encode("utf-8", "surrogatepass")).hexdigest()[:6]


def summary(facts: RcaFacts) -> str:
    """Say in a few sentences what happened, from when until when, and how it ended."""
    incident = facts.incident
    severity = f" as {label(incident.severity)}" if incident.severity else ""
    sentences = [
        f"“{incident.title}” began on {_day(incident.began_at)} and was declared{severity}.",
        _sentence(incident.summary),
        _affected(facts),
        _end(incident),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def impact(facts: RcaFacts) -> str:
    """Say who met what, and for how long."""
    incident = facts.incident
    met = _IMPACT[incident.impact.value] if incident.impact else ""
    sentences = [
        f"Customers met {met}." if met else "",
        _sentence(incident.impact_text),
        _felt(facts),
        _named(facts),
        "The service level is affected." if incident.affects_sla else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def detection(facts: RcaFacts) -> str:
    """Say how and how fast the team learnt of it, took it and told customers."""
    incident = facts.incident
    alerts = len(list(facts.case.of_kind(EntryKind.ALERT_ATTACHED)))
    told = f"{alerts} {'alert tells' if alerts == 1 else 'alerts tell'} of it" if alerts else "No alert tells of it"
    sentences = [
        _later("It was detected", incident.began_at, incident.detected_at, "it began"),
        f"{told}; {incident.declared_by or 'somebody'} declared it at {moment(incident.declared_at)}.",
        _later("It was acknowledged", incident.declared_at, incident.acknowledged_at, "the declaration"),
        _later("Customers were first told", incident.declared_at, incident.first_update_at, "the declaration"),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


_DRAFTERS: Mapping[str, Callable[[RcaFacts], str]] = {"summary": summary, "impact": impact, "detection": detection}
DRAFTED = frozenset(_DRAFTERS)


def _affected(facts: RcaFacts) -> str:
    return f"It affected {_listed(facts.services)}." if facts.services else ""


def _felt(facts: RcaFacts) -> str:
    """Say how long customers felt it: until it was mitigated, without the times in which it seemed to be over."""
    incident = facts.incident
    until = incident.mitigated_at or incident.resolved_at
    if until is None or until <= incident.began_at:
        return ""
    breaks = lulls(facts.timeline)
    felt = until - incident.began_at - sum((end - start for start, end in breaks), timedelta())
    return f"It was felt for {duration(felt)}{' in all' if breaks else ''}."


def _named(facts: RcaFacts) -> str:
    """Say how many customers met it. Who they are stands in the block above, and not in what customers may read."""
    count = len(facts.customers)
    if not count:
        return ""
    return f"{count} {'customer is' if count == 1 else 'customers are'} known to have met it."


def _end(incident: Incident) -> str:
    if incident.resolved_at is None:
        return "It is not resolved yet."
    ended = f"It was resolved on {_day(incident.resolved_at)}, {duration(incident.lasted_for(incident.resolved_at))}"
    return f"{ended} after it began."


def _later(what: str, start: datetime, end: datetime | None, of: str) -> str:
    if end is None or end < start:
        return ""
    if end == start:
        return f"{what} at {moment(end)}."
    return f"{what} at {moment(end)}, {duration(end - start)} after {of}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _sentence(text: str) -> str:
    words = text.strip()
    return words if not words or words[-1] in ".!?…" else f"{words}."


def _day(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y at %H:%M} UTC"
