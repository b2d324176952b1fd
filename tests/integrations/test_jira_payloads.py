"""Every field name that Jira reads: changing any one of them makes Jira, or what it holds, say so."""

import pytest

from ims.integrations.jira import calls, texts
from tests.fakes.jira import FakeJira
from tests.integrations.test_jira import comment, move, request, sub_task, tickets
from tests.mutation import assert_every_mutant_dies


def exercise() -> None:
    """Do everything once, twice where it must not double, and look at what Jira holds."""
    with FakeJira() as jira:
        jira.page, jira.resolutions = 2, ["Fixed"]
        adapter = tickets(jira, fields={"priority": {"name": "High"}})
        adapter.ping()
        for _ in range(2):
            assert "missing" not in adapter.open_ticket(request(), "ticket:7").proof
            adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8")
            adapter.comment(comment("OPS-1"), "comment:1")
        adapter.move(move("OPS-1", "resolved"), "k")
        ticket = jira.issues["OPS-1"]
        assert (len(jira.issues), len(ticket.comments), len(ticket.links), ticket.resolution) == (2, 1, 1, "Fixed")
        assert ticket.links[ticket.labels[-1]]["object"]["url"] == request().portal
        assert request().portal in str(ticket.fields["description"])
        jira.calls.clear()
        keys = [*jira.issues, jira.person_creates("Another")]
        assert [each.key for each in adapter.states(keys)] == keys
        assert jira.calls == [("POST", "/search/jql")] * 2


@pytest.mark.parametrize("module", [calls, texts], ids=lambda module: module.__name__.rpartition(".")[2])
def test_no_field_name_can_be_wrong_unseen(module: object) -> None:
    assert_every_mutant_dies(module, exercise)  # type: ignore[arg-type]
