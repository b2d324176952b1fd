"""What a mail server's answer means, in plain words, by its enhanced status code (RFC 3463, 5248, 7372).

The code is three numbers: for good (5) or for now (4), then what it is about. The server's own words always stand
beside ours, because many servers use a code loosely.
"""

import re

_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,3}\.\d{1,3})(?!\d|\.\d)")

# The same whether for good or for now.
_MEANING = {
    "1.0": "something is wrong with the address",
    "1.1": "there is no such mailbox",
    "1.2": "there is no such mail domain",
    "1.3": "the address is not written as one",
    "1.4": "more than one mailbox has this address",
    "1.6": "the mailbox has moved and left no address",
    "1.7": "the sender's address is not written as one",
    "1.8": "the sender's domain cannot be found",
    "1.10": "this domain takes no e-mail at all",
    "2.0": "something is wrong with the mailbox",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the letter is larger than this mailbox takes",
    "2.4": "the mailing list cannot be expanded",
    "3.1": "their mail server's disk is full",
    "3.2": "their mail server takes no letters now",
    "3.4": "the letter is larger than the server takes",
    "4.1": "their mail server does not answer",
    "4.2": "the connection broke off",
    "4.3": "the server cannot find out where the domain's mail goes",
    "4.4": "the server does not know where to send it on to",
    "4.6": "their mail servers send it round in a circle",
    "4.7": "it could not be delivered in time",
    "5.3": "these are too many recipients for one letter",
    "7.0": "a rule of the server forbids it",
    "7.1": "the server may not deliver this: the sender is not allowed to relay through it, or a rule forbids it",
    "7.2": "the sender may not write to this mailing list",
    "7.8": "user and password were not accepted",
    "7.9": "the server wants a stronger way of signing in",
    "7.11": "the server wants an encrypted connection for this sign-in",
    "7.20": "no valid DKIM signature was found",
    "7.23": "the sender's SPF record does not allow this server",
    "7.25": "the sending server's address has no name that leads back to it",
    "7.26": "neither SPF nor DKIM shows that the sender is who they say",
    "7.27": "the sender's domain takes no e-mail, so none is taken from it",
}

# Only for now.
_FOR_NOW = {
    "2.1": "the mailbox takes no letters at the moment",
    "7.0": "the server puts it off, as many do with a sender they do not know yet (greylisting)",
    "7.1": "the server puts it off, as many do with a sender they do not know yet (greylisting)",
}


def meaning_of(said: str) -> str:
    """Return what an answer means, or nothing where its code is missing or too vague to be put in words."""
    found = _ENHANCED.search(said)
    if found is None:
        return ""
    lasting, about = found.groups()
    for_now = _FOR_NOW.get(about, "") if lasting == "4" else ""
    return for_now or _MEANING.get(about, "")


def in_words(code: int, said: bytes | str) -> str:
    """Return a server's answer as it said it, and what that means."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    answer = f"{code} {' '.join(text.split())}".strip()
    meaning = meaning_of(text)
    return f"{answer}: {meaning}" if meaning else answer
