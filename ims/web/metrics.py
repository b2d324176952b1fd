"""Gauges for Prometheus: how the response stands, so that another system notices when it does not."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from math import inf

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ims.bootstrap import portal
from ims.config import Settings
from ims.store.gauges import Gauges, gauges
from ims.web.hooks import is_one_of, offered_token

# How long ago a worker last finished a round, of all workers on the database; ``None`` if none ever did.
WorkerAge = Callable[[], timedelta | None]
Answer = Callable[[Request], Awaitable[Response]]
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="IMS metrics"'}


def endpoint(worker_age: WorkerAge | None = None) -> Answer:
    """Return the handler of ``/metrics``. Without ``worker_age`` it says nothing of the workers."""

    async def metrics(request: Request) -> Response:
        """Answer the gauges as they are now; 401 to who lacks the token, 503 when the database does not answer."""
        settings = portal().settings
        if not _may_read(request, settings):
            return PlainTextResponse("The metrics token is missing or wrong.\n", status_code=401, headers=_CHALLENGE)
        try:
            measured = await run_in_threadpool(_measure, worker_age)
        except Exception as error:  # whatever it is, Prometheus must see a target that is down, not old numbers
            return PlainTextResponse(f"Nothing can be measured: {type(error).__name__}.\n", status_code=503)
        return _written(measured, request.headers.get("accept", ""))

    return metrics


def _may_read(request: Request, settings: Settings) -> bool:
    """Return whether a caller may read: everybody may, unless a token is set."""
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else ""
    return not token or is_one_of(offered_token(request.headers.get("authorization", "")), [token])


@dataclass(frozen=True, eq=False)  # a registry keeps its collectors in a dict
class _Collected(Collector):
    """Families that were measured already, as a registry wants them."""

    families: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.families


def _written(families: Iterable[Metric], accept: str) -> Response:
    """Write families in the format that a caller asks for, through a registry that lives as long as the answer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(families))
    encode, content_type = choose_encoder(accept)
    return Response(encode(registry), media_type=None, headers={"Content-Type": content_type})


def _measure(worker_age: WorkerAge | None) -> list[Metric]:
    with portal().reading() as session:
        measured = gauges(session, portal().clock())
    return families(measured) if worker_age is None else [*families(measured), of_the_worker(worker_age())]


def families(measured: Gauges) -> list[Metric]:
    """Return what is told of the portal, with its names and what they mean."""
    build = InfoMetricFamily("ims_build", "Which IMS answers", {"version": version("ims")})
    return [build, *_of_incidents(measured), *_of_deliveries(measured)]


def of_the_worker(age: timedelta | None) -> Metric:
    """Return how long the workers have been silent; for ever, if none was ever heard."""
    return GaugeMetricFamily(
        "ims_worker_last_round_age_seconds",
        "Seconds since a worker last finished a round, of all workers on the database",
        inf if age is None else age.total_seconds(),
    )


def _of_incidents(measured: Gauges) -> Iterator[Metric]:
    active = GaugeMetricFamily("ims_incidents_active", "Incidents that somebody still fights", labels=["severity"])
    for severity, count in measured.active.items():
        active.add_metric([severity.value if severity else "unset"], count)
    yield active
    yield GaugeMetricFamily(
        "ims_customer_updates_overdue",
        "Incidents whose customers were to hear something and have not",
        measured.updates_overdue,
    )
    yield GaugeMetricFamily(
        "ims_customer_update_overdue_seconds",
        "How long the longest overdue customer update is overdue",
        measured.longest_overdue.total_seconds(),
    )
    yield GaugeMetricFamily(
        "ims_pages_unanswered", "Incidents for which the next person is still paged", measured.pages_unanswered
    )
    yield GaugeMetricFamily(
        "ims_alerts_waiting", "Firing alerts that nobody has decided about", measured.alerts_waiting
    )


def _of_deliveries(measured: Gauges) -> Iterator[Metric]:
    unsent = GaugeMetricFamily("ims_deliveries", "Messages that have not left the portal", labels=["state"])
    for state, count in measured.deliveries.items():
        unsent.add_metric([state.value], count)
    yield unsent
    yield GaugeMetricFamily(
        "ims_delivery_oldest_waiting_seconds",
        "How long the oldest message that waits or fails has been on its way",
        measured.oldest_delivery.total_seconds(),
    )
