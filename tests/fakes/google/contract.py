"""What one of Google's APIs takes and gives, read from the discovery document that comes with Google's library.

Generic: nothing here knows Calendar from Drive. Stricter than Google where Google forgives what is surely a mistake
(fields that only Google may write, times without a zone).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from googleapiclient.discovery_cache import get_static_doc  # type: ignore[import-untyped]

from tests.fakes.google.masks import Mask, only
from tests.fakes.google.violation import Violation

Schema = Mapping[str, Any]
_READ_ONLY = re.compile(r"^Output only\b|\bRead-only(?!, except)", re.IGNORECASE)
_WRITABLE_ALL_THE_SAME = {("drive", "Permission.emailAddress"), ("drive", "Permission.domain")}  # flaws of it
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WHOLE = {"int32": 31, "uint32": 32, "int64": 63, "uint64": 64}


@dataclass(frozen=True)
class Call:
    """A request that keeps the contract: the method's id (``calendar.events.insert``) and what it was given."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    user: str = ""
    media: bytes = b""
    media_type: str = ""


@dataclass(frozen=True)
class Method:
    """One method of an API."""

    description: Schema
    path: str

    @property
    def id(self) -> str:
        return str(self.description["id"])

    @property
    def scopes(self) -> Sequence[str]:
        return cast("Sequence[str]", self.description.get("scopes", ()))

    @property
    def upload_path(self) -> str:
        """Where it takes a file besides its JSON; empty for a method that takes none."""
        return str(self.description.get("mediaUpload", {}).get("protocols", {}).get("simple", {}).get("path", ""))

    @property
    def gives_files(self) -> bool:
        """Whether it answers with a file instead of JSON."""
        return bool(self.description.get("supportsMediaDownload")) and "response" not in self.description

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path as an expression; ``{+name}`` may hold slashes."""
        parts = re.split(r"(\{\+?\w+\})", f"/{self.path}")
        return re.compile("".join(self._part(part) for part in parts))

    @staticmethod
    def _part(part: str) -> str:
        if not part.startswith("{"):
            return re.escape(part)
        name = part.strip("{+}")
        return f"(?P<{name}>.+?)" if part.startswith("{+") else f"(?P<{name}>[^/]+)"


class Contract:
    """One API: which requests it takes, and what its answers look like."""

    def __init__(self, name: str, version: str) -> None:
        self.document: dict[str, Any] = json.loads(get_static_doc(name, version))
        self.name = name
        self.is_old = self.document["rootUrl"] == "https://www.googleapis.com/"  # its errors look different
        self.methods = list(self._methods(self.document))

    def has(self, path: str) -> bool:
        """Return whether a path is one of this API's."""
        return any(path == method.upload_path or method.pattern.fullmatch(path) for method in self.methods)

    def method_of(self, verb: str, path: str) -> tuple[Method, Mapping[str, str]]:
        """Return the method that a verb and path name, and the path's parameters.

        Raises:
            Violation: there is none.
        """
        for method in self.methods:
            if path == method.upload_path and method.description["httpMethod"] == verb:
                return method, {}
            match = method.pattern.fullmatch(path)
            if match and method.description["httpMethod"] == verb:
                return method, {name: unquote(value) for name, value in match.groupdict().items()}
        raise Violation(f"{verb} is not allowed at {path}", 405, "httpMethodNotAllowed")

    def call_of(self, method: Method, path: Mapping[str, str], query: str, body: Any, user: str) -> Call:
        """Check everything about a request, and return it with its types.

        Raises:
            Violation: the contract does not allow it.
        """
        for name, value in path.items():
            self._parameter(method.description["parameters"][name], value, name)
        asked = self._query(method, query)
        if "fields" in asked:
            self._check_mask(method, asked["fields"])
        self._check_body(method, body)
        return Call(method.id, path, asked, body, user)

    def check_answer(self, method: Method, answer: Any) -> None:
        """Check an answer, before any ``fields`` cut it.

        Raises:
            Violation: Google would never answer so.
        """
        schema = method.description.get("response")
        if schema is None:
            if answer is not None and not method.gives_files:
                raise Violation(f"{method.id} answers nothing")
            return
        _Check(self, method, is_request=False).value(schema, answer, "answer")

    def cut(self, answer: Any, mask: str | None) -> Any:
        """Return of an answer what a ``fields`` mask asks for."""
        return only(answer, list(Mask(mask).fields())) if mask else answer

    def resolved(self, schema: Schema) -> Schema:
        """Follow a ``$ref``."""
        return {**self.document["schemas"][schema["$ref"]]} if "$ref" in schema else schema

    def _methods(self, node: Schema) -> Iterator[Method]:
        for description in node.get("methods", {}).values():
            yield Method(description, self.document["servicePath"] + description["path"])
        for inner in node.get("resources", {}).values():
            yield from self._methods(inner)

    def _query(self, method: Method, query: str) -> dict[str, Any]:
        own = {name: each for name, each in method.description["parameters"].items() if each["location"] == "query"}
        known = {**self.document["parameters"], **own}
        found: dict[str, Any] = {}
        for name, text in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
            if name not in known:
                raise Violation(f'Unknown name "{name}": Cannot bind query parameter.')
            value = self._parameter(known[name], text, name)
            if known[name].get("repeated"):
                found.setdefault(name, []).append(value)
            elif found.setdefault(name, value) is not value:
                raise Violation(f"{name} is given twice")
        missing = [name for name, each in own.items() if each.get("required") and name not in found]
        if missing:
            raise Violation(f"Required parameter: {missing[0]}", reason="required")
        return found

    def _parameter(self, schema: Schema, text: str, name: str) -> Any:
        kind = schema["type"]
        if kind == "boolean":
            if text not in ("true", "false"):
                raise Violation(f"Invalid boolean value: '{text}' of {name}")
            return text == "true"
        if kind in ("integer", "number"):
            if not re.fullmatch(r"-?\d+" if kind == "integer" else r"-?\d+(\.\d+)?", text):
                raise Violation(f"Invalid value '{text}' of {name}")
            number = float(text)
            if not float(schema.get("minimum", number)) <= number <= float(schema.get("maximum", number)):
                raise Violation(f"{name}={text} is out of range")
            return int(text) if kind == "integer" else number
        if not re.fullmatch(schema.get("pattern", ".*"), text, re.DOTALL):
            raise Violation(f"{name}={text} has another form")
        _check_text(schema, text, name)
        return text

    def _check_body(self, method: Method, body: Any) -> None:
        schema = method.description.get("request")
        if schema is None:
            if body is not None:
                raise Violation("Request payload is unexpected.")
            return
        if not isinstance(body, dict):
            raise Violation("A body is missing.", reason="required")
        _Check(self, method, is_request=True).value(schema, body, "body")

    def _check_mask(self, method: Method, mask: str) -> None:
        schema = method.description.get("response", {})
        for path in Mask(mask).fields():
            node: Schema = schema
            for name in path:
                node = self._member(node, name, mask)

    def _member(self, node: Schema, name: str, mask: str) -> Schema:
        node = self.resolved(node)
        while node.get("type") == "array":
            node = self.resolved(node["items"])
        if name == "*":
            return node
        inner = node.get("properties", {}).get(name, node.get("additionalProperties"))
        if inner is None:
            raise Violation(f"Invalid field selection {mask}: there is no {name}", reason="invalidParameter")
        return cast("Schema", inner)


