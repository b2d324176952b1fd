"""The settings of Jira: from the environment, and refused in words where they are half."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ims.config import try_read
from ims.integrations.jira import SYSTEM
from ims.integrations.jira.settings import JiraSettings

LEAST = {
    "IMS_JIRA_URL": "https://example.atlassian.net/",
    "IMS_JIRA_EMAIL": "portal@ims.example",
    "IMS_JIRA_TOKEN": "s3cret-of-the-test",
    "IMS_JIRA_PROJECT": "OPS",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in LEAST.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def problem() -> str:
    settings, problems = try_read(JiraSettings)
    assert settings is None
    return str(problems[0])


def test_without_an_address_the_portal_keeps_its_own_tickets() -> None:
    assert not JiraSettings().is_configured
    assert SYSTEM.abilities == ("tickets",)


def test_the_environment_says_everything(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("IMS_JIRA_LABELS", "incident, on-call ,")
    environment.setenv("IMS_JIRA_FIELDS", '{"components": [{"name": "Payments"}]}')
    environment.setenv("IMS_JIRA_SUB_TASK_FIELDS", "")
    environment.setenv("IMS_JIRA_STATUSES", '{"resolved": "Done, really"}')
    environment.setenv("IMS_JIRA_DROPPED", "Abgelehnt,Doppelt")
    settings = JiraSettings()
    assert settings.url == "https://example.atlassian.net"
    assert settings.labels == ["incident", "on-call"]
    assert settings.fields == {"components": [{"name": "Payments"}]}
    assert settings.sub_task_fields == {}
    assert settings.statuses == {"resolved": "Done, really"}
    assert settings.dropped == ["Abgelehnt", "Doppelt"]
    assert settings.is_cloud


def test_fields_are_read_from_a_file_too(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "fields.json").write_text('{"priority": {"name": "High"}}\n')
    environment.setenv("IMS_JIRA_FIELDS_FILE", str(tmp_path / "fields.json"))
    settings, _ = try_read(JiraSettings)
    assert settings
    assert settings.fields == {"priority": {"name": "High"}}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("URL", "example.atlassian.net", "IMS_JIRA_URL: write it like https://"),
        ("URL", "https://me:pw@example.atlassian.net", "IMS_JIRA_URL: write it like https://"),
        ("URL", "https://example.atlassian.net/?x=1", "IMS_JIRA_URL: write it like https://"),
        ("EMAIL", "", "IMS_JIRA_EMAIL is missing"),
        ("TOKEN", "", "IMS_JIRA_TOKEN is missing"),
        ("TOKEN", "s3cret\r\nX-Evil: 1", "IMS_JIRA_TOKEN: a token holds no spaces"),
        ("PROJECT", "", "IMS_JIRA_PROJECT is missing"),
        ("PROJECT", 'OPS" OR project != "', "IMS_JIRA_PROJECT is missing"),
        ("PROJECT", "../../x", "IMS_JIRA_PROJECT is missing"),
        ("LABELS", "two words", "IMS_JIRA_LABELS: Jira takes no label with a space"),
        ("FIELDS", "components=Payments", "IMS_JIRA_FIELDS: write a JSON object"),
        ("FIELDS", "[1]", "IMS_JIRA_FIELDS: write a JSON object"),
        ("FIELDS", '{"summary": "mine", "labels": []}', "the portal fills in labels, summary itself"),
        ("SUB_TASK_FIELDS", '{"parent": {}}', "the portal fills in parent itself"),
        ("STATUSES", '{"solved": "Done"}', "there is no state solved, only open, mitigated, resolved"),
        ("STATUSES", '{"resolved": 5}', "each state needs the name of a status"),
        ("TIMEOUT_SECONDS", "0", "IMS_JIRA_TIMEOUT_SECONDS"),
    ],
)
def test_half_a_configuration_is_refused_in_words(
    environment: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    environment.setenv(f"IMS_JIRA_{name}", value)
    assert sentence in problem()
    assert "s3cret" not in problem()


def test_spaces_around_a_copied_token_do_no_harm(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("IMS_JIRA_TOKEN", " s3cret-of-the-test\n")
    token = JiraSettings().token
    assert token
    assert token.get_secret_value() == "s3cret-of-the-test"


def test_data_center_needs_no_e_mail() -> None:
    settings = JiraSettings.model_validate({"url": "https://jira.example.com/jira", "token": "t", "project": "OPS"})
    assert not settings.is_cloud


def test_the_token_is_never_shown(environment: pytest.MonkeyPatch) -> None:
    settings = JiraSettings()
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.model_dump())
    with pytest.raises(ValidationError) as caught:
        JiraSettings.model_validate({"project": "s3cret", "token": "s3cret"})
    assert "s3cret" not in str(caught.value)
