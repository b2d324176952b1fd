"""Customer updates: told once by each way, nobody twice, and no internal word outside."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.delivery.dispatch import carry_out
from ims.errors import Conflict, Refusal
from ims.integrations.builtin.twins import KeptMessenger
from ims.integrations.registry import ports
from ims.model import (
    Actor,
    Customer,
    CustomerUpdate,
    CustomerUpdateDraft,
    Delivery,
    DeliveryState,
    EntryKind,
    Incident,
    IncidentCustomer,
    IncidentDraft,
    Severity,
    UpdatePhase,
)
from ims.model.message import KINDS, CustomerMail, CustomerPost, Message, Page, TeamMessage
from ims.ports import DeliveryError, Ports, Receipt
from ims.response import unsent
from ims.response.customers import messages, next_promise, phases_for, send_to_missed, send_update
from ims.response.declare import declare
from ims.response.states import cancel, reopen, resolve
from ims.sop.procedure import read_procedure
from ims.store import deliveries, incidents
from tests.conftest import START, HandClock, Team, make_team

HOUR = timedelta(hours=1)


def draft(body: str = "We are looking into it.", phase: UpdatePhase = UpdatePhase.INVESTIGATING) -> CustomerUpdateDraft:
    return CustomerUpdateDraft(phase=phase, subject="Payments fail", body=body, next_update_at=START + 2 * HOUR)


def declare_for(portal: Portal, actor: Actor, *customer_ids: int) -> Incident:
    asked = {"title": "Payments fail", "affects_customers": True, "customer_ids": list(customer_ids)}
    with portal.work(actor) as work:
        return declare(work, IncidentDraft.model_validate(asked), portal.procedure)


INVESTIGATING = draft()


def send(
    portal: Portal, incident: Incident, number: int = 1, draft: CustomerUpdateDraft = INVESTIGATING
) -> CustomerUpdate:
    with portal.work(Actor("Cleo")) as work:
        return send_update(work, incident.id, draft, number=number)


def rows(portal: Portal, update: CustomerUpdate) -> list[tuple[str, str]]:
    with portal.reading() as session:
        return [(row.kind, row.recipient) for row in deliveries.of_update(session, update.id)]


def test_each_customer_is_told_once_by_each_way_they_can_be_reached(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id, team.globex.id)
    update = send(both_portals, incident)
    assert sorted(rows(both_portals, update)) == [
        ("customer_mail", "it@globex.example"),
        ("customer_mail", "ops@acme.example (CC mia@acme.example)"),
        ("customer_post", "#acme-ims"),
        ("customer_post", "#globex"),
    ]


def test_a_missing_way_makes_no_delivery(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).slack_channel = ""
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    assert [kind for kind, _ in rows(both_portals, send(both_portals, incident))] == ["customer_mail"]


def test_what_was_previewed_is_what_is_sent(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    previewed = messages(
        incident, 1, "Payments fail", "We are looking into it.", team.acme, thread="Payments fail [INC-1]"
    )
    update = send(both_portals, incident)
    with both_portals.reading() as session:
        kept = [KINDS[row.kind].model_validate(row.payload) for row in deliveries.of_update(session, update.id)]
    assert kept == previewed


def test_the_mails_of_an_incident_share_the_subject_that_was_written_first(
    portal: Portal, team: Team, incident: Incident
) -> None:
    """The title is the team's own; no customer reads it."""
    with portal.work(team.as_ada) as work:
        work.incident(incident.id).title = "Globex's import kills the database"
    for number, subject in enumerate(("Payments fail", "We found why payments fail"), start=1):
        send(portal, incident, number, draft().model_copy(update={"subject": subject}))
    with portal.reading() as session:
        mails = [row.payload for row in deliveries.of_incident(session, incident.id) if row.kind == "customer_mail"]
    assert [mail["thread_subject"] for mail in mails] == ["Payments fail [INC-1]"] * 2
    assert "Globex" not in str(mails)


