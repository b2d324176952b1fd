"""The names that an incident knows, as patterns: people by all the forms of their names, customers, services, alerts.

The patterns are for text as ``folded`` returns it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ims.model import EntrySource
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.writing.folding import folded, spellings
from ims.postmortem.writing.words_as_names import WORDS

COLLEAGUE, CUSTOMER, SERVICE, ALERT = "a colleague", "a customer", "a service", "an alert"
_SHORTEST = 3  # letters; shorter first names are words in too many languages
_SHORTEST_SMALL = 4  # letters of a name that is written small, or in capitals: “min” is a minute, “LAN” a network
_SHORTEST_HEAD = 4  # letters of a customer's first word; shorter ones are articles and initials
_SHORTEST_LOCAL = 5  # letters of an e-mail's local part, unless it is joined of two
_OURSELVES = "IMS"
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "herr", "frau"})
_TITLE = r"(?:(?:Dr|Prof|Mr|Mrs|Ms)\.?\s)?"
_ALERTED = re.compile(r"Alert (\S+?)(?::\s| resolved$)")
_TECHNICAL = re.compile(r"[-_.\d]|[a-z][A-Z]")

Names = Mapping[str, tuple[str, str]]  # by the name, for the longest are looked for first: its pattern, and what to say


def known_names(facts: RcaFacts) -> Sequence[tuple[str, str]]:
    """Return everybody and everything by the names that can be told from ordinary words, the longest first."""
    return _longest_first({**_people(facts), **_services(facts), **_alerts(facts), **_customers(facts)})


def small_names(facts: RcaFacts) -> Sequence[tuple[str, str]]:
    """Return people by one name in any letters, “jonas”, unless the name is a word: then only “Will” is one.

    They are looked for last, for they may be a part of what has a better name.
    """
    names = chain.from_iterable(map(_ends, _entered(facts)))
    lone = {name for name in names if len(name) >= _SHORTEST_SMALL and not _is_word(name)}
    return _longest_first({name: (_word(name, any_case=True), COLLEAGUE) for name in lone})


def _longest_first(names: Names) -> Sequence[tuple[str, str]]:
    in_order = sorted(names.items(), key=lambda each: (-len(each[0]), each[0]))
    return [each for name, each in in_order if len(name) >= _SHORTEST]


def _people(facts: RcaFacts) -> Names:
    """Return everybody by the names they go by. A lone one counts as it is written: Will is a name, will none."""
    entered = _entered(facts)
    whole = entered | _spoken(facts)
    full = {name for name in whole if name in entered or all(not end[0].islower() for end in _ends(name))}
    lone = {part for name in full for part in _ends(name)} | {name for name in whole if " " not in name}
    handles = {person.slack for person in facts.people.values() if person.slack and not _is_word(person.slack)}
    joined = {form: pattern for name in full for form, pattern in _joined(name)}
    return {
        **{name: (_word(name, title=_TITLE), COLLEAGUE) for name in lone},
        **{name: (_word(name), COLLEAGUE) for name in handles},
        **{name: (_word(name, any_case=True), COLLEAGUE) for name in _locals(facts, lone)},
        **{form: (pattern, COLLEAGUE) for form, pattern in joined.items()},
        **{name: (_word(name, any_case=True, title=_TITLE), COLLEAGUE) for name in whole if " " in name},
    }


def _entered(facts: RcaFacts) -> set[str]:
    """Return the names that somebody entered as those of people."""
    managers = [customer.manager_name for customer in facts.known_customers]
    return {*(person.name for person in facts.people.values()), *managers} - {""}


def _spoken(facts: RcaFacts) -> set[str]:
    """Return who wrote in the timeline, which is not always a name: “Somebody at this machine”, “ims import”."""
    authors = [entry.author for entry in facts.timeline if entry.source is not EntrySource.ALERTMANAGER]
    return {facts.incident.declared_by, *authors} - {"", _OURSELVES}


def _ends(name: str) -> Sequence[str]:
    """Return the first and the last word of a name that has more than one, titles aside."""
    words = [word for word in name.split() if word.strip(".").casefold() not in _TITLES]
    return (words[0], words[-1]) if words and " " in name else ()


def _joined(name: str) -> Iterator[tuple[str, str]]:
    """Return a name as machines and hasty people write it: “jonas.okafor”, “jonas_okafor”, “J. Okafor”."""
    ends = _ends(name)
    if not ends or ends[0] == ends[1]:
        return
    first, last = ends
    for begins, gap in ((first, r"[\s._-]+"), (first[0], r"(?:\.\s?|[_-])")):
        pattern = rf"(?<![\w.]){_TITLE}{_either(begins)}{gap}{_either(last)}(?!\w)"
        yield f"{begins}.{last}", f"(?i){pattern}"


def _locals(facts: RcaFacts, names: Iterable[str]) -> set[str]:
    """Return the e-mails' local parts that are somebody's name: “j.okafor2”, “jokafor”, not “ops”, nor “will” alone."""
    emails = [person.email for person in facts.people.values()]
    managers = [customer.manager_email for customer in facts.known_customers if customer.manager_email]
    written = {folded(email.split("@")[0]).casefold() for email in (*emails, *managers)}
    small = {folded(name).casefold() for name in names if len(name) >= _SHORTEST}
    named = {each for each in written if each not in small and any(name in each for name in small)}
    return {each for each in named if len(each) >= _SHORTEST_LOCAL or re.search(r"[._+\d-]", each)} - WORDS


def _customers(facts: RcaFacts) -> Names:
    """Return every customer by the whole name in any letters, and by its first word as it is written."""
    whole = {*facts.customers, *(customer.name for customer in facts.known_customers)}
    first = {name.split()[0] for name in whole if " " in name.strip()}
    return {
        **{name: (_word(name), CUSTOMER) for name in first if len(name) >= _SHORTEST_HEAD},
        **{name: (_word(name, any_case=True), CUSTOMER) for name in whole},
    }


def _services(facts: RcaFacts) -> Names:
    return {name: (_word(name), SERVICE) for name in facts.services if re.search(r"[-_.\d]", name)}


def _alerts(facts: RcaFacts) -> Names:
    """Return the incident's alerts whose names no customer would use: “PaymentsDown”, not “Payments”."""
    texts = [entry.text for entry in facts.timeline if entry.source is EntrySource.ALERTMANAGER]
    names = [match[1] for match in map(_ALERTED.match, texts) if match]
    return {name: (_word(name), ALERT) for name in names if _TECHNICAL.search(name)}


def _is_word(name: str) -> bool:
    return folded(name).casefold() in WORDS


def _word(name: str, *, any_case: bool = False, title: str = "") -> str:
    return rf"{'(?i)' if any_case else ''}(?<!\w){title}{_either(name)}(?!\w)"


def _either(name: str) -> str:
    return f"(?:{'|'.join(map(re.escape, spellings(name)))})"
