"""Jira's published contract, as a judge of calls and answers.

``tests/contracts/jira_v3_subset.json`` is the part of Atlassian's OpenAPI description of Jira Cloud v3 with the calls
that the portal makes; ``tests/contracts/adf_schema.json`` is the schema of documents from ``@atlaskit/adf-schema``
57.7.22 (Apache-2.0), ``dist/json-schema/v1/full.json``.

The contract is laxer than Jira: it lets any key through at the top. So the top level is closed here, and what only the
server may set is refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from jsonschema import Draft4Validator, Draft7Validator

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"
Json = dict[str, Any]
DATA_CENTER_SEARCH = {
    "type": "object",
    "required": ["jql"],
    "properties": {
        "jql": {"type": "string"},
        "startAt": {"type": "integer"},
        "maxResults": {"type": "integer"},
        "fields": {"type": "array", "items": {"type": "string"}},
        "validateQuery": {"type": "boolean"},
        "expand": {"type": "array", "items": {"type": "string"}},
    },
}


@dataclass
class Refusal(Exception):
    """What Jira says no with."""

    status: int
    messages: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@cache
def contract() -> Json:
    read: Json = json.loads((CONTRACTS / "jira_v3_subset.json").read_text(encoding="utf-8"))
    return read


@cache
def documents() -> Draft4Validator:
    return Draft4Validator(json.loads((CONTRACTS / "adf_schema.json").read_text(encoding="utf-8")))


def schema_of(schema: Json) -> Draft7Validator:
    return Draft7Validator({"allOf": [schema], "components": contract()["components"]})


def place_of(path: str, data_center: bool) -> tuple[str, list[str]]:
    """Return the contract's path that a path is one of, with ``{}`` for each value, and the values."""
    known = {re.sub(r"\{\w+\}", "{}", each.removeprefix("/rest/api/3")): each for each in contract()["paths"]}
    searches = {"/search/jql": False, "/search": True}
    for template in [*known, "/search"]:
        if searches.get(template, data_center) is not data_center:
            continue
        if match := re.fullmatch(re.escape(template).replace(r"\{\}", "([^/]+)"), path):
            return template, [unquote(value) for value in match.groups()]
    raise Refusal(404, ["dead link"])


def operation_of(template: str, verb: str) -> Json:
    if template == "/search":
        body = {"content": {"application/json": {"schema": DATA_CENTER_SEARCH}}, "required": True}
        operations: Json = {"post": {"requestBody": body}}
    else:
        paths = contract()["paths"].items()
        operations = next(each for path, each in paths if re.sub(r"\{\w+\}", "{}", path).endswith(f"/3{template}"))
    if verb.lower() not in operations:
        raise Refusal(405, ["Method Not Allowed"])
    operation: Json = operations[verb.lower()]
    return operation


def query_of(operation: Json, text: str) -> Json:
    known = {each["name"]: each["schema"] for each in operation.get("parameters", []) if each["in"] == "query"}
    query: Json = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
    for name, value in query.items():
        if name not in known:
            raise Refusal(400, [f"unknown parameter {name}"])
        if known[name]["type"] == "integer":
            if not value.isdigit():
                raise Refusal(400, [f"{name} is no number"])
            query[name] = int(value)
        elif value not in known[name].get("enum", [value]):
            raise Refusal(400, [f"{name} cannot be {value}"])
    return query


def body_of(operation: Json, headers: Mapping[str, str], body: bytes) -> Json:
    if "requestBody" not in operation:
        if body:
            raise Refusal(400, ["this call takes no body"])
        return {}
    if headers.get("Content-Type", "").partition(";")[0] != "application/json":
        raise Refusal(415, ["Unsupported Media Type"])
    try:
        sent = json.loads(body)
    except ValueError:
        raise Refusal(400, ["Unexpected end-of-input"]) from None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    problems = [each.message for each in schema_of(schema).iter_errors(sent)] + list(_not_ours_to_send(schema, sent))
    if problems:
        raise Refusal(400, ["Invalid request payload. Refer to the REST API documentation and try again.", *problems])
    read: Json = sent
    return read


def _not_ours_to_send(schema: Json, sent: Any) -> Iterator[str]:
    """Yield what the contract does not name, or reserves for the server, down to where a body may hold anything."""
    while "$ref" in schema or "allOf" in schema:
        name = (schema.get("$ref") or schema["allOf"][0]["$ref"]).rpartition("/")[2]
        schema = contract()["components"]["schemas"][name]
    known = schema.get("properties")
    if not known or not isinstance(sent, dict):
        return
    for name, value in sent.items():
        if name not in known or known[name].get("readOnly"):
            yield f"unknown or read-only: {name}"
        else:
            yield from _not_ours_to_send(known[name], value)
