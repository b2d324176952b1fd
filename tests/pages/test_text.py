"""What people typed appears literally, wherever Streamlit reads Markdown."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from ims.ui.text import isolated, line, plain
from tests.servers import absent, free_port, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "<b>bold</b> <script>alert(1)</script> <!-- c -->",
    "**a** _b_ ~~c~~ `code` ``x`` a_b_c *x",
    "[link](https://evil.example) ![img](https://evil.example/x.png) [x] [^1] [a](javascript:alert(1))",
    "$x^2$ and $$y$$ costs $5 and $6",
    ":red[hot] :blue-background[x] :material/check: :tada: :+1: :streamlit: :small[x] ::x[y]{a=b} :::note",
    ":smile:",
    "https://evil.example/a_b?c=d&e=f",
    "HTTPS://EVIL.EXAMPLE (www.evil.example) <https://evil.example> http://[::1]/",
    "bob@evil.example, mailto:bob@evil.example xmpp:a@b.example (a+b@c-d.co.uk)",
    "# heading",
    "- [ ] item",
    "1. one",
    "123456789) one",
    "> quote",
    "+ plus",
    "---",
    "===",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "    indented code",
    "\tindented",
    "<- -> <-> -- >= <= ~= ---> <--> @->@",
    "&amp; &lt; &#42; &copy; AT&T",
    "```\nfence\n```",
    "~~~\nx\n~~~",
    "Setext\n===",
    "two\n\nparagraphs\n\n\n# of text",
    "=cmd|' /C calc'!A0",
    "C:\\x\\y \\ \\* end\\",
    "ends in a bang!",
    "(https://evil.example)",
    '{foreground="red"}',
    "12:30 to 14:50:20, ratio 3:4 x: y:",
    "www.evil.example@x.example::://y",
    "a :b: c:d:e",
    "x" * 10_000,
]
MARKED = ["\u202eevil\u202c abc", "\u2069\u202eleak\u2067", "a\n\u202erow\n\nb"]

SCRIPT = """
import json
from pathlib import Path
import streamlit as st
from ims.ui.text import line, plain

for number, text in enumerate(json.loads(Path("texts.json").read_text())):
    with st.container(key=f"text{number}"):
        st.markdown(plain(text))
        st.markdown(f"before {plain(text)} after")
        st.caption(plain(text))
        st.error(plain(text))
        st.markdown(f":red-badge[{plain(text)}]")
        st.markdown(f"**{plain(text)}**")
        st.button(line(text, 20_000), key=f"button{number}")
        st.text_input(line(text, 20_000), key=f"input{number}")
        st.subheader(line(text, 20_000), anchor=False)
    with st.container(key=f"link{number}"):
        st.markdown(f"[{plain(text)}](/somewhere)")
st.title("Drawn", anchor=False)
"""
PLACES = ["markdown", "within a text", "caption", "error", "badge", "bold", "button", "label", "heading"]
READ = """
count => [...Array(count).keys()].map(number => {
  const places = '[data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]'
  return [...document.querySelector(`.st-key-text${number}`).querySelectorAll(places)]
    .filter(element => !element.parentElement.closest('[data-testid="stCaptionContainer"]'))
    .map(element => [element.innerText, [...element.querySelectorAll('*')].map(child => child.tagName)])
})
"""
HARMLESS = {"P", "BR", "STRONG", "SPAN", "DIV", "LABEL", "BUTTON", "H3"}


@contextmanager
def _running(script: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script.name, f"--server.port={port}", "--server.headless=true"]
    with subprocess.Popen(
        [*command, "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"],
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            wait_for_port(port)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A real browser on a page that shows every hostile text in every place."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        absent("Chromium", "apt-get install chromium")
        return
    folder: Path = tmp_path_factory.mktemp("texts")
    (folder / "texts.json").write_text(json.dumps(HOSTILE + MARKED))
    (folder / "page.py").write_text(SCRIPT)
    with _running(folder / "page.py") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("h1", timeout=60_000)
        page.wait_for_timeout(2_000)  # emoji are looked up after the first drawing
        yield page
        browser.close()


def test_hostile_text_appears_literally_everywhere(drawn: Page) -> None:
    wrong = []
    for text, places in zip(HOSTILE + MARKED, drawn.evaluate(READ, len(HOSTILE + MARKED)), strict=True):
        for place, (shown, tags) in zip(PLACES, places, strict=True):
            expected = f"before {text} after" if place == "within a text" else text
            if _spaced(shown) != _spaced(expected) or set(tags) - HARMLESS:
                wrong.append((place, text[:60], shown[:60], tags))
    assert not wrong


def test_hostile_text_in_a_link_leads_where_the_link_leads(drawn: Page) -> None:
    for number, text in enumerate(HOSTILE + MARKED):
        link = drawn.locator(f".st-key-link{number} a")
        assert link.count() == 1, text
        assert link.get_attribute("href") == "/somewhere"
        assert _spaced(link.inner_text()) == _spaced(text)


def test_a_text_cannot_close_the_isolate_it_stands_in() -> None:
    for text in MARKED:
        depth = 0
        for character in isolated(text.split("\n")[0]):
            depth += character in "\u2066\u2067\u2068"
            depth -= character == "\u2069"
            assert depth >= 0
        assert depth == 0


def test_ordinary_text_is_left_alone() -> None:
    assert plain("Payments fail with 502 since 3 h, see INC-42.") == "Payments fail with 502 since 3 h, see INC-42."


def test_a_label_is_one_line_and_cut() -> None:
    assert line("two\n lines   here", 9) == "two line…"


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("[\u2066-\u2069\u202a-\u202e]", "", text)).strip()
