"""The procedure in hindsight: which steps were late, and which were skipped."""

from dataclasses import dataclass

import pandas as pd

STEP_COLUMNS = ("incident_id", "key", "position", "step", "state", "late_minutes", "is_over")
_PASSED_OVER = ("not_needed", "as_needed")
_UNFINISHED = ("due", "late", "open", "later")


@dataclass(frozen=True)
class StepFigures:
    """One step of the procedure over many incidents; ``median_late`` is in minutes, among the late ones."""

    step: str
    needed: int
    late: int
    skipped: int
    waived: int
    median_late: float | None


def conformance(steps: pd.DataFrame) -> list[StepFigures]:
    """Count late and skipped steps, in the order of the procedure; steps that were never needed are not among them.

    Skipped is a step that was needed and not done when the incident was closed.
    """
    needed = classify(steps)
    groups = needed.groupby("step", sort=False)
    figures = [(group["position"].min(), _of_step(str(step), group)) for step, group in groups]
    return [figure for _, figure in sorted(figures, key=lambda pair: pair[0])]


def classify(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the steps that were needed, with ``is_late`` and ``is_skipped``."""
    needed = steps[~steps["state"].isin(_PASSED_OVER)]
    skipped = needed["state"].isin(_UNFINISHED) & needed["is_over"]
    return needed.assign(is_late=(needed["late_minutes"] > 0) & ~skipped, is_skipped=skipped)


def _of_step(step: str, group: pd.DataFrame) -> StepFigures:
    late = group.loc[group["is_late"], "late_minutes"]
    return StepFigures(
        step=step,
        needed=len(group),
        late=len(late),
        skipped=int(group["is_skipped"].sum()),
        waived=int((group["state"] == "waived").sum()),
        median_late=float(late.median()) if len(late) else None,
    )
