"""What the files of the data folder say: the procedure, the templates and every other rule that a team may change."""

from functools import cached_property
from pathlib import Path

from ims.config import Settings
from ims.errors import SettingProblem
from ims.metrics.definitions import Definition, read_definitions
from ims.postmortem.content.causes import Causes, read_causes
from ims.postmortem.content.template import Template, read_template
from ims.postmortem.following_up.due_dates import FollowUpRules, read_rules
from ims.postmortem.review.deadline import Deadlines, read_deadlines
from ims.response.scenarios import Scenarios, read_scenarios
from ims.response.templates import UpdateTemplates, read_templates
from ims.sop.procedure import Procedure, read_procedure
from ims.sop.severity import SeverityMatrix, read_severity


class Rules:
    """Each file, read when it is asked for first and kept for as long as the process lives.

    Each of them raises ``SettingProblem`` where its file is missing or does not make sense.
    """

    settings: Settings

    def read_all(self) -> None:
        """Read every file, so that a wrong one is refused at the start and not in the middle of an incident.

        Raises:
            SettingProblem: the first that cannot be read or does not make sense.
        """
        for name in RULES:
            getattr(self, name)

    @cached_property
    def procedure(self) -> Procedure:
        """The procedure that new incidents run under."""
        return read_procedure(_read(self.settings.data_dir / "sop.yaml"))

    @cached_property
    def severity_matrix(self) -> SeverityMatrix:
        """The matrix that suggests severities."""
        return read_severity(_read(self.settings.data_dir / "severity.yaml"))

    @cached_property
    def update_templates(self) -> UpdateTemplates:
        """What a customer update starts from, by phase."""
        return read_templates(_read(self.settings.data_dir / "templates" / "customer_updates.yaml"))

    @cached_property
    def rca_template(self) -> Template:
        """The plan of the root-cause document, and the team's own file for it, as they were at the start."""
        return read_template(self.settings.data_dir)

    @cached_property
    def metrics(self) -> dict[str, Definition]:
        """What each figure means."""
        return read_definitions(_read(self.settings.data_dir / "metrics.yaml"))

    @cached_property
    def follow_up_rules(self) -> FollowUpRules:
        """When follow-ups should be due, and when people hear of them."""
        return read_rules(_read(self.settings.data_dir / "follow_ups.yaml"))

    @cached_property
    def causes(self) -> Causes:
        """What incidents can be caused by."""
        return read_causes(self.settings.data_dir)

    @cached_property
    def deadlines(self) -> Deadlines:
        """Until when root-cause documents are to be published."""
        return read_deadlines(self.settings.data_dir)

    @cached_property
    def scenarios(self) -> Scenarios:
        """What can be rehearsed, and the scenario files that were refused."""
        return read_scenarios(self.settings.data_dir / "drills")


# The names of all of them.
RULES = tuple(name for name, member in vars(Rules).items() if isinstance(member, cached_property))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingProblem(
            "IMS-105",
            f"{path} cannot be read: {error.strerror}.",
            "Restore the file, or set IMS_DATA_DIR.",
        ) from error
