"""What people type to the portal in a chat, taken apart, and what it says back. Pure; plain text both ways."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from ims.errors import Refusal
from ims.model import CustomerUpdateDraft, Incident, Person
from ims.response.customers import Recipient
from ims.response.templates import customer_time, joined

COMMAND = "/incident"
MOST_LISTED = 20  # incidents or customers in one answer; the portal shows them all
HELP = f"""What the portal does for you here ({COMMAND} …):
• list: the active incidents
• status [INC-42]: how one stands
• declare <title>: declare an incident that affects customers; with --sla their SLA too, with --precaution none so far
• ack: acknowledge the page
• cl: take the role of Communications Lead
• note <text>: write into the timeline
• update <text>: shows the customer update and who would get it; only “update confirm” sends it
• handover <person> [note]: offer your role to somebody, by name or e-mail
• mitigate [text]: customers no longer feel it
• resolve <what fixed it>: it is over
It is about the incident of the channel, or the only active one; else write its number: {COMMAND} note INC-42 …"""
_KEY = re.compile(r"(inc-\d+)\b[:,]?\s*", re.IGNORECASE)
_DASHES = "(?:--|—|–)"  # phones and Macs make one dash of two
_FLAG = re.compile(rf"(?:(?<=\s)|^){_DASHES}(\w+)(?:\s+|$)")
_UNKNOWN_FLAG = re.compile(r"(?:(?<=\s)|^)(--\w+)")


def parted(text: str) -> tuple[str, str]:
    """Return the first word, in small letters, and what follows it as it was typed."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word.lower(), rest[0].strip() if rest else ""


def named(text: str) -> tuple[str, str]:
    """Return the incident's key that a text begins with, or nothing, and the text without it."""
    key = _KEY.match(text)
    return (key[1].upper(), text[key.end() :]) if key else ("", text)


def flags(text: str, known: Collection[str]) -> tuple[set[str], str]:
    """Return which of the known words were typed as ``--word``, and the text without them."""
    found = {match[1].lower() for match in _FLAG.finditer(text)} & set(known)

    def kept(match: re.Match[str]) -> str:
        return "" if match[1].lower() in found else match[0]

    return found, _FLAG.sub(kept, text).strip()


def declared(text: str) -> dict[str, object]:
    """Return what is asked of a new incident: its title and whom it affects.

    Raises:
        Refusal: there is no title, or a ``--word`` that means nothing here.
    """
    asked, title = flags(text, ("sla", "precaution", "customers"))
    strange = _UNKNOWN_FLAG.search(title)
    if strange:
        raise Refusal(f"“{strange[1]}” means nothing here; there are --sla and --precaution. Nothing was declared.")
    if not title:
        raise Refusal(f"Say what is wrong, like: {COMMAND} declare Payments fail with 502")
    precaution = "precaution" in asked
    affects_customers = not precaution or "customers" in asked
    return {
        "title": title,
        "affects_customers": affects_customers,
        "affects_sla": "sla" in asked,
        "precaution": precaution,
    }


def unknown(word: str, known: Collection[str]) -> str:
    """Say that a word means nothing here, and which was perhaps meant."""
    near = get_close_matches(word, known, n=1)
    meant = f" Did you mean “{near[0]}”?" if near else ""
    return f"“{word[:40]}” is nothing the portal knows.{meant} {COMMAND} help lists what it does."


def addressee(text: str, people: Sequence[Person]) -> tuple[Person, str]:
    """Return the person that a text begins with, by e-mail, name, first name or name in the chat, and the rest.

    Raises:
        Refusal: nobody is meant, or several people could be.
    """
    said = text.removeprefix("@").lower()
    fits = [(length, person) for person in people if (length := _fit(said, person))]
    longest = max((length for length, _ in fits), default=0)
    meant = [person for length, person in fits if length == longest]
    if not meant:
        raise Refusal(f"Say to whom, by name or e-mail, like: {COMMAND} handover Ada Lovelace. Nothing was offered.")
    if len(meant) > 1:
        who = joined([f"{person.name} ({person.email})" for person in meant])
        raise Refusal(f"That could be {who}; use the e-mail address. Nothing was offered.")
    return meant[0], text.removeprefix("@")[longest:].lstrip(" \t\n,:")


def _fit(said: str, person: Person) -> int:
    """Return how many letters of what was said are a name of a person; 0 for none."""
    names = {person.email, person.name, person.name.split()[0], person.slack.removeprefix("@")} - {""}
    return max((len(name) for name in names if re.match(rf"{re.escape(name.lower())}(?![\w@.-])", said)), default=0)


def line_of(incident: Incident, commander: str) -> str:
    """Return an incident on one line."""
    severity = incident.severity.label if incident.severity else "no severity yet"
    return f"{incident.key} · {incident.state.value} · {severity} · {incident.title} · {commander}"


def card(incident: Incident, roles: Sequence[str], customers: Sequence[str], link: str, now: datetime) -> str:
    """Return how an incident stands, on a few lines."""
    facts = [
        f"{incident.key}: {incident.title}",
        f"{incident.state.value}, {incident.severity.label if incident.severity else 'no severity yet'}, "
        f"{span(incident.lasted_for(now))} since {customer_time(incident.began_at)}",
        *roles,
        f"Affected customers: {shortened(customers, ', ') or 'none named yet'}",
    ]
    if incident.next_update_due_at:
        facts.append(f"Next customer update {until(incident.next_update_due_at, now)}")
    return "\n".join([*facts, link])


def until(at: datetime, now: datetime) -> str:
    """Say when something is due, from now."""
    if at < now:
        return f"was due {span(now - at)} ago ({at:%H:%M} UTC)"
    return f"due in {span(at - now)} ({at:%H:%M} UTC)"


def span(length: timedelta) -> str:
    """Say a span of time in hours and minutes: ``1 h 5 min``."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def shortened(said: Sequence[str], between: str) -> str:
    """List things, and count those that are too many to list."""
    listed = [*said[:MOST_LISTED], *([f"and {len(said) - MOST_LISTED} more"] if len(said) > MOST_LISTED else [])]
    return between.join(listed)


def reached(customer: Recipient) -> str:
    """Say which ways an update takes to a customer."""
    ways = [customer.slack_channel] if customer.slack_channel else []
    if customer.mail_to:
        copied = f" (CC {', '.join(customer.mail_cc)})" if customer.mail_cc else ""
        ways.append(", ".join(customer.mail_to) + copied)
    return f"{customer.customer}: {' and '.join(ways) or 'cannot be reached by any way'}"


def preview(
    key: str, number: int, draft: CustomerUpdateDraft, thread: str, readers: Sequence[str], minutes: int, link: str
) -> str:
    """Show exactly what customers would read, who they are, and how to send it; ``thread`` is the mails' subject."""
    listed = shortened([f"• {reader}" for reader in readers], "\n")
    mails = "" if thread == draft.subject else f"\nSubject of the e-mails: {thread}"
    return f"""Nothing is sent yet. Update {number} of {key}, phase “{draft.phase.value}”, would go to:
{listed}
Subject: {draft.subject}{mails}
────────
{draft.body}
────────
To send exactly this, type within {minutes} minutes: {COMMAND} update {key} confirm
For another phase, subject or time: type it again with --investigating, --identified or --mitigated, or write it here: \
{link}"""
