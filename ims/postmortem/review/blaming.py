"""Words that blame: people named as a cause, and phrases of hindsight, in English and German.

A person who is merely mentioned (“Ada rolled back”) or thanked is none of them. The patterns look within one sentence,
for what stands close to a name, because a list of bad words alone would flag half of every honest account.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ims.model import Person

SHORTEST_NAME = 3  # letters: shorter ones are found in ordinary words
LONGEST_QUOTE = 160
_NEAR = r"[^.!?;\n]{0,60}?"

# N stands for a name. What is said of it makes it a cause.
_AS_CAUSE = (
    r"\b(?:because\s+of|due\s+to|caused\s+by|triggered\s+by|introduced\s+by|broken\s+by|blame[sd]?|blaming)\s+N",
    r"\b(?:mistakes?|errors?|faults?|oversight|negligence|carelessness|failure)\s+(?:of|by|from|made\s+by)\s+N",
    r"N(?:['’]s?|s)\s+(?:own\s+)?(?:mistake|error|fault|oversight|negligence|carelessness|failure|blunder|wrong|"
    r"Fehler|Versehen|Schuld|Nachlässigkeit|Versäumnis|Unachtsamkeit)",
    r"N\s+(?:has\s+|had\s+)?(?:caused|forgot|forgotten|neglected|overlooked|ignored|broke|broken|misconfigured|"
    r"mistyped|messed\s+up|screwed\s+up|failed\s+to)\b",
    rf"N\s+{_NEAR}\b(?:by\s+mistake|by\s+accident|accidentally|mistakenly|carelessly|wrongly|made\s+(?:a|an|the)\s+"
    r"(?:\w+\s+)?(?:mistake|error))\b",
    r"N\s+(?:accidentally|mistakenly|carelessly|wrongly|erroneously)\b",
    r"N\s+\w+\s+(?:(?:it|this|that|them|on|to|in|into|from|at|against|with)\s+){0,2}the\s+wrong\b",
    r"N\s+(?:should|could|ought\s+to|must)\s+(?:not\s+)?have\b",
    r"N\s+(?:is|was|were)\s+(?:\w+\s+)?(?:to\s+blame|at\s+fault|guilty|careless|responsible\s+for\s+the\s+"
    r"(?:outage|incident|failure|error)|schuld|verantwortlich\s+für\s+den)\b",
    r"\b(?:wegen|aufgrund\s+von|durch\s+(?:ein\s+Versehen|einen\s+Fehler)\s+von|verursacht\s+(?:von|durch)|"
    r"(?:Fehler|Versehen|Schuld|Versäumnis)\s+(?:von|hat(?:te)?))\s+N",
    rf"\b(?:von|durch)\s+N\s+{_NEAR}(?:verursacht|ausgelöst)\b",
    rf"N\s+(?:hat|hatte|habe)\s+{_NEAR}\b(?:vergessen|übersehen|versäumt|verursacht|ignoriert|falsch|"
    r"versehentlich|aus\s+Versehen)\b",
    r"N\s+(?:vergaß|übersah|versäumte|verursachte|ignorierte|ist\s+schuld|war\s+schuld|trägt\s+die\s+Schuld)\b",
    rf"N\s+hätte\s+{_NEAR}\b(?:sollen|müssen|können|dürfen)\b",
)
_PRAISE = re.compile(
    r"\b(?:thank(?:s|ed)?|dank|quick|quickly|fast|prompt|calm|careful|great|good|helped|saved|schnell\w*|gut\w*|"
    r"umsichtig\w*)\b",
    re.IGNORECASE,
)

_PEOPLE = r"(?:he|she|they|we|I|engineers?|developers?|operators?|team|on-call|commander|somebody|someone|nobody)"
# Each phrase with what to write instead.
_HINDSIGHT = (
    (
        r"\b(?:human|operator|user|pilot)\s+errors?\b|\bmenschliche[sr]?\s+(?:Versagen|Fehler)\b|\bBedienfehler\b",
        "That is where the questions begin: what made the action look right, and what let it through?",
    ),
    (
        r"\b(?:careless\w*|negligen\w*|sloppy|sloppiness|stupid\w*|incompeten\w*|lazy|reckless\w*|nachlässig\w*|"
        r"fahrlässig\w*|schlampig\w*|unachtsam\w*|leichtsinnig\w*)\b",
        "Say what was seen and done, and what people knew then, without judging them.",
    ),
    (
        r"\b(?:should|could|ought\s+to)(?:\s+not|n['’]t)?\s+have\b|\bhätten?\s+[^.!?;\n]{0,60}\b(?:sollen|müssen)\b",
        "Hindsight makes it look easy. Say what happened, and what would have made the other way the easy one.",
    ),
    (
        rf"\b{_PEOPLE}\s+(?:\w+\s+)?(?:failed|neglected|forgot|refused)\s+to\b|\b(?:forgot|versäumten?|vergaßen?)\b",
        "Say what reminder, check or tool was missing, so that it had to be remembered.",
    ),
    (
        r"(?<!git )\bblam(?:e|ed|ing)\b|\bat\s+fault\b|\b(?:is|was|were)\s+guilty\b|\bschuld(?:ig|\s+an)?\b|\bSchuld\b",
        "Nobody is looked for here: name the conditions that let it happen.",
    ),
    (
        r"\b(?:obviously|clearly|simply|just)\s+(?:wrong|had\s+to|needed\s+to|forgot\w*)\b|\boffensichtlich\s+falsch\b",
        "It was not obvious then. Say what could be seen at the time.",
    ),
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Blame:
    """A sentence that blames, shortened for quoting; ``name`` is who is named, empty for a phrase of hindsight."""

    sentence: str
    words: str
    name: str = ""
    instead: str = ""


def named_as_cause(text: str, people: Iterable[Person]) -> Iterator[Blame]:
    """Return the sentences in which one of the people is named as the cause, each sentence once."""
    known = [(person, form) for person in people for form in names_of(person)]
    for sentence in _sentences(text):
        here = [(person, form) for person, form in known if form in sentence]
        for person, form in sorted(here, key=lambda each: -len(each[1])):
            found = next((match for pattern in _patterns(form) if (match := pattern.search(sentence))), None)
            if found and not _PRAISE.search(sentence):
                yield Blame(_quoted(sentence), found[0].strip(), person.name)
                break


def hindsight(text: str) -> Iterator[Blame]:
    """Return the sentences that judge or know better afterwards, each sentence once."""
    for sentence in _sentences(text):
        for pattern, instead in _hindsight_patterns():
            found = pattern.search(sentence)
            if found:
                yield Blame(_quoted(sentence), found[0].strip(), instead=instead)
                break


def names_of(person: Person) -> Sequence[str]:
    """Return what a person is called: full name, first and last name, the name in Slack and before the e-mail's @."""
    parts = person.name.split()
    short = [parts[0], parts[-1]] if parts else []
    handles = [f"@{handle}" for handle in (person.slack.lstrip("@"), person.email.partition("@")[0]) if handle]
    names = [person.name, *short, *handles]
    return list(dict.fromkeys(name for name in names if len(name.lstrip("@")) >= SHORTEST_NAME))


def _sentences(text: str) -> Iterator[str]:
    return (part.strip() for part in _SENTENCE_END.split(text) if part.strip())


def _quoted(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST_QUOTE else sentence[: LONGEST_QUOTE - 1].rstrip() + "…"


@lru_cache(maxsize=2000)
def _patterns(name: str) -> Sequence[re.Pattern[str]]:
    """Return the patterns about one name; the name keeps its capitals, so that Will and will differ."""
    written = rf"(?<![\w@])(?-i:{re.escape(name)})(?!\w)"
    possessive = rf"(?<![\w@])(?-i:{re.escape(name)})"  # the German genitive has no apostrophe: Adas Fehler
    return [
        re.compile(pattern.replace("N", possessive if pattern.startswith("N(?:['") else written, 1), re.IGNORECASE)
        for pattern in _AS_CAUSE
    ]


@lru_cache(maxsize=1)
def _hindsight_patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in _HINDSIGHT]
