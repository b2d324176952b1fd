"""Blame is found where a person is made the cause; whoever merely acted, or is thanked, is left alone."""

import pytest

from ims.model import Person
from ims.postmortem.review.blaming import hindsight, named_as_cause, names_of

ADA = Person(id=1, name="Ada Lovelace", email="ada@example.com", slack="@countess")
WILL = Person(id=2, name="Will Jo", email="wj@example.com")
TEAM = [ADA, WILL]

BLAMES = [
    "The outage was caused by Ada.",
    "It happened because of Ada Lovelace.",
    "The deletion was due to Lovelace.",
    "This was Ada's mistake.",
    "Ada’s own error led to it.",
    "An error made by Ada started it.",
    "Ada forgot to renew the certificate.",
    "Ada Lovelace failed to check the cluster.",
    "Ada accidentally dropped the table.",
    "Ada deleted the table by mistake.",
    "Ada ran it on the wrong cluster.",
    "Ada should have looked twice.",
    "Ada could not have been more wrong, and Ada broke it.",
    "Ada was to blame.",
    "We blame @countess.",
    "Will misconfigured the proxy.",
    "Der Ausfall wurde von Ada verursacht.",
    "Wegen Ada stand alles still.",
    "Adas Fehler war der Auslöser.",
    "Ein Fehler von Ada Lovelace.",
    "Ada hat das Zertifikat vergessen.",
    "Ada hat aus Versehen die Tabelle gelöscht.",
    "Ada hätte das prüfen müssen.",
    "Ada ist schuld.",
    "Durch ein Versehen von Lovelace fiel es aus.",
]
NEUTRAL = [
    "Ada rolled back at 10:04.",
    "Ada Lovelace restarted the gateway and told the customers.",
    "Thanks to Ada the queue drained within minutes.",
    "It was short because of Ada's quick rollback.",
    "Ada was on call and acknowledged after 40 seconds.",
    "The script Ada ran offered the wrong cluster first.",
    "Together with Ada we found the missing index.",
    "Ada hat den Dienst neu gestartet.",
    "Dank Ada lief es nach zehn Minuten wieder.",
    "Die Ursache war ein abgelaufenes Zertifikat; Ada hat es erneuert.",
    "It was caused by Adamant, a library.",
    "The deploy will forgotten keys remove: will failed to start.",
    "Canada caused more traffic than usual.",
]
HINDSIGHT = [
    "This was human error.",
    "A careless change.",
    "We should have tested it.",
    "The on-call could have seen it.",
    "Somebody forgot to renew it.",
    "The engineer failed to look.",
    "They simply had to restart it.",
    "Nobody is to blame, they said, but blaming went on.",
    "Ein menschlicher Fehler.",
    "Das hätte jemand prüfen müssen.",
    "Der Betrieb versäumte die Prüfung.",
]
FAIR = [
    "Requests failed to reach the gateway.",
    "The replica failed to start.",
    "A blameless review.",
    "We ran git blame to find the change.",
    "The fault tolerance of the cluster was one node.",
    "Segmentation faults grew by 4 %.",
    "The alert fired after 40 minutes, because its window is an hour.",
]


@pytest.mark.parametrize("sentence", BLAMES)
def test_a_person_named_as_the_cause_is_found(sentence: str) -> None:
    [blame] = named_as_cause(f"The disk was full. {sentence} Then it recovered.", TEAM)
    assert blame.sentence == sentence
    assert blame.name in ("Ada Lovelace", "Will Jo")


@pytest.mark.parametrize("sentence", NEUTRAL)
def test_whoever_acted_or_is_thanked_is_not_blamed(sentence: str) -> None:
    assert list(named_as_cause(sentence, TEAM)) == []


@pytest.mark.parametrize("sentence", HINDSIGHT)
def test_hindsight_is_found_with_what_to_write_instead(sentence: str) -> None:
    [blame] = hindsight(sentence)
    assert blame.words in sentence
    assert blame.instead


@pytest.mark.parametrize("sentence", FAIR)
def test_what_machines_do_is_no_blame(sentence: str) -> None:
    assert list(hindsight(sentence)) == []


def test_people_are_known_by_every_name_they_go_by_but_not_by_two_letters() -> None:
    assert names_of(ADA) == ["Ada Lovelace", "Ada", "Lovelace", "@countess", "@ada"]
    assert names_of(WILL) == ["Will Jo", "Will", "@wj"][:2]


def test_a_sentence_is_quoted_once_and_shortened() -> None:
    [blame] = named_as_cause("Ada forgot it, Ada broke it, " + "and so on " * 40, [ADA])
    assert len(blame.sentence) <= 160
    assert blame.sentence.endswith("…")
