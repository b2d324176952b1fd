"""Commands from a chat: one line that a person typed becomes one verb, and its outcome a sentence."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError
from sqlmodel import Session

from ims.clock import Clock
from ims.errors import Refusal, sentences
from ims.model import Actor, Incident, IncidentDraft, IncidentRole, Person
from ims.ports import Command
from ims.response import handover, investigation, states
from ims.response.chat import words as say
from ims.response.chat.about import ChatWork, looked_at, person_id_of, to_be_changed, who_typed
from ims.response.chat.customer_update import TwoSteps
from ims.response.command import ROLE_NAMES, acknowledge, assign_role
from ims.response.declare import declare
from ims.response.templates import UpdateTemplates, customer_time
from ims.response.wording import needed
from ims.sop.procedure import Procedure
from ims.store import catalogue, incidents
from ims.store.work import Work


@dataclass(frozen=True)
class Chat:
    """Answers commands. The portal hands in how it reads and writes, and what it runs under."""

    reading: Callable[[], AbstractContextManager[Session]]
    open_work: Callable[[Actor], AbstractContextManager[Work]]
    procedure: Procedure
    procedure_of: Callable[[Session, Incident], Procedure]
    templates: UpdateTemplates
    base_url: str
    clock: Clock

    def answer(self, command: Command) -> str:
        """Do what somebody typed, in one transaction or not at all, and say in plain text what came of it.

        A command that is delivered again, under the same ``Command.id``, changes nothing more.
        """
        try:
            return self._answer(command)
        except Refusal as refusal:
            return str(refusal)
        except ValidationError as error:
            return " ".join(sentences(error))

    def _answer(self, command: Command) -> str:
        word, rest = say.parted(command.text)
        with self.reading() as session:
            actor = who_typed(session, command)
            if word in _LOOKS:
                return _LOOKS[word](self, session, command, rest)
        if word not in _DOES:
            raise Refusal(say.unknown(word, (*_LOOKS, *_DOES)))
        with self.open_work(actor) as opened:
            return _DOES[word](self, ChatWork(**vars(opened), command=command), rest)

    @cached_property
    def _two_steps(self) -> TwoSteps:
        return TwoSteps(self.procedure_of, self.templates)

    def _link(self, incident: Incident) -> str:
        return f"{self.base_url}/incident?key={incident.key}"

    def _help(self, _session: Session, _command: Command, _rest: str) -> str:
        return say.HELP

    def _list(self, session: Session, _command: Command, _rest: str) -> str:
        active = incidents.active(session)
        held = incidents.holders(session, [each.id for each in active], IncidentRole.COMMANDER)
        people = catalogue.people_by_id(session, held.values())
        said = [say.line_of(each, people[held[each.id]].name if each.id in held else "nobody") for each in active]
        return say.shortened(said, "\n") or "No incident is active."

    def _status(self, session: Session, command: Command, rest: str) -> str:
        incident = looked_at(session, command, rest)
        current = incidents.current_roles(session, incident.id)
        people = catalogue.people_by_id(session, [held.person_id for held in current.values()])
        roles = [
            f"{name}: {people[current[role].person_id].name}" for role, name in ROLE_NAMES.items() if role in current
        ]
        customers = [customer.name for customer in incidents.customers_of(session, incident.id)]
        return say.card(incident, roles, customers, self._link(incident), self.clock())

    def _declare(self, work: ChatWork, rest: str) -> str:
        draft = IncidentDraft.model_validate(say.declared(rest))
        key = f"chat:{work.command.id}" if work.command.id else None
        incident = declare(work, draft, self.procedure, request_key=key)
        commander = work.get(Person, incident.owner_id or 0).name
        return (
            f"{incident.key} is declared: {incident.title}. {commander} is Incident Commander. "
            f"Name the services and customers it affects: {self._link(incident)}"
        )

    def _acknowledge(self, work: ChatWork, rest: str) -> str:
        incident, _ = to_be_changed(work, rest)
        acknowledge(work, incident.id)
        return f"You acknowledged {incident.key}: {self._link(incident)}"

    def _take_communications(self, work: ChatWork, rest: str) -> str:
        incident, _ = to_be_changed(work, rest)
        role = IncidentRole.COMMUNICATIONS
        held = incidents.current_roles(work.session, incident.id).get(role)
        if held and held.person_id != work.actor.person_id:
            name = work.get(Person, held.person_id).name
            raise Refusal(f"{name} is {ROLE_NAMES[role]} of {incident.key}; let them hand it over to you.")
        assign_role(work, incident.id, role, person_id_of(work))
        return f"You are {ROLE_NAMES[role]} of {incident.key}. Customers hear from you: {self._link(incident)}"

    def _note(self, work: ChatWork, rest: str) -> str:
        incident, text = to_be_changed(work, rest)
        investigation.note(work, incident.id, text)
        return f"Noted in the timeline of {incident.key}."

    def _mitigate(self, work: ChatWork, rest: str) -> str:
        incident, text = to_be_changed(work, rest)
        states.mitigate(work, incident.id, text)
        return f"{incident.key} is mitigated. Tell the customers: {self._link(incident)}"

    def _resolve(self, work: ChatWork, rest: str) -> str:
        incident, text = to_be_changed(work, rest)
        fix = needed(text, f"Say what fixed it, like: {say.COMMAND} resolve rolled the release back")
        states.resolve(work, incident.id, fix, self.procedure_of(work.session, incident))
        owed = incident.next_update_due_at
        last_word = f" Customers are owed the last word by {customer_time(owed)}." if owed else ""
        return f"{incident.key} is resolved.{last_word} {self._link(incident)}"

    def _hand_over(self, work: ChatWork, rest: str) -> str:
        incident, text = to_be_changed(work, rest)
        incomer, note = say.addressee(text, catalogue.people(work.session))
        current = incidents.current_roles(work.session, incident.id)
        mine = [role for role in IncidentRole if role in current and current[role].person_id == work.actor.person_id]
        if not mine:
            raise Refusal(f"You hold no role in {incident.key}; offer another's on its page: {self._link(incident)}")
        handover.offer(work, incident.id, mine[0], incomer.id, note)
        return (
            f"{ROLE_NAMES[mine[0]]} of {incident.key} is offered to {incomer.name}, who reads the briefing and accepts "
            "in the portal. Until then it is yours."
        )

    def _update(self, work: ChatWork, rest: str) -> str:
        incident, text = to_be_changed(work, rest)
        return self._two_steps.update(work, incident, text, self._link(incident))


_LOOKS: Mapping[str, Callable[[Chat, Session, Command, str], str]] = {
    "": Chat._help,
    "help": Chat._help,
    "list": Chat._list,
    "status": Chat._status,
}
_DOES: Mapping[str, Callable[[Chat, ChatWork, str], str]] = {
    "declare": Chat._declare,
    "ack": Chat._acknowledge,
    "cl": Chat._take_communications,
    "note": Chat._note,
    "update": Chat._update,
    "handover": Chat._hand_over,
    "mitigate": Chat._mitigate,
    "resolve": Chat._resolve,
}
