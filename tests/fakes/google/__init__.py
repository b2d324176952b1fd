"""Google as a local server."""

from tests.fakes.google.calendar import FakeCalendar, Told
from tests.fakes.google.contract import Contract
from tests.fakes.google.meet import FakeMeet
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
    "Contract",
    "FakeCalendar",
    "FakeGoogle",
    "FakeMeet",
    "Told",
    "Trouble",
    "Violation",
    "key_pair",
]
