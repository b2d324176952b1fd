"""The review of the document: how far it is, until when, what is missing and where to mend it, publishing it."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time

import streamlit as st

from ims.model import Incident, RcaDocument, RcaState
from ims.postmortem.content.causes import choose_cause
from ims.postmortem.content.template import Template
from ims.postmortem.review import deadline, lint, reviewing
from ims.postmortem.review.lint import Finding, Gravity, Place
from ims.postmortem.review.publishing import edition_note, manuscript, publish
from ims.store import incidents
from ims.ui import words
from ims.ui.rca import editions, elsewhere
from ims.ui.rca.acting import asked, asking_button, close_dialog, do
from ims.ui.rca.document import facts_of
from ims.ui.session import actor, attempt, portal
from ims.ui.text import line, plain

STATE = {
    RcaState.DRAFT: ":gray-badge[Draft]",
    RcaState.IN_REVIEW: ":blue-badge[In review]",
    RcaState.PUBLISHED: ":green-badge[Published]",
}
_ANCHORS = {
    Place.TEXT: "rca-words",
    Place.DRAFTS: "rca-drafts",
    Place.FOLLOW_UPS: "rca-follow-ups",
    Place.MEETING: "rca-meeting",
    Place.UPLOAD: "rca-top",
}
_MARK = {Gravity.BLOCKS: ":orange[:material/pending:]", Gravity.HINT: ":gray[:material/lightbulb:]"}
_END_OF_DAY = time(23, 59, tzinfo=UTC)


def draw(incident: Incident) -> None:
    """Draw the part."""
    template = portal().rca_template
    with portal().reading() as session:
        document = incidents.rca_document(session, incident.id)
        found = lint.of_incident(session, incident, template)
    if document is None:
        return
    st.subheader("Review", anchor="rca-review")
    _standing(incident, document)
    _cause(incident, document)
    blocking = lint.blocking(found)
    _moves(incident, document, template, blocking)
    if document.state is not RcaState.PUBLISHED:
        _findings(found, document)
    editions.draw(incident, document)


def dialogs(incident: Incident) -> None:
    """Open the dialog that somebody asked for, if it is one of the review's."""
    opened = asked()
    if opened == "review_anyway":
        _send_anyway(incident)
    elif opened == "review_back":
        _back(incident)
    elif opened == "review_publish_anyway":
        _publish_anyway(incident)
    elif opened == "review_due":
        _move_deadline(incident)


def _standing(incident: Incident, document: RcaDocument) -> None:
    """Say how far the document is, since when and by whom, and until when it is to be published."""
    said = [STATE[document.state]]
    if document.state is RcaState.IN_REVIEW and document.review_at:
        said.append(f"asked for by {plain(document.review_by)}, {words.moment(document.review_at)}")
    if document.state is RcaState.PUBLISHED and document.published_at:
        said.append(f"by {plain(document.published_by)}, {words.moment(document.published_at)}")
    due_at = portal().deadlines.due_at(incident, document)
    if due_at and document.state is not RcaState.PUBLISHED:
        said.append(due_words(due_at, portal().clock()))
    st.markdown(" · ".join(said))
    published_at = document.published_at if document.state is RcaState.PUBLISHED else None
    if published_at and document.read_at and document.read_at > published_at:
        st.caption("It was edited and read back since; begin a new edition to publish that too.")


def due_words(due_at: datetime, now: datetime) -> str:
    """Say until when a document is due, as Markdown: red when that has passed."""
    day = f"{due_at.astimezone(words.zone()):%d %b %Y}"
    if now > due_at:
        return f":red[**was due on {day}, {words.duration(now - due_at)} ago**]"
    return f"to be published by {day}, in {words.duration(due_at - now)}"


def _cause(incident: Incident, document: RcaDocument) -> None:
    causes = portal().causes
    options = [cause.word for cause in causes.causes]
    options += [document.cause] if document.cause and document.cause not in options else []
    chosen = st.selectbox(
        "Cause",
        options,
        index=options.index(document.cause) if document.cause else None,
        format_func=causes.label,
        placeholder="Choose the cause that fits best",
        disabled=document.state is RcaState.PUBLISHED,
        key=f"rca_cause_{incident.id}_{document.cause}",
        width=360,
        help="Incidents are counted and found by it. It names a condition that the team can change, never a person.",
    )
    if chosen and chosen in causes.by_word:
        st.caption(plain(causes.by_word[chosen].means))
    if chosen and chosen != document.cause:
        do(lambda work: choose_cause(work, incident.id, chosen, causes), f"Cause: {causes.label(chosen)}")


def _moves(incident: Incident, document: RcaDocument, template: Template, blocking: Sequence[Finding]) -> None:
    """Draw what can be done next; the first button is the usual next step."""
    with st.container(horizontal=True):
        if document.state is RcaState.DRAFT:
            _send(incident, template, blocking)
        elif document.state is RcaState.IN_REVIEW:
            _publish_button(incident, document, blocking)
            asking_button("Back to draft", "undo", "review_back")
        else:
            asking_button("Begin a new edition", "edit_document", "review_back")
        if document.state is not RcaState.PUBLISHED and not incident.is_active:
            asking_button("Move the deadline", "event", "review_due")


