"""Follow-ups counted by owner, service, cause, state and age. How fast they go is on the page of figures."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Any

import pandas as pd
import streamlit as st

from ims.model import UNFINISHED, FollowUp, FollowUpState, Incident, Person
from ims.store import follow_ups as kept
from ims.ui import tables, words
from ims.ui.follow_ups import rows
from ims.ui.follow_ups.rows import Found
from ims.ui.session import portal

NONE_NAMED = "None named"
# How old an open follow-up is, or how late, in days up to and including; the last has no end.
BUCKETS: tuple[tuple[str, int], ...] = (("up to 7 d", 7), ("8 to 30 d", 30), ("31 to 90 d", 90), ("over 90 d", 10**9))
NamesOf = Callable[[FollowUp, Incident], Sequence[str]]


class Arrangement(StrEnum):
    """How the page shows what the filters let through."""

    LIST = "List"
    OWNER = "By owner"
    SERVICE = "By service"
    CAUSE = "By cause"
    STATE = "By state"
    AGE = "By age"


def draw(found: Found, arrangement: Arrangement, people: Mapping[int, Person], today: date) -> None:
    """Draw the counts of one arrangement."""
    if len(found) == kept.MOST_LISTED:
        st.caption(f"Only the first {kept.MOST_LISTED:,} are counted; narrow them down.")
    if arrangement is Arrangement.AGE:
        _ages(found, today)
        return
    word = arrangement.value.removeprefix("By ").capitalize()
    counted = grouped(found, _names(arrangement, found, people), word, today)
    tables.table(
        counted, f"Follow-ups by {word.lower()}", key="follow_up_groups", file_name=f"follow-ups-{word.lower()}"
    )
    if arrangement is Arrangement.SERVICE:
        st.caption("A follow-up of an incident with two services counts for both.")


def _names(arrangement: Arrangement, found: Found, people: Mapping[int, Person]) -> NamesOf:
    ids = {incident.id for _, incident in found}
    labels = rows.labels(people)
    if arrangement is Arrangement.OWNER:
        return lambda each, _: [rows.owner(each, labels)]
    if arrangement is Arrangement.STATE:
        return lambda each, _: [words.FOLLOW_UP_STATE[each.state]]
    with portal().reading() as session:
        services, causes = kept.service_names(session, ids), kept.causes(session, ids)
    label = portal().causes.label
    if arrangement is Arrangement.SERVICE:
        return lambda _, incident: services[incident.id] or [NONE_NAMED]
    return lambda _, incident: [label(causes[incident.id]) if incident.id in causes else NONE_NAMED]


def grouped(found: Found, names: NamesOf, word: str, today: date) -> pd.DataFrame:
    """Return the counts of each group, the one with most overdue first."""
    members: dict[str, list[FollowUp]] = {}
    for follow_up, incident in found:
        for name in names(follow_up, incident):
            members.setdefault(name, []).append(follow_up)
    counted = [_counts(word, name, each, today) for name, each in members.items()]
    counted.sort(key=lambda row: (-row["Overdue"], -row["To do"], row[word]))
    return pd.DataFrame(counted)


def _counts(word: str, name: str, members: Sequence[FollowUp], today: date) -> dict[str, Any]:
    to_do = [each for each in members if each.state in UNFINISHED]
    late = [overdue_by(each, today) for each in to_do if overdue_by(each, today)]
    return {
        word: name,
        "To do": len(to_do),
        "Overdue": len(late),
        "Longest overdue": f"{max(late)} d" if late else "–",
        "Oldest open": f"{max(age(each, today) for each in to_do)} d" if to_do else "–",
        "Done": sum(each.state is FollowUpState.DONE for each in members),
        "Dropped": sum(each.state is FollowUpState.DROPPED for each in members),
    }


def _ages(found: Found, today: date) -> None:
    to_do = [each for each, _ in found if each.state in UNFINISHED]
    if not to_do:
        st.info("None of these is open.", icon=":material/task_alt:")
        return
    old = [age(each, today) for each in to_do]
    st.markdown(f"Half of the open ones are **{median(old):.0f} d** old or older, the oldest is **{max(old)} d** old.")
    tables.table(ages(to_do, today), "Open follow-ups by age and lateness", key="follow_up_ages", file_name="ageing")


def ages(to_do: Sequence[FollowUp], today: date) -> pd.DataFrame:
    """Count open follow-ups by how long they are open (down) and how late they are (across)."""
    columns = ["No date", "Not due yet", *(f"Overdue {name}" for name, _ in BUCKETS)]
    found = Counter((bucket(age(each, today)), _lateness(each, today)) for each in to_do)
    counts = {name: [found[name, column] for column in columns] for name, _ in BUCKETS}
    return pd.DataFrame([[name, *row, sum(row)] for name, row in counts.items()], columns=["Open for", *columns, "All"])


def _lateness(follow_up: FollowUp, today: date) -> str:
    if follow_up.due_on is None:
        return "No date"
    late = overdue_by(follow_up, today)
    return f"Overdue {bucket(late)}" if late else "Not due yet"


def bucket(days: int) -> str:
    """Return the span of days that a number of days belongs to."""
    return next(name for name, end in BUCKETS if days <= end)


def age(follow_up: FollowUp, today: date) -> int:
    """Return for how many days it has been there."""
    return max((today - follow_up.created_at.date()).days, 0)


def overdue_by(follow_up: FollowUp, today: date) -> int:
    """Return by how many days it is late; 0 where it is not."""
    return max((today - follow_up.due_on).days, 0) if follow_up.due_on else 0
