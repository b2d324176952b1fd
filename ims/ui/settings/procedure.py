"""The tab of the procedure, as it was read from its file."""

import streamlit as st

from ims.sop.procedure import DoneWhen, Due, Procedure, Responsible, Rule, Step
from ims.ui import words
from ims.ui.session import portal
from ims.ui.settings.editing import table
from ims.ui.text import line, plain

WHO = {
    Responsible.PORTAL: "the portal",
    Responsible.COMMANDER: "Incident Commander",
    Responsible.COMMUNICATIONS: "Communications Lead",
    Responsible.OPERATIONS: "Operations Lead",
}
RULE = {
    Rule.ROLES_HELD: "every role is held or confirmed",
    Rule.CUSTOMERS_UPDATED: "every customer told, no gap over the interval",
    Rule.CUSTOMERS_TOLD_RESOLVED: "every customer told that it is resolved",
}


def draw() -> None:
    """Draw the phases and steps, and say how to change them."""
    procedure = portal().procedure
    again = words.duration(procedure.page_again_every)
    st.markdown(
        f"**{line(procedure.title)}** · customers hear every {_intervals(procedure)} · the next on the rota is paged "
        f"after {again}, round and round"
    )
    for phase in procedure.phases:
        st.subheader(plain(phase.title), anchor=False)
        table([_row(step) for step in phase.steps], alt=f"Steps of the phase {phase.title}")
    _how_to_edit(procedure)


def _intervals(procedure: Procedure) -> str:
    by_severity = procedure.customer_update_every_by_severity
    special = [f"{words.SEVERITY[each]} {words.duration(span)}" for each, span in sorted(by_severity.items())]
    return ", ".join([words.duration(procedure.customer_update_every), *special])


def _row(step: Step) -> dict[str, str]:
    return {
        "Step": step.title,
        "Who": ", ".join(WHO[each] for each in step.who),
        "Due": _due(step.due),
        "Complete when": _done_when(step.done_when),
        "Needed": "as needed" if step.as_needed else "always",
        "Hint": step.hint,
    }


def _due(due: Due | None) -> str:
    if due is None:
        return "no time"
    span = f"{due.within.working_days} working days" if due.within.working_days else words.duration(due.within.plain)
    return f"{span} after {_said(due.after.value)}"


def _done_when(done_when: DoneWhen | None) -> str:
    if done_when is None:
        return "ticked by hand, with a note"
    if done_when.rule:
        return RULE[done_when.rule]
    joint, kinds = (" or ", done_when.any) if done_when.any else (" and ", done_when.all)
    return joint.join(_said(kind.value) for kind in kinds)


def _said(word: str) -> str:
    return word.replace("_", " ").replace("rca", "RCA")


def _how_to_edit(procedure: Procedure) -> None:
    path = portal().settings.data_dir / "sop.yaml"
    st.caption(
        f"Edit {plain(str(path))} and restart the portal; a file that makes no sense is refused with its line. "
        f"Each incident keeps the version it was declared under. This one is {procedure.digest[:12]} (SHA-256)."
    )
    with st.expander("The file as it was read", icon=":material/code:"):
        st.code(procedure.text, language="yaml", wrap_lines=True)
