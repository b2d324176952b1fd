"""The Import page: nothing is written before a person has seen what was found."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.store import history
from tests.pages.conftest import OpenPage

LIST = b"""Number,Title,Started,Ended,Severity
1,Mail <b>down</b>,2025-01-14 10:00,2025-01-14 12:00,1
2,Backwards,2025-02-15 10:00,2025-02-15 09:00,3
3,Year,22025-02-15 10:00,,3
"""
GITHUB = json.dumps(
    {
        "id": "1",
        "title": "Maintenance",
        "impact": "maintenance",
        "started_at": "2024-01-02T10:00:00Z",
        "resolved_at": "2024-01-04T10:00:00Z",
        "updates": [],
    }
).encode()


def upload(app: AppTest, data: bytes, name: str = "list.csv") -> AppTest:
    return app.file_uploader(key="import_file_0").upload(name, data, "text/csv").run()


def stored(portal: Portal) -> dict[str, int]:
    with portal.reading() as session:
        return history.origins(session)


def shown(app: AppTest) -> str:
    return "\n".join(
        str(each.value) for each in (*app.markdown, *app.error, *app.warning, *app.success, *app.subheader)
    )


def test_the_page_asks_for_a_file_and_offers_nothing_else(portal: Portal, open_page: OpenPage) -> None:
    app = open_page("import_history")
    assert not app.error
    assert not [button for button in app.button if button.key == "import_go"]


def test_a_file_is_previewed_and_nothing_is_written_yet(portal: Portal, open_page: OpenPage) -> None:
    app = upload(open_page("import_history"), LIST)
    found = {metric.label: metric.value for metric in app.metric}
    assert (found["Format"], found["Rows"], found["Incidents"], found["Rows with a doubt"]) == (
        "A list of your own",
        "3",
        "2",
        "2",
    )
    assert "Times without a zone are read as UTC" in shown(app)
    assert "1 row that cannot come in" in shown(app)
    assert app.button(key="import_go").label == "Import 2 incidents"
    assert stored(portal) == {}


def test_pressing_import_brings_them_in_and_says_so(portal: Portal, open_page: OpenPage) -> None:
    app = upload(open_page("import_history"), LIST)
    app.button(key="import_go").click().run()
    assert not app.exception
    assert "2 incidents added, 0 updated, 0 unchanged." in shown(app)
    assert stored(portal) == {"list": 2}


def test_rows_with_a_doubt_can_be_left_out(portal: Portal, open_page: OpenPage) -> None:
    app = upload(open_page("import_history"), LIST)
    doubts = next(box for box in app.selectbox if box.label.startswith("Resolved before it started"))
    doubts.select("skip").run()
    assert app.button(key="import_go").label == "Import 1 incident"


def test_maintenance_can_stay_out(portal: Portal, open_page: OpenPage) -> None:
    app = upload(open_page("import_history"), GITHUB, "history.jsonl")
    app.toggle(key="import_planned").set_value(False).run()
    assert app.button(key="import_go").disabled


def test_an_order_that_nothing_shows_is_asked_before_anything_is_imported(portal: Portal, open_page: OpenPage) -> None:
    app = upload(open_page("import_history"), b"Title,Started\nMail,03/04/2025 10:00\n")
    assert app.button(key="import_go").disabled
    assert "Choose above whether the day or the month comes first" in shown(app)
    app.selectbox(key="import_order").select_index(2).run()
    assert not app.button(key="import_go").disabled


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "zip archive"),
        (b"a\x00b,c\n", "control characters"),
        (b"[" * 99_999, "too deep"),
    ],
)
def test_a_hostile_file_is_answered_by_a_sentence(
    portal: Portal, open_page: OpenPage, data: bytes, sentence: str
) -> None:
    app = upload(open_page("import_history"), data)
    assert sentence in app.error[0].value
    assert not app.exception
