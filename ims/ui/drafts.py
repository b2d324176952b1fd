"""What is typed and not yet sent: kept by the portal when a field is left, and there again when the form is opened.

A draft belongs to one form of one incident and one person. It is kept as JSON, so that a form may keep what it was
opened on beside what was typed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from ims.model import AccessRole, Person
from ims.response import drafts as verbs
from ims.store import drafts
from ims.store.work import Work
from ims.ui import words
from ims.ui.session import attempt, portal
from ims.ui.text import plain

Values = Mapping[str, Any]
_MIRROR = "kept_drafts"


@dataclass(frozen=True)
class Kept:
    """A draft as it is kept: the form's values, and when they were saved."""

    values: Values
    saved_at: datetime


@dataclass(frozen=True)
class Draft:
    """The place of one form's draft. Only people known to the portal have drafts; for others nothing is kept."""

    incident_key: str
    form: str
    person: Person | None

    @property
    def place(self) -> str:
        """Where it is kept, like ``INC-42:entry``."""
        return f"{self.incident_key}:{self.form}"

    @property
    def kept(self) -> Kept | None:
        """What this session knows to be kept."""
        kept: Kept | None = _mirror().get((self.person.id, self.place)) if self.person else None
        return kept

    def open(self) -> Values:
        """Read what is kept, when the form is opened: one query for all drafts of the incident."""
        if self.person is None:
            return {}
        with portal().reading() as session:
            found = drafts.of_person(session, self.person.id, f"{self.incident_key}:")
        for key in [key for key in _mirror() if key[1].startswith(f"{self.incident_key}:")]:
            del _mirror()[key]
        for place, draft in found.items():
            _mirror()[self.person.id, place] = Kept(json.loads(draft.text), draft.saved_at)
        return self.kept.values if self.kept else {}

    def keep(self, values: Values | None) -> None:
        """Keep what stands in the form, if that is new; ``None`` says that there is nothing worth keeping."""
        before = self.kept.values if self.kept else None
        plain_values = None if values is None else json.loads(json.dumps(values, default=str))
        if self.person is None or plain_values == before:
            return
        if plain_values is None:
            self._write(self.forget)
            self.forgotten()
            return
        text = json.dumps(plain_values, ensure_ascii=False)
        if draft := self._write(lambda work: verbs.keep(work, self.place, text)):
            _mirror()[self.person.id, self.place] = Kept(plain_values, draft.saved_at)

    def forget(self, work: Work) -> None:
        """Drop what is kept, in the transaction that sends it."""
        verbs.forget(work, self.place)

    def forgotten(self) -> None:
        """Say that it was dropped."""
        if self.person:
            _mirror().pop((self.person.id, self.place), None)

    def throw_away(self, empty: Callable[[], None]) -> None:
        """Drop what is kept because its writer wants none of it, and empty the form; a button calls this."""
        self._write(self.forget)
        self.forgotten()
        empty()

    def caption(self, empty: Callable[[], None], *, key: str) -> None:
        """Say that what was typed is kept since when, and offer to throw it away."""
        if self.kept is None:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{key}_draft"):
            st.caption(f"Draft from {plain(words.clock_time(self.kept.saved_at))} kept", width="content")
            st.button("Throw away", key=f"{key}_throw_away", type="tertiary", on_click=self.throw_away, args=(empty,))

    def _write(self, verb: Callable[[Work], Any]) -> Any:
        may_write = self.person is not None and self.person.access is not AccessRole.VIEWER
        return attempt(verb) if may_write else None


def _mirror() -> dict[tuple[int, str], Kept]:
    mirror: dict[tuple[int, str], Kept] = st.session_state.setdefault(_MIRROR, {})
    return mirror
