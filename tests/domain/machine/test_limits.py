"""What may be said of a payment: everything that every store can keep, and as much of it as fits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.states import lean
from domain.machine import limits
from domain.machine.decisions import Decision, decide
from domain.machine.evolution import evolve
from domain.machine.transitions import carry_out
from domain.model.commands import (
    AuthenticationResult,
    Cancel,
    Capture,
    Command,
    Confirm,
    IncrementAuthorization,
    RefundCharge,
    ReportDispute,
    Update,
)
from domain.model.ledger import LEDGER_ENTRIES_MAX
from domain.model.outcomes import Declined
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import Address, BillingDetails
from domain.model.refunds import REFUNDS_MAX
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import (
    APPROVED,
    NOW,
    after,
    confirmable,
    decided,
    in_status,
    make_intent,
    make_method,
    refused,
)

STATE_BYTES_MAX = 448 * 1024
"""What limits.py promises of a whole state."""

HOSTILE: list[tuple[Any, str]] = [
    ("a\x00b", "a null character"),
    ("\ud800", "half of a surrogate pair"),
    ("é\udfff", "half of a surrogate pair"),
    (2**63, "a number of more than 64 bits"),
    (-(2**63) - 1, "a number of more than 64 bits"),
    (float("nan"), "a number that is not finite"),
    (float("inf"), "a number that is not finite"),
]
FINE: list[Any] = ["", "\x01\x1f\x7f", "é\U0001f600\ufffe\uffff", 2**63 - 1, -(2**63), 0.5, True, None]


@pytest.mark.parametrize("value", FINE)
def test_what_every_store_keeps(value: Any) -> None:
    assert limits.unstorable({"key": [value]}) is None
    if isinstance(value, str):
        assert limits.unstorable({value: 1}) is None


@pytest.mark.parametrize(("value", "why"), HOSTILE)
def test_what_some_store_cannot_keep(value: Any, why: str) -> None:
    assert limits.unstorable(value) == why
    assert limits.unstorable({"key": [{"deep": value}]}) == why
    assert limits.unstorable(make_method(metadata={"key": value})) == why
    if isinstance(value, str):
        assert limits.unstorable({"key": {value: 1}}) == why


def test_depth() -> None:
    value: Any = "leaf"
    for _ in range(limits.DEPTH_MAX):
        value = [value]
    assert limits.unstorable(value) is None
    assert limits.unstorable([value]) == f"more than {limits.DEPTH_MAX} levels"


@pytest.mark.parametrize(("value", "why"), HOSTILE)
@pytest.mark.parametrize(
    ("status", "command"),
    [
        (Status.REQUIRES_CONFIRMATION, Update()),
        (Status.REQUIRES_CONFIRMATION, Confirm()),
        (Status.REQUIRES_CAPTURE, Capture()),
        (Status.REQUIRES_CAPTURE, IncrementAuthorization(amount=2_000)),
    ],
)
def test_no_command_brings_it_in(status: Status, command: Any, value: Any, why: str) -> None:
    intent = in_status(status)
    by_value = refused(intent, replace(command, changes={"metadata": {"key": value}}))
    assert (by_value.param, why in by_value.message) == ("metadata", True)
    if isinstance(value, str):
        assert why in refused(intent, replace(command, changes={"metadata": {value: "x"}})).message
        by_name = refused(intent, replace(command, changes={value: "x"}))
        assert (by_name.param, why in by_name.message) == (None, True)
        by_name.message.encode()


@pytest.mark.parametrize(
    "command",
    [
        Confirm(return_url="https://shop.example/\x00"),
        Confirm(payment_method=make_method(billing_details=BillingDetails(name="Jenny\x00"))),
        Update(payment_method=make_method(details={"bank\x00": "x"})),
        Cancel(cancellation_reason="\x00"),
        Cancel(command_id="x" * (limits.COMMAND_ID_MAX + 1)),
        Cancel(cancellation_reason="x" * (limits.COMMAND_TEXT_MAX + 1)),
        Update(seen_version=2**63),
        RefundCharge(metadata={"\x00": "x"}),
        RefundCharge(refund="re_\x00"),
        Update(changes={"x" * 100_000: 1}),
    ],
)
def test_other_fields_of_commands(command: Command) -> None:
    intent = in_status(Status.SUCCEEDED if isinstance(command, RefundCharge) else Status.REQUIRES_CONFIRMATION)
    assert len(refused(intent, command).message) < 500


LONG = "x" * (limits.COMMAND_ID_MAX + 1)


@pytest.mark.parametrize("id_", [LONG, LONG[:-1] + " ", "re 1", "é", "re_\t"])
@pytest.mark.parametrize(
    ("status", "naming"),
    [
        (Status.SUCCEEDED, lambda id_: RefundCharge(refund=id_)),
        (Status.SUCCEEDED, lambda id_: ReportDispute(charge=id_)),
        (Status.SUCCEEDED, lambda id_: RefundCharge(request_id=id_)),
        (Status.REQUIRES_ACTION, lambda id_: AuthenticationResult(authentication=id_)),
        (Status.REQUIRES_CONFIRMATION, lambda id_: Confirm(duplicate_of=id_)),
        (Status.REQUIRES_CONFIRMATION, lambda id_: Confirm(payment_method=make_method(id=id_))),
        (Status.REQUIRES_CONFIRMATION, lambda id_: Confirm(payment_method=make_method(customer=id_))),
        (Status.REQUIRES_CONFIRMATION, lambda id_: Confirm(changes={"customer": id_})),
        (Status.REQUIRES_CONFIRMATION, lambda id_: Update(changes={"mandate": id_})),
    ],
)
def test_what_is_no_id_is_refused_before_anybody_is_asked(
    status: Status, naming: Callable[[str], Command], id_: str
) -> None:
    assert refused(in_status(status), naming(id_)).message.startswith("Invalid ")


def test_what_others_think_of_may_have_any_letters() -> None:
    intent, name = in_status(Status.SUCCEEDED), "Jenny's order é"
    assert not isinstance(decide(intent, RefundCharge(command_id=name, idempotency_key=name), NOW), Refusal)
    for longer in (RefundCharge(command_id=LONG), RefundCharge(idempotency_key=LONG)):
        assert "at most 255 characters" in refused(intent, longer).message


def test_a_command_id_and_a_reason_of_the_longest() -> None:
    command = Cancel(command_id="x" * limits.COMMAND_ID_MAX, cancellation_reason="x" * limits.COMMAND_TEXT_MAX)
    assert limits.command_refusal(command) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_the_weight_is_what_it_takes_as_json(value: Any) -> None:
    written = len(orjson.dumps(value))
    assert written <= limits.weight(value) <= 2 * written + 10


def test_a_command_of_the_largest() -> None:
    intent = make_intent()
    room = limits.COMMAND_BYTES_MAX - limits.weight(Update(changes={"payment_details": {"order_reference": ""}}))
    largest = Update(changes={"payment_details": {"order_reference": "x" * room}})
    assert limits.weight(largest) == limits.COMMAND_BYTES_MAX
    assert limits.command_refusal(largest) is None
    refusal = refused(intent, Update(changes={"payment_details": {"order_reference": "x" * (room + 1)}}))
    assert "together they can have at most" in refusal.message


def filled(method_bytes: int) -> PaymentIntent:
    """Everything that a charge repeats, and attributes up to the last byte."""
    method = make_method(billing_details=BillingDetails(name="x" * method_bytes))
    intent = replace(confirmable(metadata={"key": "m" * 500}, shipping={"name": "s" * 5_000}), payment_method=method)
    empty = replace(intent, payment_details={"order_reference": ""})
    return replace(
        intent, payment_details={"order_reference": "x" * (limits.SAID_BYTES_MAX - 1_000 - limits.said(empty))}
    )


def test_as_much_as_fits_and_no_more() -> None:
    intent = filled(90_000)
    reference = (intent.payment_details or {})["order_reference"]
    fits = replace(intent, payment_details={"order_reference": reference + "x" * 1_000})
    assert limits.said(fits) == limits.SAID_BYTES_MAX
    assert isinstance(decide(intent, Update(changes={"payment_details": fits.payment_details}), NOW), Decision)
    more = Update(changes={"payment_details": {"order_reference": reference + "x" * 1_001}})
    assert "would be too large" in refused(intent, more).message


def test_what_an_earlier_release_took_can_still_be_made_less() -> None:
    intent = make_intent(payment_details={"order_reference": "x" * (limits.SAID_BYTES_MAX * 2)}, description="d" * 100)
    assert isinstance(decide(intent, Update(changes={"description": "short"}), NOW), Decision)
    assert "would be too large" in refused(intent, Update(changes={"description": "d" * 101})).message


@pytest.mark.parametrize("outcome", [APPROVED, Declined(decline_code="generic_decline", network_decline_code="01")])
def test_a_state_of_the_largest_keeps_its_promise_to_the_end(outcome: Any) -> None:
    """Filled to the last byte, declined a hundred times, paid, refunded a thousand times: it fits, and goes on."""
    intent = filled(90_000)
    assert isinstance(decide(intent, Confirm(), NOW), Decision)
    command = Confirm(command_id="cmd_" + "x" * 22)
    done = carry_out(intent, command, decided(intent, command), outcome, NOW).after
    while len(done.ledger) < LEDGER_ENTRIES_MAX:
        done = _longer(done)
    if done.charge and done.charge.captured:
        refunds = {f"re_3{number:023}": 999_999 for number in range(REFUNDS_MAX)}
        done = replace(done, charge=replace(done.charge, refunds_given=refunds))
    assert len(orjson.dumps(lean(done))) < STATE_BYTES_MAX


def _longer(intent: PaymentIntent) -> PaymentIntent:
    command = Update(command_id=f"cmd_{len(intent.ledger):022}", changes={"metadata": {}})
    return carry_out(intent, command, decided(intent, command), None, NOW).after


def test_money_moves_however_much_was_said() -> None:
    """Neither a capture nor a cancel nor a refund asks for room."""
    intent = filled(90_000)
    held = after(replace(intent, capture_method="manual"), Confirm())
    assert held.status == Status.REQUIRES_CAPTURE
    assert after(held, Cancel()).status == Status.CANCELED
    paid = after(held, Capture())
    assert paid.status == Status.SUCCEEDED
    assert after(paid, RefundCharge(amount=1)).charge is not None


def test_refunds_of_one_charge() -> None:
    paid = after(confirmable(amount=100_000), Confirm())
    assert paid.charge is not None
    given = {f"re_{number}": 1 for number in range(REFUNDS_MAX - 1)}
    almost = replace(paid, charge=replace(paid.charge, refunds_given=given, amount_refunded=len(given)))
    last = after(almost, RefundCharge(amount=1))
    assert last.charge is not None
    assert len(last.charge.refunds_given) == REFUNDS_MAX
    assert "which is the most" in refused(last, RefundCharge(amount=1)).message


TEXT = "x" * 5_000
ADDRESS = {"city": TEXT, "country": TEXT, "line1": TEXT, "line2": TEXT, "postal_code": TEXT, "state": TEXT}
ITEM = {
    "id": "uli_1" + "x" * 23,
    "product_name": "x" * 1_024,
    "product_code": "x" * 12,
    "quantity": 1,
    "unit_cost": 0,
    "unit_of_measure": "x" * 12,
}
LARGEST: dict[str, Any] = {
    "metadata": {f"{number:040}": "x" * 500 for number in range(50)},
    "shipping": {"address": ADDRESS, "name": TEXT, "carrier": TEXT, "phone": TEXT, "tracking_number": TEXT},
    "amount_details": {"line_items": [{**ITEM, "unit_cost": 1_099}, *([ITEM] * 199)]},
    "description": "x" * 1_000,
    "payment_details": {"customer_reference": TEXT, "order_reference": TEXT},
    "transfer_data": {"amount": 1, "description": "x" * 1_000, "metadata": {f"{n:040}": "x" * 500 for n in range(50)}},
}


@pytest.mark.parametrize("name", LARGEST)
def test_every_attribute_fits_at_its_largest(name: str) -> None:
    intent = confirmable()
    command = Confirm(changes={name: LARGEST[name]})
    changed = evolve(intent, decided(intent, command).events, check_table=False)
    assert limits.said(changed) <= limits.SAID_BYTES_MAX


def test_a_payment_method_fits_at_its_largest() -> None:
    billing = BillingDetails(address=Address(**ADDRESS), email="x" * 512, name=TEXT, phone=TEXT, tax_id=TEXT)
    metadata = {f"{number:040}": "x" * 500 for number in range(50)}
    method = make_method(billing_details=billing, metadata=metadata, details={"account_holder_name": TEXT})
    assert after(make_intent(), Confirm(payment_method=method)).status == Status.SUCCEEDED
