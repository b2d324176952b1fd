"""Three weeks of follow-ups with the clock turned by hand: every reminder and digest written out, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select

from ims.bootstrap import Portal
from ims.model import AccessRole, Actor, Delivery, DeliveryState, FollowUp, FollowUpDraft, Incident, Person, Rota
from ims.postmortem.following_up import follow_ups, reminders
from ims.postmortem.following_up.follow_up_watch import FollowUpWatch
from ims.response import states
from tests.conftest import HandClock, Team, make_team

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def portal(both_portals: Portal) -> Portal:
    return both_portals


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def resolved(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> Incident:
    clock.forward(HOUR)
    with portal.work(team.as_ada) as work:
        return states.resolve(work, incident.id, "Restarted the gateway", portal.procedure)


def promise(portal: Portal, team: Team, incident: Incident, text: str, due: date | None, **more: object) -> FollowUp:
    draft = FollowUpDraft.model_validate({"text": text, "due_on": due} | more)
    with portal.work(team.as_ada) as work:
        return follow_ups.add(work, incident.id, draft)


def told(portal: Portal, since: int = 0) -> list[tuple[str, str]]:
    """What people were told about follow-ups: when in UTC, and to whom what, in the order of the outbox."""
    with portal.reading() as session:
        found = session.exec(select(Delivery).where(Delivery.id > since).order_by(col(Delivery.id))).all()
    about = [each for each in found if "follow_up" in each.key or "digest" in each.key or ":again:" in each.key]
    return [(f"{each.created_at:%a %d %H:%M}", f"{each.payload.get('person_name') or each.recipient}: {said(each)}")
            for each in about]  # fmt: skip


def said(delivery: Delivery) -> str:
    return str(delivery.payload.get("subject") or delivery.payload["text"])


def turn(portal: Portal, clock: HandClock, until: datetime, step: timedelta = HOUR) -> None:
    """Turn the clock, and let the watch go its round at each step."""
    while clock.now < until:
        clock.forward(step)
        portal.follow_up_watch.round()


def test_three_weeks_hold_these_words_and_no_others(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    with portal.work(Actor("Setup")) as work:
        work.add(Person(name="Cleo", email="cleo@example.com", access=AccessRole.ADMINISTRATOR))
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 27), owner_id=team.bob.id)
    promise(portal, team, resolved, "Raise the limit", date(2026, 12, 8))
    promise(portal, team, resolved, "Some day", None, owner_name="The platform team")
    done = promise(portal, team, resolved, "Write it down", date(2026, 11, 26), owner_id=team.bob.id)
    dropped = promise(portal, team, resolved, "Buy a bigger one", date(2026, 11, 26), owner_id=team.bob.id)
    with portal.work(team.as_bob) as work:
        follow_ups.finish(work, done.id, "In the handbook")
        follow_ups.drop(work, dropped.id, "Not needed")
    turn(portal, clock, MONDAY + timedelta(days=21, hours=5))
    ada = "INC-1 FU-2: Raise the limit (due 2026-12-08. Nobody owns it)\nINC-1 FU-3: Some day (no due date. {} owns it)"
    ada = ada.format("The platform team")
    gaps = "Without an owner: 1.\nWithout a due date: 1.\n"
    late = "Bob Kahn: 1 open, 1 overdue\nNobody: 1 open\nThe platform team: 1 open"
    quiet_week = f"In the last week: 0 done, 0 added.\n{gaps}{late}"
    assert told(portal) == [
        ("Mon 23 09:00", "bob@example.com: Your follow-ups: 1 open"),
        ("Mon 23 09:00", "Bob Kahn: Your follow-ups: 1 open\nINC-1 FU-1: Alert on the queue (due 2026-11-27)"),
        ("Mon 23 09:00", "ada@example.com: Your follow-ups: 2 open"),
        ("Mon 23 09:00", f"Ada Lovelace: Your follow-ups: 2 open\n{ada}"),
        ("Mon 23 09:00", "cleo@example.com: Follow-ups of the team: 3 open"),
        (
            "Mon 23 09:00",
            f"Cleo: Follow-ups of the team: 3 open\nIn the last week: 1 done, 5 added.\n{gaps}"
            "Bob Kahn: 1 open\nNobody: 1 open\nThe platform team: 1 open",
        ),
        ("Tue 24 09:00", "Bob Kahn: INC-1 FU-1 (Alert on the queue) is due on 2026-11-27."),
        ("Fri 27 09:00", "Bob Kahn: INC-1 FU-1 (Alert on the queue) is due today."),
        ("Mon 30 09:00", "bob@example.com: Your follow-ups: 1 open, 1 overdue"),
        (
            "Mon 30 09:00",
            "Bob Kahn: Your follow-ups: 1 open, 1 overdue\n"
            "INC-1 FU-1: Alert on the queue (due 2026-11-27, 3 days overdue)",
        ),
        ("Mon 30 09:00", "ada@example.com: Your follow-ups: 2 open"),
        ("Mon 30 09:00", f"Ada Lovelace: Your follow-ups: 2 open\n{ada}"),
        ("Mon 30 09:00", "cleo@example.com: Follow-ups of the team: 3 open, 1 overdue"),
        ("Mon 30 09:00", f"Cleo: Follow-ups of the team: 3 open, 1 overdue\n{quiet_week}"),
        ("Fri 04 09:00", "Bob Kahn: INC-1 FU-1 (Alert on the queue) was due on 2026-11-27, 7 days ago."),
        (
            "Sat 05 09:00",
            "Ada Lovelace: INC-1 FU-2 (Raise the limit) is due on 2026-12-08. Nobody owns it: see to it.",
        ),
        ("Mon 07 09:00", "bob@example.com: Your follow-ups: 1 open, 1 overdue"),
        (
            "Mon 07 09:00",
            "Bob Kahn: Your follow-ups: 1 open, 1 overdue\n"
            "INC-1 FU-1: Alert on the queue (due 2026-11-27, 10 days overdue)",
        ),
        ("Mon 07 09:00", "ada@example.com: Your follow-ups: 2 open"),
        ("Mon 07 09:00", f"Ada Lovelace: Your follow-ups: 2 open\n{ada}"),
        ("Mon 07 09:00", "cleo@example.com: Follow-ups of the team: 3 open, 1 overdue"),
        ("Mon 07 09:00", f"Cleo: Follow-ups of the team: 3 open, 1 overdue\n{quiet_week}"),
        ("Tue 08 09:00", "Ada Lovelace: INC-1 FU-2 (Raise the limit) is due today. Nobody owns it: see to it."),
        ("Fri 11 09:00", "Bob Kahn: INC-1 FU-1 (Alert on the queue) was due on 2026-11-27, 14 days ago."),
    ]


def test_what_is_told_is_delivered_and_says_where_to_look(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 23), owner_id=team.bob.id)
    turn(portal, clock, MONDAY + timedelta(hours=7))
    portal.worker.run_due()
    with portal.reading() as session:
        words = select(Delivery).where(col(Delivery.kind).in_(["team_mail", "nudge"]))
        found = session.exec(words.order_by(col(Delivery.id))).all()
    assert {each.state for each in found} == {DeliveryState.SENT}
    digests = [each.payload for each in found if "digest" in each.key]
    assert "http://localhost:8501/follow_ups" in digests[0]["text"]
    assert digests[1]["portal"] == "http://localhost:8501/follow_ups"


def test_two_watches_at_once_say_everything_once(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 23), owner_id=team.bob.id)
    clock.now = MONDAY.replace(hour=9)
    other = FollowUpWatch(portal.database, portal.follow_up_rules, "http://x", clock, portal.announce)
    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(watch.round) for watch in (portal.follow_up_watch, other)]:
            running.result()
    assert len(told(portal)) == 3  # a reminder, a digest by e-mail and one in the chat


def test_nobody_is_told_of_what_a_drill_promised(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 23), owner_id=team.bob.id)
    with portal.work(team.as_ada) as work:
        work.incident(resolved.id).drill = True
    turn(portal, clock, MONDAY + timedelta(days=8))
    assert told(portal) == []


def test_whoever_has_left_is_told_nothing_and_the_incident_s_owner_instead(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 24), owner_id=team.bob.id)
    with portal.work(team.as_ada) as work:
        work.get(Person, team.bob.id).active = False
    turn(portal, clock, MONDAY + timedelta(hours=7))
    heard = [text for _, text in told(portal)]
    assert {text.split(":")[0] for text in heard} == {"ada@example.com", "Ada Lovelace"}
    assert any("Its owner has left: see to it." in text for text in heard)


def test_where_everybody_has_left_an_administrator_hears_of_it(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 24), owner_id=team.bob.id)
    with portal.work(Actor("Setup")) as work:
        work.add(Person(name="Cleo", email="cleo@example.com", access=AccessRole.ADMINISTRATOR))
        for each in (team.ada, team.bob):
            work.get(Person, each.id).active = False
    turn(portal, clock, MONDAY + timedelta(hours=7))
    heard = [text for _, text in told(portal)]
    assert {text.split(":")[0] for text in heard} == {"cleo@example.com", "Cleo"}
    assert any("Their owner has left: 1." in text for text in heard)


def test_the_hours_are_those_of_the_rota_s_time_zone(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        work.get(Rota, 1).time_zone = "America/New_York"
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 24), owner_id=team.bob.id)
    turn(portal, clock, MONDAY + timedelta(days=1))
    assert [at for at, _ in told(portal)] == ["Mon 23 14:00"] * 3


def test_what_was_missed_while_nothing_ran_is_said_once(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 24), owner_id=team.bob.id)
    clock.now = datetime(2026, 12, 3, 10, tzinfo=UTC)
    turn(portal, clock, clock.now + timedelta(hours=3))
    assert told(portal) == [
        ("Thu 03 11:00", "Bob Kahn: INC-1 FU-1 (Alert on the queue) was due on 2026-11-24, 9 days ago.")
    ]


def test_another_due_date_has_reminders_of_its_own(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock
) -> None:
    late = promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 24), owner_id=team.bob.id)
    turn(portal, clock, MONDAY + timedelta(days=2))
    with portal.work(team.as_bob) as work:
        later = FollowUpDraft(text=late.text, owner_id=late.owner_id, due_on=date(2026, 11, 26))
        follow_ups.change(work, late.id, later)
    turn(portal, clock, MONDAY + timedelta(days=4))
    assert [text for _, text in told(portal) if "FU-1 (" in text] == [
        "Bob Kahn: INC-1 FU-1 (Alert on the queue) is due on 2026-11-24.",
        "Bob Kahn: INC-1 FU-1 (Alert on the queue) is due today.",
        "Bob Kahn: INC-1 FU-1 (Alert on the queue) is due on 2026-11-26.",
        "Bob Kahn: INC-1 FU-1 (Alert on the queue) is due today.",
    ]


def test_one_part_that_fails_does_not_keep_the_others(
    portal: Portal, team: Team, resolved: Incident, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(reminders, "due", fail)
    promise(portal, team, resolved, "Alert on the queue", date(2026, 11, 24), owner_id=team.bob.id)
    turn(portal, clock, MONDAY + timedelta(hours=7))
    assert [text.split(":")[0] for _, text in told(portal)] == ["bob@example.com", "Bob Kahn"]
