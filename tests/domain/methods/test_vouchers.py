"""Vouchers and codes: shown, paid, expired, withdrawn, replaced; and that money is never taken twice."""

from dataclasses import replace
from typing import Any

import pytest

from domain.identifiers import charge_id
from domain.machine.decisions import ATTEMPTS_MAX
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.methods.families import TYPES, Family, charge_prefix
from domain.methods.vouchers import ASK_AGAIN_SECONDS, PAID
from domain.model.commands import Cancel, CheckSettlement, Confirm, Update
from domain.model.events import InstructionsRestored, SettlementAwaited
from domain.model.outcomes import Accepted, Approved, AskSettlement, Authorize, Declined, PaymentAwaited, Void
from domain.model.payment_intent import PaymentIntent, deadline, due_command, outstanding
from domain.model.statuses import Status
from tests.domain.methods.test_debits import chosen
from tests.support.builders import APPROVED, NOW, after, decided, make_method, refused

SHOWN = sorted(name for name, type_ in TYPES.items() if type_.family in (Family.VOUCHER, Family.CODE))
EXPIRES = NOW + 3 * 86_400
AWAITED = PaymentAwaited(reference="vou_1", url="https://pay.example", details={"number": "1"}, expires_at=EXPIRES)
YES = Approved(authorization="vou_1")
NO = Declined(decline_code="paid")


def shown(type_: str = "oxxo", **fields: Any) -> PaymentIntent:
    options = {"blik": {"code": "123456"}} if type_ == "blik" else None
    return after(chosen(type_, payment_method_options=options, **fields), Confirm(), AWAITED)


@pytest.mark.parametrize("type_", SHOWN)
def test_nothing_is_charged_until_the_gateway_says_that_it_was_paid(type_: str) -> None:
    intent = shown(type_)
    assert (intent.status, intent.charge, intent.amount_received) == (Status.REQUIRES_ACTION, None, 0)
    assert intent.next_action is not None
    assert intent.next_action.type == TYPES[type_].next_action
    assert (deadline(intent), due_command(intent)) == (EXPIRES, CheckSettlement())
    promised = charge_id(intent.id, 1, charge_prefix(type_))
    paid = after(intent, CheckSettlement(charge=promised), YES)
    assert (paid.status, paid.amount_received, paid.attempts) == (Status.SUCCEEDED, intent.amount, 1)
    assert paid.charge is not None
    assert (paid.charge.id, paid.charge.paid_with) == (promised, {"number": "1"})
    assert paid.payment_method is not None
    assert paid.payment_method.consumed
    assert (paid.next_action, deadline(paid)) == (None, None)


