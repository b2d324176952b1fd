"""Server time of each page with 0, 1,000 and 50,000 incidents, beside an empty Streamlit page.

Each row is a real server that is spoken to as a browser does, over its WebSocket: from asking for a page until the
server says that the script has finished and every element was sent. ``first`` is a new tab, connection included;
``again`` is the next run of the same tab, as after a click. What the browser draws is not part of it.
"""

import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.seed import seed
from ims.config import ROOT

SIZES = (0, 1_000, 50_000)
PAGES = (
    "home",
    "incident",
    "incidents",
    "alerts",
    "declare",
    "rca",
    "follow_ups",
    "figures",
    "deliveries",
    "import_history",
    "integrations",
    "settings",
)
GOALS = ("home", "incident")
GOAL = 3.0  # empty pages
RUNS = 15
PATIENCE = 15.0  # seconds for one page and kind of run; a slow page is run less often, but FEWEST times
FEWEST = 5
START_SECONDS = 60
MESSAGE_BYTES = 100_000_000
_EMPTY = "import streamlit as st\n"


@dataclass(frozen=True)
class Target:
    """A page of a server that runs."""

    port: int
    page: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """The median seconds of a page, and of the empty page that was measured in turn with it."""

    page: float
    empty: float

    @property
    def ratio(self) -> float:
        """How many empty pages it takes."""
        return self.page / self.empty


def run() -> None:
    """Measure, and print a row for each page and number of incidents."""
    with TemporaryDirectory(prefix="ims-bench-") as folder:
        empty_app = Path(folder) / "empty.py"
        empty_app.write_text(_EMPTY, encoding="utf-8")
        with _served(empty_app, {}) as port:
            print("   median in ms, the empty page measured in turn with each page, × is their ratio")
            print(f"   {'incidents':>9}  {'page':<15}{'first':>7}{'empty':>7}{'×':>6}{'again':>9}{'empty':>7}{'×':>6}")
            for size in SIZES:
                firsts = _pages(Path(folder), size, Target(port))
    for page in GOALS:
        verdict = "met" if firsts[page].ratio <= GOAL else "MISSED"
        print(f"   goal: {page} at {SIZES[-1]:,} incidents in at most {GOAL:g} empty pages: ", end="")
        print(f"{firsts[page].ratio:.1f}, {verdict}")


def _pages(folder: Path, size: int, empty: Target) -> dict[str, Timing]:
    """Serve a portal with a number of incidents and time its pages; return those of a new tab."""
    url = f"sqlite:///{folder / f'{size}.db'}"
    seed(url, size).database.close()
    firsts = {}
    with _served(ROOT / "app.py", {"IMS_DATABASE_URL": url, "IMS_WORKER": "false"}) as port:
        for page in PAGES:
            query = {"key": f"INC-{size}"} if page == "incident" and size else {}
            target = Target(port, page, query)
            firsts[page], again = _in_new_tabs(target, empty), _in_one_tab(target, empty)
            shown = (f"{t.page * 1000:>7.0f}{t.empty * 1000:>7.0f}{t.ratio:>6.1f}" for t in (firsts[page], again))
            print(f"   {size:>9,}  {page:<15}{'  '.join(shown)}", flush=True)
    return firsts


@contextmanager
def _served(app: Path, settings: Mapping[str, str]) -> Iterator[int]:
    """Run ``streamlit run`` as ``ims serve`` does, in the app's folder, and give its port.

    The empty app has no ``.streamlit/config.toml`` there, so it is what Streamlit is without one.
    """
    port = _free_port()
    options = (f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true")
    quiet = ("--server.fileWatcherType=none", "--browser.gatherUsageStats=false")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(app), *options, *quiet],
        cwd=app.parent,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    """Wait until a tab can be opened.

    Raises:
        TimeoutError: it cannot, a minute after the start.
    """
    end = monotonic() + START_SECONDS
    while monotonic() < end:
        try:
            with _tab(port):
                return
        except OSError:
            sleep(0.1)
    raise TimeoutError("the server does not answer")


def _tab(port: int) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=MESSAGE_BYTES, compression=None)


def _in_new_tabs(target: Target, empty: Target) -> Timing:
    def whole(target: Target) -> None:
        with _tab(target.port) as tab:
            _script(tab, target)

    whole(target)  # the first of all imports the page's modules
    return _in_turn(lambda: whole(target), lambda: whole(empty))


def _in_one_tab(target: Target, empty: Target) -> Timing:
    with _tab(target.port) as tab, _tab(empty.port) as empty_tab:
        _script(tab, target)
        _script(empty_tab, empty)
        return _in_turn(lambda: _script(tab, target), lambda: _script(empty_tab, empty))


def _in_turn(page: Callable[[], None], empty: Callable[[], None]) -> Timing:
    """Time two acts in turn, so that whatever else the machine does slows both."""
    end = monotonic() + PATIENCE
    pages: list[float] = []
    empties: list[float] = []
    while len(pages) < RUNS and (len(pages) < FEWEST or monotonic() < end):
        pages.append(_timed(page))
        empties.append(_timed(empty))
    return Timing(statistics.median(pages), statistics.median(empties))


def _timed(act: Callable[[], None]) -> float:
    started = perf_counter()
    act()
    return perf_counter() - started


def _script(tab: ClientConnection, target: Target) -> None:
    """Ask for a run of a page and wait until it is finished.

    Raises:
        RuntimeError: the page failed.
    """
    asked = BackMsg()
    asked.rerun_script.query_string = urlencode(target.query)
    asked.rerun_script.page_name = target.page
    tab.send(asked.SerializeToString())
    while True:
        answer = ForwardMsg.FromString(tab.recv(decode=False))
        kind = answer.WhichOneof("type")
        if kind == "delta" and answer.delta.new_element.HasField("exception"):
            raise RuntimeError(f"{target.page}: {answer.delta.new_element.exception.message}")
        if kind == "page_not_found":
            raise RuntimeError(f"there is no page {target.page}")
        if kind == "script_finished":
            return


if __name__ == "__main__":
    run()
