"""Post-mortems that other teams wrote, read where they lie: the follow-ups a careful reader counts, nothing else."""

from pathlib import Path

import pytest

from ims.config import ROOT
from ims.postmortem.content.causes import read_causes
from ims.postmortem.library.bringing_in import look_into
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.understood import RcaReading
from tests.conftest import SHARED

FOLDER = SHARED / "data" / "postmortems"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
COUNTED = {  # by a careful reader: follow-ups, and how many of them are done
    "PM2022-009": (7, 0),
    "PM2023-001": (6, 1),
    "PM2024-001": (7, 0),
    "PM2020-002": (3, 0),
    "PM2022-007": (1, 1),
    "2022-01-27-prime-version": (4, 0),
    # counted for this project, one file at a time
    "PM2020-009": (1, 0),
    "PM2024-002": (2, 2),
    "PM2025-002": (6, 0),
    "PMyyyy-nnn": (0, 0),
    "2017-11-30-oom-proxy": (4, 0),
    "2018-01-18-ssl-outdated": (3, 1),
    "2018-02-20-jupyterlab-announcement": (21, 0),
    "2018-02-22-nginx-down": (2, 1),
    "2018-03-13-PVC-hub-locked": (5, 0),
    "2018-03-26-no-space-left": (6, 3),
    "2018-03-31-server-start-fail": (3, 0),
    "2018-07-08-podsnips-aplenty": (7, 0),
    "2020-07-09-simultaneous-launches-scipy": (10, 1),
    "template-incident-report": (0, 0),
    "2022-08-19-CATbleed": (0, 0),
    "2021-10-31-DustStorm": (0, 0),
    "2021-10-31-EmployeeCompromise": (3, 0),
    "2023-08-04-compromised-self-hosted-runners": (0, 0),
    "2024-02-15-Financial-instutition-credentials": (0, 0),
}

pytestmark = pytest.mark.skipif(not FILES, reason="the shared folder with real post-mortems is missing here")


def reading_of(path: Path) -> RcaReading:
    return read(path.read_bytes(), path.name)


@pytest.mark.parametrize("name", COUNTED)
def test_a_careful_reader_counts_the_same(name: str) -> None:
    [path] = [path for path in FILES if path.name.startswith(name)]
    follow_ups = reading_of(path).follow_ups
    assert (len(follow_ups), sum(each.done for each in follow_ups)) == COUNTED[name], [each.text for each in follow_ups]


def test_an_incident_is_dated_by_the_year_of_its_document_and_not_by_the_first_row_of_a_long_story() -> None:
    [path] = [path for path in FILES if path.name.startswith("PM2022-006")]
    found = look_into(path.read_bytes(), path.name, read_causes(ROOT / "data"))
    assert str(found.occurred_on) == "2022-05-25"


def test_every_file_is_read() -> None:
    assert len(FILES) > 90
    for path in FILES:
        assert all(each.text for each in reading_of(path).follow_ups), path.name


def test_what_was_found_is_written_down() -> None:
    table = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
    for path in FILES:
        reading = reading_of(path)
        done = sum(each.done for each in reading.follow_ups)
        counts = f"{len(reading.follow_ups)} | {done} | {len(reading.not_understood)}"
        assert f"| {path.relative_to(FOLDER).as_posix()} | {counts} |" in table
