"""Several workers on one database."""

from concurrent.futures import ThreadPoolExecutor

from ims.bootstrap import Portal, build
from ims.clock import utc_now
from ims.config import Settings
from ims.delivery.queue import enqueue
from ims.delivery.worker import Worker
from ims.integrations.registry import rehearsal
from ims.model import PORTAL, DeliveryState
from ims.model.message import TeamMessage
from ims.response.settlement import settled
from ims.store import deliveries
from tests.delivery.conftest import Outside

ROWS, STREAMS, WORKERS = 200, 20, 3


def _ask_for_all(portal: Portal) -> None:
    with portal.work(PORTAL) as work:
        for number in range(ROWS):
            message = TeamMessage(incident_key="INC-1", text=str(number))
            enqueue(work, message, key=f"{number % STREAMS}:{number:03}", stream=f"stream {number % STREAMS}")


def _work(url: str, outside: Outside) -> None:
    """Work with a database of its own, as another process would, until nothing waits."""
    other = build(Settings(database_url=url))
    worker = Worker(other.database, outside.ports, rehearsal(), settled, utc_now)
    while True:
        worker.run_due()
        with other.reading() as session:
            if not any(state in deliveries.counts(session) for state in deliveries.PENDING):
                break
    other.database.close()


def test_three_workers_send_two_hundred_rows_once_each_and_each_stream_in_order(
    database_url: str, outside: Outside
) -> None:
    portal = build(Settings(database_url=database_url))
    portal.start()
    _ask_for_all(portal)
    with ThreadPoolExecutor(WORKERS) as threads:
        for finished in [threads.submit(_work, database_url, outside) for _ in range(WORKERS)]:
            finished.result()
    assert len(outside.keys) == len(set(outside.keys)) == ROWS
    for stream in range(STREAMS):
        sent = [key for key in outside.keys if key.startswith(f"{stream}:")]
        assert sent == sorted(sent)
    with portal.reading() as session:
        assert deliveries.counts(session) == {DeliveryState.SENT: ROWS}
    portal.database.close()