@cache
def contract(name: str, version: str) -> Contract:
    """Return the contract of an API, read once."""
    return Contract(name, version)


@dataclass
class _Check:
    """Compares a JSON value with its schema, at any depth."""

    contract: Contract
    method: Method
    is_request: bool

    def value(self, schema: Schema, value: Any, where: str, name: str = "") -> None:
        schema, name = self.contract.resolved(schema), schema.get("$ref", name)
        if value is None and self.is_request and self.method.description["httpMethod"] == "PATCH" and where != "body":
            return  # takes the field away
        check = getattr(self, f"_{schema.get('type', 'object')}", None)
        if check is None:
            raise Violation(f"{where} has a type that nobody knows")
        check(schema, value, where, name)

    def _any(self, _schema: Schema, _value: Any, _where: str, _name: str) -> None:
        return

    def _object(self, schema: Schema, value: Any, where: str, name: str) -> None:
        self._is(dict, value, where)
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, each in value.items():
            inner = properties.get(key, others)
            if inner is None:
                raise Violation(f"Unknown name \"{key}\" at '{where}': Cannot find field.")
            if self.is_request and key in properties and self._is_read_only(inner, f"{name}.{key}"):
                raise Violation(f"{where}.{key} is read-only")
            self.value(inner, each, f"{where}.{key}", f"{name}.{key}")
        if self.is_request:
            for key, inner in properties.items():
                if self.method.id in inner.get("annotations", {}).get("required", ()) and key not in value:
                    raise Violation(f"Missing {key} at '{where}'.", reason="required")

    def _array(self, schema: Schema, value: Any, where: str, name: str) -> None:
        self._is(list, value, where)
        for number, each in enumerate(value):
            self.value(schema["items"], each, f"{where}[{number}]", name)

    def _string(self, schema: Schema, value: Any, where: str, _name: str) -> None:
        self._is(str, value, where)
        _check_text(schema, value, where)

    def _integer(self, schema: Schema, value: Any, where: str, _name: str) -> None:
        self._is(int, value, where)
        if abs(value) >= 2 ** _WHOLE[schema.get("format", "int32")]:
            raise Violation(f"{where} is too large")

    def _number(self, _schema: Schema, value: Any, where: str, _name: str) -> None:
        self._is((int, float), value, where)

    def _boolean(self, _schema: Schema, value: Any, where: str, _name: str) -> None:
        if not isinstance(value, bool):
            raise Violation(f"Invalid value at '{where}', it is no boolean")

    def _is_read_only(self, schema: Schema, name: str) -> bool:
        says_so = schema.get("readOnly") or _READ_ONLY.search(schema.get("description", ""))
        return bool(says_so) and (self.contract.name, name) not in _WRITABLE_ALL_THE_SAME

    @staticmethod
    def _is(kind: type | tuple[type, ...], value: Any, where: str) -> None:
        if not isinstance(value, kind) or isinstance(value, bool):
            raise Violation(f"Invalid value at '{where}': {value!r}")


def _check_text(schema: Schema, text: str, where: str) -> None:
    if "enum" in schema and text not in schema["enum"]:
        raise Violation(f"Invalid value at '{where}': \"{text}\"")
    form = str(schema.get("format", ""))
    if not _has_form(text, form):
        raise Violation(f"Invalid value at '{where}': \"{text}\" is no {form} with a zone")


def _has_form(text: str, form: str) -> bool:
    try:
        if form in ("int64", "uint64"):
            int(text)
        elif form == "date":
            date.fromisoformat(text)
        elif form in ("date-time", "google-datetime"):
            datetime.fromisoformat(text)
            return bool(_RFC3339.fullmatch(text))
    except ValueError:
        return False
    return True
