"""Payments whose bank answers later: pending, asked, settled or returned; and what a type can do at all."""

from typing import Any

import pytest

from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.methods.debits import ASK_AGAIN_SECONDS
from domain.methods.families import CONSENTED, FAILED_DEBITS, TYPES, Family, failed_debit
from domain.model.commands import Cancel, CheckSettlement, Confirm
from domain.model.events import ChargePending, MandateEnded, SettlementAwaited
from domain.model.outcomes import Accepted, Approved, AskSettlement, AuthenticationRequired, Declined
from domain.model.payment_intent import PaymentIntent, deadline, due_command
from domain.model.statuses import Status
from tests.support.builders import CONSENT, NOW, after, decided, make_intent, make_method, refused

ACCEPTED = Accepted(reference="auth_1")
DEBITS = sorted(name for name, type_ in TYPES.items() if type_.family is Family.DEBIT)
REDIRECTS = sorted(name for name, type_ in TYPES.items() if type_.family is Family.REDIRECT)


def chosen(type_: str, **fields: Any) -> PaymentIntent:
    """Waits to be confirmed with a method of this type, in a currency it moves."""
    currency = sorted(TYPES[type_].currencies or {"usd"})[0]
    method = make_method(card=None if type_ != "card" else make_method().card, type=type_)
    given = {"amount": 200_000, "currency": currency, "payment_method_types": (type_,), "payment_method": method}
    given |= {"mandate_data": CONSENT} if type_ in CONSENTED else {}
    return make_intent(**{**given, "status": Status.REQUIRES_CONFIRMATION, **fields})


def pending(type_: str = "sepa_debit", **fields: Any) -> PaymentIntent:
    return after(chosen(type_, **fields), Confirm(return_url="https://shop.example"), ACCEPTED)


@pytest.mark.parametrize("type_", DEBITS)
def test_a_debit_is_pending_until_the_bank_has_answered(type_: str) -> None:
    intent = pending(type_)
    assert intent.status == Status.PROCESSING
    assert intent.charge is not None
    assert (intent.charge.status, intent.charge.authorization) == ("pending", "auth_1")
    assert intent.charge.id.startswith("py_3")
    assert (intent.amount_received, intent.amount_capturable, intent.attempts) == (0, 0, 1)
    assert deadline(intent) == NOW + TYPES[type_].settles_after_seconds
    assert due_command(intent) == CheckSettlement()


def test_the_bank_paid() -> None:
    intent = after(pending(), CheckSettlement(), Approved(authorization="auth_1"))
    assert (intent.status, intent.amount_received, intent.attempts) == (Status.SUCCEEDED, 200_000, 1)
    assert intent.payment_method is not None
    assert intent.payment_method.consumed
    assert deadline(intent) is None


@pytest.mark.parametrize("code", [*FAILED_DEBITS, "no_code_we_know"])
def test_the_bank_sent_it_back(code: str) -> None:
    before = pending()
    intent = after(before, CheckSettlement(), Declined(decline_code=code))
    assert (intent.status, intent.amount_received, intent.attempts) == (Status.REQUIRES_PAYMENT_METHOD, 0, 1)
    assert intent.payment_method is None
    assert intent.charge is not None
    assert before.charge is not None
    assert (intent.charge.id, intent.charge.status) == (before.charge.id, "failed")
    assert intent.last_payment_error is not None
    failure = failed_debit(code)
    assert intent.charge.failure_code == failure.code
    assert intent.last_payment_error.code == (failure.error_code or failure.code)


def test_what_a_us_account_and_a_sepa_account_say_of_it() -> None:
    poor = after(pending("us_bank_account"), CheckSettlement(), Declined(decline_code="insufficient_funds"))
    assert poor.last_payment_error is not None
    assert (poor.last_payment_error.code, poor.last_payment_error.decline_code) == (
        "insufficient_funds", "generic_decline",
    )  # fmt: skip
    unknown = after(pending(), CheckSettlement(), Declined(decline_code="incorrect_account_holder_name"))
    assert unknown.charge is not None
    assert unknown.last_payment_error is not None
    assert unknown.charge.failure_code == "incorrect_account_holder_name"
    assert unknown.last_payment_error.code == "payment_intent_payment_attempt_failed"
    assert unknown.last_payment_error.decline_code is None


ENDED = ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize("type_", DEBITS)
@pytest.mark.parametrize("code", sorted(FAILED_DEBITS))
def test_a_mandate_ends_where_stripe_says_so(type_: str, code: str) -> None:
    before = pending(type_)
    transition = carry_out(
        before, CheckSettlement(), decided(before, CheckSettlement()), Declined(decline_code=code), NOW
    )
    ends = type_ in ("au_becs_debit", "bacs_debit", "nz_bank_account") and code in (
        "account_closed", "billing_invalid_mandate", "debit_not_authorized", "no_account",
    )  # fmt: skip
    ended = [event.mandate for event in transition.events if isinstance(event, MandateEnded)]
    assert [a.type for a in transition.announcements] == (["mandate.updated"] if ends else []) + ENDED
    assert before.charge is not None
    assert [(mandate.id, mandate.status) for mandate in ended] == (
        [(before.charge.mandate, "inactive")] if ends else []
    )
    assert transition.after.mandate is None


