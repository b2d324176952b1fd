"""Webhooks: who may call, how large a body may be, and the answer."""

import base64
import binascii
import hmac
import ipaddress

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ims.bootstrap import portal
from ims.config import Settings
from ims.intake import alertmanager, inbox
from ims.integrations.frame import Receiver, Unreadable
from ims.integrations.registry import receiver as receiver_of
from ims.model import Actor, InboxMessage, InboxState
from ims.response.answers import take_answer

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="IMS", Basic realm="IMS"'}
# A proxy on this machine, or a web page in a browser on it, calls from a loopback address too.
_NOT_DIRECT = ("forwarded", "x-forwarded-for", "x-real-ip", "via", "origin")


async def take_alerts(request: Request) -> Response:
    """Take a body from Alertmanager.

    Whatever a permitted sender posts is kept and answered 200, because Alertmanager sends it again after anything
    else; what could not be read is shown in the inbox. Only a database that fails makes it 500, to be sent again.
    """
    settings = portal().settings
    reason = why_refused(request, settings)
    if reason:
        return JSONResponse({"refused": reason}, status_code=401, headers=_CHALLENGE)
    try:
        body = await _body_up_to(request, settings.largest_webhook_bytes)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is left to read it
    if body is None:
        limit = settings.largest_webhook_bytes
        return JSONResponse(
            {"refused": f"The body is larger than {limit} bytes (IMS_LARGEST_WEBHOOK_BYTES)."}, status_code=413
        )
    return JSONResponse(await run_in_threadpool(_take_in, body))


async def take_call(request: Request) -> Response:
    """Take a body from a system that tells what people did there.

    It is kept, and answered at once: such a system does not send again, and reading it again heals what was missed.
    """
    name = str(request.path_params["system"])
    receiver = receiver_of(name)
    if receiver is None:
        return JSONResponse({"refused": f"No system called {name[:50]} is configured to call the portal."}, 404)
    limit = portal().settings.largest_webhook_bytes
    try:
        body = await _body_up_to(request, limit)
    except ClientDisconnect:
        return Response(status_code=400)
    if body is None:
        return JSONResponse({"refused": f"The body is larger than {limit} bytes."}, status_code=413)
    reason = receiver.why_refused({key.lower(): value for key, value in request.headers.items()}, body)
    if reason:
        return JSONResponse({"refused": reason}, status_code=401, headers=_CHALLENGE)
    return JSONResponse(await run_in_threadpool(_take_answers, name, receiver, body))


def _take_answers(name: str, receiver: Receiver, body: bytes) -> dict[str, object]:
    try:
        answers, problem = receiver.read(body), ""
    except Unreadable as reason:
        answers, problem = [], str(reason)
    with portal().work(Actor(name)) as work:
        inbox.keep(work, name, body, problem)
        news = [take_answer(work, answer) for answer in answers]
    return {"unreadable": problem} if problem else {"news": sum(news), "known": len(news) - sum(news)}


def why_refused(request: Request, settings: Settings) -> str:
    """Say why a caller may not post, or return an empty text if they may."""
    tokens = [
        token.get_secret_value() for token in (settings.alertmanager_token, settings.alertmanager_token_next) if token
    ]
    tokens = [token for token in tokens if token]
    if tokens:
        offered = offered_token(request.headers.get("authorization", ""))
        return "" if is_one_of(offered, tokens) else "The token is missing or wrong."
    if _calls_from_this_machine(request):
        return ""
    return "Set IMS_ALERTMANAGER_TOKEN: without it, only senders on the portal's own machine are heard."


def offered_token(authorization: str) -> str:
    """Return the bearer token, or the password of basic auth."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def is_one_of(offered: str, tokens: list[str]) -> bool:
    """Compare with every token in constant time."""
    matches = [hmac.compare_digest(offered.encode(errors="replace"), token.encode()) for token in tokens]
    return any(matches)


def _calls_from_this_machine(request: Request) -> bool:
    if any(header in request.headers for header in _NOT_DIRECT):
        return False
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    # A server that listens on IPv6 names an IPv4 caller ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


async def _body_up_to(request: Request, limit: int) -> bytes | None:
    """Return the body, or ``None`` as soon as it is known to be larger than ``limit`` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def _take_in(body: bytes) -> dict[str, object]:
    reading = alertmanager.read(body)
    with portal().work(inbox.ALERTMANAGER) as work:
        message = inbox.receive(work, body, reading)
    return _answer(message)


def _answer(message: InboxMessage) -> dict[str, object]:
    if message.state is InboxState.UNREADABLE:
        return {"unreadable": message.problem}
    counts: dict[str, object] = {"stored": message.alerts_new, "repeated": message.alerts_repeated}
    return counts | {"problem": message.problem} if message.problem else counts
