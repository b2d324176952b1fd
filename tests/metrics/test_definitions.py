"""The definitions file: what it must say, and how it is refused."""

import pytest
import yaml

from ims.config import ROOT
from ims.errors import SettingProblem
from ims.metrics.definitions import DURATIONS, Unit, read_definitions

TEXT = (ROOT / "data" / "metrics.yaml").read_text(encoding="utf-8")


def changed(figure: str, **fields: object) -> str:
    content = yaml.safe_load(TEXT)
    content["figures"][figure] |= fields
    return yaml.safe_dump(content)


def test_the_file_of_the_portal_defines_every_duration_in_minutes() -> None:
    definitions = read_definitions(TEXT)
    assert {definitions[key].unit for key in DURATIONS} == {Unit.MINUTES}
    assert all(definition.exclusions for definition in definitions.values())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("figures: [", "line 1 is not YAML"),
        ("[]", "must hold “figures”"),
        ("figures: {}", "incidents is missing"),
        (changed("time_to_resolve", end="solved_at"), "time_to_resolve end"),
        (changed("time_to_resolve", end=None), "needs an end"),
        (changed("time_to_resolve", versoin=2), "time_to_resolve versoin"),
        (changed("incidents", fallback="closed_at"), "fallback stands in"),
        (changed("incidents", version=0), "incidents version"),
    ],
)
def test_a_bad_definition_is_refused_with_its_place_and_reason(text: str, reason: str) -> None:
    with pytest.raises(SettingProblem, match=reason) as refused:
        read_definitions(text)
    assert refused.value.code == "IMS-205"
