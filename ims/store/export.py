"""Everything the portal keeps, noun by noun, for a file that other programs read."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, select

from ims.model import (
    Alert,
    Ask,
    Customer,
    CustomerService,
    CustomerUpdate,
    Decision,
    Delivery,
    DrillEvent,
    FollowUp,
    Handover,
    InboxMessage,
    Incident,
    IncidentCustomer,
    IncidentService,
    KeptDraft,
    LibraryEntry,
    Meeting,
    Person,
    PublishedCopy,
    RcaDocument,
    Reading,
    Reference,
    Responder,
    RoleAssignment,
    Rota,
    RotaMember,
    RotaOverride,
    Service,
    SettingChange,
    Silence,
    StoredProcedure,
    TemporaryChange,
    Ticket,
    TimelineEntry,
)
from ims.store.database import Database

AT_ONCE = 500  # rows in memory

NOUNS: Mapping[str, type[SQLModel]] = {
    "incidents": Incident,
    "role_assignments": RoleAssignment,
    "handovers": Handover,
    "responders": Responder,
    "timeline_entries": TimelineEntry,
    "asks": Ask,
    "decisions": Decision,
    "temporary_changes": TemporaryChange,
    "silences": Silence,
    "drill_events": DrillEvent,
    "incident_services": IncidentService,
    "incident_customers": IncidentCustomer,
    "alerts": Alert,
    "inbox_messages": InboxMessage,
    "customer_updates": CustomerUpdate,
    "deliveries": Delivery,
    "references": Reference,
    "readings": Reading,
    "tickets": Ticket,
    "follow_ups": FollowUp,
    "rca_documents": RcaDocument,
    "published_copies": PublishedCopy,
    "library_entries": LibraryEntry,
    "meetings": Meeting,
    "people": Person,
    "services": Service,
    "customers": Customer,
    "customer_services": CustomerService,
    "rotas": Rota,
    "rota_members": RotaMember,
    "rota_overrides": RotaOverride,
    "kept_drafts": KeptDraft,
    "setting_changes": SettingChange,
    "procedures": StoredProcedure,
}


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """Open a session that sees one moment, whatever others write meanwhile."""
    with database.reading() as session:
        if not database.is_sqlite:  # in SQLite a transaction is a snapshot already
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def rows(session: Session, noun: str) -> Iterator[dict[str, Any]]:
    """Go through the rows of a noun in the order of their keys, as values fit for JSON.

    Times are ISO 8601 in UTC, durations ISO 8601, bytes base64.
    """
    table = NOUNS[noun]
    statement = select(table).order_by(*inspect(table).primary_key)
    for row in session.exec(statement.execution_options(yield_per=AT_ONCE)):
        yield _plain(row)
        session.expunge(row)


def _plain(row: SQLModel) -> dict[str, Any]:
    names = {"key": row.key} if isinstance(row, Incident) else {}
    values = {name: _text(value) if isinstance(value, bytes) else value for name, value in row.model_dump().items()}
    return to_jsonable_python(names | values, timedelta_mode="iso8601")  # type: ignore[no-any-return]


def _text(content: bytes) -> str:
    return b64encode(content).decode("ascii")
