"""Google Workspace: meetings in Calendar, war rooms in Meet, root-cause documents in Docs."""

from datetime import timedelta

from ims.integrations.frame import Pace, System
from ims.integrations.google.settings import GoogleSettings
from ims.integrations.google.workspace import GoogleWorkspace

SYSTEM = System(
    name="google",
    title="Google Calendar, Meet and Docs",
    abilities=("meetings", "rooms", "documents"),
    settings=GoogleSettings,
    build=GoogleWorkspace,
    pace=Pace(60, timedelta(minutes=1)),
)
