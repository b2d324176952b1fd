"""The first look at an empty portal: what it is for, and three ways to begin."""

import streamlit as st

from ims.demo.play import AlreadyLoaded, load
from ims.errors import Forbidden, Refusal
from ims.model import AccessRole, PersonDraft, ServiceDraft
from ims.setup.people import add_person
from ims.setup.services import add_service
from ims.store.work import Work
from ims.ui import places
from ims.ui.session import ACTING_AS, actor, attempt, portal, signed_in_email
from ims.ui.text import plain


def draw() -> None:
    """Draw the welcome."""
    st.title("Welcome to the incident portal", anchor=False)
    st.markdown(
        "Declare an incident here, or let an alert bring it, and the portal wakes whoever is on call. "
        "It then leads the team through the procedure step by step, and reminds them before customers wait too long. "
        "Afterwards it writes the root-cause document, keeps the follow-ups, and shows whether things get better."
    )
    look, start, history = st.columns(3)
    with look.container(border=True, height="stretch"):
        _demo()
    with start.container(border=True, height="stretch"):
        _start()
    with history.container(border=True, height="stretch"):
        st.subheader("Bring your past", icon=":material/upload_file:", anchor=False)
        st.markdown("Import past incidents from a CSV file, and see the figures today instead of in a year.")
        places.link("import_history", "Import past incidents", icon="upload_file")


def _demo() -> None:
    st.subheader("Look around", icon=":material/visibility:", anchor=False)
    st.markdown("A month of a made-up team: incidents, customers, follow-ups, and one incident burning now.")
    if st.button("Load the demo", icon=":material/play_arrow:", key="load_demo"):
        _load_demo()
    st.caption("It fills this empty database; start with a fresh one when you begin for real.")


def _load_demo() -> None:
    bar = st.progress(0.0, "A month of incidents is played…")

    def tell(part: float, text: str) -> None:
        bar.progress(part, plain(text))

    try:
        if actor().access is AccessRole.VIEWER:
            raise Forbidden("You may look, but not load the demo; ask an administrator.")
        load(portal(), tell)
    except AlreadyLoaded:  # somebody else clicked first, and this is what was asked for
        st.rerun()
    except Refusal as refusal:
        bar.empty()
        st.error(plain(str(refusal)))
    else:
        st.rerun()


def _start() -> None:
    st.subheader("Start for real", icon=":material/rocket_launch:", anchor=False)
    with st.form("start", border=False, enter_to_submit=True):
        name = st.text_input("Your name", key="start_name", required=True)
        known = signed_in_email()
        email = st.text_input(
            "Your e-mail address", known, key="start_email", type="email", required=True, disabled=bool(known)
        )
        service = st.text_input("A service you run (optional)", key="start_service", placeholder="payments")
        submitted = st.form_submit_button("Start", type="primary", icon=":material/arrow_forward:", key="start_submit")
    if submitted:
        _begin(name, email, service)


def _begin(name: str, email: str, service: str) -> None:
    draft = {"name": name, "email": email, "access": AccessRole.ADMINISTRATOR}

    def verb(work: Work) -> int:
        if service.strip():  # before there is an administrator, whom nobody is yet
            add_service(work, ServiceDraft.model_validate({"name": service}))
        return add_person(work, PersonDraft.model_validate(draft)).id

    person_id = attempt(verb, "You are the first person here, and its administrator.")
    if person_id is not None:
        st.session_state[ACTING_AS] = person_id
        places.go("settings")
