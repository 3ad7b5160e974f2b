"""What the gateway's book tells of, and a record has forgotten: the next command, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.transitions import carry_out
from domain.model.outcomes import CaptureHold
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.payment_methods import Card
from domain.model.statuses import Status
from domain.rebuilding.movements import Movement, Owner, adopted, attempt_of, forgotten, method_of
from tests.support.builders import APPROVED, NOW, confirmable, in_status, make_method

HELD = in_status(Status.REQUIRES_CAPTURE)
PAID = in_status(Status.SUCCEEDED)


def movement(state: PaymentIntent, operation: str, amount: int, key: str) -> Movement:
    charge = state.charge.id if state.charge else "ch_1"
    return Movement(
        operation=operation, charge=charge, amount=amount, currency="usd", key=f"{state.id}/{key}", created=NOW
    )


def after(state: PaymentIntent, moved: Movement, said: dict[str, Any]) -> PaymentIntent:
    found = forgotten(state, moved, said)
    assert found is not None
    command, decision = found
    assert decision.effect is not None
    assert decision.effect.key == moved.key
    return carry_out(state, command, decision, APPROVED, moved.created).after


def test_what_was_captured_refunded_and_released_is_done_on_the_record_and_once() -> None:
    moved = movement(HELD, "capture", 700, "1/capture/1")
    captured = after(HELD, moved, {"amount": 700, "final": True})
    assert (captured.status, captured.amount_received) == (Status.SUCCEEDED, 700)
    assert forgotten(captured, moved, None) is None, "the record knows it"
    back = movement(captured, "refund", 100, "1/refund/1")
    refunded = after(captured, back, {"amount": 100, "refund": "re_9"})
    assert held_charge(refunded).refunds_given == {"re_9": 100}
    assert forgotten(refunded, back, None) is None
    gone = after(HELD, movement(HELD, "void", HELD.amount, "1/void"), {})
    assert gone.status is Status.CANCELED


def test_what_comes_later_than_the_next_or_is_of_another_attempt_is_left() -> None:
    for key in ("1/capture/2", "2/capture/1", "1/refund/1", "x"):
        assert forgotten(HELD, movement(HELD, "capture", 700, key), None) is None
    assert forgotten(PAID, movement(PAID, "refund", 10, "1/refund/2"), None) is None
    assert forgotten(HELD, movement(HELD, "debit", 10, "1/authorize"), None) is None


def test_a_part_that_was_taken_leaves_the_rest_held_if_the_gateway_was_told_so() -> None:
    several = in_status(Status.REQUIRES_CAPTURE)
    several = replace(several, charge=replace(held_charge(several), multicapture=True))
    found = forgotten(several, movement(several, "capture", 100, "1/capture/1"), {"amount": 100, "final": False})
    assert found is not None
    assert isinstance(found[1].effect, CaptureHold)
    assert not found[1].effect.final
    once = movement(HELD, "capture", 100, "1/capture/1")
    assert forgotten(HELD, once, {"amount": 100, "final": False}) is None, "it cannot have been asked so"


def test_a_lost_payment_is_as_before_its_authorization_and_then_as_after_it() -> None:
    card = make_method().card or Card(
        brand="visa", last4="4242", exp_month=1, exp_year=2030, funding="credit", country="US", fingerprint="f"
    )
    paid = confirmable()
    moved = movement(paid, "authorize", 900, "3/authorize")
    said = {"amount": 900, "currency": "usd", "capture": False, "token": "tok_1"}
    owner = Owner(account="acct_1")
    method = method_of(owner, moved, "tok_1", card)
    lost = adopted(owner, moved, said, method, "s3cret")
    assert (lost.status, lost.capture_method, lost.attempts) == (Status.REQUIRES_CONFIRMATION, "manual", 2)
    assert lost.client_secret == f"{paid.id}_secret_s3cret"
    now = after(lost, moved, said)
    assert (now.status, now.amount_capturable, now.account) == (Status.REQUIRES_CAPTURE, 900, "acct_1")
    assert forgotten(now, moved, said) is None
    assert forgotten(replace(lost, attempts=0), moved, said) is None


@pytest.mark.parametrize(("key", "attempt"), [("pi_1/3/authorize", 3), ("pi_1", 1), ("pi_1/x/void", 1), ("", 1)])
def test_keys_that_say_nothing_are_of_the_first_attempt(key: str, attempt: int) -> None:
    assert attempt_of(key) == attempt


def test_whose_a_movement_is() -> None:
    assert movement(HELD, "capture", 1, "1/capture/1").payment_intent == HELD.id
    assert Movement(operation="fund", charge="", amount=1, currency="usd", key="x", created=1).payment_intent == ""
