"""Filing the follow-ups: each is a sub-task of the incident's ticket, or it is said that none is needed."""

from ims.delivery.tickets import ask_for_sub_tasks, open_sub_task, open_ticket
from ims.errors import Refusal
from ims.model import EntryKind, FollowUpState, TimelineEntry
from ims.store import postmortem
from ims.store.work import Work


def file_follow_ups(work: Work, incident_id: int, *, none_needed: str = "") -> TimelineEntry:
    """Say that the follow-ups are complete and filed as sub-tasks. Repeating it without new ones changes nothing.

    ``none_needed`` is the reason why an incident without follow-ups needs none.

    Raises:
        Refusal: there are no follow-ups, and it is not said why.
    """
    incident = work.incident(incident_id)
    kept = [
        each for each in postmortem.follow_ups(work.session, incident_id) if each.state is not FollowUpState.DROPPED
    ]
    if not kept and not none_needed.strip():
        raise Refusal("There are no follow-ups yet: add them, or say why none is needed.")
    for follow_up in kept:
        if follow_up.ticket_id is None:
            description = f"Follow-up {follow_up.row_id} of {incident.key}"
            follow_up.ticket_id = open_sub_task(work, incident, follow_up.text, description).id
    ask_for_sub_tasks(work, incident, open_ticket(work, incident))
    row_ids = [each.row_id for each in kept]
    filed = postmortem.entries_of_kind(work.session, incident_id, EntryKind.FOLLOW_UPS_FILED)
    if filed and filed[-1].data.get("follow_ups") == row_ids:
        return filed[-1]
    text = f"Follow-ups filed: {', '.join(row_ids)}" if kept else f"No follow-up is needed: {none_needed.strip()}"
    return work.record(incident, EntryKind.FOLLOW_UPS_FILED, text, follow_ups=row_ids)
