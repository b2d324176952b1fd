"""A Jira that keeps issues, and refuses whatever Jira's published contract or this project's set-up refuses.

Both requests and answers are held against the contract; fields are checked against the issue type's own list.
"""

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from tests.fakes.jira_contract import Json, Refusal, body_of, documents, operation_of, place_of, query_of, schema_of

EMAIL, TOKEN = "portal@ims.example", "jira-t0ken-of-the-test"
LONGEST_TEXT, LONGEST_SUMMARY, LONGEST_LABEL = 32_767, 254, 255
CATEGORIES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Won't do": "done"}
SLOW_SECONDS = 1.0
Failure = Literal["dropped", "slow", "limited", "broken", "away", "rubbish", "refused", "strange", "stranger"]


@dataclass
class Issue:
    """An issue as people find it; ``fields`` as they were sent, ``links`` by their ``globalId``."""

    id: str
    key: str
    fields: Json
    status: str = "To Do"
    assignee: Json | None = None
    resolution: str = ""
    comments: list[Json] = field(default_factory=list)
    links: dict[str, Json] = field(default_factory=dict)
    is_found: bool = True

    @property
    def labels(self) -> list[str]:
        return list(self.fields.get("labels", []))


@dataclass
class Trouble:
    """A failure that waits for a call whose verb and path start like this."""

    failure: Failure
    verb: str
    path: str
    headers: Mapping[str, str]
    status: int


