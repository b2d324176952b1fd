"""Two people at two windows on one incident, with the network cut, a reload, and a server that dies meanwhile."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from ims.bootstrap import Portal, build
from ims.config import ROOT, Settings
from ims.model import EntryKind, IncidentDraft, TimelineEntry
from ims.response.declare import declare
from ims.response.definition import Definition, define
from ims.store import incidents
from tests.browser.conftest import START_SECONDS
from tests.browser.driving import Visitor
from tests.conftest import Team, make_team
from tests.servers import free_port

INCIDENT = "/incident?key=INC-1"
FOLLOWS_MS = 30_000  # a few seconds on a quiet machine
NOTE = "The certificate of the payment gateway expired"


@dataclass
class Server:
    """A portal that can be killed and started again on the same database and port."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'ims.db'}"

    def start(self) -> None:
        environment = os.environ | {"IMS_DATABASE_URL": self.database_url}
        command = [sys.executable, "-m", "ims", "serve", "--port", str(self.port), "--address", "127.0.0.1"]
        with (self.folder / "portal.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert time.monotonic() < end, (self.folder / "portal.log").read_text(errors="replace")[-2000:]
            time.sleep(0.2)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(timeout=20)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    wanted = Server(tmp_path)
    wanted.start()
    yield wanted
    wanted.kill()
    assert "Traceback" not in (tmp_path / "portal.log").read_text(errors="replace")


@pytest.fixture
def portal(server: Server) -> Iterator[Portal]:
    """A second handle on the server's database."""
    wired = build(Settings(database_url=server.database_url))
    yield wired
    wired.database.close()


@pytest.fixture
def team(portal: Portal) -> Team:
    """Ada, whom a new window takes you for, and Bob; and an incident that nobody has acknowledged."""
    made = make_team(portal)
    draft = IncidentDraft.model_validate(
        {"title": "Payments fail with 502", "affects_customers": True, "customer_ids": [made.acme.id]}
    )
    with portal.work(made.as_ada) as work:
        declare(work, draft, portal.procedure)
    return made


@pytest.fixture
def open_window(chromium: Browser, server: Server, tmp_path: Path) -> Iterator[Callable[[str], Visitor]]:
    """Open a window of a browser of its own on the incident, as somebody."""
    contexts: list[BrowserContext] = []

    def open_it(name: str) -> Visitor:
        context = chromium.new_context(base_url=server.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
        contexts.append(context)
        window = context.new_page()
        window.set_default_timeout(40_000)
        visitor = Visitor(window, tmp_path)
        visitor.go(INCIDENT)
        if name != "Ada Lovelace":
            visitor.pick("acting_as", name)
        visitor.sees("Payments fail with 502")
        return visitor

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def ada(team: Team, open_window: Callable[[str], Visitor]) -> Visitor:
    return open_window("Ada Lovelace")


@pytest.fixture
def bob(team: Team, open_window: Callable[[str], Visitor]) -> Visitor:
    return open_window("Bob Kahn")


def box(visitor: Visitor) -> Locator:
    return visitor.at("entry_text").locator("textarea")


def entries(portal: Portal, kind: EntryKind) -> list[TimelineEntry]:
    with portal.reading() as session:
        return [entry for entry in incidents.timeline(session, 1) if entry.kind is kind]


def write_down(visitor: Visitor, text: str) -> None:
    visitor.write("entry_text", text)
    visitor.press("entry_submit")
    expect(box(visitor)).to_have_value("")


def test_the_second_to_decide_is_told_by_whom_and_the_first_to_acknowledge_counts(
    portal: Portal, team: Team, ada: Visitor, bob: Visitor
) -> None:
    with portal.work(team.as_ada) as work:
        define(work, 1, Definition(severity=None), seen=Definition())
    bob.press("primary")
    expect(bob.page.locator(".ims-log")).to_contain_text("Bob Kahn acknowledged", timeout=FOLLOWS_MS)
    ada.press("primary")
    (acknowledged,) = entries(portal, EntryKind.ACKNOWLEDGED)
    assert acknowledged.author == "Bob Kahn"
    for visitor in (ada, bob):
        visitor.press("define")
    ada.pick("define_severity", "SEV2")
    ada.press("define_submit")
    ada.sees("Defined")
    bob.pick("define_severity", "SEV1")
    bob.write("severity_reason", "Everybody is affected")
    bob.press("define_submit")
    bob.says("define_INC-1_clash_severity", re.compile("Ada Lovelace changed this at"), "SEV2", "SEV1")
    bob.press("define_INC-1_over_severity")
    bob.press("define_submit")
    bob.sees("Defined")
    assert [entry.author for entry in entries(portal, EntryKind.SEVERITY_SET)] == ["Ada Lovelace", "Bob Kahn"]


def test_who_types_sees_what_the_other_does_and_keeps_text_and_focus(
    portal: Portal, ada: Visitor, bob: Visitor
) -> None:
    box(ada).click()
    ada.page.keyboard.type(NOTE)
    write_down(bob, "Traffic moved to the other region")
    expect(ada.page.locator(".ims-log")).to_contain_text("Traffic moved to the other region", timeout=FOLLOWS_MS)
    expect(box(ada)).to_be_focused()
    ada.page.keyboard.type(", at midnight")
    expect(box(ada)).to_have_value(f"{NOTE}, at midnight")
    ada.press("entry_submit")
    expect(bob.page.locator(".ims-log")).to_contain_text("at midnight", timeout=FOLLOWS_MS)
    assert [entry.author for entry in entries(portal, EntryKind.NOTE)] == ["Bob Kahn", "Ada Lovelace"]


def test_a_network_that_is_cut_and_back_loses_nothing_typed(portal: Portal, server: Server, ada: Visitor) -> None:
    context = ada.page.context
    box(ada).click()
    ada.page.keyboard.type(NOTE)
    context.set_offline(True)
    ada.page.keyboard.type(", says the gateway's log")
    box(ada).blur()
    time.sleep(3)
    context.set_offline(False)
    ada.wait()
    expect(box(ada)).to_have_value(f"{NOTE}, says the gateway's log")
    ada.press("entry_submit")
    ada.sees("Written down")
    assert [entry.text for entry in entries(portal, EntryKind.NOTE)] == [f"{NOTE}, says the gateway's log"]


def test_a_reload_and_a_killed_server_bring_the_draft_back(portal: Portal, server: Server, ada: Visitor) -> None:
    ada.choose("entry_kind", "Finding")
    ada.write("entry_text", NOTE)
    ada.says("entry_draft", re.compile("Draft from .* kept"))
    ada.press("define")
    ada.write("impact_text", "Nobody can pay by card")
    ada.says("define_draft", re.compile("Draft from .* kept"))
    ada.page.reload()
    expect(box(ada)).to_have_value(NOTE)
    server.kill()
    server.start()
    ada.go(INCIDENT)
    expect(box(ada)).to_have_value(NOTE)
    ada.press("define")
    expect(ada.at("impact_text").locator("textarea")).to_have_value("Nobody can pay by card")
    ada.page.keyboard.press("Escape")
    ada.press("entry_submit")
    ada.sees("Written down")
    assert [entry.text for entry in entries(portal, EntryKind.FINDING)] == [NOTE]
    ada.page.reload()
    expect(box(ada)).to_have_value("")


def test_a_window_that_stays_open_over_a_restart_keeps_what_is_in_it(
    portal: Portal, server: Server, ada: Visitor
) -> None:
    box(ada).click()
    ada.page.keyboard.type(NOTE)
    with ada.reconnecting():
        server.kill()
        server.start()
    expect(box(ada)).to_have_value(NOTE)
    ada.press("entry_submit")
    ada.sees("Written down")
    assert [entry.text for entry in entries(portal, EntryKind.NOTE)] == [NOTE]
