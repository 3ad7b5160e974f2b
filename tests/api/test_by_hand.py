"""What an operator types is checked by the tables that requests are checked by: what they know, it knows."""

from typing import get_args

import pytest
from pydantic import TypeAdapter

from api import by_hand
from contracts import by_hand as reading
from contracts.names import COMMANDS
from domain.commands import (
    ApplyCustomerBalance,
    Cancel,
    Capture,
    Command,
    Confirm,
    IncrementAuthorization,
    RefundCharge,
    Update,
    VerifyMicrodeposits,
)

RIGHT: list[Command] = [
    Capture(),
    Capture(amount_to_capture=400, final_capture=False, changes={"metadata": {"order": "7", "old": None}}),
    Cancel(cancellation_reason="duplicate"),
    Confirm(return_url="https://shop.example", use_stripe_sdk=True, changes={"receipt_email": "jenny@example.com"}),
    IncrementAuthorization(amount=2_000, changes={"description": "more"}),
    RefundCharge(amount=10, reason="fraudulent", metadata={"a": "b"}),
    Update(changes={"amount": 2_000, "description": None, "payment_method_types": ["card"], "shipping": None}),
    VerifyMicrodeposits(amounts=(32, 45)),
    ApplyCustomerBalance(amount=10, currency="usd"),
]


@pytest.mark.parametrize("command", RIGHT, ids=lambda command: command.name)
def test_what_a_request_may_say_an_operator_may(command: Command) -> None:
    assert by_hand.refusal(command) is None


def test_every_command_of_a_caller_has_its_table() -> None:
    of_gateways = {"authentication_result", "refund_result", "check_settlement", "dispute"}
    assert set(by_hand.MODELS) == set(COMMANDS) - of_gateways


@pytest.mark.parametrize("type_", get_args(Command), ids=lambda type_: type_.__name__)
def test_no_mistyped_key_is_passed_over(type_: type[Command]) -> None:
    command = reading.read(type_, TypeAdapter(type_), b'{"command_idd": "x"}')
    assert command.mistake is not None
    assert "Did you mean command_id?" in command.mistake.message
    sent = reading.read(type_, TypeAdapter(type_), b'{"command_id": "cmd_1", "of_a_newer_release": 1}')
    assert (sent.mistake, sent.command_id) == (None, "cmd_1")
