"""The root-cause meeting: proposed, planned, moved, held, called off or waived."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from ims.calendar import calendar_file
from ims.integrations import registry
from ims.model import Incident, Meeting, MeetingDraft, MeetingState, Person
from ims.model.message import Invitation
from ims.postmortem import meeting
from ims.response.links import is_web_link
from ims.store import catalogue, deliveries, incidents
from ims.store.work import Work
from ims.ui import words
from ims.ui.deliveries import chip, next_step
from ims.ui.rca.acting import asked, asking_button, close_dialog, do
from ims.ui.session import portal
from ims.ui.text import line, plain

_LENGTHS = {"30 min": timedelta(minutes=30), "1 h": timedelta(hours=1), "1 h 30 min": timedelta(minutes=90)}


def draw(incident: Incident) -> None:
    """Draw the part."""
    with portal().reading() as session:
        present = meeting.current(session, incident.id)
        waived = meeting.waiver(session, incident.id)
    st.subheader("Meeting", anchor="rca-meeting")
    if present is None:
        if waived:
            st.markdown(f":gray-badge[Waived] {plain(waived.text)}. {plain(waived.author)}.")
        else:
            st.caption("Everyone involved fills in the document together, within five working days.")
        _unplanned(waived=waived is not None)
        return
    _shown(present)
    if present.state is MeetingState.PLANNED:
        _planned(incident, present)


def dialogs(incident: Incident) -> None:
    """Open the dialog that somebody asked for, if it is one of the meeting's."""
    with portal().reading() as session:
        present = meeting.current(session, incident.id)
    dialog = asked()
    if dialog in ("meeting_plan", "meeting_change"):
        _plan(incident, present if dialog == "meeting_change" else None)
    elif dialog == "meeting_waive":
        _waive(incident)
    elif dialog == "meeting_hold" and present:
        _hold(present)
    elif dialog == "meeting_cancel" and present:
        _cancel(present)


def _unplanned(*, waived: bool) -> None:
    with st.container(horizontal=True):
        asking_button("Plan the meeting", "event", "meeting_plan")
        if not waived:
            asking_button("Waive it", "event_busy", "meeting_waive")


def _shown(present: Meeting) -> None:
    state = ":green-badge[Held]" if present.state is MeetingState.HELD else ":blue-badge[Planned]"
    when = f"{words.moment(present.starts_at)} to {words.clock_time(present.ends_at)}"
    st.markdown(f"{state} **{when}**", help=words.utc(present.starts_at))
    st.markdown(plain(", ".join(present.attendees)))
    if is_web_link(present.link):
        label, icon = line(present.link, 80), ":material/videocam:"
        st.link_button(label, present.link.strip(), icon=icon, type="tertiary", key="meeting_join")
    elif present.link:
        st.markdown(plain(present.link))
    _invited(present)


def _invited(present: Meeting) -> None:
    """Say what became of the newest invitation, and whom it did not reach."""
    with portal().reading() as session:
        sent = deliveries.newest_of(session, present.incident_id, Invitation.kind)
    if sent is None or sent.payload.get("meeting_id") != present.id:
        return
    st.markdown(f"{chip(sent)} {plain(sent.proof or next_step(sent, portal().clock()))}")
    if sent.problem:
        st.markdown(f":orange[:material/warning: {plain(sent.problem)}]")


def _planned(incident: Incident, present: Meeting) -> None:
    with st.container(horizontal=True):
        asking_button("It was held", "check", "meeting_hold", primary=present.starts_at <= portal().clock())
        asking_button("Change", "edit_calendar", "meeting_change")
        st.download_button(
            "Invitation (.ics)",
            lambda: _file(incident, present),
            file_name=f"{incident.key}-root-cause.ics",
            mime="text/calendar",
            icon=":material/download:",
            on_click="ignore",
            key="meeting_ics",
        )
        asking_button("Call off", "event_busy", "meeting_cancel")


