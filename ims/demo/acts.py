"""The acts of the story: the word in ``data/demo.yaml``, and the verb of the portal that it stands for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ims.bootstrap import Portal
from ims.demo.story import Act, Chapter, after
from ims.model import (
    Actor,
    CustomerUpdateDraft,
    Frequency,
    Impact,
    IncidentDraft,
    IncidentRole,
    Person,
    Severity,
    UpdatePhase,
)
from ims.response import command, customers, definition, investigation, states
from ims.response.declare import declare
from ims.store import incidents, on_call
from ims.store.work import Work

ROLES = {
    "ic": IncidentRole.COMMANDER,
    "cl": IncidentRole.COMMUNICATIONS,
    "ol": IncidentRole.OPERATIONS,
}
TURNS = ("ic", "next", "third", "fourth")


@dataclass
class Scene:
    """One chapter while it is played: what it has become in the portal so far."""

    portal: Portal
    chapter: Chapter
    begin: datetime
    service_ids: Sequence[int]
    customer_ids: Sequence[int]
    alert_ids: list[int] = field(default_factory=list)
    incident_id: int = 0

    def who(self, work: Work, word: str) -> Person:
        """Return who a word of the story means: the holder of a role, or a place in the escalation list."""
        holders = incidents.current_roles(work.session, self.incident_id)
        holder = holders.get(ROLES[word]) or holders.get(IncidentRole.COMMANDER) if word in ROLES else None
        if holder:
            return work.get(Person, holder.person_id)
        order = on_call.escalation_list(work.session, self.begin)
        return work.get(Person, order[TURNS.index(word)])


def actor_of(scene: Scene, act: Act) -> Actor:
    """Return who does an act."""
    with scene.portal.reading() as session:
        looking = Work(session, scene.portal.clock(), Actor("Story"))
        person = scene.who(looking, act.by)
        return Actor(person.name, person.id, person.access)


def _declare(scene: Scene, work: Work, _act: Act) -> None:
    chapter = scene.chapter
    draft = IncidentDraft(
        title=chapter.title,
        summary=chapter.summary,
        affects_customers="customers" in chapter.affects,
        affects_sla="sla" in chapter.affects,
        precaution=chapter.precaution,
        service_ids=list(scene.service_ids),
        customer_ids=list(scene.customer_ids),
        alert_ids=scene.alert_ids,
        began_at=scene.begin,
    )
    scene.incident_id = declare(work, draft, scene.portal.procedure).id


def _acknowledge(scene: Scene, work: Work, _act: Act) -> None:
    command.acknowledge(work, scene.incident_id)


def _roles(scene: Scene, work: Work, act: Act) -> None:
    for word, who in act.words.items():
        command.assign_role(work, scene.incident_id, ROLES[word], scene.who(work, who).id)


def _confirm_roles(scene: Scene, work: Work, _act: Act) -> None:
    command.confirm_roles(work, scene.incident_id)


def _define(scene: Scene, work: Work, act: Act) -> None:
    words = act.words
    definition.define_impact(work, scene.incident_id, Impact(words["impact"]), words["impact_text"])
    definition.define_frequency(work, scene.incident_id, Frequency(words["frequency"]), words["frequency_text"])
    definition.decide_severity(work, scene.incident_id, Severity(words["severity"]))


def _severity(scene: Scene, work: Work, act: Act) -> None:
    definition.decide_severity(work, scene.incident_id, Severity(act.words["severity"]), act.words["text"])


def _note(scene: Scene, work: Work, act: Act) -> None:
    investigation.note(work, scene.incident_id, act.words["text"])


def _finding(scene: Scene, work: Work, act: Act) -> None:
    investigation.finding(work, scene.incident_id, act.words["text"])


def _replicate(scene: Scene, work: Work, act: Act) -> None:
    words = act.words
    text = words.get("text", "")
    investigation.replication(work, scene.incident_id, incognito=words["incognito"], seen=words["seen"], text=text)


def _involve_team(scene: Scene, work: Work, act: Act) -> None:
    investigation.involve_team(work, scene.incident_id, act.words["team"], act.words.get("text", ""))


def _need_no_team(scene: Scene, work: Work, _act: Act) -> None:
    investigation.need_no_team(work, scene.incident_id)


def _waive_step(scene: Scene, work: Work, act: Act) -> None:
    investigation.waive_step(work, scene.incident_id, scene.portal.procedure, act.words["step"], act.words["text"])


def _update(scene: Scene, work: Work, act: Act) -> None:
    words = act.words
    phase = UpdatePhase(words["phase"])
    told = incidents.customers_of(work.session, scene.incident_id)
    promise = customers.next_promise(scene.portal.procedure, told, work.now)
    if "next" in words:
        promise = after(work.now, words["next"])
    draft = CustomerUpdateDraft(
        phase=phase,
        subject=words["subject"],
        body=words["text"],
        next_update_at=None if phase is UpdatePhase.RESOLVED else promise,
    )
    number = len(incidents.updates(work.session, scene.incident_id)) + 1
    customers.send_update(work, scene.incident_id, draft, number=number)


def _mitigate(scene: Scene, work: Work, act: Act) -> None:
    states.mitigate(work, scene.incident_id, act.words["text"])


def _resolve(scene: Scene, work: Work, act: Act) -> None:
    states.resolve(work, scene.incident_id, act.words["text"], scene.portal.procedure)


def _reopen(scene: Scene, work: Work, act: Act) -> None:
    states.reopen(work, scene.incident_id, act.words["text"], scene.portal.procedure)


def _cancel(scene: Scene, work: Work, act: Act) -> None:
    states.cancel(work, scene.incident_id, act.words["text"])


def _close(scene: Scene, work: Work, act: Act) -> None:
    states.close(work, scene.incident_id, scene.portal.procedure, override_reason=act.words.get("override", ""))


Doing = Callable[[Scene, Work, Act], None]
RESPONSE: Mapping[str, Doing] = {
    "declare": _declare,
    "acknowledge": _acknowledge,
    "roles": _roles,
    "confirm_roles": _confirm_roles,
    "define": _define,
    "severity": _severity,
    "note": _note,
    "finding": _finding,
    "replicate": _replicate,
    "involve_team": _involve_team,
    "need_no_team": _need_no_team,
    "waive_step": _waive_step,
    "update": _update,
    "mitigate": _mitigate,
    "resolve": _resolve,
    "reopen": _reopen,
    "cancel": _cancel,
    "close": _close,
}
