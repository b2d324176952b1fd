"""What it is: impact, frequency, severity and whom it affects; what it looks like from earlier."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from ims.model import EntryKind, Frequency, Impact, Incident
from ims.response import definition
from ims.response.similar import LOOK_BACK, similar
from ims.store import catalogue
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import plain
from ims.ui.two_at_once import Field, Form

MOST_SIMILAR = 5
SCOPE = ("services", "customers")
Seen = tuple[str, str, datetime]


def draw(situation: Situation) -> None:
    """Draw the definition, its history, and earlier incidents that look alike."""
    incident = situation.incident
    seen = seen_before(incident.id, incident.title, incident.declared_at)
    markup.html(f'<b>Definition</b><dl class="ims-facts">{"".join(_facts(situation, len(seen)))}</dl>')
    if seen:
        st.markdown(_links(seen))
    with st.container(horizontal=True, gap="small"):
        st.button("Define", key="define", icon=":material/straighten:", on_click=ask, args=("define",))
        st.button("Services and customers", key="scope", icon=":material/domain:", on_click=ask, args=("scope",))


def _facts(situation: Situation, times_seen: int) -> list[str]:
    incident = situation.incident
    impact = words.IMPACT[incident.impact] if incident.impact else "not defined yet"
    frequency = words.FREQUENCY[incident.frequency] if incident.frequency else "not defined yet"
    return [
        _fact("Impact", impact, markup.text(incident.impact_text)),
        _fact("Frequency", frequency, markup.text(incident.frequency_text)),
        _fact("Seen before", _times(times_seen)),
        _fact("Severity", words.SEVERITY[incident.severity] if incident.severity else "not decided yet"),
        _fact("Suggested", *suggestion(incident)),
        *_history(situation),
    ]


def _times(count: int) -> str:
    return f"{words.counted(count, 'time')} in {LOOK_BACK.days} days" if count else f"not in {LOOK_BACK.days} days"


def _fact(name: str, value: str, detail: str = "") -> str:
    more = f"<br>{markup.muted(detail)}" if detail and detail != markup.text("") else ""
    return f"<div><dt>{name}</dt><dd>{value}{more}</dd></div>"


def _history(situation: Situation) -> list[str]:
    """Say how the severity came to be what it is, oldest first, once there is more than one decision."""
    decisions = list(situation.case.of_kind(EntryKind.SEVERITY_SET))
    if not decisions:
        return []
    said = [
        f"{markup.when(entry.occurred_at, situation.now)} {markup.text(entry.text)} ({markup.text(entry.author)})"
        for entry in decisions
    ]
    return [
        f'<div class="ims-whole"><dt>How the severity was decided</dt><dd>{markup.muted("<br>".join(said))}</dd></div>'
    ]


def suggestion(incident: Incident) -> tuple[str, str]:
    """Return the suggested severity in words, and why."""
    if incident.impact is None or incident.frequency is None:
        return "none yet", "needs impact and frequency"
    return suggested(incident.impact, incident.frequency, affects_sla=incident.affects_sla)


def suggested(impact: Impact, frequency: Frequency, *, affects_sla: bool) -> tuple[str, str]:
    """Return the severity that the matrix gives for an impact and a frequency, and why."""
    severity = portal().severity_matrix.suggest(impact, frequency, affects_sla=affects_sla)
    sla = ", raised because an SLA is affected" if affects_sla else ""
    felt, often = (word.partition(":")[0].lower() for word in (words.IMPACT[impact], words.FREQUENCY[frequency]))
    return words.SEVERITY[severity], f"impact {felt}, frequency {often}{sla}"


@st.cache_data(ttl="5m", show_spinner=False)
def seen_before(incident_id: int, title: str, declared_at: datetime) -> Sequence[Seen]:
    """Return key, title and time of the incidents of the 90 days before one whose titles look like its own."""
    with portal().reading() as session:
        found = similar(session, title, declared_at, excluding=incident_id)
    return [(each.incident.key, each.incident.title, each.incident.declared_at) for each in found]


def _links(seen: Sequence[Seen]) -> str:
    links = [
        f":small[[{key}](/incident?key={key}) {plain(title)}, {words.moment(declared_at)}]"
        for key, title, declared_at in seen[:MOST_SIMILAR]
    ]
    more = [f":small[and {len(seen) - MOST_SIMILAR} more]"] if len(seen) > MOST_SIMILAR else []
    return "  \n".join([*links, *more])


@st.dialog("Services and customers", icon=":material/domain:", on_dismiss=close_dialog)
def scope(situation: Situation) -> None:
    """Ask which services and customers are affected; what others add or take away meanwhile stays so."""
    before = [each.id for each in situation.services], [each.id for each in situation.case.customers]
    form = Form(f"scope_{situation.incident.key}", {name: Field(name, f"scope_{name}") for name in SCOPE})
    form.open_on(dict(zip(SCOPE, before, strict=True)))
    with portal().reading() as session:
        services = {each.id: each.name for each in (*catalogue.services(session), *situation.services)}
        customers = {each.id: each.name for each in (*catalogue.customers(session), *situation.case.customers)}
    with st.form("scope"):
        service_ids = _choice("Affected services", services, "scope_services")
        customer_ids = _choice("Affected customers", customers, "scope_customers")
        if st.form_submit_button("Save", key="scope_submit", type="primary"):
            incident_id, procedure = situation.incident.id, situation.procedure
            seen = form.seen["services"], form.seen["customers"]
            do(
                lambda work: definition.set_scope(work, incident_id, procedure, service_ids, customer_ids, seen=seen),
                "Saved",
            )


def _choice(label: str, names: dict[int, str], key: str) -> list[int]:
    return st.multiselect(label, list(names), format_func=names.__getitem__, key=key)
