"""What the tabs share: choosing what to edit, its fields, saving it, retiring it and bringing it back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from ims.model import Customer, Person, Service
from ims.store.work import Work
from ims.ui.session import attempt
from ims.ui.two_at_once import Field, Form

Row = TypeVar("Row", Person, Service, Customer)
NEW = "new"


@dataclass(frozen=True)
class Noun:
    """A noun of the settings: ``key`` starts the keys of its widgets, ``one`` is what people call it."""

    key: str
    one: str
    retire: Callable[[Work, int], object]
    restore: Callable[[Work, int], object]


def table(rows: Sequence[Mapping[str, Any]], alt: str) -> None:
    """Show rows as a table; its cells do not read Markdown."""
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=alt)


def choose(noun: Noun, rows: Iterable[Row], name: Callable[[Row], str]) -> Row | None:
    """Let people choose which row to change, or ``None`` to add one. The address names the choice."""
    by_key: dict[str, Row] = {str(row.id): row for row in rows}

    def words(key: str) -> str:
        row = by_key.get(key)
        return f"Add a {noun.one}" if row is None else label(name(row), active=row.active)

    keys: list[str] = [NEW, *by_key]
    chosen = st.selectbox("Add or change", keys, format_func=words, key=noun.key, bind="query-params", width=420)
    return by_key.get(chosen or NEW)


def label(name: str, *, active: bool) -> str:
    """Name a row in the list of what can be changed, and in the address."""
    return name if active else f"{name} (retired)"


def field(noun: str, row_id: int | None, name: str) -> str:
    """Return the key of a form's field. It changes with each thing saved, so that the next form starts afresh."""
    saved = int(st.session_state.get(f"{noun}_saved", 0))
    return f"{noun}_{row_id or NEW}_{name}" + (f"_{saved}" if saved else "")


def form(noun: str, row_id: int | None, fields: Mapping[str, Field], shown: Mapping[str, Any]) -> Form:
    """Return the form of a row, opened on what is shown; this must come before its fields are drawn."""
    keyed = {name: replace(each, key=field(noun, row_id, each.key)) for name, each in fields.items()}
    opened = Form(field(noun, row_id, "form"), keyed)
    opened.open_on(shown)
    return opened


def save(noun: str, verb: Callable[[Work], object], done: str, *, form: Form | None = None) -> None:
    """Do what a form asks; when it is refused, what was typed stays in its fields."""
    if attempt(lambda work: (verb(work),), done, on_conflict=form.meet if form else None) is not None:
        st.session_state[f"{noun}_saved"] = int(st.session_state.get(f"{noun}_saved", 0)) + 1
        st.rerun()


def submit(noun: str, row_id: int | None) -> bool:
    """Draw the button that saves a form."""
    word = "Save" if row_id else "Add"
    return st.form_submit_button(word, type="primary", icon=":material/save:", key=f"{noun}_{row_id or NEW}_save")


def retiring(noun: Noun, row: Person | Service | Customer) -> None:
    """Offer to retire a row, or to bring a retired one back. Both can be undone by the other."""
    if row.active:
        if st.button("Retire", icon=":material/archive:", key=f"{noun.key}_{row.id}_retire"):
            save(noun.key, lambda work: noun.retire(work, row.id), f"{row.name} is retired")
        st.caption("What is retired is offered nowhere any more; the past keeps its name.")
    elif st.button("Bring back", icon=":material/unarchive:", key=f"{noun.key}_{row.id}_restore"):
        save(noun.key, lambda work: noun.restore(work, row.id), f"{row.name} is back")
