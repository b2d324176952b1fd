"""What stands around an incident: its alerts, ticket, war room, root-cause document and meeting."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from ims.model import Alert, AlertStatus, Meeting, RcaDocument, Ticket
from ims.postmortem.following_up.drift import outside
from ims.response.briefing import meeting_places
from ims.response.links import is_web_link, set_war_room
from ims.store import incidents, references
from ims.ui import places
from ims.ui.incident import drill, markup, silences
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.two_at_once import Field, Form


def draw(situation: Situation) -> None:
    """Draw the links first, the alerts below."""
    incident = situation.incident
    with portal().reading() as session:
        tickets = incidents.tickets(session, incident.id)
        document = incidents.rca_document(session, incident.id)
        meetings = incidents.meetings(session, incident.id)
        alerts = incidents.alerts_of(session, incident.id)
        channel = references.of_incident(session, incident.id).get("channel")
    facts = [
        _fact("Ticket", ticket_html(tickets)),
        *([_fact("Channel", link_html(channel.url, "open it"))] if channel else []),
        _fact("War room", link_html(incident.war_room) if incident.war_room else "not set"),
        _fact("Root-cause document", _document(document, situation)),
        _fact("Root-cause meeting", _meeting(meetings, situation)),
    ]
    markup.html(f'<dl class="ims-facts">{"".join(facts)}</dl>')
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("War room", key="war_room", icon=":material/meeting_room:", on_click=ask, args=("war_room",))
        places.link("rca", "Document, meeting and follow-ups", icon="description", key=incident.key)
        if not incident.drill:
            places.link("alerts", "Alerts that wait", icon="notification_important")
    if incident.drill:
        drill.alerts(situation)
    else:
        _alerts(alerts, situation)
        silences.draw(situation, alerts)


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def link_html(address: str, shown: str = "") -> str:
    """Return a link where the address is a web address, else only its text."""
    if not is_web_link(address):
        return markup.text(shown or address)
    href = escape(address.strip())
    return f'<a href="{href}" target="_blank" rel="noopener noreferrer">{markup.text(shown or address)}</a>'


def ticket_html(tickets: Sequence[Ticket]) -> str:
    """Say the ticket's key and how many sub-tasks it has."""
    main = next((ticket for ticket in tickets if ticket.parent_id is None), None)
    if main is None:
        return "none"
    if not main.key:
        return "asked for; the ticket system has not answered yet"
    sub_tasks = sum(1 for ticket in tickets if ticket.parent_id is not None)
    beside = [
        *([f"({outside(main)})"] if outside(main) else []),
        *([f"{sub_tasks} sub-tasks"] if sub_tasks else []),
    ]
    return f"{link_html(main.url, main.key)} {markup.muted(' '.join(beside)) if beside else ''}"


def _document(document: RcaDocument | None, situation: Situation) -> str:
    if document is None:
        return "not created yet"
    state = document.state.value.replace("_", " ")
    created = f"by {markup.text(document.created_by)}, {markup.when(document.created_at, situation.now)}"
    return f"{state} {markup.muted(created)}"


def _meeting(meetings: Sequence[Meeting], situation: Situation) -> str:
    if not meetings:
        return "not planned yet"
    last = meetings[-1]
    return f"{last.state.value} {markup.muted(markup.when(last.starts_at, situation.now))}"


def _alerts(alerts: Sequence[Alert], situation: Situation) -> None:
    if not alerts:
        st.caption("No alert belongs to this incident. The Alerts page attaches one.")
        return
    rows = "".join(f"<li>{_alert(alert, situation)}</li>" for alert in alerts)
    markup.html(f'<b>Alerts</b><ul class="ims-steps">{rows}</ul>')


def _alert(alert: Alert, situation: Situation) -> str:
    is_firing = alert.status is AlertStatus.FIRING
    icon = markup.icon("notifications_active" if is_firing else "notifications_off")
    ended = f", ended {markup.when(alert.ends_at, situation.now)}" if alert.ends_at and not is_firing else ""
    labels = " ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
    summary = alert.annotations.get("summary") or alert.annotations.get("description") or ""
    return (
        f"{icon}<span><b>{link_html(alert.generator_url, alert.name)}</b> {alert.status.value} "
        f"{markup.muted(f'since {markup.when(alert.starts_at, situation.now)}{ended}')}<br>{markup.text(summary)}"
        f"<br>{markup.muted(markup.text(labels))}</span>"
    )


@st.dialog("War room", icon=":material/meeting_room:", on_dismiss=close_dialog)
def war_room(situation: Situation) -> None:
    """Ask where the response team meets."""
    field = Field("Link to the call or channel", "war_room_link")
    opened = Form(f"war_room_{situation.incident.key}", {"war_room": field})
    opened.open_on({"war_room": situation.incident.war_room})
    with st.form("war_room"):
        link = st.text_input(field.label, key=field.key, placeholder="https://")
        if st.form_submit_button("Save", key="war_room_submit", type="primary"):
            seen = opened.seen["war_room"]
            do(
                lambda work: set_war_room(work, situation.incident.id, link, seen=seen),
                "Saved",
                on_conflict=opened.meet,
            )
    opened.settle()


@st.fragment(run_every="15s")
def line(situation: Situation) -> None:
    """Draw the ways to the war room, channel and ticket in the head of the page; they appear as systems open them."""
    with portal().reading() as session:
        incident = incidents.by_key(session, situation.incident.key)
        places = meeting_places(incident, references.of_incident(session, incident.id))
    links = [link_html(address, name) for name, address in places.items() if is_web_link(address)]
    if links:
        markup.html(f"{markup.icon('meeting_room')} {' · '.join(links)}")
