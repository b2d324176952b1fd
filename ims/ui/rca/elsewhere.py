"""The document in the system where people write together: created, opened, shared, read, refreshed."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from ims.errors import Refusal
from ims.model import Delivery, DeliveryState, Incident, RcaDocument
from ims.ports import DeliveryError, DocumentCopy
from ims.postmortem.refreshing import elsewhere
from ims.postmortem.refreshing.planning import Plan
from ims.postmortem.writing.writer import write
from ims.store import catalogue, incidents
from ims.ui import words
from ims.ui.rca import deciding, upload
from ims.ui.rca.acting import do
from ims.ui.rca.choosing import choose
from ims.ui.rca.document import facts_of
from ims.ui.session import attempt, portal
from ims.ui.text import plain

_NAMES = {"google": "Google Docs"}
_HELD, _SHOWN = "rca_copy", "rca_copy_shown"
_READ, _REFRESH = "read", "refresh"


@dataclass(frozen=True)
class _Held:
    """What was read there, held for as long as somebody looks at what it means."""

    document: str
    purpose: str
    copy: DocumentCopy


def draw(incident: Incident) -> None:
    """Draw the part; nothing, where no system keeps documents."""
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    if present is None or incident.drill or "documents" not in portal().ports.configured:
        return
    if elsewhere.lives_elsewhere(present):
        _there(incident, present)
    else:
        _not_there(incident, present)


def exported(document: RcaDocument) -> bytes | None:
    """Return the document as it stands there, to be frozen; nothing, where it lives here or cannot be had."""
    if not elsewhere.lives_elsewhere(document):
        return None
    try:
        return portal().ports.documents.download(document.outside_id)
    except DeliveryError as problem:
        st.toast(f"Published from what was read last. {plain(str(problem))}", icon=":material/warning:")
        return None


def _not_there(incident: Incident, present: RcaDocument) -> None:
    with portal().reading() as session:
        asked = elsewhere.asked_for(session, present)
    if asked:
        _fate(asked)
        return
    if st.button(
        "Create in Google Docs",
        icon=":material/cloud_upload:",
        key="rca_elsewhere_create",
        help="Everybody involved can write in it at once. IMS reads it when you ask, and keeps its facts fresh.",
    ):
        _create(incident)


def _create(incident: Incident) -> None:
    file = _file(incident)
    do(lambda work: elsewhere.ask_for(work, incident.id, file), "The document is being created")


def _file(incident: Incident) -> bytes:
    return write(facts_of(incident.id), portal().rca_template)


def _fate(asked: Delivery) -> None:
    """Say what became of the wish to create it."""
    if asked.state is DeliveryState.SENT:
        st.caption(plain(asked.proof))
    elif asked.state in (DeliveryState.STOPPED, DeliveryState.GIVEN_UP):
        st.error(f"It could not be created: {plain(asked.problem)}")
        st.caption("Mend what the problem says, then retry it on the page Deliveries.")
    else:
        st.caption(f"The document is being created there. {plain(asked.problem)}")


def _there(incident: Incident, present: RcaDocument) -> None:
    name = _NAMES.get(present.home, present.home)
    with st.container(border=True, key="rca_elsewhere"):
        st.markdown(f"**The document lives in {plain(name)}**")
        with st.container(horizontal=True):
            if present.url.startswith("https://"):
                st.link_button(f"Open in {name}", present.url, icon=":material/open_in_new:", type="primary")
            for purpose, label, icon in (
                (_READ, f"Read from {name}", "download"),
                (_REFRESH, f"Refresh in {name}", "sync"),
            ):
                if st.button(label, icon=f":material/{icon}:", key=f"rca_elsewhere_{purpose}"):
                    _hold(incident, present, purpose)
            _share(incident)
        held = st.session_state.get(_key(incident))
        if isinstance(held, _Held) and held.document == present.outside_id:
            _what_it_means(incident, held)


def _key(incident: Incident) -> str:
    return f"{_HELD}_{incident.id}"


def _hold(incident: Incident, present: RcaDocument, purpose: str) -> None:
    """Read it, and hold what was read; say in words why that was not possible."""
    st.session_state.pop(_key(incident), None)
    st.session_state.pop(_SHOWN, None)
    try:
        with st.spinner("Reading…"):
            copy = portal().ports.documents.read(present.outside_id)
    except DeliveryError as problem:
        st.error(plain(str(problem)))
        if problem.permanent:
            st.button("Create it anew", key="rca_elsewhere_again", on_click=_create_again, args=(incident,))
        return
    st.session_state[_key(incident)] = _Held(present.outside_id, purpose, copy)


def _create_again(incident: Incident) -> None:
    file = _file(incident)
    attempt(lambda work: elsewhere.ask_for(work, incident.id, file), "Another one is being created")


def _what_it_means(incident: Incident, held: _Held) -> None:
    template = portal().rca_template
    try:
        with portal().reading() as session:
            seen = elsewhere.preview(session, incident, held.copy, template)
    except Refusal as problem:
        st.error(plain(str(problem)))
        return
    if held.purpose == _REFRESH and seen.changes.are_none:
        _refresh(incident, held)
        return
    if held.purpose == _REFRESH:
        st.info("People changed follow-ups there. Take them in first, then refresh.", icon=":material/info:")
    upload.show(seen, template)
    choices = choose(incident, seen)
    count = len(seen.changes.new) + len(seen.changes.changed) + len(choices.from_document) + len(choices.dropped)
    label = f"Take in {words.counted(count, 'follow-up')} and the text" if count else "Take in the text"
    if st.button(label, icon=":material/download_done:", type="primary", key="rca_elsewhere_take_in"):
        taken = attempt(lambda work: elsewhere.take_in(work, incident.id, held.copy, template, choices))
        if taken:
            _done_with(incident, "What people wrote is taken in")


def _refresh(incident: Incident, held: _Held) -> None:
    made = elsewhere.plan_refresh(held.copy, facts_of(incident.id), portal().rca_template)
    answers = deciding.show(incident, made)
    written = made.written(answers)
    if not written:
        return
    label = f"Refresh {words.counted(len(written), 'block')}, leave all else"
    pressed = st.button(label, icon=":material/sync:", type="primary", key="rca_elsewhere_refresh_do")
    if pressed and _as_shown(made):
        asked = attempt(lambda work: elsewhere.ask_to_refresh(work, incident.id, made, answers))
        if asked:
            _done_with(incident, "The refresh is on its way")
    st.session_state[_SHOWN] = _sum(made)


def _as_shown(made: Plan) -> bool:
    if st.session_state.get(_SHOWN) == _sum(made):
        return True
    st.info("The incident has changed while you looked; this is what would be written now.", icon=":material/info:")
    return False


def _sum(made: Plan) -> str:
    said = "\n".join(f"{each.now.key} {each.standing} {each.now.text}" for each in made.blocks)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _share(incident: Incident) -> None:
    with portal().reading() as session:
        people = {person.email: person.name for person in catalogue.people(session) if person.email}
        involved = [email for email in elsewhere.involved(session, incident) if email in people]
    with st.popover("Share", icon=":material/group_add:", key="rca_elsewhere_share"):
        chosen = st.multiselect(
            "Who shall write in it?",
            list(people),
            default=involved,
            format_func=lambda email: people[email],
            key=f"rca_elsewhere_people_{incident.id}",
        )
        if st.button("Share it", type="primary", key="rca_elsewhere_share_do"):
            do(lambda work: elsewhere.share(work, incident.id, chosen), "It is being shared")


def _done_with(incident: Incident, said: str) -> None:
    """Let go of what was read, and draw the page anew."""
    st.session_state.pop(_key(incident), None)
    st.session_state.pop(_SHOWN, None)
    st.toast(plain(said), icon=":material/check:")
    st.rerun()
