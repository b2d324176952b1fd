"""What OnCall remembers, and what its API does with it."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from tests.fakes.oncall import shapes
from tests.fakes.oncall.rules import No, found, only, query_of, refuse_alert, refuse_escalation, refuse_note
from tests.fakes.oncall.server import Failure, Server
from tests.fakes.oncall.shapes import z

Json = Any
_USERS_PER_PAGE, _OTHERS_PER_PAGE = 100, 50
# Every path of the API that there is here: its verb, the method that answers, and the arguments it takes.
_ROUTES = (
    ("GET", r"/users/", "_users", ("username", "email", "page")),
    ("GET", r"/users/(\w+)/", "_one_user", ()),
    ("GET", r"/schedules/", "_schedules", ("name", "page")),
    ("GET", r"/schedules/(\w+)/", "_one_schedule", ()),
    ("GET", r"/schedules/(\w+)/final_shifts", "_final_shifts", ("start_date", "end_date", "page")),
    ("GET", r"/integrations/", "_integrations", ("page",)),
    ("GET", r"/integrations/(\w+)/", "_one_integration", ()),
    ("GET", r"/alert_groups/", "_alert_groups", ("integration_id", "page")),
    ("GET", r"/alert_groups/(\w+)/", "_one_group", ()),
    ("POST", r"/alert_groups/(\w+)/acknowledge", "_acknowledge_by_key", ()),
    ("POST", r"/alert_groups/(\w+)/resolve", "_resolve_by_key", ()),
    ("POST", r"/escalation/", "_escalate", ()),
    ("GET", r"/resolution_notes/", "_list_notes", ("alert_group_id", "page")),
    ("POST", r"/resolution_notes/", "_add_note", ()),
)


@dataclass
class FakeOnCall:
    """Runs inside ``with FakeOnCall() as oncall``; point ``IMS_ONCALL_URL`` to ``oncall.url``.

    It starts with one integration, whose link is ``integration_url``, and with one user, ``ims``, whose key is
    ``token``; ``add_user`` and ``put_on_call`` add more. ``acknowledge``, ``resolve`` and ``unacknowledge`` do what a
    person does in OnCall. What its outgoing webhooks say is kept in ``webhooks``, and posted to ``webhook_url`` unless
    that is empty.

    What came in is in ``requests`` (verb, address, body), ``alerts`` (at the integration) and ``escalations``; what
    became of it in ``groups``, the notes beside them in ``notes``. ``page_size`` makes pages shorter than OnCall's.
    """

    token: str = "0ncall-key"
    webhook_url: str = ""
    webhook_token: str = "p0rtal-secret"
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    page_size: int = _USERS_PER_PAGE
    users: list[dict[str, Json]] = field(default_factory=list)
    schedules: list[dict[str, Json]] = field(default_factory=list)
    shifts: dict[str, list[tuple[str, datetime, datetime]]] = field(default_factory=dict)
    integrations: list[dict[str, Json]] = field(default_factory=list)
    groups: list[dict[str, Json]] = field(default_factory=list)
    notes: list[dict[str, Json]] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)
    escalations: list[Json] = field(default_factory=list)
    requests: list[tuple[str, str, Json]] = field(default_factory=list)
    webhooks: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._count = 0
        self.add_user("ims", "ims@example.com")

    def __enter__(self) -> Self:
        self._server = Server(self.answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.integration_id = self._add_integration("formatted_webhook", "incident-portal - Formatted webhook")
        self.integration_url = str(self.integrations[0]["link"])
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._server.close()

    def fail_next(self, failure: Failure, times: int = 1, path: str = "", retry_after: str = "7") -> None:
        """Let the next calls fail, or the next whose address holds ``path``."""
        self._server.retry_after = retry_after
        self._server.failures += [(failure, path)] * times

    def add_user(self, username: str, email: str | None) -> str:
        """Add a person and return their id."""
        self.users.append(shapes.user(self._new_id("U"), username, email))
        return str(self.users[-1]["id"])

    def add_schedule(self, name: str) -> str:
        """Add an empty schedule and return its id."""
        schedule_id = self._new_id("S")
        self.schedules.append(shapes.schedule(schedule_id, name))
        self.shifts[schedule_id] = []
        return schedule_id

    def put_on_call(self, schedule: str, username: str, starts_at: datetime, ends_at: datetime) -> None:
        """Put somebody on call for a time, in a schedule that is added where it is new."""
        known = [each["id"] for each in self.schedules if each["name"] == schedule]
        self.shifts[known[0] if known else self.add_schedule(schedule)].append((username, starts_at, ends_at))

    def acknowledge(self, which: str, username: str) -> Json:
        """Acknowledge the newest group of an ``alert_uid``, or the one with an id; return what the webhook says."""
        group = self._group(which)
        group |= {"state": "acknowledged", "acknowledged_at": z(self.now()), "acknowledged_by": self._id_of(username)}
        return self._tell("acknowledge", group, username)

    def unacknowledge(self, which: str, username: str) -> Json:
        """Take an acknowledgement back."""
        group = self._group(which)
        group |= {"state": "firing", "acknowledged_at": None, "acknowledged_by": None}
        return self._tell("unacknowledge", group, username)

    def resolve(self, which: str, username: str) -> Json:
        """Resolve a group as a person in OnCall."""
        return self._resolve(self._group(which), username)

    def answer(self, verb: str, target: str, key: str, body: bytes) -> tuple[int, Json]:
        """Answer a request; this is the whole API."""
        with self._lock:
            try:
                sent = json.loads(body) if body else None
                self.requests.append((verb, target, sent))
                return _status(verb, target), self._reach(verb, target, key, sent)
            except json.JSONDecodeError:
                return 400, {"detail": "JSON parse error"}
            except No as no:
                return no.status, no.answer

    def _reach(self, verb: str, target: str, key: str, sent: Json) -> Json:
        parts = urlsplit(target)
        if (verb, parts.path) == ("POST", urlsplit(self.integration_url).path):
            return self._take_alert(sent)
        if parts.path.startswith("/integrations/"):
            raise No(403, {"detail": "Integration key was not found. Permission denied."})
        if key != self.token:
            raise No(403, {"detail": "Invalid token."})
        for allowed, path, method, arguments in _ROUTES:
            reached = re.fullmatch(f"/api/v1{path}", parts.path)
            if reached and verb == allowed:
                query = query_of(parts.query, arguments)
                return getattr(self, method)(*reached.groups(), query if verb == "GET" else sent)
        raise No(404, {"detail": "Not found."})

    def _users(self, query: dict[str, str]) -> Json:
        return self._listing("/users/", only(self.users, query), query, _USERS_PER_PAGE)

    def _one_user(self, user_id: str, _: object) -> Json:
        return self.users[0] if user_id == "current" else found(self.users, user_id)

    def _schedules(self, query: dict[str, str]) -> Json:
        known = [self._on_call(each) for each in only(self.schedules, query)]
        return self._listing("/schedules/", known, query)

    def _one_schedule(self, schedule_id: str, _: object) -> Json:
        return self._on_call(found(self.schedules, schedule_id))

    def _integrations(self, query: dict[str, str]) -> Json:
        return self._listing("/integrations/", self.integrations, query)

    def _one_integration(self, integration_id: str, _: object) -> Json:
        return found(self.integrations, integration_id)

    def _alert_groups(self, query: dict[str, str]) -> Json:
        newest_first = sorted(only(self.groups, query), key=lambda each: str(each["created_at"]), reverse=True)
        return self._listing("/alert_groups/", newest_first, query)

    def _one_group(self, group_id: str, _: object) -> Json:
        return found(self.groups, group_id)

    def _listing(
        self, path: str, items: Sequence[Json], query: Mapping[str, str], most: int = _OTHERS_PER_PAGE
    ) -> Json:
        size = min(most, self.page_size)
        number, pages = int(query.get("page", "1")), max(1, -(-len(items) // size))
        if not 1 <= number <= pages:
            raise No(404, {"detail": "Invalid page."})
        # OnCall builds these addresses from its own idea of its name, which may be none that the portal reaches.
        following, before = (f"http://engine.invalid/api/v1{path}?page={each}" for each in (number + 1, number - 1))
        return {
            "count": len(items),
            "next": following if number < pages else None,
            "previous": before if number > 1 else None,
            "results": list(items[(number - 1) * size : number * size]),
            "page_size": size,
            "current_page_number": number,
            "total_pages": pages,
        }

    def _on_call(self, schedule: dict[str, Json]) -> Json:
        now = self.now()
        on_call = [name for name, start, end in self.shifts[schedule["id"]] if start <= now < end]
        return schedule | {"on_call_now": [self._id_of(name) for name in on_call]}

    def _final_shifts(self, schedule_id: str, query: dict[str, str]) -> Json:
        found(self.schedules, schedule_id)
        begin, end = _days(query)
        touching = [each for each in self.shifts[schedule_id] if each[1] < end and each[2] > begin]
        cut = [
            {
                "user_pk": self._id_of(name),
                "user_email": self._user(name)["email"],
                "user_username": name,
                "shift_start": z(max(starts_at, begin)),
                "shift_end": z(min(ends_at, end)),
            }
            for name, starts_at, ends_at in sorted(touching, key=lambda each: each[1])
        ]
        return self._listing(f"/schedules/{schedule_id}/final_shifts", cut, query)

    def _take_alert(self, sent: Json) -> Json:
        refuse_alert(sent)
        self.alerts.append(sent)
        payload = sent | {"image_url": sent.get("image_url")}
        of_uid = [group for group in self.groups if self._uid(group) == sent["alert_uid"]]
        # What fires opens a new group where the last is resolved; a word that it is over joins the last one.
        grouped = [group for group in of_uid if sent["state"] == "ok" or group["state"] != "resolved"]
        group = grouped[-1] if grouped else self._open(self.integration_id, sent["title"], payload)
        if grouped:
            group["alerts_count"] += 1
            group["last_alert"] = shapes.alert(self._new_id("A"), group["id"], self.now(), payload)
        if sent["state"] == "ok" and group["state"] != "resolved":
            self._resolve(group, None)
        return "Ok."

    def _escalate(self, sent: Json) -> Json:
        refuse_escalation(sent, {user["id"] for user in self.users})
        self.escalations.append(sent)
        direct = [each["id"] for each in self.integrations if each["type"] == "direct_paging"]
        integration = direct[0] if direct else self._add_integration("direct_paging", "Direct paging (No team)")
        title, message = (escape(sent[name]) if sent.get(name) else None for name in ("title", "message"))
        oncall = {
            "title": title,
            "message": message,
            "uid": str(uuid4()),
            "author_username": self.users[0]["username"],
            "permalink": sent.get("source_url"),
            "important": False,
        }
        return self._open(integration, title, {"oncall": oncall})

    def _list_notes(self, query: dict[str, str]) -> Json:
        return self._listing("/resolution_notes/", only(self.notes, query), query)

    def _add_note(self, sent: Json) -> Json:
        refuse_note(sent)
        group = found(self.groups, sent["alert_group_id"])
        author = str(self.users[0]["id"])
        self.notes.append(shapes.note(self._new_id("M"), group["id"], author, self.now(), sent["text"].strip()))
        return self.notes[-1]

    def _acknowledge_by_key(self, group_id: str, _: object) -> Json:
        group = found(self.groups, group_id)
        if group["state"] != "firing":
            raise No(
                400,
                {"detail": f"Can't acknowledge a{'n'[: group['state'] != 'resolved']} {group['state']} alert group"},
            )
        self.acknowledge(group_id, self.users[0]["username"])
        return ""

    def _resolve_by_key(self, group_id: str, _: object) -> Json:
        group = found(self.groups, group_id)
        if group["state"] == "resolved":
            raise No(400, {"detail": "Can't resolve a resolved alert group"})
        self._resolve(group, self.users[0]["username"])
        return ""

    def _resolve(self, group: dict[str, Json], username: str | None) -> Json:
        who = self._id_of(username) if username else None
        group |= {"state": "resolved", "resolved_at": z(self.now()), "resolved_by": who}
        return self._tell("resolve", group, username)

    def _open(self, integration: str, title: str | None, payload: Json) -> dict[str, Json]:
        group_id = self._new_id("I")
        first = shapes.alert(self._new_id("A"), group_id, self.now(), payload)
        self.groups.append(shapes.group(group_id, integration, title, first))
        self._tell("alert group created", self.groups[-1], None)
        return self.groups[-1]

    def _add_integration(self, kind: str, name: str) -> str:
        link = f"{self.url}/integrations/v1/{kind}/{uuid4().hex[:25]}/"
        self.integrations.append(shapes.integration(self._new_id("C"), kind, name, link))
        return str(self.integrations[-1]["id"])

    def _tell(self, event: str, group: dict[str, Json], username: str | None) -> Json:
        """Say by webhook what happened; one that is not taken is not said again, as with the real one."""
        integration = found(self.integrations, group["integration_id"])
        body = {
            "event": {"type": event, "time": self.now().isoformat()},
            "user": self._short(self._id_of(username)) if username else None,
            "alert_group": json.loads(json.dumps(group)),
            "alert_group_id": group["id"],
            "alert_payload": group["last_alert"]["payload"],
            "integration": {name: integration[name] for name in ("id", "type", "name")} | {"team": None},
            "notified_users": [],
            "users_to_be_notified": [],
            "alert_group_acknowledged_by": self._short(group["acknowledged_by"]),
            "alert_group_resolved_by": self._short(group["resolved_by"]),
        }
        self.webhooks.append(body)
        if self.webhook_url:
            headers = {"Authorization": f"Bearer {self.webhook_token}"}
            requests.post(self.webhook_url, json=body, headers=headers, timeout=4).close()
        return body

    def _short(self, user_id: str | None) -> Json:
        user = found(self.users, user_id) if user_id else {}
        return {name: user[name] for name in ("id", "username", "email")} if user else None

    def _group(self, which: str) -> dict[str, Json]:
        return next(each for each in reversed(self.groups) if which in {each["id"], self._uid(each)})

    def _uid(self, group: Mapping[str, Json]) -> str:
        return str(group["last_alert"]["payload"].get("alert_uid", ""))

    def _user(self, username: str) -> dict[str, Json]:
        return next(user for user in self.users if user["username"] == username)

    def _id_of(self, username: str) -> str:
        return str(self._user(username)["id"])

    def _new_id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count:012X}"


def _status(verb: str, target: str) -> int:
    """Return how OnCall says that a call went well; of what the portal creates, only a note is said to be created."""
    return 201 if verb == "POST" and target.endswith("/resolution_notes/") else 200


def _days(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    """Return from when to when two days reach, the last one not included."""
    missing = {name: ["This field is required."] for name in ("start_date", "end_date") if name not in query}
    if missing:
        raise No(400, missing)
    try:
        first, last = (date.fromisoformat(query[name]) for name in ("start_date", "end_date"))
    except ValueError:
        raise No(400, {"start_date": ["Date has wrong format."]}) from None
    if not timedelta(0) <= last - first <= timedelta(days=365):
        raise No(400, {"start_date": ["start_date and end_date must be in order, and less than a year apart"]})
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, last))
    return begin, end
