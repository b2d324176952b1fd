"""What people wrote, by the sections of the template: their words without the portal's headings and prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ims.postmortem.content.drafting import without_drafts
from ims.postmortem.content.template import Block, Owner, Section, Template
from ims.postmortem.reading.headings import opens_follow_ups
from ims.postmortem.reading.understood import RcaReading, normal
from ims.postmortem.word.finishing import NOTHING

_QUOTED = 120  # characters


@dataclass
class Sections:
    """Texts by section key, and what stands outside of every section that people own, in words.

    A section in which the portal's draft or prompt stands untouched has no text, not an empty one: nobody has written
    there in this copy, so it says nothing about what people wrote or accepted elsewhere. ``headings`` are the keys of
    all sections whose heading stands there.
    """

    texts: dict[str, str] = field(default_factory=dict)
    not_understood: list[str] = field(default_factory=list)
    headings: set[str] = field(default_factory=set)


def sections_of(reading: RcaReading, template: Template) -> Sections:
    """Put what was read under its section; a heading that people added stays in the section it stands in."""
    by_title = {normal(section.title): section for section in template.sections}
    found = Sections()
    current: Section | None = None
    for heading, text in reading.sections:
        section = by_title.get(normal(heading))
        if section is None and opens_follow_ups(heading):
            continue  # a list of follow-ups that people added: they are read, and what is none is said
        current = section or current
        found.headings |= {section.key} if section else set()
        words = text if section or not current else f"{heading}\n{text}".strip()
        _place(found, current, words)
    return found


def _place(found: Sections, section: Section | None, words: str) -> None:
    if section is None:
        if words:
            found.not_understood.append(f"Before the first section this was not taken in: “{words[:_QUOTED]}”.")
    elif section.owned_by is Owner.PEOPLE:
        mine = without_drafts(_without_prompt(words, section.prompt))
        if mine or not words:
            found.texts[section.key] = "\n".join(part for part in (found.texts.get(section.key, ""), mine) if part)
    elif words and section.block is not Block.FOLLOW_UPS:  # there the reader has spoken for itself
        found.not_understood.append(
            f"Under “{section.title}”, which IMS writes, this was not taken in: “{words[:_QUOTED]}”."
        )


def _without_prompt(words: str, prompt: str) -> str:
    """Return the words without the grey line, or what a published copy has there.

    What somebody typed behind it in the same paragraph stays.
    """
    if words.strip() == NOTHING:
        return ""
    return words.replace(prompt, "", 1).strip() if prompt and words.startswith(prompt) else words


def filled(texts: Mapping[str, str], template: Template) -> tuple[int, int]:
    """Return how many of the sections of people have words, and how many there are."""
    return sum(1 for section in template.of_people if texts.get(section.key, "").strip()), len(template.of_people)
