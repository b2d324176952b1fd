"""The adapter: Google Workspace as one user, one ability a method."""

from ims.clock import Clock
from ims.integrations.google.access import Google
from ims.integrations.google.calendar import GoogleCalendar
from ims.integrations.google.documents import GoogleDocuments
from ims.integrations.google.events import new_space, room_of
from ims.integrations.google.settings import GoogleSettings
from ims.model.message import DocumentRefresh, DocumentRequest, DocumentShare, Invitation, RoomRequest
from ims.ports import DocumentCopy, Receipt

_MEET = ("meet", "v2")


class GoogleWorkspace:
    """Invites through Google Calendar, opens war rooms in Google Meet, keeps documents in Google Docs."""

    def __init__(self, settings: GoogleSettings, clock: Clock) -> None:
        self._settings = settings
        self._google = Google(settings, clock)
        self._calendar = GoogleCalendar(self._google, settings.calendar)
        self._documents = GoogleDocuments(self._google, settings)

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return self._calendar.invite(invitation)

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        """Open a Meet space.

        Google keeps no mark on a space and lists none, so a try after a lost answer opens a second one. It does no
        harm: it is empty, and the portal shows the newest link only.
        """
        with self._google.service(_MEET) as service:
            return room_of(service.spaces().create(body=new_space(self._settings.meet_access)).execute())

    def create(self, request: DocumentRequest, key: str) -> Receipt:
        return self._documents.create(request)

    def share(self, share: DocumentShare, key: str) -> Receipt:
        return self._documents.share(share)

    def refresh(self, refresh: DocumentRefresh, key: str) -> Receipt:
        return self._documents.refresh(refresh)

    def read(self, document: str) -> DocumentCopy:
        return self._documents.read(document)

    def download(self, document: str) -> bytes:
        return self._documents.download(document)

    def ping(self) -> str:
        """Sign in with every scope, read the calendar and the folder of the documents, and say as whom.

        Raises:
            DeliveryError: Google cannot be used as it is configured.
        """
        who = self._settings.acts_as or "the user of the refresh token"
        return f"Signed in as {who}. {self._calendar.ping()} {self._documents.ping()}"
