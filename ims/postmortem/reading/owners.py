"""Whom the words of an owner mean."""

import re
from collections.abc import Sequence

from ims.model import FollowUp, Person
from ims.postmortem.reading.understood import ReadFollowUp

_TEAM = re.compile(r"(?<=\S)\s*\([^()]*\)$")  # “Ada (SRE)”


def meant(people: Sequence[Person], read: ReadFollowUp) -> Sequence[Person]:
    """Return the people an owner's words may mean; active ones before those who left."""
    said = _TEAM.sub("", read.owner.casefold()).strip().lstrip("@")
    email = read.owner_email.casefold() or said
    by_email = [each for each in people if each.email == email or each.email in said]
    by_name = [each for each in people if said in (each.name.casefold(), each.slack.casefold().lstrip("@"))]
    first = [each for each in people if each.name.casefold().split()[:1] == [said]]
    found = by_email or by_name or (first if len(first) == 1 else [])
    return [each for each in found if each.active] or found


def says_the_owner(people: Sequence[Person], read: ReadFollowUp, follow_up: FollowUp) -> bool:
    """Return whether the words mean the owner that a follow-up has."""
    if follow_up.owner_id is None:
        return " ".join(read.owner.split()).casefold() == follow_up.owner_name.casefold()
    return bool(read.owner or read.owner_email) and follow_up.owner_id in [each.id for each in meant(people, read)]
