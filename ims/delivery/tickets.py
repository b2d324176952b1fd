"""Asking for tickets: the ``Incident`` ticket first, its sub-tasks once it has a key."""

from ims.delivery.queue import enqueue
from ims.model import Incident, Ticket
from ims.model.message import SubTaskRequest, TicketRequest
from ims.store import incidents
from ims.store.work import Work


def open_ticket(work: Work, incident: Incident) -> Ticket:
    """Ask the ticket system for the ``Incident`` ticket, once; repeating it changes nothing."""
    present = incidents.main_ticket(work.session, incident.id)
    if present:
        return present
    title = f"{incident.key}: {incident.title}"
    ticket = work.add(
        Ticket(
            incident_id=incident.id,
            title=title,
            description=incident.summary,
            created_at=work.now,
        )
    )
    request = TicketRequest(
        ticket_id=ticket.id,
        incident_key=incident.key,
        title=title,
        description=incident.summary,
    )
    enqueue(
        work,
        request,
        key=f"ticket:{ticket.id}",
        stream=f"ticket:{ticket.id}",
        incident_id=incident.id,
    )
    return ticket


def open_sub_task(work: Work, incident: Incident, title: str, description: str) -> Ticket:
    """Keep a sub-task of the ``Incident`` ticket, and ask the ticket system for it as soon as that has a key."""
    parent = open_ticket(work, incident)
    ticket = work.add(
        Ticket(
            incident_id=incident.id,
            parent_id=parent.id,
            title=title,
            description=description,
            created_at=work.now,
        )
    )
    ask_for_sub_tasks(work, incident, parent)
    return ticket


def ask_for_sub_tasks(work: Work, incident: Incident, parent: Ticket) -> None:
    """Ask for the sub-tasks that wait for their parent's key; each is asked for once.

    A ticket system refuses a sub-task whose parent it does not know, so nothing is asked before the parent has a key.
    """
    if not parent.key:
        return
    waiting = [each for each in incidents.tickets(work.session, incident.id) if each.parent_id and not each.key]
    for ticket in waiting:
        request = SubTaskRequest(
            ticket_id=ticket.id,
            parent_key=parent.key,
            incident_key=incident.key,
            title=ticket.title,
            description=ticket.description,
        )
        enqueue(
            work,
            request,
            key=f"sub_task:{ticket.id}",
            stream=f"ticket:{parent.id}",
            incident_id=incident.id,
        )
