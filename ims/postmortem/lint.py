"""What is still missing before the document is worth a review, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ims.model import FollowUp, FollowUpState

_NUMBER = re.compile(
    r"\d|\b(?:unknown|none|nobody|no one|all|every|one|two|three|four|five|six|seven|eight|nine|ten)\b"
)


def lint(
    sections: Mapping[str, str], follow_ups: Sequence[FollowUp], *, impact_text: str, meeting_is_settled: bool
) -> Sequence[str]:
    """Return one sentence for each thing that is missing; an empty list means ready for review."""
    return [
        *_follow_ups(follow_ups),
        *_impact(f"{impact_text} {sections.get('impact', '')}"),
        *([] if sections.get("root_cause", "").strip() else ["Nobody has written the root cause yet."]),
        *([] if meeting_is_settled else ["The meeting is neither planned nor waived."]),
    ]


def _follow_ups(follow_ups: Sequence[FollowUp]) -> Iterator[str]:
    for each in follow_ups:
        missing = {
            "an owner": each.owner_id is None and not each.owner_name,
            "a due date": each.due_on is None,
            "a kind": each.kind is None,
        }
        lacks = [name for name, is_missing in missing.items() if is_missing]
        if lacks and each.state is not FollowUpState.DROPPED:
            yield f"{each.row_id} lacks {' and '.join(lacks)}."


def _impact(text: str) -> Iterator[str]:
    if not _NUMBER.search(text.casefold()):
        yield "The impact has no number: say how many were affected, or that it is unknown."
