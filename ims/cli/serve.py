"""The commands that run the portal: everything in one process, the delivery worker alone, the schema."""

import errno
import os
import signal
import socket
import sys

import click

from ims.bootstrap import build, portal
from ims.config import ROOT, read_settings
from ims.errors import Refusal
from ims.store import schema

APP = ROOT / "app.py"
_ENDS = {signal.SIGTERM, signal.SIGINT}
_HIGHEST_PORT = 65_535


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, _HIGHEST_PORT),
    default=8501,
    show_default=True,
    help="Where to listen.",
)
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    help="Which network to listen on; 0.0.0.0 is every one. Whoever reaches a portal without sign-in is believed.",
)
def serve(port: int, address: str) -> None:
    """Serve pages, webhooks and the delivery worker in one process."""
    _refuse_taken(port, address)
    portal().database.close()  # settings are right and the schema is up to date, or the sentence says what is wrong
    os.environ.setdefault("IMS_BASE_URL", f"http://localhost:{port}")
    click.echo(f"IMS serves http://localhost:{port} (Ctrl-C ends it).")
    sys.stdout.flush()
    # Streamlit takes this process over, so that signals reach it without a step between.
    os.execv(sys.executable, _command(port, address))  # noqa: S606  no shell, and every word is ours or checked


def _command(port: int, address: str) -> list[str]:
    options = {"port": str(port), "address": address, "headless": "true", "fileWatcherType": "none"}
    return [
        *(sys.executable, "-m", "streamlit", "run", str(APP)),
        *(f"--server.{name}={value}" for name, value in options.items()),
    ]


def _refuse_taken(port: int, address: str) -> None:
    try:
        family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except socket.gaierror as error:
        raise Refusal(f"“{address}” is not an address of this machine; give 0.0.0.0 to listen on all.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(f"Something listens on port {port} already; end it, or choose another by --port.") from error
        raise Refusal(f"The portal cannot listen on {address}, port {port}: {error.strerror}.") from error


@click.command()
def worker() -> None:
    """Run only the delivery worker, until SIGTERM or Ctrl-C; the delivery in hand is finished first.

    Set IMS_WORKER=false for the portal's own process to leave all deliveries to this one.
    """
    # Blocked before any thread starts, so that the signals come here and nowhere else.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    wired = portal()
    with wired.working():
        click.echo("The delivery worker runs (Ctrl-C ends it).")
        signal.sigwait(_ENDS)
    wired.database.close()


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date and print its revision; safe to repeat."""
    database = build(read_settings()).database
    click.echo(schema.migrate(database))
    database.close()
