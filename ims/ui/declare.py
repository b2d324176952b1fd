"""Declaring an incident in under thirty seconds: two questions, a title, what is affected, what is seen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import streamlit as st
from sqlmodel import Session

from ims.intake.triage import dismiss, draft_from_alerts
from ims.model import Incident, IncidentDraft, Person
from ims.response.declare import declare
from ims.store import catalogue, incidents, on_call
from ims.store.work import Work
from ims.ui import look_alikes, places, words
from ims.ui.session import acting_person, attempt, portal
from ims.ui.text import line, plain

ANSWERS = ("Yes", "No")
_FORM = "declare_for"  # the alerts that the form in this session was begun for
_REQUEST = "declare_request"
_DONE = "declare_done"  # the key of what this session declared last


def draw() -> None:
    """Draw the page; ``alerts=1,2`` in its address prefills it from those alerts."""
    alert_ids = _begin()
    st.title("Declare an incident", anchor=False)
    if alert_ids:
        st.caption(f"From {words.counted(len(alert_ids), 'alert')}; everything below can be changed.")
    _declared_already()
    affects_customers, affects_sla = _questions()
    unaffected = affects_customers == affects_sla == "No"
    if unaffected:
        _unaffected(alert_ids)
    look_alikes.draw(alert_ids)
    _scope(unaffected=unaffected)
    _commander()
    if st.button("Declare", type="primary", icon=":material/emergency:", key="declare_submit"):
        _declare(affects_customers, affects_sla, alert_ids)


def _begin() -> list[int]:
    """Prefill a form that is new, or that was begun for other alerts; otherwise leave what was typed."""
    named = st.query_params.get("alerts", "")
    if st.session_state.get(_FORM) != named:
        _fill(named)
    ids: list[int] = st.session_state["declare_alerts"]
    return ids


def _fill(named: str) -> None:
    wanted = [int(part) for part in named.split(",") if part.strip().isdecimal() and len(part) < 10]  # noqa: PLR2004
    with portal().reading() as session:
        prefill = draft_from_alerts(session, wanted)
    st.session_state.update(
        {
            _FORM: named,
            _REQUEST: uuid4().hex,
            "declare_alerts": prefill.alert_ids,
            "declare_customers_affected": None,
            "declare_sla_affected": None,
            "declare_precaution": False,
            "declare_title": prefill.title,
            "declare_services": prefill.service_ids,
            "declare_customers": prefill.customer_ids,
            "declare_derived": prefill.customer_ids,
            "declare_summary": prefill.summary,
            "declare_began": _local(prefill.began_at),
        }
    )


def _local(moment: datetime | None) -> datetime | None:
    """Return the viewer's wall clock, to the minute, as the field takes it."""
    return moment.astimezone(words.zone()).replace(tzinfo=None, second=0, microsecond=0) if moment else None


def _declared_already() -> None:
    """Lead on to what was just declared: whoever comes back here by the browser's Back finds a new, empty form."""
    key = st.session_state.get(_DONE)
    if not key:
        return
    with portal().reading() as session:
        incident = incidents.by_key(session, key)
    if incident.is_active:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("You have declared this; the form below makes another one:", width="content")
            places.incident_link(incident.key, incident.title, before=words.severity_chip(incident.severity))


def _questions() -> tuple[str | None, str | None]:
    customers, sla = st.columns(2)
    with customers:
        first = st.segmented_control(
            "**Are customers affected?**", ANSWERS, key="declare_customers_affected", persist_state="session"
        )
    with sla:
        second = st.segmented_control(
            "**Is their SLA affected?**", ANSWERS, key="declare_sla_affected", persist_state="session"
        )
    return first, second


def _unaffected(alert_ids: Sequence[int]) -> None:
    """Offer what there is to do when nobody is affected."""
    with st.container(border=True):
        st.markdown("Then the procedure does not ask for an incident.")
        st.checkbox(
            "Record it as a precaution: it may still reach customers",
            key="declare_precaution",
            persist_state="session",
        )
        if alert_ids:
            what = "alert" if len(alert_ids) == 1 else "alerts"
            reason = st.text_input(f"Or dismiss the {what}, because", key="declare_dismiss_reason")
            if st.button(f"Dismiss the {what}", icon=":material/notifications_off:", key="declare_dismiss"):
                _dismiss(alert_ids, reason)


