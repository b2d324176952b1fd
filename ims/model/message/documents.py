"""What is asked of the system in which the root-cause document lives."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from ims.model.message.kind import Message

_RECIPIENT = "document's home"


class DocumentRequest(Message):
    """Make a document of a ``.docx``.

    ``mark`` is what it is found again by, so that asking twice makes one; ``content`` is the file in Base64;
    ``share_with`` are the e-mail addresses of those who may write in it.
    """

    kind: ClassVar[str] = "document"
    incident_key: str
    mark: str
    title: str
    content: str
    share_with: Sequence[str] = ()

    @property
    def recipient(self) -> str:
        return _RECIPIENT


class DocumentShare(Message):
    """Let more people write in it."""

    kind: ClassVar[str] = "document_share"
    found_later: ClassVar[tuple[str, ...]] = ("document",)
    incident_key: str
    share_with: Sequence[str]
    document: str = ""

    @property
    def recipient(self) -> str:
        return ", ".join(self.share_with)


class NewRow(BaseModel):
    """A row of a block as it will be; ``was`` is its place among the rows seen, ``None`` for a row that is new."""

    model_config = ConfigDict(frozen=True)
    cells: Sequence[str]
    was: int | None = None


class NewBlock(BaseModel):
    """What stands under one caption of the portal's: as it was ``seen``, and as it will be.

    ``heading`` is the last one above the caption, ``seen_rows`` the table below it (empty for none), its header among
    them. Where the block does not look as it was seen any more, somebody is at it, and it is left alone. Rows seen
    that no new row ``was`` go; where all rows are new, so is the table. A block of which no caption was ``seen`` is put
    below its heading. ``kept`` are lines to put between the block and the table seen, which then stays as people's own.
    """

    model_config = ConfigDict(frozen=True)
    heading: str
    seen_caption: str
    seen_rows: Sequence[Sequence[str]]
    caption: str
    rows: Sequence[NewRow]
    kept: Sequence[str] = []

    @property
    def is_put_back(self) -> bool:
        """Whether it stood nowhere."""
        return not self.seen_caption

    @property
    def has_new_table(self) -> bool:
        """Whether its table is another one than was seen, perhaps with other columns."""
        return bool(self.rows) and all(row.was is None for row in self.rows)


class DocumentRefresh(Message):
    """Write the portal's own blocks anew, in place; nothing else in the document is touched."""

    kind: ClassVar[str] = "document_refresh"
    found_later: ClassVar[tuple[str, ...]] = ("document",)
    incident_key: str
    blocks: list[NewBlock]
    document: str = ""

    @property
    def recipient(self) -> str:
        return _RECIPIENT
