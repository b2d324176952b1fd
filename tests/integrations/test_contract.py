"""What every outside system owes to the portal, whoever wrote it: checked for each line of the registry."""

import ast
import inspect
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import SecretStr

from ims.clock import utc_now
from ims.config import ROOT, try_read, variables
from ims.delivery.dispatch import ROUTES, carry_out, kinds_of
from ims.integrations.frame import Adapter, Receiver, System, SystemSettings
from ims.integrations.registry import SYSTEMS, ports, serving
from ims.integrations.smtp.mailer import SmtpMailer
from ims.model.message import KINDS
from ims.ports import DeliveryError, Ports
from tests.integrations.samples import DOCUMENT, SAMPLES, TICKET
from tests.servers import free_port

SECRET = "s3ntinel-0f-the-c0ntract"
# The least that configures each system, towards a port where nothing listens ({closed}).
ENVIRONMENT: dict[str, dict[str, str]] = {
    "smtp": {
        "IMS_SMTP_HOST": "127.0.0.1",
        "IMS_SMTP_PORT": "{closed}",
        "IMS_SMTP_SENDER": "incidents@ims.example",
        "IMS_SMTP_USER": "ims",
        "IMS_SMTP_PASSWORD": SECRET,
    },
    "alertmanager": {
        "IMS_ALERTMANAGER_API_URL": "http://127.0.0.1:{closed}",
        "IMS_ALERTMANAGER_API_TOKEN": SECRET,
    },
    "jira": {
        "IMS_JIRA_URL": "http://127.0.0.1:{closed}",
        "IMS_JIRA_EMAIL": "portal@ims.example",
        "IMS_JIRA_TOKEN": SECRET,
        "IMS_JIRA_PROJECT": "OPS",
    },
    "oncall": {
        "IMS_ONCALL_URL": "http://127.0.0.1:{closed}",
        "IMS_ONCALL_TOKEN": SECRET,
        "IMS_ONCALL_INTEGRATION_URL": "http://127.0.0.1:{closed}/integrations/v1/formatted_webhook/x",
        "IMS_ONCALL_SCHEDULE": "SRE",
    },
    "slack": {
        "IMS_SLACK_TOKEN": f"xoxb-{SECRET}",
        "IMS_SLACK_APP_TOKEN": f"xapp-{SECRET}",
        "IMS_SLACK_API_URL": "http://127.0.0.1:{closed}/api/",
    },
    "google": {
        "IMS_GOOGLE_CLIENT_ID": "portal.apps.example",
        "IMS_GOOGLE_CLIENT_SECRET": SECRET,
        "IMS_GOOGLE_REFRESH_TOKEN": f"1//{SECRET}",
        "IMS_GOOGLE_API_URL": "http://127.0.0.1:{closed}",
    },
}
SECRET_LOOKING = re.compile(r"token|password|secret|credential|(^|_)key$")
NO_SECRETS = {"project_key"}  # they look so, and anybody may read them
READINGS: dict[str, Callable[[Any], object]] = {  # what is asked of a system, not told
    "switchboard": lambda port: port.answers(["INC-7"]),
    "tickets": lambda port: port.states([TICKET]),
    "documents": lambda port: (port.read(DOCUMENT), port.download(DOCUMENT)),
    "schedule": lambda port: port.shifts(utc_now(), utc_now() + timedelta(days=7)),
}
HERE = ROOT / "ims" / "integrations"
each_system = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)


@pytest.fixture
def settings(system: System, monkeypatch: pytest.MonkeyPatch) -> SystemSettings:
    """The system's settings as its environment gives them."""
    if system.name not in ENVIRONMENT:
        pytest.fail(f"Say in ENVIRONMENT of {Path(__file__).name} what configures {system.title}.")
    for name, value in ENVIRONMENT[system.name].items():
        monkeypatch.setenv(name, value.replace("{closed}", str(free_port())))
    return system.settings()


