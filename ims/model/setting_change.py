"""Who changed which setting to what and when: kept for whoever edits the same thing, and to look back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime


class SettingChange(SQLModel, table=True):
    """One saved change of a person, service, customer or rota. ``changes`` holds old and new value by field."""

    __tablename__ = "setting_change"
    __table_args__ = (Index("ix_setting_change_row", "noun", "row_id"),)

    id: int = Field(default=None, primary_key=True)
    noun: str
    row_id: int
    changed_at: datetime = Field(sa_type=UtcDateTime)
    author: str
    author_id: int | None = Field(default=None, foreign_key="person.id")
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
