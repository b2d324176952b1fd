"""Root-cause documents as Google Docs: made from a Word file, shared, read, and refreshed where they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from googleapiclient.http import MediaInMemoryUpload  # type: ignore[import-untyped]

from ims.integrations.google import files
from ims.integrations.google.access import Google
from ims.integrations.google.edits import Plan, batch, plan
from ims.integrations.google.failures import Refused, Rubbish
from ims.integrations.google.reading import places
from ims.integrations.google.settings import GoogleSettings, Share
from ims.model.message import DocumentRefresh, DocumentRequest, DocumentShare
from ims.ports import DeliveryError, DocumentCopy, Receipt

_DRIVE, _DOCS = ("drive", "v3"), ("docs", "v1")
_BAD_REQUEST, _NOT_ALLOWED = 400, 403
_GONE = (
    "The document is not in Google Drive any more, or the portal may not open it any more. Take it out of the bin, or"
    " let the portal's user write in it again; or else create it anew on the root-cause page."
)


class GoogleDocuments:
    """The documents that the portal made, and no others: its scope shows it nobody else's."""

    def __init__(self, google: Google, settings: GoogleSettings) -> None:
        self._google = google
        self._settings = settings

    def create(self, request: DocumentRequest) -> Receipt:
        """Make the document and share it, or find the one that an earlier try made."""
        with self._google.service(_DRIVE) as drive:
            file = files.first_of(drive.files().list(**files.search_for(request.mark)).execute())
            file = file or self._made(drive, request)
            return files.receipt_of(file, self._shared(drive, str(file["id"]), request.share_with))

    def share(self, share: DocumentShare) -> Receipt:
        """Let people write in it; whom Google refuses is said, and holds up nobody else."""
        with self._google.service(_DRIVE) as drive, _there():
            permissions = {each: files.for_person(each) for each in share.share_with}
            refused = _permit(drive, share.document, permissions)
        return Receipt(files.SYSTEM, files.sharing(share.share_with, refused), share.document)

    def refresh(self, refresh: DocumentRefresh) -> Receipt:
        """Write the portal's blocks anew, if nobody writes at the same moment; else it is read and tried again."""
        with self._google.service(_DOCS) as docs:
            with _there():
                document = _read(docs, refresh.document)
            made = plan(document, refresh)
            revision = _written(docs, refresh.document, document, made) if made.requests else ""
        return Receipt(files.SYSTEM, _said(made), revision)

    def read(self, document: str) -> DocumentCopy:
        """Return what stands in it: all its tabs, suggestions taken as accepted."""
        with self._google.service(_DOCS) as docs, _there():
            found = _read(docs, document)
        outline = [place.block for place in places(found)]
        return DocumentCopy(outline, str(found.get("revisionId", "")), str(found.get("title", "")))

    def download(self, document: str) -> bytes:
        """Return it as Google exports it to Word, up to 10 MB."""
        with self._google.service(_DRIVE) as drive, _there():
            content = drive.files().export(fileId=document, mimeType=files.DOCX).execute()
        if not isinstance(content, bytes) or not content.startswith(b"PK"):
            raise DeliveryError("Google's answer makes no sense; a proxy may have given it.", permanent=False)
        return content

    def ping(self) -> str:
        """Look for the folder of the documents, or else for any file, and say what answered."""
        with self._google.service(_DRIVE) as drive:
            if not self._settings.folder:
                files.first_of(drive.files().list(pageSize=1, fields="files(id,webViewLink)").execute())
                return "Google Drive takes documents."
            with _folder(self._settings.folder):
                asked = drive.files().get(fileId=self._settings.folder, fields="name", supportsAllDrives=True)
                return f"Google Drive takes documents into the folder “{_object(asked.execute()).get('name', '')}”."

    def _made(self, drive: Any, request: DocumentRequest) -> files.File:
        body = files.new_file(request, self._settings.folder)
        media = MediaInMemoryUpload(files.content_of(request), mimetype=files.DOCX, resumable=False)
        with _folder(self._settings.folder):
            asked = drive.files().create(body=body, media_body=media, fields="id,webViewLink", supportsAllDrives=True)
            return files.whole(asked.execute())

    def _shared(self, drive: Any, document: str, involved: Sequence[str]) -> str:
        """Share a new document as the settings say, and say with whom."""
        match self._settings.share_with:
            case Share.NOBODY:
                return ""
            case Share.DOMAIN:
                permissions = {self._settings.domain: files.for_domain(self._settings.domain)}
            case Share.INVOLVED:
                permissions = {each: files.for_person(each) for each in involved}
        return files.sharing(list(permissions), _permit(drive, document, permissions))


def _permit(drive: Any, document: str, permissions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Give permissions one after the other, for Google keeps only the last of two at once; return the refusals."""
    refused = {}
    for name, permission in permissions.items():
        asked = drive.permissions().create(
            fileId=document, body=permission, sendNotificationEmail=False, supportsAllDrives=True, fields="id"
        )
        try:
            _object(asked.execute())
        except Refused as refusal:
            if refusal.status != _BAD_REQUEST and not refusal.is_forbidden:
                raise
            refused[name] = refusal.message
    return refused


def _read(docs: Any, document: str) -> dict[str, Any]:
    asked = docs.documents().get(documentId=document, includeTabsContent=True, suggestionsViewMode="SUGGESTIONS_INLINE")
    found = _object(asked.execute())
    if not isinstance(found.get("tabs"), list):
        raise Rubbish
    return found


def _written(docs: Any, name: str, document: Mapping[str, Any], made: Plan) -> str:
    """Carry a plan out and return the new revision."""
    revision = str(document.get("revisionId", ""))
    if not revision:  # Google tells it to those who may write
        raise DeliveryError(
            "The portal's user may read the document, but not write in it; share it anew.", permanent=True
        )
    try:
        answer = _object(docs.documents().batchUpdate(documentId=name, body=batch(made.requests, revision)).execute())
    except Refused as refused:
        if refused.status == _BAD_REQUEST and _revision(docs, name) != revision:
            raise DeliveryError(
                "Somebody is writing in the Google document; it is read and tried again.", permanent=False
            ) from None
        raise
    return str(answer.get("writeControl", {}).get("requiredRevisionId", ""))


def _revision(docs: Any, document: str) -> str:
    return str(_object(docs.documents().get(documentId=document, fields="revisionId").execute()).get("revisionId", ""))


def _said(made: Plan) -> str:
    written = f"Written anew: {_named(made.written)}." if made.written else "Nothing had to be written."
    left = [f"“{heading}” was left alone: {reason}." for heading, reason in made.left_alone.items()]
    return " ".join([written, *left])


def _named(headings: Iterable[str]) -> str:
    return ", ".join(headings)


@contextmanager
def _there() -> Iterator[None]:
    """Say of a document that is gone what to do about it."""
    try:
        yield
    except Refused as refused:
        if refused.is_gone or (refused.status == _NOT_ALLOWED and refused.lacks_access):
            raise DeliveryError(f"{_GONE} Google says: {refused.message}", permanent=True) from None
        raise


@contextmanager
def _folder(folder: str) -> Iterator[None]:
    """Say of a folder that is not there which setting names it."""
    try:
        yield
    except Refused as refused:
        if not folder or not refused.is_gone:
            raise
        raise DeliveryError(
            f"Google knows no folder “{folder}” that the portal's user may use; see IMS_GOOGLE_FOLDER.", permanent=True
        ) from None


def _object(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise Rubbish
    return answer
