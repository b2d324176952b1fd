"""The draft of an update: kept for the session and by the portal, so that neither another page nor a reload loses it.

Text that nobody touched follows the template when the phase, the promise or the incident changes, and so does the
phase when the incident moves on. Once a person wrote in it, only the promised time in it follows, and the template is
offered.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from ims.model import UpdatePhase
from ims.response.customers import phases_for
from ims.response.templates import customer_time
from ims.ui import words
from ims.ui.drafts import Draft
from ims.ui.updates import keeping
from ims.ui.updates.situation import Situation


@dataclass(frozen=True)
class DraftState:
    """The part of the session that holds the draft of one incident, and where the portal keeps it."""

    incident_id: int
    place: Draft

    def key(self, name: str) -> str:
        """Return the key of a widget of the draft."""
        return f"update_{self.incident_id}_{name}"

    def get(self, name: str) -> Any:
        """Return a value of the draft, ``None`` where there is none."""
        return st.session_state.get(self.key(name))

    def set(self, **values: Any) -> None:
        """Keep values of the draft; those of widgets only before the widget is drawn."""
        for name, value in values.items():
            if self.get(name) != value:
                st.session_state[self.key(name)] = value

    @property
    def phase(self) -> UpdatePhase:
        """The phase that is chosen."""
        return UpdatePhase(self.get("phase"))

    @property
    def promise(self) -> datetime | None:
        """The promised time of the next update; a resolved update promises none."""
        local: datetime | None = self.get("promise")
        if local is None or self.phase is UpdatePhase.RESOLVED:
            return None
        return local.replace(tzinfo=words.zone()).astimezone(UTC)

    @property
    def written(self) -> tuple[str, str]:
        """Subject and body as they stand in their fields."""
        return self.get("subject") or "", self.get("body") or ""

    @property
    def is_touched(self) -> bool:
        """Whether a person wrote in the subject or in the body."""
        return bool(self.written != self.get("filled"))

    @property
    def number(self) -> int:
        """Which update of the incident the writer was writing."""
        return int(self.get("number"))

    def take_template(self) -> None:
        """Give the text up for the template, and keep it for the moment it is missed."""
        self.set(put_aside=self.written, filled=self.written)

    def bring_back(self) -> None:
        """Take the text back that the template replaced."""
        subject, body = self.get("put_aside")
        self.set(subject=subject, body=body, put_aside=None)

    def renumber(self, number: int) -> None:
        """Let the draft be the next update, after somebody else sent one."""
        self.set(number=number)

    def keep(self) -> None:
        """Let the portal keep what a person wrote, so that it outlives this session."""
        held = {name: self.get(name) for name in (*keeping.FIELDS, "promise")}
        self.place.keep(keeping.worth_keeping(held, is_touched=self.is_touched))

    def finish(self) -> None:
        """Forget the draft because it was sent or thrown away; the next look begins a new one."""
        self.place.forgotten()
        del st.session_state[self.key("number")]


def prepare(situation: Situation) -> DraftState:
    """Begin a draft, or bring the one that is there up to date, before its fields are drawn."""
    draft = DraftState(situation.incident.id, keeping.place(situation))
    if draft.get("number") is None or draft.get("body") is None:
        _begin(draft, situation)
    suggested = situation.suggested_phase.value
    moved_on = draft.get("suggested") != suggested and not draft.is_touched
    if moved_on or draft.phase not in phases_for(situation.incident):
        draft.set(phase=suggested)
    draft.set(suggested=suggested)
    if draft.promise and draft.promise <= situation.now:
        draft.set(promise=_local(situation.suggested_promise))
    _follow(draft, situation)
    return draft


def _begin(draft: DraftState, situation: Situation) -> None:
    draft.set(
        number=situation.next_number,
        phase=situation.suggested_phase.value,
        promise=_local(situation.suggested_promise),
        subject="",
        body="",
        filled=("", ""),
        put_aside=None,
        promised=None,
    )
    draft.set(**keeping.restored(draft.place.open()))


def _follow(draft: DraftState, situation: Situation) -> None:
    """Let subject and body follow the template, each until a person wrote in it; then only the promised time does."""
    promised, before = customer_time(draft.promise) if draft.promise else None, draft.get("promised")
    template = situation.template(draft.phase, draft.promise)
    (subject, body), (filled_subject, filled_body) = draft.written, draft.get("filled")
    if not draft.is_touched:
        draft.set(number=situation.next_number)
    if subject == filled_subject:
        subject = filled_subject = template.subject
    if body == filled_body:
        body = filled_body = template.body
    elif promised and before:
        body = body.replace(before, promised)
    draft.set(subject=subject, body=body, filled=(filled_subject, filled_body), promised=promised)


def _local(moment: datetime) -> datetime:
    """Return a time as the viewer's clock shows it, without a zone, as the field for it takes it."""
    return moment.astimezone(words.zone()).replace(tzinfo=None)
