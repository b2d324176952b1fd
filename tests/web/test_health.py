"""The two questions of whoever runs the portal: is it alive, and can it do its work?"""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ims.bootstrap import Portal
from ims.store import schema
from tests.web.conftest import OpenClient


def take_the_database_away(monkeypatch: pytest.MonkeyPatch, portal: Portal) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connect", {}, Exception("postgresql://ims:hunter2@db does not answer"))

    monkeypatch.setattr(portal.database.engine, "connect", refuse)
    monkeypatch.setattr(portal.database, "reading", refuse)


def test_a_portal_that_can_work_is_ready_and_says_its_schema(client_from: OpenClient) -> None:
    answer = client_from().request("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "schema": schema.newest_revision()})


def test_without_its_database_the_portal_is_alive_and_not_ready(
    client_from: OpenClient, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_database_away(monkeypatch, portal)
    assert client_from().request("GET", "/healthz").status_code == 200
    answer = client_from().request("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "reason": "OperationalError"})


def test_with_the_schema_of_another_version_the_portal_is_not_ready(client_from: OpenClient, portal: Portal) -> None:
    with portal.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client_from().request("GET", "/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "schema is 0001")


def test_when_the_database_is_back_the_portal_is_ready_again(
    client_from: OpenClient, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        take_the_database_away(away, portal)
        assert client_from().request("GET", "/readyz").status_code == 503
    assert client_from().request("GET", "/readyz").status_code == 200
