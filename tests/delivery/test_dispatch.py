"""Every kind of message has its port, and comes back from its row as it went in."""

import pytest

from ims.delivery.dispatch import carry_out, message_of
from ims.model import Delivery
from ims.model.message import (
    KINDS,
    CustomerMail,
    CustomerPost,
    Invitation,
    Message,
    Nudge,
    Page,
    SubTaskRequest,
    TeamMessage,
    TicketRequest,
)
from ims.ports import DeliveryError
from tests.conftest import START
from tests.delivery.conftest import Outside

ABILITIES: dict[str, tuple[Message, str]] = {
    message.kind: (message, ability)
    for message, ability in (
        (Page(incident_key="INC-1", title="t", text="x", person_name="Ada", person_email="a@b.example"), "page"),
        (Nudge(incident_key="INC-1", text="x", person_name="Ada", person_email="a@b.example"), "nudge"),
        (TeamMessage(incident_key="INC-1", text="x"), "tell_team"),
        (CustomerPost(incident_key="INC-1", customer="Acme", channel="#a", subject="s", text="x"), "tell_customer"),
        (
            CustomerMail(incident_key="INC-1", customer="Acme", to=["a@b.example"], cc=[], subject="s", text="x"),
            "mail_customer",
        ),
        (
            Invitation(
                incident_key="INC-1",
                uid="u",
                sequence=0,
                title="t",
                agenda="",
                starts_at="2026-11-23T09:00:00Z",
                ends_at="2026-11-23T10:00:00Z",
                link="",
                attendees=["a@b.example"],
            ),
            "invite",
        ),
        (TicketRequest(ticket_id=1, incident_key="INC-1", title="t", description=""), "open_ticket"),
        (
            SubTaskRequest(ticket_id=2, parent_key="T-1", incident_key="INC-1", title="t", description=""),
            "open_sub_task",
        ),
    )
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_reaches_its_port(kind: str) -> None:
    message, ability = ABILITIES[kind]
    outside = Outside()
    receipt = carry_out(outside.ports, message, "k")
    assert outside.handed == [(ability, "k")]
    assert receipt.proof == "taken as k"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_comes_back_from_its_row(kind: str) -> None:
    message, _ = ABILITIES[kind]
    payload = message.model_dump(mode="json")
    kept = Delivery(key="k", kind=kind, recipient="", payload=payload, created_at=START, due_at=START)
    assert message_of(kept) == message


def test_a_message_that_no_port_carries_stops_for_a_person() -> None:
    class Pigeon(Message):
        kind = "pigeon"

        @property
        def recipient(self) -> str:
            return "the loft"

    with pytest.raises(DeliveryError, match="No port carries a pigeon") as caught:
        carry_out(Outside().ports, Pigeon(), "k")
    assert caught.value.permanent
