"""From a request for a document to a file of Google Drive, and what a file says to us. Pure."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from ims.integrations.google.failures import Rubbish
from ims.model.message import DocumentRequest
from ims.ports import Receipt

SYSTEM = "google"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_GOOGLE_DOC = "application/vnd.google-apps.document"
_MARK = "imsMark"
_LONGEST_NAME = 250  # characters; nobody reads more of it
File = Mapping[str, Any]


def search_for(mark: str) -> dict[str, Any]:
    """Return how to look for the file that bears a mark; what is in the bin does not count."""
    value = mark.replace("\\", "\\\\").replace("'", "\\'")
    return {
        "q": f"appProperties has {{ key='{_MARK}' and value='{value}' }} and trashed=false",
        "fields": "files(id,webViewLink)",
        "orderBy": "createdTime",
        "pageSize": 1,
        "supportsAllDrives": True,
        "includeItemsFromAllDrives": True,
    }


def new_file(request: DocumentRequest, folder: str) -> dict[str, Any]:
    """Return the file that Google makes a document of; the mark finds it again."""
    return {
        "name": request.title[:_LONGEST_NAME],
        "mimeType": _GOOGLE_DOC,
        "appProperties": {_MARK: request.mark},
        **({"parents": [folder]} if folder else {}),
    }


def content_of(request: DocumentRequest) -> bytes:
    """Return the ``.docx`` that a request holds."""
    return base64.b64decode(request.content)


def for_person(email: str) -> dict[str, str]:
    """Return the permission to write for one person."""
    return {"type": "user", "role": "writer", "emailAddress": email}


def for_domain(domain: str) -> dict[str, str]:
    """Return the permission to write for everybody of a domain."""
    return {"type": "domain", "role": "writer", "domain": domain}


def first_of(answer: object) -> File | None:
    """Return the first file of a list, ``None`` for an empty one.

    Raises:
        Rubbish: the answer is no list of files.
    """
    files = answer.get("files") if isinstance(answer, dict) else None
    if not isinstance(files, list):
        raise Rubbish
    return whole(files[0]) if files else None


def whole(file: object) -> File:
    """Return a file that has what we need of it.

    Raises:
        Rubbish: the answer is no file.
    """
    if not isinstance(file, dict) or not file.get("id") or not file.get("webViewLink"):
        raise Rubbish
    return file


def receipt_of(file: File, shared: str) -> Receipt:
    """Return the receipt for a document that Google Drive holds; ``shared`` says with whom."""
    url = str(file["webViewLink"])
    name = str(file["id"])
    return Receipt(SYSTEM, f"In Google Docs. {shared}".strip(), name, url, {"document": name})


def sharing(with_whom: Sequence[str], refused: Mapping[str, str]) -> str:
    """Say with whom a document is shared, and with whom Google does not share it."""
    done = [each for each in with_whom if each not in refused]
    said = [f"Shared with {', '.join(done)}."] if done else []
    said += [f"Google does not share it with {each}: {why}" for each, why in refused.items()]
    return " ".join(said)
