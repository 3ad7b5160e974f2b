"""Which gateway is asked: the route's for an attempt, and for everything after it the one where that was begun."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.states import lean, load
from domain.machine.setups.transitions import SETUPS
from domain.model.commands import (
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    CloseDispute,
    Command,
    Confirm,
    ExpireAuthorization,
    IncrementAuthorization,
    RefundCharge,
    ReportDispute,
    UpdateDispute,
    VerifyMicrodeposits,
)
from domain.model.gateways import Hop, hop_to
from domain.model.outcomes import (
    Accepted,
    AuthenticationRequired,
    Declined,
    Outcome,
    PaymentAwaited,
    VerificationRequired,
)
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.statuses import Status
from tests.support.builders import (
    CONSENT,
    NOW,
    after,
    confirmable,
    decided,
    make_intent,
    make_method,
    make_setup,
    refused,
    with_card_options,
)

BRISK = Hop(gateway="brisk", patience=30)
ELSEWHERE = Hop(gateway="elsewhere")
TOKENS = {"brisk": "tok_brisk", "elsewhere": "tok_elsewhere"}
CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
DEBIT: dict[str, Any] = {"card": None, "type": "us_bank_account", "details": {"last4": "6789"}}


def known_everywhere(**fields: Any) -> PaymentMethod:
    return make_method(tokens=TOKENS, **fields)


def routed(**fields: Any) -> PaymentIntent:
    return replace(confirmable(**fields), payment_method=known_everywhere())


def asked(intent: PaymentIntent, command: Command, now: int = NOW) -> tuple[Hop, str]:
    effect: Any = decided(intent, command, now).effect
    return hop_to(effect), getattr(effect, "token", "")


def test_nobody_routes_and_it_is_the_first() -> None:
    assert asked(routed(), Confirm()) == (Hop(), "tok_1")
    assert lean(after(routed(), Confirm())).get("route") is None, "nothing is kept of it"


def test_an_attempt_is_made_at_the_first_gateway_of_the_route_by_its_own_token() -> None:
    assert asked(routed(), Confirm(route=(BRISK, ELSEWHERE))) == (BRISK, "tok_brisk")


def test_the_charge_says_who_holds_the_money_and_is_read_back_so() -> None:
    held = after(routed(capture_method="manual"), Confirm(route=(BRISK,)))
    assert held.charge is not None
    assert hop_to(held.charge) == BRISK
    assert load(lean(held)) == held


@pytest.mark.parametrize(
    "command", [Capture(), Cancel(), IncrementAuthorization(amount=2_000), ExpireAuthorization()], ids=lambda c: c.name
)
def test_what_is_held_is_asked_of_who_holds_it_wherever_payments_go_now(command: Command) -> None:
    intent = with_card_options(routed(capture_method="manual"), request_incremental_authorization="if_available")
    held = replace(after(intent, Confirm(route=(BRISK,))), route=(ELSEWHERE,))
    assert held.status is Status.REQUIRES_CAPTURE
    assert asked(held, command, NOW + 8 * 86_400)[0] == BRISK


def test_what_was_taken_is_given_back_by_who_took_it() -> None:
    taken = replace(after(routed(), Confirm(route=(BRISK,))), route=(ELSEWHERE,))
    assert asked(taken, RefundCharge())[0] == BRISK


def test_a_dispute_is_answered_where_the_money_was_taken() -> None:
    taken = after(routed(), Confirm(route=(BRISK,)))
    assert taken.charge is not None
    disputed = after(taken, ReportDispute(charge=taken.charge.id, reference="dsp_1"))
    for command in (UpdateDispute(changes={"evidence": {}}), CloseDispute()):
        assert asked(replace(disputed, route=(ELSEWHERE,)), command)[0] == BRISK


def test_after_a_decline_the_next_attempt_is_routed_anew_and_one_that_says_nothing_stays() -> None:
    declined = after(routed(), Confirm(route=(BRISK,)), Declined(decline_code="generic_decline"))
    again = Confirm(payment_method=known_everywhere())
    assert asked(declined, again) == (BRISK, "tok_brisk")
    assert asked(declined, replace(again, route=(ELSEWHERE,))) == (ELSEWHERE, "tok_elsewhere")
    assert asked(declined, replace(again, route=(Hop(),))) == (Hop(), "tok_1")


def test_an_authentication_is_finished_where_it_was_begun() -> None:
    shown = after(routed(), Confirm(route=(BRISK,), return_url="https://shop.example"), CHALLENGE)
    answer = AuthenticationResult(authentication="authn_1", authenticated=True)
    assert asked(replace(shown, route=(ELSEWHERE,)), answer) == (BRISK, "tok_brisk")


def test_and_so_is_one_that_the_merchant_confirms_once_more() -> None:
    shown = after(routed(confirmation_method="manual"), Confirm(route=(BRISK,)), CHALLENGE)
    approved = after(shown, AuthenticationResult(authentication="authn_1", authenticated=True))
    assert approved.approval is not None
    assert asked(approved, Confirm(route=(ELSEWHERE,))) == (BRISK, "tok_brisk")


def debit() -> PaymentIntent:
    intent = confirmable(payment_method_types=("us_bank_account",), mandate_data=CONSENT)
    return replace(intent, payment_method=known_everywhere(**DEBIT))


@pytest.mark.parametrize("command", [CheckSettlement(), Cancel()], ids=lambda command: command.name)
def test_a_debit_is_asked_about_and_called_back_where_it_was_accepted(command: Command) -> None:
    pending = after(debit(), Confirm(route=(BRISK,)), Accepted(reference="set_1"))
    assert asked(replace(pending, route=(ELSEWHERE,)), command)[0] == BRISK


def test_deposits_are_compared_by_who_sent_them() -> None:
    sent = VerificationRequired(verification="v_1", microdeposit_type="amounts", arrival_date=NOW, url="https://x")
    waiting = after(debit(), Confirm(route=(BRISK,)), sent)
    answer = VerifyMicrodeposits(amounts=(32, 45))
    assert asked(replace(waiting, route=(ELSEWHERE,)), answer) == (BRISK, "tok_brisk")


@pytest.mark.parametrize("command", [CheckSettlement(), Cancel()], ids=lambda command: command.name)
def test_what_a_buyer_was_shown_is_asked_about_and_withdrawn_where_it_was_made(command: Command) -> None:
    voucher = known_everywhere(card=None, type="oxxo")
    intent = replace(confirmable(payment_method_types=("oxxo",), currency="mxn"), payment_method=voucher)
    awaited: Outcome = PaymentAwaited(reference="vou_1", url="https://x", expires_at=NOW + 86_400)
    shown = after(intent, Confirm(route=(BRISK,)), awaited)
    assert asked(replace(shown, route=(ELSEWHERE,)), command)[0] == BRISK
    paid = after(shown, CheckSettlement())
    assert paid.charge is not None
    assert hop_to(paid.charge) == BRISK


def test_a_method_that_a_gateway_was_never_told_of_is_not_tried_there() -> None:
    refusal = refused(confirmable(), Confirm(route=(BRISK,)))
    assert "not known to the gateway brisk" in refusal.message
    assert refusal.param == "payment_method"


def test_a_setup_goes_by_the_route_as_well() -> None:
    setup = make_setup(payment_method=known_everywhere(), status=Status.REQUIRES_CONFIRMATION)
    decision: Any = SETUPS.decide(setup, Confirm(route=(BRISK,), return_url="https://shop.example"), NOW)
    assert (hop_to(decision.effect), decision.effect.token) == (BRISK, "tok_brisk")
    shown = SETUPS.carry_out(setup, Confirm(route=(BRISK,)), decision, CHALLENGE, NOW).after
    answer: Any = SETUPS.decide(shown, AuthenticationResult(authentication="authn_1", authenticated=True), NOW)
    assert (hop_to(answer.effect), answer.effect.token) == (BRISK, "tok_brisk")


def test_a_method_has_a_token_at_each_gateway_that_knows_it() -> None:
    method = known_everywhere()
    assert [method.token_at(name) for name in ("", "simulator", "brisk", "nowhere")] == [
        "tok_1", "tok_1", "tok_brisk", None,
    ]  # fmt: skip
    assert make_intent(payment_method=replace(method, token="")).payment_method is not None
    assert replace(method, token="").token_at("") is None
