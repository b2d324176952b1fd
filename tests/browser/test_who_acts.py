"""On a portal without sign-in, a browser remembers who acts in it."""

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.driving import Visitor
from tests.conftest import make_team


def test_who_was_chosen_still_acts_after_a_reload(visitor: Visitor, served: Served) -> None:
    make_team(served.portal)
    visitor.go("/")
    visitor.pick("acting_as", "Bob Kahn")
    visitor.go("/")
    expect(visitor.at("acting_as").get_by_role("combobox")).to_have_value("Bob Kahn")
