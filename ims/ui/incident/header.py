"""The head of the page: what it is, how bad, who leads, how long, and when customers hear next."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

import streamlit as st

from ims.model import Incident, IncidentRole, IncidentState
from ims.store import incidents
from ims.ui import words
from ims.ui.incident import cadence, markup
from ims.ui.incident.situation import JUST_READ, Situation
from ims.ui.session import portal
from ims.ui.text import plain

MOST_NAMED = 5
_BORDER = {"red": "#e53935", "orange": "#e08a00", "green": "#2e9e44", "gray": "#8a8f98"}


def draw(situation: Situation) -> None:
    """Draw the title, the chips and the facts; the facts keep themselves current."""
    incident = situation.incident
    st.set_page_config(page_title=f"{incident.key} {incident.title}")
    st.subheader(f"{incident.key} · {plain(incident.title)}", anchor=False)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        _chips(incident)
    _live(situation)


def _chips(incident: Incident) -> None:
    st.markdown(words.severity_chip(incident.severity), width="content")
    st.html(state_chip(incident.state), width="content")
    if incident.precaution:
        st.badge("Precaution", icon=":material/shield:", color="violet")
    if incident.drill:
        st.badge("Drill", icon=":material/exercise:", color="violet")


def state_chip(state: IncidentState) -> str:
    """Return the outlined chip of a state; the word keeps the colour of the page's text, so that it can be read."""
    return (
        f'<span class="ims-chip" style="border-color:{_BORDER[words.STATE_COLOUR[state]]}">'
        f"{escape(words.STATE[state])}</span>"
    )


@st.fragment(run_every="15s")
def _live(situation: Situation) -> None:
    now, incident = portal().clock(), situation.incident
    if now - situation.now > JUST_READ:
        with portal().reading() as session:
            incident = incidents.by_key(session, incident.key)
    markup.html(f'<dl class="ims-facts">{"".join(_facts(situation, incident, now))}</dl>')
    if incident.version != situation.incident.version and st.button(
        "Something new happened. Show it",
        key="show_news",
        icon=":material/refresh:",
        type="tertiary",
    ):
        st.rerun()


def _facts(situation: Situation, incident: Incident, now: datetime) -> list[str]:
    owner = situation.people.get(incident.owner_id or 0)
    commander = situation.holder(IncidentRole.COMMANDER)
    return [
        _fact("Incident Commander", markup.text(commander.name if commander else "nobody yet")),
        _fact("Owner", markup.text(owner.name if owner else "nobody yet")),
        _fact(*_duration(incident, now)),
        _fact(
            cadence.next_word(incident), cadence.countdown(incident, now, has_customers=bool(situation.case.customers))
        ),
        _fact("Services", named([service.name for service in situation.services])),
        _fact("Customers", named([customer.name for customer in situation.case.customers])),
    ]


def named(names: Sequence[str]) -> str:
    """Name a few, and say how many more there are; all of them are behind it."""
    if not names:
        return "none named"
    whole = escape(", ".join(names), quote=True)
    more = f", and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f'<span title="{whole}">{markup.text(", ".join(names[:MOST_NAMED]))}{more}</span>'


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def _duration(incident: Incident, now: datetime) -> tuple[str, str]:
    span = words.duration(incident.lasted_for(now))
    ended = incident.resolved_at or incident.closed_at
    return (
        "Lasted" if ended else "Since it began",
        f"{span} {markup.muted('from ' + markup.when(incident.began_at, now))}",
    )
