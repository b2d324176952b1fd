"""The tab of customers: where to reach them, who their manager is, what was promised, and what is missing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from ims.model import Customer, CustomerDraft, Service
from ims.setup.customers import add_customer, change_customer, restore_customer, retire_customer, shown_customer
from ims.store import catalogue
from ims.store.work import Work
from ims.ui import words
from ims.ui.session import portal
from ims.ui.settings.editing import Noun, choose, field, form, retiring, save, submit, table
from ims.ui.text import line
from ims.ui.two_at_once import Field, Form

MOST_NAMED = 10  # customers with gaps; the table names them all
CUSTOMER = Noun("customer", "customer", retire_customer, restore_customer)


def _minutes(span: timedelta | None) -> int:
    return int(span.total_seconds() // 60) if span else 0


FIELDS = {
    "name": Field("Name", "name"),
    "slack_channel": Field("Slack channel", "channel"),
    "contacts": Field("E-mail contacts", "contacts", ", ".join, ", ".join),
    "manager_name": Field("Their manager", "manager"),
    "manager_email": Field("E-mail of their manager", "manager_email"),
    "sla": Field("SLA in words", "sla", text=True),
    "update_every": Field(
        "Minutes between updates",
        "minutes",
        lambda span: f"{_minutes(span)} min" if span else "as the procedure",
        _minutes,
    ),
    "service_ids": Field("Services they use", "services", typed=sorted),
}


def draw() -> None:
    """Draw the customers, their gaps, and the form to add or change one."""
    with portal().reading() as session:
        rows = sorted(catalogue.customers(session, active_only=False), key=lambda customer: not customer.active)
        services = {service.id: service for service in catalogue.services(session, active_only=False)}
        used = catalogue.services_by_customer(session)
    if rows:
        _gaps(rows)
        _table(rows, services, used)
    else:
        st.info(
            "No customer is here yet. Add those you must tell: their Slack channel, their contacts, their manager.",
            icon=":material/domain_add:",
        )
    customer = choose(CUSTOMER, rows, lambda row: row.name)
    _form(customer, services, used.get(customer.id, []) if customer else [])
    if customer:
        retiring(CUSTOMER, customer)


def _gaps(rows: Sequence[Customer]) -> None:
    missing = [row for row in rows if row.active and row.gaps()]
    if missing:
        said = "  \n".join(f"{line(row.name, 60)}: {', '.join(row.gaps())}" for row in missing[:MOST_NAMED])
        more = (
            f"  \nand {words.counted(len(missing) - MOST_NAMED, 'more customer')}" if len(missing) > MOST_NAMED else ""
        )
        st.warning(f"The procedure cannot reach everybody.  \n{said}{more}", icon=":material/warning:")


def _table(rows: Sequence[Customer], services: Mapping[int, Service], used: Mapping[int, list[int]]) -> None:
    table(
        [
            {
                "Name": row.name,
                "Gaps": ", ".join(row.gaps()) or "none",
                "Slack channel": row.slack_channel,
                "Contacts": ", ".join(row.contacts),
                "Manager": f"{row.manager_name} {row.manager_email}".strip(),
                "Updates every": words.duration(row.update_every) if row.update_every else "as the procedure",
                "Services": ", ".join(sorted(services[each].name for each in used.get(row.id, []))),
                "SLA": row.sla,
                "State": "active" if row.active else "retired",
            }
            for row in rows
        ],
        alt="Customers, how to reach them and what is missing",
    )


def _form(customer: Customer | None, services: Mapping[int, Service], used: Sequence[int]) -> None:
    row_id = customer.id if customer else None
    opened = form("customer", row_id, FIELDS, shown_customer(customer or Customer(name=""), used))
    with st.form(f"customer_form_{row_id}"):
        asked = _reach(row_id)
        asked |= _promised(row_id)
        service_ids = st.multiselect(
            "Services they use",
            [each.id for each in services.values() if each.active or each.id in used],
            format_func=lambda service_id: services[service_id].name,
            key=field("customer", row_id, "services"),
            help="An incident of one of these proposes this customer.",
        )
        saved = submit("customer", row_id)
    if saved:
        name = str(asked["name"]).strip()
        save("customer", lambda work: _save(work, opened, row_id, asked, service_ids), f"{name} is saved", form=opened)
    opened.settle()


def _reach(row_id: int | None) -> dict[str, Any]:
    name = st.text_input("Name", key=field("customer", row_id, "name"))
    left, right = st.columns(2)
    channel = left.text_input(
        "Slack channel shared with them",
        key=field("customer", row_id, "channel"),
        placeholder="C0123456789, or #acme-incidents",
        help="Best its id, which stays when it is renamed: in Slack at the bottom of the channel's *About*.",
    )
    contacts = right.text_input("E-mail contacts, separated by commas", key=field("customer", row_id, "contacts"))
    left, right = st.columns(2)  # a row of its own, so that on a phone it follows what belongs together
    manager = left.text_input("Their manager", key=field("customer", row_id, "manager"))
    manager_email = right.text_input(
        "E-mail of their manager, for the CC", key=field("customer", row_id, "manager_email")
    )
    return {
        "name": name,
        "slack_channel": channel,
        "contacts": contacts,
        "manager_name": manager,
        "manager_email": manager_email,
    }


def _promised(row_id: int | None) -> dict[str, Any]:
    sla = st.text_area("SLA in words", key=field("customer", row_id, "sla"), height=90)
    minutes = st.number_input(
        "Minutes between updates that a contract promises; 0 is as the procedure",
        min_value=0,
        max_value=1440,
        step=5,
        key=field("customer", row_id, "minutes"),
    )
    return {"sla": sla, "update_every": timedelta(minutes=minutes) if minutes else None}


def _save(work: Work, opened: Form, row_id: int | None, asked: dict[str, Any], service_ids: Sequence[int]) -> Customer:
    draft = CustomerDraft.model_validate(asked)
    if row_id:
        return change_customer(work, row_id, draft, service_ids, seen=opened.seen)
    return add_customer(work, draft, service_ids)
