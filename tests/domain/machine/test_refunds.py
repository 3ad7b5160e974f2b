"""Refunds, and what the gateway says about them later."""

from dataclasses import replace

import pytest

from domain.machine.announcements import announcements
from domain.machine.decisions import decide
from domain.machine.transitions import Transition, carry_out
from domain.model.commands import Capture, Confirm, RefundCharge, RefundResult, ReportDispute
from domain.model.events import ChargeDisputed
from domain.model.outcomes import Accepted, Declined, Refund
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import RefundRequested
from domain.model.refunds import ChargeRefund
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import APPROVED, NOW, after, decided, in_status, refused, with_card_options

PAID = Status.SUCCEEDED


UPDATED = ["charge.refund.updated", "refund.updated"]


def refunded(intent: PaymentIntent, amount: int) -> Transition:
    command = RefundCharge(refund="re_1", amount=amount)
    return carry_out(intent, command, decided(intent, command), Accepted(reference="r"), NOW)


def recorded(intent: PaymentIntent, amount: int) -> ChargeRefund:
    return ChargeRefund(
        id="re_1", charge=held_charge(intent).id, payment_intent=intent.id, payment_method="pm_1", created=NOW,
        amount=amount, currency="usd",
    )  # fmt: skip


def types(transition: Transition) -> list[str]:
    return [announcement.type for announcement in announcements(transition.events)]


def test_accepted_is_pending_and_counts() -> None:
    transition = refunded(in_status(PAID), amount=99)
    charge = transition.after.charge
    assert charge is not None
    assert (charge.amount_refunded, charge.refunds_given) == (99, {"re_1": 99})
    assert transition.after.pending is None, "nothing is unknown"
    assert types(transition) == ["refund.created", "charge.refunded"]


def test_later_news_of_it() -> None:
    intent = refunded(in_status(PAID), amount=99).after
    for succeeded, left, told in ((True, 99, UPDATED), (False, 0, [*UPDATED, "refund.failed"])):
        command = RefundResult(refund=recorded(intent, 99), succeeded=succeeded)
        transition = carry_out(intent, command, decided(intent, command), None, NOW)
        assert transition.after.charge is not None
        assert transition.after.charge.amount_refunded == left
        assert types(transition) == told


def test_what_failed_cannot_fail_again_and_nobody_elses_can() -> None:
    intent = refunded(in_status(PAID), amount=99).after
    failed = RefundResult(refund=recorded(intent, 99), succeeded=False)
    gone = after(intent, failed)
    for state, command in (
        (gone, failed),
        (intent, RefundResult(refund=recorded(intent, 98))),
        (intent, RefundResult()),
        (in_status(PAID), failed),
    ):
        assert "no such refund" in refused(state, command).message


def test_news_are_of_this_payment_s_own_refund() -> None:
    intent = refunded(in_status(PAID), amount=99).after
    right = recorded(intent, 99)
    for other in (replace(right, charge="ch_2"), replace(right, payment_intent="pi_2"), replace(right, currency="eur")):
        assert "no such refund" in refused(intent, RefundResult(refund=other, succeeded=True)).message


def test_an_id_is_taken_once() -> None:
    intent = refunded(in_status(PAID), amount=99).after
    refusal = refused(intent, RefundCharge(refund="re_1", amount=20))
    assert (refusal.code, refusal.param) == ("resource_already_exists", "refund")
    assert after(intent, RefundCharge(refund="re_2", amount=20), Accepted(reference="r")).charge is not None
    older = decide(replace(intent, rules=0), RefundCharge(refund="re_1", amount=20), NOW)
    assert not isinstance(older, Refusal), "a run of an older release has perhaps done it"


def test_a_declined_refund_is_another_operation_next_time() -> None:
    intent = in_status(PAID)
    command = RefundCharge(refund="re_1")
    first = decided(intent, command)
    declined = carry_out(intent, command, first, Declined(decline_code="generic_decline"), NOW)
    assert declined.error is None, "the refund has failed, not the request"
    assert declined.after.charge is not None
    assert (declined.after.charge.amount_refunded, declined.after.charge.refunds) == (0, 1)
    again = decided(declined.after, command)
    assert first.effect is not None
    assert again.effect is not None
    assert again.effect.key != first.effect.key


def test_between_captures_the_hold_stays() -> None:
    held = with_card_options(in_status(Status.REQUIRES_CONFIRMATION, capture_method="manual"),
                             request_multicapture="if_available")  # fmt: skip
    some = after(after(held, Confirm()), Capture(amount_to_capture=500, final_capture=False))
    back = after(some, RefundCharge(refund="re_1", amount=500), APPROVED)
    assert (back.status, back.amount_capturable) == (Status.REQUIRES_CAPTURE, 599)
    assert refused(back, RefundCharge(refund="re_2", amount=1)).code == "charge_already_refunded"


