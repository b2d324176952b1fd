"""Real servers for tests. Where one is not installed a laptop skips the test and says so; CI fails."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from ims.config import ROOT


def absent(what: str, how_to_install: str) -> NoReturn:
    """Skip the test because a server is not installed; in CI (``IMS_NO_SKIP``) fail it instead."""
    reason = f"{what} is not installed here: {how_to_install}"
    if os.environ.get("IMS_NO_SKIP"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 30) -> None:
    """Wait until something listens on a port.

    Raises:
        TimeoutError: nothing does in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def _postgres_binary(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(installed[0]) if installed else shutil.which(name)


@lru_cache(maxsize=1)
def _postgres_server() -> str | None:
    """Start one PostgreSQL for this test process, or use the one that ``IMS_TEST_POSTGRES_URL`` names."""
    if url := os.environ.get("IMS_TEST_POSTGRES_URL"):
        return url
    initdb, server = _postgres_binary("initdb"), _postgres_binary("postgres")
    if initdb is None or server is None:
        return None
    return _start_postgres(initdb, server)


def _start_postgres(initdb: str, server: str) -> str:
    folder = Path(tempfile.mkdtemp(prefix="ims-postgres-"))
    # PostgreSQL refuses to run as root, as CI does; any other account will do.
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody", "nogroup")
    subprocess.run(
        [initdb, "-D", str(folder / "data"), "-U", "ims", "-A", "trust"],
        check=True,
        capture_output=True,
        cwd=folder,
        **user,
    )  # type: ignore[call-overload]
    # A socket in a folder of its own: several test processes start at once, and could take the same free port.
    options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
    process = subprocess.Popen(
        [server, "-D", str(folder / "data"), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **user,
    )  # type: ignore[call-overload]

    def stop() -> None:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"postgresql://ims@/postgres?host={folder}"


@contextmanager
def fresh_postgres_url(copied_from: str = "") -> Iterator[str]:
    """Give a new PostgreSQL database, empty or a copy of another one, and drop it afterwards."""
    server = _postgres_server()
    if server is None:
        absent("PostgreSQL", "apt-get install postgresql")
    name = f"ims_{uuid4().hex}"
    template = f" TEMPLATE {make_url(copied_from).database}" if copied_from else ""
    _execute(server, f"CREATE DATABASE {name}{template}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    last: Exception | None = None
    for _ in range(300):
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(statement.encode())
        except psycopg.OperationalError as error:  # still starting
            last = error
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL does not answer") from last


@dataclass
class Server:
    """A process that listens on a port; a test may end it in any way and start it again."""

    name: str
    command: list[str]
    port: int
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    ready_path: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=os.environ | self.settings, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until_ready(self.url + self.ready_path)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a word, as a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)
            self.process = None


def wait_until_ready(url: str, seconds: float = 60) -> None:
    """Wait until an address answers 200.

    Raises:
        TimeoutError: it does not in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer 200")


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run a server until the block ends."""
    try:
        server.start()
        yield server
    finally:
        server.kill()


def portal_server(folder: Path, url: str, **settings: str) -> Server:
    """Return the portal as people run it, not yet started."""
    port = free_port()
    command = [sys.executable, "-m", "ims", "serve", "--port", str(port)]
    return Server(
        "portal", command, port, folder / "portal.log", {"IMS_DATABASE_URL": url} | settings, ready_path="/readyz"
    )


def alertmanager_server(folder: Path, configuration: str) -> Server:
    """Return a real Alertmanager without peers, not yet started."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        absent("Alertmanager", "apt-get install prometheus-alertmanager")
    port, file = free_port(), folder / "alertmanager.yml"
    file.write_text(configuration)
    options = [f"--config.file={file}", f"--storage.path={folder / 'alertmanager'}"]
    listens = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    command = [binary, *options, *listens]
    return Server("Alertmanager", command, port, folder / "alertmanager.log", ready_path="/-/ready")


def prometheus_server(folder: Path, configuration: str) -> Server:
    """Return a real Prometheus, not yet started."""
    binary = shutil.which("prometheus")
    if binary is None:
        absent("Prometheus", "apt-get install prometheus")
    port, file = free_port(), folder / "prometheus.yml"
    file.write_text(configuration)
    options = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'prometheus'}"]
    command = [binary, *options, f"--web.listen-address=127.0.0.1:{port}"]
    return Server("Prometheus", command, port, folder / "prometheus.log", ready_path="/-/ready")
