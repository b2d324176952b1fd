"""Jira Data Center: the older version of the API, a personal access token, and wiki text instead of documents."""

from collections.abc import Iterator

import pytest

from ims.model import TicketState
from ims.ports import DeliveryError
from tests.fakes.jira import FakeJira
from tests.integrations.test_jira import HOSTILE, PORTAL, comment, move, request, sub_task, tickets


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with FakeJira(data_center=True) as server:
        yield server


def test_it_does_all_that_the_cloud_does(jira: FakeJira) -> None:
    jira.page = 2
    adapter = tickets(jira)
    assert adapter.ping().endswith("OPS takes Incident and Unteraufgabe.")
    assert adapter.open_ticket(request(), "ticket:7").reference == "OPS-1"
    assert adapter.open_ticket(request(), "ticket:7").proof == "OPS-1 was there already."
    assert adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8").reference == "OPS-2"
    for _ in range(2):
        adapter.comment(comment("OPS-1"), "comment:1")
    assert len(jira.issues["OPS-1"].comments) == 1
    adapter.move(move("OPS-1", "resolved"), "k")
    keys = [*jira.issues, jira.person_creates("another")]
    assert [each.key for each in adapter.states([*keys, "OPS-99"])] == keys
    assert adapter.states(["OPS-1"])[0].state is TicketState.DONE
    assert jira.issues["OPS-1"].fields["description"].endswith(f"The incident in the portal: {PORTAL}")


def test_what_people_typed_is_no_wiki_markup(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(description=HOSTILE, portal=""), "ticket:7")
    adapter.comment(comment("OPS-1", HOSTILE), "comment:1")
    for text in (jira.issues["OPS-1"].fields["description"], jira.issues["OPS-1"].comments[0]["body"]):
        assert not set("{}[]!|*_^~+?\\") & set(text)
        assert "&#123;code&#125; &#91;&#126;admin&#93;" in text


def test_text_that_is_too_long_is_cut_and_says_so(jira: FakeJira) -> None:
    tickets(jira).open_ticket(request(description="{" * 40_000), "ticket:7")
    assert "longer than Jira takes" in jira.issues["OPS-1"].fields["description"]


def test_a_wrong_token_stops_and_names_the_setting(jira: FakeJira) -> None:
    with pytest.raises(DeliveryError, match=r"did not accept the token: check IMS_JIRA_TOKEN\.") as caught:
        tickets(jira, token="wrong").ping()
    assert caught.value.permanent
