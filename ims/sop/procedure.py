"""The procedure file: read, checked, and refused with the line and the reason when it is wrong."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from ims.errors import SettingProblem
from ims.model import EntryKind, Severity
from ims.sop.durations import Within, parse


class Responsible(StrEnum):
    """Who answers for a step."""

    PORTAL = "portal"
    COMMANDER = "incident_commander"
    COMMUNICATIONS = "communications_lead"
    OPERATIONS = "operations_lead"


class Rule(StrEnum):
    """Completions that need more than the presence of entries; see ``ims/sop/rules.py``."""

    ROLES_HELD = "roles_held"
    CUSTOMERS_UPDATED = "customers_updated"
    CUSTOMERS_TOLD_RESOLVED = "customers_told_resolved"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _within(text: Any) -> Any:
    return parse(text) if isinstance(text, str) else text


def _plain(text: Any) -> Any:
    within = _within(text)
    return within.plain if isinstance(within, Within) else within


class Due(_Strict):
    """A step is due within a time after an entry of a kind."""

    after: EntryKind
    within: Annotated[Within, BeforeValidator(_within)]


class DoneWhen(_Strict):
    """What completes a step: every one, or any one, of some entries, or a rule. Exactly one of the three."""

    all: list[EntryKind] = Field(default_factory=list)
    any: list[EntryKind] = Field(default_factory=list)
    rule: Rule | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "DoneWhen":
        if sum(map(bool, (self.all, self.any, self.rule))) != 1:
            raise ValueError("give exactly one of all, any and rule")
        return self


class Step(_Strict):
    """One step of the procedure. Without ``done_when`` it is ticked by hand, with a note."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    hint: str = ""
    who: list[Responsible] = Field(min_length=1)
    due: Due | None = None
    as_needed: bool = False
    done_when: DoneWhen | None = None

    @property
    def by_hand(self) -> bool:
        """Whether a person may tick it; what the portal does alone completes itself."""
        return self.who != [Responsible.PORTAL]


class Phase(_Strict):
    """A named group of steps."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    steps: list[Step] = Field(min_length=1)


class Procedure(_Strict):
    """A whole procedure and the text it was read from."""

    title: str
    customer_update_every: Annotated[timedelta, BeforeValidator(_plain), Field(gt=timedelta())]
    customer_update_every_by_severity: dict[Severity, Annotated[timedelta, BeforeValidator(_plain)]] = Field(
        default_factory=dict
    )
    page_again_every: Annotated[timedelta, BeforeValidator(_plain), Field(gt=timedelta())] = timedelta(minutes=5)
    phases: list[Phase] = Field(min_length=1)
    text: str = Field(default="", repr=False)

    @field_validator("phases")
    @classmethod
    def _unique_keys(cls, phases: list[Phase]) -> list[Phase]:
        keys = [step.key for phase in phases for step in phase.steps]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"two steps have the key {', '.join(sorted(twice))}; keys must differ")
        return phases

    def update_interval(self, severity: Severity | None) -> timedelta:
        """Return how often customers hear of an incident of a severity."""
        if severity is None:
            return self.customer_update_every
        return self.customer_update_every_by_severity.get(severity, self.customer_update_every)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text, which names this version."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def steps(self) -> Iterator[Step]:
        """Go through the steps of all phases in order."""
        return (step for phase in self.phases for step in phase.steps)


def read_procedure(text: str, name: str = "data/sop.yaml") -> Procedure:
    """Read a procedure from YAML.

    Raises:
        SettingProblem: it cannot be read or does not make sense; the sentence names line and reason.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _problem(name, _line(getattr(error, "problem_mark", None)), "it is not YAML") from error
    if not isinstance(content, dict):
        raise _problem(name, 1, "it must start with title, customer_update_every and phases")
    try:
        return Procedure(**(content | {"text": text}))
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise _problem(name, _line_of(root, first["loc"]), f"{where}: {first['msg']}") from error


def _problem(name: str, line: int, reason: str) -> SettingProblem:
    return SettingProblem(
        "IMS-201",
        f"{name}, line {line}: {reason}.",
        "Correct the line; docs/procedure.md has the words.",
    )


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark is not None else 1


def _line_of(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    """Return the line of the deepest part of the path that the file has; of a named part, the line of its name."""
    line = _line(node.start_mark) if node is not None else 1
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        name, node = found
        line = _line(name.start_mark)
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return where a part of a node starts, and its value."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    return None
