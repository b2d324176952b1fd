"""It happened again: an alarm on both incidents, until a person says that it was not the same."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ims.model import UNFINISHED, FollowUp, Incident
from ims.postmortem.following_up import recurrence
from ims.postmortem.following_up.recurrence import Alarm
from ims.store import incidents, postmortem
from ims.ui import places, words
from ims.ui.incident.acting import do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import line, plain

BEFORE = "This happened before, and follow-ups of it are still open"
AGAIN = "It happened again, while follow-ups of this were open"
Open = Mapping[Alarm, Sequence[FollowUp]]


def draw(situation: Situation) -> None:
    """Draw the alarms whose follow-ups are still open: few lines, for they stand above what burns."""
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
    still = {alarm: [each for each in open_ones if each.id in alarm.follow_up_ids] for alarm in alarms}
    for sentence, on_later in ((BEFORE, True), (AGAIN, False)):
        shown = {alarm: each for alarm, each in still.items() if each and alarm.is_repetition is on_later}
        if shown:
            _box(incident, others, sentence, shown)


def _box(incident: Incident, others: Mapping[int, Incident], sentence: str, shown: Open) -> None:
    with st.container(border=True, gap="xsmall", key=f"again_{'before' if sentence is BEFORE else 'since'}"):
        st.markdown(f":red[:material/repeat: **{sentence}**]")
        for alarm, follow_ups in shown.items():
            other = others[alarm.other_id]
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                places.incident_link(other.key, other.title, before=words.severity_chip(other.severity))
                names = ", ".join(f"{each.row_id} {line(each.text, 60)}" for each in follow_ups)
                places.link("rca", names, icon="task_alt", key=f"INC-{alarm.past_id}")
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
