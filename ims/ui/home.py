"""The landing page: what needs me now, what needs the team, who is on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from sqlmodel import Session

from ims.model import FollowUp, Incident, Person
from ims.model.rota import shift_at
from ims.response import agenda
from ims.response.agenda import Task
from ims.response.command import acknowledge
from ims.sop.case import Case
from ims.sop.evaluation import evaluate
from ims.store import catalogue, overview
from ims.store.overview import WaitingAlerts
from ims.ui import places, welcome, words
from ims.ui.session import acting_person, attempt, portal
from ims.ui.text import line, plain

MOST_INCIDENTS = 8  # of one person; their procedures are evaluated at every look
MOST_FOLLOW_UPS = 5


@dataclass(frozen=True)
class Situation:
    """Everything the page shows, read at one moment."""

    now: datetime
    unacknowledged: Sequence[Incident]
    tasks: Sequence[Task]
    follow_ups: Sequence[FollowUp]
    alerts: WaitingAlerts
    stopped: int
    unclosed: Sequence[Incident]
    last: Incident | None
    on_call: str

    @property
    def is_quiet(self) -> bool:
        """Whether nothing asks for anybody."""
        waits = self.unacknowledged or self.tasks or self.follow_ups or self.alerts.count or self.stopped
        return not waits and not any(incident.is_active for incident in self.unclosed)


def draw() -> None:
    """Draw the page, or the welcome of an empty portal."""
    with portal().reading() as session:
        empty = overview.is_empty(session)
    if empty:
        welcome.draw()
    else:
        st.title("What needs me now", anchor=False)
        _live()


@st.fragment(run_every="30s")
def _live() -> None:
    person = acting_person()
    with portal().reading() as session:
        situation = read(session, person, portal().clock())
    st.markdown(situation.on_call)
    if situation.is_quiet:
        _quiet(situation)
        return
    _mine(situation, person)
    _team(situation)


def read(session: Session, person: Person | None, now: datetime) -> Situation:
    """Read what the page shows for a person; the person may be nobody in particular."""
    unclosed = overview.unclosed(session)
    return Situation(
        now=now,
        unacknowledged=[incident for incident in unclosed if incident.is_active and incident.acknowledged_at is None],
        tasks=_tasks(session, unclosed, person, now) if person else [],
        follow_ups=overview.follow_ups_of(session, person.id) if person else [],
        alerts=overview.waiting_alerts(session),
        stopped=overview.stopped_deliveries(session),
        unclosed=unclosed,
        last=overview.newest_incident(session),
        on_call=on_call(session, now),
    )


def _tasks(session: Session, unclosed: Sequence[Incident], person: Person, now: datetime) -> list[Task]:
    assignments = overview.roles_in(session, [incident.id for incident in unclosed])
    roles = agenda.roles_by_person(assignments).get(person.id, {})
    mine = [incident for incident in unclosed if incident.id in roles][:MOST_INCIDENTS]
    ids = [incident.id for incident in mine]
    timelines, customers = (
        (overview.timelines(session, ids), overview.customers_affected(session, ids)) if ids else ({}, {})
    )
    found = []
    for incident in mine:
        case = Case(incident, timelines.get(incident.id, []), customers.get(incident.id, []))
        statuses = evaluate(portal().procedure_of(session, incident), case, now)
        found += agenda.tasks(incident, statuses, roles[incident.id])
    return sorted(found, key=lambda task: (task.due_at is None, task.due_at))


def on_call(session: Session, now: datetime) -> str:
    """Say who is on call until when, and who is next, as Markdown."""
    rota = next(iter(catalogue.rotas(session)), None)
    members = catalogue.rota_members(session, rota.id) if rota else []
    if rota is None or not members:
        return "Nobody is on call: whoever declares an incident leads it. Set up a rota in Settings."
    overrides = catalogue.rota_overrides(session, rota.id)
    shift = shift_at(rota, members, overrides, now)
    following = shift_at(rota, members, overrides, shift.ends_at)
    names = catalogue.people_by_id(session, [shift.person_id, following.person_id])
    text = f"On call: **{_name(names, shift.person_id)}** until {words.moment(shift.ends_at)}"
    if following.person_id != shift.person_id:
        text += f", then {_name(names, following.person_id)}"
    return text


def _name(names: dict[int, Person], person_id: int) -> str:
    return line(names[person_id].name, 60) if person_id in names else "somebody"


def _mine(situation: Situation, person: Person | None) -> None:
    st.subheader(f"{line(person.name, 60)}, this is yours" if person else "Choose who you are first", anchor=False)
    for incident in situation.unacknowledged:
        _unacknowledged(incident, situation.now)
    for task in situation.tasks:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            label = f"{words.severity_chip(task.incident.severity)} **{task.incident.key}** {plain(task.title)}"
            places.link("incident", label, key=task.incident.key)
            st.markdown(f":small[{due(task, situation.now)} · {line(task.incident.title, 60)}]")
    _follow_ups(situation)
    if not (situation.unacknowledged or situation.tasks or situation.follow_ups):
        st.markdown("Nothing needs you.")


def _unacknowledged(incident: Incident, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        places.incident_link(incident.key, incident.title, before=words.severity_chip(incident.severity))
        st.markdown(f":small[:red[**nobody has acknowledged it for {words.duration(now - incident.declared_at)}**]]")
        if st.button("Acknowledge", icon=":material/waving_hand:", type="primary", key=f"acknowledge_{incident.id}"):
            here = attempt(lambda work: acknowledge(work, incident.id), f"You acknowledged {incident.key}.")
            if here:
                places.go("incident", key=incident.key)


def due(task: Task, now: datetime) -> str:
    """Say when a task is due, as Markdown: red when it is late."""
    if task.late_by:
        return f":red[**late by {words.duration(task.late_by)}**]"
    return f"due in {words.duration(task.due_at - now)}" if task.due_at else "when there is time"


def _follow_ups(situation: Situation) -> None:
    today = situation.now.astimezone(words.zone()).date()
    for follow_up in situation.follow_ups[:MOST_FOLLOW_UPS]:
        overdue = follow_up.due_on is not None and follow_up.due_on < today
        when = f"due {follow_up.due_on:%d %b %Y}" if follow_up.due_on else "no due date"
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            places.link("incident", f"**INC-{follow_up.incident_id}** {line(follow_up.text, 90)}",
                        icon="task_alt", key=f"INC-{follow_up.incident_id}")  # fmt: skip
            st.markdown(f":small[follow-up, {f':red[**over{when}**]' if overdue else when}]")
    if len(situation.follow_ups) > MOST_FOLLOW_UPS:
        places.link("follow_ups", f"All my {len(situation.follow_ups)} follow-ups", icon="task_alt")


def _team(situation: Situation) -> None:
    resolved = [incident for incident in situation.unclosed if not incident.is_active]
    if not (situation.alerts.count or situation.stopped or resolved):
        return
    st.subheader("The team", anchor=False)
    newest = situation.alerts.newest
    if newest:
        waits = words.counted(situation.alerts.count, "firing alert")
        since = words.duration(situation.now - newest.starts_at)
        label = f"**{waits} to decide about**, the newest {since} ago: {line(newest.name, 60)}"
        places.link("alerts", label, icon="notification_important")
    if situation.stopped:
        stopped = words.counted(
            situation.stopped, "message stopped and needs a person", "messages stopped and need a person"
        )
        places.link("deliveries", f"**{stopped}**", icon="outgoing_mail")
    if resolved:
        waiting = words.counted(len(resolved), "resolved incident waits", "resolved incidents wait")
        places.link("incidents", f"{waiting} for the root-cause work and closing", icon="description", state="Resolved")


def _quiet(situation: Situation) -> None:
    st.success("Nothing needs you.", icon=":material/check_circle:")
    resolved = len(situation.unclosed)
    if resolved:
        _team(situation)
    if situation.last:
        ago = words.duration(situation.now - situation.last.declared_at)
        st.markdown(f"The last incident was declared {ago} ago:")
        places.incident_link(
            situation.last.key, situation.last.title, before=words.severity_chip(situation.last.severity)
        )
    else:
        st.markdown("No incident was declared so far.")
    places.link("declare", "Declare an incident", icon="emergency")
