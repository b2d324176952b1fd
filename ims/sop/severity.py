"""The suggested severity, from ``data/severity.yaml``. The Incident Commander decides."""

from collections.abc import Mapping

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ims.errors import SettingProblem
from ims.model import Frequency, Impact, Severity


class SeverityMatrix(BaseModel):
    """Severity by impact and frequency; every combination must be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sla_raises_by: int = Field(ge=0, le=3)
    matrix: Mapping[Impact, Mapping[Frequency, Severity]]

    @field_validator("matrix")
    @classmethod
    def _complete(
        cls, matrix: Mapping[Impact, Mapping[Frequency, Severity]]
    ) -> Mapping[Impact, Mapping[Frequency, Severity]]:
        missing = [f"{i}/{f}" for i in Impact for f in Frequency if f not in matrix.get(i, {})]
        if missing:
            raise ValueError(f"no severity for {', '.join(missing)}")
        return matrix

    def suggest(self, impact: Impact, frequency: Frequency, *, affects_sla: bool) -> Severity:
        """Return the severity for an impact and frequency, more urgent where an SLA is affected."""
        ladder = list(Severity)
        place = ladder.index(self.matrix[impact][frequency])
        return ladder[max(0, place - self.sla_raises_by * affects_sla)]


def read_severity(text: str, name: str = "data/severity.yaml") -> SeverityMatrix:
    """Read the matrix from YAML.

    Raises:
        SettingProblem: it is not a complete matrix.
    """
    try:
        return SeverityMatrix.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is not YAML"
        raise SettingProblem(
            "IMS-202",
            f"{name}: {reason}.",
            "Give each impact a severity for each frequency.",
        ) from error
