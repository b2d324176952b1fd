"""What a person decides about what was not sent: what is out of date stays, and what hangs on it ends with it."""

from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import PORTAL, CustomerUpdateDraft, Delivery, DeliveryState, Incident, Person, UpdatePhase
from ims.model.message import ChannelStatus, Message, Opening, TeamMessage, TicketMove
from ims.response import command, customers, definition, states, unsent
from ims.response.announcing.asking import ask
from ims.response.declare import page
from ims.store import deliveries
from ims.store.work import Work
from tests.conftest import HandClock, Team
from tests.response.conftest import Act

HOUR = timedelta(hours=1)
TO_ACME = ("customer_post", "customer_mail")


def rows(portal: Portal, incident: Incident, *kinds: str) -> list[Delivery]:
    with portal.reading() as session:
        return [each for each in deliveries.of_incident(session, incident.id) if each.kind in kinds]


def stop(portal: Portal, *stopped: Delivery) -> None:
    """Let deliveries stop, as a system does that refuses them."""
    with portal.work(PORTAL) as work:
        for row in stopped:
            found = work.get(Delivery, row.id)
            found.state, found.problem = DeliveryState.STOPPED, "invalid_auth"


def write(portal: Portal, team: Team, incident: Incident, number: int) -> None:
    """Write an update; nothing carries it yet."""
    with portal.work(team.as_ada) as work:
        draft = CustomerUpdateDraft(
            phase=UpdatePhase.INVESTIGATING, subject=f"Update {number}", body="…", next_update_at=work.now + HOUR
        )
        customers.send_update(work, incident.id, draft, number=number)


def again(portal: Portal, team: Team, row: Delivery) -> Delivery:
    with portal.work(team.as_ada) as work:
        return unsent.retry(work, row.id)


def test_an_update_that_stopped_is_not_sent_after_a_newer_one(portal: Portal, team: Team, incident: Incident) -> None:
    write(portal, team, incident, 1)
    first = rows(portal, incident, *TO_ACME)
    stop(portal, *first)
    write(portal, team, incident, 2)
    portal.worker.run_due()
    for row in first:
        with pytest.raises(Refusal, match="is newer, and this would contradict it: give this one up"):
            again(portal, team, row)
    assert {row.state for row in rows(portal, incident, *TO_ACME)[:2]} == {DeliveryState.STOPPED}


def test_updates_that_all_stopped_are_sent_in_their_order(portal: Portal, team: Team, incident: Incident) -> None:
    for number in (1, 2):
        write(portal, team, incident, number)
    stopped = rows(portal, incident, *TO_ACME)
    stop(portal, *stopped)
    with portal.work(team.as_ada) as work:
        assert unsent.retry_all(work, [row.id for row in stopped]) == []
    portal.worker.run_due()
    assert {row.state for row in rows(portal, incident, *TO_ACME)} == {DeliveryState.SENT}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (TicketMove(incident_key="INC-1", state="mitigated"), TicketMove(incident_key="INC-1", state="resolved")),
        (
            ChannelStatus(incident_key="INC-1", title="Down", facts={"State": "Open"}),
            ChannelStatus(incident_key="INC-1", title="Down", facts={"State": "Resolved"}),
        ),
    ],
    ids=["ticket", "head"],
)
def test_a_standing_that_stopped_does_not_undo_a_newer_one(
    portal: Portal, team: Team, incident: Incident, older: Message, newer: Message
) -> None:
    with portal.work(PORTAL) as work:
        ask(work, incident, older, "older", "team")
    (row,) = rows(portal, incident, older.kind)
    stop(portal, row)
    with portal.work(PORTAL) as work:
        ask(work, incident, newer, "newer", "team")
    portal.worker.run_due()
    with pytest.raises(Refusal, match="would contradict it"):
        again(portal, team, row)


def test_a_page_that_stopped_wakes_nobody_once_somebody_is_there(
    portal: Portal, team: Team, incident: Incident, act: Act
) -> None:
    (to_ada,) = rows(portal, incident, "page")
    stop(portal, to_ada)
    assert again(portal, team, to_ada).state is DeliveryState.WAITING
    stop(portal, to_ada)
    act(lambda work: command.acknowledge(work, incident.id))
    act(lambda work: command.confirm_roles(work, incident.id))
    with pytest.raises(Refusal, match="Nobody needs to be woken for INC-1 any more"):
        again(portal, team, to_ada)


def test_a_page_that_calls_somebody_in_is_tried_again_as_long_as_it_burns(
    portal: Portal, team: Team, incident: Incident, act: Act, clock: HandClock
) -> None:
    act(lambda work: command.acknowledge(work, incident.id))
    act(lambda work: command.confirm_roles(work, incident.id))
    clock.forward(HOUR)
    act(lambda work: page(work, work.incident(incident.id), work.get(Person, team.bob.id), "by-name"))
    to_bob = rows(portal, incident, "page")[-1]
    stop(portal, to_bob)
    assert again(portal, team, to_bob).state is DeliveryState.WAITING
    stop(portal, to_bob)
    act(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    with pytest.raises(Refusal, match="Nobody needs to be woken"):
        again(portal, team, to_bob)


def test_customers_who_are_not_affected_after_all_hear_nothing_of_it(
    portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        definition.set_scope(work, incident.id, portal.procedure, [], [team.acme.id, team.globex.id])
    write(portal, team, incident, 1)
    with portal.work(team.as_ada) as work:
        definition.set_scope(work, incident.id, portal.procedure, [], [team.acme.id])
    portal.worker.run_due()
    states_of = {(row.customer_id, row.state) for row in rows(portal, incident, *TO_ACME)}
    assert states_of == {(team.acme.id, DeliveryState.SENT), (team.globex.id, DeliveryState.GIVEN_UP)}
    theirs = next(row for row in rows(portal, incident, *TO_ACME) if row.customer_id == team.globex.id)
    assert theirs.problem == "Globex is not affected."
    with pytest.raises(Refusal, match="Globex is not affected by INC-1 any more"):
        again(portal, team, theirs)


def test_customers_hear_nothing_of_what_was_no_incident(portal: Portal, team: Team, incident: Incident) -> None:
    write(portal, team, incident, 1)
    with portal.work(team.as_ada) as work:
        states.cancel(work, incident.id, "a false alarm")
    portal.worker.run_due()
    row, _ = rows(portal, incident, *TO_ACME)
    assert (row.state, row.problem) == (DeliveryState.GIVEN_UP, "The incident was cancelled.")
    with pytest.raises(Refusal, match="INC-1 is cancelled; reopen it"):
        again(portal, team, row)


def test_what_could_only_follow_is_given_up_with_it(portal: Portal, team: Team, incident: Incident) -> None:
    def ask_for_both(work: Work) -> None:
        ask(work, incident, Opening(incident_key="INC-1", title="Down", facts={}), "1", "team")
        ask(work, incident, TeamMessage(incident_key="INC-1", text="Look"), "1", "team")

    with portal.work(PORTAL) as work:
        ask_for_both(work)
    opening, word = rows(portal, incident, "channel", "team_message")
    stop(portal, opening, word)
    with portal.work(team.as_ada) as work:
        unsent.give_up(work, opening.id, "no channels here")
    assert {(row.state, row.problem) for row in rows(portal, incident, "channel", "team_message")} == {
        (DeliveryState.GIVEN_UP, "Given up by Ada Lovelace: no channels here")
    }
