"""The document as Markdown: complete, and whatever people typed is read back as typed by any renderer."""

import re
from html import unescape

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ims.bootstrap import Portal
from ims.model import EntryKind, FollowUpDraft, Incident
from ims.postmortem.content.causes import choose_cause
from ims.postmortem.content.facts import collect
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.postmortem.writing.as_markdown import escaped, write
from tests.conftest import Team

GITHUB = MarkdownIt("gfm-like", {"linkify": False})
HOSTILE = (
    "<b>*x*</b> | [a](javascript:b) `c` # d\n1. e\n- f\n    g\n| h | i |\n---\nwww.k.example https://k.example &amp;"
)


def shown(markdown: str) -> str:
    """Return what a reader sees: the text of the rendered page, spaces folded."""
    text = unescape(re.sub(r"<[^>]*>", " ", GITHUB.render(markdown)))
    return " ".join(text.split())


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n*_`#<>[]()|-+=~!&\\:1. ")
    )
)
@example(HOSTILE)
@example("+\n=\n1)\n10. x\n***\n> q\n    code\n\\")
def test_any_text_is_read_back_as_it_was_typed(text: str) -> None:
    html = GITHUB.render(escaped(text))
    assert set(re.findall(r"<(\w+)", html)) <= {"p"}
    assert shown(escaped(text)) == " ".join(text.split())


def test_the_whole_document_stands_in_it(portal: Portal, team: Team, resolved: Incident, template: Template) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, resolved.id, FollowUpDraft(text="Alert | on *depth*", owner_id=team.bob.id))
    with portal.reading() as session:
        incident = session.get_one(Incident, resolved.id)
        facts = collect(session, incident, portal.procedure, [], portal.clock())
    people = {section.key: f"{section.title} by hand: {HOSTILE}" for section in template.of_people}
    text = write(type(facts)(**{**facts.__dict__, "written": people}), template, notes=["Edition 1"])
    seen = shown(text)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [
        escaped(section.title) for section in template.sections
    ]
    for section in template.of_people:
        assert f"{section.title} by hand:" in seen
    assert "Alert | on *depth*" in seen
    assert "Bob Kahn" in seen
    assert "Edition 1" in seen
    assert "Payments fail with 502" in seen


def test_each_table_has_its_ruler_and_as_many_cells_in_each_row(
    portal: Portal, team: Team, resolved: Incident, template: Template
) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, resolved.id, FollowUpDraft(text="a | b \\| c"))
    with portal.reading() as session:
        incident = session.get_one(Incident, resolved.id)
        text = write(collect(session, incident, portal.procedure, [], portal.clock()), template)
    html = GITHUB.render(text)
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    assert len(tables) >= 6
    for table in tables:
        rows = [len(re.findall(r"<t[hd]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
        assert len(set(rows)) == 1


def test_a_section_nobody_wrote_says_so(portal: Portal, team: Team, resolved: Incident, template: Template) -> None:
    with portal.reading() as session:
        incident = session.get_one(Incident, resolved.id)
        text = write(collect(session, incident, portal.procedure, [], portal.clock()), template)
    assert "## What went well\n\n_Nothing was written here._" in text


def test_the_work_on_the_document_is_no_part_of_what_happened(
    portal: Portal, team: Team, resolved: Incident, template: Template
) -> None:
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
        choose_cause(work, resolved.id, "expiry", portal.causes)
        work.record(work.incident(resolved.id), EntryKind.NOTE, "The disk was full")
    with portal.reading() as session:
        incident = session.get_one(Incident, resolved.id)
        text = write(collect(session, incident, portal.procedure, [], portal.clock()), template)
    assert "The disk was full" in text
    assert "Cause chosen" not in text
