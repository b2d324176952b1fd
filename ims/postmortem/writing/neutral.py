"""Neutral words for what customers should not read: names of people, other customers, hosts, addresses, tickets.

It is a net, not a promise: what it found is listed, and a person reads the text before it leaves the house.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ims.model import EntrySource
from ims.postmortem.content.facts import RcaFacts

_SHORTEST_NAME = 3  # letters; shorter first names are words in too many languages
_SUFFIX = "(?:local|internal|intern|corp|lan|home|svc|com|net|org|io|dev|cloud|app|eu|de|uk|test|example|invalid)"
_SHORTEST_HEAD = 4  # letters of a customer's first word; shorter ones are articles and initials
_OURSELVES = "IMS"
_COLLEAGUE, _CUSTOMER, _SERVICE = "a colleague", "a customer", "a service"
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"\b[a-z][a-z0-9+.-]*://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]]", "a link"),
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "an e-mail address"),
    (r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\w.]*\d)", "an address"),
    (r"(?<![\w:])(?=[0-9a-fA-F:]*::)[0-9a-fA-F:]{3,39}(?!\w)", "an address"),
    (r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?!\w)", "an address"),
    (rf"\b[a-z0-9][a-z0-9-]*(?:(?:\.[a-z0-9-]+)+\.[a-z]{{2,}}|\.{_SUFFIX})\b(?::\d+)?", "a server"),
    (r"(?<![\w@])@[A-Za-z][\w.-]*\w", _COLLEAGUE),
    (r"(?<![\w#])#[a-z][\w-]+", "an internal channel"),
    (r"(?<![\w./])(?:/[\w.-]+){2,}", "a file"),
    (r"\b[A-Z][A-Z0-9]+-\d+\b", "an internal ticket"),
    (r"\b[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[a-z0-9]*\d[a-z0-9]*\b|\b[a-z]{2,}\d{2,}\b", "a server"),
    (r"\b[A-Z][a-z]+(?:[A-Z][a-z0-9]+){2,}\b", "an alert"),
)
# "a customer, a customer and a customer" says how many, and reads badly.
_LISTED = tuple(
    (re.compile(rf"(?i)\b{words}(?:(?:, (?:and |or )?| and | or ){words})+"), plural)
    for words, plural in (
        (_COLLEAGUE, "colleagues"),
        (_CUSTOMER, "customers"),
        (_SERVICE, "services"),
        ("a server", "servers"),
        ("an address", "addresses"),
    )
)
_KNOWN_TO_ALL = {"utf-8", "utf-16", "sha-1", "sha-256", "sha256", "tls-1", "iso-8601", "covid-19", "sev-1", "sev-2"}


@dataclass(frozen=True)
class Replaced:
    """Words that were found, what stands there instead, and how often."""

    found: str
    by: str
    times: int


@dataclass
class Neutral:
    """Replaces what customers should not read, and remembers what it found.

    ``key`` is the incident's own, and stays. ``names`` are patterns, each with the words that stand there instead.
    """

    key: str
    names: Sequence[tuple[str, str]]
    _found: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, text: str) -> str:
        """Return the text with neutral words."""
        for pattern, words in _PATTERNS[:2]:  # links and addresses may hold names
            text = self._replace(text, pattern, words)
        for pattern, words in (*self.names, *_PATTERNS[2:]):
            text = self._replace(text, pattern, words)
        for listed, plural in _LISTED:
            text = listed.sub(partial(_as_one, plural), text)
        return text

    @property
    def replaced(self) -> Sequence[Replaced]:
        """What was replaced so far, in the order of the words."""
        return [Replaced(found, by, times) for (found, by), times in sorted(self._found.items())]

    def _replace(self, text: str, pattern: str, words: str) -> str:
        def instead(match: re.Match[str]) -> str:
            found = match[0]
            if found == self.key or found.casefold() in _KNOWN_TO_ALL:
                return found
            self._found[found, words] += 1
            opens = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1] in ".!?\n"
            return _as_begun(words, opens)

        return re.sub(pattern, instead, text)


def _as_one(plural: str, found: re.Match[str]) -> str:
    return _as_begun(plural, found[0][0].isupper())


def _as_begun(words: str, is_first: bool) -> str:
    return words[0].upper() + words[1:] if is_first else words


def neutral(facts: RcaFacts) -> Neutral:
    """Know the names of an incident: of everybody in the portal, every customer, and services with technical names."""
    names = {**_people(facts), **_services(facts), **_customers(facts)}
    longest_first = sorted(names.items(), key=lambda each: (-len(each[0]), each[0]))
    return Neutral(facts.incident.key, [each for name, each in longest_first if len(name) >= _SHORTEST_NAME])


def _people(facts: RcaFacts) -> Mapping[str, tuple[str, str]]:
    """Return everybody by the names they go by. A lone one counts as it is written: Will is a name, will none."""
    spoken = [entry.author for entry in facts.timeline if entry.source is not EntrySource.ALERTMANAGER]
    known = [name for person in facts.people.values() for name in (person.name, person.slack)]
    managers = [customer.manager_name for customer in facts.known_customers]
    whole = {name for name in (facts.incident.declared_by, *spoken, *known, *managers) if name and name != _OURSELVES}
    parts = {part for name in whole if " " in name for part in (name.split()[0], name.split()[-1])}
    return {
        **{name: (_word(name), _COLLEAGUE) for name in parts},
        **{name: (_word(name, any_case=" " in name), _COLLEAGUE) for name in whole},
    }


def _customers(facts: RcaFacts) -> Mapping[str, tuple[str, str]]:
    """Return every customer by the whole name in any letters, and by its first word as it is written."""
    whole = {*facts.customers, *(customer.name for customer in facts.known_customers)}
    first = {name.split()[0] for name in whole if " " in name.strip()}
    return {
        **{name: (_word(name), _CUSTOMER) for name in first if len(name) >= _SHORTEST_HEAD},
        **{name: (_word(name, any_case=True), _CUSTOMER) for name in whole},
    }


def _services(facts: RcaFacts) -> Mapping[str, tuple[str, str]]:
    return {name: (_word(name), _SERVICE) for name in facts.services if re.search(r"[-_.\d]", name)}


def _word(name: str, *, any_case: bool = False) -> str:
    return rf"{'(?i)' if any_case else ''}(?<!\w){re.escape(name)}(?!\w)"
