"""Neutral words for what customers should not read: names of people, other customers, hosts, addresses, tickets.

It is a net, not a promise: what it found is listed, and a person reads the text before it leaves the house.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from unicodedata import normalize

from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.writing.folding import folded
from ims.postmortem.writing.own_names import ALERT, COLLEAGUE, CUSTOMER, SERVICE, known_names, small_names

_SUFFIX = "(?:local|internal|intern|corp|lan|home|svc|com|net|org|io|dev|cloud|app|eu|de|uk|test|example|invalid)"
# Repeats are counted, so that a long row of signs costs no more than its length.
_HOST = (
    rf"(?:\b[A-Za-z0-9][a-z0-9-]{{0,62}}(?:\.[a-z0-9-]{{1,63}}){{1,9}}\.[a-z]{{2,}}|\b[a-z0-9][a-z0-9-]{{0,62}}\.{_SUFFIX}"
    r"|\b[A-Z0-9][A-Z0-9-]{0,62}(?:\.[A-Z0-9-]{1,63}){1,9}\.[A-Z]{2,})\b(?::\d+)?"
)
_PATH = r"/(?:[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]])?"
# One figure is enough where the word says that it is a machine: “web1”, not “ipv6”, “mp3” or “part2”.
_MACHINE = (
    "web|db|app|api|host|node|srv|server|prod|stage|staging|worker|proxy|cache|redis|mysql|postgres|pg|kafka|sql|mail|"
    "smtp|dns|gw|gateway|lb|vm|queue|broker|bastion|jump|jenkins|build|runner|backup|nas|storage|vpn|fw|router|switch"
)
_PUBLIC = "CVE|GHSA|RFC|ISO|IEC|SHA|UTF|TLS|SSL|AES|RSA|HTTP|SEV|COVID"  # “CVE-2024-3094” is nobody's ticket
_ALARMED = (
    "Down|High|Low|Full|Slow|Failed|Failing|Missing|Absent|Errors|Latency|Unavailable|Unreachable|Expired|Expiring|Lag|"
    "Stuck|Crashed|Crashing|Exhausted|Degraded|Skew"
)
# These may hold names, and are whole only before the names are replaced.
_AROUND_NAMES: tuple[tuple[str, str], ...] = (
    (r"\b[a-z][a-z0-9+.-]{0,30}://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]]", "a link"),
    (r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+(?:\.[\w-]+)+|[A-Za-z][\w-]+)", "an e-mail address"),
    (r"\barn:aws[\w-]*:[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]]", "a cloud resource"),
    (r"(?:(?<!\w)[A-Za-z]:\\|(?<!\\)\\\\(?=\w\w))(?:[^\s<>\"“”|?*]*[^\s<>\"“”|?*.,;:!)\]])?", "a file"),
    (rf"{_HOST}{_PATH}", "a link"),
    (r"(?<![\w./])~?(?:/[\w.-]*[\w-]){2,}", "a file"),
)
_PATTERNS: tuple[tuple[str, str], ...] = (
    (rf"(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?::\d+)?(?![\w.]{{0,60}}\d)(?:{_PATH})?", "an address"),
    (r"(?<![\w:])(?=[0-9a-fA-F:]*::)[0-9a-fA-F:]{3,39}(?!\w)", "an address"),
    (r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?!\w)", "an address"),
    (_HOST, "a server"),
    (r"(?<![\w@])@[A-Za-z][\w.-]*\w", COLLEAGUE),
    (r"(?<![\w#])#[a-z][\w-]+", "an internal channel"),
    (rf"(?<![\w-])(?!(?:{_PUBLIC})-)[A-Z][A-Z0-9]*(?:(?:-[A-Z0-9]+)+-\d+|-0\d+)\b", "a server"),
    (rf"(?<![\w-])(?!(?:{_PUBLIC})-)[A-Z][A-Z0-9]+-\d+\b", "an internal ticket"),
    (r"\b[a-z][a-z0-9]{0,62}(?:-[a-z0-9]{1,63}){0,9}-[a-z0-9]{0,62}\d[a-z0-9]*\b|\b[a-z]{2,}\d{2,}\b", "a server"),
    (rf"\b(?:(?:{_MACHINE})|(?i:(?:{_MACHINE})(?=\d\d)|(?:web|srv|server|node|host)(?=\d)))\d+\b(?!\.\d)", "a server"),
    (rf"\b[A-Z][a-z]+(?:[A-Z][a-z0-9]+){{2,}}\b|\b[A-Z][a-z0-9]+(?:{_ALARMED})\b", ALERT),
)
# "a customer, a customer and a customer" says how many, and reads badly.
_LISTED = tuple(
    (re.compile(rf"(?i)\b{words}(?:(?:, (?:and |or )?| and | or ){words})+"), plural)
    for words, plural in (
        (COLLEAGUE, "colleagues"),
        (CUSTOMER, "customers"),
        (SERVICE, "services"),
        ("a server", "servers"),
        ("an address", "addresses"),
    )
)
_KNOWN = """
utf-8 utf-16 utf8 utf16 utf32 sha-1 sha-256 sha256 sha384 sha512 tls-1 iso-8601 covid-19 sev-1 sev-2 base32 base64
int16 int32 int64 uint32 uint64 float32 float64 arm64 amd64 win32 win64
"""
_KNOWN_TO_ALL = frozenset(_KNOWN.split())


@dataclass(frozen=True)
class Replaced:
    """Words that were found, what stands there instead, and how often."""

    found: str
    by: str
    times: int


@dataclass
class Neutral:
    """Replaces what customers should not read, and remembers what it found.

    ``key`` is the incident's own, and stays. ``names`` are patterns, each with the words that stand there instead;
    ``small_names`` those that are looked for last. All find letters without their accents.
    """

    key: str
    names: Sequence[tuple[str, str]]
    small_names: Sequence[tuple[str, str]] = ()
    _found: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, text: str) -> str:
        """Return the text with neutral words."""
        text = normalize("NFC", text)
        for pattern, words in (*_AROUND_NAMES, *self.names, *_PATTERNS, *self.small_names):
            text = self._replace(text, pattern, words)
        for listed, plural in _LISTED:
            text = listed.sub(partial(_as_one, plural), text)
        return text

    @property
    def replaced(self) -> Sequence[Replaced]:
        """What was replaced so far, in the order of the words."""
        return [Replaced(found, by, times) for (found, by), times in sorted(self._found.items())]

    def _replace(self, text: str, pattern: str, words: str) -> str:
        pieces, end = [], 0
        for match in re.finditer(pattern, folded(text)):
            found = text[match.start() : match.end()]
            if found and found != self.key and found.casefold() not in _KNOWN_TO_ALL:
                self._found[found, words] += 1
                before = text[: match.start()].rstrip()
                pieces += [text[end : match.start()], _as_begun(words, not before or before[-1] in ".!?\n")]
                end = match.end()
        return "".join([*pieces, text[end:]])


def _as_one(plural: str, found: re.Match[str]) -> str:
    return _as_begun(plural, found[0][0].isupper())


def _as_begun(words: str, is_first: bool) -> str:
    return words[0].upper() + words[1:] if is_first else words


def neutral(facts: RcaFacts) -> Neutral:
    """Know everybody in the portal, every customer, and the services and alerts of the incident that are technical."""
    return Neutral(facts.incident.key, known_names(facts), small_names(facts))
