"""People, services and customers: changed in words, retired only when nothing hangs on them."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import (
    Actor,
    Customer,
    CustomerDraft,
    Incident,
    Person,
    PersonDraft,
    RotaDraft,
    Service,
    ServiceDraft,
)
from ims.response.states import cancel
from ims.setup.customers import add_customer, change_customer, restore_customer, retire_customer
from ims.setup.people import add_person, change_person, restore_person, retire_person
from ims.setup.rota import save_rota
from ims.setup.services import add_service, change_service, restore_service, retire_service
from ims.store import catalogue
from tests.conftest import START, Team, make_team

SOMEBODY = Actor("Somebody")


def test_a_person_is_changed_in_place(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(SOMEBODY) as work:
        change_person(work, team.ada.id, PersonDraft(name="Ada King", email="ada@example.com", slack="@ada"))
    with both_portals.reading() as session:
        ada = session.get_one(Person, team.ada.id)
    assert (ada.name, ada.slack) == ("Ada King", "@ada")


def test_an_email_address_belongs_to_one_person(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with pytest.raises(Refusal, match="belongs to Ada Lovelace already"), both_portals.work(SOMEBODY) as work:
        add_person(work, PersonDraft(name="Eve", email="ADA@example.com"))
    with pytest.raises(Refusal, match="belongs to Ada Lovelace already"), both_portals.work(SOMEBODY) as work:
        change_person(work, team.bob.id, PersonDraft(name="Bob", email="ada@example.com"))


def test_somebody_in_the_rota_is_not_retired(portal: Portal, team: Team) -> None:
    with pytest.raises(Refusal, match="Bob Kahn is in the rota SRE; give that"), portal.work(SOMEBODY) as work:
        retire_person(work, team.bob.id)


def test_somebody_who_holds_a_role_is_not_retired_until_it_is_over(
    portal: Portal, team: Team, incident: Incident
) -> None:
    order = {"name": "SRE", "starts_on": START.date(), "member_ids": [team.bob.id]}
    with portal.work(SOMEBODY) as work:
        save_rota(work, RotaDraft.model_validate(order), 1)
    with pytest.raises(Refusal, match="Ada Lovelace holds a role in INC-1; give"), portal.work(SOMEBODY) as work:
        retire_person(work, team.ada.id)
    with portal.work(SOMEBODY) as work:
        cancel(work, incident.id, "a test")
        assert not retire_person(work, team.ada.id).active


def test_a_retired_person_is_named_when_their_address_is_used_again_and_comes_back(both_portals: Portal) -> None:
    with both_portals.work(SOMEBODY) as work:
        cy = add_person(work, PersonDraft(name="Cy", email="cy@example.com"))
        retire_person(work, cy.id)
    with pytest.raises(Refusal, match="They are retired: bring them back"), both_portals.work(SOMEBODY) as work:
        add_person(work, PersonDraft(name="Cy", email="cy@example.com"))
    with both_portals.work(SOMEBODY) as work:
        assert restore_person(work, cy.id).active


def test_a_service_is_known_by_one_name_whatever_its_case(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with pytest.raises(Refusal, match="There is a service “payments” already"), both_portals.work(SOMEBODY) as work:
        add_service(work, ServiceDraft(name="Payments"))
    with both_portals.work(SOMEBODY) as work:
        change_service(work, team.payments.id, ServiceDraft(name="Payments", description="cards"))
    with both_portals.reading() as session:
        assert session.get_one(Service, team.payments.id).description == "cards"


def test_a_burning_service_is_not_retired(portal: Portal, team: Team, incident: Incident) -> None:
    with pytest.raises(Refusal, match="payments is affected by INC-1"), portal.work(SOMEBODY) as work:
        retire_service(work, team.payments.id)
    with portal.work(SOMEBODY) as work:
        assert not retire_service(work, team.search.id).active
        assert restore_service(work, team.search.id).active


def test_a_customer_keeps_the_services_they_use(both_portals: Portal) -> None:
    team = make_team(both_portals)
    draft = CustomerDraft.model_validate({"name": "Initech", "contacts": "a@x.example, b@x.example"})
    with both_portals.work(SOMEBODY) as work:
        added = add_customer(work, draft, [team.search.id, team.payments.id])
        change_customer(work, team.acme.id, CustomerDraft(name="Acme"))
        change_customer(work, team.globex.id, CustomerDraft(name="Globex"), [team.search.id])
    with both_portals.reading() as session:
        used = {key: sorted(ids) for key, ids in catalogue.services_by_customer(session).items()}
        assert session.get_one(Customer, added.id).contacts == ["a@x.example", "b@x.example"]
    both = [team.payments.id, team.search.id]
    assert used == {team.acme.id: [team.payments.id], team.globex.id: [team.search.id], added.id: both}


def test_an_interval_that_nobody_can_keep_is_refused(portal: Portal, team: Team) -> None:
    with pytest.raises(Refusal, match="five minutes"), portal.work(SOMEBODY) as work:
        add_customer(work, CustomerDraft(name="Initech", update_every=timedelta(minutes=-5)))


def test_a_customer_who_must_be_told_is_not_retired(portal: Portal, team: Team, incident: Incident) -> None:
    with pytest.raises(Refusal, match="Acme is affected by INC-1"), portal.work(SOMEBODY) as work:
        retire_customer(work, team.acme.id)
    with portal.work(SOMEBODY) as work:
        assert not retire_customer(work, team.globex.id).active
        assert restore_customer(work, team.globex.id).active


def test_a_customer_name_is_taken_once(portal: Portal, team: Team) -> None:
    with pytest.raises(Refusal, match="There is a customer “Acme” already"), portal.work(SOMEBODY) as work:
        change_customer(work, team.globex.id, CustomerDraft(name="ACME"))


def test_what_is_no_address_is_said_in_words() -> None:
    with pytest.raises(ValidationError, match="is not an e-mail address"):
        PersonDraft.model_validate({"name": "Eve", "email": "eve"})
