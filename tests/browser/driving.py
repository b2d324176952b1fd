"""Somebody at a browser window: finds things by the key of their widget, and waits as a person does, until it is done.

Streamlit marks each widget with the class ``st-key-<key>``, and the app with whether its script runs.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Locator, Page, WebSocket, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

expect.set_options(timeout=40_000)
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@dataclass(frozen=True)
class Visitor:
    """A person and their window."""

    page: Page
    downloads: Path

    def go(self, address: str) -> None:
        """Open an address of the portal, and wait until the page is there."""
        self.page.goto(address)
        expect(self.page.locator(IDLE)).to_be_visible()

    def open_page(self, title: str) -> None:
        """Go to a page by its name in the navigation."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        self.wait()

    def wait(self) -> None:
        """Wait until the server has answered what was just done."""
        # What was done reaches the server a moment later; two frames on, the app says that its script runs.
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        expect(self.page.locator(IDLE)).to_be_visible()

    @contextmanager
    def reconnecting(self) -> Iterator[None]:
        """Lose the server inside the block, then wait until its successor has drawn the page in this window."""
        heard: list[WebSocket] = []
        self.page.on("websocket", lambda socket: socket.on("framereceived", lambda _: heard.append(socket)))
        yield
        for _ in range(600):
            if heard:  # it has begun to draw; what is pressed before that reaches nobody
                break
            self.page.wait_for_timeout(100)
        self.wait()

    def at(self, key: str) -> Locator:
        """Return what has a key."""
        return self.page.locator(f".st-key-{key}")

    def press(self, key: str) -> None:
        """Press the button with a key."""
        self.at(key).get_by_role("button").first.click()
        self.wait()

    def write(self, key: str, text: str) -> None:
        """Type into the field with a key, and leave it."""
        field = self.at(key).locator("input, textarea").first
        field.fill(text)
        field.blur()
        self.wait()

    def pick(self, key: str, *words: str) -> None:
        """Choose from the list with a key, by typing what it shows, as people do with long lists."""
        box = self.at(key).get_by_role("combobox")
        box.scroll_into_view_if_needed()
        for word in words:
            self._type_and_take(box, word)
        box.press("Tab")  # a list of several stays open, over what is below it, until its reader leaves
        self.wait()

    def _type_and_take(self, box: Locator, word: str) -> None:
        """Type until the list offers the word: a busy machine may draw the field anew, without what was typed."""
        option = self.page.get_by_role("option", name=word).first
        for _ in range(3):
            box.fill(word)
            try:
                return option.click(timeout=5_000)
            except PlaywrightTimeout:
                box.fill("")
        return expect(option).to_be_visible()

    def choose(self, key: str, word: str) -> None:
        """Choose one of the segments, tabs or radio buttons with a key."""
        self.at(key).get_by_text(word, exact=True).click()
        self.wait()

    def from_menu(self, key: str, word: str) -> None:
        """Open the menu with a key and choose from it."""
        self.at(key).get_by_role("button").first.click()
        self.page.get_by_role("option", name=word).or_(self.page.get_by_role("menuitem", name=word)).first.click()
        self.wait()

    def view(self, word: str) -> None:
        """Turn to a view of the incident page."""
        self.choose("view", word)

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        """Wait until the page shows each of the texts."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def says(self, key: str, *texts: str | re.Pattern[str]) -> None:
        """Wait until what has a key contains each of the texts."""
        for text in texts:
            expect(self.at(key)).to_contain_text(text)

    def cells(self, *texts: str) -> None:
        """Wait until a table of the page has a cell with each of the texts; a canvas draws them, but names them too."""
        for text in texts:
            expect(self.page.locator('[data-testid="stDataFrame"] td', has_text=text).first).to_be_attached()

    def edit_first_row(self, column: str, word: str) -> None:
        """Choose another word in the first row of the page's editable table; the keyboard walks to its column."""
        table = self.page.get_by_test_id("stDataFrame")
        last = int(table.locator("th", has_text=column).get_attribute("aria-colindex") or 0)
        cells = [table.locator(f'tr[aria-rowindex="2"] td[aria-colindex="{number}"]') for number in range(1, last + 1)]
        cells[0].focus()
        for before, cell in pairwise(cells):
            expect(before).to_have_attribute("aria-selected", "true")
            self.page.keyboard.press("ArrowRight")
            expect(cell).to_have_attribute("aria-selected", "true")
        self._pick_in(cells[-1], word)
        self.wait()

    def _pick_in(self, cell: Locator, word: str) -> None:
        """Open the selected cell's list and click the word: a busy machine may draw the list anew under the click."""
        option = self.page.get_by_role("option", name=word, exact=True)
        for _ in range(3):
            if not option.is_visible():
                self.page.keyboard.press("Enter")
            option.click()
            try:
                return expect(cell).to_have_text(word, timeout=5_000)
            except AssertionError:
                continue
        return expect(cell).to_have_text(word)

    def has_chosen(self, key: str, word: str) -> None:
        """Wait until the list with a key shows this choice."""
        expect(self.at(key).get_by_role("combobox")).to_have_value(word)

    def download(self, key: str) -> Path:
        """Press the download button with a key, and return the file."""
        with self.page.expect_download() as started:
            self.at(key).get_by_role("button").click()
        file = self.downloads / started.value.suggested_filename
        started.value.save_as(file)
        return file
