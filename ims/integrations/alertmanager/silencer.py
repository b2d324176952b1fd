"""The adapter: makes a silence once, and ends it once."""

from datetime import UTC, datetime

from ims.clock import Clock
from ims.integrations.alertmanager.client import Client, Missing
from ims.integrations.alertmanager.payloads import MADE, MANY, ONE, STATUS, Held, marked, silence_body
from ims.integrations.alertmanager.settings import AlertmanagerSettings
from ims.model.message import SilenceEnd, SilenceRequest
from ims.ports import DeliveryError, Receipt

SYSTEM = "alertmanager"


class AlertmanagerSilencer:
    """Keeps alerts quiet in an Alertmanager, and in every other one of its cluster."""

    def __init__(self, settings: AlertmanagerSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client = Client(settings)

    def ping(self) -> str:
        """Ask for its version.

        Raises:
            DeliveryError: it cannot be used as it is configured.
        """
        return f"Alertmanager {self._client.read(STATUS, 'status').versionInfo.version} answers."

    def silence(self, request: SilenceRequest, key: str) -> Receipt:
        """Make the silence, unless it was made before.

        Raises:
            DeliveryError: it was not made, or its time is over.
        """
        silences = self._client.read(MANY, "silences")
        # Another portal, of a test perhaps, may count its incidents and silences as this one does.
        alike = [each for each in silences if each.labels == request.matchers]
        if present := marked(alike, request.silence_id, request.incident_key):
            return self._receipt(f"Alertmanager has the silence until {_hour(request)} UTC", present.id)
        if datetime.fromisoformat(request.ends_at) <= self._clock():
            raise DeliveryError("Its time was over before Alertmanager could be told.", permanent=True)
        made = self._client.read(MADE, "silences", silence_body(request))
        return self._receipt(f"Alertmanager took the silence until {_hour(request)} UTC", made.silenceID)

    def end_silence(self, end: SilenceEnd, key: str) -> Receipt:
        """End the silence; one that is over, or that Alertmanager does not have any more, is ended enough.

        Raises:
            DeliveryError: it may still keep alerts quiet.
        """
        held = self._held(end)
        if held is None or held.is_over:
            return self._receipt("Alertmanager has no such silence any more", end.silence)
        self._client.delete(f"silence/{held.id}")
        return self._receipt("Alertmanager ended the silence", held.id)

    def _held(self, end: SilenceEnd) -> Held | None:
        """Find the silence: by its id, or by our mark where it was ended before the portal knew of its id."""
        if not end.silence:
            silences = self._client.read(MANY, "silences")
            return marked(silences, end.silence_id, end.incident_key)
        try:
            return self._client.read(ONE, f"silence/{end.silence}")
        except Missing:
            return None

    def _receipt(self, proof: str, silence: str) -> Receipt:
        url = f"{self._settings.api_url}/#/silences/{silence}" if silence else ""
        return Receipt(SYSTEM, proof, silence, url)


def _hour(request: SilenceRequest) -> str:
    return f"{datetime.fromisoformat(request.ends_at).astimezone(UTC):%H:%M}"
