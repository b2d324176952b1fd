"""A team's earlier post-mortems come into the library from the command line."""

import json
from datetime import date
from pathlib import Path

import docx
import pytest
from sqlmodel import select

from ims.bootstrap import Portal
from ims.model import LibraryEntry
from tests.cli.conftest import RunIms

NOTE = """---
title: Payments were refused
date: 3 March 2026
services: Gateway, Payments
cause: Configuration
---
# Ignored, for the front says more

## Action items

- [x] Raise the limit @ada by 2026-04-01
- [ ] Write a runbook
"""


def entries(portal: Portal) -> list[LibraryEntry]:
    with portal.reading() as session:
        return list(session.exec(select(LibraryEntry).order_by("id")))


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "2026-01-01 payments.md"
    file.write_text(NOTE)
    return file


def test_a_markdown_file_becomes_an_entry_with_its_follow_ups(run_ims: RunIms, portal: Portal, note: Path) -> None:
    result = run_ims("import-rca", str(note))
    assert result.exit_code == 0
    assert "2026-03-03  Payments were refused" in result.stdout
    assert "2 follow-ups, 1 done" in result.stdout
    [entry] = entries(portal)
    assert (entry.title, str(entry.occurred_on), entry.services, entry.cause, entry.source, entry.kept_by) == (
        "Payments were refused",
        "2026-03-03",
        "Gateway, Payments",
        "configuration",
        note.name,
        "ims import-rca",
    )
    assert "Write a runbook" in entry.text
    assert entry.follow_ups == [
        {"text": "Raise the limit", "owner": "ada", "due": "2026-04-01", "kind": None, "state": "done"},
        {"text": "Write a runbook", "owner": "", "due": None, "kind": None, "state": "open"},
    ]


def test_the_same_file_comes_in_once_whatever_its_name(run_ims: RunIms, portal: Portal, note: Path) -> None:
    run_ims("import-rca", str(note))
    copy = note.with_name("copy.md")
    copy.write_bytes(note.read_bytes())
    result = run_ims("import-rca", str(note), str(copy))
    assert "0 brought in, 2 were there already, 0 could not be read." in result.stdout
    assert len(entries(portal)) == 1


def test_a_dry_run_says_the_same_and_keeps_nothing(run_ims: RunIms, portal: Portal, note: Path) -> None:
    result = run_ims("import-rca", "--dry-run", str(note))
    assert "1 would come in" in result.stdout
    assert entries(portal) == []
    run_ims("import-rca", str(note))
    assert "0 would come in, 1 were there already" in run_ims("import-rca", "--dry-run", str(note)).stdout


def test_a_bad_file_is_named_and_the_others_go_on(run_ims: RunIms, portal: Portal, note: Path, tmp_path: Path) -> None:
    bad, gone = tmp_path / "bad.docx", tmp_path / "gone.md"
    bad.write_bytes(b"PK\x03\x04")
    result = run_ims("import-rca", str(bad), str(gone), str(note))
    assert result.exit_code == 1
    assert f"{bad}: The file is damaged" in result.stderr
    assert f"{gone}: No such file" in result.stderr
    assert [entry.title for entry in entries(portal)] == ["Payments were refused"]


