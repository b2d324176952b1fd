"""What OnCall refuses, in its words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

Json = Any
_ALERT_FIELDS = {"alert_uid", "title", "image_url", "state", "link_to_upstream_details", "message"}
_WEB_ADDRESS = re.compile(r"https?://(localhost|[\w-]+(\.[\w-]+)*\.[a-z0-9-]+)(:\d+)?(/\S*)?", re.IGNORECASE)


class No(Exception):
    """A refusal: its status and what it says."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__(status)
        self.status, self.answer = status, answer


def refuse_alert(sent: Json) -> None:
    """Refuse an alert that the integration's templates would not understand."""
    if not isinstance(sent, dict) or not all(isinstance(each, str | None) for each in sent.values()):
        raise No(400, "Payload must be a JSON object of texts.")
    if set(sent) - _ALERT_FIELDS or not {"alert_uid", "title", "message", "state"} <= set(sent):
        raise No(400, f"Fields are {sorted(_ALERT_FIELDS)}.")
    if sent["state"] not in {"alerting", "ok"}:
        raise No(400, "state is alerting or ok.")


def query_of(query: str, known: Sequence[str]) -> dict[str, str]:
    """Return the arguments of a request, and refuse those that there are not."""
    pairs = parse_qsl(query, keep_blank_values=True)
    unknown = {name for name, _ in pairs} - set(known)
    if unknown or len(dict(pairs)) < len(pairs):
        raise No(400, {"detail": f"Unknown, or given twice: {sorted(unknown)}"})
    return dict(pairs)


def only(things: Sequence[dict[str, Json]], query: Mapping[str, str]) -> list[dict[str, Json]]:
    """Return the things whose fields are as a query says; its page is none of them."""
    wanted = {name: value for name, value in query.items() if name != "page"}
    return [thing for thing in things if all(thing[name] == value for name, value in wanted.items())]


def found(things: Sequence[dict[str, Json]], thing_id: str) -> dict[str, Json]:
    """Return the thing with an id, or answer 404."""
    for thing in things:
        if thing["id"] == thing_id:
            return thing
    raise No(404, {"detail": "Not found."})


def refuse_escalation(sent: Json, known: set[str]) -> None:
    """Refuse what OnCall refuses of a request to page people, in its words."""
    if not isinstance(sent, dict) or set(sent) - {"title", "message", "source_url", "users"}:
        raise No(400, {"detail": "Unknown fields."})
    wrong: dict[str, Json] = {
        name: ["Not a valid string."] for name in ("title", "message") if not isinstance(sent.get(name, ""), str)
    }
    if "source_url" in sent and not _WEB_ADDRESS.fullmatch(str(sent["source_url"])):
        wrong["source_url"] = ["Enter a valid URL."]
    users = sent.get("users") or []
    said = [_wrong_user(user, known) for user in users]
    if any(said):
        wrong["users"] = said
    if wrong:
        raise No(400, wrong)
    if not users:
        raise No(400, {"detail": "No team or user(s) specified"})


def refuse_note(sent: Json) -> None:
    """Refuse a note that OnCall would not keep."""
    if not isinstance(sent, dict) or set(sent) - {"alert_group_id", "text"}:
        raise No(400, {"detail": "Unknown fields."})
    wrong = {
        name: ["This field may not be blank."]
        for name in ("alert_group_id", "text")
        if not isinstance(sent.get(name), str) or not sent[name].strip()
    }
    if wrong:
        raise No(400, wrong)


def _wrong_user(user: Json, known: set[str]) -> Json:
    missing = {name: ["This field is required."] for name in ("id", "important") if name not in user}
    if missing or set(user) - {"id", "important"}:
        return missing or {"non_field_errors": ["Unknown fields."]}
    if not isinstance(user["important"], bool):
        return {"important": ["Must be a valid boolean."]}
    return {} if user["id"] in known else {"non_field_errors": [f"User {user['id']} does not exist"]}
