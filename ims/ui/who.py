"""Who acts: signed in where sign-in is configured, otherwise chosen in the side bar."""

import streamlit as st

from ims.model import AccessRole
from ims.store import catalogue
from ims.ui.session import ACTING_AS, REMEMBERED, acting_person, actor, portal, sign_in_is_configured, signed_in_email
from ims.ui.text import line, plain


def admit() -> None:
    """Let nobody past who has not signed in, where sign-in is configured."""
    if not sign_in_is_configured() or signed_in_email():
        return
    st.title("Incident portal", anchor=False)
    if st.user.get("is_logged_in"):
        st.error("Your sign-in names no confirmed e-mail address, so the portal cannot know who you are.")
        st.button("Sign in as somebody else", on_click=st.logout, key="sign_out")
    else:
        st.markdown("Sign in with your company account to see what burns and to respond.")
        st.button("Sign in", icon=":material/login:", type="primary", on_click=st.login, key="sign_in")
    st.stop()


def choose() -> None:
    """Show in the side bar who acts, and let the viewer choose on a portal without sign-in."""
    with st.sidebar:
        if sign_in_is_configured():
            _signed_in()
        else:
            _chosen()
        if actor().access is AccessRole.VIEWER:
            st.caption("You may look, but not change anything. An administrator can make you a responder.")


def _signed_in() -> None:
    st.caption(f"Signed in as {line(actor().name, 60)}")
    if acting_person() is None:
        st.caption(f"{plain(signed_in_email())} is not among the portal's people yet.")
    st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=st.logout, key="sign_out")


def _chosen() -> None:
    with portal().reading() as session:
        names = {person.id: person.name for person in catalogue.people(session)}
    if not names:
        return
    current = acting_person()
    ids = list(names)
    chosen = st.selectbox(
        "You are",
        ids,
        index=ids.index(current.id) if current and current.id in names else 0,
        format_func=lambda person_id: names.get(person_id, "somebody"),
        key=ACTING_AS,
        help="No sign-in is configured, so the portal believes you.",
        persist_state="session",
    )
    if chosen is not None and st.context.cookies.to_dict().get(REMEMBERED) != str(chosen):
        _remember(chosen)


def _remember(person_id: int) -> None:
    """Let this browser act as the same person after a reload. Only a number is ever put into the script."""
    cookie = f"{REMEMBERED}={int(person_id)}; path=/; max-age=31536000; samesite=lax"
    st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)
