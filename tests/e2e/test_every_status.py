"""The fact sheet's table of commands and statuses (4.3), and what each leads to (4.2), by the official SDK."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import Running

USD = {"amount": 1099, "currency": "usd", "payment_method_types": ["card"]}
CARD = {"payment_method": "pm_card_visa"}
HELD = {**USD, **CARD, "confirm": True, "capture_method": "manual",
        "payment_method_options": {"card": {"request_incremental_authorization": "if_available"}}}  # fmt: skip

STATUSES: dict[str, dict[str, Any]] = {
    "requires_payment_method": USD,
    "requires_confirmation": {**USD, **CARD},
    "requires_action": {
        **USD,
        "payment_method": "pm_card_authenticationRequired",
        "confirm": True,
        "return_url": "https://shop.example",
    },
    "processing": {**USD, **CARD, "confirm": True},
    "requires_capture": HELD,
    "succeeded": {**USD, **CARD, "confirm": True},
    "canceled": USD,
}

Command = Callable[[Any, str], Any]
COMMANDS: dict[str, Command] = {
    "amount": lambda intents, id_: intents.update(id_, {"amount": 2000}),
    "metadata": lambda intents, id_: intents.update(id_, {"metadata": {"a": "b"}}),
    "confirm": lambda intents, id_: intents.confirm(id_, {**CARD, "return_url": "https://shop.example"}),
    "cancel": lambda intents, id_: intents.cancel(id_),
    "capture": lambda intents, id_: intents.capture(id_),
    "increment": lambda intents, id_: intents.increment_authorization(id_, {"amount": 2000}),
    "microdeposits": lambda intents, id_: intents.verify_microdeposits(id_, {"amounts": [32, 45]}),
    "balance": lambda intents, id_: intents.apply_customer_balance(id_),
}

# What each command leads to, from each status; what is not here is refused with payment_intent_unexpected_state.
LEGAL: dict[str, dict[str, str]] = {
    "requires_payment_method": {
        "amount": "requires_payment_method", "metadata": "requires_payment_method", "confirm": "succeeded",
        "cancel": "canceled",
    },
    "requires_confirmation": {
        "amount": "requires_confirmation", "metadata": "requires_confirmation", "confirm": "succeeded",
        "cancel": "canceled",
    },
    "requires_action": {
        "amount": "requires_action", "metadata": "requires_action", "confirm": "succeeded", "cancel": "canceled",
    },
    "processing": {"metadata": "processing"},
    "requires_capture": {
        "metadata": "requires_capture", "cancel": "canceled", "capture": "succeeded", "increment": "requires_capture",
    },
    "succeeded": {"metadata": "succeeded"},
    "canceled": {"metadata": "canceled"},
}  # fmt: skip

CELLS = [(status, command) for status in STATUSES for command in COMMANDS]


def in_status(running: Running, intents: Any, status: str) -> Any:
    if status == "processing":
        running.faults(outage=True, operations=["authorize", "retrieve"])
    intent = intents.create(STATUSES[status])
    if status == "canceled":
        intent = intents.cancel(intent.id)
    assert intent.status == status
    return intent


@pytest.fixture
def healthy(running: Running) -> Any:
    """Whatever a test did to the gateway, it is well again afterwards."""
    yield
    running.faults()


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(("status", "command"), CELLS)
def test_a_command_in_a_status(running: Running, sdk: Any, status: str, command: str) -> None:
    intents = sdk.v1.payment_intents
    intent = in_status(running, intents, status)
    expected = LEGAL[status].get(command)
    if expected is not None:
        assert COMMANDS[command](intents, intent.id).status == expected
        return
    before = intents.retrieve(intent.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        COMMANDS[command](intents, intent.id)
    assert (caught.value.http_status, caught.value.code) == (400, "payment_intent_unexpected_state")
    assert intents.retrieve(intent.id) == before, "a refused command changes nothing"


@pytest.mark.usefixtures("healthy")
def test_processing_ends_by_itself_when_the_gateway_is_back(running: Running, sdk: Any) -> None:
    intent = in_status(running, sdk.v1.payment_intents, "processing")
    running.faults()
    running.wait_for(lambda: sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded")
    charge = sdk.v1.payment_intents.retrieve(intent.id).latest_charge
    assert [entry["operation"] for entry in running.entries(charge)] == ["authorize", "capture"]
