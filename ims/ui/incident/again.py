"""It happened again: an alarm on both incidents, until a person says that it was not the same."""

from collections.abc import Sequence

import streamlit as st

from ims.model import UNFINISHED, FollowUp, Incident
from ims.postmortem import recurrence
from ims.postmortem.recurrence import Alarm
from ims.store import incidents, postmortem
from ims.ui import places, words
from ims.ui.incident.acting import do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import line, plain


def draw(situation: Situation) -> None:
    """Draw each alarm whose follow-ups are still open."""
    incident = situation.incident
    alarms = recurrence.standing(situation.case.entries)
    if not alarms:
        return
    with portal().reading() as session:
        others = incidents.by_ids(session, [alarm.other_id for alarm in alarms])
        past = {alarm.past_id for alarm in alarms}
        open_ones = [
            each for past_id in past for each in postmortem.follow_ups(session, past_id) if each.state in UNFINISHED
        ]
    for alarm in alarms:
        still = [each for each in open_ones if each.id in alarm.follow_up_ids]
        if still:
            _one(incident, others[alarm.other_id], alarm, still)


def _one(incident: Incident, other: Incident, alarm: Alarm, still: Sequence[FollowUp]) -> None:
    with st.container(border=True, key=f"again_{other.id}"):
        open_ = words.counted(len(still), "follow-up", "follow-ups")
        sentence = (
            f"This happened before, and {open_} of it {'is' if len(still) == 1 else 'are'} still open"
            if alarm.is_repetition
            else f"It happened again, while {open_} of this {'was' if len(still) == 1 else 'were'} open"
        )
        st.markdown(f":red[:material/repeat: **{sentence}**]")
        places.incident_link(other.key, other.title, before=words.severity_chip(other.severity))
        st.markdown("\n".join(f"- {each.row_id} {line(each.text, 120)}" for each in still))
        with st.container(horizontal=True):
            places.link("rca", "The follow-ups", icon="task_alt", key=f"INC-{alarm.past_id}")
            with st.popover("Not the same", icon=":material/link_off:", type="tertiary"):
                _not_the_same(incident, other)


def _not_the_same(incident: Incident, other: Incident) -> None:
    with st.form(f"not_the_same_{other.id}", border=False):
        reason = st.text_input(
            f"Why is {plain(other.key)} another thing?", max_chars=300, key=f"not_same_why_{other.id}"
        )
        pressed = st.form_submit_button("Say so", key=f"not_same_{other.id}")
    if pressed:
        do(lambda work: recurrence.not_the_same(work, incident.id, other.id, reason), "The alarm has ended")
