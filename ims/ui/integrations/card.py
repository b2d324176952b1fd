"""One ability that an outside system serves, or was meant to: how it stands, what is wrong, what to do."""

from datetime import datetime

import streamlit as st

from ims import check
from ims.config import ROOT
from ims.delivery.dispatch import kinds_of
from ims.integrations.frame import System
from ims.model import Delivery, DeliveryState, Reading
from ims.response import listening
from ims.ui import deliveries, places, words
from ims.ui.integrations import trying
from ims.ui.integrations.standing import Standing, State
from ims.ui.session import portal
from ims.ui.text import line
from ims.ui.words import Colour

CHIP: dict[State, tuple[Colour, str, str]] = {
    State.STOPPED: ("red", "error", "Needs a person"),
    State.HALF: ("red", "build", "Half configured"),
    State.FAILING: ("orange", "sync_problem", "Failing, tried again by itself"),
    State.UNTRIED: ("blue", "help", "Configured, not used yet"),
    State.WORKS: ("green", "check", "Works"),
    State.BUILT_IN: ("gray", "home", "Built in"),
}


def draw(standing: Standing) -> None:
    """Draw the card: what is wrong stands above what was right."""
    with st.container(border=True, key=f"integration_{standing.purpose.name}", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{standing.purpose.title}** {chip(standing.state)}", width="content")
            if standing.system:
                trying.button(standing.purpose.name, standing.system)
        trying.answer(standing.purpose.name)
        _problems(standing)
        st.caption(" · ".join(_in_short(standing)))
        if standing.failed and not standing.trouble:
            st.caption(_failed_last(standing.failed))
        _unsent(standing)
        how_to(standing)


def chip(state: State) -> str:
    """Say a state as a chip, in Markdown."""
    colour, icon, label = CHIP[state]
    return f":{colour}-badge[:material/{icon}: {label}]"


def how_to(standing: Standing) -> None:
    """Offer the documentation of each system that could serve it, read only when somebody opens it."""
    for system in standing.candidates:
        opened = st.expander(
            f"Set up {system.title}",
            key=f"how_{standing.purpose.name}_{system.name}",
            on_change="rerun",
            icon=":material/menu_book:",
            type="compact",
        )
        if opened.open:
            with opened:
                st.markdown(_documentation(system))


def _documentation(system: System) -> str:
    path = ROOT / check.readme(system)
    return path.read_text(encoding="utf-8").partition("\n")[2] if path.is_file() else f"See {check.readme(system)}."


def _in_short(standing: Standing) -> list[str]:
    """Say who serves it, what it took last and when it was read last."""
    if standing.system is None and check.any_error(standing.problems):
        return [_without(standing)]
    if standing.system is None:
        return [f"Served by the portal itself. {standing.purpose.without}"]
    said = [standing.system.title]
    if standing.sent:
        when, kind = words.moment(standing.sent.settled_at or standing.sent.created_at), _kind(standing.sent.kind)
        said.append(f"worked last {when}: {kind}, {line(standing.sent.recipient, 80)}")
    return said + [f"{_read(each)} {words.moment(each.read_at)}" for each in standing.reads if each.read_at]


def _read(reading: Reading) -> str:
    return "listened to commands last" if reading.name == listening.COMMANDS else "read last"


def _failed_last(delivery: Delivery) -> str:
    when = words.moment(delivery.failed_at or delivery.created_at)
    since = "sent since" if delivery.state is DeliveryState.SENT else "given up since"
    return f"Failed last {when}: {line(delivery.failure)} ({since})"


def _without(standing: Standing) -> str:
    """Say what becomes of messages while the settings are wrong: it depends on what they were at the start."""
    if any(system.title in portal().ports.unusable for system in standing.candidates):
        if not kinds_of(*standing.purpose.abilities):  # only asked, never told
            return f"{standing.purpose.without} Mend this, then start the portal again."
        return "What goes out through it stops, and asks a person. Mend this, start the portal again, then retry."
    return "It is used as it was when the portal started; with these settings it would not be used again."


def _kind(kind: str) -> str:
    return deliveries.KIND.get(kind, kind.replace("_", " "))


def _problems(standing: Standing) -> None:
    """Say each thing that is wrong in one sentence, and what comes next."""
    now = portal().clock()
    for problem in standing.problems:
        colour = "red" if problem.level is check.Level.ERROR else "orange"
        st.markdown(f":{colour}[{line(problem.sentence)}] {line(problem.hint)} :gray[{problem.code}]")
    if standing.trouble:
        st.markdown(_trouble(standing.trouble, now))
    for reading in standing.unread:
        st.markdown(_unread(reading))


def _unread(reading: Reading) -> str:
    when = words.moment(reading.failed_at or reading.asked_at)
    wanted = "listen to commands" if reading.name == listening.COMMANDS else "read"
    return f":orange[{line(reading.problem)}] {when}, when the portal wanted to {wanted}; it is tried again by itself."


def _trouble(delivery: Delivery, now: datetime) -> str:
    colour = "red" if delivery.state is DeliveryState.STOPPED else "orange"
    when = words.moment(delivery.tried_at or delivery.created_at)
    said = line(delivery.problem or "It gave no reason.")
    tries = words.counted(delivery.attempts, "try", "tries")
    return f":{colour}[{said}] {when}, {tries}; {deliveries.next_step(delivery, now)}."


def _unsent(standing: Standing) -> None:
    """Lead to what waits, by kind and state, as the page Deliveries filters it."""
    for kind, states in standing.unsent.items():
        for state, count in states.items():
            places.link(
                "deliveries",
                f"{count:,} {state.value}: {_kind(kind)}",
                icon="outgoing_mail",
                delivery_state=deliveries.STATE[state],
                delivery_kind=_kind(kind),
            )