def test_a_bank_that_has_not_answered_is_asked_again_under_another_key() -> None:
    intent, keys = pending(), set()
    for days in range(1, 4):
        decision = decided(intent, CheckSettlement(), NOW + days)
        assert isinstance(decision.effect, AskSettlement)
        assert decision.effect.at == NOW + days
        keys.add(decision.effect.key)
        transition = carry_out(intent, CheckSettlement(), decision, ACCEPTED, NOW + days)
        assert transition.events == (SettlementAwaited(NOW + days + ASK_AGAIN_SECONDS),)
        assert transition.announcements == ()
        intent = transition.after
        assert (intent.status, deadline(intent)) == (Status.PROCESSING, NOW + days + ASK_AGAIN_SECONDS)
    assert len(keys) == 3


def pauses(intent: PaymentIntent, times: int) -> list[int]:
    """How long it is waited each time that the bank has not answered yet."""
    waited, now = [], NOW
    for _ in range(times):
        intent = after(intent, CheckSettlement(), ACCEPTED, now)
        due = deadline(intent)
        assert due is not None
        waited.append(due - now)
        now = due
    return waited


@pytest.mark.parametrize("type_", ["card", "ideal"])
def test_a_bank_that_usually_answers_at_once_is_asked_again_soon(type_: str) -> None:
    """A day was waited, whatever was paid with, although the answer mostly comes within minutes."""
    waited = pauses(pending(type_), 14)
    assert waited[:4] == [60, 120, 240, 480]
    assert waited[-1] == ASK_AGAIN_SECONDS == max(waited)
    assert pauses(pending("sofort"), 2) == [ASK_AGAIN_SECONDS] * 2


def test_runs_of_an_older_release_ask_as_they_did() -> None:
    assert pauses(pending("card", rules=1), 2) == [ASK_AGAIN_SECONDS] * 2


def test_an_unanswered_question_changes_nothing_and_is_answered_later() -> None:
    intent = pending()
    decision = decided(intent, CheckSettlement())
    assert decision.effect is not None
    unknown = leave_unknown(intent, CheckSettlement(), decision, decision.effect, NOW)
    assert unknown.announcements == ()
    assert refused(unknown.after, CheckSettlement()).code == "lock_timeout"
    known = make_known(unknown.after, decision.effect, Approved(authorization="auth_1"), NOW).after
    assert (known.status, known.attempts) == (Status.SUCCEEDED, 1)


def test_an_unanswered_confirmation_may_turn_out_to_be_accepted() -> None:
    intent = chosen("sepa_debit")
    decision = decided(intent, Confirm())
    assert decision.effect is not None
    unknown = leave_unknown(intent, Confirm(), decision, decision.effect, NOW).after
    known = make_known(unknown, decision.effect, ACCEPTED, NOW)
    assert any(isinstance(event, ChargePending) for event in known.events)
    assert known.after.status == Status.PROCESSING
    assert known.after.pending is None


def test_news_of_another_charge_and_news_that_come_late_are_refused() -> None:
    intent = pending()
    assert refused(intent, CheckSettlement(charge="py_another")).code == "payment_intent_unexpected_state"
    paid = after(intent, CheckSettlement(), Approved(authorization="auth_1"))
    assert refused(paid, CheckSettlement()).code == "payment_intent_unexpected_state"


def test_a_debit_is_called_back_before_its_bank_has_seen_it_or_it_goes_on() -> None:
    intent = pending()
    transition = carry_out(intent, Cancel(), decided(intent, Cancel()), Approved(authorization="auth_1"), NOW)
    assert (transition.after.status, transition.after.amount_received) == (Status.CANCELED, 0)
    assert transition.after.charge is not None
    assert transition.after.charge.status == "failed"
    assert [a.type for a in transition.announcements] == ["charge.failed", "payment_intent.canceled"]
    late = carry_out(intent, Cancel(), decided(intent, Cancel()), Declined(decline_code="sent"), NOW)
    assert late.error is not None
    assert late.error.code == "payment_intent_unexpected_state"
    assert (late.after.status, late.announcements, deadline(late.after)) == (Status.PROCESSING, (), deadline(intent))
    first, second = (decided(state, Cancel()).effect for state in (intent, late.after))
    assert first is not None
    assert second is not None
    assert first.key != second.key, "the answer to one is not the answer to another"


@pytest.mark.parametrize("type_", REDIRECTS)
def test_a_redirect_needs_the_way_back_and_its_currency(type_: str) -> None:
    intent = chosen(type_)
    refusal = refused(intent, Confirm())
    assert (refusal.code, refusal.param) == ("parameter_missing", "return_url")
    challenge = AuthenticationRequired(authentication="authn_1", url="https://bank.example")
    sent = after(intent, Confirm(return_url="https://shop.example"), challenge)
    assert sent.next_action is not None
    assert sent.next_action.type == ("alipay_handle_redirect" if type_ == "alipay" else "redirect_to_url")
    by_browser = after(intent, Confirm(return_url="https://shop.example", use_stripe_sdk=True), challenge)
    assert by_browser.next_action == sent.next_action
    wrong = refused(chosen(type_, currency="isk"), Confirm(return_url="https://shop.example"))
    assert wrong.code == "payment_method_currency_mismatch"


@pytest.mark.parametrize("type_", sorted(set(TYPES) - {"card"}))
def test_manual_capture_is_for_those_that_can_hold(type_: str) -> None:
    intent = chosen(type_, capture_method="manual")
    confirm = Confirm(return_url="https://shop.example")
    if TYPES[type_].manual_capture:
        held = after(intent, confirm, Approved(authorization="auth_1"))
        assert held.status == Status.REQUIRES_CAPTURE
        assert held.charge is not None
        days = TYPES[type_].capture_days or 7
        assert held.charge.capture_before == NOW + days * 86_400
    else:
        assert refused(intent, confirm).param == "capture_method"
