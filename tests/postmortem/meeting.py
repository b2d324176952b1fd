"""What people do with the document of one incident: take it in, refresh it, reword what it became."""

from datetime import timedelta

from ims.bootstrap import Portal
from ims.model import FollowUpDraft, Incident, RcaDocument
from ims.postmortem.content.facts import RcaFacts, collect
from ims.postmortem.content.template import Template
from ims.postmortem.following_up import follow_ups
from ims.postmortem.reading.comparing import Choices
from ims.postmortem.reading.taking_in import Preview, take_in
from ims.postmortem.refreshing.planning import Answer
from ims.postmortem.refreshing.refresh import preview, refresh
from ims.postmortem.review.taking_over import accept_draft
from ims.store import incidents, postmortem
from tests.conftest import HandClock, Team


class Meeting:
    """What people do with the document of one incident, each step five minutes after the one before."""

    def __init__(self, portal: Portal, team: Team, incident: Incident, template: Template, clock: HandClock) -> None:
        self.portal, self.team, self.incident, self.template, self.clock = portal, team, incident, template, clock

    def waits(self) -> None:
        self.clock.forward(timedelta(minutes=5))

    def takes_in(self, file: bytes, name: str = "", choices: Choices | None = None) -> Preview:
        self.waits()
        with self.portal.work(self.team.as_ada) as work:
            return take_in(work, self.incident.id, file, self.template, choices, name)

    def refreshes(self, **answers: Answer) -> bytes:
        self.waits()
        now = self.facts
        seen = preview(self.document, now, self.template)
        with self.portal.work(self.team.as_bob) as work:
            return refresh(work, self.incident.id, now, self.template, shown=seen.digest, answers=answers).file or b""

    def accepts(self, key: str, words: str) -> None:
        with self.portal.work(self.team.as_bob) as work:
            accept_draft(work, self.incident.id, key, words, self.template)

    def rewords(self, number: int, text: str) -> None:
        self.waits()
        with self.portal.reading() as session:
            mine = postmortem.follow_ups(session, self.incident.id)[number - 1]
        draft = FollowUpDraft(text=text, owner_id=mine.owner_id, due_on=mine.due_on)
        with self.portal.work(self.team.as_bob) as work:
            follow_ups.change(work, mine.id, draft)

    @property
    def facts(self) -> RcaFacts:
        with self.portal.reading() as session:
            present = session.get_one(Incident, self.incident.id)
            return collect(session, present, self.portal.procedure, [], self.portal.clock())

    @property
    def document(self) -> RcaDocument:
        with self.portal.reading() as session:
            found = incidents.rca_document(session, self.incident.id)
        assert found is not None
        return found

    @property
    def actions(self) -> list[str]:
        with self.portal.reading() as session:
            return [each.text for each in postmortem.follow_ups(session, self.incident.id)]
