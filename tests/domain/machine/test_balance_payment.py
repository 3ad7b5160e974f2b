"""A customer's balance, applied to what nobody has confirmed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.machine.decisions import ATTEMPTS_MAX
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.methods.bank_transfers import INSUFFICIENT
from domain.model.commands import ApplyCustomerBalance, Confirm, Update
from domain.model.outcomes import Declined, FundsKnown, RequestFunds
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from tests.domain.methods.test_bank_transfers import GIVEN, asked
from tests.support.builders import NOW, after, decided, make_intent, make_method, refused

NO = Declined(decline_code=INSUFFICIENT)
METHOD = make_method(type="customer_balance", card=None, id="pm_balance")


def fresh(**fields: Any) -> PaymentIntent:
    return make_intent(**{**GIVEN, "payment_method_types": ("card", "customer_balance"), **fields})


def apply(**fields: Any) -> ApplyCustomerBalance:
    return ApplyCustomerBalance(payment_method=METHOD, **fields)


def effect_of(intent: PaymentIntent, command: ApplyCustomerBalance) -> RequestFunds:
    effect = decided(intent, command).effect
    assert isinstance(effect, RequestFunds)
    return effect


def test_all_of_it_is_a_payment_like_any_other() -> None:
    intent = fresh()
    effect = effect_of(intent, apply())
    assert (effect.key, effect.amount, effect.applying) == (f"{intent.id}/1/funds", 2_000, 2_000)
    paid = carry_out(intent, apply(), decided(intent, apply()), FundsKnown(applied=2_000), NOW)
    assert (paid.after.status, paid.after.amount_received, paid.after.attempts) == (Status.SUCCEEDED, 2_000, 1)
    assert [a.type for a in paid.announcements] == ["charge.succeeded", "payment_intent.succeeded"]


def test_a_part_leaves_the_rest_awaited() -> None:
    intent = fresh()
    waiting = after(intent, apply(amount=500), FundsKnown(applied=500, url="https://pay.example"))
    assert (waiting.status, waiting.funded) == (Status.REQUIRES_ACTION, 500)
    assert effect_of(intent, apply(amount=500)).applying == 500


def test_too_little_changes_nothing_but_what_is_told() -> None:
    intent = fresh()
    short = carry_out(intent, apply(), decided(intent, apply()), NO, NOW)
    assert short.error is not None
    assert (short.error.code, short.error.type) == ("balance_insufficient", "invalid_request_error")
    assert (short.after.status, short.after.payment_method) == (Status.REQUIRES_PAYMENT_METHOD, None)
    again = effect_of(short.after, apply())
    assert again.key != effect_of(intent, apply()).key


def test_an_answer_that_is_late_is_awaited() -> None:
    intent = fresh()
    decision = decided(intent, apply())
    assert decision.effect is not None
    unknown = leave_unknown(intent, apply(), decision, decision.effect, NOW).after
    assert unknown.status == Status.PROCESSING
    assert make_known(unknown, decision.effect, FundsKnown(applied=2_000), NOW).after.status == Status.SUCCEEDED
    assert make_known(unknown, decision.effect, NO, NOW).after.status == Status.REQUIRES_PAYMENT_METHOD


def test_a_method_that_was_chosen_is_the_one() -> None:
    chosen = after(fresh(), Update(payment_method=METHOD))
    assert effect_of(chosen, ApplyCustomerBalance()).applying == 2_000
    other = after(fresh(), Update(payment_method=make_method()))
    assert "not waiting for a bank transfer" in refused(other, apply()).message
    assert after(other, Confirm()).status == Status.SUCCEEDED


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ({}, ApplyCustomerBalance()),
        ({"customer": None}, apply()),
        ({"payment_method_types": ("card",)}, apply()),
        ({"excluded_payment_method_types": ("customer_balance",)}, apply()),
        ({"capture_method": "manual"}, apply()),
        ({"currency": "cad"}, apply()),
        ({"payment_method_options": None}, apply(amount=500)),
        ({"attempts": ATTEMPTS_MAX}, apply()),
        ({}, apply(amount=2_001)),
        ({}, apply(amount=0)),
        ({}, apply(currency="eur")),
        ({}, ApplyCustomerBalance(payment_method=make_method())),
    ],
)
def test_what_it_cannot_do_without(fields: dict[str, Any], command: ApplyCustomerBalance) -> None:
    refused(fresh(**fields), command)


def test_by_the_rules_of_before_only_what_is_awaited() -> None:
    older = refused(replace(fresh(), rules=0), apply())
    assert older == refused(fresh(payment_method_types=("card",)), apply())
    assert decided(replace(asked(500), rules=0), ApplyCustomerBalance()).effect is not None


@given(amount=st.none() | st.integers(-5, 4_000), there=st.integers(0, 4_000))
def test_never_more_than_is_missing_nor_other_than_was_said(amount: int | None, there: int) -> None:
    intent, command = fresh(), apply(amount=amount)
    wanted = 2_000 if amount is None else amount
    if not 1 <= wanted <= 2_000:
        refused(intent, command)
        return
    assert effect_of(intent, command).applying == wanted
    paid = after(intent, command, FundsKnown(applied=wanted) if wanted <= there else NO)
    assert paid.funded == (wanted if wanted <= there else 0)
    assert (paid.status == Status.SUCCEEDED) == (wanted == 2_000 and there >= 2_000)
