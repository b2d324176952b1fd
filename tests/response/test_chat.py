"""What people can type in a chat: each command does what its page does, or says in words why not, and never by half."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from ims.bootstrap import Portal
from ims.model import (
    AccessRole,
    Actor,
    Delivery,
    EntryKind,
    EntrySource,
    Incident,
    IncidentRole,
    IncidentState,
    Person,
    Reference,
)
from ims.ports import Command
from ims.response import states
from ims.response.chat.commands import Chat
from ims.response.command import assign_role
from ims.response.definition import set_scope
from ims.store import coordination, deliveries, incidents, references
from tests.conftest import HandClock, Team, make_team
from tests.response.conftest import reloaded, timeline

Type = Callable[..., str]
_ids = count(1)


def chat_of(portal: Portal) -> Chat:
    """Wire the chat as the portal does."""
    return Chat(
        reading=portal.reading,
        open_work=portal.work,
        procedure=portal.procedure,
        procedure_of=portal.procedure_of,
        templates=portal.update_templates,
        base_url="https://ims.example",
        clock=portal.clock,
    )


def typist(portal: Portal) -> Type:
    chat = chat_of(portal)

    def type_in(text: str, who: str = "ada@example.com", channel: str = "", again: str = "") -> str:
        return chat.answer(Command(text, who, who, channel, again or f"t-{next(_ids)}"))

    return type_in


@pytest.fixture
def type_in(portal: Portal, team: Team) -> Type:
    """Type something as Ada, or as somebody else."""
    return typist(portal)


def set_channel(portal: Portal, incident: Incident, channel: str) -> None:
    with portal.work(Actor("Setup")) as work:
        references.keep(work.session, Reference(incident_id=incident.id, name="channel", value=channel, system="slack"))


def is_now(portal: Portal, person: Person, **values: object) -> None:
    with portal.work(Actor("Setup")) as work:
        row = work.get(Person, person.id)
        for name, value in values.items():
            setattr(row, name, value)


def every(portal: Portal) -> list[Incident]:
    with portal.reading() as session:
        return list(incidents.latest(session))


def sent(portal: Portal, incident: Incident) -> int:
    with portal.reading() as session:
        return len(incidents.updates(session, incident.id))


class TestDeclaring:
    def test_a_title_is_enough(self, portal: Portal, type_in: Type) -> None:
        said = type_in("declare Payments fail with 502")
        (declared,) = every(portal)
        assert (declared.title, declared.affects_customers, declared.affects_sla) == (
            "Payments fail with 502",
            True,
            False,
        )
        assert said == (
            f"{declared.key} is declared: Payments fail with 502. Ada Lovelace is Incident Commander. Name the "
            f"services and customers it affects: https://ims.example/incident?key={declared.key}"
        )

    @pytest.mark.parametrize(
        "typed", ["--sla Payments fail", "Payments fail --sla", "Payments —sla fail", "–SLA Payments fail"]
    )
    def test_the_sla_is_a_word_that_phones_may_have_changed(self, portal: Portal, type_in: Type, typed: str) -> None:
        type_in(f"declare {typed}")
        assert (every(portal)[0].title, every(portal)[0].affects_sla) == ("Payments fail", True)

    def test_a_precaution_affects_nobody_so_far(self, portal: Portal, type_in: Type) -> None:
        type_in("declare Disk fills --precaution")
        assert (every(portal)[0].precaution, every(portal)[0].affects_customers) == (True, False)

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("declare", "Say what is wrong"),
            ("declare --sla", "Say what is wrong"),
            ("declare Disk --now", "“--now” means nothing here"),
            ("declare " + "x" * 301, "Title: is too long; at most 300 letters."),
        ],
    )
    def test_what_cannot_be_declared_is_said(self, portal: Portal, type_in: Type, typed: str, said: str) -> None:
        assert said in type_in(typed)
        assert every(portal) == []

    def test_what_people_type_is_kept_as_it_is(self, portal: Portal, type_in: Type) -> None:
        hostile = "'; DROP TABLE incident; -- <!channel> {title} *b* 💥 -x"
        assert hostile in type_in(f"declare {hostile}")
        assert every(portal)[0].title == hostile


def test_a_command_that_is_delivered_again_changes_nothing_more(both_portals: Portal) -> None:
    team, type_in = make_team(both_portals), typist(both_portals)
    first = type_in("declare Payments fail", again="t-once")
    assert type_in("declare Payments fail", again="t-once") == first
    (incident,) = every(both_portals)
    with both_portals.work(team.as_ada) as work:
        set_scope(work, incident.id, both_portals.procedure, [], [team.acme.id])
    for text in ("note it is slow", "ack", "update We are on it", "update confirm", "handover Bob", "mitigate"):
        type_in(text, again=f"t-{text}")
    before, customers = timeline(both_portals, incident), sent(both_portals, incident)
    for text in ("note it is slow", "ack", "update confirm", "handover Bob", "mitigate"):
        assert type_in(text, again=f"t-{text}") == f"That was done already, in {incident.key}."
    assert (timeline(both_portals, incident), sent(both_portals, incident)) == (before, customers)
    assert customers == 1


def test_each_entry_says_that_it_was_typed_in_a_chat(portal: Portal, incident: Incident, type_in: Type) -> None:
    type_in("note it is slow")
    (note,) = timeline(portal, incident, EntryKind.NOTE)
    assert (note.source, note.author, note.text) == (EntrySource.CHAT, "Ada Lovelace", "it is slow")


class TestCommanding:
    def test_the_page_can_be_acknowledged(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        assert type_in("ack", "bob@example.com").startswith(f"You acknowledged {incident.key}")
        assert reloaded(portal, incident).acknowledged_at is not None

    def test_somebody_takes_the_communications(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team
    ) -> None:
        assert type_in("cl", "bob@example.com").startswith("You are Communications Lead")
        assert type_in("cl", "bob@example.com").startswith("You are Communications Lead")
        with portal.reading() as session:
            held = incidents.current_roles(session, incident.id)[IncidentRole.COMMUNICATIONS]
        assert held.person_id == team.bob.id

    def test_nobody_loses_the_communications_to_a_chat(self, incident: Incident, type_in: Type) -> None:
        type_in("cl", "bob@example.com")
        assert type_in("cl") == f"Bob Kahn is Communications Lead of {incident.key}; let them hand it over to you."

    @pytest.mark.parametrize(
        ("typed", "note"),
        [
            ("bob@example.com", ""),
            ("BOB KAHN", ""),
            ("Bob: I must sleep", "I must sleep"),
            ("@bobk I must\nsleep", "I must\nsleep"),
            ("bob kahn, I must sleep", "I must sleep"),
        ],
    )
    def test_a_role_is_offered_by_name_or_address(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team, typed: str, note: str
    ) -> None:
        is_now(portal, team.bob, slack="@bobk")
        said = type_in(f"handover {typed}")
        assert said.startswith(f"Incident Commander of {incident.key} is offered to Bob Kahn")
        with portal.reading() as session:
            offered = coordination.unsettled_handover(session, incident.id, IncidentRole.COMMANDER)
        assert offered is not None
        assert (offered.to_person_id, offered.note) == (team.bob.id, note)

    @pytest.mark.parametrize("typed", ["", "Bobby", "carol@example.com", "bob@example.community"])
    def test_a_role_is_offered_to_nobody_else(
        self, portal: Portal, incident: Incident, type_in: Type, typed: str
    ) -> None:
        assert "Nothing was offered" in type_in(f"handover {typed}")
        assert timeline(portal, incident, EntryKind.HANDOVER_OFFERED) == []

    def test_two_of_one_name_must_be_told_apart(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        with portal.work(Actor("Setup")) as work:
            work.add(Person(name="Bob Marley", email="marley@example.com"))
        assert "Bob Kahn (bob@example.com) and Bob Marley (marley@example.com)" in type_in("handover Bob")
        assert "is offered to Bob Marley" in type_in("handover Bob Marley")

    def test_only_a_holder_hands_over(self, incident: Incident, type_in: Type) -> None:
        assert "You hold no role" in type_in("handover Ada", "bob@example.com")


class TestEnding:
    def test_mitigated_then_resolved(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        assert type_in("mitigate traffic moved").startswith(f"{incident.key} is mitigated.")
        assert "Customers are owed the last word by" in type_in("resolve rolled the release back")
        after = reloaded(portal, incident)
        assert after.state is IncidentState.RESOLVED
        assert [entry.text for entry in timeline(portal, incident, EntryKind.MITIGATED, EntryKind.RESOLVED)] == [
            "Mitigated: traffic moved",
            "Resolved: rolled the release back",
        ]

    def test_resolving_says_what_fixed_it(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        assert type_in("resolve").startswith("Say what fixed it")
        assert reloaded(portal, incident).state is IncidentState.OPEN

    def test_a_move_that_may_not_happen_is_refused_in_the_verb_s_words(self, incident: Incident, type_in: Type) -> None:
        type_in(f"mitigate {incident.key}")
        assert type_in(f"mitigate {incident.key}") == f"{incident.key} is mitigated, not open; look at it again."


class TestLooking:
    def test_nothing_burns(self, type_in: Type) -> None:
        assert type_in("list") == "No incident is active."
        assert type_in("status").startswith("No incident is active.")

    def test_the_active_incidents(self, incident: Incident, type_in: Type) -> None:
        type_in("declare Search is slow")
        first, second = type_in("list").splitlines()
        assert "Search is slow" in first
        assert second == f"{incident.key} · open · no severity yet · Payments fail with 502 · Ada Lovelace"

    def test_how_one_stands(self, incident: Incident, type_in: Type, clock: HandClock) -> None:
        clock.forward(timedelta(minutes=5))
        assert type_in(f"status {incident.key.lower()}").splitlines() == [
            f"{incident.key}: Payments fail with 502",
            "open, no severity yet, 5 min since 23 November 2026, 03:00 UTC",
            "Incident Commander: Ada Lovelace",
            "Affected customers: Acme",
            "Next customer update due in 25 min (03:30 UTC)",
            f"https://ims.example/incident?key={incident.key}",
        ]

    def test_an_update_that_is_late_is_called_so(self, incident: Incident, type_in: Type, clock: HandClock) -> None:
        clock.forward(timedelta(hours=2))
        assert "was due 1 h 30 min ago (03:30 UTC)" in type_in("status")

    @pytest.mark.parametrize("typed", ["", "help", "HELP", "  help me  "])
    def test_help(self, type_in: Type, typed: str) -> None:
        said = type_in(typed)
        for word in ("list", "status", "declare", "ack", "cl", "note", "update", "handover", "mitigate", "resolve"):
            assert f"\n• {word}" in said

    @pytest.mark.parametrize(
        ("typed", "meant"), [("resolv x", "resolve"), ("lst", "list"), ("Handvoer Bob", "handover")]
    )
    def test_a_slip_of_the_finger_is_asked_about(self, type_in: Type, typed: str, meant: str) -> None:
        assert f"Did you mean “{meant}”?" in type_in(typed)

    def test_a_strange_word_is_not_guessed_at(self, type_in: Type) -> None:
        assert type_in("xyzzy") == "“xyzzy” is nothing the portal knows. /incident help lists what it does."


class TestWhich:
    def test_the_channel_s(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        set_channel(portal, incident, "CINC")
        type_in("declare Search is slow")
        assert type_in("note slow", channel="CINC") == f"Noted in the timeline of {incident.key}."

    def test_else_the_one_that_is_named(self, incident: Incident, type_in: Type) -> None:
        type_in("declare Search is slow")
        assert type_in(f"note {incident.key}: slow", channel="CELSE") == f"Noted in the timeline of {incident.key}."

    def test_else_the_only_active_one(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        assert type_in("note slow") == f"Noted in the timeline of {incident.key}."

    def test_else_it_is_asked(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        type_in("declare Search is slow")
        said = type_in("note slow")
        assert said.startswith("Which one?")
        assert f"{incident.key} Payments fail with 502" in said
        assert timeline(portal, incident, EntryKind.NOTE) == []

    def test_one_that_is_not_there(self, incident: Incident, type_in: Type) -> None:
        assert type_in("resolve INC-999999999999 done").startswith("There is no incident “INC-999999999999”")

    def test_another_one_is_not_changed_from_a_channel_but_can_be_looked_at(
        self, portal: Portal, incident: Incident, type_in: Type
    ) -> None:
        set_channel(portal, incident, "CINC")
        type_in("declare Search is slow")
        other = every(portal)[0]
        assert type_in(f"resolve {other.key} done", channel="CINC").startswith(f"This is the channel of {incident.key}")
        assert {each.state for each in every(portal)} == {IncidentState.OPEN}
        assert "Search is slow" in type_in(f"status {other.key}", channel="CINC")

    def test_from_the_channel_of_one_that_is_over_the_named_one_is_changed(
        self, portal: Portal, incident: Incident, type_in: Type
    ) -> None:
        set_channel(portal, incident, "CREUSED")
        type_in("resolve done")
        type_in("declare Search is slow")
        other = every(portal)[0]
        assert type_in(f"note {other.key} slow", channel="CREUSED") == f"Noted in the timeline of {other.key}."

    def test_a_channel_that_active_ones_share_decides_nothing(
        self, portal: Portal, incident: Incident, type_in: Type
    ) -> None:
        type_in("declare Search is slow")
        other = every(portal)[0]
        for each in (incident, other):
            set_channel(portal, each, "CSHARED")
        assert type_in("note slow", channel="CSHARED").startswith("Which one?")
        assert type_in(f"note {incident.key} slow", channel="CSHARED") == f"Noted in the timeline of {incident.key}."
        type_in(f"resolve {other.key} done", channel="CSHARED")
        assert type_in("note slow", channel="CSHARED") == f"Noted in the timeline of {incident.key}."

    def test_a_channel_keeps_its_incident_when_that_is_over(
        self, portal: Portal, incident: Incident, type_in: Type
    ) -> None:
        set_channel(portal, incident, "CINC")
        type_in("resolve done")
        assert type_in("note for the document", channel="CINC") == f"Noted in the timeline of {incident.key}."


class TestWho:
    def test_whom_the_portal_does_not_know(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        assert type_in("note x", "eve@example.com") == (
            "The portal does not know eve@example.com. Ask an administrator to add you with this address."
        )
        assert type_in("list", "").startswith("The chat does not tell the portal your e-mail address")
        assert timeline(portal, incident, EntryKind.NOTE) == []

    def test_an_address_is_known_in_any_case(self, incident: Incident, type_in: Type) -> None:
        assert incident.key in type_in("list", "Ada@Example.com")

    def test_who_is_no_longer_active_sees_nothing(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team
    ) -> None:
        is_now(portal, team.bob, active=False)
        for text in ("list", "help", "note x"):
            assert (
                type_in(text, "bob@example.com") == "Bob Kahn is no longer active in the portal; ask an administrator."
            )

    @pytest.mark.parametrize(
        "text",
        ["declare x", "ack", "cl", "note x", "update x", "update confirm", "handover Ada", "mitigate", "resolve x"],
    )
    def test_viewers_look_and_change_nothing(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team, text: str
    ) -> None:
        is_now(portal, team.bob, access=AccessRole.VIEWER)
        before = timeline(portal, incident)
        assert type_in(text, "bob@example.com").startswith("You may look, but not change anything")
        assert (timeline(portal, incident), len(every(portal))) == (before, 1)
        assert incident.key in type_in("list", "bob@example.com")
        assert incident.key in type_in("status", "bob@example.com")


class TestTellingCustomers:
    def rows(self, portal: Portal, incident: Incident) -> list[Delivery]:
        with portal.reading() as session:
            update = incidents.updates(session, incident.id)[-1]
            return list(deliveries.of_update(session, update.id))

    def test_it_is_shown_first_and_nothing_is_sent(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        said = type_in("update We found the cause.\n\nA fix <is> on its way.")
        assert said.startswith(
            f"Nothing is sent yet. Update 1 of {incident.key}, phase “investigating”, would go to:\n"
        )
        assert "• Acme: #acme-ims and ops@acme.example (CC mia@acme.example)\n" in said
        assert "\nWe found the cause.\n\nA fix <is> on its way.\n\nYou will hear from us again by " in said
        assert f"/incident update {incident.key} confirm" in said
        assert sent(portal, incident) == 0

    def test_confirmed_it_is_sent_as_it_was_shown(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        shown = type_in("update We found the cause.")
        assert type_in("update confirm").startswith(f"Update 1 of {incident.key} is on its way.")
        rows = self.rows(portal, incident)
        assert sorted(row.kind for row in rows) == ["customer_mail", "customer_post"]
        for row in rows:
            assert f"\n{row.payload['text']}\n" in shown
            assert f"Subject: {row.payload['subject']}\n" in shown

    def test_the_promise_in_the_text_is_the_promise_that_is_kept(
        self, portal: Portal, incident: Incident, type_in: Type
    ) -> None:
        said = type_in("update We found the cause.")
        type_in("update confirm")
        due_at = reloaded(portal, incident).next_update_due_at
        assert due_at is not None
        assert f"again by 23 November 2026, {due_at:%H:%M} UTC." in said

    def test_without_a_preview_nothing_is_confirmed(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        assert type_in("update confirm").startswith("Nothing of yours waits to be confirmed")
        type_in("update We found the cause.")
        assert type_in("update confirm", "bob@example.com").startswith("Nothing of yours waits to be confirmed")
        assert sent(portal, incident) == 0

    def test_once_confirmed_it_does_not_wait_any_more(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        type_in("update We found the cause.")
        type_in("update confirm")
        assert type_in("update confirm").startswith("Nothing of yours waits to be confirmed")
        assert sent(portal, incident) == 1

    def test_an_old_preview_is_not_confirmed(
        self, portal: Portal, incident: Incident, type_in: Type, clock: HandClock
    ) -> None:
        type_in("update We found the cause.")
        clock.forward(timedelta(minutes=10, seconds=1))
        assert type_in("update confirm").startswith("Nothing of yours waits to be confirmed")
        assert sent(portal, incident) == 0

    def test_customers_who_were_not_shown_are_not_told(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team
    ) -> None:
        type_in("update We found the cause.")
        with portal.work(team.as_bob) as work:
            set_scope(work, incident.id, portal.procedure, [], [team.acme.id, team.globex.id])
        assert type_in("update confirm").startswith("Nothing was sent: since you looked")
        assert sent(portal, incident) == 0

    def test_an_update_that_went_out_meanwhile_stops_it(
        self, portal: Portal, incident: Incident, type_in: Type
    ) -> None:
        type_in("update We found the cause.")
        type_in("update We are on it.", "bob@example.com")
        type_in("update confirm", "bob@example.com")
        assert type_in("update confirm").startswith("Nothing was sent: since you looked")
        assert sent(portal, incident) == 1

    def test_an_incident_that_is_over_meanwhile_stops_it(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team
    ) -> None:
        type_in("update We found the cause.")
        with portal.work(team.as_bob) as work:
            states.resolve(work, incident.id, "done", portal.procedure)
        assert "is resolved: tell customers that it is resolved" in type_in(f"update {incident.key} confirm")
        assert sent(portal, incident) == 0

    def test_confirm_stands_alone(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        type_in("update We found the cause.")
        assert type_in("update confirm that all is well").startswith("Nothing was sent.")
        assert sent(portal, incident) == 0

    @pytest.mark.parametrize(
        ("before", "typed", "phase"),
        [
            ((), "update x", "investigating"),
            ((), "update --identified x", "identified"),
            (("update —identified x", "update confirm"), "update y", "identified"),
            (("mitigate",), "update x", "mitigated"),
        ],
    )
    def test_the_phase_follows_the_incident_or_the_writer(
        self, incident: Incident, type_in: Type, before: tuple[str, ...], typed: str, phase: str
    ) -> None:
        for text in before:
            type_in(text)
        assert f"phase “{phase}”" in type_in(typed)

    def test_the_last_word_promises_nothing(self, portal: Portal, incident: Incident, type_in: Type) -> None:
        type_in("resolve rolled back")
        said = type_in(f"update {incident.key} It is over.")
        assert "phase “resolved”" in said
        assert "again by" not in said
        assert type_in(f"update {incident.key} confirm").startswith("Update 1")
        assert reloaded(portal, incident).next_update_due_at is None

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("update", "Write what customers shall read"),
            ("update --identified", "Write what customers shall read"),
            (
                "update --resolved It is over",
                "the phase of an update can be: --investigating, --identified, --mitigated.",
            ),
            ("update --mitigated --identified x", "the phase of an update can be"),
            ("update " + "x" * 3001, "too long to be checked here"),
        ],
    )
    def test_what_cannot_be_an_update_is_said(self, incident: Incident, type_in: Type, typed: str, said: str) -> None:
        assert said in type_in(typed)

    def test_without_customers_there_is_nobody_to_tell(self, type_in: Type) -> None:
        type_in("declare Search is slow")
        assert type_in("update x").startswith("No affected customer is named yet")

    def test_a_cancelled_incident_has_no_updates(
        self, portal: Portal, incident: Incident, type_in: Type, team: Team
    ) -> None:
        with portal.work(team.as_ada) as work:
            states.cancel(work, incident.id, "a test")
        assert "can be: none" in type_in(f"update {incident.key} x")


def test_a_role_that_is_not_command_is_handed_over_where_it_is_the_only_one(
    portal: Portal, incident: Incident, type_in: Type, team: Team
) -> None:
    with portal.work(team.as_ada) as work:
        assign_role(work, incident.id, IncidentRole.OPERATIONS, team.bob.id)
    assert type_in("handover Ada", "bob@example.com").startswith("Operations Lead of")


def test_a_long_list_is_counted_at_its_end(portal: Portal, type_in: Type) -> None:
    for number in range(22):
        type_in(f"declare Number {number}")
    assert type_in("list").splitlines()[-1] == "and 2 more"


def test_a_command_without_an_id_is_carried_out(portal: Portal, incident: Incident) -> None:
    command = Command("note it is slow", "ada@example.com", "ada")
    assert chat_of(portal).answer(command) == f"Noted in the timeline of {incident.key}."
    assert chat_of(portal).answer(dataclasses.replace(command, text="declare x")).startswith("INC-")
