"""Which types of issue the portal may create in its project; their names are in the language of the site."""

from collections.abc import Sequence

from ims.integrations.jira import calls
from ims.integrations.jira.answers import IssueType, IssueTypes
from ims.integrations.jira.client import Client
from ims.integrations.jira.settings import JiraSettings
from ims.ports import DeliveryError


class Creatable:
    """The types of issue, asked for once and kept until something was refused."""

    def __init__(self, jira: Client, settings: JiraSettings) -> None:
        self._jira = jira
        self._settings = settings
        self._known: Sequence[IssueType] = ()

    def ticket(self) -> IssueType:
        """Return the type of the incident's ticket.

        Raises:
            DeliveryError: the project has none of that name; the sentence names those it has.
        """
        wanted = self._settings.issue_type
        for each in self._types():
            if each.name.casefold() == wanted.casefold() and not each.is_sub_task:
                return each
        raise self._lacking(f"no issue type {wanted}", "ISSUE_TYPE")

    def sub_task(self) -> IssueType:
        """Return the type of its sub-tasks.

        Raises:
            DeliveryError: the project has none; the sentence names the types it has.
        """
        wanted = self._settings.sub_task_type
        for each in self._types():
            if each.is_sub_task and (not wanted or each.name.casefold() == wanted.casefold()):
                return each
        raise self._lacking(f"no sub-task type {wanted}".rstrip(), "SUB_TASK_TYPE")

    def forget(self) -> None:
        """Ask again next time: somebody may have changed them."""
        self._known = ()

    def _types(self) -> Sequence[IssueType]:
        self._known = self._known or self._ask()
        return self._known

    def _ask(self) -> Sequence[IssueType]:
        types: list[IssueType] = []
        while True:
            page = self._jira.ask(calls.issue_types(self._settings.project, len(types)), IssueTypes)
            types += page.types
            if not page.types or len(types) >= page.total:
                return types

    def _lacking(self, what: str, setting: str) -> DeliveryError:
        names = ", ".join(each.name for each in self._known) or "nothing at all"
        self.forget()
        place = f"Project {self._settings.project} has {what} that the token's user may create, only {names}."
        return DeliveryError(f"{place} Add it there, or set IMS_JIRA_{setting}.", permanent=True)
