"""Decisions: what is proposed, its risks, what speaks against it, and who decided it when."""

from collections.abc import Sequence

import streamlit as st

from ims.model.coordination import Decision, DecisionDraft, DecisionState
from ims.response import coordination
from ims.store import coordination as kept
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import plain

AGREE, REJECT = "Agree", "Reject"


def draw(situation: Situation, decisions: Sequence[Decision]) -> None:
    """Draw what waits to be decided, then what was decided."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        markup.html("<b>Decisions</b>")
        if not situation.incident.closed_at:
            st.button("Propose", key="propose", icon=":material/gavel:", on_click=ask, args=("propose",))
    proposed = [each for each in decisions if each.state is DecisionState.PROPOSED]
    for decision in proposed:
        _proposed(situation, decision)
    if not proposed:
        st.caption("Nothing waits for a decision. Propose what has a risk before it is done.")
    decided = [each for each in decisions if each.state is not DecisionState.PROPOSED]
    if decided:
        rows = "".join(_decided(each, situation) for each in reversed(decided))
        with st.expander(f"{len(decided)} decided", key="decisions_decided"):
            markup.html(f'<ul class="ims-steps">{rows}</ul>')


def _proposed(situation: Situation, decision: Decision) -> None:
    by = f"proposed by {markup.text(decision.proposed_by)}, {markup.when(decision.proposed_at, situation.now)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        markup.html(f"<b>{markup.text(decision.proposal)}</b><br>{markup.muted(by)}{_for_and_against(decision)}")
        if situation.incident.closed_at:
            return
        st.button(
            "Decide", key=f"decide_{decision.id}", icon=":material/gavel:", on_click=ask,
            args=("decide", str(decision.id)),
        )  # fmt: skip
        st.button("Object", key=f"object_{decision.id}", type="tertiary", on_click=ask,
                  args=("object", str(decision.id)))  # fmt: skip


def _for_and_against(decision: Decision) -> str:
    rows = (("Risks", decision.risks), ("Objections", decision.objections))
    said = [f'<br>{name}: <span class="ims-text">{markup.text(text)}</span>' for name, text in rows if text]
    return "".join(said) or f"<br>{markup.muted('no risk and no objection is named')}"


def _decided(decision: Decision, situation: Situation) -> str:
    agreed = decision.state is DecisionState.AGREED
    word = "Agreed" if agreed else "Rejected"
    when = markup.when(decision.decided_at or decision.proposed_at, situation.now)
    by = f"{word} by {markup.text(decision.decided_by)}, {when} · proposed by {markup.text(decision.proposed_by)}"
    reason = f": {markup.text(decision.reason)}" if decision.reason else ""
    icon = markup.icon("check_circle" if agreed else "cancel")
    said = f"<b>{word}</b> {markup.text(decision.proposal)}{reason}{_for_and_against(decision)}"
    return f"<li>{icon}<span>{said}<br>{markup.muted(by)}</span></li>"


@st.dialog("Propose", icon=":material/gavel:", on_dismiss=close_dialog)
def propose(situation: Situation) -> None:
    """Ask what is proposed, and what could go wrong."""
    with st.form("propose_form", border=False):
        proposal = st.text_input("What is proposed", key="proposal_text", placeholder="Fail over to Frankfurt")
        risks = st.text_area("What could go wrong", key="proposal_risks", height=80)
        objections = st.text_area("What speaks against it, and who says so", key="proposal_objections", height=80)
        if st.form_submit_button("Propose", key="propose_submit", type="primary"):
            do(
                lambda work: coordination.propose(
                    work,
                    situation.incident.id,
                    DecisionDraft.model_validate({"proposal": proposal, "risks": risks, "objections": objections}),
                ),
                "Proposed",
            )


@st.dialog("Decide", icon=":material/gavel:", on_dismiss=close_dialog)
def decide(situation: Situation, decision_id: str) -> None:
    """Ask for the decision, with a reason where it is rejected."""
    _shown(situation, decision_id)
    with st.form("decide_form", border=False):
        way = st.radio("Decision", [AGREE, REJECT], key="decide_way", horizontal=True)
        reason = st.text_area("Why; a rejection needs it", key="decide_reason", height=80)
        if st.form_submit_button("Decide", key="decide_submit", type="primary"):
            do(
                lambda work: coordination.decide(work, int(decision_id), agreed=way == AGREE, reason=reason),
                "Decided",
            )


@st.dialog("Object", icon=":material/front_hand:", on_dismiss=close_dialog)
def object_to(situation: Situation, decision_id: str) -> None:
    """Ask what speaks against it."""
    _shown(situation, decision_id)
    with st.form("object_form", border=False):
        text = st.text_area("What speaks against it", key="object_text", height=80)
        if st.form_submit_button("Object", key="object_submit", type="primary"):
            do(lambda work: coordination.object_to(work, int(decision_id), text), "Your objection stands there")


def _shown(situation: Situation, decision_id: str) -> None:
    with portal().reading() as session:
        found = [each for each in kept.decisions(session, situation.incident.id) if each.id == int(decision_id)]
    for decision in found:
        st.markdown(f"**{plain(decision.proposal)}**")
        for name, text in (("Risks", decision.risks), ("Objections", decision.objections)):
            if text:
                st.markdown(f"{name}: {plain(text)}")
        st.caption(f"Proposed by {plain(decision.proposed_by)}, {words.moment(decision.proposed_at)}")
