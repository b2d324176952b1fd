"""Google as a local server."""

from tests.fakes.google.calendar import FakeCalendar, Told
from tests.fakes.google.contract import Contract
from tests.fakes.google.docs import FakeDocs, FakeDocument, Tab
from tests.fakes.google.drive import FakeDrive
from tests.fakes.google.meet import FakeMeet
from tests.fakes.google.paper import Cell, Paragraph, Run, Table
from tests.fakes.google.server import APIS, SCOPES, FakeGoogle
from tests.fakes.google.tokens import BOT, OAUTH_SECRET, REFRESH_TOKEN, key_pair
from tests.fakes.google.troubles import Trouble
from tests.fakes.google.violation import Violation

__all__ = [
    "APIS",
    "BOT",
    "OAUTH_SECRET",
    "REFRESH_TOKEN",
    "SCOPES",
    "Cell",
    "Contract",
    "FakeCalendar",
    "FakeDocs",
    "FakeDocument",
    "FakeDrive",
    "FakeGoogle",
    "FakeMeet",
    "Paragraph",
    "Run",
    "Tab",
    "Table",
    "Told",
    "Trouble",
    "Violation",
    "key_pair",
]
