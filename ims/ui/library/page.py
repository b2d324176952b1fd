"""Look for post-mortems by words, service, cause and year; the address of a search can be pasted into a chat."""

import re
from datetime import date
from math import ceil

import streamlit as st

from ims.store import library
from ims.store.library import BEGINS, ENDS, Asked, Found
from ims.ui import places, words
from ims.ui.library import entry
from ims.ui.session import portal
from ims.ui.text import line, plain

PER_PAGE = 10
FIRST_YEAR = 2000
_FOUND = re.compile(f"{BEGINS}([^{BEGINS}{ENDS}]+){ENDS}")
LONGEST_NUMBER = 10  # digits; a longer one is no id of a database


def draw() -> None:
    """Draw the entry that the address names, else the search."""
    chosen = st.query_params.get("entry", "")
    if chosen:
        entry.draw(int(chosen) if chosen.isdecimal() and len(chosen) < LONGEST_NUMBER else 0)
        return
    st.title("Library", anchor=False)
    asked = _asked()
    with portal().reading() as session:
        total = library.count(session, asked)
    if total:
        _results(asked, total)
    elif asked == Asked():
        st.info(
            "The library is empty. A root-cause document comes in when it is published; `ims import-rca FILE…` brings "
            "in the post-mortems that your team wrote before, in Markdown or Word.",
            icon=":material/library_books:",
        )
        places.link("rca", "Root causes", icon="description")
    else:
        st.info("Nothing fits. Take a word away, or loosen a filter.", icon=":material/search_off:")


def _asked() -> Asked:
    typed = st.text_input(
        "Words",
        key="library_words",
        bind="query-params",
        placeholder="certificate expired",
        help="All of them are looked for, in any form of English words; the last may be a beginning.",
    )
    with portal().reading() as session:
        services, causes = library.services(session), library.causes(session)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        service = st.selectbox(
            "Service", ["", *services], format_func=_or_any, key="library_service", bind="query-params", width=240
        )
        cause = st.selectbox(
            "Cause", ["", *causes], format_func=_or_any, key="library_cause", bind="query-params", width=240
        )
        years = range(portal().clock().year, FIRST_YEAR - 1, -1)
        year = st.selectbox(
            "Year", ["", *map(str, years)], format_func=_or_any, key="library_year", bind="query-params", width=140
        )
    since, until = (date(int(year), 1, 1), date(int(year), 12, 31)) if year else (None, None)
    return Asked(typed or "", service or "", cause or "", since, until)


def _or_any(word: str) -> str:
    return word.replace("_", " ") or "Any"


def _results(asked: Asked, total: int) -> None:
    above = st.container()
    pages = ceil(total / PER_PAGE)
    number = st.pagination(pages, key="library_page", bind="query-params") if pages > 1 else 1
    with portal().reading() as session:
        found = library.search(session, asked, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    with above:
        order = "the fittest first" if asked.words.strip() else "the newest first"
        st.caption(f"{words.counted(total, 'post-mortem')}, {order}")
        for each in found:
            with st.container(border=True):
                _result(each)


def _result(found: Found) -> None:
    kept = found.entry
    places.link("library", f"**{line(kept.title, 120)}**", entry=str(kept.id))
    st.caption(entry.facts(kept))
    if found.snippet:
        st.markdown(highlighted(found.snippet))


def highlighted(snippet: str) -> str:
    """Return a snippet as Markdown, its found words marked, everything else literally."""
    literal = plain(" ".join(snippet.split()))
    return _FOUND.sub(r":primary-background[\1]", literal).replace(BEGINS, "").replace(ENDS, "")
