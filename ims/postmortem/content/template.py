"""The plan of the root-cause document: ``data/templates/rca.yaml``, and the team's own ``rca.docx`` beside it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ims.data_file import read_file
from ims.errors import BadFile, SettingProblem
from ims.postmortem.content.fact_words import FACT_WORDS
from ims.postmortem.word.placeholders import check

FILE = Path("templates") / "rca.yaml"
OWN_FILE = FILE.with_suffix(".docx")


class Owner(StrEnum):
    """Whose words stand in a section."""

    PORTAL = "portal"
    PEOPLE = "people"


class Block(StrEnum):
    """What the portal writes into a section."""

    IMPACT = "impact"
    FREQUENCY = "frequency"
    SEVERITY = "severity"
    DETECTION = "detection"
    TIMELINE = "timeline"
    PICTURE = "picture"
    DURATIONS = "durations"
    SIMILAR = "similar"
    FOLLOW_UPS = "follow_ups"
    UPDATES = "updates"
    ROLES = "roles"
    PROCEDURE = "procedure"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(_Strict):
    """One section: a heading, perhaps a block of the portal's, perhaps a place for people.

    ``for_customers`` says that what people wrote there is also in the customer version.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    owned_by: Owner
    block: Block | None = None
    prompt: str = ""
    for_customers: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "Section":
        if self.owned_by is Owner.PORTAL and self.block is None:
            raise ValueError("a section of the portal needs a block")
        if self.owned_by is Owner.PORTAL and self.for_customers:
            raise ValueError("only sections of people can be for customers")
        return self


class Template(_Strict):
    """The whole document's plan. ``own`` is the team's own ``.docx``, checked; empty where there is none."""

    title: str = Field(min_length=1)
    sections: list[Section] = Field(min_length=1)
    own: bytes = Field(default=b"", max_length=0)

    @model_validator(mode="after")
    def _takes_follow_ups(self) -> "Template":
        if not any(section.block is Block.FOLLOW_UPS for section in self.sections):
            raise ValueError("one section needs the block follow_ups, so that actions can be read back")
        titles = [section.title.casefold() for section in self.sections]
        keys = [section.key for section in self.sections]
        if len(set(titles)) < len(titles) or len(set(keys)) < len(keys):
            raise ValueError("two sections have the same key or title")
        blocks = [section.block for section in self.sections if section.block]
        if len(set(blocks)) < len(blocks):
            raise ValueError("two sections have the same block")
        return self

    @property
    def of_people(self) -> Sequence[Section]:
        """Return the sections that people fill in."""
        return [section for section in self.sections if section.owned_by is Owner.PEOPLE]

    def named(self, placeholder: str) -> Section:
        """Return the section that a large placeholder of the team's own file stands for."""
        kind, _, word = placeholder.partition(":")
        return next(each for each in self.sections if word == (each.key if kind == "section" else each.block))


def read_template(data_dir: Path) -> Template:
    """Read the plan of a data folder; where the team put a ``.docx`` of its own there, it goes by that.

    Raises:
        SettingProblem: one of the two cannot be read or does not make sense.
    """
    template = read_file(Template, data_dir / FILE, "IMS-206", "Correct it, or restore the file.")
    own = data_dir / OWN_FILE
    try:
        changed_at = own.stat().st_mtime_ns
    except OSError:
        return template
    return _with_own(template.model_dump_json(), own, changed_at)


@lru_cache(maxsize=4)
def _with_own(plan: str, path: Path, _changed_at: int) -> Template:
    """Check the team's own file, once for each version of it, and follow its headings."""
    template = Template.model_validate_json(plan)
    blocks = [f"block:{each.block}" for each in template.sections if each.block]
    sections = [f"section:{each.key}" for each in template.of_people]
    try:
        file = path.read_bytes()
        headings = check(file, [*FACT_WORDS, *blocks, *sections], [f"block:{Block.FOLLOW_UPS}"])
    except (BadFile, OSError) as problem:
        hint = "docs/rca.md lists the placeholders. Correct the file, or take it away to use the built-in one."
        raise SettingProblem("IMS-211", _ended(f"{path}: {problem}"), hint) from problem
    found = [section for each in template.sections if (section := _as_in(headings, each))]
    return template.model_copy(update={"own": file, "sections": found})


def _as_in(headings: Mapping[str, str], section: Section) -> Section | None:
    """Return a section with the heading it has in the team's own file; ``None`` where the file leaves it out."""
    prose, block = f"section:{section.key}", f"block:{section.block}"
    if prose in headings:
        return section.model_copy(update={"title": headings[prose]})
    if block in headings:
        title = headings[block] or section.title
        return section.model_copy(update={"title": title, "owned_by": Owner.PORTAL, "for_customers": False})
    return None


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".?" else f"{sentence}."
