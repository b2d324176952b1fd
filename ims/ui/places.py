"""Where the pages are, and how to get to one: links in the same tab, with their query."""

from pathlib import Path

import streamlit as st

from ims.ui.text import line

PAGES = Path(__file__).resolve().parents[2] / "pages"
TITLE_LENGTH = 70  # letters; a longer title is cut in a link, the incident's page shows it whole


def page(name: str) -> Path:
    """Return the script of a page, as ``st.page_link`` and ``st.switch_page`` take it."""
    return PAGES / f"{name}.py"


def link(name: str, label: str, *, icon: str | None = None, **query: str) -> None:
    """Draw a link to a page in the same tab. The label is Markdown: what people typed in it must be ``plain``."""
    st.page_link(page(name), label=label, icon=f":material/{icon}:" if icon else None, query_params=query)


def incident_link(key: str, title: str, *, before: str = "") -> None:
    """Draw the link to an incident; ``before`` is Markdown that stands before its key, a severity chip for example."""
    link("incident", f"{before} **{key}** {line(title, TITLE_LENGTH)}".strip(), key=key)


def go(name: str, **query: str) -> None:
    """Leave for another page at once."""
    st.switch_page(page(name), query_params=query)
