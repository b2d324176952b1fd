"""The sections of the root-cause document, read from ``data/templates/rca.yaml``."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ims.errors import SettingProblem

FILE = Path("templates") / "rca.yaml"


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
    """The whole document's plan."""

    title: str = Field(min_length=1)
    sections: list[Section] = Field(min_length=1)

    @model_validator(mode="after")
    def _takes_follow_ups(self) -> "Template":
        if not any(section.block is Block.FOLLOW_UPS for section in self.sections):
            raise ValueError("one section needs the block follow_ups, so that actions can be read back")
        titles = [section.title.casefold() for section in self.sections]
        keys = [section.key for section in self.sections]
        if len(set(titles)) < len(titles) or len(set(keys)) < len(keys):
            raise ValueError("two sections have the same key or title")
        return self

    @property
    def of_people(self) -> Sequence[Section]:
        """Return the sections that people fill in."""
        return [section for section in self.sections if section.owned_by is Owner.PEOPLE]


def read_template(data_dir: Path) -> Template:
    """Read the template of a data folder.

    Raises:
        SettingProblem: it cannot be read or does not make sense.
    """
    path = data_dir / FILE
    try:
        return Template.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise _problem(path, f"{where}: {first['msg']}".removeprefix(": ")) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _problem(path, f"it cannot be read ({type(error).__name__})") from error


def _problem(path: Path, reason: str) -> SettingProblem:
    return SettingProblem("IMS-206", f"{path}: {reason}.", "Correct it, or restore the file.")
