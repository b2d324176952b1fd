"""The timeline of the incident page: filters, pages, and entries written down later."""

from datetime import timedelta

from ims.model import (
    Incident,
)
from ims.response import investigation, states
from ims.store.work import Work
from tests.conftest import HandClock
from tests.pages.incident.conftest import (
    Do,
    Open,
    log,
)


def test_the_timeline_can_be_narrowed_to_findings_and_to_words(page: Open, incident: Incident, ada_does: Do) -> None:
    ada_does(lambda work: investigation.finding(work, incident.id, "Expired certificate"))
    ada_does(lambda work: investigation.note(work, incident.id, "Coffee"))
    app = page()
    app.pills(key="timeline_groups").set_value(["Findings"]).run()
    assert "Expired certificate" in log(app)
    assert "Coffee" in log(app)
    assert "Declared" not in log(app)
    app.text_input(key="timeline_text").set_value("certif").run()
    assert "Coffee" not in log(app)
    app.text_input(key="timeline_text").set_value("nothing like it").run()
    assert any("No entry matches" in caption.value for caption in app.caption)


def test_a_long_timeline_comes_in_pages_of_fifty(page: Open, incident: Incident, ada_does: Do) -> None:
    def write(work: Work) -> None:
        for number in range(60):
            investigation.note(work, incident.id, f"probe {number:02}")

    ada_does(write)
    app = page()
    assert log(app).count("<li>") == 50
    assert "probe 59" in log(app)
    app.toggle(key="timeline_newest").set_value(False).run()
    assert "Declared" in log(app)


def test_an_entry_written_down_later_says_so(page: Open, clock: HandClock, incident: Incident, ada_does: Do) -> None:
    clock.forward(timedelta(hours=1))
    ada_does(lambda work: states.mitigate(work, incident.id, "Moved traffic", at=clock.now - timedelta(minutes=12)))
    assert "written down 12 min later" in log(page())
