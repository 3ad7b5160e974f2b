"""What an operator types is checked by the tables that requests are checked by: what they know, it knows."""

import json
from dataclasses import replace
from typing import get_args

import pytest
from pydantic import TypeAdapter

from api.dialect.minting import Mint, new_seed
from contracts import by_hand as reading
from contracts.names import COMMANDS
from domain.machine.limits import unreadable
from domain.model.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    Confirm,
    IncrementAuthorization,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
    VerifyMicrodeposits,
)
from domain.model.shares import ReturnShare
from parameters import by_hand
from tests.support.builders import make_method

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
    ReturnShare(share="transfer", amount=10, refund_application_fee=True, metadata={"a": "b"}),
]


@pytest.mark.parametrize("command", RIGHT, ids=lambda command: command.name)
def test_what_a_request_may_say_an_operator_may(command: Command) -> None:
    assert by_hand.refusal(command) is None


def test_every_command_of_a_caller_has_its_table() -> None:
    assert set(by_hand.MODELS) == set(COMMANDS) - reading.FROM_GATEWAYS


@pytest.mark.parametrize("type_", get_args(Command), ids=lambda type_: type_.__name__)
def test_no_mistyped_key_is_passed_over(type_: type[Command]) -> None:
    command = reading.read(type_, TypeAdapter(type_), b'{"command_idd": "x"}')
    assert command.mistake is not None
    assert "Did you mean command_id?" in command.mistake.message
    named = reading.read(type_, TypeAdapter(type_), b'{"command_id": "mine", "amuont": 1}')
    assert named.mistake is not None
    assert "Received unknown parameter: amuont" in named.mistake.message


LOOSE = [
    (Capture, '{"amount_to_capture": true}'), (Capture, '{"amount_to_capture": "400"}'),
    (Capture, '{"amount_to_capture": " 400 "}'), (Capture, '{"amount_to_capture": "1_000"}'),
    (Capture, '{"amount_to_capture": 400.0}'), (Capture, '{"amount_to_capture": 400, "final_capture": 0}'),
    (Capture, '{"amount_to_capture": 400, "final_capture": "no"}'), (IncrementAuthorization, '{"amount": "5000"}'),
    (RefundCharge, '{"amount": true}'),
    (VerifyMicrodeposits, '{"amounts": ["32", 45]}'), (ApplyCustomerBalance, '{"amount": true, "currency": "usd"}'),
    (Confirm, '{"off_session": 1}'), (Cancel, '{"command_id": "mine", "seen_version": "1"}'),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "said"), LOOSE, ids=lambda part: part if isinstance(part, str) else part.__name__)
def test_nothing_is_made_of_what_is_of_another_type(type_: type[Command], said: str) -> None:
    command = reading.read(type_, TypeAdapter(type_), said.encode())
    found = by_hand.refusal(command)
    assert found is not None
    assert (found.code, found.message.startswith("Invalid ")) == (None, True)
    assert unreadable(command) is None, "a run of an older release that has carried it out is replayed"


@pytest.mark.parametrize("command", RIGHT, ids=lambda command: command.name)
def test_what_is_of_its_type_is_read_as_it_was_typed(command: Command) -> None:
    adapter = TypeAdapter(type(command))
    assert reading.read(type(command), adapter, adapter.dump_json(command, exclude_none=False)) == command


NEWS: list[Command] = [
    AuthenticationResult(command_id="authn_1", authentication="authn_1"), CheckSettlement(command_id="ch_1/settlement"),
    ReportDispute(command_id="ch_1/dispute"), RefundResult(command_id="re_1/succeeded"),
]  # fmt: skip
OURS: list[Command] = [
    replace(command, command_id=id_) for command in RIGHT for id_ in (Mint("x").command, f"page_{new_seed()}")
]


@pytest.mark.parametrize("command", [*OURS, *NEWS], ids=lambda command: command.command_id)
def test_our_own_may_say_more_than_this_release_knows(command: Command) -> None:
    said = json.loads(TypeAdapter(type(command)).dump_json(command)) | {"of_a_newer_release": 1}
    assert reading.read(type(command), TypeAdapter(type(command)), json.dumps(said).encode()) == command


def test_what_is_sent_as_the_api_sends_it_is_not_typed_and_all_else_is() -> None:
    sent = Update(command_id="cmd_1")
    for ours in ("cmd_1", "cmd_1/1790000000"):
        assert not reading.is_typed(sent, ours)
    for other in (None, "", "cmd_12", "6f1c"):
        assert reading.is_typed(sent, other)
    assert reading.is_typed(Update(), "")
    assert not any(reading.is_typed(command) for command in NEWS)


@pytest.mark.parametrize(
    "command",
    [
        RefundCharge(refund="re_1"),
        Update(payment_method=make_method()),
        Confirm(payment_method=make_method()),
        Confirm(publishable=True),
        Confirm(duplicate_of="pi_1"),
        ApplyCustomerBalance(payment_method=make_method()),
    ],
)
def test_what_the_api_puts_in_cannot_be_typed(command: Command) -> None:
    found = by_hand.refusal(command)
    assert found is not None
    assert (found.code, "It cannot be typed" in found.message) == ("parameter_unknown", True)
