"""The few pieces of HTML that the page draws itself, everything in them escaped.

Markdown has no hover text, and UTC belongs behind every local time; and one block of HTML for fifty entries costs the
server what a single entry costs it as Markdown.
"""

from datetime import datetime
from html import escape

import streamlit as st

from ims.ui import words

STYLE = """<style>
.ims { font-size: .9rem; line-height: 1.4; overflow-wrap: anywhere }
.ims ul, .ims ol, .ims dl, .ims li, .ims dt, .ims dd { margin: 0; padding: 0; list-style: none; font-size: inherit }
.ims time { font-variant-numeric: tabular-nums; cursor: help }
.ims-muted { opacity: .75; font-weight: 400 }
.ims-small { font-size: .8rem }
.ims-icon { font-family: "Material Symbols Rounded"; font-size: 1.15rem; line-height: 1; vertical-align: -.2em;
  font-feature-settings: "liga"; white-space: nowrap; display: inline-block; flex: none; width: 1.15rem;
  overflow: hidden; font-weight: 400 }
.ims-chip { border: 1.5px solid currentColor; border-radius: .375rem; padding: 0 .5rem; font-size: .9rem;
  font-weight: 600; white-space: nowrap; display: inline-block }
.ims .ims-facts { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem }
.ims-facts > div { min-width: 0 } .ims-facts dt { opacity: .75; font-weight: 400 }
.ims .ims-facts dt { font-size: .75rem } .ims-facts dd { font-weight: 600 }
.ims-facts .ims-whole { flex-basis: 100% }
.ims-red, .ims-amber { border-radius: .3rem; padding: 0 .35rem; font-weight: 600; white-space: nowrap }
.ims-red { background: rgba(229, 57, 53, .26) } .ims-amber { background: rgba(245, 166, 35, .28) }
.ims .ims-steps li { display: flex; gap: .5rem; padding: .2rem 0 }
.ims-steps li > span:last-child { min-width: 0; flex: 1 }
.ims .ims-steps .ims-phase { font-weight: 600; padding-top: .5rem }
.ims .ims-steps .ims-finished { padding: .08rem 0 }
.ims-finished > span:last-child { white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.ims .ims-steps .ims-late { border-left: .2rem solid #e53935; padding-left: .4rem }
.ims .ims-log li { display: grid; grid-template-columns: 3rem 1.5rem minmax(0, 1fr); padding: .28rem 0;
  border-top: 1px solid rgba(128, 128, 128, .22) }
.ims .ims-log li.ims-day { display: block; font-weight: 600; padding-top: .7rem; border-top: 0 }
.ims-drill { border: 1.5px solid #8b5cf6; border-radius: .375rem; padding: 0 .35rem; font-size: .78rem;
  font-weight: 600; white-space: nowrap }
.ims a { color: inherit; text-underline-offset: .15em } .ims a:hover { opacity: .75 }
.ims-text { white-space: pre-wrap; unicode-bidi: isolate }
.ims-gone { text-decoration: line-through; opacity: .6 }
</style>"""


def html(body: str) -> None:
    """Draw a block; whoever makes the body has escaped what people typed."""
    st.html(f'<div class="ims">{body}</div>')


def text(typed: str) -> str:
    """Escape what people typed, and keep its direction marks from reordering what stands around it."""
    return f"<bdi>{escape(typed)}</bdi>"


def icon(name: str) -> str:
    """Return a Material icon; it is decoration, so the word always stands beside it."""
    return f'<span class="ims-icon" aria-hidden="true">{escape(name)}</span>'


def muted(body: str) -> str:
    """Return a piece that matters less, small."""
    return f'<span class="ims-muted ims-small">{body}</span>'


def marked(body: str, colour: str) -> str:
    """Return a piece on a ``red`` or ``amber`` ground; its words say the same as the colour."""
    return f'<span class="ims-{colour}">{body}</span>'


def hour(at: datetime) -> str:
    """Return the time of day in the viewer's zone, UTC behind it."""
    return _time(at, words.clock_time(at))


def when(at: datetime, now: datetime) -> str:
    """Return a time in the viewer's zone, with its day where that is not today."""
    zone = words.zone()
    same_day = at.astimezone(zone).date() == now.astimezone(zone).date()
    return hour(at) if same_day else _time(at, words.moment(at))


def ago(at: datetime, now: datetime) -> str:
    """Say how far a time is from now: ``5 min ago`` or ``in 5 min``."""
    span = words.duration(now - at)
    return f"{span} ago" if at <= now else f"in {span}"


def _time(at: datetime, shown: str) -> str:
    return f'<time datetime="{at.isoformat()}" title="{escape(words.utc(at))}">{escape(shown)}</time>'
