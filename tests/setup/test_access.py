"""Settings are changed by administrators, once there is one; and a name is taken once."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlmodel import SQLModel, select

from ims.bootstrap import Portal
from ims.errors import Forbidden, Refusal
from ims.model import (
    AccessRole,
    Actor,
    Customer,
    CustomerDraft,
    Person,
    PersonDraft,
    Rota,
    RotaDraft,
    RotaOverride,
    Service,
    ServiceDraft,
)
from ims.setup import customers, people, rota, services
from ims.store.work import Work
from tests.conftest import START, Team, make_team

Verb = Callable[[Work, Team], object]
ROTA = RotaDraft(name="New", starts_on=START.date(), member_ids=[1])
CHANGING: list[Verb] = [
    lambda work, team: people.add_person(work, PersonDraft(name="Cy", email="cy@example.com")),
    lambda work, team: people.change_person(work, team.bob.id, PersonDraft(name="Rob", email="bob@example.com")),
    lambda work, team: services.add_service(work, ServiceDraft(name="mail")),
    lambda work, team: services.change_service(work, team.search.id, ServiceDraft(name="find")),
    lambda work, team: services.retire_service(work, team.search.id),
    lambda work, team: customers.add_customer(work, CustomerDraft(name="Initech")),
    lambda work, team: customers.change_customer(work, team.acme.id, CustomerDraft(name="Acme 2")),
    lambda work, team: customers.retire_customer(work, team.acme.id),
    lambda work, team: rota.save_rota(work, ROTA),
    lambda work, team: rota.add_override(work, 1, team.bob.id, START, START.replace(hour=9)),
    lambda work, team: rota.remove_override(work, 1),
]
RESTORING: list[Verb] = [
    lambda work, team: people.restore_person(work, team.bob.id),
    lambda work, team: services.restore_service(work, team.search.id),
    lambda work, team: customers.restore_customer(work, team.acme.id),
]
EVERY_VERB = [*CHANGING, *RESTORING, lambda work, team: people.retire_person(work, team.bob.id)]


def settings(portal: Portal) -> list[dict[str, object]]:
    nouns: tuple[type[SQLModel], ...] = (Person, Service, Customer, Rota, RotaOverride)
    with portal.reading() as session:
        return [row.model_dump() for noun in nouns for row in session.exec(select(noun))]


def crown(portal: Portal, person: Person) -> Actor:
    """Make somebody administrator, as the first one is made: by anybody."""
    draft = PersonDraft(name=person.name, email=person.email, access=AccessRole.ADMINISTRATOR)
    with portal.work(Actor("Somebody")) as work:
        people.change_person(work, person.id, draft)
    return Actor(person.name, person.id, AccessRole.ADMINISTRATOR)


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_once_there_is_an_administrator_nobody_else_changes_settings(portal: Portal, team: Team, verb: Verb) -> None:
    crown(portal, team.ada)
    with pytest.raises(Forbidden, match="ask Ada Lovelace"), portal.work(team.as_bob) as work:
        verb(work, team)


@pytest.mark.parametrize("verb", CHANGING)
def test_an_administrator_changes_every_setting(portal: Portal, team: Team, verb: Verb) -> None:
    ada = crown(portal, team.ada)
    with portal.work(ada) as work:
        rota.add_override(work, 1, team.bob.id, START.replace(hour=10), START.replace(hour=11))
    before = settings(portal)
    with portal.work(ada) as work:
        verb(work, team)
    assert settings(portal) != before


@pytest.mark.parametrize("verb", RESTORING)
def test_an_administrator_brings_back_what_was_retired(portal: Portal, team: Team, verb: Verb) -> None:
    ada = crown(portal, team.ada)
    before = settings(portal)
    with portal.work(ada) as work:
        for noun, row_id in ((Person, team.bob.id), (Service, team.search.id), (Customer, team.acme.id)):
            work.get(noun, row_id).active = False
    with portal.work(ada) as work:
        verb(work, team)
    back = [row for row in settings(portal) if row not in before]
    assert [row["active"] for row in back] == [False, False]


def test_as_long_as_there_is_no_administrator_anybody_sets_the_portal_up(both_portals: Portal) -> None:
    with both_portals.work(Actor("Somebody")) as work:
        added = people.add_person(work, PersonDraft(name="Cy", email="CY@example.com"))
    with both_portals.reading() as session:
        assert session.get_one(Person, added.id).email == "cy@example.com"


def test_the_last_administrator_keeps_the_role(portal: Portal, team: Team) -> None:
    ada = crown(portal, team.ada)
    demoted = PersonDraft(name="Ada", email="ada@example.com")
    with pytest.raises(Forbidden, match="is the only administrator"), portal.work(ada) as work:
        people.change_person(work, team.ada.id, demoted)
    with pytest.raises(Forbidden, match="is the only administrator"), portal.work(ada) as work:
        people.retire_person(work, team.ada.id)
    with portal.work(ada) as work:
        bob = PersonDraft(name="Bob", email="bob@example.com", access=AccessRole.ADMINISTRATOR)
        people.change_person(work, team.bob.id, bob)
        people.change_person(work, team.ada.id, demoted)
    with portal.reading() as session:
        assert session.get_one(Person, team.ada.id).access is AccessRole.RESPONDER


ADDING: list[tuple[Callable[[Work], object], type[Person | Service | Customer]]] = [
    (lambda work: people.add_person(work, PersonDraft(name="Cy", email="cy@example.com")), Person),
    (lambda work: services.add_service(work, ServiceDraft(name="mail")), Service),
    (lambda work: customers.add_customer(work, CustomerDraft(name="Initech")), Customer),
]


@pytest.mark.parametrize(("add", "noun"), ADDING)
def test_two_who_add_the_same_at_once_make_one_and_the_other_is_told(
    both_portals: Portal, add: Callable[[Work], object], noun: type[Person | Service | Customer]
) -> None:
    start, told = Barrier(4), []

    def hurry() -> None:
        start.wait()
        try:
            with both_portals.work(Actor("Somebody")) as work:
                add(work)
        except Refusal as refusal:
            told.append(str(refusal))

    threads = [Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 3
    assert all("already" in sentence or "Somebody just added" in sentence for sentence in told)
    with both_portals.work(Actor("Somebody")) as work, pytest.raises(Refusal, match="already"):
        add(work)


def test_what_was_refused_is_not_half_saved(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with pytest.raises(Refusal), both_portals.work(Actor("Somebody")) as work:
        customers.add_customer(work, CustomerDraft(name="Initech"), [team.search.id, 999])
    with both_portals.reading() as session:
        assert session.get(Customer, 3) is None
        assert session.get(RotaOverride, 1) is None