class FakeJira:
    """A Jira with one project, as a context manager; ``data_center`` makes it one of those (v2, bearer, plain text).

    ``issues`` by key, ``calls`` as (verb, path below the API's root). ``search_lags`` keeps new issues from the search
    until ``search_catches_up()``. ``workflow`` is where one may go from each status, ``required`` the fields that
    everybody must fill in, ``types`` the issue types (name, sub-task?), ``page`` the most a page holds.
    ``resolutions`` are those that the screen on the way to an end asks one to choose from; empty: there is no screen.
    """

    def __init__(self, *, data_center: bool = False, project: str = "OPS") -> None:
        self.data_center = data_center
        self.project = project
        self.types = {"10001": ("Task", False), "10002": ("Incident", False), "10003": ("Unteraufgabe", True)}
        self.workflow = {status: [each for each in CATEGORIES if each != status] for status in CATEGORIES}
        self.required: list[str] = []
        self.required_on_transition: list[str] = []
        self.resolutions: list[str] = []
        self.issues: dict[str, Issue] = {}
        self.moved: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.search_lags = False
        self.page = 50
        self.rights = {"Create Issues", "Add Comments", "Transition Issues", "Link Issues"}
        self.wrong_answers: list[str] = []
        self._troubles: list[Trouble] = []
        self._lock = threading.Lock()
        self._numbers = iter(range(1, 10_000))
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        assert self.wrong_answers == [], "this fake answered what Jira never does"

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that point a portal here."""
        who = {} if self.data_center else {"IMS_JIRA_EMAIL": EMAIL}
        return {"IMS_JIRA_URL": self.url, "IMS_JIRA_TOKEN": TOKEN, "IMS_JIRA_PROJECT": self.project} | who

    def fail_next(
        self,
        failure: Failure,
        verb: str = "",
        path: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        status: int = 500,
    ) -> None:
        """Make the next call fail whose verb and path (below the API's root) start like this.

        ``dropped``: it is carried out, then the connection ends without an answer. ``slow``: it is carried out, and
        the answer takes ``SLOW_SECONDS``. ``limited`` is 429, ``away`` 503, ``refused`` 403, ``broken`` the ``status``.
        ``rubbish``: a page of HTML with 200; ``strange``: JSON with 200 that is no answer to this; ``stranger``: the
        sign-in fails, said with 200 as Jira Cloud does.
        """
        self._troubles.append(Trouble(failure, verb, path, headers or {}, status))

    def person_creates(self, summary: str, **fields: Any) -> str:
        """Create an issue as a person does, and return its key."""
        number = next(self._numbers)
        issue = Issue(str(20_000 + number), f"{self.project}-{number}", {"summary": summary, **fields})
        self.issues[issue.key] = issue
        return issue.key

    def person_moves(self, key: str, status: str, resolution: str = "") -> None:
        """Move an issue on the board, as far as its workflow lets anybody."""
        self.issues[key].status, self.issues[key].resolution = status, resolution

    def person_assigns(self, key: str, name: str, email: str = "") -> None:
        """Assign an issue; without an e-mail the person hides it."""
        who: Json = {"accountId": f"id-{name}", "displayName": name, "active": True}
        self.issues[key].assignee = who | ({"emailAddress": email} if email else {})

    def person_deletes(self, key: str) -> None:
        """Delete an issue."""
        del self.issues[key]

    def person_moves_to_project(self, key: str, new_key: str) -> None:
        """Move an issue to another project: it gets a new key, and the old one still leads to it."""
        issue = self.issues.pop(key)
        issue.key = new_key
        self.issues[new_key], self.moved[key] = issue, new_key

    def search_catches_up(self) -> None:
        """Let the search find everything."""
        for issue in self.issues.values():
            issue.is_found = True

    # What follows is the server's side.

    def trouble_for(self, verb: str, path: str) -> Trouble | None:
        for trouble in self._troubles:
            if verb.startswith(trouble.verb) and path.startswith(trouble.path):
                self._troubles.remove(trouble)
                return trouble
        return None

    def serve(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Answer one call: status and JSON."""
        with self._lock:
            root = "/rest/api/2" if self.data_center else "/rest/api/3"
            parts = urlsplit(target)
            if not parts.path.startswith(f"{root}/"):
                raise Refusal(404, ["dead link"])
            path = parts.path.removeprefix(root)
            self.calls.append((verb, path))
            self._sign_in(headers.get("Authorization", ""))
            template, values = place_of(path, self.data_center)
            operation = operation_of(template, verb)
            query = query_of(operation, parts.query)
            sent = body_of(operation, headers, body)
            status, answer = self._answer(verb, template)(values, query, sent)
            if not self.data_center:
                self._check_answer(operation, status, answer, f"{verb} {template}")
            return status, answer

    def _sign_in(self, header: str) -> None:
        pair = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        if header != (f"Bearer {TOKEN}" if self.data_center else f"Basic {pair}"):
            raise Refusal(401, ["Client must be authenticated to access this resource."])

    def _check_answer(self, operation: Json, status: int, answer: Any, what: str) -> None:
        described = operation["responses"].get(str(status))
        if described is None:
            self.wrong_answers.append(f"{what}: {status}")
        elif answer is not None:
            schema = described["content"]["application/json"]["schema"]
            self.wrong_answers += [f"{what}: {each.message}" for each in schema_of(schema).iter_errors(answer)]

    def _answer(self, verb: str, template: str) -> Callable[[list[str], Json, Json], tuple[int, Any]]:
        return {
            ("GET", "/myself"): self._myself,
            ("GET", "/issue/createmeta/{}/issuetypes"): self._issue_types,
            ("POST", "/search/jql"): self._search,
            ("POST", "/search"): self._search,
            ("POST", "/issue"): self._create,
            ("GET", "/issue/{}"): self._issue,
            ("POST", "/issue/{}/remotelink"): self._link,
            ("GET", "/issue/{}/comment"): self._comments,
            ("POST", "/issue/{}/comment"): self._comment,
            ("GET", "/issue/{}/transitions"): self._transitions,
            ("POST", "/issue/{}/transitions"): self._move,
        }[verb, template]

    def _myself(self, _values: list[str], _query: Json, _sent: Json) -> tuple[int, Any]:
        return 200, {"accountId": "5b10", "displayName": "Incident Portal", "active": True}

    def _issue_types(self, values: list[str], query: Json, _sent: Json) -> tuple[int, Any]:
        if values[0] != self.project:
            raise Refusal(404, ["No project could be found with key or id"])
        start = query.get("startAt", 0)
        end = start + min(query.get("maxResults", 50), self.page)
        every = [{"id": number, "name": name, "subtask": sub} for number, (name, sub) in self.types.items()]
        types = every if "Create Issues" in self.rights else []
        named = "values" if self.data_center else "issueTypes"
        return 200, {named: types[start:end], "startAt": start, "maxResults": self.page, "total": len(types)}

    def _search(self, _values: list[str], _query: Json, sent: Json) -> tuple[int, Any]:
        found = [issue for issue in self._matching(sent.get("jql", "")) if issue.is_found]
        start = int(sent.get("nextPageToken", "p0")[1:]) + sent.get("startAt", 0)
        end = start + min(sent.get("maxResults", 50), self.page)
        issues = [self._shown(issue, sent.get("fields", ["id"])) for issue in found[start:end]]
        if self.data_center:
            return 200, {"issues": issues, "startAt": start, "maxResults": self.page, "total": len(found)}
        more = {"nextPageToken": f"p{end}"} if end < len(found) else {}
        return 200, {"issues": issues, "isLast": not more, **more}

    def _matching(self, jql: str) -> list[Issue]:
        """Run the two queries that the portal may ask; everything else is a mistake in it."""
        string = r'"((?:[^"\\]|\\.)*)"'
        if marked := re.fullmatch(rf"project = {string} AND labels = {string} ORDER BY created ASC", jql):
            if marked[1] != self.project:
                raise Refusal(400, [f"The value '{marked[1]}' does not exist for the field 'project'."])
            return [issue for issue in self.issues.values() if marked[2] in issue.labels]
        if keys := re.fullmatch(rf"key in \(({string}(?:, {string})*)\)", jql):
            asked = re.findall(string, keys[1])
            strange = [key for key in asked if not self._at(key)]
            if strange:
                raise Refusal(400, [f"An issue with key '{key}' does not exist for field 'key'." for key in strange])
            return [issue for issue in map(self._at, asked) if issue]
        raise Refusal(400, [f"Error in the JQL Query: {jql}"])

    def _at(self, key: str) -> Issue | None:
        return self.issues.get(self.moved.get(key, key))

    def _known(self, key: str) -> Issue:
        issue = self._at(key)
        if issue is None:
            raise Refusal(404, ["Issue does not exist or you do not have permission to see it."])
        return issue

    def _need(self, right: str) -> None:
        if right not in self.rights:
            raise Refusal(403, [f"You do not have the permission {right}."])

    def _shown(self, issue: Issue, names: list[str]) -> Json:
        every = {
            "status": self._status(issue.status),
            "assignee": issue.assignee,
            "resolution": {"name": issue.resolution} if issue.resolution else None,
        }
        fields = {name: every.get(name, issue.fields.get(name)) for name in names if name != "id"}
        return {"id": issue.id} | ({"key": issue.key, "fields": fields} if fields else {})

    def _status(self, name: str) -> Json:
        category = {"id": 1, "key": CATEGORIES[name], "name": CATEGORIES[name].title()}
        return {"id": str(list(CATEGORIES).index(name) + 1), "name": name, "statusCategory": category}

    def _issue(self, values: list[str], query: Json, _sent: Json) -> tuple[int, Any]:
        return 200, self._shown(self._known(values[0]), query.get("fields", "summary,status").split(","))

    def _create(self, _values: list[str], _query: Json, sent: Json) -> tuple[int, Any]:
        self._need("Create Issues")
        fields = sent.get("fields", {})
        errors = dict(self._wrong_fields(fields))
        if errors:
            raise Refusal(400, errors=errors)
        key = self.person_creates(**fields)
        self.issues[key].is_found = not self.search_lags
        return 201, {"id": self.issues[key].id, "key": key, "self": f"{self.url}/rest/api/3/issue/{key}"}

    def _wrong_fields(self, fields: Json) -> Iterator[tuple[str, str]]:
        chosen = fields.get("issuetype", {})
        kinds = {number: kind for number, kind in self.types.items() if chosen in ({"id": number}, {"name": kind[0]})}
        if fields.get("project") != {"key": self.project}:
            yield "project", "valid project is required"
        if not kinds:
            yield "issuetype", "Specify a valid issue type"
        is_sub_task = any(sub for _, sub in kinds.values())
        if is_sub_task and self._at(fields.get("parent", {}).get("key", "")) is None:
            yield "parent", "Could not find valid 'parentId' or parent key."
        checks = self._field_checks() | ({"parent": _is_object} if is_sub_task else {})
        for name in fields.keys() - checks.keys():
            yield name, f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in checks.keys() & fields.keys():
            if wrong := checks[name](fields[name]):
                yield name, wrong
        for name in {"summary", *self.required} - fields.keys():
            yield name, f"{name.title()} is required."

    def _field_checks(self) -> dict[str, Callable[[Any], str]]:
        return {
            "project": _is_object,
            "issuetype": _is_object,
            "summary": _is_summary,
            "description": self._wrong_text,
            "labels": _are_labels,
            "priority": _is_object,
            "components": lambda given: "" if isinstance(given, list) else "data was not an array",
        }

    def _wrong_text(self, given: Any) -> str:
        if self.data_center:
            return _too_long(given) if isinstance(given, str) else "Operation value must be a string"
        problems = [each.message for each in documents().iter_errors(given)]
        links = re.findall(r'"href": "([^"]*)', json.dumps(given))
        if problems or any(not link.startswith(("http://", "https://")) for link in links):
            return "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        return _too_long(text_of(given))

    def _link(self, values: list[str], _query: Json, sent: Json) -> tuple[int, Any]:
        self._need("Link Issues")
        issue, name = self._known(values[0]), sent.get("globalId", "")
        if not 0 < len(name) <= 255 or not sent["object"]["url"].startswith("http"):
            raise Refusal(400, errors={"globalId": "'globalId' must be 1 to 255 characters, 'url' an address"})
        there = name in issue.links
        issue.links[name] = sent
        return (200 if there else 201), {"id": list(issue.links).index(name) + 1, "self": f"{self.url}/link"}

    def _comments(self, values: list[str], query: Json, _sent: Json) -> tuple[int, Any]:
        comments = self._known(values[0]).comments
        ordered = comments[::-1] if query.get("orderBy") == "-created" else comments
        start = query.get("startAt", 0)
        shown = ordered[start : start + min(query.get("maxResults", 100), self.page)]
        return 200, {"comments": shown, "startAt": start, "maxResults": self.page, "total": len(comments)}

    def _comment(self, values: list[str], _query: Json, sent: Json) -> tuple[int, Any]:
        self._need("Add Comments")
        issue = self._known(values[0])
        if wrong := self._wrong_text(sent.get("body")):
            raise Refusal(400, errors={"comment": wrong})
        comment = {"id": str(next(self._numbers)), "body": sent["body"]}
        issue.comments.append(comment)
        return 201, comment

    def _transitions(self, values: list[str], query: Json, _sent: Json) -> tuple[int, Any]:
        here = self._known(values[0]).status
        ways = [{"id": _way(to), "name": f"To {to}", "to": self._status(to)} for to in self.workflow[here]]
        if "transitions.fields" in query.get("expand", ""):
            ways = [way | {"fields": self._screen(to)} for way, to in zip(ways, self.workflow[here], strict=True)]
        return 200, {"expand": "transitions", "transitions": ways}

    def _screen(self, to: str) -> Json:
        if not self.resolutions or CATEGORIES[to] != "done":
            return {}
        known = {"key": "resolution", "name": "Resolution", "required": True, "operations": ["set"]}
        offered = [{"id": str(number), "name": name} for number, name in enumerate(self.resolutions)]
        schema = {"type": "resolution", "system": "resolution"}
        return {"resolution": known | {"schema": schema, "allowedValues": offered}}

    def _move(self, values: list[str], _query: Json, sent: Json) -> tuple[int, Any]:
        self._need("Transition Issues")
        issue = self._known(values[0])
        if not sent.get("transition", {}).get("id"):
            raise Refusal(400, ["Missing 'transition' identifier"])
        open_ways = {_way(to): to for to in self.workflow[issue.status]}
        if sent["transition"]["id"] not in open_ways:
            raise Refusal(400, [f"It seems that you have tried to perform a workflow operation on {issue.key}"])
        if self.required_on_transition:
            raise Refusal(400, errors={name: f"{name.title()} is required." for name in self.required_on_transition})
        to = open_ways[sent["transition"]["id"]]
        issue.resolution = self._resolved(to, sent.get("fields", {}))
        issue.status = to
        return 204, None

    def _resolved(self, to: str, fields: Json) -> str:
        """Return the resolution that a move sets, which only a screen takes, and then demands."""
        on_screen = self._screen(to)
        for name in fields.keys() - on_screen.keys():
            raise Refusal(400, errors={name: f"Field '{name}' cannot be set. It is not on the appropriate screen."})
        if not on_screen:
            return ""
        given = fields.get("resolution", {}).get("name", "")
        if given not in self.resolutions:
            raise Refusal(400, errors={"resolution": "Please select a valid resolution."})
        return str(given)


def text_of(body: Any) -> str:
    """Return what a person reads of a document or a text."""
    if isinstance(body, str):
        return body
    if body["type"] == "text":
        return str(body["text"])
    between = "\n\n" if body["type"] == "doc" else ""
    return "\n" if body["type"] == "hardBreak" else between.join(text_of(part) for part in body.get("content", []))


def _way(status: str) -> str:
    return str(11 + 10 * list(CATEGORIES).index(status))


def _is_object(given: Any) -> str:
    return "" if isinstance(given, dict) else "data was not an object"


def _is_summary(given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        return "You must specify a summary of the issue."
    if "\n" in given or "\r" in given:
        return "The summary is invalid because it contains newline characters."
    return "" if len(given) <= LONGEST_SUMMARY else "Summary must be less than 255 characters."


def _are_labels(given: Any) -> str:
    fine = isinstance(given, list) and all(isinstance(each, str) for each in given)
    wrong = not fine or any(re.search(r"\s", each) or not 0 < len(each) <= LONGEST_LABEL for each in given)
    return "The label can't contain spaces." if wrong else ""


def _too_long(text: str) -> str:
    limit = f"The entered text is too long. It exceeds the allowed limit of {LONGEST_TEXT:,} characters."
    return limit if len(text) > LONGEST_TEXT else ""


class _Server(ThreadingHTTPServer):
    """Serves one Jira."""

    def __init__(self, jira: FakeJira) -> None:
        self.jira = jira
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path.partition("/rest/api/")[2][1:]
        trouble = self.server.jira.trouble_for(self.command, path)
        if trouble and trouble.failure not in ("dropped", "slow"):
            self._fail(trouble)
            return
        status, answer = self._ask(body)
        if trouble and trouble.failure == "dropped":
            return
        time.sleep(SLOW_SECONDS if trouble else 0)
        self._say(status, b"" if answer is None else json.dumps(answer).encode(), {})

    def _ask(self, body: bytes) -> tuple[int, Any]:
        try:
            return self.server.jira.serve(self.command, self.path, dict(self.headers), body)
        except Refusal as no:
            return no.status, {"errorMessages": no.messages, "errors": no.errors}

    def _fail(self, trouble: Trouble) -> None:
        page = b"<html><title>We'll be right back</title></html>"
        said = {
            "limited": (429, b"{}"),
            "away": (503, page),
            "broken": (trouble.status, page),
            "refused": (403, b'{"errorMessages": ["Forbidden"]}'),
            "rubbish": (200, page),
            "strange": (200, b'{"surprise": [1]}'),
            "stranger": (200, b'{"issues": [], "isLast": true}'),
        }[trouble.failure]
        stranger = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"} if trouble.failure == "stranger" else {}
        self._say(*said, {**trouble.headers, **stranger})

    def _say(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        try:
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # the caller's patience was over
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  http.server's names
