"""What customers were to read and have not. It stands above every view: by the countdown alone all looks well."""

from collections.abc import Sequence

import streamlit as st

from ims.model import Customer, Delivery, DeliveryState
from ims.store import deliveries
from ims.ui import places, words
from ims.ui.incident.situation import Situation
from ims.ui.incident.views import View
from ims.ui.session import portal
from ims.ui.text import line

MOST_NAMED = 5


@st.fragment(run_every="15s")
def draw(situation: Situation) -> None:
    """Say who has not got which message and what happens next, until they have; it refreshes alone."""
    incident = situation.incident
    with portal().reading() as session:
        late = deliveries.unreached(session, incident.id)
    if not late:
        return
    colour = "red" if any(each.state is DeliveryState.STOPPED for each in late) else "orange"
    with st.container(border=True, gap="xsmall", key="unreached"):
        label = f":{colour}[:material/mark_email_unread: **Not told yet: {_whom(late, situation.case.customers)}**]"
        places.link("incident", label, key=incident.key, view=View.CUSTOMERS.value)
        st.caption(_why(late))


def _whom(late: Sequence[Delivery], customers: Sequence[Customer]) -> str:
    names = {customer.id: customer.name for customer in customers}
    missing = list(dict.fromkeys(names.get(each.customer_id or 0, each.recipient) for each in late))
    more = f", and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    return ", ".join(line(name, 60) for name in missing[:MOST_NAMED]) + more


def _why(late: Sequence[Delivery]) -> str:
    """Name what each way says, once, and who does what about it."""
    said = " ".join(dict.fromkeys(line(each.problem, 160) for each in late if each.problem))
    stopped = sum(each.state is DeliveryState.STOPPED for each in late)
    if stopped == len(late):
        return f"{said} Nothing is tried again until somebody mends it."
    tried = "The portal tries again by itself; if it lasts, call them."
    rest = f" {words.counted(stopped, 'message')} of {len(late)} stopped, and a person must mend it." if stopped else ""
    return f"{said} {tried}{rest}"
