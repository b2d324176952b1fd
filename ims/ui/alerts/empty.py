"""How alerts get here: words and configuration to copy."""

import streamlit as st

from ims.config import Settings
from ims.ui.session import portal
from ims.ui.text import plain

_CONFIGURATION = """\
route:
  receiver: ims
  group_by: [alertname, service]

receivers:
  - name: ims
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials_file: /etc/alertmanager/ims_token
"""


def explain() -> None:
    """Tell a portal that has never heard of an alert how to hear of one."""
    st.info("No alert has arrived so far. Point Alertmanager at this portal.", icon=":material/notifications_paused:")
    show_configuration()


def show_configuration() -> None:
    """Show what to put into ``alertmanager.yml``."""
    settings = portal().settings
    st.markdown("Put this into `alertmanager.yml`, then reload Alertmanager:")
    url = settings.base_url.rstrip("/") + "/hooks/alertmanager"
    st.code(_CONFIGURATION.format(url=url), language="yaml")
    st.markdown(_about_the_token(settings))
    st.markdown("To try it without waiting for trouble:")
    st.code("amtool alert add alertname=Try service=payments severity=warning --annotation=summary='A try'")


def _about_the_token(settings: Settings) -> str:
    token = settings.alertmanager_token
    if token and token.get_secret_value():
        return "The file `ims_token` holds the same token as the setting `IMS_ALERTMANAGER_TOKEN` of this portal."
    return (
        ":orange[:material/warning: No token is set.] Only an Alertmanager on the portal's own machine is heard "
        "(it needs no `http_config`). Set `IMS_ALERTMANAGER_TOKEN`, or `IMS_ALERTMANAGER_TOKEN_FILE`, and put the "
        "same token into the file `ims_token`. "
        f"The portal's address comes from `IMS_BASE_URL`: {plain(settings.base_url)}"
    )
