"""Who was paged when, who is next and in how long, and what ends it: kept current by itself."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from ims.model import PORTAL, Delivery, DeliveryState
from ims.response.escalation import Outlook, outlook
from ims.store import delivery_filter, incidents, on_call
from ims.store.work import Work
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.situation import Situation
from ims.ui.session import portal

MOST_SHOWN = 6


def draw(situation: Situation) -> None:
    """Draw the pages of an incident that is still fought."""
    if situation.incident.is_active:
        _live(situation)


@st.fragment(run_every="15s")
def _live(situation: Situation) -> None:
    now = portal().clock()
    with portal().reading() as session:
        incident = incidents.by_key(session, situation.incident.key)
        which = delivery_filter.Filter(kind="page", incident_id=incident.id)
        pages, count = (
            delivery_filter.matching(session, which, limit=MOST_SHOWN),
            delivery_filter.count_matching(session, which),
        )
        coming = outlook(Work(session, now, PORTAL), incident, situation.procedure)
        problem = on_call.schedule_problem(session, now) if coming else ""
    if not pages and coming is None:
        return
    markup.html(f"<b>Paging</b><br>{_paged(pages, count, now)}<br>{_coming(coming, situation, now)}")
    if problem:
        markup.html(markup.marked(markup.text(problem), "amber"))


def _paged(pages: Sequence[Delivery], count: int, now: datetime) -> str:
    if not pages:
        return "Nobody was paged."
    earlier = f"{count - len(pages)} earlier, " if count > len(pages) else ""
    return f"Paged: {earlier}{', '.join(_page(each, now) for each in reversed(pages))}"


def _page(delivery: Delivery, now: datetime) -> str:
    """Name who was paged and when; a page that did not go out says so."""
    said = f"{markup.text(str(delivery.payload['person_name']))} {markup.when(delivery.created_at, now)}"
    if delivery.state is DeliveryState.SENT:
        return said
    return f"{said} {markup.marked(words.DELIVERY[delivery.state].lower(), 'amber')}"


def _coming(coming: Outlook | None, situation: Situation, now: datetime) -> str:
    if coming is None:
        return markup.muted("Answered: nobody is paged any more.")
    why = f"because {' and '.join(coming.missing)}"
    person = situation.people.get(coming.person_id or 0)
    if person is None:
        return f"{markup.marked('Nobody can be paged', 'red')} {markup.muted('the rota has no members; ' + why)}"
    span = f"in {words.duration(coming.at - now)}" if coming.at > now else "now"
    next_one = markup.marked(f"Next: {markup.text(person.name)} {span}", "amber")
    return f"{next_one} {markup.muted(f'{markup.when(coming.at, now)}, {why}')}"
