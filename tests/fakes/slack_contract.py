"""What Slack publishes about its methods, as something that refuses what they refuse.

``slack_methods.json`` is the vendor's list; ``slack_methods_also.json`` holds four methods that it lacks, written down
from the vendor's documentation in the same shape.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"
OF_EVERY_METHOD = ("invalid_arguments", "invalid_auth", "unknown_method")  # the lists leave them out
Args = dict[str, str]
Answer = dict[str, Any]
_TYPES = {
    "boolean": r"0|1|true|false",
    "number": r"\d+",
    "integer": r"\d+",
    "timestamp": r"\d{10}(\.\d{1,6})?",
    "channel": r"[CDGU][A-Z0-9]{5,}|#?[^\sA-Z#<>&|]{1,80}",
    "user": r"[UW][A-Z0-9]{5,}",
}


class No(Exception):
    """Slack's ``ok: false``, with its word for it."""

    def __init__(self, code: str, **more: str) -> None:
        super().__init__(code)
        self.code, self.more = code, more


@cache
def _contract() -> dict[str, Any]:
    files = (CONTRACTS / "slack_methods.json", CONTRACTS / "slack_methods_also.json")
    return {name: method for file in files for name, method in json.loads(file.read_text("utf-8")).items()}


def knows(method: str) -> bool:
    """Say whether there is a contract for a method."""
    return method in _contract()


def errors_of(method: str) -> list[str]:
    """Return the errors that a method may answer with."""
    errors: list[str] = _contract().get(method, {}).get("errors", [])
    return errors


def check(method: str, arguments: Args) -> None:
    """Refuse what the contract refuses: an argument it does not know, a wrong type, a missing or empty one."""
    known = _contract()[method]["args"]
    if set(arguments) - set(known):
        raise No("invalid_arg_name")
    if any(rule["required"] and not arguments.get(name) for name, rule in known.items()):
        raise No("invalid_arguments")
    for name, value in arguments.items():
        kinds = known[name]["type"] if isinstance(known[name]["type"], list) else [known[name]["type"]]
        patterns = [_TYPES[kind] for kind in kinds if kind in _TYPES]
        if len(patterns) == len(kinds) and not any(re.fullmatch(pattern, value) for pattern in patterns):
            raise No("invalid_arguments")
    if method.startswith("chat.") and "text" in known and not (arguments.get("text") or arguments.get("blocks")):
        raise No("no_text")
    _check_metadata(arguments.get("metadata"))
    _check_blocks(arguments.get("blocks"))


def _check_metadata(given: str | None) -> None:
    if given is None:
        return
    metadata = _json(given, "invalid_metadata_format")
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise No("invalid_metadata_format")
    if not isinstance(metadata["event_payload"], dict) or not isinstance(metadata["event_type"], str):
        raise No("invalid_metadata_schema")


def _check_blocks(given: str | None) -> None:
    if given is None:
        return
    blocks = _json(given, "invalid_blocks_format")
    if not isinstance(blocks, list) or len(blocks) > 50:
        raise No("invalid_blocks_format")
    if not all(_well_formed(block) for block in blocks):
        raise No("invalid_blocks")


def _header(block: Answer) -> bool:
    text = block.get("text", {})
    fits = set(block) == {"type", "text"} and set(text) <= {"type", "text", "emoji"} and text["type"] == "plain_text"
    return fits and 0 < len(text["text"]) <= 150


def _rich_text(block: Answer) -> bool:
    sections = block.get("elements", [])
    parts = [part for section in sections for part in section.get("elements", [])]
    whole = set(block) == {"type", "elements"} and all(each["type"] == "rich_text_section" for each in sections)
    return whole and bool(parts) and all(_part(part) for part in parts)


def _part(part: Answer) -> bool:
    fields = {"text": {"type", "text", "style"}, "link": {"type", "url", "text", "style"}}.get(part["type"], set())
    link = part["type"] != "link" or bool(re.fullmatch(r"https?://\S{1,2990}", part.get("url", "")))
    return set(part) <= fields and bool(part.get("text")) and link and set(part.get("style", {})) <= {"bold"}


def _well_formed(block: Answer) -> bool:
    kinds: dict[str, Callable[[Answer], bool]] = {"header": _header, "rich_text": _rich_text}
    kind = block.get("type", "")
    return kind in kinds and kinds[kind](block)


def _json(text: str, otherwise: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise No(otherwise) from None
