"""Every kind of message has its port, and comes back from its row as it went in."""

import pytest

from ims.delivery.dispatch import ROUTES, carry_out, message_of
from ims.model import Delivery
from ims.model.message import KINDS, Message, TeamMessage
from ims.ports import DeliveryError
from tests.conftest import START
from tests.delivery.conftest import Outside
from tests.integrations.samples import SAMPLES


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_reaches_its_port(kind: str) -> None:
    outside = Outside()
    receipt = carry_out(outside.ports, SAMPLES[kind], "k")
    assert outside.handed == [(ROUTES[kind][1], "k")]
    assert receipt.proof == "taken as k"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_comes_back_from_its_row(kind: str) -> None:
    payload = SAMPLES[kind].model_dump(mode="json")
    kept = Delivery(key="k", kind=kind, recipient="", payload=payload, created_at=START, due_at=START)
    assert message_of(kept) == SAMPLES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_message_needs_later_are_fields_of_it_that_may_be_empty(kind: str) -> None:
    message = type(SAMPLES[kind])
    assert all(message.model_fields[name].default == "" for name in message.found_later)


def test_a_message_is_told_where_to_go_when_it_is_carried_out() -> None:
    said = TeamMessage(incident_key="INC-1", text="x")
    assert said.located({"channel": "C1", "room": "elsewhere"}) == said.model_copy(update={"channel": "C1"})
    assert said.located({}) is said


def test_a_message_that_no_port_carries_stops_for_a_person() -> None:
    class Pigeon(Message):
        kind = "pigeon"

        @property
        def recipient(self) -> str:
            return "the loft"

    with pytest.raises(DeliveryError, match="No port carries a pigeon") as caught:
        carry_out(Outside().ports, Pigeon(), "k")
    assert caught.value.permanent