def _dismiss(alert_ids: Sequence[int], reason: str) -> None:
    if attempt(lambda work: (dismiss(work, alert_ids, reason),), "Dismissed; the reason stays with it."):
        st.session_state.pop(_FORM)
        places.go("alerts")


def _scope(*, unaffected: bool) -> None:
    with portal().reading() as session:
        services = {service.id: service.name for service in catalogue.services(session)}
        customers = {customer.id: customer.name for customer in catalogue.customers(session)}
    left, right = st.columns(2)
    with left:
        _choice("Services", services, "declare_services", "None is set up yet; see Settings.", changes_customers=True)
    with right:
        if not unaffected:
            _choice("Customers to be told", customers, "declare_customers", "None is set up yet; see Settings.")
    st.text_area(
        "What is seen (optional)",
        key="declare_summary",
        height=96,
        placeholder="What customers see, and where you see it",
        persist_state="session",
    )
    st.datetime_input(
        f"Began at (optional; now, if empty; {words.zone().key} time)",
        value=None,
        step=60,
        key="declare_began",
        persist_state="session",
        width=320,
    )


def _choice(label: str, names: dict[int, str], key: str, empty: str, *, changes_customers: bool = False) -> None:
    st.session_state[key] = [chosen for chosen in st.session_state.get(key) or [] if chosen in names]
    st.multiselect(
        f"{label} (optional)",
        list(names),
        format_func=lambda chosen: names.get(chosen, "no longer there"),
        key=key,
        placeholder="Choose" if names else empty,
        disabled=not names,
        on_change=_add_customers_of_services if changes_customers else None,
        persist_state="session",
    )


def _add_customers_of_services() -> None:
    """Put the customers of the chosen services into their field, beside those that somebody added by hand."""
    with portal().reading() as session:
        found = catalogue.customers_of_services(session, st.session_state["declare_services"])
    derived = [customer.id for customer in found]
    before = set(st.session_state.get("declare_derived") or [])
    by_hand = [chosen for chosen in st.session_state.get("declare_customers") or [] if chosen not in before]
    st.session_state["declare_customers"] = list(dict.fromkeys([*derived, *by_hand]))
    st.session_state["declare_derived"] = derived


def _commander() -> None:
    person = acting_person()
    with portal().reading() as session:
        called = _on_call(session)
        problem = on_call.schedule_problem(session, portal().clock())
    if problem:
        st.warning(plain(problem), icon=":material/event_busy:")
    if called:
        text = f"**{line(called.name, 60)}** is on call: will be paged at once, own the incident and command it."
    elif person:
        text = f"Nobody is on call, so nobody is paged: **{line(person.name, 60)}** commands."
    else:
        text = "Nobody is on call and nobody acts: the incident starts without an Incident Commander."
    st.markdown(f":material/person_alert: {text}")


def _on_call(session: Session) -> Person | None:
    order = on_call.escalation_list(session, portal().clock())
    return session.get(Person, order[0]) if order else None


def _declare(affects_customers: str | None, affects_sla: str | None, alert_ids: Sequence[int]) -> None:
    if affects_customers is None or affects_sla is None:
        st.error("Answer the two questions at the top first; nothing else decides whether it is an incident.")
        return
    declared = attempt(lambda work: _verb(work, affects_customers, affects_sla, alert_ids), "Declared.")
    if declared:
        st.session_state.pop(_FORM)
        st.session_state[_DONE] = declared.key
        places.go("incident", key=declared.key)


def _verb(work: Work, affects_customers: str, affects_sla: str, alert_ids: Sequence[int]) -> Incident:
    state = st.session_state
    affected = "Yes" in (affects_customers, affects_sla)
    began_at = state["declare_began"]
    draft = IncidentDraft.model_validate(
        {
            "title": state["declare_title"],
            "affects_customers": affects_customers == "Yes",
            "affects_sla": affects_sla == "Yes",
            "precaution": not affected and state["declare_precaution"],
            "summary": state["declare_summary"],
            "service_ids": state["declare_services"],
            "customer_ids": state["declare_customers"] if affected else [],
            "alert_ids": alert_ids,
            "began_at": began_at.replace(tzinfo=words.zone()).astimezone(UTC) if began_at else None,
        }
    )
    return declare(work, draft, portal().procedure, request_key=state[_REQUEST])
