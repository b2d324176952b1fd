"""The acts of a night, from the alert to the archived channel. Each is done by somebody; the crew goes round after."""

from datetime import timedelta
from functools import partial

from ims.delivery.dispatch import kinds_of
from ims.intake.triage import draft_from_alerts
from ims.model import (
    CustomerUpdateDraft,
    FollowUpDraft,
    IncidentDraft,
    IncidentRole,
    Meeting,
    MeetingDraft,
    UpdatePhase,
)
from ims.postmortem import meeting
from ims.postmortem.following_up import follow_ups
from ims.response import command, customers, handover, silences, states
from ims.response.declare import declare
from ims.store import alert_questions
from tests.intake.alert_bodies import RECORDED
from tests.scenario.world import BASE_URL, World

FIRING, RESOLVED = RECORDED[0]["body"], RECORDED[2]["body"]
UPDATES = {
    1: (UpdatePhase.INVESTIGATING, "Payments fail", "Some payments fail since 07:07 UTC. We look into it."),
    2: (UpdatePhase.IDENTIFIED, "Cause found", "A release of ours broke payments. We take it back."),
    3: (UpdatePhase.RESOLVED, "Payments work again", "All payments work since 08:19 UTC. We are sorry."),
}
HOUR = timedelta(hours=1)


def declare_it(world: World) -> int:
    """Take the alerts in and declare an incident of them, as Ada does; return its id."""
    assert world.hear_alerts(FIRING).json() == {"stored": 2, "repeated": 0}
    world.go_round()
    with world.portal.reading() as session:
        waiting = alert_questions.listed(session, alert_questions.Filter(), limit=10)
        prefill = draft_from_alerts(session, [alert.id for alert in waiting])
    known = vars(prefill) | {"affects_customers": True}
    draft = IncidentDraft.model_validate(known)
    declared = world.act("ada", lambda work: declare(work, draft, world.portal.procedure))
    world.go_round()
    return declared.id


def take_communications(world: World, incident_id: int) -> None:
    """Let Cleo speak to customers."""
    role = IncidentRole.COMMUNICATIONS
    world.act("cleo", lambda work: command.assign_role(work, incident_id, role, world.cleo.id))
    world.go_round()


def tell_customers(world: World, incident_id: int, number: int) -> None:
    """Send an update of ``UPDATES``, as Cleo."""
    phase, subject, body = UPDATES[number]
    promise = None if phase is UpdatePhase.RESOLVED else world.clock.now + HOUR
    draft = CustomerUpdateDraft(phase=phase, subject=subject, body=body, next_update_at=promise)
    world.act("cleo", lambda work: customers.send_update(work, incident_id, draft, number=number))
    world.go_round()


def hand_over_command(world: World, incident_id: int) -> None:
    """Let Bob take command from Ada: offered, read, read back, accepted."""
    role, procedure = IncidentRole.COMMANDER, world.portal.procedure
    offered = world.act("ada", lambda work: handover.offer(work, incident_id, role, world.team.bob.id, "My shift ends"))
    world.go_round()
    world.act("bob", lambda work: handover.read_briefing(work, offered.id, procedure))
    promised = world.incident(incident_id).next_update_due_at
    world.act("bob", lambda work: handover.read_back(work, offered.id, "Some payments fail", promised))
    world.act("bob", lambda work: handover.accept(work, offered.id))
    world.go_round()


def keep_alerts_quiet(world: World, incident_id: int) -> None:
    """Silence the alerts of the incident for two hours, as Bob."""
    matchers = {"alertname": "PaymentsHighErrorRate", "service": "payments"}
    why = "We know of it"
    world.act("bob", lambda work: silences.silence(work, incident_id, matchers, for_=2 * HOUR, reason=why))
    world.go_round()


def end_it(world: World, incident_id: int) -> None:
    """Mitigate, hear from Alertmanager that it is over, resolve."""
    world.act("bob", lambda work: states.mitigate(work, incident_id, "Release taken back"))
    world.go_round()
    world.clock.forward(timedelta(minutes=5))
    assert world.hear_alerts(RESOLVED).json() == {"stored": 2, "repeated": 0}
    world.act("bob", lambda work: states.resolve(work, incident_id, "Fixed release is out", world.portal.procedure))
    world.go_round()


def plan_meeting(world: World, incident_id: int) -> Meeting:
    """Invite everyone involved to the root-cause meeting, as the portal proposes it."""
    now = world.clock.now
    incident = world.incident(incident_id)
    with world.portal.reading() as session:
        draft = meeting.proposal(incident, meeting.involved(session, incident), now, BASE_URL)
    assert draft
    planned = world.act("bob", lambda work: meeting.plan(work, incident_id, draft))
    world.go_round()
    return planned


def move_meeting(world: World, planned: Meeting) -> None:
    """Move the meeting by a day."""
    day = timedelta(days=1)
    known = planned.model_dump(include=set(MeetingDraft.model_fields))
    known |= {"starts_at": planned.starts_at + day, "ends_at": planned.ends_at + day}
    world.act("bob", lambda work: meeting.reschedule(work, planned.id, MeetingDraft.model_validate(known)))
    world.go_round()


def file_follow_ups(world: World, incident_id: int) -> list[int]:
    """File two follow-ups; return their ids."""
    made = []
    for text in ("Alert on refused cards", "Test the release with real cards"):
        draft = FollowUpDraft(text=text, owner_id=world.team.ada.id)
        made.append(world.act("bob", partial(follow_ups.add, incident_id=incident_id, draft=draft)))
    world.go_round()
    return [each.id for each in made]


def close_it(world: World, incident_id: int) -> None:
    """Close the incident; what is left of the procedure is somebody else's scenario."""
    why = "The rest is rehearsed elsewhere"
    world.act("bob", lambda work: states.close(work, incident_id, world.portal.procedure, override_reason=why))
    world.go_round()


def kinds_of_system(world: World, name: str) -> list[str]:
    """Return the kinds of message that a system carries."""
    adapters = vars(world.portal.ports)
    abilities = [ability for ability, adapter in adapters.items() if type(adapter).__module__.split(".")[2:3] == [name]]
    return kinds_of(*abilities)
