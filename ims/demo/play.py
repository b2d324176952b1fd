"""Playing the story: every act at its own time, through the same functions that people use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ims.bootstrap import Portal
from ims.demo.acts import RESPONSE, Scene, actor_of
from ims.demo.aftermath import AFTERMATH
from ims.demo.alerts import body, fingerprint
from ims.demo.stage import DELIVERED_AFTER, TurnedClock, stage
from ims.demo.story import Act, Buyer, Chapter, Firing, LooseAlert, Somebody, Story, after, beginning, read_story
from ims.errors import Refusal
from ims.intake import alertmanager, inbox, triage
from ims.model import AccessRole, Actor, CustomerDraft, PersonDraft, RotaDraft
from ims.setup import customers, people, rota, services
from ims.store import alert_questions, catalogue, history, on_call, overview

DISMISSED_AFTER = timedelta(minutes=12)
FIRST_SHIFT = timedelta(weeks=5)  # before the Monday of this week, so that the whole story has somebody on call
_SETUP = Actor("Setup", access=AccessRole.ADMINISTRATOR)
ACTS = {**RESPONSE, **AFTERMATH}
Progress = Callable[[float, str], None]


class AlreadyLoaded(Refusal):
    """The portal holds the demo; loading it again would tell the same story twice."""


@dataclass(frozen=True)
class _Event:
    """Something that happens at a moment; ``words`` say it to who watches the demo being loaded."""

    at: datetime
    words: str
    happen: Callable[[], None]


@dataclass(frozen=True)
class _Ids:
    """What the names of the story became in the portal."""

    services: dict[str, int]
    customers: dict[str, int]


def load(portal: Portal, progress: Progress) -> None:
    """Load the demo, all of it or nothing; ``progress`` is told how far it is, from 0 to 1, and what happens.

    Raises:
        Refusal: the portal is in use already, or outside systems would hear of invented people.
        SettingProblem: the story cannot be read.
    """
    if portal.ports.configured:
        raise Refusal(
            "This portal is connected to outside systems, which would soon page and write to people of the demo: load "
            "it into one without, by another IMS_DATABASE_URL and no settings of systems."
        )
    story = read_story(portal.settings.data_dir)
    now = portal.clock()
    clock = TurnedClock(now)
    with stage(portal, clock) as played:
        _refuse_if_used(played, story)
        ids = _set_up(played, story, clock, now)
        events = [event for event in _events(played, story, ids, now) if event.at <= now]
        for number, event in enumerate(sorted(events, key=lambda event: event.at)):
            progress(number / len(events), event.words)
            clock.now = event.at
            event.happen()
            clock.now = min(event.at + DELIVERED_AFTER, now)
            played.worker.run_due()
    progress(1.0, "The demo is loaded.")


def _refuse_if_used(portal: Portal, story: Story) -> None:
    with portal.reading() as session:
        history.one_at_a_time(session)  # somebody else may have clicked too
        if catalogue.person_by_email(session, story.people[0].email):
            raise AlreadyLoaded("The demo is loaded already; look at it, or start again with an empty database.")
        if not overview.is_empty(session):
            raise Refusal("This portal is in use: load the demo into an empty one, by another IMS_DATABASE_URL.")


def _set_up(portal: Portal, story: Story, clock: TurnedClock, now: datetime) -> _Ids:
    """Fill in people, rota, services and customers, as an administrator does on the first day."""
    monday = now.date() - timedelta(days=now.weekday())
    clock.now = now - FIRST_SHIFT - timedelta(days=now.weekday())
    with portal.work(_SETUP) as work:
        team = [people.add_person(work, PersonDraft(**_without(somebody, "key"))).id for somebody in story.people]
        turns = RotaDraft(**story.rota.model_dump(), starts_on=monday - FIRST_SHIFT, member_ids=team)
        rota.save_rota(work, turns)
        service_ids = {each.name: services.add_service(work, each).id for each in story.services}
        customer_ids = {
            buyer.key: customers.add_customer(
                work,
                CustomerDraft(**_without(buyer, "key", "services")),
                [service_ids[name] for name in buyer.services],
            ).id
            for buyer in story.customers
        }
    return _Ids(service_ids, customer_ids)


def _without(told: Somebody | Buyer, *names: str) -> dict[str, Any]:
    """Return what the story says of somebody, without the names that only the story needs."""
    return told.model_dump(exclude=set(names))


def _events(portal: Portal, story: Story, ids: _Ids, now: datetime) -> Iterator[_Event]:
    for alert in story.alerts:
        yield from _loose_alert(portal, alert, beginning(alert.at, now))
    for chapter in story.incidents:
        yield from _chapter(portal, chapter, ids, beginning(chapter.begins, now))


def _chapter(portal: Portal, chapter: Chapter, ids: _Ids, begin: datetime) -> Iterator[_Event]:
    scene = Scene(
        portal,
        chapter,
        begin,
        [ids.services[name] for name in chapter.services],
        [ids.customers[key] for key in chapter.customers],
    )
    if chapter.alert:
        yield from _firing(portal, chapter.alert, chapter.services[0], begin, scene.alert_ids)
    for act in chapter.acts:
        yield _Event(after(begin, act.at), chapter.title, _doing(scene, act))


def _doing(scene: Scene, act: Act) -> Callable[[], None]:
    def happen() -> None:
        with scene.portal.work(actor_of(scene, act)) as work:
            ACTS[act.do](scene, work, act)

    return happen


def _loose_alert(portal: Portal, alert: LooseAlert, at: datetime) -> Iterator[_Event]:
    found: list[int] = []
    yield from _firing(portal, alert, alert.service, at, found)
    if alert.dismissed:

        def dismiss() -> None:
            with portal.work(_on_call(portal)) as work:
                triage.dismiss(work, found, alert.dismissed)

        yield _Event(at + DISMISSED_AFTER, alert.summary, dismiss)


def _on_call(portal: Portal) -> Actor:
    with portal.reading() as session:
        first = on_call.escalation_list(session, portal.clock())[:1]
        person = next(iter(catalogue.people_by_id(session, first).values()))
        return Actor(person.name, person.id, person.access)


def _firing(portal: Portal, alert: Firing, service: str, at: datetime, found: list[int]) -> Iterator[_Event]:
    """Let an alert fire and, if it ends, resolve; its id in the portal is put into ``found``."""

    def fire() -> None:
        _post(portal, body(alert, service, at))
        with portal.reading() as session:
            firings = alert_questions.firings(session, fingerprint(alert, service))
            found.extend(firing.id for firing in firings if firing.starts_at == at)

    yield _Event(at, alert.summary, fire)
    if alert.ends:
        ends_at = after(at, alert.ends)
        yield _Event(ends_at, alert.summary, lambda: _post(portal, body(alert, service, at, ends_at)))


def _post(portal: Portal, content: bytes) -> None:
    reading = alertmanager.read(content)
    with portal.work(inbox.ALERTMANAGER) as work:
        inbox.receive(work, content, reading)
