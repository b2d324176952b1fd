"""The same night by other ways: a webhook that is lost, a page that is answered here, a schedule that is away."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from ims import bootstrap
from ims.delivery import worker
from ims.model import DeliveryState
from ims.response import command, unsent
from tests.scenario import night
from tests.scenario.gate import Trouble
from tests.scenario.holdings import held_by
from tests.scenario.short_night import play
from tests.scenario.world import MINUTE, World, world_of

PATIENCE = 60.0


def test_an_answer_whose_webhook_was_lost_is_found_by_asking_with_its_own_time(world: World) -> None:
    incident_id = night.declare_it(world)
    world.live(2 * MINUTE)
    said = world.oncall.acknowledge(world.uid(incident_id), "ada")
    answered_at = world.clock.now
    assert world.incident(incident_id).acknowledged_at is None
    world.live(MINUTE)
    assert world.incident(incident_id).acknowledged_at == answered_at
    assert world.hear_oncall(said).json() == {"news": 0, "known": 1}, "late, it says nothing new"
    assert world.told(incident_id).count("Ada Lovelace acknowledged the page") == 1


def test_a_page_that_is_answered_in_the_portal_wakes_nobody_else_in_oncall_and_is_over_with_the_incident(
    world: World,
) -> None:
    incident_id = night.declare_it(world)
    world.live(MINUTE)
    world.act("ada", partial(command.acknowledge, incident_id=incident_id, take_communications=True))
    world.go_round()
    [group] = world.oncall.groups
    assert group["state"] == "acknowledged"
    assert [note["text"] for note in world.oncall.notes] == ["Ada Lovelace acknowledged the page (Ada Lovelace)"]
    for said in world.oncall.webhooks:  # OnCall tells the portal what the portal did there
        world.hear_oncall(said)
    world.live(10 * MINUTE)
    assert [text for text in world.told(incident_id) if "in the pager" in text] == []
    night.end_it(world, incident_id)
    assert group["state"] == "resolved"
    assert len(world.oncall.groups) == 1


def test_without_oncall_at_the_beginning_the_own_rota_says_who_commands_and_the_page_follows(sqlite_url: str) -> None:
    with world_of(sqlite_url, gated=["oncall"]) as world:
        world.gates["oncall"].trouble = Trouble.DOWN
        incident_id = night.declare_it(world)
        assert "Bob Kahn, on call, is owner and Incident Commander" in world.told(incident_id)
        world.gates["oncall"].trouble = None
        world.live(2 * MINUTE)
        assert world.unsent(incident_id) == []
        assert [group["state"] for group in world.oncall.groups] == ["firing"]


def test_pages_that_waited_for_oncall_wake_nobody_for_what_was_taken_meanwhile(sqlite_url: str) -> None:
    with world_of(sqlite_url, gated=["oncall"]) as world:
        world.gates["oncall"].trouble = Trouble.DOWN
        incident_id = night.declare_it(world)
        world.live(11 * MINUTE)
        pages = [row for row in world.rows(incident_id) if row.kind == "page"]
        assert [row.state for row in pages] == [DeliveryState.FAILING, DeliveryState.WAITING, DeliveryState.WAITING]
        world.act("bob", partial(command.acknowledge, incident_id=incident_id, take_communications=True))
        world.gates["oncall"].trouble = None
        world.live(10 * MINUTE)
        assert (world.oncall.alerts, world.oncall.escalations) == ([], [])
        pages = [row for row in world.rows(incident_id) if row.kind == "page"]
        assert {(row.state, row.problem) for row in pages} == {
            (DeliveryState.GIVEN_UP, "Nobody needs to be woken any more.")
        }
        [stood_down] = [row for row in world.rows(incident_id) if row.kind == "stand_down"]
        assert stood_down.proof == "OnCall was told; it knew of no page for INC-1."


def test_a_mail_server_that_refuses_for_good_stops_and_asks_and_is_retried_by_a_person(world: World) -> None:
    incident_id = night.declare_it(world)
    world.mail.answer = "554 5.7.1 We take nothing from you"
    night.tell_customers(world, incident_id, 1)
    stopped = [row for row in world.rows(incident_id) if row.state is DeliveryState.STOPPED]
    assert [row.kind for row in stopped] == ["customer_mail"] * 2
    assert all("554 5.7.1 We take nothing from you" in row.problem for row in stopped)
    spoken = [message.text for message in world.slack.called("inc-1-paymentshigherrorrate").messages]
    assert len([text for text in spoken if text.startswith("Not delivered to ops@acme.example")]) == 1
    assert [len(world.slack.called(name).messages) for name in ("acme-ims", "globex")] == [1, 1]
    world.mail.answer = "250 OK"
    for row in stopped:
        world.act("cleo", partial(unsent.retry, delivery_id=row.id))
    world.go_round()
    assert world.unsent(incident_id) == []
    assert len(world.mail.letters) == 2


@pytest.fixture
def world_at_work(good_night: dict[str, Any], sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose portal works as its process does: in the threads of the crew, and in nobody else's."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    for name in ("WATCH_EVERY_SECONDS", "LISTEN_EVERY_SECONDS"):
        monkeypatch.setattr(bootstrap, name, 0.05)
    with world_of(sqlite_url) as world, world.portal.working():
        monkeypatch.setattr(world, "go_round", partial(wait_for_the_crew, world))
        until(lambda: any("final_shifts" in target for _, target, _ in world.oncall.requests))
        yield world


def wait_for_the_crew(world: World) -> None:
    time.sleep(0.2)  # for whoever looks again and again
    until(lambda: not world._due_kinds())


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition()


def test_the_crew_s_own_threads_live_through_the_night_alike(world_at_work: World, good_night: dict[str, Any]) -> None:
    incident_id = play(world_at_work)
    until(lambda: world_at_work.slack.called("inc-1-paymentshigherrorrate").archived)
    assert world_at_work.unsent(incident_id) == []
    assert held_by(world_at_work) == good_night
