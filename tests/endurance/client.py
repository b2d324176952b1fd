"""Somebody who acts through the verbs, in a process of their own that may be killed: declares, acknowledges, writes.

``python -m tests.endurance.client SEED`` prints a line of JSON for each act once it is kept, and ends when all is done.
Started again it does everything again, as somebody does who does not know how far they came.
"""

import json
import random
import sys
from datetime import timedelta
from time import sleep

from ims.bootstrap import Portal, build
from ims.clock import utc_now
from ims.config import read_settings
from ims.model import Actor, CustomerUpdateDraft, IncidentDraft, UpdatePhase
from ims.response import command, customers
from ims.response.declare import declare
from ims.store import catalogue

INCIDENTS, UPDATES_OF_EACH, EACH_ANSWERED = 20, 10, 4  # every fourth is answered, and its customers are written to
APART = timedelta(seconds=3)  # so that over all incidents the slots of their pages are spread over the minute
PROMISE = timedelta(minutes=8)  # less than ten, so that a reminder is due at once
LONGEST_PAUSE = 0.06


def declare_one(portal: Portal, ada: Actor, number: int) -> int:
    """Declare an incident a little while ago; the same number again is the same incident."""
    portal.clock = lambda: utc_now() - number * APART
    with portal.reading() as session:
        scope = {
            "service_ids": [each.id for each in catalogue.services(session)],
            "customer_ids": [each.id for each in catalogue.customers(session)],
        }
    draft = IncidentDraft.model_validate({"title": f"Outage {number}", "affects_customers": True} | scope)
    with portal.work(ada) as work:
        incident = declare(work, draft, portal.procedure, request_key=f"outage {number}")
    portal.clock = utc_now
    return incident.id


def write_one(portal: Portal, ada: Actor, incident_id: int, number: int) -> None:
    """Send an update; the same number again is the same update."""
    draft = CustomerUpdateDraft(
        phase=UpdatePhase.INVESTIGATING,
        subject=f"Update {number}",
        body="We are looking.",
        next_update_at=utc_now() + PROMISE,
    )
    with portal.work(ada) as work:
        customers.send_update(work, incident_id, draft, number=number)


def main(seed: int) -> None:
    """Do everything, pausing as people do, and say what is done."""
    portal, chance = build(read_settings()), random.Random(seed)
    with portal.reading() as session:
        person = next(each for each in catalogue.people(session) if each.name.startswith("Ada"))
    ada, answered = Actor(person.name, person.id), []

    def done(**act: int) -> None:
        print(json.dumps(act), flush=True)  # noqa: T201
        sleep(chance.uniform(0, LONGEST_PAUSE))

    for number in range(INCIDENTS):
        incident_id = declare_one(portal, ada, number)
        done(declared=incident_id)
        if number % EACH_ANSWERED == 0:
            with portal.work(ada) as work:
                command.acknowledge(work, incident_id, take_communications=True)
            done(answered=incident_id)
            answered.append(incident_id)
    for number in range(1, UPDATES_OF_EACH + 1):
        for incident_id in answered:
            write_one(portal, ada, incident_id, number)
            done(incident=incident_id, update=number)


if __name__ == "__main__":
    main(int(sys.argv[1]))
