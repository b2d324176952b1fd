"""Neutral words for what customers should not read: names of people, other customers, hosts, addresses, tickets.

It is a net, not a promise: what it found is listed, and a person reads the text before it leaves the house.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ims.postmortem.content.facts import RcaFacts

_SHORTEST_NAME = 3  # letters; shorter first names are words in too many languages
_SUFFIX = "(?:local|internal|intern|corp|lan|home|svc|com|net|org|io|dev|cloud|app|eu|de|uk|test|example|invalid)"
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

    ``key`` is the incident's own, and stays.
    """

    key: str
    names: Sequence[tuple[str, str]]
    _found: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, text: str) -> str:
        """Return the text with neutral words."""
        for pattern, words in _PATTERNS[:2]:  # links and addresses may hold names
            text = self._replace(text, pattern, words)
        for name, words in self.names:
            text = self._replace(text, rf"(?<!\w){re.escape(name)}(?!\w)", words)
        for pattern, words in _PATTERNS[2:]:
            text = self._replace(text, pattern, words)
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
            return words[0].upper() + words[1:] if opens else words

        return re.sub(pattern, instead, text)


def neutral(facts: RcaFacts) -> Neutral:
    """Know the names of an incident: of everybody in the portal, every customer, and services with technical names."""
    names = {name: words for name, words in _names(facts) if len(name) >= _SHORTEST_NAME}
    return Neutral(facts.incident.key, sorted(names.items(), key=lambda each: (-len(each[0]), each[0])))


def _names(facts: RcaFacts) -> Iterator[tuple[str, str]]:
    people = [facts.incident.declared_by, *(entry.author for entry in facts.timeline)]
    people += [person.name for person in facts.people.values()]
    people += [person.slack for person in facts.people.values()]
    people += [customer.manager_name for customer in facts.known_customers]
    for name in people:
        if name and name != "IMS":
            yield name, _COLLEAGUE
            if " " in name:
                yield name.split()[0], _COLLEAGUE
                yield name.split()[-1], _COLLEAGUE
    for name in (*facts.customers, *(customer.name for customer in facts.known_customers)):
        yield name, _CUSTOMER
    for name in facts.services:
        if re.search(r"[-_.\d]", name):
            yield name, _SERVICE