def _send(incident: Incident, template: Template, blocking: Sequence[Finding]) -> None:
    if blocking:
        asking_button("Send to review as it is", "rate_review", "review_anyway")
    elif st.button("Send to review", icon=":material/rate_review:", type="primary", key="review_send"):
        do(lambda work: reviewing.send_to_review(work, incident.id, template), "It is in review")


def _publish_button(incident: Incident, document: RcaDocument, blocking: Sequence[Finding]) -> None:
    if blocking:
        asking_button("Publish as it is", "publish", "review_publish_anyway")
    elif st.button("Publish", icon=":material/publish:", type="primary", key="review_publish"):
        _publish(incident, document, "")


def _publish(incident: Incident, document: RcaDocument, despite: str) -> None:
    """Publish, then make the PDF with the same press; the edition is published also where that fails."""
    wired = portal()
    template = wired.rca_template
    with st.spinner("The copies are written…"):
        facts = facts_of(incident.id)
        note = edition_note(document, editions.newest(document) + 1, actor().name, facts.written_at)
        written = manuscript(document, facts, template, elsewhere.exported(document), note=note)
        published = attempt(
            lambda work: publish(work, incident.id, written, template, wired.causes, despite=despite),
            "It is published",
        )
    if published:
        editions.make_pdf(incident)
        close_dialog()
        st.rerun()


def _findings(found: Sequence[Finding], document: RcaDocument) -> None:
    blocking = lint.blocking(found)
    hints = [finding for finding in found if finding.gravity is Gravity.HINT]
    if not found:
        st.markdown(":green[:material/check:] Nothing is missing.")
    if blocking:
        next_step = "review" if document.state is RcaState.DRAFT else "publishing"
        st.markdown(f"**{words.counted(len(blocking), 'thing')} to mend before the {next_step}**")
        for finding in blocking:
            _finding(finding, document)
    if hints:
        with st.expander(f"{words.counted(len(hints), 'hint')} worth a look", expanded=not blocking):
            for finding in hints:
                _finding(finding, document)


def _finding(finding: Finding, document: RcaDocument) -> None:
    """Say one finding, how to mend it, and lead to where."""
    anchor = _ANCHORS.get(finding.place, "")
    where = f" [Go there](#{anchor})" if anchor else ""
    if finding.place is Place.TEXT and document.url.startswith("https://"):
        where = f" [Open the document]({document.url})"
    st.markdown(f"{_MARK[finding.gravity]} {line(finding.sentence, 400)}{where}")
    if finding.mend:
        st.caption(line(finding.mend, 400))


@st.dialog("Send it to review as it is?", on_dismiss=close_dialog)
def _send_anyway(incident: Incident) -> None:
    template = portal().rca_template
    _despite(
        incident,
        "Send to review",
        lambda reason: do(
            lambda work: reviewing.send_to_review(work, incident.id, template, despite=reason), "It is in review"
        ),
    )


@st.dialog("Publish it as it is?", on_dismiss=close_dialog)
def _publish_anyway(incident: Incident) -> None:
    with portal().reading() as session:
        document = incidents.rca_document(session, incident.id)
    if document:
        _despite(incident, "Publish", lambda reason: _publish(incident, document, reason))


def _despite(incident: Incident, label: str, act: Callable[[str], None]) -> None:
    with portal().reading() as session:
        found = lint.of_incident(session, incident, portal().rca_template)
    for finding in lint.blocking(found):
        st.markdown(f"{_MARK[finding.gravity]} {line(finding.sentence)}")
    reason = st.text_area("Why does it go on all the same? It is written into the timeline.", key="review_despite")
    if st.button(label, type="primary", key="review_despite_submit"):
        if reason.strip():
            act(reason)
        else:
            st.error("Say why it goes on although something is missing.")


@st.dialog("Back to draft?", on_dismiss=close_dialog)
def _back(incident: Incident) -> None:
    st.caption("Published editions stay as they are; the next publishing makes a new one.")
    reason = st.text_area("Why?", key="review_back_reason")
    if st.button("Back to draft", type="primary", key="review_back_submit"):
        do(lambda work: reviewing.back_to_draft(work, incident.id, reason), "It is a draft again")


@st.dialog("Move the deadline", on_dismiss=close_dialog)
def _move_deadline(incident: Incident) -> None:
    day: date | None = st.date_input("To be published by", value=None, key="review_due_day")
    reason = st.text_area("Why?", key="review_due_reason")
    if st.button("Move it", type="primary", key="review_due_submit"):
        if day is None:
            st.error("Choose a day.")
        else:
            due_at = datetime.combine(day, _END_OF_DAY)
            do(lambda work: deadline.move(work, incident.id, due_at, reason), "The deadline is moved")
