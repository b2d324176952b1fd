"""Customers: whom we tell, where, and what we promised them."""

from datetime import timedelta
from typing import Any

from pydantic import field_validator
from sqlalchemy import JSON, Column, Interval
from sqlmodel import Field, SQLModel

from ims.model.types import Email, Line, OptionalEmail, OptionalLine, OptionalProse


class CustomerDraft(SQLModel):
    """What is asked about a customer. Contacts may be typed as one text, separated by commas or lines."""

    name: Line
    slack_channel: OptionalLine = ""
    contacts: list[Email] = Field(default_factory=list)
    manager_name: OptionalLine = ""
    manager_email: OptionalEmail = ""
    sla: OptionalProse = ""
    update_every: timedelta | None = None

    @field_validator("contacts", mode="before")
    @classmethod
    def _split(cls, contacts: Any) -> Any:
        if not isinstance(contacts, str):
            return contacts
        return [contact for contact in contacts.replace(",", " ").replace(";", " ").split() if contact]


class Customer(SQLModel, table=True):
    """Somebody who must be told. ``update_every`` overrides the hour of the procedure where a contract says so."""

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    slack_channel: str = ""
    contacts: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    manager_name: str = ""
    manager_email: str = ""
    sla: str = ""
    update_every: timedelta | None = Field(default=None, sa_type=Interval)
    active: bool = True

    def gaps(self) -> list[str]:
        """Name, in words, each way in which the procedure cannot reach this customer."""
        missing = {
            "no Slack channel": not self.slack_channel,
            "no e-mail contact": not self.contacts,
            "no manager for the CC": not self.manager_email,
        }
        return [gap for gap, is_missing in missing.items() if is_missing]


class CustomerService(SQLModel, table=True):
    """A customer uses a service."""

    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    service_id: int = Field(foreign_key="service.id", primary_key=True, index=True)
