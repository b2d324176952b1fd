"""People: added, changed, retired and brought back. Nobody is deleted, because timelines name them."""

from typing import Any

from ims.errors import Refusal
from ims.model import AccessRole, Person, PersonDraft
from ims.model.seen import Values
from ims.setup.access import keep_an_administrator, only_administrators, taken_once
from ims.setup.changes import bring_together, fields
from ims.store import catalogue
from ims.store.work import Work


def add_person(work: Work, draft: PersonDraft) -> Person:
    """Add a person.

    Raises:
        Refusal: the e-mail address is taken, or the actor may not change settings.
    """
    only_administrators(work)
    _refuse_taken(work, draft.email, None)
    with taken_once(work, _taken(draft.email)):
        return work.add(Person(**draft.model_dump()))


def change_person(work: Work, person_id: int, draft: PersonDraft, *, seen: Values | None = None) -> Person:
    """Change what is known of a person; ``seen`` are the fields as the form that was filled in showed them.

    Raises:
        Conflict: somebody else changed the same field meanwhile; nothing is saved.
        Refusal: the e-mail address is taken, it was the last administrator, or the actor may not change settings.
    """
    only_administrators(work)
    person = work.locked(Person, person_id)
    values = bring_together(work, person, shown_person(person), draft.model_dump(), seen)
    draft = PersonDraft.model_validate(values)
    if draft.access is not AccessRole.ADMINISTRATOR:
        keep_an_administrator(work, person)
    _refuse_taken(work, draft.email, person_id)
    with taken_once(work, _taken(draft.email)):
        person.sqlmodel_update(draft.model_dump())
    return person


def shown_person(person: Person) -> dict[str, Any]:
    """Return the fields that a form of a person shows."""
    return fields(person, PersonDraft.model_fields)


def retire_person(work: Work, person_id: int) -> Person:
    """Say that a person no longer responds; what they did stays in their name.

    Raises:
        Refusal: they are in the rota, hold a role, are the last administrator, or the actor may not change settings.
    """
    only_administrators(work)
    person = work.get(Person, person_id)
    keep_an_administrator(work, person)
    duties = [
        *(f"is in the rota {name}" for name in catalogue.rotas_with(work.session, person_id, work.now)),
        *(f"holds a role in INC-{number}" for number in catalogue.incidents_led_by(work.session, person_id)),
    ]
    if duties:
        raise Refusal(f"{person.name} {' and '.join(duties)}; give that to somebody else first.")
    person.active = False
    return person


def restore_person(work: Work, person_id: int) -> Person:
    """Bring a retired person back.

    Raises:
        Forbidden: the actor may not change settings.
    """
    only_administrators(work)
    person = work.get(Person, person_id)
    person.active = True
    return person


def _refuse_taken(work: Work, email: str, own_id: int | None) -> None:
    other = catalogue.person_by_email(work.session, email)
    if other is None or other.id == own_id:
        return
    retired = "" if other.active else " They are retired: bring them back instead."
    raise Refusal(f"{email} belongs to {other.name} already; give another e-mail address.{retired}")


def _taken(email: str) -> str:
    return f"Somebody just added {email}. Nothing was saved; look again."
