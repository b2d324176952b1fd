"""From a message of ours to a call of Jira. Pure: what is called and what is sent, no network."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ims.integrations.jira.settings import JiraSettings
from ims.integrations.jira.texts import Words, document, summary_of, wiki_text
from ims.model.message import SubTaskRequest, TicketComment, TicketRequest

MOST_KEYS = 50
_KEY = re.compile(r"[A-Z][A-Z0-9_]+-[1-9][0-9]*")  # at least two letters: the portal's own T-1 is none
_STANDING = ["status", "assignee", "resolution"]


@dataclass(frozen=True)
class Flavour:
    """Where Cloud and Data Center differ: the version of the API, where it searches, how it takes text."""

    base: str
    search: str
    words: Words


CLOUD = Flavour("/rest/api/3", "/search/jql", document)
DATA_CENTER = Flavour("/rest/api/2", "/search", wiki_text)


@dataclass(frozen=True)
class Call:
    """One call: what is asked ``about`` and which ``right`` it takes are said to people when it fails."""

    verb: str
    path: str
    about: str
    right: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


def is_key(text: str) -> bool:
    """Tell whether a text is the key of an issue, and nothing that would change a path or a query."""
    return bool(_KEY.fullmatch(text))


def ticket_mark(request: TicketRequest | SubTaskRequest) -> str:
    """Return the label by which a ticket is found again.

    The number is the ticket's in the portal. Another portal in the same project, or one that was set up anew, counts
    from 1 too, so the title has its part.
    """
    return f"ims-t-{request.ticket_id}-{_digest(request.title)}"


def comment_mark(comment: TicketComment, key: str) -> str:
    """Return the line below a comment by which it is found again."""
    return f"{comment.incident_key} · ims-c-{_digest(key)}"


def myself() -> Call:
    """Ask who the token belongs to."""
    return Call("GET", "/myself", "this user", "Use Jira")


def issue_types(project: str, start: int) -> Call:
    """Ask which types of issue the user may create in a project, from the ``start``-th on."""
    path = f"/issue/createmeta/{project}/issuetypes"
    return Call("GET", path, f"project {project}", "Create Issues", query={"startAt": start, "maxResults": MOST_KEYS})


def find_marked(flavour: Flavour, project: str, mark: str) -> Call:
    """Look for the tickets with a mark of ours, the oldest first."""
    return _search(flavour, f'project = "{project}" AND labels = "{mark}" ORDER BY created ASC')


def find_keys(flavour: Flavour, keys: Sequence[str], page: str = "") -> Call:
    """Ask how some issues stand; ``page`` is the token of a later page."""
    quoted = ", ".join(f'"{key}"' for key in keys)
    return _search(flavour, f"key in ({quoted})", page)


def create_ticket(flavour: Flavour, request: TicketRequest, type_id: str, settings: JiraSettings) -> Call:
    """Create the ``Incident`` ticket."""
    return _create(flavour, request, type_id, settings, settings.fields)


def create_sub_task(flavour: Flavour, request: SubTaskRequest, type_id: str, settings: JiraSettings) -> Call:
    """Create a sub-task of a ticket, in the ticket's project."""
    return _create(
        flavour, request, type_id, settings, settings.sub_task_fields | {"parent": {"key": request.parent_key}}
    )


def link_back(key: str, request: TicketRequest) -> Call:
    """Put a link to the portal beside a ticket; repeating it with the same ``globalId`` changes the same link."""
    link = {
        "globalId": ticket_mark(request),
        "application": {"name": "Incident portal"},
        "relationship": "incident",
        "object": {"url": request.portal, "title": summary_of(request.title)},
    }
    return Call("POST", f"/issue/{key}/remotelink", key, "Link Issues", body=link)


def newest_comments(key: str) -> Call:
    """Ask for the newest comments of an issue."""
    query: dict[str, str | int] = {"orderBy": "-created", "maxResults": MOST_KEYS}
    return Call("GET", f"/issue/{key}/comment", key, "Browse Projects", query=query)


def add_comment(flavour: Flavour, comment: TicketComment, key: str) -> Call:
    """Comment on a ticket; ``key`` is the delivery's."""
    body = flavour.words(comment.text, "", comment_mark(comment, key))
    return Call("POST", f"/issue/{comment.ticket}/comment", comment.ticket, "Add Comments", body={"body": body})


def standing(key: str) -> Call:
    """Ask how one issue stands."""
    return Call("GET", f"/issue/{key}", key, "Browse Projects", query={"fields": ",".join(_STANDING)})


def transitions(key: str) -> Call:
    """Ask where an issue can go from where it is, and what is asked for on the way."""
    query: dict[str, str | int] = {"expand": "transitions.fields"}
    return Call("GET", f"/issue/{key}/transitions", key, "Browse Projects", query=query)


def move(key: str, transition: str, resolution: str) -> Call:
    """Send an issue through a transition, with a resolution unless that is empty."""
    body: dict[str, Any] = {"transition": {"id": transition}}
    if resolution:
        body["fields"] = {"resolution": {"name": resolution}}
    return Call("POST", f"/issue/{key}/transitions", key, "Transition Issues", body=body)


def _search(flavour: Flavour, jql: str, page: str = "") -> Call:
    body: dict[str, Any] = {"jql": jql, "fields": _STANDING, "maxResults": MOST_KEYS}
    return Call(
        "POST", flavour.search, "this search", "Browse Projects", body=body | ({"nextPageToken": page} if page else {})
    )


def _create(
    flavour: Flavour,
    request: TicketRequest | SubTaskRequest,
    type_id: str,
    settings: JiraSettings,
    more: Mapping[str, Any],
) -> Call:
    fields = {
        **more,
        "project": {"key": settings.project},
        "issuetype": {"id": type_id},
        "summary": summary_of(request.title),
        "description": flavour.words(request.description, request.portal, ""),
        "labels": [*settings.labels, _incident_label(request.incident_key), ticket_mark(request)],
    }
    return Call("POST", "/issue", f"project {settings.project}", "Create Issues", body={"fields": fields})


def _incident_label(incident_key: str) -> str:
    return "ims-" + re.sub(r"[^a-z0-9]+", "-", incident_key.lower())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
