"""The single facts that a team's own template can name, each as the words it is replaced by."""

from collections.abc import Callable, Mapping

from ims.model import IncidentRole
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.wording import duration, label, moment


def _lasted(facts: RcaFacts) -> str:
    lasted = duration(facts.incident.lasted_for(facts.written_at))
    return lasted if facts.incident.resolved_at else f"{lasted} so far"


def _holder(role: IncidentRole) -> Callable[[RcaFacts], str]:
    def words(facts: RcaFacts) -> str:
        held = [each for each in facts.roles if each.role is role]
        return facts.name_of(held[-1].person_id) if held else "–"

    return words


FACT_WORDS: Mapping[str, Callable[[RcaFacts], str]] = {
    "key": lambda facts: facts.incident.key,
    "title": lambda facts: facts.incident.title,
    "state": lambda facts: label(facts.incident.state),
    "severity": lambda facts: label(facts.incident.severity),
    "impact": lambda facts: label(facts.incident.impact),
    "services": lambda facts: ", ".join(facts.services) or "–",
    "customers": lambda facts: ", ".join(facts.customers) or "–",
    "began": lambda facts: moment(facts.incident.began_at),
    "detected": lambda facts: moment(facts.incident.detected_at),
    "declared": lambda facts: moment(facts.incident.declared_at),
    "acknowledged": lambda facts: moment(facts.incident.acknowledged_at),
    "first_update": lambda facts: moment(facts.incident.first_update_at),
    "mitigated": lambda facts: moment(facts.incident.mitigated_at),
    "resolved": lambda facts: moment(facts.incident.resolved_at),
    "lasted": _lasted,
    "incident_commander": _holder(IncidentRole.COMMANDER),
    "communications_lead": _holder(IncidentRole.COMMUNICATIONS),
    "operations_lead": _holder(IncidentRole.OPERATIONS),
    "written": lambda facts: moment(facts.written_at),
}
