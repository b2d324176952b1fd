"""What is wrong or missing in this installation, every problem with a code, a sentence and a hint.

``ims check`` prints it and the settings page shows it. An error keeps the portal from starting, or an outside system
from being used; a warning is something that the procedure will stumble over.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ims.bootstrap import Portal, build
from ims.config import FILE, Settings, try_read, try_settings, unknown_settings, variables
from ims.delivery.dispatch import kinds_of
from ims.errors import SettingProblem
from ims.integrations.frame import System
from ims.integrations.registry import SYSTEMS, serving
from ims.model import DeliveryState
from ims.rules import RULES
from ims.store import catalogue, on_call, schema, standings
from ims.store.database import Session

_ONLY_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  compared, not listened on


class Level(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """Something to mend. ``code`` is stable, so that it can be searched for."""

    code: str
    level: Level
    sentence: str
    hint: str


def installation() -> list[Problem]:
    """Return every problem of this installation, as its environment describes it. No data is changed by looking."""
    settings, problems = try_settings()
    if settings is None:
        of_systems = [problem for system in SYSTEMS for problem in of_system(system)]
        return [*map(_error, problems), *of_systems, *_unknown()]
    try:
        portal = build(settings)
    except SettingProblem as problem:
        return [_error(problem), *_unknown()]
    try:
        return of_portal(portal)
    finally:
        portal.database.close()


def of_portal(portal: Portal) -> list[Problem]:
    """Return every problem of a portal: its files, its database, its settings, its people and customers."""
    found = [*_files(portal), *_drills(portal), *_unknown(), *_of_settings(portal.settings)]
    found += [problem for system in SYSTEMS for problem in of_system(system)]
    of_database = list(_database(portal))
    if not any(problem.level is Level.ERROR or problem.code == "IMS-108" for problem in of_database):
        with portal.reading() as session:
            found += [*_people(portal, session), *_customers(session), *_outbox(portal, session)]
    return found + of_database


def of_system(system: System) -> list[Problem]:
    """Return what is wrong with the settings of an outside system; nothing, where it is not meant to be used."""
    settings, problems = try_read(system.settings)
    if settings is None:
        return [_error(problem) for problem in problems]
    given = [variable for variable in variables(system.settings).values() if _is_given(variable)]
    if settings.is_configured or not given:
        return []
    are = "is" if len(given) == 1 else "are"
    missing = " or ".join(variables(system.settings)[name] for name in system.settings.begins_with)
    sentence = f"{', '.join(given)} {are} set, but {system.title} is not used: {missing} is missing."
    return [_warning("IMS-309", sentence, f"{readme(system)} says what it needs.")]


def readme(system: System) -> str:
    """Return where the documentation of a system is, from the project's folder."""
    return f"ims/integrations/{system.name}/README.md"


def any_error(problems: Sequence[Problem]) -> bool:
    """Return whether one of the problems keeps the portal from starting, or a system from being used."""
    return any(problem.level is Level.ERROR for problem in problems)


def _error(problem: SettingProblem) -> Problem:
    return Problem(problem.code, Level.ERROR, str(problem), problem.hint)


def _warning(code: str, sentence: str, hint: str) -> Problem:
    return Problem(code, Level.WARNING, sentence, hint)


def _unknown() -> Iterator[Problem]:
    for name, meant in unknown_settings(Settings, *(system.settings for system in SYSTEMS)).items():
        hint = f"Did you mean {meant}?" if meant else "docs/settings.md lists every setting."
        yield _warning("IMS-107", f"{name} is not a setting of the portal, and is not read.", hint)


def _files(portal: Portal) -> Iterator[Problem]:
    for name in RULES:
        try:
            getattr(portal, name)
        except SettingProblem as problem:
            yield _error(problem)


def _drills(portal: Portal) -> Iterator[Problem]:
    """A bad scenario keeps its drill from being started, not the portal."""
    for problem in portal.scenarios.refused:
        yield _warning(problem.code, str(problem), problem.hint)


def _of_settings(settings: Settings) -> Iterator[Problem]:
    if not (settings.alertmanager_token and settings.alertmanager_token.get_secret_value()):
        yield _warning(
            "IMS-304",
            "No Alertmanager token is set, so alerts are taken only from senders on the portal's own machine.",
            "Set IMS_ALERTMANAGER_TOKEN, or IMS_ALERTMANAGER_TOKEN_FILE, to a long random word.",
        )
    if urlsplit(settings.base_url).hostname in _ONLY_HERE:
        yield _warning(
            "IMS-305",
            f"Links in messages start with {settings.base_url}, which opens on this machine only.",
            "Set IMS_BASE_URL to the address that people use.",
        )


def _database(portal: Portal) -> Iterator[Problem]:
    try:
        revision = schema.peek(portal.database)
    except SettingProblem as problem:
        yield _error(problem)
        return
    if revision != schema.newest_revision():
        state = f"has the schema {revision}" if revision else "is empty"
        yield _warning(
            "IMS-108",
            f"The database {state}; this version of IMS keeps {schema.newest_revision()}.",
            "Run ims migrate, or start the portal, which does it too.",
        )


def _people(portal: Portal, session: Session) -> Iterator[Problem]:
    if not catalogue.people(session):
        yield _warning("IMS-301", "The portal knows nobody.", "Add the team's people on the page Settings.")
    elif not on_call.escalation_list(session, portal.clock()):
        yield _warning(
            "IMS-302",
            "Nobody is on call, so a declared incident pages nobody.",
            "Make a rota on the page Settings.",
        )
    if not catalogue.services(session):
        yield _warning(
            "IMS-306",
            "No service is named, so an incident cannot say what it affects.",
            "Add the services on the page Settings.",
        )


def _customers(session: Session) -> Iterator[Problem]:
    customers = catalogue.customers(session)
    if not customers:
        yield _warning("IMS-307", "No customer is named, so nobody can be told.", "Add them on the page Settings.")
    for customer in customers:
        if customer.gaps():
            yield _warning(
                "IMS-303",
                f"{customer.name} cannot be told as the procedure asks: {', '.join(customer.gaps())}.",
                "Fill it in on the page Settings.",
            )


def _outbox(portal: Portal, session: Session) -> Iterator[Problem]:
    """Name what each system in use has refused for good, then what else has stopped."""
    counts = standings.unsent(session, portal.clock())
    stopped = {kind: count for kind, states in counts.items() if (count := states.get(DeliveryState.STOPPED, 0))}
    serves = serving()
    for system in SYSTEMS:
        abilities = [ability for ability, each in serves.items() if each is system]
        served = [kind for kind in kinds_of(*abilities) if kind in stopped]
        if served:
            yield _refused(system, sum(map(stopped.pop, served)), session, served)
    left = sum(stopped.values())
    if left:
        noun = "delivery has" if left == 1 else "deliveries have"
        yield _warning("IMS-308", f"{left} {noun} stopped and wait for a person.", "See the page Deliveries.")


def _refused(system: System, count: int, session: Session, kinds: list[str]) -> Problem:
    last = standings.last_problem(session, kinds)
    noun = "a delivery" if count == 1 else f"{count} deliveries"
    sentence = f"{system.title} has refused {noun}, the last one with: {last.problem if last else ''}"
    return _warning("IMS-310", sentence, "Mend what it says, then retry on the page Deliveries.")


def _is_given(variable: str) -> bool:
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}{FILE}"))
