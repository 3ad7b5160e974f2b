"""Bank transfers: asked for, set aside, applied, released; and who gets what of a transfer."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.methods.bank_transfers import ASK_AGAIN_SECONDS, INSUFFICIENT, reference
from domain.model.commands import ApplyCustomerBalance, Cancel, CheckSettlement, Confirm, RefundCharge, Update
from domain.model.outcomes import Declined, FundsKnown, MoveFunds, Refund, RequestFunds
from domain.model.payment_intent import PaymentIntent, deadline
from domain.model.statuses import Status
from domain.money.cash_balances import CONSIDERED_MAX, Claim, reconcile
from tests.domain.methods.test_debits import chosen
from tests.support.builders import NOW, after, decided, in_status, refused

OPTIONS = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}}
GIVEN: dict[str, Any] = {"amount": 2_000, "currency": "usd", "customer": "cus_1", "payment_method_options": OPTIONS}


def intent_of(**fields: Any) -> PaymentIntent:
    return chosen("customer_balance", **{**GIVEN, **fields})


def asked(applied: int = 0) -> PaymentIntent:
    return after(intent_of(), Confirm(), FundsKnown(applied=applied, url="https://pay.example"))


def test_what_is_there_pays_at_once() -> None:
    intent = intent_of()
    decision = decided(intent, Confirm())
    assert isinstance(decision.effect, RequestFunds)
    assert (decision.effect.amount, decision.effect.reference) == (2_000, reference(intent.id))
    transition = carry_out(intent, Confirm(), decision, FundsKnown(applied=2_000), NOW)
    paid = transition.after
    assert (paid.status, paid.amount_received, paid.funded, paid.attempts) == (Status.SUCCEEDED, 2_000, 2_000, 1)
    assert [a.type for a in transition.announcements] == ["charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(("applied", "told"), [(0, []), (700, ["payment_intent.partially_funded"])])
def test_the_rest_is_awaited(applied: int, told: list[str]) -> None:
    intent = intent_of()
    outcome = FundsKnown(applied=applied, url="https://pay.example")
    transition = carry_out(intent, Confirm(), decided(intent, Confirm()), outcome, NOW)
    assert [a.type for a in transition.announcements] == ["payment_intent.requires_action", *told]
    waiting = transition.after
    assert (waiting.status, waiting.funded, waiting.amount_received) == (Status.REQUIRES_ACTION, applied, 0)
    assert (waiting.charge, deadline(waiting)) == (None, NOW + ASK_AGAIN_SECONDS)


def test_news_only_make_it_ask() -> None:
    intent = asked()
    decision = decided(intent, CheckSettlement())
    assert decision.effect == MoveFunds(
        key=f"{intent.id}/1/ask_funds/{intent.version}", intent=intent.id, operation="ask_funds"
    )
    nothing = carry_out(intent, CheckSettlement(), decision, FundsKnown(applied=0), NOW + 9)
    assert (nothing.announcements, deadline(nothing.after)) == ((), NOW + 9 + ASK_AGAIN_SECONDS)
    some = after(intent, CheckSettlement(), FundsKnown(applied=500))
    assert (some.status, some.funded) == (Status.REQUIRES_ACTION, 500)
    paid = after(some, CheckSettlement(), FundsKnown(applied=2_000))
    assert (paid.status, paid.amount_received, paid.attempts) == (Status.SUCCEEDED, 2_000, 1)
    assert refused(paid, CheckSettlement()).code == "payment_intent_unexpected_state"


def test_records_that_do_not_answer_leave_it_as_it_is() -> None:
    intent = asked(500)
    for command in (CheckSettlement(), ApplyCustomerBalance()):
        decision = decided(intent, command)
        assert decision.effect is not None
        unknown = leave_unknown(intent, command, decision, decision.effect, NOW)
        assert (unknown.after.status, unknown.after.next_action) == (Status.REQUIRES_ACTION, intent.next_action)
        assert unknown.announcements == ()
        known = make_known(unknown.after, decision.effect, FundsKnown(applied=2_000), NOW).after
        assert (known.status, known.pending) == (Status.SUCCEEDED, None)


def test_a_merchant_applies_what_there_is_and_no_more_than_is_missing() -> None:
    intent = asked(500)
    decision = decided(intent, ApplyCustomerBalance())
    assert isinstance(decision.effect, MoveFunds)
    assert decision.effect.amount == 1_500
    assert after(intent, ApplyCustomerBalance(amount=100), FundsKnown(applied=600)).funded == 600
    for wrong in (
        ApplyCustomerBalance(amount=1_501), ApplyCustomerBalance(amount=0), ApplyCustomerBalance(currency="eur"),
    ):  # fmt: skip
        refused(intent, wrong)
    empty = carry_out(intent, ApplyCustomerBalance(), decision, Declined(decline_code=INSUFFICIENT), NOW)
    assert empty.error is not None
    assert (empty.error.code, empty.after.status) == ("balance_insufficient", Status.REQUIRES_ACTION)
    assert empty.after.funded == 500


def test_canceled_it_gives_the_money_back_unless_it_is_all_there() -> None:
    intent = asked(500)
    decision = decided(intent, Cancel())
    assert isinstance(decision.effect, MoveFunds)
    assert decision.effect.operation == "release_funds"
    gone = carry_out(intent, Cancel(), decision, FundsKnown(applied=0), NOW)
    assert (gone.after.status, gone.after.funded) == (Status.CANCELED, 0)
    assert [a.type for a in gone.announcements] == ["payment_intent.canceled"]
    late = carry_out(intent, Cancel(), decision, Declined(decline_code="paid"), NOW)
    assert late.error is not None
    assert (late.after.status, deadline(late.after)) == (Status.REQUIRES_ACTION, NOW)
    assert after(late.after, CheckSettlement(), FundsKnown(applied=2_000)).status == Status.SUCCEEDED


def test_refunds_go_to_the_customers_bank_and_by_the_rules_of_before_to_the_balance() -> None:
    paid = after(intent_of(), Confirm(), FundsKnown(applied=2_000))
    assert refused(paid, RefundCharge(amount=300)).param == "instructions_email"
    command = RefundCharge(amount=300, instructions_email="jenny@example.com")
    effect = decided(paid, command).effect
    assert isinstance(effect, Refund)
    assert (effect.by_email, effect.to_balance, effect.instructions_email) == (True, False, "jenny@example.com")
    older = decided(replace(paid, rules=0), RefundCharge(amount=300)).effect
    assert isinstance(older, Refund)
    assert (older.by_email, older.to_balance) == (False, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"customer": None},
        {"payment_method_options": None},
        {"payment_method_options": {"customer_balance": {"funding_type": "bank_transfer"}}},
        {"currency": "eur"},
        {
            "currency": "eur",
            "payment_method_options": {
                "customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "eu_bank_transfer"}}
            },
        },
        {"capture_method": "manual"},
    ],
)
def test_what_it_cannot_do_without(fields: dict[str, Any]) -> None:
    refused(intent_of(**fields), Confirm())


def test_another_amount_gives_back_what_was_set_aside() -> None:
    intent = asked(800)
    command = Update(changes={"amount": 2_500})
    decision = decided(intent, command)
    assert isinstance(decision.effect, MoveFunds)
    assert decision.effect.operation == "release_funds"
    changed = after(intent, command, FundsKnown(applied=0))
    assert (changed.status, changed.amount, changed.funded) == (Status.REQUIRES_CONFIRMATION, 2_500, 0)
    again = decided(changed, Confirm()).effect
    assert isinstance(again, RequestFunds)
    assert again.amount == 2_500
    late = carry_out(intent, command, decision, Declined(decline_code="paid"), NOW)
    assert late.error is not None
    assert (late.after.status, late.after.amount, late.after.funded) == (Status.REQUIRES_ACTION, 2_000, 800)
    unknown = leave_unknown(intent, command, decision, decision.effect, NOW).after
    known = make_known(unknown, decision.effect, FundsKnown(applied=0), NOW).after
    assert (known.status, known.amount, known.funded) == (Status.REQUIRES_CONFIRMATION, 2_500, 0)
    assert refused(replace(intent, rules=0), command).param == "amount"
    refused(in_status(Status.REQUIRES_ACTION), ApplyCustomerBalance())


def claims(*remaining: int) -> list[Claim]:
    return [Claim(intent=f"pi_{n}", remaining=amount, reference=f"R{n}") for n, amount in enumerate(remaining)]


@pytest.mark.parametrize(
    ("open_", "received", "named", "expected"),
    [
        ((300, 200, 100), 100, "R0", [("pi_0", 100)]),
        ((300, 200, 100), 100, None, [("pi_2", 100)]),
        ((300, 200, 100), 250, None, [("pi_0", 250)]),
        ((300, 200, 100), 550, None, [("pi_0", 300), ("pi_1", 200), ("pi_2", 50)]),
        ((300, 200, 100), 400, None, [("pi_0", 300), ("pi_2", 100)]),
        ((5_000, 1_000, 2_000), 3_000, None, [("pi_1", 1_000), ("pi_2", 2_000)]),
        ((200, 100, 300), 300, None, [("pi_2", 300)]),
        ((9_000, 1, 2, 4, 8, 16), 31, None, [("pi_1", 1), ("pi_2", 2), ("pi_3", 4), ("pi_4", 8), ("pi_5", 16)]),
        ((9_000, 1, 2, 4, 8, 16, 32), 63, None, [("pi_0", 63)]),
        ((9_000,) * CONSIDERED_MAX + (1, 2), 3, None, [("pi_0", 3)]),
        ((300,), 400, "R7", [("pi_0", 300)]),
        ((), 400, None, []),
    ],
)
def test_who_gets_what(
    open_: tuple[int, ...], received: int, named: str | None, expected: list[tuple[str, int]]
) -> None:
    found = reconcile(received, claims(*open_), received=received, reference=named)
    assert [(one.intent, one.amount) for one in found] == expected


@given(
    available=st.integers(0, 5_000),
    open_=st.lists(st.integers(1, 2_000), max_size=8),
    received=st.integers(1, 5_000),
    named=st.sampled_from([None, "R0", "R3"]),
)
def test_never_more_than_there_is_nor_than_is_missing(
    available: int, open_: list[int], received: int, named: str | None
) -> None:
    found = reconcile(available, claims(*open_), received=received, reference=named)
    missing = {claim.intent: claim.remaining for claim in claims(*open_)}
    assert all(0 < one.amount <= missing[one.intent] for one in found)
    assert len({one.intent for one in found}) == len(found)
    assert sum(one.amount for one in found) == min(available, sum(open_))