def test_a_folder_stands_for_its_files_and_word_comes_in_too(run_ims: RunIms, portal: Portal, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Queue stood still", level=0)
    document.add_paragraph("It began on 14 May 2025 in the morning.")
    document.add_heading("Next steps", level=1)
    document.add_paragraph("Alert on its depth", style="List Bullet")
    (tmp_path / "deeper").mkdir()
    document.save(str(tmp_path / "deeper" / "queue.docx"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert run_ims("import-rca", str(tmp_path)).exit_code == 0
    [entry] = entries(portal)
    assert (entry.title, str(entry.occurred_on), entry.cause) == ("Queue stood still", "2025-05-14", "")
    assert [row["text"] for row in entry.follow_ups] == ["Alert on its depth"]


@pytest.mark.parametrize(
    ("name", "text", "title", "day"),
    [
        ("2026-02-03-dns.md", "# DNS was gone\n\nSince 2026-02-01.", "DNS was gone", "2026-02-03"),
        ("PM1 - Disk_full.md", "# Issue name\n\nno day", "PM1 - Disk full", "None"),
        ("a.txt", "just words of 2026-02-30 and 2026-03-01", "a", "2026-03-01"),
        ("b.md", "# B\n\nOn March 3rd, 2026 it failed", "B", "2026-03-03"),
    ],
)
def test_title_and_day_come_from_where_people_write_them(
    run_ims: RunIms, portal: Portal, tmp_path: Path, name: str, text: str, title: str, day: str
) -> None:
    (tmp_path / name).write_text(text)
    run_ims("import-rca", str(tmp_path / name))
    [entry] = entries(portal)
    assert (entry.title, str(entry.occurred_on)) == (title, day)


def test_a_folder_is_summed_up_as_a_table_without_its_words(run_ims: RunIms, note: Path) -> None:
    result = run_ims("read-rca", "--summary", str(note.parent))
    assert f"| {note.name} | 2 | 1 | 0 |" in result.stdout
    assert "runbook" not in result.stdout


def test_markdown_is_read_without_a_database(run_ims: RunIms, note: Path) -> None:
    answer = json.loads(run_ims("read-rca", str(note), "--json").stdout)
    assert [row["done"] for row in answer["follow_ups"]] == [True, False]


def test_a_folder_says_what_the_name_of_its_file_does_not(run_ims: RunIms, portal: Portal, tmp_path: Path) -> None:
    folder = tmp_path / "all" / "2026-03-01_Queue_stood_still"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("It stood still.\n")
    assert run_ims("import-rca", str(tmp_path / "all")).exit_code == 0
    [entry] = entries(portal)
    assert (entry.title, str(entry.occurred_on)) == ("2026-03-01 Queue stood still", "2026-03-01")


def test_a_file_too_large_is_refused_by_its_size(run_ims: RunIms, tmp_path: Path) -> None:
    file = tmp_path / "large.md"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    result = run_ims("import-rca", str(file))
    assert (result.exit_code, "50 MB" in result.stderr) == (1, True)


FACTS_TOGETHER = "# Payments down\n\nDate: 3 November 2026\nServices: payments\n\nCertificate created 2024-01-02.\n"
BOLD_TOGETHER = "# Payments down\n**Date**: Nov 3rd, 2026\n**Services**: payments\nCertificate created 2024-01-02.\n"
FACTS_APART = FACTS_TOGETHER.replace("\nServices", "\n\nServices")
OTHER_NAMES = "Last updated: 2026-11-25\nDate of incident: November 3, 2026\nAffected service(s): payments\n"


@pytest.mark.parametrize("text", [FACTS_TOGETHER, FACTS_APART, BOLD_TOGETHER, OTHER_NAMES])
def test_facts_on_lines_of_one_paragraph_are_read_as_those_in_paragraphs_of_their_own(
    run_ims: RunIms, portal: Portal, tmp_path: Path, text: str
) -> None:
    (tmp_path / "a.md").write_text(text)
    assert run_ims("import-rca", str(tmp_path / "a.md")).exit_code == 0
    [entry] = entries(portal)
    assert (str(entry.occurred_on), entry.services) == ("2026-11-03", "payments")


@pytest.mark.parametrize(
    ("services", "kept"),
    [
        ('["payments", "search"]', "payments, search"),
        ("[payments,search]", "payments, search"),
        ("\n  - payments\n  - search", "payments, search"),
        ('"payments; search"', "payments, search"),
        ("payments  # and nothing else", "payments"),
        ("null", ""),
        ("\n  - name: payments", ""),
        ("[payments", "payments"),  # no YAML, and plain enough
    ],
)
def test_services_in_the_front_are_kept_without_the_marks_of_yaml(
    run_ims: RunIms, portal: Portal, tmp_path: Path, services: str, kept: str
) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: A\ndate: 2026-11-03\nservices: {services}\n---\n# B\n")
    assert run_ims("import-rca", str(tmp_path / "a.md")).exit_code == 0
    [entry] = entries(portal)
    assert (entry.title, str(entry.occurred_on), entry.services) == ("A", "2026-11-03", kept)


@pytest.mark.parametrize(
    ("name", "text", "day"),
    [
        ("a.md", "Report written 2026-11-20. The outage was on 3 November 2026.", "2026-11-03"),
        ("2026-03-11 a.md", "Report written 2026-11-20.", "2026-03-11"),
        ("a.md", "Report written 2026-11-20.", ""),
        ("a.md", "From 2026-03-11 to 2026-11-03.", ""),
        ("2026-11-20 a.md", "Report written 2026-11-20.", ""),
    ],
)
def test_a_day_that_can_be_two_is_read_by_other_evidence_or_said_and_not_guessed(
    run_ims: RunIms, portal: Portal, tmp_path: Path, name: str, text: str, day: str
) -> None:
    (tmp_path / name).write_text(f"---\ndate: 03/11/2026\n---\n# A\n\n{text}\n")
    result = run_ims("import-rca", str(tmp_path / name))
    [entry] = entries(portal)
    assert entry.occurred_on == (date.fromisoformat(day) if day else None)
    assert ("“03/11/2026” can be two days; write it like 2026-11-03" in result.stdout) is not bool(day)


@pytest.mark.parametrize(
    ("name", "text", "day"),
    [
        ("PM2022-006 - ALB.md", "Set on 2020-12-21, looked into on 2022-05-25.", "2022-05-25"),
        ("PM2019-006 - ALB.md", "Set on 2020-12-21, looked into on 2022-05-25.", "2020-12-21"),
        (
            "a.md",
            "Last updated on 2026-11-25. It began on 3 November 2026, with a certificate of 2024-01-02.",
            "2026-11-03",
        ),
    ],
)
def test_a_day_found_in_the_text_is_of_the_year_of_the_name_and_not_of_the_paper_and_is_said(
    run_ims: RunIms, portal: Portal, tmp_path: Path, name: str, text: str, day: str
) -> None:
    (tmp_path / name).write_text(f"# A\n\n{text}\n")
    assert "0 follow-ups, 0 done; the day is the first in the text" in run_ims("import-rca", str(tmp_path)).stdout
    [entry] = entries(portal)
    assert str(entry.occurred_on) == day


def test_words_that_are_no_day_are_said_beside_the_day_of_the_text(run_ims: RunIms, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ndate: Q4 2026\n---\n# A\n\nSince 2026-11-03.\n")
    assert "“Q4 2026” is not a date; the day is the first in the text" in run_ims("import-rca", str(tmp_path)).stdout


@pytest.mark.parametrize(
    "front",
    [
        "a: " + "[" * 9_000,
        'a: "\\UFFFFFFFF"',
        "a: &a [*a]",
        "? [a]\n: b",
        "a: !!python/object/apply:os.getcwd []",
        "- a",
    ],
)
def test_a_front_that_is_no_plain_yaml_does_no_harm(
    run_ims: RunIms, portal: Portal, tmp_path: Path, front: str
) -> None:
    (tmp_path / "a.md").write_text(f"---\n{front}\ndate: 2026-11-03\n---\n# A\n")
    assert run_ims("import-rca", str(tmp_path / "a.md")).exit_code == 0
    [entry] = entries(portal)
    assert (entry.title, str(entry.occurred_on)) == ("A", "2026-11-03")