@pytest.mark.parametrize("status", ["needs_response", "lost", "warning_needs_response"])
def test_what_the_bank_has_taken_back_is_not_refunded(status: str) -> None:
    paid = in_status(Status.SUCCEEDED)
    assert paid.charge is not None
    disputed = after(paid, ReportDispute(charge=paid.charge.id, status=status))
    if status == "warning_needs_response":
        assert after(disputed, RefundCharge(amount=100)).charge is not None, "an inquiry takes no money"
        return
    refusal = refused(disputed, RefundCharge(amount=100))
    assert refusal.code == "charge_disputed"
    assert refusal.message == f"Charge {paid.charge.id} has been charged back; cannot issue a refund."
    older = replace(disputed, charge=replace(paid.charge, dispute="dp_1"))
    assert refused(older, RefundCharge()).code == "charge_disputed", "opened before it was kept whether money was taken"


def test_a_dispute_is_about_what_was_not_given_back() -> None:
    paid = after(in_status(Status.SUCCEEDED), RefundCharge(amount=99))
    assert paid.charge is not None
    command = ReportDispute(charge=paid.charge.id)
    (event,) = [e for e in decided(paid, command).events if isinstance(e, ChargeDisputed)]
    assert event.dispute.amount == 1_000
    whole = after(in_status(Status.SUCCEEDED), RefundCharge())
    assert whole.charge is not None
    refused(whole, ReportDispute(charge=whole.charge.id))


@pytest.mark.parametrize("type_", ["boleto", "oxxo"])
def test_what_has_no_way_back_is_not_refunded(type_: str) -> None:
    paid = in_status(Status.SUCCEEDED)
    assert paid.charge is not None
    method = replace(paid.charge.payment_method, type=type_, card=None)
    state = replace(paid, payment_method=method, charge=replace(paid.charge, payment_method=method))
    refusal = refused(state, RefundCharge())
    assert (refusal.code, type_ in refusal.message) == ("charge_not_refundable", True)
    older = replace(state, rules=0)
    assert after(older, RefundCharge()).charge is not None, "a run of before goes by what it was begun with"


def asked_by_email() -> tuple[PaymentIntent, ChargeRefund]:
    """A paid konbini, of which 99 are to be given back; its payer is asked where to."""
    paid = in_status(Status.SUCCEEDED)
    assert paid.charge is not None
    method = replace(paid.charge.payment_method, type="konbini", card=None)
    state = replace(paid, payment_method=method, charge=replace(paid.charge, payment_method=method))
    command = RefundCharge(refund="re_1", amount=99, instructions_email="jenny@example.com")
    transition = carry_out(state, command, decided(state, command), Accepted(reference="r"), NOW)
    (refund,) = [event.refund for event in transition.events if isinstance(event, RefundRequested)]
    return transition.after, refund


def test_a_receiver_is_asked_answers_and_is_paid() -> None:
    state, refund = asked_by_email()
    assert (refund.status, refund.instructions_email, refund.by_email) == ("requires_action", "jenny@example.com", True)
    assert state.charge is not None
    assert (state.charge.amount_refunded, state.charge.refunds_asked) == (99, ("re_1",))
    on_its_way = RefundResult(refund=refund, status="pending")
    transition = carry_out(state, on_its_way, decided(state, on_its_way), None, NOW)
    assert types(transition) == UPDATED
    pending = transition.after
    assert pending.charge is not None
    assert (pending.charge.amount_refunded, pending.charge.refunds_asked) == (99, ())
    for late in ("pending", "canceled"):
        assert "no such refund" in refused(pending, RefundResult(refund=refund, status=late)).message
    paid = after(pending, RefundResult(refund=refund, succeeded=True))
    assert paid.charge is not None
    assert paid.charge.amount_refunded == 99


@pytest.mark.parametrize(
    ("told", "events"),
    [({"status": "canceled"}, UPDATED), ({"failure_reason": "expired"}, [*UPDATED, "refund.failed"])],
)
def test_who_does_not_answer_leaves_the_money_here(told: dict[str, str], events: list[str]) -> None:
    state, refund = asked_by_email()
    command = RefundResult(refund=refund, **told)  # type: ignore[arg-type]
    transition = carry_out(state, command, decided(state, command), None, NOW)
    assert types(transition) == events
    gone = transition.after
    assert gone.charge is not None
    assert (gone.charge.amount_refunded, gone.charge.refunds_given, gone.charge.refunds_asked) == (0, {}, ())
    assert "no such refund" in refused(gone, command).message


def test_nobody_is_asked_who_is_not_known() -> None:
    state, _ = asked_by_email()
    assert state.charge is not None
    refusal = refused(state, RefundCharge(amount=1))
    assert (refusal.param, refusal.code) == ("instructions_email", None)
    method = state.charge.payment_method
    known = replace(method, billing_details=replace(method.billing_details, email="payer@example.com"))
    effect = decided(replace(state, charge=replace(state.charge, payment_method=known)), RefundCharge(amount=1)).effect
    assert isinstance(effect, Refund)
    assert effect.instructions_email == "payer@example.com"
