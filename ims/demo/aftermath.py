"""The acts after an incident: its root-cause document, the meeting, the follow-ups."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from ims.demo.acts import Doing, Scene
from ims.demo.story import Act, after
from ims.model import FollowUp, FollowUpDraft, FollowUpKind
from ims.postmortem import document, meeting
from ims.postmortem.content import causes, drafting, facts
from ims.postmortem.following_up import filing, follow_ups
from ims.postmortem.reading import taking_in
from ims.postmortem.review import publishing, reviewing, taking_over
from ims.postmortem.writing import writer
from ims.response.similar import similar
from ims.store import incidents, postmortem
from ims.store.work import Work

MEETING_LENGTH = timedelta(minutes=45)
_WRITTEN = ("root_cause", "went_well", "went_badly", "learnt")


def _document(scene: Scene, work: Work, _act: Act) -> None:
    document.create(work, scene.incident_id)


def _plan_meeting(scene: Scene, work: Work, act: Act) -> None:
    incident = work.incident(scene.incident_id)
    attendees = meeting.involved(work.session, incident)
    draft = meeting.proposal(incident, attendees, work.now, scene.portal.settings.base_url)
    if draft is None:
        return
    starts_at = after(scene.begin, act.words["starts"])
    meeting.plan(
        work,
        scene.incident_id,
        draft.model_copy(update={"starts_at": starts_at, "ends_at": starts_at + MEETING_LENGTH}),
    )


def _hold_meeting(scene: Scene, work: Work, _act: Act) -> None:
    planned = meeting.current(work.session, scene.incident_id)
    if planned:
        meeting.hold(work, planned.id)


def _waive_meeting(scene: Scene, work: Work, act: Act) -> None:
    meeting.waive(work, scene.incident_id, scene.portal.procedure, act.words["text"])


def _need_no_follow_up(scene: Scene, work: Work, act: Act) -> None:
    filing.file_follow_ups(work, scene.incident_id, none_needed=act.words["text"])


def _fill_document(scene: Scene, work: Work, act: Act) -> None:
    """Add the follow-ups, fill in the document as the meeting did, take it in, and file the follow-ups."""
    for told in act.words["follow_ups"]:
        due_on = (work.now + timedelta(days=int(told["due"].removesuffix("d")))).date()
        owner = scene.who(work, told["owner"])
        draft = FollowUpDraft(text=told["text"], owner_id=owner.id, due_on=due_on, kind=FollowUpKind(told["kind"]))
        follow_ups.add(work, scene.incident_id, draft)
    template = scene.portal.rca_template
    written = {key: act.words[key] for key in _WRITTEN} | {"summary": scene.chapter.summary or scene.chapter.title}
    taking_in.take_in(work, scene.incident_id, writer.write(_facts(scene, work, written), template), template)
    filing.file_follow_ups(work, scene.incident_id)


def _review_document(scene: Scene, work: Work, act: Act) -> None:
    """Take over what the portal drafted, say the cause, and ask for the review."""
    template = scene.portal.rca_template
    for key, words in drafting.drafted(_known(scene, work), template.of_people).items():
        taking_over.accept_draft(work, scene.incident_id, key, words, template)
    causes.choose_cause(work, scene.incident_id, act.words["cause"], scene.portal.causes)
    reviewing.send_to_review(work, scene.incident_id, template)


def _publish_document(scene: Scene, work: Work, _act: Act) -> None:
    template, document = scene.portal.rca_template, incidents.rca_document(work.session, scene.incident_id)
    if document:
        note = publishing.edition_note(document, 1, work.actor.name, work.now)
        written = publishing.manuscript(document, _known(scene, work), template, note=note)
        publishing.publish(work, scene.incident_id, written, template, scene.portal.causes)


def _facts(scene: Scene, work: Work, written: Mapping[str, str]) -> facts.RcaFacts:
    return replace(_known(scene, work), written=written)


def _known(scene: Scene, work: Work) -> facts.RcaFacts:
    incident = work.incident(scene.incident_id)
    alike = [each.incident for each in similar(work.session, incident.title, work.now, excluding=incident.id)]
    return facts.collect(work.session, incident, scene.portal.procedure, alike, work.now)


def _finish_follow_up(scene: Scene, work: Work, act: Act) -> None:
    follow_ups.finish(work, _follow_up(scene, work, act).id, act.words["text"])


def _drop_follow_up(scene: Scene, work: Work, act: Act) -> None:
    follow_ups.drop(work, _follow_up(scene, work, act).id, act.words["text"])


def _start_follow_up(scene: Scene, work: Work, act: Act) -> None:
    follow_ups.start(work, _follow_up(scene, work, act).id)


def _follow_up(scene: Scene, work: Work, act: Act) -> FollowUp:
    number = act.words["number"]
    return next(each for each in postmortem.follow_ups(work.session, scene.incident_id) if each.number == number)


AFTERMATH: Mapping[str, Doing] = {
    "document": _document,
    "plan_meeting": _plan_meeting,
    "hold_meeting": _hold_meeting,
    "waive_meeting": _waive_meeting,
    "need_no_follow_up": _need_no_follow_up,
    "fill_document": _fill_document,
    "review_document": _review_document,
    "publish_document": _publish_document,
    "finish_follow_up": _finish_follow_up,
    "drop_follow_up": _drop_follow_up,
    "start_follow_up": _start_follow_up,
}
