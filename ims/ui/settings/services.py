"""The tab of services."""

import streamlit as st

from ims.model import Service, ServiceDraft
from ims.setup.services import add_service, change_service, restore_service, retire_service, shown_service
from ims.store import catalogue
from ims.store.work import Work
from ims.ui.session import portal
from ims.ui.settings.editing import Noun, choose, field, form, retiring, save, submit, table
from ims.ui.two_at_once import Field, Form

SERVICE = Noun("service", "service", retire_service, restore_service)

FIELDS = {"name": Field("Name", "name"), "description": Field("Description", "description", text=True)}


def draw() -> None:
    """Draw the services and the form to add or change one."""
    with portal().reading() as session:
        rows = sorted(catalogue.services(session, active_only=False), key=lambda service: not service.active)
    if rows:
        table(
            [
                {"Name": row.name, "Description": row.description, "State": "active" if row.active else "retired"}
                for row in rows
            ],
            alt="Services with their description",
        )
    else:
        st.info("No service is here yet. Add what you run, named as your alerts name it.", icon=":material/dns:")
    service = choose(SERVICE, rows, lambda row: row.name)
    _form(service)
    if service:
        retiring(SERVICE, service)


def _form(service: Service | None) -> None:
    row_id = service.id if service else None
    shown = service or Service(name="")
    opened = form("service", row_id, FIELDS, shown_service(shown))
    with st.form(f"service_form_{row_id}"):
        name = st.text_input(
            "Name",
            key=field("service", row_id, "name"),
            help="As the service label of your alerts has it; customers read it too.",
        )
        description = st.text_input("Description", key=field("service", row_id, "description"))
        saved = submit("service", row_id)
    if saved:
        asked = {"name": name, "description": description}
        save("service", lambda work: _save(work, row_id, asked, opened), f"{name.strip()} is saved", form=opened)
    opened.settle()


def _save(work: Work, row_id: int | None, asked: dict[str, str], opened: Form) -> Service:
    draft = ServiceDraft.model_validate(asked)
    return change_service(work, row_id, draft, seen=opened.seen) if row_id else add_service(work, draft)
