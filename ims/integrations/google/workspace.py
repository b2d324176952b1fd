"""The adapter: Google Workspace as one user, one ability a method."""

from ims.clock import Clock
from ims.integrations.google.access import Google
from ims.integrations.google.calendar import GoogleCalendar
from ims.integrations.google.events import new_space, room_of
from ims.integrations.google.settings import GoogleSettings
from ims.model.message import Invitation, RoomRequest
from ims.ports import Receipt

_MEET = ("meet", "v2")


class GoogleWorkspace:
    """Invites to meetings through Google Calendar, and opens war rooms in Google Meet."""

    def __init__(self, settings: GoogleSettings, clock: Clock) -> None:
        self._settings = settings
        self._google = Google(settings, clock)
        self._calendar = GoogleCalendar(self._google, settings.calendar)

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return self._calendar.invite(invitation)

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        """Open a Meet space.

        Google keeps no mark on a space and lists none, so a try after a lost answer opens a second one. It does no
        harm: it is empty, and the portal shows the newest link only.
        """
        with self._google.service(_MEET) as service:
            return room_of(service.spaces().create(body=new_space(self._settings.meet_access)).execute())

    def ping(self) -> str:
        """Sign in with every scope, read the calendar, and say as whom.

        Raises:
            DeliveryError: Google cannot be used as it is configured.
        """
        who = self._settings.acts_as or "the user of the refresh token"
        return f"Signed in as {who}. {self._calendar.ping()}"
