"""Grafana OnCall, and the OnCall part of Grafana Cloud IRM: who is on call, waking them, hearing their answers."""

from datetime import timedelta

from ims.integrations.frame import Pace, System
from ims.integrations.oncall.pager import OnCall
from ims.integrations.oncall.settings import OnCallSettings
from ims.integrations.oncall.webhook import OnCallWebhook

SYSTEM = System(
    "oncall",
    "Grafana OnCall",
    ("pager", "schedule", "switchboard"),
    OnCallSettings,
    OnCall,
    # The API takes 300 requests in five minutes; a page costs up to four, standing down more, which is rare.
    pace=Pace(60, timedelta(minutes=5)),
    hears=OnCallWebhook,
)