@pytest.mark.parametrize(
    ("why", "code"),
    [("expired", "payment_intent_payment_attempt_expired"), ("no", "payment_intent_payment_attempt_failed")],
)
def test_unpaid_it_needs_another_method(why: str, code: str) -> None:
    intent = after(shown(), CheckSettlement(), Declined(decline_code=why))
    assert (intent.status, intent.payment_method, intent.charge) == (Status.REQUIRES_PAYMENT_METHOD, None, None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == code


def test_a_gateway_that_cannot_say_yet_is_asked_again_under_another_key() -> None:
    intent, keys = shown(), set()
    for hours in range(3):
        decision = decided(intent, CheckSettlement(), EXPIRES + hours)
        assert isinstance(decision.effect, AskSettlement)
        keys.add(decision.effect.key)
        transition = carry_out(intent, CheckSettlement(), decision, Accepted(reference="vou_1"), EXPIRES + hours)
        assert transition.events == (SettlementAwaited(EXPIRES + hours + ASK_AGAIN_SECONDS),)
        intent = transition.after
    assert (intent.status, len(keys)) == (Status.REQUIRES_ACTION, 3)


def test_a_gateway_that_does_not_answer_leaves_the_voucher_with_the_buyer() -> None:
    intent = shown()
    decision = decided(intent, CheckSettlement())
    assert decision.effect is not None
    unknown = leave_unknown(intent, CheckSettlement(), decision, decision.effect, NOW)
    assert (unknown.after.status, unknown.announcements) == (Status.REQUIRES_ACTION, ())
    assert unknown.after.next_action == intent.next_action
    known = make_known(unknown.after, decision.effect, YES, NOW)
    assert (known.after.status, known.after.pending) == (Status.SUCCEEDED, None)


def test_canceled_only_with_the_gateways_consent() -> None:
    intent = shown()
    decision = decided(intent, Cancel(cancellation_reason="abandoned"))
    assert isinstance(decision.effect, Void)
    gone = carry_out(intent, Cancel(), decision, APPROVED, NOW)
    assert (gone.after.status, gone.after.cancellation_reason) == (Status.CANCELED, "abandoned")
    assert [a.type for a in gone.announcements] == ["payment_intent.canceled"]
    late = carry_out(intent, Cancel(), decision, NO, NOW)
    assert late.error is not None
    assert late.error.code == "payment_intent_unexpected_state"
    assert (late.after.status, deadline(late.after)) == (Status.REQUIRES_ACTION, NOW)
    assert after(late.after, CheckSettlement(), YES).status == Status.SUCCEEDED


def test_a_withdrawal_whose_outcome_is_unknown_comes_back_to_the_voucher() -> None:
    intent = shown()
    decision = decided(intent, Cancel())
    assert decision.effect is not None
    unknown = leave_unknown(intent, Cancel(), decision, decision.effect, NOW).after
    assert unknown.status == Status.PROCESSING
    assert refused(unknown, Cancel()).code == "payment_intent_unexpected_state"
    assert make_known(unknown, decision.effect, APPROVED, NOW).after.status == Status.CANCELED
    back = make_known(unknown, decision.effect, NO, NOW).after
    assert (back.status, outstanding(back) is not None) == (Status.REQUIRES_ACTION, True)


def test_another_method_takes_its_place_or_is_not_even_tried() -> None:
    intent = shown(payment_method_types=("oxxo", "card"))
    confirm = Confirm(payment_method=make_method())
    decision = decided(intent, confirm)
    assert isinstance(decision.effect, Authorize)
    assert decision.effect.supersedes == outstanding(intent)
    by_card = carry_out(intent, confirm, decision, APPROVED, NOW).after
    assert (by_card.status, by_card.next_action) == (Status.SUCCEEDED, None)
    assert by_card.charge is not None
    assert by_card.charge.paid_with == {}
    too_late = carry_out(intent, confirm, decision, Declined(decline_code=PAID), NOW)
    assert too_late.error is not None
    assert (too_late.after.status, too_late.after.payment_method) == (intent.status, intent.payment_method)
    assert isinstance(too_late.events[-1], InstructionsRestored)
    assert (too_late.announcements, deadline(too_late.after)) == ((), NOW)
    assert after(too_late.after, CheckSettlement(), YES).amount_received == intent.amount


@pytest.mark.parametrize(
    "command", [Update(changes={"amount": 3_000}), Update(payment_method=make_method(type="oxxo", card=None))]
)
def test_what_the_voucher_says_changes_once_it_is_withdrawn(command: Update) -> None:
    intent = shown()
    decision = decided(intent, command)
    assert isinstance(decision.effect, Void)
    assert (decision.events, decision.effect.captured) == ((), None)
    changed = carry_out(intent, command, decision, APPROVED, NOW)
    assert (changed.error, changed.after.status) == (None, Status.REQUIRES_CONFIRMATION)
    assert (changed.after.next_action, changed.after.amount) == (None, command.changes.get("amount", intent.amount))
    again = decided(changed.after, Confirm()).effect
    assert isinstance(again, Authorize)
    assert again.key != decided(chosen("oxxo"), Confirm()).effect.key  # type: ignore[union-attr]
    late = carry_out(intent, command, decision, NO, NOW)
    assert late.error is not None
    assert (late.after.status, late.after.amount) == (Status.REQUIRES_ACTION, intent.amount)
    assert outstanding(late.after) is not None
    assert after(late.after, CheckSettlement(), YES).amount_received == intent.amount
    unknown = leave_unknown(intent, command, decision, decision.effect, NOW).after
    assert unknown.status == Status.PROCESSING
    assert make_known(unknown, decision.effect, APPROVED, NOW).after.status == Status.REQUIRES_CONFIRMATION
    assert make_known(unknown, decision.effect, NO, NOW).after.amount == intent.amount


def test_what_does_not_change_what_the_voucher_says_leaves_it_alone() -> None:
    intent = shown()
    assert after(intent, Update(changes={"description": "x"})).next_action == intent.next_action
    refused(shown(), Update(changes={"currency": "usd"}))
    older = replace(shown(), rules=0)
    refusal = refused(older, Update(changes={"amount": 300_000}))
    assert (refusal.code, refusal.param) == ("payment_intent_unexpected_state", "amount")
    assert refused(older, Update(payment_method=make_method())).param == "payment_method"


def test_news_of_another_charge_are_refused() -> None:
    assert refused(shown(), CheckSettlement(charge="py_another")).code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(("type_", "least", "days"), [("konbini", 1, 60), ("pix", 60, 14)])
def test_a_time_to_pay_that_is_over_or_never_ends_is_refused(type_: str, least: int, days: int) -> None:
    def at(expires: int) -> PaymentIntent:
        return chosen(type_, payment_method_options={type_: {"expires_at": expires}})

    last = NOW + days * 86_400
    for wrong in (5, NOW, NOW + least - 1, last + 1, 10**15):
        refusal = refused(at(wrong), Confirm())
        assert refusal.param == f"payment_method_options[{type_}][expires_at]"
    for right in (NOW + least, last):
        decided(at(right), Confirm())
    decided(replace(at(NOW + 1), rules=0), Confirm())


def test_an_attempt_too_many_calls_back_what_can_still_be_paid() -> None:
    """Canceled at once, the buyer could pay a voucher of an intent that has ended."""
    worn = replace(shown(payment_method_types=("oxxo", "card")), attempts=ATTEMPTS_MAX)
    again = Confirm(payment_method=make_method())
    decision = decided(worn, again)
    assert isinstance(decision.effect, Void)
    assert decision.events == ()
    canceled = after(worn, again)
    assert (canceled.status, canceled.cancellation_reason) == (Status.CANCELED, "automatic")
    paid = carry_out(worn, again, decision, NO, NOW)
    assert paid.after.status == Status.REQUIRES_ACTION
    assert outstanding(paid.after) is not None
    assert deadline(paid.after) == NOW, "and it is found out at once whether it was"
    assert paid.error is not None


def test_each_void_of_an_attempt_is_an_operation_of_its_own() -> None:
    intent = shown("cashapp", capture_method="manual")

    def void(state: PaymentIntent) -> Void:
        effect = decided(state, Cancel()).effect
        assert isinstance(effect, Void)
        return effect

    late = carry_out(intent, Cancel(), decided(intent, Cancel()), NO, NOW).after
    again = after(late, CheckSettlement(), Accepted(reference="vou_1"))
    held = after(late, CheckSettlement(), YES)
    assert held.status == Status.REQUIRES_CAPTURE
    keys = [void(state).key for state in (intent, late, again, held)]
    assert len(set(keys)) == len(keys), "the answer to one is not the answer to another"
    assert after(held, Cancel()).status == Status.CANCELED


def test_a_run_of_before_goes_on_with_the_key_it_may_have_asked_with() -> None:
    intent = replace(shown("cashapp", capture_method="manual"), rules=0)
    effect = decided(intent, Cancel()).effect
    assert isinstance(effect, Void)
    assert effect.key == f"{intent.id}/1/void"
