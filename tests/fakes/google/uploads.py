"""A file that comes along with its description: ``multipart/related``, as Google takes it."""

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP

from tests.fakes.google.violation import Violation


def parts_of(headers: Mapping[str, str], body: bytes) -> tuple[bytes, str, bytes]:
    """Return the description, the file's type, and the file.

    Raises:
        Violation: it is not put together as Google wants it.
    """
    kind = headers.get("content-type", "")
    if not kind.startswith("multipart/related"):
        raise Violation("Bad multipart: the body is not multipart/related.", 400, "badContent")
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = list(message.iter_parts())
    if len(parts) != 2 or parts[0].get_content_type() != "application/json":
        raise Violation("Bad multipart: first JSON, then the file.", 400, "badContent")
    described, file = (part.get_payload(decode=True) for part in parts)
    if not isinstance(described, bytes) or not isinstance(file, bytes):
        raise Violation("Bad multipart: a part is empty.", 400, "badContent")
    return described, parts[1].get_content_type(), file
