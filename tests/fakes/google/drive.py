"""Google Drive's state: the files that the portal made, who may write in them, and the folders there are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google.contract import Call
from tests.fakes.google.docs import FakeDocs, FakeDocument, Tab
from tests.fakes.google.violation import Refused, Violation
from tests.fakes.google.word import from_word, to_word

DOC, DOCX = (
    "application/vnd.google-apps.document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
_MARKED = re.compile(
    r"appProperties has \{ key='(?P<key>(?:[^'\\]|\\.)*)' and value='(?P<value>(?:[^'\\]|\\.)*)' \}"
    r" and trashed\s*=\s*false"
)
_LARGEST = 5_000_000  # bytes of a multipart upload


@dataclass
class FakeDrive:
    """``files`` by id, ``permissions`` by file. ``folders`` are those that the portal may use, by id.

    ``strangers`` are addresses without a Google account. ``trash`` and ``purge`` are what people do in their Drive.
    """

    docs: FakeDocs
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    permissions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    _made: int = 0

    def handlers(self) -> Mapping[str, Callable[[Call], Any]]:
        """Return what answers each method."""
        return {
            "drive.files.create": self._create,
            "drive.files.get": self._get,
            "drive.files.list": self._list,
            "drive.files.export": self._export,
            "drive.permissions.create": self._permit,
        }

    def writers(self, file_id: str) -> list[str]:
        """Return who may write in a file: people and domains."""
        found = self.permissions.get(file_id, [])
        return [each.get("emailAddress") or each["domain"] for each in found if each["role"] == "writer"]

    def trash(self, file_id: str) -> None:
        """Put a file into the bin."""
        self.files[file_id]["trashed"] = True

    def purge(self, file_id: str) -> None:
        """Delete a file for good."""
        del self.files[file_id], self.docs.documents[file_id]
        self.permissions.pop(file_id, None)

    def _create(self, call: Call) -> dict[str, Any]:
        if call.body.get("mimeType") != DOC or call.media_type != DOCX:
            raise Violation("This fake makes Google documents of Word files only.")
        if len(call.media) > _LARGEST:
            raise Violation("A multipart upload is at most 5 MB.", 413, "uploadTooLarge")
        for folder in call.body.get("parents", []):
            self._folder(folder)
        self._made += 1
        name = f"1doc{self._made:04}abcdefgh"
        link = f"https://docs.google.example/document/d/{name}/edit"
        self.files[name] = {"kind": "drive#file", "trashed": False, **call.body, "id": name, "webViewLink": link}
        blocks = from_word(call.media)
        self.docs.documents[name] = FakeDocument(name, call.body.get("name", "Untitled"), [Tab("Tab 1", blocks)])
        return self._answer(call, self.files[name])

    def _get(self, call: Call) -> dict[str, Any]:
        if call.path["fileId"] in self.files:
            return self._answer(call, self.files[call.path["fileId"]])
        return self._answer(call, {"id": call.path["fileId"], "name": self._folder(call.path["fileId"])})

    def _list(self, call: Call) -> dict[str, Any]:
        asked = call.query.get("q")
        match = _MARKED.fullmatch(asked) if asked is not None else None
        if asked is not None and match is None:
            raise Violation(f"Invalid Value: this fake does not know the query {asked}", reason="invalid")
        found = [file for file in self.files.values() if match is None or self._has(file, match)]
        shown = [{name: file[name] for name in ("id", "webViewLink")} for file in found]
        return {"kind": "drive#fileList", "files": shown[: call.query.get("pageSize", 100)]}

    def _has(self, file: Mapping[str, Any], match: re.Match[str]) -> bool:
        key, value = (re.sub(r"\\(.)", r"\1", match[name]) for name in ("key", "value"))
        return file.get("appProperties", {}).get(key) == value and not file["trashed"]

    def _export(self, call: Call) -> bytes:
        if call.query["mimeType"] != DOCX:
            raise Violation("The requested conversion is not supported.", reason="badRequest")
        self._file(call)
        return to_word(self.docs.documents[call.path["fileId"]].blocks)

    def _permit(self, call: Call) -> dict[str, Any]:
        file = self._file(call)
        kind = call.body["type"]
        needed = {"user": "emailAddress", "group": "emailAddress", "domain": "domain"}.get(kind, "")
        if needed and not call.body.get(needed):
            raise Violation(f"The {needed} field is required.", reason="required")
        if call.body["role"] not in ("writer", "commenter", "reader"):
            raise Violation("The specified role is invalid.", reason="invalid")
        if call.body.get("emailAddress") in self.strangers and not call.query.get("sendNotificationEmail", True):
            words = "You are trying to invite a person who has no Google account; send a notification."
            raise Refused(words, 400, "invalidSharingRequest")
        given = self.permissions.setdefault(file["id"], [])
        permission = {"kind": "drive#permission", **call.body, "id": str(call.body.get(needed, kind))}
        self.permissions[file["id"]] = [each for each in given if each["id"] != permission["id"]] + [permission]
        return self._answer(call, permission)

    def _file(self, call: Call) -> dict[str, Any]:
        name = call.path["fileId"]
        if name not in self.files:
            raise Refused(f"File not found: {name}.", 404, "notFound")
        return self.files[name]

    def _folder(self, name: str) -> str:
        if name not in self.folders:
            raise Refused(f"File not found: {name}.", 404, "notFound")
        return self.folders[name]

    @staticmethod
    def _answer(call: Call, whole: Mapping[str, Any]) -> dict[str, Any]:
        """Drive tells little of a file unless it is asked for more by name."""
        if "fields" not in call.query:
            return {name: whole[name] for name in ("kind", "id", "name", "mimeType") if name in whole}
        return dict(whole)
