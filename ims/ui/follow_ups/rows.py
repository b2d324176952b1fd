"""The rows of the table, and what somebody edited in them. No widget is drawn here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from ims.model import UNFINISHED, FollowUp, FollowUpDraft, FollowUpState, Incident, Person
from ims.postmortem.following_up import follow_ups
from ims.store.work import Work
from ims.ui import words

NOBODY = "–"
PICK = "Pick"
EDITED = ("Owner", "Due", "Kind", "State")
STATE_OF = {label: state for state, label in words.FOLLOW_UP_STATE.items()}
KIND_OF = {label: kind for kind, label in words.FOLLOW_UP_KIND.items()}
Record = dict[str, Any]
Found = Sequence[tuple[FollowUp, Incident]]


@dataclass(frozen=True)
class Change:
    """What is wanted of one row, and the version of the follow-up that was seen when somebody began to edit."""

    follow_up: FollowUp
    version: int
    wanted: Mapping[str, Any]
    shown: Mapping[str, Any]

    @property
    def state(self) -> FollowUpState:
        """The state it is to have."""
        return STATE_OF[self.wanted["State"]]

    @property
    def needs_reason(self) -> bool:
        """Whether the new state must be explained: finished, or taken up again."""
        return self.state is not self.follow_up.state and not {self.state, self.follow_up.state} <= set(UNFINISHED)


def frame(found: Found, people: Mapping[int, Person], today: date) -> pd.DataFrame:
    """Return the rows of the table."""
    names = labels(people)
    return pd.DataFrame(
        [
            {
                PICK: False,
                "Incident": f"/rca?key={incident.key}",
                "ID": follow_up.row_id,
                "Action": follow_up.text,
                "Owner": owner(follow_up, names),
                "Due": follow_up.due_on,
                "When": when(follow_up, today),
                "State": words.FOLLOW_UP_STATE[follow_up.state],
                "Kind": words.FOLLOW_UP_KIND[follow_up.kind] if follow_up.kind else None,
                "Age": f"{max((today - follow_up.created_at.date()).days, 0)} d",
                "Reason": follow_up.finish_reason,
                "Worked": worked(follow_up),
            }
            for follow_up, incident in found
        ]
    )


def order(found: Found) -> list[str]:
    """Return the columns to show, the telling ones first: what was done about finished ones, when others are due."""
    if all(follow_up.state not in UNFINISHED for follow_up, _ in found):
        return [PICK, "Incident", "ID", "Action", "State", "Reason", "Worked", "Owner", "Due", "Kind"]
    columns = [PICK, "Incident", "ID", "Action", "Owner", "Due", "When", "State", "Kind", "Age"]
    return columns + ["Reason", "Worked"] * any(follow_up.finish_reason for follow_up, _ in found)


def changes(
    found: Found,
    before: pd.DataFrame,
    after: pd.DataFrame,
    versions: Mapping[int, int],
    for_picked: Mapping[str, Any] = MappingProxyType({}),
) -> list[Change]:
    """Return what somebody edited, and what the rows they picked are to be besides: ``for_picked``, by column.

    ``versions`` are those from before the first edit, by follow-up id.
    """
    made = []
    for (follow_up, _), old, new in zip(found, _records(before), _records(after), strict=True):
        wanted = new | dict(for_picked) if new[PICK] else new
        if any((old[column] or "") != (wanted[column] or "") for column in EDITED):
            made.append(Change(follow_up, versions.get(follow_up.id, follow_up.version), wanted, old))
    return made


def for_download(found: Found, after: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as a file holds them: incidents by their key, and nothing that only serves the page."""
    return after.drop(columns=PICK).assign(Incident=[incident.key for _, incident in found])


def _records(table: pd.DataFrame) -> list[Record]:
    whole = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in whole.to_dict("records")]


def apply(work: Work, change: Change, people: Mapping[int, Person], reason: str = "") -> FollowUp:
    """Save one row, if nobody changed it since it was shown.

    Raises:
        Conflict: somebody did; the sentence says who and what.
        Refusal: the new state needs a reason.
    """
    old, wanted = change.follow_up, change.wanted
    draft = FollowUpDraft(
        text=old.text,
        **_owner_of(change, people),
        due_on=_day(wanted["Due"]),
        kind=KIND_OF.get(wanted["Kind"] or ""),
    )
    follow_up = follow_ups.change(work, old.id, draft, expected_version=change.version)
    if change.state is not old.state:
        follow_ups.move_to(work, follow_up.id, change.state, reason)
    return follow_up


def labels(people: Mapping[int, Person]) -> dict[int, str]:
    """Return what each person is called here: their name, with the address where two share one."""
    names = [person.name for person in people.values()]
    return {
        person.id: person.name if names.count(person.name) == 1 else f"{person.name} <{person.email}>"
        for person in people.values()
    }


def owner(follow_up: FollowUp, names: Mapping[int, str]) -> str:
    """Return what the owner is called: one of the portal's people, somebody else by name, or nobody."""
    return names.get(follow_up.owner_id or 0) or follow_up.owner_name or NOBODY


def when(follow_up: FollowUp, today: date) -> str:
    """Say how far away the due date is."""
    if follow_up.state not in UNFINISHED:
        return "–"
    if follow_up.due_on is None:
        return "No date"
    days = (follow_up.due_on - today).days
    if days < 0:
        return f"⚠ {-days} d overdue"
    return f"in {days} d" if days else "today"


def worked(follow_up: FollowUp) -> str:
    """Say what was answered to whether it worked; nothing where nobody was asked."""
    if follow_up.worked is not None:
        return "Yes" if follow_up.worked else "No"
    return "Not clear" if follow_up.worked_at else ""


def _owner_of(change: Change, people: Mapping[int, Person]) -> dict[str, Any]:
    wanted = change.wanted["Owner"]
    if wanted == change.shown["Owner"]:
        return {"owner_id": change.follow_up.owner_id, "owner_name": change.follow_up.owner_name}
    by_label = {label: person_id for person_id, label in labels(people).items()}
    is_name = wanted and wanted != NOBODY and wanted not in by_label  # an owner who is none of the portal's people
    return {"owner_id": by_label.get(wanted), "owner_name": wanted if is_name else ""}


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, pd.Timestamp) else value
