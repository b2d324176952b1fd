"""The causes that incidents are counted by, read from ``data/causes.yaml``, and choosing one for a document."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ims.data_file import read_file
from ims.errors import Refusal
from ims.model import EntryKind, RcaDocument, RcaState
from ims.postmortem.content.blocks import ABOUT_DOCUMENT
from ims.store import incidents
from ims.store.work import Work

FILE = "causes.yaml"
_NOT_CHOSEN = "not chosen"


class Cause(BaseModel):
    """One cause: its word in the database, its label, and the sentence that tells it from the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    word: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    label: str = Field(min_length=1, max_length=80)
    means: str = Field(min_length=1, max_length=300)


class Causes(BaseModel):
    """All of them, in the order in which they are offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    causes: list[Cause] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> "Causes":
        for what in ("word", "label"):
            said = [getattr(cause, what).casefold() for cause in self.causes]
            twice = sorted({each for each in said if said.count(each) > 1})
            if twice:
                raise ValueError(f"two causes have the {what} “{twice[0]}”")
        return self

    @property
    def by_word(self) -> Mapping[str, Cause]:
        """Return the causes by their word."""
        return {cause.word: cause for cause in self.causes}

    def label(self, word: str) -> str:
        """Say a cause as people read it; a word that is gone from the file is said as it is."""
        if not word:
            return _NOT_CHOSEN
        return self.by_word[word].label if word in self.by_word else word


def read_causes(data_dir: Path) -> Causes:
    """Read the causes of a data folder.

    Raises:
        SettingProblem: they cannot be read or do not make sense.
    """
    return read_file(Causes, data_dir / FILE, "IMS-209", "Correct it, or restore the file.")


def choose_cause(work: Work, incident_id: int, word: str, causes: Causes) -> RcaDocument:
    """Choose the cause of an incident for its document; the same again changes nothing.

    Raises:
        Refusal: there is no document yet, it is published, or the word is not one of the causes.
    """
    incident = work.incident(incident_id)
    document = incidents.rca_document(work.session, incident_id)
    if document is None:
        raise Refusal("There is no document yet; start it first.")
    if document.cause == word:
        return document
    if document.state is RcaState.PUBLISHED:
        raise Refusal("The document is published; begin a new edition to change its cause.")
    if word not in causes.by_word:
        raise Refusal(f"“{word}” is not one of the causes; choose one from the list.")
    before, document.cause = document.cause, word
    text = f"Cause chosen: {causes.label(word)}" + (f", before {causes.label(before)}" if before else "")
    work.record(incident, EntryKind.NOTE, text, cause=word, about=ABOUT_DOCUMENT)
    return document
