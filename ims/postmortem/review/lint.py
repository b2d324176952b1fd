"""What is still missing before the document is worth a review: each thing said, with how to mend it and where."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from ims.model import UNFINISHED, FollowUp, Incident, MeetingState, Person, RcaDocument
from ims.postmortem import meeting
from ims.postmortem.content.drafting import DRAFTED
from ims.postmortem.content.template import Section, Template
from ims.postmortem.content.wording import moment
from ims.postmortem.review import blaming
from ims.store import catalogue, incidents, postmortem

_NUMBER = re.compile(
    r"\d|\b(?:unknown|none|nobody|no one|all|every|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"unbekannt|niemand|alle|kein\w*)\b"
)
_NEEDED = ("summary", "root_cause")  # without these there is nothing to review
_ABOUT_CAUSES = re.compile(r"cause|contribut|why|ursache|faktor", re.IGNORECASE)
_PROMPT_BEGINS = 60  # letters of a prompt by which it is known again


class Gravity(StrEnum):
    """How much a finding weighs."""

    BLOCKS = "blocks"
    HINT = "hint"


class Place(StrEnum):
    """Where a finding is mended."""

    TEXT = "text"
    FOLLOW_UPS = "follow_ups"
    MEETING = "meeting"
    CAUSE = "cause"
    UPLOAD = "upload"
    DRAFTS = "drafts"


@dataclass(frozen=True)
class Finding:
    """One thing to mend: ``sentence`` says what, ``mend`` how, ``section`` is the key of the section it is about."""

    key: str
    gravity: Gravity
    sentence: str
    mend: str
    place: Place
    section: str = ""


@dataclass(frozen=True)
class Subject:
    """Everything the lint looks at. ``drafts`` are keys of sections whose draft nobody has accepted yet.

    ``read_elsewhere_at`` is when a document that lives elsewhere was read last; ``outside_revision`` is the newest one
    known there, empty where that is not known.
    """

    template: Template
    sections: Mapping[str, str] = field(default_factory=dict)
    follow_ups: Sequence[FollowUp] = ()
    people: Sequence[Person] = ()
    impact_text: str = ""
    cause: str = ""
    meeting_is_settled: bool = False
    meeting_is_over: bool = False
    was_read: bool = True
    drafts: Sequence[str] = ()
    read_elsewhere_at: datetime | None = None
    read_revision: str = ""
    outside_revision: str = ""


def subject(session: Session, incident: Incident, document: RcaDocument, template: Template) -> Subject:
    """Read what the lint looks at."""
    met, waived = meeting.current(session, incident.id), meeting.waiver(session, incident.id)
    return Subject(
        template,
        sections=document.sections,
        follow_ups=postmortem.follow_ups(session, incident.id),
        people=catalogue.people(session, active_only=False),
        impact_text=incident.impact_text,
        cause=document.cause,
        meeting_is_settled=met is not None or waived is not None,
        meeting_is_over=waived is not None or (met is not None and met.state is MeetingState.HELD),
        drafts=[
            section.key
            for section in template.of_people
            if section.key in DRAFTED and not document.sections.get(section.key, "").strip()
        ],
        was_read=document.read_at is not None or any(document.sections.values()),
        read_elsewhere_at=document.read_at if document.home != "portal" else None,
        read_revision=document.revision,
    )


def of_incident(session: Session, incident: Incident, template: Template) -> Sequence[Finding]:
    """Return the findings about the document of an incident; none while there is no document."""
    document = incidents.rca_document(session, incident.id)
    return lint(subject(session, incident, document, template)) if document else []


def lint(looked_at: Subject) -> Sequence[Finding]:
    """Return everything that is missing, what blocks a review first; an empty list means ready for one."""
    found = [
        *_reading(looked_at),
        *_sections(looked_at),
        *_impact(looked_at),
        *_cause(looked_at),
        *_follow_ups(looked_at.follow_ups),
        *_meeting(looked_at),
        *_persons(looked_at),
        *_words(looked_at),
    ]
    return sorted(found, key=lambda finding: finding.gravity is not Gravity.BLOCKS)


def blocking(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return those of the findings that a review must not begin with."""
    return [finding for finding in findings if finding.gravity is Gravity.BLOCKS]


def _reading(looked_at: Subject) -> Iterator[Finding]:
    if not looked_at.was_read:
        yield _blocks(
            "not_read",
            "Nothing that people wrote was read back yet.",
            "Fill the document in together, then upload it or read it back here.",
            Place.UPLOAD,
        )
    elif looked_at.outside_revision and looked_at.outside_revision != looked_at.read_revision:
        yield _blocks(
            "edited_since",
            "The document was edited elsewhere since it was read here last.",
            "Read it back, so that the review is about what people wrote.",
            Place.UPLOAD,
        )
    elif looked_at.read_elsewhere_at:
        yield _hint(
            "read_again",
            f"People write elsewhere; what they wrote was read here last at {moment(looked_at.read_elsewhere_at)}.",
            "Read it once more, so that the review is about their newest words.",
            Place.UPLOAD,
        )
    for key in looked_at.drafts:
        title = _title(looked_at.template, key)
        yield _blocks(
            f"draft:{key}",
            f"The draft of “{title}” was written by IMS, and nobody has accepted it yet.",
            "Read it; accept it as it is, or write your own words in its place.",
            Place.DRAFTS,
            key,
        )


