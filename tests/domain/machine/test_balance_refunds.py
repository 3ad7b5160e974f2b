"""Refunds of cash balances: what may become of one, and what is asked of the gateway."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.machine import balance_refunds
from domain.machine.balance_refunds import CANCELED, FAILED, NEXT, PENDING, REQUIRES_ACTION, RETURNED, SUCCEEDED
from domain.model.refunds import ChargeRefund
from tests.support.builders import NOW

REFUND = ChargeRefund(
    id="re_3a", charge="", payment_intent="", payment_method="", created=NOW, amount=500, currency="usd",
    status=REQUIRES_ACTION, customer="cus_1", instructions_email="jenny@example.com", by_email=True,
)  # fmt: skip


def test_it_is_of_no_payment() -> None:
    assert balance_refunds.is_one(REFUND)
    assert not balance_refunds.is_one(replace(REFUND, payment_intent="pi_1"))


def test_the_gateway_is_asked_for_it_by_its_own_name() -> None:
    effect = balance_refunds.effect(REFUND)
    assert (effect.key, effect.charge, effect.refund) == ("re_3a/payout", "re_3a", "re_3a")
    assert (effect.amount, effect.currency, effect.by_email) == (500, "usd", True)
    assert (effect.authorization, effect.instructions_email) == ("cus_1", "jenny@example.com")


def test_no_more_than_there_is() -> None:
    assert balance_refunds.begin_refusal(REFUND, 500) is None
    refusal = balance_refunds.begin_refusal(REFUND, 499)
    assert refusal is not None
    assert (refusal.code, refusal.param) == ("balance_insufficient", "amount")
    assert "($5.00) is greater than the customer's available cash balance ($4.99)" in refusal.message


@given(told=st.lists(st.sampled_from([*NEXT, "nonsense"]), max_size=8))
def test_its_money_is_back_at_most_once_and_then_nothing_follows(told: list[str]) -> None:
    refund, back = REFUND, 0
    for status in told:
        after = balance_refunds.moved(refund, status)
        if after is None:
            continue
        assert after.status in NEXT[refund.status]
        assert (after.failure_reason is not None) == (after.status == FAILED)
        back += after.status in RETURNED
        refund = after
    assert back <= 1
    assert back == (refund.status in RETURNED)


def test_what_is_announced() -> None:
    assert balance_refunds.events(None, REFUND) == ("refund.created",)
    for status, told in (
        (PENDING, ("refund.updated",)), (SUCCEEDED, ("refund.updated",)), (CANCELED, ("refund.updated",)),
        (FAILED, ("refund.updated", "refund.failed")),
    ):  # fmt: skip
        assert balance_refunds.events(REFUND, replace(REFUND, status=status)) == told
