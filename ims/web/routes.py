"""Every route of the portal beside its pages, and what lives as long as the process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from starlette.routing import BaseRoute, Route

from ims.bootstrap import portal
from ims.web import health, hooks, memory, metrics, sockets

_FIRST_CALLERS_SECONDS = 1.0  # until those who called while the portal started are let in


def routes() -> Sequence[BaseRoute]:
    """Return the routes for ``st.App``."""
    return [
        Route("/healthz", health.alive, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
        Route("/metrics", metrics.endpoint(lambda: portal().watch_age()), methods=["GET"]),
        Route("/hooks/alertmanager", hooks.take_alerts, methods=["POST"]),
        Route("/hooks/{system}", hooks.take_call, methods=["POST"]),
    ]


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the portal and its worker with the process, and let the delivery in hand end with it."""
    sockets.send_at_once()
    sockets.say_nothing_of_closed_tabs()
    wired = portal()
    memory.set_aside()
    with wired.working() if wired.settings.worker else nullcontext():
        asyncio.get_running_loop().call_later(_FIRST_CALLERS_SECONDS, sockets.send_at_once)
        yield
