"""The adapter: tickets, their comments, and where they stand."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

from ims.clock import Clock
from ims.integrations.jira import calls
from ims.integrations.jira.answers import (
    Answer,
    Comments,
    Created,
    Fields,
    Found,
    Issue,
    Me,
    Transitions,
    ticket_status,
)
from ims.integrations.jira.client import Client, Refused
from ims.integrations.jira.creatable import Creatable
from ims.integrations.jira.settings import JiraSettings
from ims.integrations.jira.ways import Aim
from ims.model.message import SubTaskRequest, TicketComment, TicketMove, TicketRequest
from ims.ports import DeliveryError, Receipt, TicketStatus

SYSTEM = "jira"
# Jira's search knows a new ticket "within seconds", it says. When we cannot tell whether one was created, we look again
# only after this.
_SEARCH_KNOWS_IT = timedelta(minutes=1)


class JiraTickets:
    """Keeps tickets in Jira."""

    def __init__(self, settings: JiraSettings, clock: Clock) -> None:
        self._settings = settings
        self._flavour = calls.CLOUD if settings.is_cloud else calls.DATA_CENTER
        self._jira = Client(settings, self._flavour)
        self._types = Creatable(self._jira, settings)

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        present = self._marked(request)
        ticket = present or self._create(
            calls.create_ticket(self._flavour, request, self._types.ticket().id, self._settings)
        )
        proof = f"{ticket} was there already" if present else f"Opened {ticket}"
        return self._receipt(ticket, f"{proof}{self._link_back(ticket, request)}.", references={"ticket": ticket})

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        _known_key(request.parent_key)
        present = self._marked(request)
        ticket = present or self._create(
            calls.create_sub_task(self._flavour, request, self._types.sub_task().id, self._settings)
        )
        said = "was there already" if present else f"opened below {request.parent_key}"
        return self._receipt(ticket, f"Sub-task {ticket} {said}.")

    def comment(self, comment: TicketComment, key: str) -> Receipt:
        ticket = _known_key(comment.ticket)
        present = self._comment_marked(ticket, calls.comment_mark(comment, key))
        number = present or self._jira.ask(calls.add_comment(self._flavour, comment, key), Created).id
        proof = f"{ticket} had the comment already." if present else f"Commented on {ticket}."
        return Receipt(SYSTEM, proof, reference=number, url=f"{self._link(ticket)}?focusedCommentId={number}")

    def move(self, move: TicketMove, key: str) -> Receipt:
        ticket = _known_key(move.ticket)
        aim = Aim(move.state, self._settings.statuses.get(move.state, ""))
        here = self._jira.ask(calls.standing(ticket), Issue).fields.status
        if aim.is_met_by(here):
            return self._receipt(ticket, f"{ticket} is in {here.name} already.")
        ways = self._jira.ask(calls.transitions(ticket), Transitions).transitions
        way = aim.choose(here, ways)
        if way:
            resolution = aim.resolution(way.resolutions, self._settings.resolution, self._settings.dropped)
            self._jira.ask(calls.move(ticket, way.id, resolution), Answer)
            return self._receipt(ticket, aim.moved(ticket, here, way.to))
        if aim.is_suited_by(here):
            return self._receipt(ticket, f"{ticket} stays in {here.name}: there is no way to {aim.status}.")
        raise DeliveryError(aim.no_way(ticket, here, ways), permanent=True)

    def states(self, keys: Sequence[str]) -> Sequence[TicketStatus]:
        known = [key for key in keys if calls.is_key(key)]
        batches = (known[start : start + calls.MOST_KEYS] for start in range(0, len(known), calls.MOST_KEYS))
        found = {issue.key: issue.fields for batch in batches for issue in self._found(batch)}
        # What the search did not find was deleted, was moved to another project, or is too new for it.
        standing = {key: found.get(key) or self._standing(key) for key in known}
        return [ticket_status(key, fields, self._settings.dropped) for key, fields in standing.items() if fields]

    def ping(self) -> str:
        self._types.forget()
        me = self._jira.ask(calls.myself(), Me)
        ticket, sub_task = self._types.ticket(), self._types.sub_task()
        place = f"{self._settings.project} takes {ticket.name} and {sub_task.name}"
        return f"{self._jira.host} answers to {me.name}; {place}."

    def _marked(self, request: TicketRequest | SubTaskRequest) -> str:
        mark = calls.ticket_mark(request)
        found = self._jira.ask(calls.find_marked(self._flavour, self._settings.project, mark), Found).issues
        return found[0].key if found else ""

    def _create(self, call: calls.Call) -> str:
        try:
            return _given_key(self._jira.ask(call, Created))
        except DeliveryError as error:
            self._types.forget()
            if error.permanent or error.retry_after:
                raise
            doubt = f"{error} The ticket may be there all the same, so Jira is searched for it before the next try."
            raise DeliveryError(doubt, permanent=False, retry_after=_SEARCH_KNOWS_IT) from error

    def _link_back(self, ticket: str, request: TicketRequest) -> str:
        """Link the ticket to the portal; a ticket without the link is still the ticket, so a failure is only said."""
        if not request.portal:
            return ""
        try:
            self._jira.ask(calls.link_back(ticket, request), Answer)
        except DeliveryError as error:
            return f". The link back to the portal is missing: {str(error).rstrip('.')}"
        return ""

    def _comment_marked(self, ticket: str, mark: str) -> str:
        comments = self._jira.ask(calls.newest_comments(ticket), Comments).comments
        return next((each.id for each in comments if mark in json.dumps(each.body, ensure_ascii=False)), "")

    def _found(self, keys: Sequence[str]) -> Iterator[Issue]:
        """Search for issues. One key that Jira does not know makes it refuse them all, so halves are searched then."""
        try:
            yield from list(self._pages(keys))
        except Refused as no:
            if no.status != 400:  # noqa: PLR2004  bad request
                raise
            middle = len(keys) // 2
            for half in (keys[:middle], keys[middle:]) if middle else ():
                yield from self._found(half)

    def _pages(self, keys: Sequence[str]) -> Iterator[Issue]:
        page: str | None = ""
        while page is not None:
            found = self._jira.ask(calls.find_keys(self._flavour, keys, page), Found)
            yield from found.issues
            page = found.next_page or None

    def _standing(self, key: str) -> Fields | None:
        try:
            return self._jira.ask(calls.standing(key), Issue).fields
        except Refused as no:
            if no.status != 404:  # noqa: PLR2004  not found
                raise
            return None

    def _receipt(self, ticket: str, proof: str, references: dict[str, str] | None = None) -> Receipt:
        return Receipt(SYSTEM, proof, ticket, self._link(ticket), references or {})

    def _link(self, ticket: str) -> str:
        return f"{self._settings.url}/browse/{ticket}"


def _known_key(ticket: str) -> str:
    if not ticket:
        raise DeliveryError("There is no ticket yet: retry the ticket first.", permanent=True)
    if not calls.is_key(ticket):
        raise DeliveryError(
            f"“{ticket[:40]}” is no ticket of Jira: it may be older than the connection to it.", permanent=True
        )
    return ticket


def _given_key(created: Created) -> str:
    if not calls.is_key(created.key):
        raise DeliveryError("Jira did not say which ticket it created.", permanent=False)
    return created.key
