"""Two administrators at one setting: different fields meet, the same field asks, and it is known who changed what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from ims.bootstrap import Portal
from ims.errors import Conflict
from ims.model import Customer, CustomerDraft, Person, PersonDraft, RotaDraft, ServiceDraft
from ims.setup.customers import change_customer, shown_customer
from ims.setup.people import change_person, shown_person
from ims.setup.rota import save_rota, shown_rota
from ims.setup.services import change_service, shown_service
from ims.store import catalogue
from tests.conftest import HandClock, Team, make_team


def test_two_fields_of_a_customer_meet(both_portals: Portal) -> None:
    team = make_team(both_portals)
    seen = shown_customer(team.globex, [team.payments.id])
    fields = {name: value for name, value in seen.items() if name != "service_ids"}
    with both_portals.work(team.as_bob) as work:
        manager = CustomerDraft.model_validate(fields | {"manager_email": "gus@globex.example"})
        change_customer(work, team.globex.id, manager, [team.payments.id, team.search.id], seen=seen)
    with both_portals.work(team.as_ada) as work:
        channel = CustomerDraft.model_validate(fields | {"slack_channel": "#globex-new"})
        change_customer(work, team.globex.id, channel, [], seen=seen)
    with both_portals.reading() as session:
        customer = session.get_one(Customer, team.globex.id)
        assert catalogue.service_ids_of_customer(session, customer.id) == [team.search.id]
    assert (customer.manager_email, customer.slack_channel) == ("gus@globex.example", "#globex-new")


def test_the_same_field_of_a_person_asks_and_names_who_and_when(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    seen = shown_person(team.bob)
    clock.forward(timedelta(minutes=5))
    with both_portals.work(team.as_bob) as work:
        change_person(work, team.bob.id, PersonDraft(name="Robert Kahn", email="bob@example.com"), seen=seen)
    with pytest.raises(Conflict) as met, both_portals.work(team.as_ada) as work:
        change_person(work, team.bob.id, PersonDraft(name="Bobby", email="bob@example.com"), seen=seen)
    assert str(met.value).startswith("Bob Kahn changed the name to “Robert Kahn” at 03:05 UTC")
    with both_portals.reading() as session:
        assert session.get_one(Person, team.bob.id).name == "Robert Kahn"


def test_the_order_of_a_rota_is_not_replaced_unseen(portal: Portal, team: Team) -> None:
    with portal.reading() as session:
        rota = catalogue.rotas(session)[0]
        seen = shown_rota(rota, catalogue.rota_members(session, rota.id))
    with portal.work(team.as_bob) as work:
        save_rota(work, RotaDraft.model_validate(seen | {"member_ids": [team.bob.id]}), rota.id, seen=seen)
    with portal.work(team.as_ada) as work:
        save_rota(work, RotaDraft.model_validate(seen | {"shift_days": 14}), rota.id, seen=seen)
    other = RotaDraft.model_validate(seen | {"member_ids": [team.bob.id, team.ada.id]})
    with pytest.raises(Conflict, match="Bob Kahn changed the member ids"), portal.work(team.as_ada) as work:
        save_rota(work, other, rota.id, seen=seen)
    with portal.reading() as session:
        assert catalogue.rota_members(session, rota.id) == [team.bob.id]
        assert catalogue.rotas(session)[0].shift_days == 14


def test_every_change_of_a_setting_is_written_down_with_old_and_new(portal: Portal, team: Team) -> None:
    draft = ServiceDraft(name="search", description="finds")
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            change_service(work, team.search.id, draft, seen=shown_service(team.search))
    with portal.reading() as session:
        (change,) = catalogue.setting_changes(session, "Service", team.search.id)
    assert (change.author, change.changes) == ("Ada Lovelace", {"description": ["", "finds"]})


def test_of_eight_who_rename_a_service_at_once_one_is_acknowledged(both_portals: Portal) -> None:
    team = make_team(both_portals)
    seen, together = shown_service(team.search), Barrier(8)

    def rename(number: int) -> str:
        together.wait()
        try:
            with both_portals.work(team.as_ada) as work:
                return change_service(work, team.search.id, ServiceDraft(name=f"search {number}"), seen=seen).name
        except Conflict:
            return ""

    with ThreadPoolExecutor(8) as threads:
        acknowledged = [name for name in threads.map(rename, range(8)) if name]
    with both_portals.reading() as session:
        changes = catalogue.setting_changes(session, "Service", team.search.id)
        assert [service.name for service in catalogue.services(session)] == ["payments", *acknowledged]
    assert len(acknowledged) == len(changes) == 1
