"""The routes under test, called without a network by httpx."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from ims import bootstrap
from ims.bootstrap import Portal
from ims.web.routes import routes
from tests.conftest import HandClock

TOKEN = "s3cret-token"


@dataclass
class Client:
    """Somebody who calls the portal from an address."""

    address: str = "10.0.0.7"
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, arguments))

    def post(self, path: str, **arguments: Any) -> httpx.Response:
        return self.request("POST", path, **arguments)

    async def _request(self, method: str, path: str, arguments: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(
            Starlette(routes=routes()), raise_app_exceptions=False, client=(self.address, 50_000)
        )
        async with httpx.AsyncClient(
            transport=transport, base_url="http://portal.example", headers=self.headers
        ) as session:
            return await session.request(method, path, **arguments)


OpenClient = Callable[..., Client]


@pytest.fixture
def portal(sqlite_url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """The process's own portal, as the routes find it, with a token for Alertmanager."""
    monkeypatch.setenv("IMS_DATABASE_URL", sqlite_url)
    bootstrap.portal.cache_clear()
    wired = bootstrap.portal()
    wired.clock = clock
    wired.settings.alertmanager_token = SecretStr(TOKEN)
    yield wired
    wired.database.close()
    bootstrap.portal.cache_clear()


@pytest.fixture
def client_from(portal: Portal) -> OpenClient:
    """Open a client that calls from an address: ``client_from("10.0.0.7")``."""

    def open_it(address: str = "10.0.0.7", **headers: str) -> Client:
        return Client(address, headers)

    return open_it


@pytest.fixture
def client(client_from: OpenClient) -> Client:
    """A client that knows the token."""
    return client_from(Authorization=f"Bearer {TOKEN}")
