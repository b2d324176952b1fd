"""A real browser on a real server: each test has a portal of its own, started as people start it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from ims.bootstrap import Portal, build
from ims.config import ROOT, Settings
from tests.browser.driving import Visitor
from tests.servers import absent, free_port

CHROMIUM = Path("/usr/bin/chromium")
# Chromium as root in a machine without network: no sandbox, and nothing of its own asks the outside world.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 120  # on a machine that is busy with other tests
# Tells of every exception that a page shows, even for a moment, and of every script that got into a page.
WATCH = """
new MutationObserver(() => {
  for (const shown of document.querySelectorAll('[data-testid="stException"]')) imsTrouble(shown.innerText)
}).observe(document, {childList: true, subtree: true})
"""


@dataclass(frozen=True)
class Served:
    """A portal that runs: its address, its database, and a second handle on that database for the test."""

    url: str
    token: str
    portal: Portal
    log: Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serve a portal with ``ims serve`` on a port of its own."""
    port, database_url, token = free_port(), f"sqlite:///{tmp_path / 'ims.db'}", "browser-test-token"
    environment = os.environ | {
        "IMS_DATABASE_URL": database_url,
        "IMS_ALERTMANAGER_TOKEN": token,
        "IMS_BASE_URL": f"http://127.0.0.1:{port}",
    }
    log = (tmp_path / "portal.log").open("wb")
    command = [sys.executable, "-m", "ims", "serve", "--port", str(port), "--address", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    portal = build(Settings(database_url=database_url))
    try:
        _wait_until_ready(url, process, tmp_path / "portal.log")
        yield Served(url, token, portal, tmp_path / "portal.log")
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()
        portal.database.close()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the portal did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, once for a file of tests: meanwhile an event loop runs, which tests of other files need stopped."""
    if not CHROMIUM.exists():
        absent("Chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    """A fresh window on the served portal, in Berlin's time zone.

    Whatever a test looks at: afterwards no page has shown an exception or opened a window of its own, and the portal's
    log holds no traceback.
    """
    trouble: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        trouble.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    context = chromium.new_context(
        base_url=served.url, viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin", locale="en-GB"
    )
    context.expose_function("imsTrouble", lambda said: trouble.append(f"an exception on a page: {said}"))
    context.add_init_script(WATCH)
    context.on("dialog", note_dialog)
    context.on("weberror", lambda error: trouble.append(f"an error in the browser: {error.error}"))
    window = context.new_page()
    window.set_default_timeout(40_000)
    yield window
    context.close()
    assert not trouble
    assert "Traceback" not in served.log.read_text(errors="replace")


@pytest.fixture
def visitor(page: Page, tmp_path: Path) -> Visitor:
    """Somebody at that window."""
    return Visitor(page, tmp_path)
