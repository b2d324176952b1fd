"""Tables on pages, and the same rows as a file that no spreadsheet can take for a program."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

# What a spreadsheet takes for a formula (OWASP, CSV injection): also the wide signs of East Asian keyboards.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV in UTF-8, for spreadsheets and scripts.

    A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. The file
    starts with a byte order mark, without which Excel misreads every accent. Times are ISO 8601 with their zone.
    """
    safe = frame.map(inert).rename(columns=inert)
    return safe.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S%z").encode("utf-8-sig")


def inert(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_DANGEROUS) else cell


def table(
    frame: pd.DataFrame,
    alt: str,
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
    file_name: str = "",
    rows: Callable[[], pd.DataFrame] | None = None,
    opens: Callable[[int], None] | None = None,
) -> None:
    """Draw a frame and, with ``file_name``, its download as CSV.

    Args:
        frame: What is shown.
        alt: What the table holds, for those who cannot see it.
        key: The widget's key; the download's is the same with ``_csv``.
        columns: Streamlit's configuration of the columns.
        file_name: The name of the download, without ``.csv``.
        rows: The rows of the download where they are more than what is shown; asked only when somebody downloads.
        opens: Called with the number of the row in which somebody clicked a cell that is no link.
    """
    shown = st.dataframe(
        frame,
        key=key,
        alt=alt,
        hide_index=True,
        column_config=dict(columns or {}),
        width="stretch",
        height="content" if len(frame) <= 50 else "auto",  # noqa: PLR2004
        placeholder="",
        on_select="rerun" if opens else "ignore",
        selection_mode="single-cell",
    )
    if file_name:
        whole = rows or (lambda: frame)
        st.download_button(
            "Download CSV",
            lambda: csv(whole()),
            file_name=f"{file_name}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{key}_csv",
        )
    if opens:
        _open(shown, frame, columns or {}, opens)


def _open(shown: Any, frame: pd.DataFrame, columns: Mapping[str, Any], opens: Callable[[int], None]) -> None:
    cells = shown.selection.cells
    if not cells:
        return
    row, column = cells[0]
    settings = columns.get(column)
    is_link = isinstance(settings, dict) and (settings.get("type_config") or {}).get("type") == "link"
    if not is_link and row < len(frame):
        opens(row)