def _sections(looked_at: Subject) -> Iterator[Finding]:
    for section in looked_at.template.of_people:
        text = looked_at.sections.get(section.key, "").strip()
        if section.prompt and section.prompt[:_PROMPT_BEGINS] in text:
            yield _blocks(
                f"prompt:{section.key}",
                f"Under “{section.title}” the grey line of the template still stands.",
                "Answer it, then delete the line.",
                Place.TEXT,
                section.key,
            )
        if not text and section.block is None and section.key not in looked_at.drafts:
            yield _empty(section)


def _empty(section: Section) -> Finding:
    if section.key in _NEEDED:
        sentence = f"Nobody has written the {section.title[0].lower()}{section.title[1:]} yet."
        return _blocks(f"empty:{section.key}", sentence, section.prompt, Place.TEXT, section.key)
    sentence = f"“{section.title}” is empty."
    mend = f"{section.prompt} If there is nothing to say, say so.".strip()
    return _hint(f"empty:{section.key}", sentence, mend, Place.TEXT, section.key)


def _impact(looked_at: Subject) -> Iterator[Finding]:
    text = f"{looked_at.impact_text} {looked_at.sections.get('impact', '')}"
    if not _NUMBER.search(text.casefold()):
        yield _blocks(
            "impact_number",
            "The impact has no number: say how many were affected, or that it is unknown.",
            "Customers, requests, minutes or money: one honest figure is enough, and so is “unknown”.",
            Place.TEXT,
            "impact",
        )


def _cause(looked_at: Subject) -> Iterator[Finding]:
    if not looked_at.cause:
        yield _blocks(
            "cause",
            "The cause is not chosen.",
            "Choose the one that fits best; incidents are counted and found by it.",
            Place.CAUSE,
        )


def _follow_ups(follow_ups: Sequence[FollowUp]) -> Iterator[Finding]:
    for each in follow_ups:
        missing = {
            "an owner": each.owner_id is None and not each.owner_name,
            "a due date": each.due_on is None,
            "a kind": each.kind is None,
        }
        lacks = [name for name, is_missing in missing.items() if is_missing]
        if lacks and each.state in UNFINISHED:
            yield _blocks(
                f"follow_up:{each.number}",
                f"{each.row_id} lacks {_joined(lacks)}.",
                "Give it one name, a day, and what it is good for; or drop it with a reason.",
                Place.FOLLOW_UPS,
                "follow_ups",
            )
    if not follow_ups:
        yield _hint(
            "no_follow_up",
            "There is no follow-up.",
            "Add what will be done about it, or say below why nothing is needed.",
            Place.FOLLOW_UPS,
            "follow_ups",
        )


def _joined(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _meeting(looked_at: Subject) -> Iterator[Finding]:
    if not looked_at.meeting_is_settled:
        yield _blocks(
            "meeting",
            "The meeting is neither planned nor waived.",
            "Plan it with everyone involved, or waive it and say why.",
            Place.MEETING,
        )
    elif not looked_at.meeting_is_over:
        yield _hint(
            "meeting_ahead",
            "The meeting is still to come.",
            "Review the document after it, when everyone involved has filled it in.",
            Place.MEETING,
        )


def _persons(looked_at: Subject) -> Iterator[Finding]:
    for section in looked_at.template.of_people:
        if not (_ABOUT_CAUSES.search(section.key) or _ABOUT_CAUSES.search(section.title)):
            continue
        text = looked_at.sections.get(section.key, "")
        for number, found in enumerate(blaming.named_as_cause(text, looked_at.people), start=1):
            yield _blocks(
                f"person:{section.key}:{number}",
                f"{found.name} is named as a cause: “{found.sentence}”",
                "Say what let it happen instead: which check, tool or knowledge was missing, so that anybody could "
                "have done the same. “The deploy script offered the wrong cluster” can be mended; a person cannot.",
                Place.TEXT,
                section.key,
            )


def _words(looked_at: Subject) -> Iterator[Finding]:
    for section in looked_at.template.of_people:
        found = blaming.hindsight(looked_at.sections.get(section.key, ""))
        for number, blame in enumerate(found, start=1):
            yield _hint(
                f"words:{section.key}:{number}",
                f"“{blame.words}” sounds like blame or hindsight: “{blame.sentence}”",
                blame.instead,
                Place.TEXT,
                section.key,
            )


def _title(template: Template, key: str) -> str:
    return next((section.title for section in template.sections if section.key == key), key)


def _blocks(key: str, sentence: str, mend: str, place: Place, section: str = "") -> Finding:
    return Finding(key, Gravity.BLOCKS, sentence, mend, place, section)


def _hint(key: str, sentence: str, mend: str, place: Place, section: str = "") -> Finding:
    return Finding(key, Gravity.HINT, sentence, mend, place, section)
