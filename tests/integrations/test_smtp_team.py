"""Words to the team's own people by e-mail, through a real SMTP server."""

from collections.abc import Iterator

import pytest

from ims.integrations.smtp import team
from ims.model.message import TeamMail
from ims.ports import DeliveryError
from tests.fakes.smtp import MailServer
from tests.integrations.test_smtp import NOW, mailer
from tests.integrations.test_smtp_names import HEADERS, SETTINGS, arrived
from tests.mutation import assert_every_mutant_dies

DIGEST = TeamMail(
    to="bob@example.com", subject="Your follow-ups: 2 open", text="INC-7 FU-1: <b>Alert</b>\nGrüße – 日本"
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def test_one_of_the_team_gets_it_as_plain_text_and_nobody_else(server: MailServer) -> None:
    receipt = mailer(server).mail_team(DIGEST, "team_mail:1")
    [letter] = server.letters
    assert (letter["To"], letter["Cc"], letter["Subject"]) == ("bob@example.com", None, "Your follow-ups: 2 open")
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content() == "INC-7 FU-1: <b>Alert</b>\r\nGrüße – 日本\r\n"
    assert server.recipients == [["bob@example.com"]]
    assert receipt.proof.startswith("Accepted by 127.0.0.1 for bob@example.com")


def test_one_sent_twice_is_one_letter_and_another_is_another(server: MailServer) -> None:
    for key in ("team_mail:1", "team_mail:1", "team_mail:2"):
        mailer(server).mail_team(DIGEST, key)
    first, again, other = (letter["Message-ID"] for letter in server.letters)
    assert first == again != other


def test_a_subject_with_a_line_break_stops_for_a_person(server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="line break") as caught:
        mailer(server).mail_team(DIGEST.model_copy(update={"subject": "x\nBcc: all@example.com"}), "k")
    assert caught.value.permanent
    assert not server.letters


def exercise() -> None:
    letter = arrived(team.team_letter(DIGEST, "team_mail:1", SETTINGS, NOW))
    assert set(letter.keys()) - {"Content-Transfer-Encoding", "Content-Type"} == HEADERS - {"In-Reply-To", "References"}
    assert letter.get_content().splitlines() == DIGEST.text.splitlines()


def test_no_header_of_it_can_be_wrong_unseen() -> None:
    assert_every_mutant_dies(team, exercise)