@pytest.fixture
def adapter(system: System, settings: SystemSettings) -> Adapter:
    return system.build(settings, utc_now)


def folder(system: System) -> Path:
    return HERE / system.name


def promise(ability: str) -> Any:
    """Return the Protocol of an ability."""
    hint = get_type_hints(Ports)[ability]
    return next((each for each in get_args(hint) if each is not type(None)), hint)


def methods(protocol: Any) -> Iterator[tuple[str, Any]]:
    return ((name, each) for name, each in vars(protocol).items() if inspect.isfunction(each) and name[0] != "_")


def shape(method: Any) -> list[tuple[str, object]]:
    """Return the names and types of a method's parameters, and of what it returns."""
    hints = get_type_hints(method)
    return [(name, hints.get(name)) for name in (*inspect.signature(method).parameters, "return") if name != "self"]


def secrets(settings: SystemSettings) -> set[str]:
    held = [getattr(settings, name) for name in type(settings).model_fields]
    return {each.get_secret_value() for each in held if isinstance(each, SecretStr)} - {""}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_has_a_route_to_a_method_that_takes_it(kind: str) -> None:
    ability, verb = ROUTES[kind]
    parameters = shape(dict(methods(promise(ability)))[verb])
    assert parameters[0][1] is KINDS[kind]
    assert parameters[1] == ("key", str)


def test_every_method_that_is_told_something_has_a_kind_of_message() -> None:
    told = {
        (each.name, name)
        for each in fields(Ports)
        if each.name != "configured"
        for name, method in methods(promise(each.name))
        if "key" in inspect.signature(method).parameters
    }
    assert told == set(ROUTES.values())


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == set(KINDS)
    for kind, message in SAMPLES.items():
        assert KINDS[kind].model_validate(message.model_dump(mode="json")) == message
        assert message.recipient
        assert all(getattr(message, name) for name in message.found_later)


@each_system
def test_a_system_stands_in_a_folder_of_its_name(system: System) -> None:
    assert (folder(system) / "__init__.py").is_file()
    assert system.title
    assert system.abilities
    assert system.settings.__module__.startswith(f"ims.integrations.{system.name}")


@each_system
def test_an_adapter_keeps_the_promise_of_each_ability(system: System, adapter: Adapter) -> None:
    for ability in system.abilities:
        for name, promised in methods(promise(ability)):
            assert shape(getattr(type(adapter), name)) == shape(promised), f"{ability}.{name}"
    assert shape(type(adapter).ping) == [("return", str)]


@each_system
def test_what_hears_a_system_keeps_its_promise(system: System, settings: SystemSettings) -> None:
    if system.hears is None:
        return
    for name, promised in methods(Receiver):
        assert shape(getattr(type(system.hears(settings)), name)) == shape(promised), name


@each_system
def test_without_settings_a_system_is_not_in_use(system: System) -> None:
    assert not system.settings().is_configured


