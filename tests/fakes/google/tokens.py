"""Google's sign-in: a service account's signed JWT, or a user's refresh token, for an access token."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

ACCOUNT, CLIENT, BOT = "ims@portal.iam.gserviceaccount.example", "104210421", "bot@example.com"
OAUTH_CLIENT, OAUTH_SECRET, REFRESH_TOKEN = "portal.apps.example", "oauth-secret-0f-the-test", "refresh-0f-the-test"
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HOUR = 3600
_AUDIENCE = "https://oauth2.googleapis.com/token"  # for whichever address the account's key names


class NoToken(Exception):
    """A sign-in that Google refuses; ``code`` is OAuth's word for it."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.status = status


@dataclass
class Tokens:
    """The token endpoint. ``delegated`` is what the Admin console allows the service account, ``users`` whom there are.

    ``issued`` are the access tokens that count now, with their user and scopes; clear it to withdraw them all. With
    ``key_withdrawn`` no signature counts, with ``lapsing`` no token does.
    """

    uri: str
    delegated: set[str]
    users: set[str] = field(default_factory=lambda: {BOT})
    granted: set[str] = field(default_factory=set)  # with the refresh token
    issued: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    given: int = 0
    key_withdrawn: bool = False
    lapsing: bool = False

    def account(self, **changes: str) -> str:
        """Return the JSON key of the service account."""
        key = {
            "type": "service_account",
            "client_email": ACCOUNT,
            "client_id": CLIENT,
            "private_key_id": "k1",
            "private_key": key_pair()[0],
            "token_uri": self.uri,
        }
        return json.dumps(key | changes)

    def answer(self, body: bytes) -> dict[str, Any]:
        """Answer a request for a token.

        Raises:
            NoToken: it is refused.
        """
        asked = dict(parse_qsl(body.decode(), strict_parsing=True))
        if asked.get("grant_type") == _JWT:
            user, scopes = self._of_service_account(asked)
        elif asked.get("grant_type") == "refresh_token":
            user, scopes = self._of_user(asked)
        else:
            raise NoToken("unsupported_grant_type", "Invalid grant_type")
        self.given += 1
        token = f"ya29.fake-{self.given}"
        if not self.lapsing:
            self.issued[token] = (user, frozenset(scopes))
        return {"access_token": token, "expires_in": _HOUR, "token_type": "Bearer", "scope": " ".join(sorted(scopes))}

    def _of_service_account(self, asked: Mapping[str, str]) -> tuple[str, set[str]]:
        try:
            claims: dict[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
                asked["assertion"], certs=key_pair()[1], audience=_AUDIENCE
            )
        except (GoogleAuthError, ValueError) as error:
            raise NoToken("invalid_grant", "Invalid JWT Signature.") from error
        if self.key_withdrawn:
            raise NoToken("invalid_grant", "Invalid JWT Signature.")
        if claims["iss"] != ACCOUNT or not claims["iat"] <= time.time() + 300 or claims["exp"] - claims["iat"] > _HOUR:
            raise NoToken("invalid_grant", "Invalid JWT: iss, iat or exp.")
        if "sub" not in claims or not set(claims["scope"].split()) <= self.delegated:
            raise NoToken("unauthorized_client", "Client is unauthorized to retrieve access tokens.", 401)
        if claims["sub"] not in self.users:
            raise NoToken("invalid_grant", "Invalid email or User ID")
        return claims["sub"], set(claims["scope"].split())

    def _of_user(self, asked: Mapping[str, str]) -> tuple[str, set[str]]:
        if (asked.get("client_id"), asked.get("client_secret")) != (OAUTH_CLIENT, OAUTH_SECRET):
            raise NoToken("invalid_client", "Unauthorized", 401)
        if asked.get("refresh_token") != REFRESH_TOKEN:
            raise NoToken("invalid_grant", "Token has been expired or revoked.")
        scopes = set(asked["scope"].split()) if "scope" in asked else self.granted
        if not scopes <= self.granted:
            raise NoToken("invalid_scope", "Some requested scopes were not granted.")
        return BOT, scopes


@cache
def key_pair() -> tuple[str, str]:
    """Return a private and a public key, in PEM."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public.decode()
