"""Working on an incident by its page: roles, definition, steps, findings, scope."""

from ims.bootstrap import Portal
from ims.model import (
    EntryKind,
    Frequency,
    Impact,
    Incident,
    IncidentRole,
    Severity,
)
from ims.response import command, definition
from ims.store import incidents
from tests.conftest import Team
from tests.pages.incident.conftest import Do, Open, choose, holder, last_entry, now_in, primary, submit, words_on


def test_defining_follows_the_suggestion_and_keeps_what_was_said(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: command.acknowledge(work, incident.id))
    ada_does(lambda work: command.confirm_roles(work, incident.id))
    app = submit(page(), "primary")
    app.selectbox(key="define_impact").select(Impact.OUTAGE).run()
    app.selectbox(key="define_frequency").select(Frequency.CONSTANT).run()
    assert any("SEV1" in info.value and "suggested" in info.value for info in app.info)
    app.text_area(key="impact_text").set_value("Nobody can pay")
    app.selectbox(key="define_severity").select(Severity.SEV1)
    app = submit(app, "define_submit")
    defined = now_in(portal, incident)
    assert (defined.impact, defined.frequency, defined.severity) == (Impact.OUTAGE, Frequency.CONSTANT, Severity.SEV1)
    assert "Nobody can pay" in words_on(app)
    assert "first customer update" in primary(app)


def test_a_changed_severity_without_a_reason_is_refused_and_the_choice_stays(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: definition.decide_severity(work, incident.id, Severity.SEV3))
    app = submit(page(), "define")
    app.selectbox(key="define_severity").select(Severity.SEV1)
    submit(app, "define_submit")
    assert any("why the severity changes" in error.value for error in app.error)
    assert app.selectbox(key="define_severity").value is Severity.SEV1
    assert now_in(portal, incident).severity is Severity.SEV3
    app.text_input(key="severity_reason").set_value("Everybody is affected")
    app = submit(app, "define_submit")
    assert "SEV3 → SEV1. Everybody is affected" in words_on(app)


def test_a_role_is_taken_assigned_and_given_back(page: Open, portal: Portal, team: Team, incident: Incident) -> None:
    operations = IncidentRole.OPERATIONS.value
    app = choose(page(), "role_menu", f"take:{operations}")
    assert holder(portal, incident, IncidentRole.OPERATIONS) == team.ada.id
    app = choose(app, "role_menu", "assign")
    app.selectbox(key="assign_role").select(IncidentRole.OPERATIONS)
    app.selectbox(key="assign_person").select(team.bob.id)
    app = submit(app, "assign_submit")
    assert holder(portal, incident, IncidentRole.OPERATIONS) == team.bob.id
    choose(app, "role_menu", f"return:{operations}")
    assert holder(portal, incident, IncidentRole.OPERATIONS) is None


def test_a_finding_is_written_down_and_its_field_is_empty_again(page: Open, portal: Portal, incident: Incident) -> None:
    app = page()
    app.segmented_control(key="entry_kind").set_value("Finding").run()
    app.text_area(key="entry_text").set_value("The certificate expired")
    app = submit(app, "entry_submit")
    assert last_entry(portal, incident).kind is EntryKind.FINDING
    assert app.text_area(key="entry_text").value == ""
    assert "The certificate expired" in words_on(app)


def test_an_empty_note_is_refused_in_words_and_what_was_typed_elsewhere_stays(
    page: Open, portal: Portal, incident: Incident
) -> None:
    app = page()
    app.segmented_control(key="entry_kind").set_value("Team").run()
    app.text_area(key="entry_text").set_value("They own the gateway")
    submit(app, "entry_submit")
    assert any("Write which team" in error.value for error in app.error)
    assert app.text_area(key="entry_text").value == "They own the gateway"
    app.text_input(key="entry_team").set_value("Network")
    submit(app, "entry_submit")
    assert last_entry(portal, incident).text == "Brought in Network: They own the gateway"


def test_a_replication_says_whether_it_was_in_an_incognito_window(
    page: Open, portal: Portal, incident: Incident
) -> None:
    app = page()
    app.segmented_control(key="entry_kind").set_value("Replication").run()
    app.radio(key="entry_seen").set_value("Not seen")
    submit(app, "entry_submit")
    assert last_entry(portal, incident).data == {"incognito": True, "seen": False}


def test_that_no_other_team_is_needed_can_be_said(page: Open, portal: Portal, incident: Incident) -> None:
    app = page()
    app.segmented_control(key="entry_kind").set_value("Team").run()
    submit(app, "no_team")
    assert last_entry(portal, incident).kind is EntryKind.NO_TEAM_NEEDED


def test_a_step_is_ticked_with_a_note_and_another_waived_with_a_reason(
    page: Open, portal: Portal, incident: Incident
) -> None:
    app = choose(page(), "step_menu", "hand_over")
    app.radio(key="step_way").set_value("It will not be done")
    submit(app, "step_submit")
    assert any("why the step is waived" in error.value for error in app.error)
    app.text_area(key="step_text").set_value("Ada stays until it is over")
    app = submit(app, "step_submit")
    assert "Ada stays until it is over" in words_on(app)
    app = choose(app, "step_menu", "assign_roles")
    app.text_area(key="step_text").set_value("Agreed on the phone")
    submit(app, "step_submit")
    assert last_entry(portal, incident).text.endswith("Agreed on the phone")


def test_services_and_customers_are_changed(page: Open, portal: Portal, team: Team, incident: Incident) -> None:
    app = submit(page(), "scope")
    app.multiselect(key="scope_customers").set_value([team.acme.id, team.globex.id])
    app = submit(app, "scope_submit")
    with portal.reading() as session:
        assert [each.name for each in incidents.customers_of(session, incident.id)] == ["Acme", "Globex"]
    assert "Acme, Globex" in words_on(app)