@each_system
def test_what_puts_a_system_to_use_is_a_setting_that_it_is_not_used_without(
    system: System, settings: SystemSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins_with = [variables(system.settings)[name] for name in system.settings.begins_with]
    assert set(begins_with) & set(ENVIRONMENT[system.name])
    for variable in begins_with:
        monkeypatch.delenv(variable, raising=False)
    read, problems = try_read(system.settings)
    assert problems or (read and not read.is_configured)


@each_system
def test_what_is_configured_by_half_stops_and_names_the_setting(
    system: System, settings: SystemSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{next(iter(ENVIRONMENT[system.name]))}_FILE", "/nowhere/secret")
    half = ports()
    assert list(half.unusable) == [system.title]
    assert half.configured == set(system.abilities)
    for kind in kinds_of(*system.abilities):
        with pytest.raises(DeliveryError, match=r"IMS_\w+_FILE names a file that cannot be read") as caught:
            carry_out(half, SAMPLES[kind], "k-7")
        assert caught.value.permanent
        assert system.title in str(caught.value)
    for name in set(system.abilities) & set(READINGS):
        with pytest.raises(DeliveryError, match="configured by half"):
            READINGS[name](getattr(half, name))
    assert not set(system.abilities) & set(serving())


def test_a_system_that_is_configured_by_half_does_not_take_over_from_one_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IMS_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("IMS_SMTP_SENDER", "incidents@ims.example")
    monkeypatch.setenv("IMS_GOOGLE_CLIENT_ID", "portal.apps.example")
    chosen = ports()
    assert isinstance(chosen.meetings, SmtpMailer)
    assert "IMS_GOOGLE_CLIENT_SECRET is missing" in chosen.unusable["Google Calendar, Meet and Docs"]
    with pytest.raises(DeliveryError, match="IMS_GOOGLE_CLIENT_SECRET is missing"):
        carry_out(chosen, SAMPLES["room"], "k-7")


@each_system
def test_the_least_settings_put_it_to_use(system: System, settings: SystemSettings) -> None:
    assert settings.is_configured


@each_system
def test_settings_are_named_and_explained(system: System) -> None:
    assert str(system.settings.model_config.get("env_prefix")).startswith(f"IMS_{system.name.upper()}_")
    for name, field in system.settings.model_fields.items():
        assert field.title, name
        assert field.description, name


@each_system
def test_what_looks_like_a_secret_is_one(system: System) -> None:
    for name, field in system.settings.model_fields.items():
        if SECRET_LOOKING.search(name) and name not in NO_SECRETS:
            assert SecretStr in (field.annotation, *get_args(field.annotation)), name


@each_system
def test_a_system_that_is_away_is_tried_again_and_no_secret_is_said(
    system: System, settings: SystemSettings, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked: list[Callable[[], object]] = [adapter.ping]
    for kind in kinds_of(*system.abilities):
        verb = getattr(adapter, ROUTES[kind][1])
        asked.append(lambda verb=verb, kind=kind: verb(SAMPLES[kind], "k-7"))  # type: ignore[misc]
    asked += [lambda read=READINGS[name]: read(adapter) for name in system.abilities if name in READINGS]  # type: ignore[misc]
    said = []
    for ask in asked:
        with pytest.raises(DeliveryError) as caught:
            ask()
        assert not caught.value.permanent, caught.value
        assert names(system, str(caught.value)), caught.value
        said.append(str(caught.value))
    told = [*said, repr(settings), str(settings), repr(adapter), *(record.getMessage() for record in caplog.records)]
    assert secrets(settings), f"put {SECRET} into ENVIRONMENT, or there is nothing to look for"
    assert not [text for text in told for secret in secrets(settings) if secret in text]


def names(system: System, sentence: str) -> bool:
    """Return whether a sentence says which system it is about: by its name, or by where it was looked for."""
    words = {system.name, "127.0.0.1", "localhost", *re.findall(r"\w{4,}", system.title)}
    return any(word.lower() in sentence.lower() for word in words)


@each_system
def test_every_setting_is_in_the_documents(system: System) -> None:
    own = (folder(system) / "README.md").read_text(encoding="utf-8")
    everybody_s = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for variable in variables(system.settings).values():
        assert f"`{variable}`" in own, variable
        assert f"| `{variable}` |" in everybody_s, variable


@each_system
def test_a_system_is_told_of_where_people_look(system: System) -> None:
    assert f"../ims/integrations/{system.name}/README.md" in (ROOT / "docs" / "integrations.md").read_text("utf-8")
    assert system.title.partition(" (")[0] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@each_system
def test_a_system_knows_no_other(system: System) -> None:
    others = {each.name for each in HERE.iterdir() if each.is_dir()} - {system.name} | {"registry"}
    for path in folder(system).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                assert module.removeprefix("ims.integrations.").partition(".")[0] not in others, path
