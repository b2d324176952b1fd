"""What is wrong or missing in this installation, every problem with a code, a sentence and a hint.

``ims check`` prints it and the settings page shows it. An error keeps the portal from starting; a warning is something
that the procedure will stumble over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlsplit

from ims.bootstrap import Portal, build
from ims.config import Settings, try_settings, unknown_settings
from ims.errors import SettingProblem
from ims.integrations.registry import SYSTEMS
from ims.model import DeliveryState
from ims.store import catalogue, deliveries, schema
from ims.store.database import Session

_ONLY_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  compared, not listened on
# What the portal reads from data/ is a cached property of it; the worker is the one that is no file.
_FILES = [name for name, each in vars(Portal).items() if isinstance(each, cached_property) and name != "worker"]


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
        return [*map(_error, problems), *_unknown()]
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
    of_database = list(_database(portal))
    if not any(problem.level is Level.ERROR or problem.code == "IMS-108" for problem in of_database):
        with portal.reading() as session:
            found += [*_people(portal, session), *_customers(session), *_outbox(session)]
    return found + of_database


def is_fatal(problems: list[Problem]) -> bool:
    """Return whether one of the problems keeps the portal from starting."""
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
    for name in _FILES:
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
    elif not catalogue.escalation_list(session, portal.clock()):
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


def _outbox(session: Session) -> Iterator[Problem]:
    stopped = deliveries.counts(session).get(DeliveryState.STOPPED, 0)
    if stopped:
        noun = "delivery has" if stopped == 1 else "deliveries have"
        yield _warning("IMS-308", f"{stopped} {noun} stopped and wait for a person.", "See the page Deliveries.")
