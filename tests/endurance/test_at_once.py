"""What several do in the same instant, each in a transaction of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ims.bootstrap import Portal
from ims.model import IncidentDraft
from ims.response.declare import declare
from ims.store import catalogue, incidents
from tests.conftest import make_team

PEOPLE, PAGES = 6, 20


def at_once(act: Callable[[int], int]) -> list[int]:
    gate = Barrier(PEOPLE)

    def one(number: int) -> int:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(PEOPLE) as threads:
        return list(threads.map(one, range(PEOPLE)))


@pytest.mark.parametrize(("same_form", "declared"), [(True, 1), (False, PEOPLE)])
def test_the_first_declarations_of_a_portal_do_not_get_in_each_others_way(
    both_portals: Portal, same_form: bool, declared: int
) -> None:
    """None has kept the procedure yet, and a form that was sent twice declares once."""
    team = make_team(both_portals)

    def one(number: int) -> int:
        with both_portals.work(team.as_ada) as work:
            draft = IncidentDraft(title="Down", affects_customers=True, service_ids=[], customer_ids=[])
            return declare(work, draft, both_portals.procedure, request_key="form" if same_form else str(number)).id

    assert len(set(at_once(one))) == declared
    with both_portals.reading() as session:
        assert len(incidents.active(session)) == declared


def test_twenty_pages_that_read_while_they_read_do_not_wait_for_each_other(both_portals: Portal) -> None:
    """As a page does that asks who acts while it reads an incident: nobody gives the first connection back before."""
    gate = Barrier(PAGES, timeout=20)

    def page(_number: int) -> int:
        with both_portals.reading() as outer:
            outer.connection()
            gate.wait()
            with both_portals.reading() as inner:
                people = len(catalogue.people(inner))
            gate.wait()
        return people

    with ThreadPoolExecutor(PAGES) as threads:
        assert set(threads.map(page, range(PAGES))) == {0}
