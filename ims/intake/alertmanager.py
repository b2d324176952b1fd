"""Reading what Alertmanager posts (webhook payload, version 4). Pure: bytes in, sightings and problems out."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field, ValidationError

from ims.model import AlertStatus
from ims.model.types import LINE_LENGTH, legible
from ims.store.alerts import Sighting

LONGEST_TEXT = 20_000
MOST_TEXTS = 200
MOST_NAMED = 5
NO_NAME = "Alert without a name"
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """A body that is no message of Alertmanager; the sentence says why."""


@dataclass(frozen=True)
class Reading:
    """What a body says, and in words what of it could not be understood. ``readable`` is false if nothing could."""

    sightings: list[Sighting] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    readable: bool = True

    @property
    def problem(self) -> str:
        """All problems in one text."""
        return " ".join(self.problems)


def read(body: bytes) -> Reading:
    """Read a body. Alerts that can be read are, also where others of the same body cannot."""
    try:
        message = _decoded(body)
        alerts = _alerts_of(message)
    except Unreadable as reason:
        return Reading(problems=[str(reason)], readable=False)
    group_key = message.get("groupKey")
    key = str(legible(group_key))[:LONGEST_TEXT] if isinstance(group_key, str) else ""
    sightings, bad = _sightings(alerts, key)
    return Reading(sightings, [*bad, *_left_out(message)], readable=bool(sightings) or not alerts)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not UTF-8 text: byte {error.start + 1} of {len(body)} does not fit.") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise Unreadable("The body is JSON nested too deeply for any message of Alertmanager.") from error
    except ValueError as error:  # NaN, or a number of thousands of digits
        raise Unreadable(f"The body is not JSON: {error}.") from error
    if not isinstance(message, dict):
        raise Unreadable(f"The body is a JSON {_kind(message)}, not an object with alerts.")
    return message


def _no_number(name: str) -> NoReturn:
    raise Unreadable(f"The body is not JSON: {name} is no JSON number.")


def _alerts_of(message: Mapping[str, Any]) -> list[Any]:
    if "alerts" not in message:
        raise Unreadable("The body has no “alerts”; is this the webhook of an Alertmanager?")
    alerts = message["alerts"]
    if not isinstance(alerts, list):
        raise Unreadable(f"“alerts” is a JSON {_kind(alerts)}, not a list.")
    return alerts


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")


def _clean(text: object) -> object:
    visible = legible(text)
    if not isinstance(visible, str) or len(visible) <= LONGEST_TEXT:
        return visible
    return f"{visible[:LONGEST_TEXT]}… ({len(visible) - LONGEST_TEXT} characters more in the inbox)"


def _written_date(value: object) -> object:
    if not isinstance(value, str) or not _DATE_TIME.match(value):
        raise ValueError("is not a time like 2026-11-23T07:07:45Z")
    return value


def _in_utc(moment: datetime) -> datetime | None:
    """Return the moment in UTC, ``None`` for Go's zero time, which stands for "none"."""
    if moment.year <= 1:
        return None
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("is not a time that a computer has seen")
    return moment.astimezone(UTC)


def _few(texts: object) -> object:
    if isinstance(texts, dict) and len(texts) > MOST_TEXTS:
        raise ValueError(f"holds {len(texts)} texts, more than {MOST_TEXTS}")
    return texts


_Text = Annotated[str, BeforeValidator(_clean)]
_Texts = Annotated[dict[_Text, _Text], BeforeValidator(_few)]
# Prometheus writes nanoseconds; pydantic cuts them to microseconds, which is what databases keep.
_Moment = Annotated[AwareDatetime, BeforeValidator(_written_date), AfterValidator(_in_utc)]


class _WrittenAlert(BaseModel):
    """One alert as it is written; fields that we do not know are ignored."""

    status: AlertStatus
    labels: _Texts
    annotations: _Texts = Field(default_factory=dict)
    starts_at: _Moment = Field(alias="startsAt")
    ends_at: _Moment | None = Field(default=None, alias="endsAt")
    generator_url: _Text = Field(default="", alias="generatorURL")
    fingerprint: Annotated[_Text, Field(min_length=1, max_length=LINE_LENGTH)]


def _sightings(alerts: Iterable[Any], group_key: str) -> tuple[list[Sighting], list[str]]:
    sightings, bad = [], []
    for number, alert in enumerate(alerts, start=1):
        try:
            sightings.append(_sighting(alert, group_key))
        except ValidationError as error:
            bad.append(f"Alert {number}: {_in_words(error)}.")
        except ValueError as error:
            bad.append(f"Alert {number}: {error}.")
    return sightings, bad if len(bad) <= MOST_NAMED else [*bad[:MOST_NAMED], f"{len(bad)} alerts in all are bad."]


def _sighting(alert: object, group_key: str) -> Sighting:
    if not isinstance(alert, dict):
        raise Unreadable(f"it is a JSON {_kind(alert)}, not an object")
    written = _WrittenAlert.model_validate(alert)
    if written.starts_at is None:
        raise ValueError("startsAt is no time")
    firing = written.status is AlertStatus.FIRING
    return Sighting(
        fingerprint=written.fingerprint,
        starts_at=written.starts_at,
        status=written.status,
        ends_at=None if firing else written.ends_at,
        name=" ".join(written.labels.get("alertname", "").split())[:LINE_LENGTH] or NO_NAME,
        labels=written.labels,
        annotations=written.annotations,
        group_key=group_key,
        generator_url=written.generator_url,
    )


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = " ".join(str(legible(str(part)))[:60] for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _left_out(message: Mapping[str, Any]) -> list[str]:
    """Say that Alertmanager left alerts out, as its ``max_alerts`` makes it do."""
    count = message.get("truncatedAlerts", 0)
    if not isinstance(count, int) or isinstance(count, bool):
        return ["“truncatedAlerts” is not a number, so nobody knows whether alerts were left out."]
    return [f"Alertmanager left out {count} more alerts (its max_alerts); look there."] if count > 0 else []
