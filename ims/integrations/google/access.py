"""The way to Google: signing in, and a service of its own for each call."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import httplib2  # type: ignore[import-untyped]
import requests
from google.auth.transport import Response
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as ServiceCredentials
from googleapiclient.discovery import build_from_document  # type: ignore[import-untyped]
from googleapiclient.discovery_cache import get_static_doc  # type: ignore[import-untyped]

from ims.clock import Clock
from ims.integrations.google.failures import UNAUTHORISED, Refused, Rubbish, is_for_now, told
from ims.integrations.google.settings import GoogleSettings

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/drive.file",
    "https://www.googleapis.com/auth/meetings.space.created",
)
_SIGN_IN = "https://oauth2.googleapis.com/token"
_FAILURES_FROM = 300
Api = tuple[str, str]  # name and version, as the discovery documents have them


class Google:
    """Google as one user. Threads may share it; each service that it gives belongs to one thread."""

    def __init__(self, settings: GoogleSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._credentials = _credentials_of(settings)
        self._signing_in = Lock()

    @contextmanager
    def service(self, api: Api) -> Iterator[Any]:
        """Give a service of an API for the calls inside the block, where ``Refused`` may be caught.

        Raises:
            DeliveryError: what Google or the network refused inside the block, in words.
        """
        with told(self._clock, SCOPES, self._secrets), requests.Session() as session:
            http = _Transport(self, session, self._settings.timeout_seconds)
            http.token = self.token(session)
            yield build_from_document(_document(api, self._settings.api_url), http=http)

    def token(self, session: requests.Session, refused: str = "") -> str:
        """Return an access token, the same for all threads until it lapses or was ``refused``."""
        with self._signing_in:
            if not self._credentials.valid or self._credentials.token == refused:
                self._credentials.refresh(_Asking(session, self._settings.timeout_seconds))
            return str(self._credentials.token)

    def _secrets(self) -> Iterator[str]:
        """Return what no sentence may hold."""
        yield str(self._credentials.token or "")
        for secret in (self._settings.client_secret, self._settings.refresh_token):
            yield secret.get_secret_value() if secret else ""


class _Transport:
    """What the API library takes for its ``httplib2.Http``, on ``requests``.

    ``httplib2`` sends a request again when the connection drops before the answer, which opens a second room or sends
    everybody a second invitation. Here one call is one request; only what was refused for an old token is repeated.
    """

    def __init__(self, google: Google, session: requests.Session, timeout: float) -> None:
        self._google = google
        self._session = session
        self._timeout = timeout
        self.token = ""

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> tuple[httplib2.Response, bytes]:
        answer = self._send(uri, method, body, headers or {})
        if answer.status_code == UNAUTHORISED:
            self.token = self._google.token(self._session, refused=self.token)
            answer = self._send(uri, method, body, headers or {})
        if answer.status_code >= _FAILURES_FROM:
            raise Refused(answer.status_code, answer.headers, answer.content)
        return httplib2.Response({**answer.headers, "status": str(answer.status_code)}), answer.content

    def close(self) -> None:
        """Do nothing: the session is closed by whoever opened it."""

    def _send(self, uri: str, method: str, body: Any, headers: Mapping[str, str]) -> requests.Response:
        return self._session.request(
            method,
            uri,
            data=body,
            headers={**headers, "authorization": f"Bearer {self.token}"},
            auth=_as_it_is,
            timeout=self._timeout,
            allow_redirects=False,
        )


class _Asking(Request):
    """How the sign-in library asks for a token: in time, and without its own pauses and repeats."""

    def __init__(self, session: requests.Session, timeout: float) -> None:
        super().__init__(session)
        self._timeout = timeout

    def __call__(self, *args: Any, **kwargs: Any) -> Response:
        answer: Response = super().__call__(*args, **{"timeout": self._timeout, **kwargs})  # type: ignore[no-untyped-call]
        refused = Refused(answer.status, answer.headers, answer.data)
        if is_for_now(answer.status) or refused.error:
            raise refused
        if not isinstance(json.loads(answer.data), dict):  # the library would stumble over it
            raise Rubbish
        return answer


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the token alone: ``requests`` would put a password from ``~/.netrc`` in its place."""
    return request


def _credentials_of(settings: GoogleSettings) -> Any:
    account = settings.service_account
    if account:
        named = {"scopes": SCOPES, "subject": settings.acts_as}
        return ServiceCredentials.from_service_account_info(account, **named)  # type: ignore[no-untyped-call]
    secret, refresh_token = settings.client_secret, settings.refresh_token
    return UserCredentials(  # type: ignore[no-untyped-call]
        None,
        token_uri=f"{settings.api_url}/token" if settings.api_url else _SIGN_IN,
        client_id=settings.client_id,
        client_secret=secret.get_secret_value() if secret else None,
        refresh_token=refresh_token.get_secret_value() if refresh_token else None,
        scopes=SCOPES,
    )


@cache
def _document(api: Api, url: str) -> str:
    """Return the discovery document of an API, which comes with the library, with its address changed to ``url``.

    As text, because whoever builds a service from it writes into it.
    """
    text: str = get_static_doc(*api)
    if not url:
        return text
    document = json.loads(text)
    document.pop("mtlsRootUrl", None)  # a variable of the environment would lead there
    return json.dumps({**document, "rootUrl": f"{url}/", "baseUrl": f"{url}/{document['servicePath']}"})
