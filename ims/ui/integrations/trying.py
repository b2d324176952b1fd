"""The button *Test*, and the answer to it. A slow system keeps nobody from anything: it is asked in the background."""

import streamlit as st

from ims.integrations.frame import System
from ims.model import AccessRole
from ims.ui import words
from ims.ui.integrations.trial import Trial
from ims.ui.session import actor, portal
from ims.ui.text import line

_TRIALS = "integration_trials"
_AT_ONCE = 0.5  # seconds; most systems answer so soon that nobody needs to see the portal wait


def button(purpose: str, system: System) -> None:
    """Offer the test to whoever may respond: it changes nothing outside, and at night it is they who must know."""
    if actor().access is AccessRole.VIEWER:
        return
    st.button(
        "Test",
        icon=":material/network_check:",
        key=f"test_{purpose}",
        help=f"Ask {system.title} whether it can be used. Nothing is changed there.",
        on_click=_begin,
        args=(purpose, system),
    )


def answer(purpose: str) -> None:
    """Show what the system said to this person's last test, or that it has not answered yet."""
    trial = _trials().get(purpose)
    if trial is None:
        return
    if trial.is_running:
        _waiting(trial)
    elif trial.passed:
        st.success(_said(trial), icon=":material/check:")
    else:
        st.error(_said(trial), icon=":material/error:")


@st.fragment(run_every="1s")
def _waiting(trial: Trial) -> None:
    """Look every second whether the answer has come; only this line is drawn anew meanwhile."""
    if not trial.is_running:
        st.rerun()
    seconds = words.duration(portal().clock() - trial.began_at)
    st.info(f"Asking {trial.system.title}: {seconds} so far.", icon=":material/hourglass_top:")


def _begin(purpose: str, system: System) -> None:
    running = _trials().get(purpose)
    if not (running and running.is_running):
        trial = _trials()[purpose] = Trial(system, portal().clock)
        trial.wait(_AT_ONCE)


def _trials() -> dict[str, Trial]:
    trials: dict[str, Trial] = st.session_state.setdefault(_TRIALS, {})
    return trials


def _said(trial: Trial) -> str:
    return f"{words.clock_time(trial.answered_at or trial.began_at)}: {line(trial.answer)}"