def test_no_mailbox_takes_an_update_for_one_of_another_portal(portal: Portal, team: Team, incident: Incident) -> None:
    """Mailboxes drop a second letter of the same Message-ID, and every portal begins with INC-1 and customer 1."""
    elsewhere = Incident.model_validate(incident.model_dump(exclude={"mark"}))
    both = [
        messages(each, 1, "Payments fail", "x", team.acme, thread="Payments fail") for each in (incident, elsewhere)
    ]
    threads = {message.thread for said in both for message in said if isinstance(message, CustomerMail)}
    assert len(threads) == len(both)


def test_a_double_click_tells_nobody_twice(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    first, second = send(both_portals, incident), send(both_portals, incident)
    assert first.id == second.id
    assert len(rows(both_portals, first)) == 2


def test_an_update_that_somebody_else_sent_meanwhile_is_told_and_nothing_goes_out(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    update = send(both_portals, incident)
    with pytest.raises(Conflict, match="Cleo sent update 1 while you were writing"):
        send(both_portals, incident, draft=draft("Something else."))
    with both_portals.reading() as session:
        assert [each.id for each in incidents.updates(session, incident.id)] == [update.id]


def test_a_number_that_is_not_the_next_is_refused(portal: Portal, incident: Incident) -> None:
    with pytest.raises(Refusal, match="number 1, not 3"):
        send(portal, incident, 3)


def test_the_promise_is_what_the_incident_waits_for(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    send(both_portals, incident)
    with both_portals.reading() as session:
        kept = session.get_one(Incident, incident.id)
        assert kept.next_update_due_at == START + 2 * HOUR
        written = [e for e in incidents.timeline(session, incident.id) if e.kind is EntryKind.UPDATE_WRITTEN]
        assert len(written) == 1


def test_a_resolved_update_promises_nothing(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.work(team.as_ada) as work:
        resolve(work, incident.id, "restarted", portal.procedure)
    update = send(portal, incident, draft=draft(phase=UpdatePhase.RESOLVED))
    assert update.next_update_at is None
    with portal.reading() as session:
        assert session.get_one(Incident, incident.id).next_update_due_at is None


@pytest.mark.parametrize("promise", [None, START, START - HOUR])
def test_a_promise_that_is_missing_or_past_is_refused(portal: Portal, incident: Incident, promise: object) -> None:
    with pytest.raises(Refusal, match="romise"):
        send(portal, incident, draft=draft().model_copy(update={"next_update_at": promise}))


def test_customers_are_not_told_it_is_over_while_it_is_not(portal: Portal, incident: Incident) -> None:
    with pytest.raises(Refusal, match="resolve the incident before"):
        send(portal, incident, draft=draft(phase=UpdatePhase.RESOLVED))


def test_a_resolved_incident_is_told_as_resolved_until_it_is_reopened(
    portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        resolved = resolve(work, incident.id, "restarted", portal.procedure)
    assert phases_for(resolved) == [UpdatePhase.RESOLVED]
    with pytest.raises(Refusal, match="tell customers that it is resolved, or reopen it"):
        send(portal, incident)
    with portal.work(team.as_ada) as work:
        reopen(work, incident.id, "it came back", portal.procedure)
    assert send(portal, incident).number == 1


def test_a_cancelled_incident_tells_nobody(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.work(team.as_ada) as work:
        assert phases_for(cancel(work, incident.id, "a test")) == []
    with pytest.raises(Refusal, match="is cancelled"):
        send(portal, incident)


def test_an_incident_without_customers_has_nobody_to_tell(portal: Portal, team: Team) -> None:
    with pytest.raises(Refusal, match="No affected customer is named"):
        send(portal, declare_for(portal, team.as_ada))


def test_an_update_that_could_reach_nobody_is_refused(portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        lost = work.add(Customer(name="Initech", manager_email="bill@initech.example"))
    incident = declare_for(portal, team.as_ada, lost.id)
    with pytest.raises(Refusal, match="No affected customer has a Slack channel or an e-mail contact"):
        send(portal, incident)


def test_the_next_promise_is_the_hour_or_a_shorter_contract(portal: Portal, team: Team) -> None:
    slow, quick = Customer(name="s", update_every=3 * HOUR), Customer(name="q", update_every=HOUR / 4)
    assert next_promise(portal.procedure, [team.acme, slow], START) == START + HOUR
    assert next_promise(portal.procedure, [team.acme, slow, quick], START) == START + HOUR / 4


def test_the_next_promise_follows_the_severity_unless_a_contract_is_shorter(portal: Portal, team: Team) -> None:
    text = portal.procedure.text.replace("by_severity: {}", "by_severity: {sev1: 30m, sev4: 4h}")
    procedure, quick = read_procedure(text), Customer(name="q", update_every=HOUR / 4)
    promised = [next_promise(procedure, [team.acme], START, severity) - START for severity in Severity]
    assert promised == [HOUR / 2, HOUR, HOUR, 4 * HOUR]
    assert next_promise(procedure, [team.acme, quick], START, Severity.SEV1) == START + HOUR / 4


def test_a_customer_named_later_gets_the_newest_update_once(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    update = send(both_portals, incident)
    with both_portals.work(team.as_ada) as work:
        work.add(IncidentCustomer(incident_id=incident.id, customer_id=team.globex.id))
    with both_portals.work(team.as_ada) as work:
        assert send_to_missed(work, update.id) == 2
    with both_portals.work(team.as_ada) as work:
        assert send_to_missed(work, update.id) == 0
    assert len(rows(both_portals, update)) == 4


def test_who_is_named_after_an_update_went_out_gets_it_alone_and_once(both_portals: Portal) -> None:
    """A mistyped address was refused and is corrected, or a customer names one more."""
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    update = send(both_portals, incident)
    corrected = [*team.acme.contacts[1:], "right@acme.example"]
    with both_portals.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).contacts = corrected
        assert send_to_missed(work, update.id) == 0  # the one that waits is not sent yet
    both_portals.worker.run_due()
    for added in (1, 0):
        with both_portals.work(team.as_ada) as work:
            assert send_to_missed(work, update.id) == added
    with both_portals.reading() as session:
        alone = deliveries.of_update(session, update.id)[-1]
    assert (alone.recipient, alone.payload["to"]) == ("right@acme.example", corrected)


def test_only_the_newest_update_is_sent_to_who_was_missed(portal: Portal, team: Team, incident: Incident) -> None:
    first = send(portal, incident)
    send(portal, incident, 2)
    with portal.work(team.as_ada) as work, pytest.raises(Refusal, match="Update 2 is newer"):
        send_to_missed(work, first.id)


@dataclass
class ClosedChannels:
    """A messenger that knows only some channels."""

    known: set[str] = field(default_factory=set)

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        return Receipt("test", "told")

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        if post.channel not in self.known:
            raise DeliveryError(f"channel_not_found: {post.channel}", permanent=True)
        return Receipt("test", f"posted in {post.channel}")


def _stopped_post(portal: Portal, incident: Incident) -> Delivery:
    portal.worker.ports = Ports(**{**vars(ports()), "messenger": ClosedChannels({"#acme-new"})})
    update = send(portal, incident)
    portal.worker.run_due()
    with portal.reading() as session:
        return next(row for row in deliveries.of_update(session, update.id) if row.kind == "customer_post")


def test_a_stopped_post_is_retried_in_the_channel_the_customer_has_by_now(both_portals: Portal) -> None:
    team = make_team(both_portals)
    stopped = _stopped_post(both_portals, declare_for(both_portals, team.as_ada, team.acme.id))
    assert (stopped.state, stopped.problem) == (DeliveryState.STOPPED, "channel_not_found: #acme-ims")
    with both_portals.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).slack_channel = "#acme-new"
    with both_portals.work(team.as_ada) as work:
        unsent.retry(work, stopped.id)
    both_portals.worker.run_due()
    with both_portals.reading() as session:
        sent = session.get_one(Delivery, stopped.id)
    assert (sent.state, sent.proof, sent.recipient) == (DeliveryState.SENT, "posted in #acme-new", "#acme-new")


def test_a_retry_to_a_customer_without_that_way_is_refused_and_keeps_the_row(
    portal: Portal, team: Team, incident: Incident
) -> None:
    stopped = _stopped_post(portal, incident)
    with portal.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).slack_channel = ""
    with pytest.raises(Refusal, match="Acme has no Slack channel any more"), portal.work(team.as_ada) as work:
        unsent.retry(work, stopped.id)
    with portal.reading() as session:
        assert session.get_one(Delivery, stopped.id).state is DeliveryState.STOPPED


def test_one_that_cannot_be_retried_does_not_keep_the_others_from_it(
    both_portals: Portal,
) -> None:
    team = make_team(both_portals)
    incident = declare_for(both_portals, team.as_ada, team.acme.id)
    stopped = _stopped_post(both_portals, incident)
    with both_portals.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).slack_channel = ""
        page = next(each for each in deliveries.of_incident(work.session, incident.id) if each.kind == "page")
        page.state = DeliveryState.STOPPED
    with both_portals.work(team.as_ada) as work:
        reasons = unsent.retry_all(work, [stopped.id, page.id])
    assert [reason.partition(":")[0] for reason in reasons] == ["Acme has no Slack channel any more"]
    with both_portals.reading() as session:
        assert session.get_one(Delivery, stopped.id).state is DeliveryState.STOPPED
        assert session.get_one(Delivery, page.id).state is DeliveryState.WAITING


def test_a_delivery_that_is_no_customer_update_is_retried_as_it_is(portal: Portal, incident: Incident) -> None:
    with portal.work(Actor("Cleo")) as work:
        row = next(each for each in deliveries.of_incident(work.session, incident.id) if each.kind == "page")
        row.state = DeliveryState.STOPPED
        before = dict(row.payload)
    with portal.work(Actor("Cleo")) as work:
        again = unsent.retry(work, row.id)
    assert (again.state, again.payload) == (DeliveryState.WAITING, before)


def test_the_timeline_says_who_is_to_be_told_by_hand(portal: Portal, clock: HandClock, incident: Incident) -> None:
    clock.forward(HOUR / 6)
    send(portal, incident)
    portal.worker.run_due()
    with portal.reading() as session:
        told = [e.text for e in incidents.timeline(session, incident.id) if e.kind is EntryKind.UPDATE_DELIVERED]
        assert session.get_one(Incident, incident.id).first_update_at == START + HOUR / 6
    assert told == [
        "For Acme, to be sent in Slack by hand: Payments fail",
        "For Acme, to be sent by e-mail by hand: Payments fail",
    ]


class Overheard(KeptMessenger):
    """A messenger that remembers which of its methods carried what."""

    def __init__(self) -> None:
        self.to_customers: list[Message] = []

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        self.to_customers.append(post)
        return super().tell_customer(post, key)


@pytest.mark.parametrize(
    "internal",
    [
        TeamMessage(incident_key="INC-1", text="db-master-3 is down again"),
        Page(incident_key="INC-1", title="t", text="x", person_name="Ada", person_email="ada@example.com"),
    ],
)
def test_an_internal_message_is_never_dispatched_to_a_customer(internal: Message) -> None:
    overheard = Overheard()
    carry_out(Ports(**{**vars(ports()), "messenger": overheard}), internal, "k")
    assert overheard.to_customers == []


def test_an_internal_message_does_not_fit_where_customers_read() -> None:
    internal = TeamMessage(incident_key="INC-1", text="db-master-3 is down again")
    messenger = KeptMessenger()
    # Strict mypy reports an ignore that is not needed: this line holds the types apart whenever `make lint` runs.
    with pytest.raises(AttributeError):
        messenger.tell_customer(internal, "k")  # type: ignore[arg-type]


def test_the_types_for_the_team_and_for_customers_share_no_kind_and_no_ancestor_but_message() -> None:
    for outside in (CustomerPost, CustomerMail):
        for inside in (TeamMessage, Page):
            assert not issubclass(inside, outside)
            assert not issubclass(outside, inside)
            assert inside.kind != outside.kind
