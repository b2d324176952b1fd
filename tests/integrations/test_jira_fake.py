"""The Jira of the tests is worth something only if it refuses what Jira refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fakes.jira import EMAIL, TOKEN, FakeJira

ISSUE = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": "A task"}


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with FakeJira() as server:
        server.person_creates("One")
        yield server


def call(jira: FakeJira, verb: str, path: str, body: Any = None, version: int = 3) -> int:
    url = f"{jira.url}/rest/api/{version}{path}"
    return requests.request(verb, url, json=body, auth=(EMAIL, TOKEN), timeout=5).status_code


def document(*content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": list(content)}], **more}


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("GET", "/myself", None, 200),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/myself", None, 405),
        ("GET", "/myself?expand=groups&more=1", None, 400),
        ("GET", "/issue/OPS-1/comment?maxResults=many", None, 400),
        ("GET", "/issue/OPS-1/comment?orderBy=updated", None, 400),
        ("GET", "/issue/OPS-9", None, 404),
        ("POST", "/search", {"jql": 'key in ("OPS-1")'}, 404),
        ("POST", "/search/jql", {"jql": 'key in ("OPS-1")'}, 200),
        ("POST", "/search/jql", {"jql": 'key in ("OPS-1")', "startAt": 0}, 400),
        ("POST", "/search/jql", {"jql": 'key in ("OPS-1")', "maxResults": "5"}, 400),
        ("POST", "/search/jql", {"jql": 'key in ("OPS-1", "OPS-9")'}, 400),
        ("POST", "/search/jql", {"jql": 'key in ("OPS-1") OR 1 = 1'}, 400),
        ("POST", "/issue", {"fields": ISSUE}, 201),
        ("POST", "/issue", {"field": ISSUE}, 400),
        ("POST", "/issue", {"fields": ISSUE, "notify": True}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"severity": 1}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"summary": "two\nlines"}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"summary": "x" * 255}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"labels": ["two words"]}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"description": "plain text"}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"description": document({"type": "text", "text": ""})}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"description": document({"type": "text", "txt": "x"})}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"description": document(class_="x")}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"parent": {"key": "OPS-1"}}}, 400),
        ("POST", "/issue", {"fields": ISSUE | {"issuetype": {"name": "Unteraufgabe"}}}, 400),
        ("POST", "/issue/OPS-1/comment", {"body": document()}, 201),
        ("POST", "/issue/OPS-1/comment", {"body": document(), "id": "7"}, 400),
        ("POST", "/issue/OPS-1/comment", {"text": "x"}, 400),
        ("POST", "/issue/OPS-1/transitions", {"transition": {"id": "31"}}, 204),
        ("POST", "/issue/OPS-1/transitions", {"transition": {"id": 31}}, 400),
        ("POST", "/issue/OPS-1/transitions", {"transition": {"name": "Done"}}, 400),
        ("POST", "/issue/OPS-1/remotelink", {"globalId": "g", "object": {"url": "http://x", "title": "x"}}, 201),
        ("POST", "/issue/OPS-1/remotelink", {"globalId": "g", "object": {"url": "http://x"}}, 400),
    ],
)
def test_it_takes_what_jira_takes_and_nothing_else(
    jira: FakeJira, verb: str, path: str, body: Any, status: int
) -> None:
    before = len(jira.issues)
    assert call(jira, verb, path, body) == status
    assert len(jira.issues) - before == (status == 201 and path == "/issue")


def test_the_cloud_has_no_older_version_and_wants_a_sign_in(jira: FakeJira) -> None:
    assert call(jira, "GET", "/myself", version=2) == 404
    assert requests.get(f"{jira.url}/rest/api/3/myself", timeout=5).status_code == 401
