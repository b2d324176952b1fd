"""The tab of services."""

import streamlit as st

from ims.model import Service, ServiceDraft
from ims.setup.services import add_service, change_service, restore_service, retire_service
from ims.store import catalogue
from ims.store.work import Work
from ims.ui.session import portal
from ims.ui.settings.editing import Noun, choose, field, retiring, save, submit, table

SERVICE = Noun("service", "service", retire_service, restore_service)


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
    with st.form(f"service_form_{row_id}"):
        name = st.text_input(
            "Name",
            shown.name,
            key=field("service", row_id, "name"),
            help="As the service label of your alerts has it; customers read it too.",
        )
        description = st.text_input("Description", shown.description, key=field("service", row_id, "description"))
        saved = submit("service", row_id)
    if saved:
        asked = {"name": name, "description": description}
        save("service", lambda work: _save(work, row_id, asked), f"{name.strip()} is saved")


def _save(work: Work, row_id: int | None, asked: dict[str, str]) -> Service:
    draft = ServiceDraft.model_validate(asked)
    return change_service(work, row_id, draft) if row_id else add_service(work, draft)
