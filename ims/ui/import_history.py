"""The Import page: a file of past incidents is read, its doubts are decided by a person, and it is brought in."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from ims.errors import Refusal
from ims.intake.history.found import Choices, DayOrder, Decision, PastIncident, Preview, Problem, ProblemKind
from ims.intake.history.importing import Outcome, bring_in
from ims.intake.history.registry import read_history, titles
from ims.ui import places, words
from ims.ui.session import attempt
from ims.ui.text import plain

RECOGNISE = "recognise"
SAMPLE = 20
MOST_DECIDED_BY_ROW = 1_000
OUTCOME = "import_outcome"
IMPORTS = "imports_done"
DECISION = {
    Decision.AS_IT_STANDS: "Import as it stands",
    Decision.WITHOUT_TIME: "Import without that time",
    Decision.SKIP: "Leave the row out",
}
KIND = {
    ProblemKind.NO_START: "No start",
    ProblemKind.UNREADABLE_TIME: "A time that cannot be read",
    ProblemKind.BACKWARDS: "Resolved before it started",
    ProblemKind.UNLIKELY: "Unlikely to last so long",
    ProblemKind.NO_LENGTH: "Over in the minute it started",
    ProblemKind.REPEATED: "Same number twice",
}
_ORDER = {DayOrder.DAY_FIRST: "Day first: 03/04 is 3 April", DayOrder.MONTH_FIRST: "Month first: 03/04 is 4 March"}
_CANNOT_COME_IN = (ProblemKind.NO_START, ProblemKind.REPEATED)


def draw() -> None:
    """Draw the page."""
    st.title("Import past incidents", anchor=False)
    st.markdown(
        "So that the figures start with what you know already. ServiceNow, Jira, PagerDuty, Opsgenie, GitHub's and "
        "AWS's status history, or a list of your own as CSV. Nothing is written before you have seen what was found, "
        "and importing a file again brings nothing in twice."
    )
    _last_outcome()
    # A new key after an import makes a new, empty uploader; the file that is in need not stand there any more.
    key = f"import_file_{st.session_state.get(IMPORTS, 0)}"
    uploaded = st.file_uploader("File of past incidents (CSV or JSON, at most 50 MB)", key=key)
    if uploaded is None:
        return
    data = uploaded.getvalue()
    preview = _preview(data, _choices())
    if preview is not None:
        _show(preview, hashlib.sha256(data).hexdigest()[:12])


def _last_outcome() -> None:
    outcome = st.session_state.get(OUTCOME)
    if isinstance(outcome, Outcome):
        st.success(outcome.sentence, icon=":material/check:")
        places.link("figures", "See the figures", icon="monitoring")


def _choices() -> Choices:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = titles()
        known = st.selectbox(
            "Format",
            [RECOGNISE, *names],
            format_func=lambda key: names.get(key, "Recognise it"),
            key="import_format",
            width=240,
        )
        zone = st.selectbox(
            "Zone of times that carry none",
            ["UTC", *sorted(available_timezones() - {"UTC"})],
            key="import_zone",
            width=240,
        )
        order = st.selectbox(
            "Dates in numbers",
            [None, *DayOrder],
            format_func=lambda order: _ORDER[order] if order else "As the file shows",
            key="import_order",
            width=240,
        )
    return Choices(None if known == RECOGNISE else known, zone, order)


def _preview(data: bytes, choices: Choices) -> Preview | None:
    try:
        return _read(hashlib.sha256(data).hexdigest(), choices, data)
    except Refusal as refusal:
        st.error(plain(str(refusal)), icon=":material/error:")
        return None


@st.cache_resource(max_entries=4, ttl="1h", show_spinner="Reading the file…")
def _read(digest: str, choices: Choices, _data: bytes) -> Preview:  # noqa: ARG001  the key of the cache
    return read_history(_data, choices)


def _show(preview: Preview, digest: str) -> None:
    with_end = sum(incident.resolved_at is not None for incident in preview.incidents)
    st.subheader("What was found", anchor=False)
    with st.container(horizontal=True):
        st.metric("Format", plain(preview.title), width="content")
        st.metric("Rows", f"{preview.rows:,}", width="content")
        st.metric("Incidents", f"{len(preview.incidents):,}", width="content")
        st.metric("With a resolution", f"{with_end:,}", width="content")
        st.metric("Rows with a doubt", f"{len({problem.row for problem in preview.problems}):,}", width="content")
    st.markdown("\n".join(f"- {plain(remark)}" for remark in preview.remarks))
    _sample(preview.incidents[:SAMPLE])
    decisions = _decide(preview.problems, digest)
    with_planned = _maintenance(preview)
    if preview.order_is_guessed:
        st.warning("Choose above whether the day or the month comes first; nothing in the file shows it.")
    _offer(preview, preview.decided(decisions, with_planned=with_planned))


def _sample(incidents: Sequence[PastIncident]) -> None:
    frame = pd.DataFrame(
        {
            "Number": [incident.key for incident in incidents],
            "Title": [incident.title for incident in incidents],
            "Severity": [incident.severity.upper() if incident.severity else "" for incident in incidents],
            "State": [incident.state.value for incident in incidents],
            "Started (UTC)": [_say(incident.opened_at) for incident in incidents],
            "Resolved (UTC)": [_say(incident.resolved_at) for incident in incidents],
            "Services": [", ".join(incident.services) for incident in incidents],
        }
    )
    st.dataframe(
        frame, hide_index=True, alt="The first incidents of the file as they were understood", key="import_sample"
    )


def _say(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at else ""


def _decide(problems: Sequence[Problem], digest: str) -> dict[int, Decision]:
    """Show every doubt row by row, and return what the person decides."""
    left_out = [problem for problem in problems if problem.kind in _CANNOT_COME_IN]
    doubts = [problem for problem in problems if problem.kind not in _CANNOT_COME_IN]
    if left_out:
        st.subheader(f"{words.counted(len(left_out), 'row')} that cannot come in", anchor=False)
        st.dataframe(_table(left_out), hide_index=True, alt="Rows that are left out, and why", key="import_left_out")
    if not doubts:
        return {}
    st.subheader("Rows to decide about", anchor=False)
    by_kind = _decide_by_kind(doubts, digest)
    decisions = {problem.row: by_kind[problem.kind] for problem in doubts}
    return decisions | _decide_by_row(doubts[:MOST_DECIDED_BY_ROW], decisions, digest)


def _decide_by_kind(doubts: Sequence[Problem], digest: str) -> dict[ProblemKind, Decision]:
    kinds = list(dict.fromkeys(problem.kind for problem in doubts))
    decisions = {}
    with st.container(horizontal=True):
        for kind in kinds:
            count = sum(problem.kind is kind for problem in doubts)
            decisions[kind] = st.selectbox(
                f"{KIND[kind]} ({count:,})",
                list(DECISION),
                format_func=DECISION.__getitem__,
                key=f"import_{kind}_{digest}",
                width=240,
            )
    return decisions


def _decide_by_row(doubts: Sequence[Problem], decisions: dict[int, Decision], digest: str) -> dict[int, Decision]:
    frame = _table(doubts).assign(Decision=[DECISION[decisions[problem.row]] for problem in doubts])
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=["Row", "Number", "What is wrong"],
        column_config={
            "Decision": st.column_config.SelectboxColumn(
                options=list(DECISION.values()), required=True, width="medium"
            ),
            "What is wrong": st.column_config.TextColumn(width="large"),
        },
        alt="Rows with a doubt, each with the decision about it",
        key=f"import_rows_{digest}",
    )
    words = {label: decision for decision, label in DECISION.items()}
    changed = edited["Decision"] != frame["Decision"]
    return {
        int(row): words[label] for row, label in zip(edited["Row"][changed], edited["Decision"][changed], strict=True)
    }


def _table(problems: Sequence[Problem]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Row": [problem.row for problem in problems],
            "Number": [problem.key for problem in problems],
            "What is wrong": [problem.sentence for problem in problems],
        }
    )


def _maintenance(preview: Preview) -> bool:
    if not preview.planned:
        return True
    return st.toggle(
        f"Bring in the {preview.planned:,} maintenances planned beforehand too", value=True, key="import_planned"
    )


def _offer(preview: Preview, wanted: Sequence[PastIncident]) -> None:
    pressed = st.button(
        f"Import {words.counted(len(wanted), 'incident')}",
        type="primary",
        icon=":material/upload:",
        disabled=not wanted or preview.order_is_guessed,
        key="import_go",
    )
    if not pressed:
        return
    bar = st.progress(0.0, "Importing…")
    outcome = attempt(
        lambda work: bring_in(work, wanted, lambda done: _tell(bar.progress, done)),
        "The incidents are in.",
    )
    bar.empty()
    if outcome:
        st.session_state[OUTCOME] = outcome
        st.session_state[IMPORTS] = st.session_state.get(IMPORTS, 0) + 1
        st.rerun()


def _tell(progress: object, done: float) -> None:
    if callable(progress):
        progress(min(done, 1.0), f"Importing… {done:.0%}")
