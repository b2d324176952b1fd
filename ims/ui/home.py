"""The landing page: what needs me now, what needs the team, who is on call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from sqlmodel import Session

from ims.model import EntryKind, FollowUp, Incident, IncidentRole, Person
from ims.model.coordination import Ask
from ims.model.handover import Handover
from ims.postmortem.review.deadline import DueDocument
from ims.response import agenda
from ims.response.agenda import Task
from ims.response.command import acknowledge
from ims.sop.case import Case
from ims.sop.evaluation import evaluate
from ims.sop.procedure import Step
from ims.store import catalogue, coordination, deliveries, on_call, overview
from ims.store.overview import WaitingAlerts
from ims.ui import places, strip, welcome, words
from ims.ui.incident import asks
from ims.ui.incident.handover import how_far, offer_words
from ims.ui.incident.views import View
from ims.ui.rca import due as documents
from ims.ui.session import acting_person, attempt, portal
from ims.ui.text import line, plain

MOST_INCIDENTS = 8  # of one person; their procedures are evaluated at every look
MOST_FOLLOW_UPS = 5
Mine = tuple[Case, set[IncidentRole]]


@dataclass(frozen=True)
class Situation:
    """Everything the page shows, read at one moment."""

    now: datetime
    unacknowledged: Sequence[Incident]
    tasks: Sequence[Task]
    handovers: Sequence[Handover]
    ended_shifts: Sequence[tuple[Incident, datetime]]
    people: Mapping[int, Person]
    asks: Sequence[Ask]
    follow_ups: Sequence[FollowUp]
    documents: Sequence[DueDocument]
    alerts: WaitingAlerts
    stopped: int
    unreached: Mapping[str, int]
    unclosed: Sequence[Incident]
    last: Incident | None
    on_call: str

    @property
    def is_quiet(self) -> bool:
        """Whether nothing asks for anybody."""
        mine = self.unacknowledged or self.tasks or self.handovers or self.ended_shifts or self.asks
        if mine or self.follow_ups or self.documents or self.alerts.count or self.stopped or self.unreached:
            return False
        return not any(incident.is_active or incident.next_update_due_at for incident in self.unclosed)


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
    real = [incident for incident in unclosed if not incident.drill]  # a drill is nothing to the rest of the team
    mine = _mine_in(session, unclosed, person) if person else []
    handovers = _handovers(session, unclosed, person) if person else []
    ended = _ended_shifts(mine, handovers, person) if person else []
    return Situation(
        now=now,
        unacknowledged=[incident for incident in real if incident.is_active and incident.acknowledged_at is None],
        tasks=_tasks(session, mine, {incident.id for incident, _ in ended}, now),
        handovers=handovers,
        ended_shifts=ended,
        people=catalogue.people_by_id(
            session, {each for row in handovers for each in (row.from_person_id, row.to_person_id)}
        ),
        asks=coordination.open_asks_of(session, person.id) if person else [],
        follow_ups=overview.follow_ups_of(session, person.id) if person else [],
        documents=documents.read(session, person, now),
        alerts=overview.waiting_alerts(session),
        stopped=overview.stopped_deliveries(session),
        unreached={f"INC-{number}": count for number, count in deliveries.unreached_by_incident(session).items()},
        unclosed=real,
        last=overview.newest_incident(session),
        on_call=who_is_on_call(session, now),
    )


def _mine_in(session: Session, unclosed: Sequence[Incident], person: Person) -> list[Mine]:
    """Return the cases in which a person answers for a role, with those roles."""
    assignments = overview.roles_in(session, [incident.id for incident in unclosed])
    roles = agenda.roles_by_person(assignments).get(person.id, {})
    theirs = [incident for incident in unclosed if incident.id in roles]
    mine = sorted(theirs, key=lambda incident: incident.drill)[:MOST_INCIDENTS]
    ids = [incident.id for incident in mine]
    timelines, customers = (
        (overview.timelines(session, ids), overview.customers_affected(session, ids)) if ids else ({}, {})
    )
    return [
        (Case(incident, timelines.get(incident.id, []), customers.get(incident.id, [])), roles[incident.id])
        for incident in mine
    ]


def _tasks(session: Session, mine: Sequence[Mine], asked: Collection[int], now: datetime) -> list[Task]:
    """Return the steps that wait; where somebody is ``asked`` to hand over or to stay on, that step says no more."""
    found = []
    for case, roles in mine:
        statuses = evaluate(portal().procedure_of(session, case.incident), case, now)
        waiting = [each for each in statuses if case.incident.id not in asked or not _ends_a_shift(each.step)]
        found += agenda.tasks(case.incident, waiting, roles)
    return sorted(found, key=lambda task: (task.incident.drill, task.due_at is None, task.due_at))


def _ends_a_shift(step: Step) -> bool:
    return step.done_when is not None and EntryKind.STAYED_ON in step.done_when.any


def _handovers(session: Session, unclosed: Sequence[Incident], person: Person) -> list[Handover]:
    """Return what is offered to a person, then what they offer."""
    under_way = coordination.handovers_under_way(session, [incident.id for incident in unclosed])
    mine = [each for each in under_way if person.id in (each.to_person_id, each.from_person_id)]
    return sorted(mine, key=lambda each: each.to_person_id != person.id)


def _ended_shifts(
    mine: Sequence[Mine], handovers: Sequence[Handover], person: Person
) -> list[tuple[Incident, datetime]]:
    """Return the incidents a person leads although their shift has ended, with its end; not what they offer already."""
    offered = {each.incident_id for each in handovers if each.role is IncidentRole.COMMANDER}
    led = [case for case, roles in mine if IncidentRole.COMMANDER in roles and case.incident.id not in offered]
    ended = [(case.incident, agenda.shift_ended_at(case, person.id)) for case in led]
    return [(incident, ended_at) for incident, ended_at in ended if ended_at]


def who_is_on_call(session: Session, now: datetime) -> str:
    """Say who is on call until when, who is next, and why the outside schedule does not count; as Markdown."""
    shift = on_call.current_shift(session, now)
    if shift is None:
        return "Nobody is on call: whoever declares an incident leads it. Set up a rota in Settings."
    following = on_call.following_shift(session, shift, now)
    names = catalogue.people_by_id(session, [each.person_id for each in (shift, following) if each])
    text = f"On call: **{_name(names, shift.person_id)}** until {words.moment(shift.ends_at)}"
    if following and following.person_id != shift.person_id:
        text += f", then {_name(names, following.person_id)}"
    problem = on_call.schedule_problem(session, now)
    return f"{text}  \n:small[:orange[:material/event_busy: {line(problem)}]]" if problem else text


def _name(names: dict[int, Person], person_id: int) -> str:
    return line(names[person_id].name, 60) if person_id in names else "somebody"


def _mine(situation: Situation, person: Person | None) -> None:
    st.subheader(f"{line(person.name, 60)}, this is yours" if person else "Choose who you are first", anchor=False)
    for incident in situation.unacknowledged:
        _unacknowledged(incident, situation.now)
    for offered in situation.handovers:
        _handover(offered, situation, person)
    for incident, ended_at in situation.ended_shifts:
        _ended_shift(incident, ended_at)
    asks.mine(situation.asks, situation.now)
    for task in situation.tasks:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            label = f"{words.incident_chip(task.incident)} **{task.incident.key}** {plain(task.title)}"
            places.link("incident", label, key=task.incident.key)
            st.markdown(f":small[{due(task, situation.now)} · {line(task.incident.title, 60)}]")
    documents.draw(situation.documents, situation.now)
    _follow_ups(situation)
    theirs = situation.tasks or situation.handovers or situation.ended_shifts or situation.asks or situation.follow_ups
    if not (situation.unacknowledged or theirs or situation.documents):
        st.markdown("Nothing needs you.")


def _handover(offered: Handover, situation: Situation, person: Person | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        label = f"**INC-{offered.incident_id} {offer_words(offered, situation.people, person)}**"
        places.link("briefing", label, icon="swap_horiz", handover=str(offered.id))
        left = words.duration(offered.expires_at - situation.now)
        st.markdown(f":small[{how_far(offered, situation.people)}, stands for {left}]")


def _ended_shift(incident: Incident, ended_at: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        label = f"{words.incident_chip(incident)} **{incident.key} Your shift has ended: hand over, or stay on**"
        places.link("incident", label, key=incident.key)
        st.markdown(f":small[at {words.clock_time(ended_at)} · {line(incident.title, 60)}]")


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
    if not (situation.alerts.count or situation.stopped or situation.unreached or resolved):
        return
    st.subheader("The team", anchor=False)
    for key, count in situation.unreached.items():
        unsaid = words.counted(count, "message to a customer has", "messages to customers have")
        places.link("incident", f":red[**{key}** {unsaid} not arrived]", icon="mark_email_unread", key=key,
                    view=View.CUSTOMERS.value)  # fmt: skip
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
    for incident in resolved:
        if incident.next_update_due_at:
            _last_word(incident, situation.now)
    if resolved:
        waiting = words.counted(len(resolved), "resolved incident waits", "resolved incidents wait")
        places.link("incidents", f"{waiting} for the root-cause work and closing", icon="description", state="Resolved")


def _last_word(incident: Incident, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        label = f"{words.severity_chip(incident.severity)} **{incident.key}** Tell the customers it is resolved"
        places.link("incident", label, key=incident.key, view=View.CUSTOMERS.value)
        st.markdown(f":small[{strip.countdown(incident, now)}]")


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
