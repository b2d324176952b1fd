"""Follow-ups across incidents, until they are done and worked: what happened again first, then what is overdue."""

import streamlit as st

from ims.store import catalogue
from ims.store import follow_ups as kept
from ims.ui import places, words
from ims.ui.follow_ups import alarms, asking, differences, filters, groups, holding, table
from ims.ui.follow_ups.groups import Arrangement
from ims.ui.session import portal


def draw() -> None:
    """Draw the page."""
    st.title("Follow-ups", anchor=False)
    today = portal().clock().astimezone(words.zone()).date()
    with portal().reading() as session:
        unfinished, overdue, done = kept.counts(session, today)
        people = {person.id: person for person in catalogue.people(session, active_only=False)}
        services = {service.name: service.id for service in catalogue.services(session, active_only=False)}
        causes = {portal().causes.label(word): word for word in kept.causes_in_use(session)}
    with st.container(horizontal=True):
        st.metric("To do", unfinished, border=True, width=115)
        st.metric("Overdue", overdue, border=True, width=115)
        st.metric("Done", done, border=True, width=115)
    alarms.draw()
    asking.draw(people)
    wanted, arrangement = filters.draw(people, services, causes, today)
    unsaved = holding.unsaved(wanted, is_list=arrangement is Arrangement.LIST)
    if unsaved:
        rows_held, found_by = unsaved
        if found_by != wanted or arrangement is not Arrangement.LIST:
            st.warning("Save your changes or discard them; then what you ask for is here.", icon=":material/edit:")
        table.draw(rows_held, found_by, people, today)
        return
    with portal().reading() as session:
        found = kept.across(session, wanted)
    if not found:
        _nothing(portal_is_empty=not (unfinished or done))
    elif arrangement is Arrangement.LIST:
        differences.draw(found, people)
        table.draw(found, wanted, people, today)
    else:
        groups.draw(found, arrangement, people, today)


def _nothing(*, portal_is_empty: bool) -> None:
    if portal_is_empty:
        st.info(
            "No follow-ups yet. They come from the root-cause document of an incident, or are added beside it.",
            icon=":material/task_alt:",
        )
        places.link("rca", "Root cause", icon="description")
    else:
        st.info("Nothing fits these filters.", icon=":material/filter_alt_off:")
