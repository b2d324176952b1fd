"""What the reader understood of a document, and the words it understands."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from ims.model import FollowUpKind, FollowUpState

ROW_ID = re.compile(r"FU[-\u2010\u2011\u2013](\d{1,6})", re.IGNORECASE)  # editors make other hyphens of it
NOTHING = frozenset(
    {
        "",
        "-",
        "–",
        "—",
        "n/a",
        "na",
        "none",
        "none yet",
        "nothing",
        "none needed",
        "no follow-ups",
        "not applicable",
        "tbd",
    }
)
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}|^<[^<>]*>$|^\[[^\[\]]{2,}\]$|^…$|^\.\.\.$")


@dataclass(frozen=True)
class ReadFollowUp:
    """A follow-up as the document has it. ``state`` is ``None`` where the document says nothing of it.

    ``unsaid`` names the fields, ``owner`` and ``due_on``, for which it has no place or no clear word; an empty cell is
    a word, that there is none.
    """

    text: str
    owner: str = ""
    owner_email: str = ""
    due: date | None = None
    kind: FollowUpKind | None = None
    state: FollowUpState | None = None
    row_id: str = ""
    unsaid: frozenset[str] = frozenset()

    @property
    def done(self) -> bool:
        """Whether the document marks it as done."""
        return self.state is FollowUpState.DONE


LOWEST = 9  # a line that is only bold ranks below every heading


@dataclass(frozen=True)
class RcaReading:
    """A document as it was understood.

    ``sections`` are the headings in order, which may repeat, each with the text below it, and ``levels`` how they rank,
    from 1 to ``LOWEST``; ``not_understood`` says in words what could not be placed; ``incident_key`` and ``written_at``
    come from the portal's own lines, where people left them in. ``title`` is the first heading, ``facts`` what a file
    says of itself before its text begins.
    """

    follow_ups: list[ReadFollowUp] = field(default_factory=list)
    sections: Sequence[tuple[str, str]] = ()
    not_understood: list[str] = field(default_factory=list)
    incident_key: str = ""
    written_at: datetime | None = None
    title: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    levels: Sequence[int] = ()


def seen(text: str) -> str:
    """Return a short text as one sees it: without signs that take no room, and figures of all scripts as 0 to 9."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    shown = (sign for sign in plain if unicodedata.category(sign) != "Cf")
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in shown)


@lru_cache(maxsize=200)  # the same few names are asked about in every row
def normal(text: str) -> str:
    """Return a heading or a column's name without case, numbering, punctuation and what stands in brackets."""
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", seen(text).casefold())
    bare = re.sub(r"^\s*(?:[\d.]+|[ivx]{1,4}[.)])\s+", "", bare)
    return " ".join(re.sub(r"[^\w#]+", " ", bare).split())


def is_placeholder(words: str) -> bool:
    """Return whether a template says here what people should write: “{{ summary }}”, “<action>”, “[what to do]”."""
    return bool(_PLACEHOLDER.search(words.strip()))
