"""Takes the pictures of the README from the demo: ``python -m tests.browser.pictures``."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from ims.bootstrap import build
from ims.config import ROOT, Settings
from ims.demo.play import load
from tests.browser.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.browser.driving import Visitor
from tests.servers import free_port, wait_for_port

PICTURES = ROOT / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1280, "height": 800}
COLOURS = 128  # a page has few; the files are a third of what they were


def main() -> None:
    """Load the demo into a database that goes away again, serve it, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ims.db"
        portal = build(Settings(database_url=url))
        portal.start()
        load(portal, lambda part, text: None)
        portal.database.close()
        with served(url) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
            page = browser.new_page(base_url=address, viewport=SIZE, color_scheme="light", locale="en-GB")
            take(Visitor(page, Path(folder)))
            browser.close()


@contextmanager
def served(database_url: str) -> Iterator[str]:
    """Serve a database on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "ims", "serve", "--port", str(port), "--address", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"IMS_DATABASE_URL": database_url})
    try:
        wait_for_port(port, seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def take(visitor: Visitor) -> None:
    """Take the pictures: what needs me now, the incident that burns, the figures."""
    visitor.go("/")
    visitor.sees("What needs me now")
    keep(visitor.page, "now")
    visitor.page.locator(".st-key-strip").get_by_role("link").first.click()
    visitor.sees("Procedure")
    visitor.wait()
    keep(visitor.page, "incident")
    visitor.go("/figures?figures_step=Week")
    visitor.sees("Incidents by week and severity")
    visitor.page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    keep(visitor.page, "figures")


def keep(page: Page, name: str) -> None:
    """Save what the window shows, with few colours."""
    PICTURES.mkdir(exist_ok=True)
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file, animations="disabled")
    Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
