"""What became of each update: its deliveries by customer, with proof, or with what to mend."""

from collections.abc import Iterator

import streamlit as st

from ims.model import CustomerUpdate, Delivery, DeliveryState
from ims.response.customers import phases_for, readers_missed, send_to_missed, ways_missed
from ims.response.unsent import retry
from ims.store.deliveries import PENDING
from ims.ui import places, words
from ims.ui.deliveries import chip, next_step
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain
from ims.ui.updates.situation import Situation, look

_WAY = {"customer_post": ":material/tag: Slack", "customer_mail": ":material/mail: E-mail"}


def draw(situation: Situation) -> None:
    """List the updates, the newest first. While some are on their way the list refreshes alone."""
    if not situation.updates:
        return
    st.subheader("Sent so far", anchor=False)
    on_its_way = any(each.state in PENDING for each in situation.deliveries if each.update_id)
    if on_its_way:
        st.fragment(_look_and_list, run_every="5s")(situation.incident.id)
    else:
        _list(situation)


def _look_and_list(incident_id: int) -> None:
    _list(look(incident_id))


def _list(situation: Situation) -> None:
    names = {customer.id: customer.name for customer in situation.customers}
    for update in reversed(situation.updates):
        with st.container(border=True, gap="small"):
            _head(update)
            for delivery in situation.deliveries:
                if delivery.update_id == update.id:
                    _delivery(delivery, names.get(delivery.customer_id or 0, "a customer no longer named"))
            if update is situation.last_update:
                _missed(situation, update)


def _head(update: CustomerUpdate) -> None:
    promised = f" · next promised for {words.moment(update.next_update_at)}" if update.next_update_at else ""
    st.markdown(f"**Update {update.number}** :blue-badge[{words.PHASE[update.phase]}] {line(update.subject, 160)}")
    st.caption(f"{line(update.author, 60)}, {words.moment(update.written_at)}{promised}")
    with st.expander("What it said", type="compact"):
        st.code(update.body, language=None, wrap_lines=True)


def _delivery(delivery: Delivery, customer: str) -> None:
    way = _WAY.get(delivery.kind, delivery.kind)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{chip(delivery)} **{line(customer, 60)}** · {way} · {line(delivery.recipient, 120)}")
        _acts(delivery)
    st.caption(_became(delivery))
    if delivery.state is DeliveryState.SENT and delivery.problem:
        st.markdown(f":orange[:material/warning: {plain(delivery.problem)}]")


def _acts(delivery: Delivery) -> None:
    if delivery.url.startswith(("https://", "http://")):
        st.link_button("Open", delivery.url, icon=":material/open_in_new:", key=f"sent_open_{delivery.id}")
    if delivery.state in (DeliveryState.FAILING, DeliveryState.STOPPED, DeliveryState.GIVEN_UP) and st.button(
        "Retry now", icon=":material/refresh:", key=f"sent_retry_{delivery.id}"
    ):
        _again(delivery.id)
    if delivery.state is DeliveryState.STOPPED:
        places.link("settings", "Mend the address", icon="edit", settings="Customers")


def _again(delivery_id: int) -> None:
    if attempt(lambda work: retry(work, delivery_id), "It is tried again now") is not None:
        st.rerun()


def _became(delivery: Delivery) -> str:
    now = portal().clock()
    if delivery.state is DeliveryState.SENT:
        return f"{words.moment(delivery.settled_at or now)}: {plain(delivery.proof)}"
    next_one = next_step(delivery, now)
    return f"{plain(delivery.problem)} · {next_one}" if delivery.problem else next_one[:1].upper() + next_one[1:]


def _missed(situation: Situation, update: CustomerUpdate) -> None:
    """Say whom the newest update did not go to, and offer to send it there too."""
    for customer in situation.customers:
        gaps = customer.gaps()
        if gaps:
            badges = " ".join(f":orange-badge[:material/warning: {gap}]" for gap in gaps)
            st.markdown(f"**{line(customer.name, 60)}** {badges}")
    missed = list(_who_missed(situation, update))
    if not missed or update.phase not in phases_for(situation.incident):
        return
    names = ", ".join(line(name, 60) for name in missed)
    asked = st.button(f"Send it to {names} too", icon=":material/forward_to_inbox:", key=f"send_missed_{update.id}")
    if asked and attempt(lambda work: send_to_missed(work, update.id), "It goes out there too") is not None:
        st.rerun()


def _who_missed(situation: Situation, update: CustomerUpdate) -> Iterator[str]:
    """Name the customers it did not go to by every way, and the people of the others who were named after it went."""
    for customer in situation.customers:
        if ways_missed(situation.deliveries, update, customer):
            yield customer.name
        else:
            yield from readers_missed(situation.deliveries, update, customer)
