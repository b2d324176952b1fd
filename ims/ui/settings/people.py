"""The tab of people."""

from collections.abc import Sequence

import streamlit as st

from ims.model import AccessRole, Person, PersonDraft
from ims.setup.people import add_person, change_person, restore_person, retire_person, shown_person
from ims.store import catalogue
from ims.store.work import Work
from ims.ui.session import portal
from ims.ui.settings.editing import Noun, choose, field, form, retiring, save, submit, table
from ims.ui.two_at_once import Field, Form

PERSON = Noun("person", "person", retire_person, restore_person)
ACCESS = {
    AccessRole.VIEWER: "Viewer: looks",
    AccessRole.RESPONDER: "Responder: works on incidents",
    AccessRole.ADMINISTRATOR: "Administrator: changes settings too",
}
FIELDS = {
    "name": Field("Name", "name"),
    "email": Field("E-mail", "email"),
    "slack": Field("Slack name", "slack"),
    "access": Field("May", "access", ACCESS.__getitem__),
}


def draw() -> None:
    """Draw the people and the form to add or change one."""
    with portal().reading() as session:
        rows = sorted(catalogue.people(session, active_only=False), key=lambda person: not person.active)
    if rows:
        _table(rows)
    else:
        st.info("Nobody is here yet. Add yourself first, then those who respond with you.", icon=":material/group_add:")
    person = choose(PERSON, rows, lambda row: f"{row.name}, {row.email}")
    _form(person, first=not rows)
    if person:
        retiring(PERSON, person)


def _table(rows: Sequence[Person]) -> None:
    table(
        [
            {
                "Name": person.name,
                "E-mail": person.email,
                "Slack": person.slack,
                "May": ACCESS[person.access].split(":")[0],
                "State": "active" if person.active else "retired",
            }
            for person in rows
        ],
        alt="People with their e-mail address and what they may do",
    )


def _form(person: Person | None, *, first: bool) -> None:
    row_id = person.id if person else None
    shown = person or Person(name="", email="", access=AccessRole.ADMINISTRATOR if first else AccessRole.RESPONDER)
    opened = form("person", row_id, FIELDS, shown_person(shown))
    with st.form(f"person_form_{row_id}"):
        name = st.text_input("Name", key=field("person", row_id, "name"))
        email = st.text_input("E-mail", key=field("person", row_id, "email"))
        slack = st.text_input("Slack name", key=field("person", row_id, "slack"), placeholder="@ada")
        access = st.selectbox(
            "May",
            list(ACCESS),
            format_func=ACCESS.__getitem__,
            key=field("person", row_id, "access"),
        )
        saved = submit("person", row_id)
    asked: dict[str, object] = {"name": name, "email": email, "slack": slack, "access": access}
    if saved:
        save("person", lambda work: _save(work, row_id, asked, opened), f"{name.strip()} is saved", form=opened)
    opened.settle()


def _save(work: Work, row_id: int | None, asked: dict[str, object], opened: Form) -> Person:
    draft = PersonDraft.model_validate(asked)
    return change_person(work, row_id, draft, seen=opened.seen) if row_id else add_person(work, draft)
