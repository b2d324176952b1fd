"""What is typed and not yet sent: one draft for each person and form, gone when it is sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import Actor, KeptDraft
from ims.response.drafts import MOST_KEPT, forget, keep
from ims.store import drafts
from tests.conftest import START, HandClock, Team, make_team

PLACE = "INC-4:entry"


def kept(portal: Portal, team: Team, beginning: str = "INC-4:") -> dict[str, str]:
    with portal.reading() as session:
        return {place: draft.text for place, draft in drafts.of_person(session, team.ada.id, beginning).items()}


def test_the_newest_text_replaces_the_one_before(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        keep(work, PLACE, "The cert")
    clock.forward(timedelta(minutes=20))
    with both_portals.work(team.as_ada) as work:
        keep(work, PLACE, "The certificate expired 🔥")
    with both_portals.reading() as session:
        (draft,) = drafts.of_person(session, team.ada.id, "INC-4:").values()
    assert (draft.text, draft.saved_at) == ("The certificate expired 🔥", START + timedelta(minutes=20))


def test_only_my_own_drafts_of_that_incident_are_found(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        keep(work, PLACE, "mine")
        keep(work, "INC-42:entry", "another incident")
        keep(work, "INC_4:entry", "not a pattern")
    with both_portals.work(team.as_bob) as work:
        keep(work, PLACE, "his")
    assert kept(both_portals, team) == {PLACE: "mine"}


def test_what_is_sent_or_thrown_away_is_gone_and_may_go_twice(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        keep(work, PLACE, "sent")
        keep(work, "INC-4:define", "stays")
    for _ in range(2):
        with both_portals.work(team.as_ada) as work:
            forget(work, PLACE)
    assert kept(both_portals, team) == {"INC-4:define": "stays"}


def test_many_windows_of_one_person_keep_one_draft(both_portals: Portal) -> None:
    team = make_team(both_portals)

    def write(number: int) -> KeptDraft:
        with both_portals.work(team.as_ada) as work:
            return keep(work, PLACE, f"window {number}")

    with ThreadPoolExecutor(8) as windows:
        written = [draft.text for draft in windows.map(write, range(24))]
    (left,) = kept(both_portals, team).values()
    assert left in written


def test_nobody_in_particular_and_nothing_endless_is_kept(portal: Portal, team: Team) -> None:
    with pytest.raises(Refusal, match="choose who you are"), portal.work(Actor("Somebody")) as work:
        keep(work, PLACE, "text")
    with pytest.raises(Refusal, match="longer than 200,000"), portal.work(team.as_ada) as work:
        keep(work, PLACE, "x" * (MOST_KEPT + 1))
