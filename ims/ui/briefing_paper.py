"""The briefing as one sheet of HTML, on the page and as a file to print: everything in it is escaped."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from ims.response.links import is_web_link
from ims.ui import words

STYLE = """<style>
.brief { max-width: 50rem; line-height: 1.45; overflow-wrap: anywhere }
.brief h2 { font-size: 1.35rem; margin: 0 0 .2rem; padding: 0 } .brief p { margin: .1rem 0 .4rem }
.brief h3 { font-size: .85rem; margin: .8rem 0 .2rem; padding: 0 0 .1rem; letter-spacing: .02em;
  border-bottom: 1px solid rgba(128, 128, 128, .5) }
.brief ul { margin: 0; padding-left: 1.1rem } .brief li { margin: 0; padding: 0; font-size: inherit }
.brief table { width: 100%; border-collapse: collapse; font-size: inherit }
.brief td { padding: .12rem .6rem .12rem 0; vertical-align: top; border: 0 }
.brief bdi { white-space: pre-line } .brief td:first-child bdi { white-space: nowrap }
.brief td:first-child { width: 1%; white-space: nowrap; font-variant-numeric: tabular-nums }
.brief .small { opacity: .8; font-size: .85rem } .brief .due { font-size: 1.05rem; font-weight: 600 }
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], .st-key-strip, .st-key-briefing_head,
  .stButton, .stDownloadButton, .stPageLink, .stForm, .stAlert, .noprint { display: none !important }
  .stColumn { min-width: 100% !important } .stColumn:not(:has(.brief)) { display: none !important }
  .stMainBlockContainer { padding: 0 !important; max-width: none !important }
  .stApp, .stMain, [data-testid="stAppViewContainer"] { position: static !important; overflow: visible !important;
    background: #fff !important; color: #000 !important }
  .brief { max-width: none; font-size: 10.5pt; color: #000 } .brief h3 { break-after: avoid }
  .brief tr { break-inside: avoid }
}
</style>"""
_LISTS = (
    ("Objectives: what is due", "objectives", "Nothing is due."),
    ("Open asks", "open_asks", "Nobody was asked anything that is open."),
    ("Open risks", "open_risks", "None is known."),
    ("To undo", "to_undo", "No temporary change is in place."),
)


def sheet(briefing: Mapping[str, Any], said: Sequence[str], note: str = "") -> str:
    """Return the sheet of a kept briefing; ``said`` is about the handover, ``note`` what its holder added."""
    written_at = datetime.fromisoformat(briefing["written_at"])
    head = [
        f"<h2>{_text(briefing['key'])} · {_text(briefing['title'])}</h2>",
        f'<p class="small">Incident briefing, written {_moment(written_at)}</p>',
        *(f"<p>{_text(sentence)}</p>" for sentence in said),
    ]
    body = [
        _part("First of all", f"<p>{_text(note)}</p>") if note else "",
        _part("Situation", _bullets(briefing["situation"])),
        _part("Impact", f"<p>{_text(briefing['impact'])}</p>"),
        _part("Next customer update", f'<p class="due">{_due(briefing["next_update_due_at"])}</p>'),
        _part("Where the team is", _links(places)) if (places := briefing.get("places")) else "",
        _part("Who holds what", _rows([(role, name) for role, name in briefing["roles"].items()])),
        *(_part(title, _bullets(briefing[key], empty)) for title, key, empty in _LISTS),
        _part("Actions so far", _actions(briefing["actions"])),
    ]
    return f'<div class="brief">{"".join(head + body)}</div>'


def page(title: str, body: str) -> str:
    """Return a sheet as a file of its own, which prints on white paper and asks nothing of any server."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>body {{ font-family: sans-serif; margin: 1.5rem }}</style>{STYLE}</head><body>"
        f'<p class="noprint"><button onclick="print()">Print</button></p>{body}</body></html>'
    )


def _part(title: str, body: str) -> str:
    return f"<h3>{escape(title)}</h3>{body}"


def _text(typed: str) -> str:
    return f"<bdi>{escape(str(typed))}</bdi>"


def _bullets(lines: Sequence[str], empty: str = "") -> str:
    if not lines:
        return f"<p>{escape(empty)}</p>"
    return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>"


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td>{_text(first)}</td><td>{_text(second)}</td></tr>" for first, second in rows)
    return f"<table><tbody>{cells}</tbody></table>"


def _links(places: Mapping[str, str]) -> str:
    rows = "".join(f"<tr><td>{_text(name)}</td><td>{_link(address)}</td></tr>" for name, address in places.items())
    return f"<table><tbody>{rows}</tbody></table>"


def _link(address: str) -> str:
    if not is_web_link(address):
        return _text(address)
    return f'<a href="{escape(address.strip())}" target="_blank" rel="noopener noreferrer">{_text(address)}</a>'


def _actions(actions: Sequence[Mapping[str, str]]) -> str:
    if not actions:
        return "<p>Nothing is written down yet.</p>"
    rows = [(words.moment(datetime.fromisoformat(each["at"])), f"{each['text']} ({each['who']})") for each in actions]
    return _rows(rows)


def _moment(at: datetime) -> str:
    return escape(f"{words.moment(at)} ({words.utc(at)})")


def _due(due_at: str | None) -> str:
    return _moment(datetime.fromisoformat(due_at)) if due_at else "None is due."
