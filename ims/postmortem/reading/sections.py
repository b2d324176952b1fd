"""What people wrote, by the sections of the template: their words without the portal's headings and prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ims.postmortem.content.drafting import without_drafts
from ims.postmortem.content.template import Block, Owner, Section, Template
from ims.postmortem.reading.headings import is_elsewhere, opens_follow_ups
from ims.postmortem.reading.understood import LOWEST, RcaReading, normal
from ims.postmortem.word.finishing import NOTHING

_QUOTED = 120  # characters


@dataclass
class Sections:
    """Texts by section key, and what stands outside of every section that people own, in words.

    A section in which the portal's draft or prompt stands untouched has no text, not an empty one: nobody has written
    there in this copy, so it says nothing about what people wrote or accepted elsewhere. ``headings`` are the keys of
    all sections whose heading stands there, ``strange`` the headings that may be sections under another name.
    """

    texts: dict[str, str] = field(default_factory=dict)
    not_understood: list[str] = field(default_factory=list)
    headings: set[str] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)


def sections_of(reading: RcaReading, template: Template) -> Sections:
    """Put what was read under its section; a heading that people added below it stays in the section it stands in.

    One that ranks as high may be a section that somebody renamed: where one of people is missing, it is said and not
    taken in. Nor is it ever under a section for customers, who would read it.
    """
    by_title = {normal(section.title): section for section in template.sections}
    ranked = zip(reading.sections, reading.levels, strict=True)
    seen = [(by_title.get(normal(heading)), level) for (heading, _), level in ranked]
    walk = _Walk(template, {section.key: level for section, level in reversed(seen) if section})
    for at, ((heading, text), (section, level)) in enumerate(zip(reading.sections, seen, strict=True)):
        if section:
            walk.enter(section, level)
            _place(walk.found, section, text)
        elif opens_follow_ups(heading):
            walk.pass_over(level)
        else:
            walk.take(heading, text, level if at else LOWEST)  # the first is the title
    return walk.found


class _Walk:
    """Goes through the headings of a document, remembering in which section it is."""

    def __init__(self, template: Template, levels: Mapping[str, int]) -> None:
        self.found = Sections(headings=set(levels))
        self._prompts = [section.prompt for section in template.of_people]
        self._is_one_missing = any(section.key not in levels for section in template.of_people)
        self._section: Section | None = None
        self._level = min(levels.values(), default=0)  # of the heading of the section
        self._strange = LOWEST  # level of a heading that is none of the template's, and may be a section's
        self._follow_ups = LOWEST  # level of a heading of follow-ups that people added

    def enter(self, section: Section, level: int) -> None:
        """Enter a section of the template."""
        self._section, self._level = section, level
        self._strange = self._follow_ups = LOWEST

    def pass_over(self, level: int) -> None:
        """Pass over follow-ups that people listed, and headings that group them: the reader speaks for itself there."""
        self._strange, self._follow_ups = LOWEST, level

    def take(self, heading: str, text: str, level: int) -> None:
        """Take what stands under a heading that is none of the template's."""
        if level > self._follow_ups and not is_elsewhere(heading):
            return
        if level <= min(self._strange, self._level) and self._may_be_a_section:
            self._strange = level
            self.found.strange.append(heading)
        if self._strange < LOWEST:
            self._say(heading, text)
        elif self._section:
            _place(self.found, self._section, f"{heading}\n{text}".strip())
        else:
            _place(self.found, None, text)

    @property
    def _may_be_a_section(self) -> bool:
        return self._is_one_missing or (self._section is not None and self._section.for_customers)

    def _say(self, heading: str, text: str) -> None:
        for prompt in self._prompts:
            text = _without_prompt(text, prompt)
        if words := without_drafts(text):
            self.found.not_understood.append(
                f"The heading “{heading[:_QUOTED]}” is none of the template's; its words were not taken in: "
                f"“{words[:_QUOTED]}”."
            )


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

    What somebody typed behind it in the same paragraph stays, and so does what stands above it.
    """
    if words.strip() == NOTHING:
        return ""
    if not prompt:
        return words
    lines = [line.removeprefix(prompt).strip() if line.startswith(prompt) else line for line in words.split("\n")]
    return "\n".join(line for line, was in zip(lines, words.split("\n"), strict=True) if line or not was).strip()


def filled(texts: Mapping[str, str], template: Template) -> tuple[int, int]:
    """Return how many of the sections of people have words, and how many there are."""
    return sum(1 for section in template.of_people if texts.get(section.key, "").strip()), len(template.of_people)
