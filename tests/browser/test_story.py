"""The whole story, as a team lives it in a browser: from an empty portal to a follow-up that is done and counted."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docx
import httpx
import pytest
from docx.document import Document
from docx.table import Table
from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.driving import Visitor

BODIES = Path(__file__).resolve().parents[1] / "contracts" / "alertmanager_webhooks.json"
RECORDED_AT = datetime(2026, 11, 23, 7, 7, 45, tzinfo=UTC)  # when the first alert of the recorded bodies began
ALERT = "PaymentsHighErrorRate"


@pytest.mark.timeout(400)  # a minute on a quiet machine, and everything else waits for the same two processors
def test_a_team_lives_through_an_incident(served: Served, visitor: Visitor) -> None:
    """One incident: an alert, the response, the customers, the root cause, the follow-ups, the figures."""
    begin(visitor)
    set_the_team_up(visitor)
    ended = alerts_arrive(served)
    declare_from_alerts(visitor)
    take_command(visitor)
    define_it(visitor)
    post(served, ended)
    look_into_it(visitor)
    tell_the_customers(visitor)
    mitigate_and_resolve(visitor)
    write_the_root_cause(visitor)
    meet(visitor)
    close(visitor)
    finish_a_follow_up(visitor)
    find_it_in_the_figures(visitor)
    find_every_delivery(visitor)


def begin(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.sees("Welcome to the incident portal")
    visitor.write("start_name", "Ada Lovelace")
    visitor.write("start_email", "ada@example.com")
    visitor.write("start_service", "payments")
    visitor.press("start_submit")
    visitor.sees("Settings", "Add or change")
    visitor.has_chosen("acting_as", "Ada Lovelace")


def set_the_team_up(visitor: Visitor) -> None:
    visitor.write("person_new_name", "Bob Kahn")
    visitor.write("person_new_email", "bob@example.com")
    visitor.press("person_new_save")
    visitor.sees("Bob Kahn is saved")
    visitor.choose("settings", "Services")
    visitor.write("service_new_name", "search")
    visitor.press("service_new_save")
    visitor.sees("search is saved")
    add_customers(visitor)
    visitor.choose("settings", "Rota")
    visitor.pick("rota_new_order", "Ada Lovelace", "Bob Kahn")
    visitor.press("rota_new_save")
    visitor.sees(re.compile("Ada Lovelace is on call now"))


def add_customers(visitor: Visitor) -> None:
    visitor.choose("settings", "Customers")
    visitor.write("customer_new_name", "Acme")
    visitor.write("customer_new_channel", "#acme-incidents")
    visitor.write("customer_new_contacts", "ops@acme.example, cto@acme.example")
    visitor.write("customer_new_manager", "Mia Manager")
    visitor.write("customer_new_manager_email", "mia@acme.example")
    visitor.pick("customer_new_services", "payments")
    visitor.press("customer_new_save")
    visitor.sees("Acme is saved")
    visitor.write("customer_new_name_1", "Globex")
    visitor.write("customer_new_channel_1", "#globex")
    visitor.write("customer_new_contacts_1", "it@globex.example")
    visitor.pick("customer_new_services_1", "payments")
    visitor.press("customer_new_save")
    visitor.sees("The procedure cannot reach everybody", re.compile("Globex: .*manager"))


def alerts_arrive(served: Served) -> list[str]:
    """Post what a real Alertmanager sent, as if it happened now; return what it says later, when the alert is over."""
    late = datetime.now(UTC) - timedelta(minutes=10) - RECORDED_AT

    def now(recorded: re.Match[str]) -> str:
        return (datetime.fromisoformat(recorded[0]).replace(tzinfo=UTC) + late).isoformat(timespec="seconds")[:19]

    recorded = [
        json.loads(re.sub(r"2026-11-23T07:[0-9:]+", now, json.dumps(each))) for each in json.loads(BODIES.read_text())
    ]
    bodies = [json.dumps(each["body"]) for each in recorded]
    ended = [body for body in bodies if ALERT in body and '"status": "resolved"' in body]
    post(served, [body for body in bodies if body not in ended])
    return ended


def post(served: Served, bodies: list[str]) -> None:
    for body in bodies:
        answer = httpx.post(
            f"{served.url}/hooks/alertmanager",
            content=body,
            headers={"Authorization": f"Bearer {served.token}", "Content-Type": "application/json"},
        )
        assert answer.status_code == httpx.codes.OK, answer.text


def declare_from_alerts(visitor: Visitor) -> None:
    visitor.open_page("Alerts")
    visitor.sees(re.compile("waiting for a decision"), "AuthBasic", "Partial")
    visitor.page.get_by_role("checkbox", name=re.compile(ALERT)).check(force=True)
    visitor.sees("2 alerts chosen")
    visitor.press("alerts_declare")
    visitor.sees("From 2 alerts; everything below can be changed.")
    expect(visitor.at("declare_title").locator("input")).to_have_value(re.compile(ALERT))
    visitor.says("declare_services", "payments")
    visitor.says("declare_customers", "Acme", "Globex")
    visitor.press("declare_submit")
    visitor.sees(re.compile("Answer the two questions at the top first"))
    visitor.choose("declare_customers_affected", "Yes")
    visitor.choose("declare_sla_affected", "No")
    visitor.write("declare_title", "Payments fail with 502")
    visitor.sees(re.compile("Ada Lovelace is on call"))
    visitor.press("declare_submit")
    visitor.sees("INC-1 · Payments fail with 502")


def take_command(visitor: Visitor) -> None:
    visitor.sees("Nobody has said yet: I am here.")
    visitor.press("primary")
    visitor.sees(re.compile("You are Communications Lead"))
    visitor.sees("Confirm the roles")
    visitor.press("primary")
    visitor.sees("Roles confirmed", "Define it", "Ticket T-1 opened")


def define_it(visitor: Visitor) -> None:
    visitor.press("primary")
    visitor.pick("define_impact", "Outage")
    visitor.write("impact_text", "About 300 shops cannot take card payments")
    visitor.pick("define_frequency", "Often")
    visitor.sees(re.compile("SEV1 is suggested"))
    visitor.pick("define_severity", "SEV1")
    visitor.write("severity_reason", "Nobody can pay")
    visitor.press("define_submit")
    visitor.sees(re.compile("About 300 shops"), "SEV1")


def look_into_it(visitor: Visitor) -> None:
    write_down(visitor, "Note", "The payment gateway answers with 502")
    write_down(visitor, "Finding", "The gateway ran out of connections")
    visitor.choose("entry_kind", "Replication")
    visitor.write("entry_text", "A test card is refused")
    visitor.press("entry_submit")
    visitor.sees(re.compile("incognito.*A test card is refused"))
    visitor.choose("entry_kind", "Team")
    visitor.write("entry_team", "Platform")
    visitor.write("entry_text", "They own the gateway")
    visitor.press("entry_submit")
    visitor.sees(re.compile("Platform.*They own the gateway"))
    visitor.sees(re.compile(f"{ALERT}.*resolved", re.IGNORECASE))


def write_down(visitor: Visitor, kind: str, text: str) -> None:
    visitor.choose("entry_kind", kind)
    visitor.write("entry_text", text)
    visitor.press("entry_submit")
    visitor.sees(text)


def tell_the_customers(visitor: Visitor) -> None:
    visitor.press("primary")
    visitor.sees("Update 1", "Customers have heard nothing about this incident yet.", "mia@acme.example")
    visitor.write("update_1_body", "Card payments fail since a few minutes. We are on it.")
    visitor.press("update_1_confirm_1")
    visitor.sees("4 messages", re.compile("Globex: .*manager"))
    visitor.press("update_1_send")
    visitor.sees("Update 1", "Sent so far", re.compile("Kept here"))
    visitor.choose("update_1_phase", "We know the cause")
    visitor.press("update_1_confirm_2")
    visitor.press("update_1_send")
    visitor.sees("Update 3")


def mitigate_and_resolve(visitor: Visitor) -> None:
    visitor.press("primary")
    visitor.write("move_text", "Traffic goes through the second gateway")
    visitor.press("move_submit")
    visitor.sees("It is resolved")
    visitor.press("primary")
    visitor.write("move_text", "The gateway has more connections now")
    visitor.press("move_submit")
    visitor.sees("Tell the customers it is resolved")
    visitor.press("primary")
    visitor.sees("This is the last update; it promises no other.")
    visitor.press("update_1_confirm_3")
    visitor.press("update_1_send")
    visitor.sees(re.compile("Customers were told that it is resolved"))
    visitor.view("Overview")
    visitor.sees("Inform the customer that it is resolved")
    visitor.view("Alerts & links")
    visitor.sees(ALERT)


def write_the_root_cause(visitor: Visitor) -> None:
    visitor.press("primary")
    visitor.press("rca_create")
    empty = visitor.download("rca_download")
    assert empty.name == "INC-1-root-cause.docx"
    filled = fill_in(empty)
    visitor.page.locator('[class*="st-key-rca_file_1_"] input[type="file"]').set_input_files(filled)
    visitor.sees("What was read.", re.compile("Replace the gateway .*Bob Kahn"), re.compile("Alarm on connections"))
    visitor.press("rca_take_in")
    visitor.sees("The document is taken in", "Nobody had limited the connections.")
    visitor.cells("Replace the gateway", "Alarm on connections", "2027-01-15", "Prevent")


def fill_in(empty: Path) -> Path:
    """Write into the document as people do: below two headings, and in two rows of the table."""
    document = docx.Document(str(empty))
    write_below(document, "Root cause and contributing factors", "Nobody had limited the connections.")
    write_below(document, "What went well", "The alert came within a minute.")
    first, second = follow_up_table(document).rows[1:3]
    for row, texts in (
        (first, ("Replace the gateway", "Bob Kahn", "2027-01-15", "prevent")),
        (second, ("Alarm on connections", "Ada Lovelace", "2027-01-08", "detect")),
    ):
        for cell, text in zip(row.cells[1:5], texts, strict=True):
            cell.text = text
    document.save(str(empty))
    return empty


def write_below(document: Document, heading: str, text: str) -> None:
    paragraphs = document.paragraphs
    place = next(number for number, paragraph in enumerate(paragraphs) if paragraph.text == heading)
    paragraphs[place + 2].text = text  # the prompt stands between


def follow_up_table(document: Document) -> Table:
    return next(table for table in document.tables if table.rows[0].cells[1].text == "Action")


def meet(visitor: Visitor) -> None:
    visitor.press("meeting_plan")
    visitor.says("meeting_attendees", "Ada Lovelace", "Bob Kahn")  # he owns a follow-up
    visitor.write("meeting_link", "https://meet.example/root-cause")
    visitor.press("meeting_submit")
    visitor.sees("Invitations are on their way", "Planned")
    invitation = visitor.download("meeting_ics").read_text(encoding="utf-8")
    assert "BEGIN:VEVENT" in invitation
    assert "https://meet.example/root-cause" in invitation
    assert "ORGANIZER:mailto:ada@example.com" in invitation, "the Incident Commander hears who comes"
    visitor.press("meeting_hold")
    visitor.write("meeting_notes", "We limit connections from now on")
    visitor.press("meeting_hold_submit")
    visitor.sees("Held")


def close(visitor: Visitor) -> None:
    visitor.press("rca_file_follow_ups")
    visitor.sees("The follow-ups are filed", re.compile("Follow-ups filed: FU-1, FU-2"))
    visitor.go("/incident?key=INC-1")
    visitor.press("primary")
    visitor.sees("Closed")
    visitor.view("Alerts & links")
    visitor.sees(re.compile("2 sub-tasks"), re.compile("held"))


def finish_a_follow_up(visitor: Visitor) -> None:
    visitor.open_page("Follow-ups")
    visitor.sees(re.compile("2 follow-ups, overdue first"))
    visitor.edit_first_row("State", "Done")
    visitor.choose("by", "By owner")
    visitor.sees(re.compile("Save your changes or discard them"))
    visitor.page.get_by_label(re.compile("What was done about FU-.")).fill("The alarm rings at 80 %")
    visitor.press("follow_ups_save")
    visitor.sees("1 change saved")
    visitor.choose("by", "List")
    visitor.sees(re.compile("1 follow-up, overdue first"))
    visitor.choose("state", "Done")
    visitor.cells("The alarm rings at 80 %")


def find_it_in_the_figures(visitor: Visitor) -> None:
    visitor.open_page("Figures")
    visitor.sees("1 of 1 incidents. Drills are never counted.", "Incidents by month and severity")
    visitor.at("figures_incidents").get_by_text("The incidents behind these charts").click()
    visitor.wait()
    with visitor.download("figures_incidents_table_csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["key"], row["title"], row["severity"], row["services"], row["state"]) for row in rows] == [
        ("INC-1", "Payments fail with 502", "sev1", "payments", "closed")
    ]


def find_every_delivery(visitor: Visitor) -> None:
    visitor.open_page("Deliveries")
    told = 3 * 4  # three updates: Slack and e-mail to Acme and to Globex
    visitor.sees(re.compile(r"^\d+ deliveries, newest first"))
    for kind, count in (("Page", 1), ("Slack post to a customer", told // 2), ("E-mail to a customer", told // 2),
                        ("Ticket", 1), ("Sub-task", 2), ("Invitation", 1)):  # fmt: skip
        visitor.pick("delivery_kind", kind)
        visitor.sees(re.compile(f"^{count} deliver(y|ies), newest first"))
    visitor.go("/deliveries?delivery_kind=customer_mail")
    visitor.page.get_by_text(re.compile("E-mail to a customer .*ops@acme.example.*INC-1")).last.click()
    visitor.sees(
        "CC: mia@acme.example", "Card payments fail since a few minutes. We are on it.", re.compile("^Proof, ")
    )
