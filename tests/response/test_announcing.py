"""What the team's own tools hear of an incident, and what they do not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.delivery.dispatch import ROUTES
from ims.integrations import registry
from ims.integrations.builtin.twins import KeptChannels, KeptPager, KeptRooms, OwnTickets
from ims.model import (
    PORTAL,
    Delivery,
    DeliveryState,
    EntryKind,
    Incident,
    IncidentDraft,
    IncidentRole,
    Person,
    Severity,
)
from ims.model.message import ChannelStatus, Opening, Page, RoomRequest, TeamMessage, TicketRequest
from ims.ports import Answer, Command, DeliveryError, PageAnswer, Receipt
from ims.response import command, corrections, definition, investigation, states
from ims.response.announcing.channel import STAYS_FOR
from ims.response.announcing.pager import PAGE_WAITS_FOR_ROOM
from ims.response.answers import take_answer
from ims.response.declare import declare, page
from ims.store import deliveries, references
from ims.store.work import Work
from tests.conftest import HandClock, Team
from tests.response.conftest import Act, reloaded, timeline

EVERYTHING = frozenset(ability for ability, _ in ROUTES.values())
ROOM = "https://meet.example/abc"


class Channels(KeptChannels):
    """A chat in which a channel can be opened."""

    def open_channel(self, opening: Opening, key: str) -> Receipt:
        return Receipt("chat", "opened", url="https://chat.example/C1", references={"channel": "C1", "thread": "17.1"})


class Rooms(KeptRooms):
    """A host of rooms."""

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        return Receipt("rooms", "opened", url=ROOM, references={"room": ROOM})


class Said(OwnTickets):
    """Notes what is said in the channel of the incident, and on the ticket."""

    def __init__(self) -> None:
        self.messages: list[TeamMessage] = []
        self.heads: list[ChannelStatus] = []

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        return Receipt("tracker", "opened", reference="OPS-1", url="https://tracker.example/OPS-1")


@pytest.fixture
def portal(portal: Portal) -> Portal:
    """A portal that is connected to everything."""
    portal.ports = replace(portal.ports, channels=Channels(), rooms=Rooms(), tickets=Said(), configured=EVERYTHING)
    return portal


def asked(portal: Portal, incident: Incident, *kinds: str) -> list[Delivery]:
    with portal.reading() as session:
        return [each for each in deliveries.of_incident(session, incident.id) if each.kind in kinds]


def test_declaring_opens_a_channel_a_room_and_a_ticket(portal: Portal, incident: Incident) -> None:
    assert [each.state for each in asked(portal, incident, "channel", "room", "ticket")] == [DeliveryState.SENT] * 3
    with portal.reading() as session:
        kept = {name: each.value for name, each in references.of_incident(session, incident.id).items()}
    assert kept == {"channel": "C1", "thread": "17.1", "room": ROOM, "ticket": "OPS-1"}
    assert reloaded(portal, incident).war_room == ROOM
    (opening,) = asked(portal, incident, "channel")
    assert opening.payload["facts"]["State"] == "Open"
    assert opening.payload["facts"]["Incident Commander"] == "Ada Lovelace"
    assert opening.payload["facts"]["Customers"] == "Acme"


class Pager(KeptPager):
    """Notes whom it wakes, and with which words."""

    def __init__(self) -> None:
        self.pages: list[Page] = []

    def page(self, page: Page, key: str) -> Receipt:
        self.pages.append(page)
        return Receipt("pager", "woken")


class Away(KeptRooms):
    """A host of rooms that does not answer."""

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        raise DeliveryError("away", permanent=False)


def test_the_first_page_names_the_room(portal: Portal, team: Team) -> None:
    pager = Pager()
    portal.worker.ports = replace(portal.ports, pager=pager)
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    portal.worker.run_due()
    assert [page.room for page in pager.pages] == [ROOM]


def test_a_room_that_does_not_open_keeps_nobody_asleep(portal: Portal, team: Team, clock: HandClock) -> None:
    pager = Pager()
    portal.worker.ports = replace(portal.ports, pager=pager, rooms=Away())
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    portal.worker.run_due()
    assert pager.pages == []
    clock.forward(PAGE_WAITS_FOR_ROOM)
    portal.worker.run_due()
    assert [page.room for page in pager.pages] == [""]


def test_a_room_that_a_person_named_meanwhile_stays_the_war_room(portal: Portal, team: Team, act: Act) -> None:
    with portal.work(team.as_ada) as work:
        draft = IncidentDraft(title="Down", affects_customers=True)
        incident = declare(work, draft, portal.procedure)
        incident.war_room = "https://ours.example/room"
    portal.worker.run_due()
    assert reloaded(portal, incident).war_room == "https://ours.example/room"


def test_a_note_typed_as_a_command_is_said_because_only_its_writer_saw_it(portal: Portal, incident: Incident) -> None:
    noted = Command("note it is slow", "ada@example.com", "ada", channel="C1", id="t1")
    assert portal.chat.answer(noted).startswith("Noted")
    assert [each.payload["text"] for each in asked(portal, incident, "team_message")][-1] == "it is slow (Ada Lovelace)"


def test_what_happens_is_said_in_the_thread_and_changes_of_state_to_everybody(
    portal: Portal, incident: Incident, act: Act
) -> None:
    act(lambda work: investigation.note(work, incident.id, "Rolled back <@U1> & co"))
    act(lambda work: states.mitigate(work, incident.id, "rolled back"))
    said = [each.payload for each in asked(portal, incident, "team_message")]
    assert [(each["text"], each["broadcast"]) for each in said[-2:]] == [
        ("Rolled back <@U1> & co (Ada Lovelace)", False),
        ("Mitigated: rolled back (Ada Lovelace)", True),
    ]


def test_the_head_of_the_channel_follows_the_facts(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: definition.decide_severity(work, incident.id, Severity.SEV1))
    heads = asked(portal, incident, "channel_status")
    assert [each.payload["facts"]["Severity"] for each in heads] == ["not set", "SEV1"], "the room came first"


def test_who_takes_a_role_is_brought_into_the_channel_once(
    portal: Portal, incident: Incident, team: Team, act: Act
) -> None:
    for role in (IncidentRole.OPERATIONS, IncidentRole.COMMUNICATIONS):
        act(lambda work, role=role: command.assign_role(work, incident.id, role, team.bob.id))
    invited = [each.payload["person_name"] for each in asked(portal, incident, "channel_invitation")]
    assert invited == ["Ada Lovelace", "Bob Kahn"]


def test_the_ticket_hears_milestones_and_moves_with_the_incident(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: investigation.note(work, incident.id, "Looking at the queue"))
    act(lambda work: states.mitigate(work, incident.id, "rolled back"))
    assert [each.payload["text"] for each in asked(portal, incident, "ticket_comment")] == [
        "Mitigated: rolled back (Ada Lovelace)"
    ]
    assert [each.payload["state"] for each in asked(portal, incident, "ticket_move")] == ["mitigated"]


def test_the_pager_hears_that_somebody_took_it_and_that_it_is_over(
    portal: Portal, incident: Incident, act: Act
) -> None:
    act(lambda work: command.acknowledge(work, incident.id))
    act(lambda work: states.resolve(work, incident.id, "rolled back", portal.procedure))
    assert [each.payload["over"] for each in asked(portal, incident, "stand_down")] == [False, True]


def page_bob(work: Work, incident: Incident, team: Team, slot: str) -> None:
    page(work, work.incident(incident.id), work.get(Person, team.bob.id), slot)


def test_an_answer_to_one_page_in_the_pager_ends_the_others_there(
    portal: Portal, incident: Incident, team: Team, act: Act, clock: HandClock
) -> None:
    act(lambda work: page_bob(work, incident, team, "2"))
    answer = PageAnswer(incident.name_everywhere, Answer.ACKNOWLEDGED, clock.now, "bob@example.com")
    act(lambda work: take_answer(work, answer))
    (told,) = asked(portal, incident, "stand_down")
    assert (told.payload["text"], told.payload["over"]) == ("Bob Kahn acknowledged the page (Bob Kahn)", False)


def test_the_pager_hears_also_what_ends_the_paging_later(
    portal: Portal, incident: Incident, team: Team, act: Act
) -> None:
    act(lambda work: command.acknowledge(work, incident.id))
    act(lambda work: page_bob(work, incident, team, "2"))
    for role in (IncidentRole.OPERATIONS, IncidentRole.COMMUNICATIONS, IncidentRole.OPERATIONS):
        act(lambda work, role=role: command.assign_role(work, incident.id, role, team.bob.id))
    act(lambda work: command.confirm_roles(work, incident.id))
    said = [each.payload["text"] for each in asked(portal, incident, "stand_down")]
    assert said == [
        "Ada Lovelace acknowledged the page (Ada Lovelace)",
        "Bob Kahn is Communications Lead (Ada Lovelace)",
    ]


def test_the_pager_rests_when_customers_no_longer_feel_it(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: states.mitigate(work, incident.id, "rolled back"))
    assert [each.payload["over"] for each in asked(portal, incident, "stand_down")] == [False]


class Unreachable(KeptPager):
    def page(self, page: Page, key: str) -> Receipt:
        raise DeliveryError("the pager is away", permanent=False)


def pages_kept_waiting(portal: Portal, team: Team) -> Incident:
    portal.ports = portal.worker.ports = replace(portal.ports, pager=Unreachable())
    with portal.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    portal.worker.run_due()
    return incident


def test_a_page_that_still_waits_wakes_nobody_for_what_somebody_took_meanwhile(
    portal: Portal, team: Team, clock: HandClock
) -> None:
    incident = pages_kept_waiting(portal, team)
    with portal.work(team.as_bob) as work:
        command.acknowledge(work, incident.id)
    (page,) = asked(portal, incident, "page")
    assert page.state is DeliveryState.FAILING, "customers have no voice yet, so paging goes on"
    with portal.work(team.as_bob) as work:
        command.assign_role(work, incident.id, IncidentRole.COMMUNICATIONS, team.bob.id)
    (page,) = asked(portal, incident, "page")
    assert (page.state, page.problem) == (DeliveryState.GIVEN_UP, "Nobody needs to be woken any more.")
    clock.forward(timedelta(hours=1))
    portal.worker.ports = replace(portal.ports, pager=KeptPager())
    portal.worker.run_due()
    assert {each.state for each in asked(portal, incident, "stand_down")} == {DeliveryState.SENT}


@pytest.mark.parametrize("end", ["cancel", "mitigate"])
def test_a_page_that_still_waits_wakes_nobody_for_what_is_over(portal: Portal, team: Team, end: str) -> None:
    incident = pages_kept_waiting(portal, team)
    with portal.work(team.as_ada) as work:
        getattr(states, end)(work, incident.id, "it was the probe")
    (page,) = asked(portal, incident, "page")
    assert page.state is DeliveryState.GIVEN_UP


def test_the_channel_is_archived_a_day_after_the_end_and_kept_when_it_burns_again(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    act(lambda work: states.cancel(work, incident.id, "a false alarm"))
    (closing,) = asked(portal, incident, "channel_closing")
    assert (closing.state, closing.due_at) == (DeliveryState.WAITING, clock.now + STAYS_FOR)
    act(lambda work: states.reopen(work, incident.id, "it is real", portal.procedure))
    (closing,) = asked(portal, incident, "channel_closing")
    assert (closing.state, closing.problem) == (DeliveryState.GIVEN_UP, "The incident was reopened.")
    first, again = asked(portal, incident, "channel")
    assert (first.state, again.state) == (DeliveryState.SENT, DeliveryState.SENT)
    assert len(timeline(portal, incident, EntryKind.CHANNEL_OPENED)) == 1 + 1


def test_whoever_works_on_an_incident_that_burns_again_is_brought_into_its_channel(
    portal: Portal, incident: Incident, team: Team, act: Act
) -> None:
    act(lambda work: command.assign_role(work, incident.id, IncidentRole.COMMUNICATIONS, team.bob.id))
    act(lambda work: states.cancel(work, incident.id, "a false alarm"))
    act(lambda work: states.reopen(work, incident.id, "it is real", portal.procedure))
    act(lambda work: command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))
    invited = [each.payload["person_name"] for each in asked(portal, incident, "channel_invitation")]
    assert invited == ["Ada Lovelace", "Bob Kahn"] * 2


def test_a_correction_is_said_and_moves_resolves_and_archives_nothing(
    portal: Portal, incident: Incident, act: Act
) -> None:
    act(lambda work: states.mitigate(work, incident.id, "rolled back"))
    act(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    act(lambda work: states.close(work, incident.id, portal.procedure, override_reason="a test"))
    act(lambda work: states.reopen(work, incident.id, "it is back", portal.procedure))
    kinds = ("ticket_move", "stand_down", "channel_closing", "channel", "channel_status", "room")
    before = [(each.id, each.state) for each in asked(portal, incident, *kinds)]
    for kind in (EntryKind.MITIGATED, EntryKind.RESOLVED, EntryKind.CLOSED):
        (entry,) = timeline(portal, incident, kind)
        when, text = entry.occurred_at, f"{entry.text}, so we believed"
        act(
            lambda work, id_=entry.id, when=when, text=text: corrections.correct_entry(
                work, id_, text=text, occurred_at=when, reason="true words"
            )
        )
    assert [(each.id, each.state) for each in asked(portal, incident, *kinds)] == before
    for heard in ("team_message", "ticket_comment"):
        said = [each.payload for each in asked(portal, incident, heard)][-3:]
        assert said[0]["text"] == "Corrected: Mitigated: rolled back, so we believed (Ada Lovelace)"
        assert all(each["text"].startswith("Corrected: ") and not each.get("broadcast") for each in said)


@pytest.mark.parametrize(("kind", "silent"), [("channel", "team_message"), ("ticket", "ticket_comment")])
def test_what_was_given_up_is_told_nothing_more(
    portal: Portal, incident: Incident, act: Act, kind: str, silent: str
) -> None:
    with portal.work(PORTAL) as work:
        (opening,) = asked(portal, incident, kind)
        work.get(Delivery, opening.id).give_up(work.now, "not here")
    before = len(asked(portal, incident, silent))
    act(lambda work: states.mitigate(work, incident.id, "rolled back"))
    assert len(asked(portal, incident, silent)) == before


def test_an_archived_channel_is_opened_again(portal: Portal, incident: Incident, act: Act, clock: HandClock) -> None:
    act(lambda work: states.cancel(work, incident.id, "a false alarm"))
    clock.forward(STAYS_FOR)
    portal.worker.run_due()
    act(lambda work: states.reopen(work, incident.id, "it is real", portal.procedure))
    assert [each.state for each in asked(portal, incident, "channel")] == [DeliveryState.SENT] * 2


def test_nothing_is_said_in_an_archived_channel(portal: Portal, incident: Incident, act: Act, clock: HandClock) -> None:
    act(lambda work: states.cancel(work, incident.id, "a false alarm"))
    clock.forward(STAYS_FOR)
    portal.worker.run_due()
    said = len(asked(portal, incident, "team_message"))
    act(lambda work: investigation.note(work, incident.id, "It was the probe"))
    assert len(asked(portal, incident, "team_message")) == said


def test_an_incident_from_before_the_tools_were_connected_stays_out_of_them(portal: Portal, team: Team) -> None:
    connected = portal.ports
    portal.ports = portal.worker.ports = registry.twins()
    with portal.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    portal.worker.run_due()
    portal.ports = portal.worker.ports = connected
    with portal.work(team.as_ada) as work:
        states.mitigate(work, incident.id, "rolled back")
    assert not asked(portal, incident, "team_message", "channel_status", "ticket_comment", "ticket_move")


def test_a_message_waits_for_its_channel(portal: Portal, team: Team, clock: HandClock) -> None:
    class Away(Channels):
        def open_channel(self, opening: Opening, key: str) -> Receipt:
            raise DeliveryError("chat is away", permanent=False)

    portal.ports = replace(portal.ports, channels=Away())
    with portal.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    portal.worker.run_due()
    states_of = {each.kind: each.state for each in asked(portal, incident, "channel", "team_message")}
    assert states_of == {"channel": DeliveryState.FAILING, "team_message": DeliveryState.WAITING}
    portal.worker.ports = replace(portal.ports, channels=Channels())
    clock.forward(timedelta(minutes=1))
    portal.worker.run_due()
    assert {each.state for each in asked(portal, incident, "channel", "team_message")} == {DeliveryState.SENT}


def test_a_channel_that_cannot_be_opened_is_told_once_and_does_not_talk_to_itself(portal: Portal, team: Team) -> None:
    class Closed(Channels):
        def open_channel(self, opening: Opening, key: str) -> Receipt:
            raise DeliveryError("the app may not open channels", permanent=True)

    portal.ports = replace(portal.ports, channels=Closed())
    with portal.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    portal.worker.run_due()
    (told,) = timeline(portal, incident, EntryKind.DELIVERY_STOPPED)
    assert "the app may not open channels" in told.text


def test_nothing_is_announced_where_nothing_is_configured(portal: Portal, team: Team) -> None:
    portal.ports = replace(portal.ports, configured=frozenset())
    with portal.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Down", affects_customers=True), portal.procedure)
    with portal.reading() as session:
        assert {each.kind for each in deliveries.of_incident(session, incident.id)} == {"page", "ticket"}


def test_an_imported_incident_is_announced_to_nobody(portal: Portal, clock: HandClock) -> None:
    with portal.work(PORTAL) as work:
        past = Incident(title="Old", origin="csv", began_at=clock.now, detected_at=clock.now, declared_at=clock.now)
        work.record(work.add(past), EntryKind.NOTE, "came from a file")
    with portal.reading() as session:
        assert not deliveries.of_incident(session, past.id)
