"""The strip on every page: each incident that is not over for customers, its commander, and when they hear next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from ims.model import Incident, Severity
from ims.response import cadence
from ims.store import overview
from ims.ui import places, words
from ims.ui.session import portal
from ims.ui.text import line

SOON = timedelta(minutes=10)
MOST_SHOWN = 3
MOST_DRILLS = 2


def draw() -> None:
    """Draw the strip, and draw it again every fifteen seconds without disturbing the page."""
    _live()


@st.fragment(run_every="15s")
def _live() -> None:
    with portal().reading() as session:
        active = overview.burning_with_commanders(session)
        stopped = overview.stopped_deliveries(session)
    unusable = portal().ports.unusable
    if not active and not stopped and not unusable:
        return
    with st.container(border=True, gap=None, key="strip"):
        _incidents(active, portal().clock())
        if stopped:
            text = f":orange[**{words.counted(stopped, 'message')} {'needs' if stopped == 1 else 'need'} a person**]"
            places.link("deliveries", text, icon="outgoing_mail")
        for title in unusable:
            places.link("integrations", f":red[**{title} is configured by half**]", icon="build")


def _incidents(active: Sequence[tuple[Incident, str | None]], now: datetime) -> None:
    """Draw what is real, and the drills apart below it."""
    real = [pair for pair in urgent_first(active) if not pair[0].drill]
    drills = [pair for pair in urgent_first(active) if pair[0].drill]
    for incident, commander in real[:MOST_SHOWN]:
        _incident(incident, commander, now)
    if len(real) > MOST_SHOWN:
        places.link("incidents", f"and {words.counted(len(real) - MOST_SHOWN, 'more active incident')}")
    for incident, commander in drills[:MOST_DRILLS]:
        _incident(incident, commander, now)
    if len(drills) > MOST_DRILLS:
        places.link("drills", f"and {words.counted(len(drills) - MOST_DRILLS, 'more drill')}")


def _incident(incident: Incident, commander: str | None, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        places.incident_link(incident.key, incident.title, before=words.incident_chip(incident))
        st.markdown(f":small[IC {line(commander or 'nobody', 40)} · {countdown(incident, now)}]")


def urgent_first(active: Sequence[tuple[Incident, str | None]]) -> list[tuple[Incident, str | None]]:
    """Sort by severity, then by whose customers wait longest; what nobody has judged yet comes after the worst."""
    never = datetime.max.replace(tzinfo=UTC)

    def urgency(pair: tuple[Incident, str | None]) -> tuple[str, datetime]:
        incident = pair[0]
        return incident.severity or f"{Severity.SEV1}, perhaps", incident.next_update_due_at or never

    return sorted(active, key=urgency)


def countdown(incident: Incident, now: datetime) -> str:
    """Say when customers hear next, as Markdown: amber in the last ten minutes, red when late, or why it is held."""
    due_at, held_until = incident.next_update_due_at, incident.updates_held_until
    if due_at is None:
        return "no customer waits"
    if held_until and cadence.is_held(incident, now):
        return f"updates held until {words.clock_time(held_until)}: {line(incident.updates_hold_reason, 60)}"
    what = "customer update" if incident.is_active else "resolved, last word to customers"
    if incident.drill:  # no customer waits for it, so it is not red either
        away = words.duration(due_at - now)
        return f"rehearsed: {what} {f'{away} late' if due_at < now else f'in {away}'}"
    if due_at < now:
        return f":red[**{what} {words.duration(now - due_at)} late**]"
    text = f"{what} in {words.duration(due_at - now)}"
    return f":orange[**{text}**]" if due_at - now <= SOON else text
