"""The customer version from the command line."""

from pathlib import Path

import docx

from ims.bootstrap import Portal
from ims.model import IncidentDraft
from ims.response.declare import declare
from tests.cli.conftest import RunIms
from tests.conftest import Team


def test_the_customer_version_is_written_and_says_what_was_made_neutral(
    run_ims: RunIms, portal: Portal, team: Team, tmp_path: Path
) -> None:
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft(title="db-prod-03 is down", affects_customers=True), portal.procedure)
    file = tmp_path / "report.docx"
    result = run_ims("rca", "INC-1", "--customer", "--out", str(file))
    assert result.exit_code == 0
    assert "Replaced “db-prod-03” by “a server”" in result.stderr
    assert "Nobody has written or accepted “Summary”." in result.stderr
    assert docx.Document(str(file)).paragraphs[0].text == "A server is down"
