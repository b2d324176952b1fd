"""The team's own ``.docx``: its placeholders are filled in, the rest stays, and a wrong one is refused."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from shutil import copyfile, copytree

import docx
import pytest
from docx.document import Document

from ims.bootstrap import Portal, build
from ims.config import ROOT, Settings
from ims.errors import SettingProblem
from ims.model import Incident
from ims.postmortem.content.facts import collect
from ims.postmortem.content.template import FILE, OWN_FILE, Block, Template, read_template
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.sections import sections_of
from ims.postmortem.writing.writer import write
from tests.postmortem.conftest import edit, fill_row

Fill = Callable[[Document], None]


@pytest.fixture
def folder(portal: Portal, tmp_path: Path) -> Path:
    (tmp_path / FILE).parent.mkdir()
    copyfile(portal.settings.data_dir / FILE, tmp_path / FILE)
    return tmp_path


def own(folder: Path, fill: Fill) -> Template:
    document = docx.Document()
    fill(document)
    document.save(str(folder / OWN_FILE))
    return read_template(folder)


def usual(document: Document) -> None:
    """A house style with its own headings, a table of facts, and a running head."""
    document.sections[0].header.paragraphs[0].text = "Secret! {{ key }} · {{severity}}"
    document.add_heading("Our post-mortem of {{ key }}", level=0)
    title = document.add_paragraph()
    for piece in ("It was about ", "{", "{ ti", "tle }", "} and ends ", "{{ resolved", " }}."):
        title.add_run(piece)
    title.runs[2].bold = True
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    cells[0].text, cells[1].text = "Services", "{{ services }}"
    document.add_heading("In short", level=1)
    document.add_paragraph("{{ section:summary }}")
    document.add_heading("Why, and why again", level=1)
    document.add_paragraph("  {{section:root_cause}} ")
    document.add_heading("What happened when", level=1)
    document.add_paragraph("{{ Block:Timeline }}")
    document.add_heading("Action items", level=1)
    document.add_paragraph("{{ block:follow_ups }}")
    document.add_paragraph("Printed on recycled words.")


@pytest.fixture
def write_now(portal: Portal, resolved: Incident) -> Callable[[Template], bytes]:
    def now(template: Template) -> bytes:
        with portal.reading() as session:
            incident = session.get_one(Incident, resolved.id)
            return write(collect(session, incident, portal.procedure, [], portal.clock()), template)

    return now


def test_single_facts_are_filled_in_wherever_they_stand_even_cut_in_pieces(
    folder: Path, write_now: Callable[[Template], bytes], resolved: Incident
) -> None:
    document = docx.Document(BytesIO(write_now(own(folder, usual))))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said[0] == f"Our post-mortem of {resolved.key}"
    assert said[1].startswith(f"It was about {resolved.title} and ends 20")
    assert document.paragraphs[1].runs[1].text == resolved.title
    assert document.tables[0].rows[0].cells[1].text == "payments"
    assert document.sections[0].header.paragraphs[0].text == f"Secret! {resolved.key} · –"
    assert said[-1] == "Printed on recycled words."
    assert "{{" not in "".join(said)


def test_blocks_stand_in_their_place_with_the_captions_by_which_they_are_known(
    folder: Path, write_now: Callable[[Template], bytes]
) -> None:
    document = docx.Document(BytesIO(write_now(own(folder, usual))))
    said = [paragraph.text for paragraph in document.paragraphs]
    at = said.index("What happened when")
    assert said[at + 1].startswith("Written by IMS; refreshed from the incident. As of ")
    assert 'w:name="ims_timeline"' in document.paragraphs[at + 1]._p.xml
    assert document.tables[1].rows[0].cells[1].text == "What happened"
    assert said.index("Action items") > at


def test_what_people_fill_in_is_read_back_under_the_headings_of_the_team(
    folder: Path, write_now: Callable[[Template], bytes]
) -> None:
    template = own(folder, usual)

    def fill_in(document: Document) -> None:
        fill_row(document, 1, action="Alert on it", owner="Ada Lovelace")
        prompt = next(each for each in document.paragraphs if each.text.startswith("Ask why five times"))
        prompt.text = "The limit was {{ key }}."

    reading = read(edit(write_now(template), fill_in))
    assert [each.text for each in reading.follow_ups] == ["Alert on it"]
    assert sections_of(reading, template).texts["root_cause"] == "The limit was {{ key }}."


def test_words_of_people_are_never_taken_for_placeholders(
    folder: Path, portal: Portal, resolved: Incident, write_now: Callable[[Template], bytes]
) -> None:
    with portal.reading() as session:
        facts = collect(session, session.get_one(Incident, resolved.id), portal.procedure, [], portal.clock())
    facts.written["summary"] = "{{ key }} {{ nonsense }} {{ block:timeline }}"  # type: ignore[index]
    file = write(facts, own(folder, usual))
    assert "{{ key }} {{ nonsense }} {{ block:timeline }}" in [
        each.text for each in docx.Document(BytesIO(file)).paragraphs
    ]


def test_the_plan_has_only_the_sections_of_the_file_under_its_headings(folder: Path) -> None:
    template = own(folder, usual)
    assert {section.title for section in template.sections} == {
        "In short",
        "Why, and why again",
        "What happened when",
        "Action items",
    }
    assert [section.key for section in template.of_people] == ["summary", "root_cause"]


def test_without_a_file_of_the_team_the_built_in_one_is_used(folder: Path) -> None:
    assert read_template(folder).own == b""


def test_a_changed_file_is_read_again(folder: Path) -> None:
    own(folder, usual)

    def less(document: Document) -> None:
        document.add_paragraph("{{ block:follow_ups }}")

    assert [section.block for section in own(folder, less).sections] == [Block.FOLLOW_UPS]


def with_follow_ups(*more: str) -> Fill:
    def fill(document: Document) -> None:
        for text in more:
            document.add_paragraph(text)
        document.add_paragraph("{{ block:follow_ups }}")

    return fill


def in_a_table(document: Document) -> None:
    document.add_table(rows=1, cols=1).rows[0].cells[0].text = "{{ block:timeline }}"
    document.add_paragraph("{{ block:follow_ups }}")


def in_a_header(document: Document) -> None:
    document.sections[0].header.paragraphs[0].text = "{{ block:timeline }}"
    document.add_paragraph("{{ block:follow_ups }}")


def under_one_heading(document: Document) -> None:
    document.add_heading("Both", level=1)
    with_follow_ups("{{ section:summary }}", "{{ section:lucky }}")(document)


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (with_follow_ups("{{ tittle }}"), "the placeholder {{ tittle }} is unknown; did you mean {{ title }}?"),
        (
            with_follow_ups("{{ block:time_line }}"),
            "the placeholder {{ block:time_line }} is unknown; did you mean {{ block:timeline }}?",
        ),
        (with_follow_ups("{{ zzzzzz }}"), "the placeholder {{ zzzzzz }} is unknown."),
        (with_follow_ups("This is {{ key"), "a placeholder is not closed in “This is {{ key”"),
        (lambda document: None, "the placeholder {{ block:follow_ups }} is missing"),
        (with_follow_ups("{{ block:follow_ups }}"), "the placeholder {{ block:follow_ups }} is there twice"),
        (with_follow_ups("Here: {{ block:timeline }}"), "needs a line of its own"),
        (in_a_table, "needs a line of its own"),
        (in_a_header, "needs a line of its own"),
        (with_follow_ups("{{ section:summary }}"), "needs a heading above it"),
        (under_one_heading, "two placeholders of sections stand under the same heading"),
    ],
)
def test_a_wrong_placeholder_is_refused_with_its_name_and_the_nearest_known(
    folder: Path, fill: Fill, reason: str
) -> None:
    with pytest.raises(SettingProblem) as refused:
        own(folder, fill)
    assert refused.value.code == "IMS-211"
    assert reason in str(refused.value)
    assert str(folder / OWN_FILE) in str(refused.value)


@pytest.mark.parametrize("file", [b"", b"PK\x03\x04 no zip", b"hello"])
def test_a_file_that_is_no_document_is_refused(folder: Path, file: bytes) -> None:
    (folder / OWN_FILE).write_bytes(file)
    with pytest.raises(SettingProblem) as refused:
        read_template(folder)
    assert refused.value.code == "IMS-211"


def test_the_portal_does_not_start_with_a_wrong_file(tmp_path: Path, sqlite_url: str) -> None:
    data = copytree(ROOT / "data", tmp_path / "data")
    document = docx.Document()
    with_follow_ups("{{ titel }}")(document)
    document.save(str(data / OWN_FILE))
    wired = build(Settings(database_url=sqlite_url, data_dir=data))
    with pytest.raises(SettingProblem, match=r"titel \}\} is unknown; did you mean \{\{ title \}\}\?$"):
        wired.start()
    wired.database.close()
