"""The tab of the system: database, worker, and the settings of this process. Secrets are never shown."""

from typing import Any

import streamlit as st
from pydantic import SecretStr

from ims import check
from ims.config import Settings
from ims.store import schema
from ims.ui import places
from ims.ui.session import portal
from ims.ui.settings.editing import table
from ims.ui.text import plain


def draw() -> None:
    """Draw what this process runs on."""
    wired = portal()
    _problems()
    st.subheader("This process", anchor=False)
    table(
        [
            {"What": "Database", "Is": wired.database.in_words},
            {"What": "Schema", "Is": schema.newest_revision()},
            {"What": "Delivery worker", "Is": "runs in this process" if wired.settings.worker else "runs elsewhere"},
            {"What": "Data folder", "Is": str(wired.settings.data_dir)},
        ],
        alt="Database, worker and data folder of this process",
    )
    places.link("integrations", "Outside systems: who serves what, and whether it works", icon="hub")
    st.subheader("Settings", anchor=False)
    table(_settings(wired.settings), alt="Every setting with its value; secrets are hidden")
    st.caption("Set by environment variables, read at start.")


def _problems() -> None:
    """Show what ``ims check`` prints."""
    st.subheader("What to mend", anchor=False)
    found = check.of_portal(portal())
    if not found:
        st.success("Everything is in order.", icon=":material/check:")
        return
    for problem in found:
        st.markdown(f"**{plain(problem.sentence)}** {plain(problem.hint)} :gray[{problem.code}]")


def _settings(settings: Settings) -> list[dict[str, str]]:
    return [
        {
            "Setting": f"IMS_{name.upper()}",
            "Value": _shown(name, getattr(settings, name)),
            "Meaning": each.description or "",
        }
        for name, each in type(settings).model_fields.items()
    ]


def _shown(name: str, value: Any) -> str:
    if name == "database_url":
        return portal().database.in_words
    if isinstance(value, SecretStr):
        return "set, hidden"
    return "not set" if value in (None, "") else str(value)
