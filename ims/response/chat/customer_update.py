"""A customer update from a chat takes two commands, on purpose.

The line is sent by the key that elsewhere only ends a paragraph, and what a customer has read cannot be called back.
So ``update <text>`` shows what would go out and to whom, and ``update confirm`` sends just that: within a few minutes,
and only while it would still be the same update to the same customers. A link to the composer stands beside it, for
whoever wants another subject or time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel
from sqlmodel import Session

from ims.errors import Refusal
from ims.model import CustomerUpdateDraft, Incident, IncidentState, UpdatePhase
from ims.response import drafts
from ims.response.chat import words as say
from ims.response.chat.about import person_id_of
from ims.response.customers import next_promise, phases_for, recipient, send_update, thread_of
from ims.response.templates import UpdateTemplates, customer_time, fill
from ims.response.wording import needed
from ims.sop.procedure import Procedure
from ims.store import drafts as kept_drafts
from ims.store import incidents
from ims.store.work import Work

CONFIRM_WITHIN = timedelta(minutes=10)
LONGEST = 3_000  # characters; it must be seen whole before it is sent


class Shown(BaseModel):
    """A customer update as it was shown to whoever may confirm it."""

    number: int
    draft: CustomerUpdateDraft
    readers: list[str]


@dataclass(frozen=True)
class TwoSteps:
    """Shows an update, then sends it."""

    procedure_of: Callable[[Session, Incident], Procedure]
    templates: UpdateTemplates

    def update(self, work: Work, incident: Incident, text: str, link: str) -> str:
        """Show the update that a text makes, or send the one that was shown, and say so.

        Raises:
            Conflict: somebody else sent an update in this moment.
            Refusal: nothing is shown that could be sent, it would be another one by now, or nobody can be told.
        """
        word, more = say.parted(text)
        if word != "confirm":
            return self._show(work, incident, text, link)
        if more:
            raise Refusal(f"Nothing was sent. To send what you saw, type only: {say.COMMAND} update confirm")
        return self._send(work, incident, link)

    def _show(self, work: Work, incident: Incident, text: str, link: str) -> str:
        asked, body = say.flags(text, [phase.value for phase in UpdatePhase])
        said = needed(body, f"Write what customers shall read, like: {say.COMMAND} update We are on it")
        if len(said) > LONGEST:
            raise Refusal(f"That is too long to be checked here; write it in the portal: {link}")
        readers = _readers(work, incident)
        if not readers:
            raise Refusal(f"No affected customer is named yet; add them first: {link}")
        draft = self._draft(work, incident, _phase(work, incident, asked), said)
        shown = Shown(number=_next_number(work, incident), draft=draft, readers=readers)
        drafts.keep(work, _place(incident), shown.model_dump_json())
        minutes = int(CONFIRM_WITHIN.total_seconds()) // 60
        thread = thread_of(incident, incidents.updates(work.session, incident.id), draft.subject)
        return say.preview(incident.key, shown.number, draft, thread, readers, minutes, link)

    def _draft(self, work: Work, incident: Incident, phase: UpdatePhase, said: str) -> CustomerUpdateDraft:
        """Return the update with the subject of its phase; it ends with the promise that it makes."""
        customers = incidents.customers_of(work.session, incident.id)
        procedure = self.procedure_of(work.session, incident)
        promise = next_promise(procedure, customers, work.now, incident.severity) if incident.is_active else None
        services = incidents.services_of(work.session, incident.id)
        subject = fill(self.templates, phase, incident, services, promise).subject
        body = f"{said}\n\nYou will hear from us again by {customer_time(promise)}." if promise else said
        return CustomerUpdateDraft(phase=phase, subject=subject, body=body, next_update_at=promise)

    def _send(self, work: Work, incident: Incident, link: str) -> str:
        shown = _kept(work, incident)
        if shown is None:
            raise Refusal(f"Nothing of yours waits to be confirmed in {incident.key}: {say.COMMAND} update <text>")
        if (shown.number, shown.readers) != (_next_number(work, incident), _readers(work, incident)):
            raise Refusal(
                f"Nothing was sent: since you looked, an update went out or the customers of {incident.key} changed. "
                f"Type it again: {say.COMMAND} update <text>"
            )
        update = send_update(work, incident.id, shown.draft, number=shown.number)
        drafts.forget(work, _place(incident))
        return f"Update {update.number} of {incident.key} is on its way. What became of it: {link}"


def _kept(work: Work, incident: Incident) -> Shown | None:
    """Return what was shown to the acting person not too long ago."""
    place = _place(incident)
    kept = kept_drafts.of_person(work.session, person_id_of(work), place).get(place)
    if kept is None or work.now - kept.saved_at > CONFIRM_WITHIN:
        return None
    return Shown.model_validate_json(kept.text)


def _phase(work: Work, incident: Incident, asked: set[str]) -> UpdatePhase:
    """Return the phase of an update: the one asked for, else as the incident stands, else as the last one."""
    allowed = phases_for(incident)
    asked_for = [UpdatePhase(word) for word in sorted(asked)]
    if not allowed or not set(asked_for) <= set(allowed) or len(asked_for) > 1:
        fitting = ", ".join(f"--{phase.value}" for phase in allowed) or "none"
        raise Refusal(f"{incident.key} is {incident.state.value}; the phase of an update can be: {fitting}.")
    mitigated = [UpdatePhase.MITIGATED] if incident.state is IncidentState.MITIGATED else []
    written = [update.phase for update in incidents.updates(work.session, incident.id)]
    return next((phase for phase in asked_for + mitigated + written[-1:] if phase in allowed), allowed[0])


def _next_number(work: Work, incident: Incident) -> int:
    return len(incidents.updates(work.session, incident.id)) + 1


def _readers(work: Work, incident: Incident) -> list[str]:
    return [say.reached(recipient(customer)) for customer in incidents.customers_of(work.session, incident.id)]


def _place(incident: Incident) -> str:
    return f"{incident.key}:chat"
