"""Duplicates: what makes two payments alike, and what becomes of the second."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.duplicates import likeness
from domain.machine.transitions import carry_out
from domain.model.commands import Confirm, Update
from domain.model.outcomes import Authorize, PaymentAwaited
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from tests.support.builders import NOW, after, confirmable, decided, in_status, make_intent, make_method, refused
from workflows.display import details

SECOND = Confirm(duplicate_of="pi_first", return_url="https://shop.example")
REFUSED = replace(SECOND, refuse_duplicate=True)


def mark(intent: PaymentIntent, **confirm: Any) -> str | None:
    return likeness(intent, Confirm(**confirm))


def test_the_same_card_is_the_same_however_often_it_was_typed() -> None:
    first = confirmable(customer="cus_1")
    assert mark(first) == mark(confirmable(customer="cus_1")) is not None
    assert mark(make_intent(customer="cus_1"), payment_method=make_method()) == mark(first)
    assert mark(confirmable(customer="cus_1", amount=2_000), changes={"amount": 1_099}) == mark(first)


@pytest.mark.parametrize("other", [{"customer": "cus_2"}, {"customer": None}, {"amount": 1_100}, {"currency": "eur"}])
def test_whoever_pays_something_else_pays_something_else(other: dict[str, Any]) -> None:
    assert mark(confirmable(**{"customer": "cus_1", **other})) != mark(confirmable(customer="cus_1"))


def test_methods_are_told_apart_by_fingerprint_and_without_by_id() -> None:
    def by(**method: Any) -> str | None:
        return mark(make_intent(), payment_method=make_method(card=None, type="sepa_debit", **method))

    assert by(details={"fingerprint": "a"}) == by(details={"fingerprint": "a"}) != by(details={"fingerprint": "b"})
    assert by(id="pm_a") == by(id="pm_a") != by(id="pm_b")
    assert mark(make_intent()) is None


def test_a_refused_one_is_a_decline_that_no_bank_was_asked_for() -> None:
    intent = confirmable()
    decision = decided(intent, REFUSED)
    assert decision.effect is None
    transition = carry_out(intent, REFUSED, decision, None, NOW)
    error = transition.error
    assert error is not None
    assert (error.type, error.code, error.decline_code) == ("card_error", "card_declined", "duplicate_transaction")
    assert error.message.endswith("It is a duplicate of pi_first.")
    after_it = transition.after
    assert (after_it.status, after_it.charge, after_it.attempts) == (Status.REQUIRES_PAYMENT_METHOD, None, 1)
    assert after_it.last_payment_error == error
    assert [one.type for one in transition.announcements] == ["payment_intent.payment_failed"]


def test_a_flagged_one_goes_on_and_says_so() -> None:
    paid = after(confirmable(), SECOND)
    assert (paid.status, paid.duplicate_of) == (Status.SUCCEEDED, "pi_first")
    assert "**Perhaps a duplicate** of pi_first" in details(paid, None)
    assert isinstance(decided(confirmable(), SECOND).effect, Authorize)
    assert "duplicate" not in details(after(confirmable(), Confirm()), None)


def test_what_the_buyer_can_still_pay_with_stays() -> None:
    voucher = make_method(card=None, type="oxxo")
    fresh = make_intent(currency="mxn", amount=2_000, payment_method_types=("oxxo", "card"))
    shown = PaymentAwaited(reference="ref_1", url="https://pay.example", expires_at=NOW + 1_000)
    open_ = after(fresh, Confirm(payment_method=voucher), shown)
    assert open_.status == Status.REQUIRES_ACTION
    refusal = refused(open_, replace(REFUSED, payment_method=make_method()))
    assert (refusal.code, "pi_first" in refusal.message) == ("card_declined", True)


def test_what_was_illegal_anyway_is_refused_as_ever() -> None:
    paid = in_status(Status.SUCCEEDED)
    assert refused(paid, REFUSED) == refused(paid, Confirm())
    assert after(paid, Update(changes={"description": "d"})).duplicate_of is None
