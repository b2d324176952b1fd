"""The frame: navigation, who acts, and the strip of active incidents on every page."""

from pathlib import Path

import streamlit as st

from ims.ui import home, places, strip, who

HERE = Path(__file__).parent


def pages() -> dict[str, list[st.Page]]:
    """Return the pages by the section of the navigation they stand in."""
    return {
        "": [
            _page("home", "Now", "notifications_active", default=True),
            _page("declare", "Declare", "emergency"),
            _page("alerts", "Alerts", "notification_important"),
            _page("incidents", "Incidents", "list_alt"),
            _page("incident", "Incident", "local_fire_department", visible=False),
            _page("briefing", "Briefing", "assignment", visible=False),
            st.Page(home.draw, title="Now", url_path="home", visibility="hidden"),  # what people guess and paste
        ],
        "Learn": [
            _page("rca", "Root cause", "description"),
            _page("follow_ups", "Follow-ups", "task_alt"),
            _page("library", "Library", "library_books"),
            _page("figures", "Figures", "monitoring"),
            _page("drills", "Drills", "exercise"),
        ],
        "Portal": [
            _page("deliveries", "Deliveries", "outgoing_mail"),
            _page("import_history", "Import", "upload_file"),
            _page("integrations", "Integrations", "hub"),
            _page("settings", "Settings", "settings"),
        ],
    }


def _page(name: str, title: str, icon: str, *, default: bool = False, visible: bool = True) -> st.Page:
    return st.Page(
        places.page(name),
        title=title,
        icon=f":material/{icon}:",
        url_path="now" if default else name,
        default=default,
        visibility="visible" if visible else "hidden",
    )


def run() -> None:
    """Draw the frame and run the page the address names."""
    st.logo(str(HERE / "logo.svg"), size="medium")
    st.set_page_config(page_icon=str(HERE / "icon.svg"))  # an icon by name would come from a host outside
    st.html(HERE / "portal.css")
    who.admit()
    page = st.navigation(pages(), expanded=True)  # else the last ones hide behind “View more”
    who.choose()
    strip.draw()
    page.run()
