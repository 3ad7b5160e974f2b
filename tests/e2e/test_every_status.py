"""The fact sheet's table of commands and statuses (4.3), and what each leads to (4.2), by the official SDK."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import Running

USD = {"amount": 1099, "currency": "usd", "allowed_payment_method_types": ["card"]}
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
        "amount": "requires_confirmation", "metadata": "requires_action", "confirm": "succeeded", "cancel": "canceled",
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


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_confirmation", "requires_action"])
def test_another_payment_method_waits_for_confirmation(running: Running, sdk: Any, status: str) -> None:
    intents = sdk.v1.payment_intents
    changed = intents.update(in_status(running, intents, status).id, CARD)
    assert (changed.status, changed.next_action, changed.last_payment_error) == ("requires_confirmation", None, None)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "requires_payment_method"),
        (CARD, "requires_confirmation"),
        ({**CARD, "confirm": True}, "succeeded"),
        ({**CARD, "confirm": True, "capture_method": "automatic"}, "succeeded"),
        ({**CARD, "confirm": True, "capture_method": "manual"}, "requires_capture"),
        (
            {**CARD, "confirm": True, "payment_method_options": {"card": {"capture_method": "manual"}}},
            "requires_capture",
        ),
    ],
)
def test_what_a_creation_leads_to(sdk: Any, given: dict[str, Any], status: str) -> None:
    assert sdk.v1.payment_intents.create({**USD, **given}).status == status


@pytest.mark.parametrize("amount", [1, 500, 1098])
def test_a_partial_capture_releases_the_rest(running: Running, sdk: Any, amount: int) -> None:
    held = sdk.v1.payment_intents.create(HELD)
    taken = sdk.v1.payment_intents.capture(held.id, {"amount_to_capture": amount, "expand": ["latest_charge"]})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", amount, 0)
    charge = taken.latest_charge
    assert (charge.amount, charge.amount_captured, charge.captured) == (1099, amount, True)
    assert (charge.amount_refunded, charge.refunded) == (0, False), "what was released is no refund"
    assert [(e["operation"], e["amount"]) for e in running.entries(charge.id)] == [
        ("authorize", 1099),
        ("capture", amount),
    ]


@pytest.mark.parametrize("reason", [None, "duplicate", "fraudulent", "requested_by_customer", "abandoned"])
def test_a_canceled_hold_is_voided(running: Running, sdk: Any, reason: str | None) -> None:
    held = sdk.v1.payment_intents.create(HELD)
    given = {"cancellation_reason": reason} if reason else {}
    gone = sdk.v1.payment_intents.cancel(held.id, {**given, "expand": ["latest_charge"]})
    assert (gone.status, gone.cancellation_reason, gone.amount_capturable) == ("canceled", reason, 0)
    assert (gone.latest_charge.refunded, gone.latest_charge.captured) == (False, False)
    assert [entry["operation"] for entry in running.entries(gone.latest_charge.id)] == ["authorize", "void"]
    for refused in ({"cancellation_reason": "automatic"}, {}):
        with pytest.raises(stripe.InvalidRequestError):
            sdk.v1.payment_intents.cancel(held.id, refused)
