"""Whatever people type is shown as they typed it, on every page and in every file, and nothing of it runs."""

import csv
import re
from datetime import date, timedelta

import docx
import pytest
from playwright.sync_api import expect

from ims.model import (
    Actor,
    CustomerDraft,
    CustomerUpdateDraft,
    FollowUpDraft,
    Incident,
    IncidentDraft,
    PersonDraft,
    ServiceDraft,
    UpdatePhase,
)
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.response.customers import send_update
from ims.response.declare import declare
from ims.response.investigation import finding, involve_team, note
from ims.setup.customers import add_customer
from ims.setup.people import add_person
from ims.setup.services import add_service
from tests.browser.conftest import Served
from tests.browser.driving import Visitor

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)> [click](https://evil.example) :red[r] $x$ **b**"
NAME = "<img src=x> :red[r] [a](https://evil.example) $x$"  # short enough to be shown whole everywhere
FORMULA = "=1+1"
REVERSED = "invoice\u202egpj.exe"
CONTROLS = "bell\x07null\x00"
CONTROLS_SHOWN = "bell\u2407null\u2400"
LONG = "A word, and " * 850
TITLE = f"{FORMULA} {MARKUP}"
SPRUNG_UP = '.stMain a[href^="https://evil.example"], .stMain img[src="x"], .stMain script'


@pytest.fixture
def incident(served: Served) -> Incident:
    """An incident of which every text is hostile."""
    portal = served.portal
    with portal.work(Actor("Setup")) as work:
        ada = add_person(work, PersonDraft(name=f"Ada {NAME}", email="ada@example.com"))
        service = add_service(work, ServiceDraft(name=f"pay {MARKUP}"))
        customer = CustomerDraft(
            name=f"Acme {NAME}", slack_channel=f"#{MARKUP}", contacts=["ops@acme.example"], manager_name=REVERSED
        )
        acme = add_customer(work, customer, [service.id])
    draft = IncidentDraft(
        title=TITLE, affects_customers=True, summary=MARKUP, service_ids=[service.id], customer_ids=[acme.id]
    )
    with portal.work(Actor(ada.name, ada.id)) as work:
        declared = declare(work, draft, portal.procedure)
        note(work, declared.id, f"{MARKUP}\n{REVERSED} {CONTROLS}")
        finding(work, declared.id, LONG)
        involve_team(work, declared.id, MARKUP, FORMULA)
        update = CustomerUpdateDraft(
            phase=UpdatePhase.INVESTIGATING,
            subject=MARKUP,
            body=f"{MARKUP}\n{LONG}",
            next_update_at=work.now + timedelta(minutes=30),
        )
        send_update(work, declared.id, update, number=1)
        create(work, declared.id)
        follow_ups.add(work, declared.id, FollowUpDraft(text=TITLE, owner_id=ada.id, due_on=date(2030, 1, 1)))
    return declared


def literally(visitor: Visitor, *texts: str) -> None:
    """Wait until the page shows each text letter for letter; none of it became a link, a picture or a script."""
    for text in texts:
        expect(visitor.page.locator(".stMain")).to_contain_text(text)
    expect(visitor.page.locator(SPRUNG_UP)).to_have_count(0)


def test_hostile_text_is_literal_on_every_page(visitor: Visitor, incident: Incident) -> None:
    assert incident.key == "INC-1"
    visitor.go("/")
    literally(visitor, f"Ada {NAME}")
    visitor.go("/incident?key=INC-1")
    literally(visitor, f"INC-1 · {TITLE}", f"pay {MARKUP}", f"Acme {NAME}", REVERSED, CONTROLS_SHOWN, LONG.strip())
    visitor.view("Customers")
    literally(visitor, f"Acme {NAME}", f"#{MARKUP}")
    expect(visitor.at("update_1_subject").locator("input")).to_have_value(re.compile(re.escape(f"pay {MARKUP}")))
    visitor.page.get_by_text(re.compile("^Preview: 2 messages")).click()
    literally(visitor, f"Channel: #{MARKUP}\n\n", f"E-mail to Acme {NAME}")
    visitor.go("/deliveries?delivery_kind=customer_post")
    visitor.page.get_by_text("Slack post to a customer").last.click()
    literally(visitor, f"Subject: {MARKUP}", f"{MARKUP}\n{LONG.strip()}")
    visitor.go("/rca?key=INC-1")
    literally(visitor, TITLE[:60])
    visitor.cells(TITLE)
    visitor.go("/incidents")
    visitor.cells(TITLE, f"Ada {NAME}")
    visitor.go("/follow_ups")
    visitor.cells(TITLE, f"Ada {NAME}")
    visitor.go("/settings?settings=Customers")
    visitor.cells(f"Acme {NAME}")
    visitor.go("/figures")
    visitor.sees("Incidents by month and severity")
    visitor.go("/declare")
    visitor.write("declare_title", TITLE)
    visitor.sees(re.compile("Running now. Is it one of these"))


def test_hostile_text_is_literal_in_files(visitor: Visitor, incident: Incident) -> None:
    visitor.go(f"/rca?key={incident.key}")
    document = docx.Document(str(visitor.download("rca_download")))
    assert any(TITLE in paragraph.text for paragraph in document.paragraphs)
    written = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert TITLE in written  # the follow-up
    assert any(LONG.strip() in text for text in written)
    assert f"{MARKUP}\n{REVERSED} {CONTROLS_SHOWN}" in written
    visitor.go("/incidents")
    with visitor.download("incidents_csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["title"], row["services"]) == (f"'{TITLE}", f"pay {MARKUP}")