@st.dialog("The root-cause meeting", width="medium", on_dismiss=close_dialog)
def _plan(incident: Incident, present: Meeting | None) -> None:
    with portal().reading() as session:
        people = {person.email: person for person in catalogue.people(session)}
        involved = meeting.involved(session, incident)
    draft = _first_draft(incident, present, involved)
    start = draft.starts_at.astimezone(words.zone())
    known = list(dict.fromkeys([*draft.attendees, *people]))
    with st.form("meeting_form", border=False):
        title = st.text_input("Title", value=draft.title, key="meeting_title", max_chars=300)
        with st.container(horizontal=True):
            day = st.date_input("Day", value=start.date(), key="meeting_day", width=150)
            hour = st.time_input(f"Starts ({words.zone().key})", value=start.time(), key="meeting_time", width=150)
            lasts = _length(draft.ends_at - draft.starts_at)
        attendees = st.multiselect(
            "Who (everyone involved is proposed)",
            known,
            default=draft.attendees,
            format_func=lambda email: f"{people[email].name} <{email}>" if email in people else email,
            accept_new_options=True,
            key="meeting_attendees",
        )
        link = st.text_input(
            "Link to the video call",
            value=draft.link,
            key="meeting_link",
            max_chars=300,
            placeholder=_who_makes_the_call(),
        )
        agenda = st.text_area("Agenda", value=draft.agenda, height=180, key="meeting_agenda")
        sent = st.form_submit_button("Send invitations", type="primary", key="meeting_submit")
    if sent:
        values: dict[str, object] = {"title": title, "link": link, "agenda": agenda, "attendees": attendees}
        _send(incident, present, values | _span(day, hour, lasts))


def _who_makes_the_call() -> str:
    """Say what an empty link means: a calendar that opens rooms makes one itself."""
    host = registry.serving().get("meetings")
    return f"Leave it empty: {host.title} makes one" if host and "rooms" in host.abilities else "https://"


def _first_draft(incident: Incident, present: Meeting | None, involved: Sequence[Person]) -> MeetingDraft:
    if present:
        return MeetingDraft.model_validate(present.model_dump(include=set(MeetingDraft.model_fields)))
    base_url = portal().settings.base_url
    with portal().reading() as session:
        document = incidents.rca_document(session, incident.id)
    url = document.url if document else ""
    proposed = meeting.proposal(incident, involved, portal().clock(), base_url, document_url=url)
    return proposed or MeetingDraft.model_construct(
        title=f"Root cause of {incident.key}",
        starts_at=portal().clock(),
        ends_at=portal().clock() + timedelta(hours=1),
        link="",
        agenda="",
        attendees=[],
    )


def _length(usual: timedelta) -> timedelta:
    lengths = _LENGTHS | ({} if usual in _LENGTHS.values() else {words.duration(usual): usual})
    chosen = st.selectbox(
        "Lasts", list(lengths), index=list(lengths.values()).index(usual), key="meeting_length", width=130
    )
    return lengths[chosen]


def _span(day: date, hour: time, lasts: timedelta) -> dict[str, datetime]:
    starts_at = datetime.combine(day, hour, words.zone()).astimezone(UTC)
    return {"starts_at": starts_at, "ends_at": starts_at + lasts}


def _send(incident: Incident, present: Meeting | None, values: dict[str, object]) -> None:
    def verb(work: Work) -> Meeting:
        draft = MeetingDraft.model_validate(values)
        return meeting.reschedule(work, present.id, draft) if present else meeting.plan(work, incident.id, draft)

    do(verb, "Invitations are on their way")


@st.dialog("The meeting was held", on_dismiss=close_dialog)
def _hold(present: Meeting) -> None:
    notes = st.text_area("What should stay of it? (optional)", key="meeting_notes")
    if st.button("It was held", type="primary", key="meeting_hold_submit"):
        do(lambda work: meeting.hold(work, present.id, notes), "Noted")


@st.dialog("Call the meeting off?", on_dismiss=close_dialog)
def _cancel(present: Meeting) -> None:
    reason = st.text_area("Why?", key="meeting_cancel_reason")
    if st.button("Call it off and tell everyone", type="primary", key="meeting_cancel_submit"):
        do(lambda work: meeting.cancel(work, present.id, reason), "Everyone is told")


@st.dialog("No meeting?", on_dismiss=close_dialog)
def _waive(incident: Incident) -> None:
    reason = st.text_area("Why is no meeting needed?", key="meeting_waive_reason")
    with portal().reading() as session:
        procedure = portal().procedure_of(session, incident)
    if st.button("Waive the meeting", type="primary", key="meeting_waive_submit"):
        do(lambda work: meeting.waive(work, incident.id, procedure, reason), "The meeting is waived")


def _file(incident: Incident, present: Meeting) -> bytes:
    url = f"{portal().settings.base_url}/incident?key={incident.key}"
    invitation = meeting.invitation_of(incident, present, present.attendees)
    with portal().reading() as session:
        owner = catalogue.people_by_id(session, {incident.owner_id or 0}).get(incident.owner_id or 0)
    answers_to = {"organiser": owner.email} if owner else {}
    return calendar_file(invitation, portal_url=url, now=portal().clock(), **answers_to)
