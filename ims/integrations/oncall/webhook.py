"""What OnCall's outgoing webhooks post to ``/hooks/oncall``."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from ims.integrations.frame import Unreadable
from ims.integrations.oncall.readings import AlertGroup, User, incident_of
from ims.integrations.oncall.settings import OnCallSettings
from ims.ports import Answer, PageAnswer

# OnCall tells of more ('alert group created', 'unacknowledge', 'silence', …), of which the portal needs nothing.
_ANSWERS = {"acknowledge": Answer.ACKNOWLEDGED, "resolve": Answer.RESOLVED}


class _Event(BaseModel, strict=True):
    type: str
    time: AwareDatetime | None = Field(default=None, strict=False)


class _Webhook(BaseModel):
    event: _Event
    user: User | None = None
    alert_group: AlertGroup
    alert_payload: Any = None


class OnCallWebhook:
    """Hears who acknowledged or resolved a page in OnCall.

    A message that comes twice, late or again says the same of the same moment. One that got lost is not sent again;
    ``OnCall.answers`` finds what it would have said.
    """

    def __init__(self, settings: OnCallSettings) -> None:
        self._token = settings.webhook_token.get_secret_value() if settings.webhook_token else ""

    def why_refused(self, headers: Mapping[str, str], body: bytes) -> str:
        if not self._token:
            return "Set IMS_ONCALL_WEBHOOK_TOKEN: without it OnCall's webhooks are not heard."
        scheme, _, offered = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(offered.strip().encode(errors="replace"), self._token.encode())
        return "" if right and scheme.lower() == "bearer" else "The token is missing or wrong."

    def read(self, body: bytes) -> Sequence[PageAnswer]:
        try:
            said = _Webhook.model_validate_json(body)
        except ValidationError as error:
            raise Unreadable(f"No message of OnCall: {_first(error)}.") from None
        answer, incident = _ANSWERS.get(said.event.type), incident_of(_payload(said))
        if not (answer and incident and said.user):
            return []  # of no use, about nothing of ours, or done by OnCall itself
        if not said.event.time:
            raise Unreadable("No message of OnCall: event.time is missing.")
        return [PageAnswer(incident, answer, said.event.time, said.user.email or "", said.alert_group.url)]


def _payload(said: _Webhook) -> Any:
    return said.alert_group.payload if said.alert_payload is None else said.alert_payload


def _first(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else problem["msg"]
