"""Confirming: what is asked of the gateway, and what each of its answers makes of the intent."""

from dataclasses import replace
from typing import cast

import pytest

from domain.identifiers import charge_id
from domain.machine.announcements import announcements
from domain.machine.decisions import ATTEMPTS_MAX
from domain.machine.transitions import carry_out
from domain.methods import refusing
from domain.model.charges import CAPTURE_WINDOW_SECONDS, CAPTURE_WINDOW_VISA_MERCHANT_INITIATED_SECONDS, DAY_SECONDS
from domain.model.commands import AuthenticationResult, Confirm, Update
from domain.model.events import PaymentMethodConsumed
from domain.model.outcomes import AuthenticationRequired, Authorize, Declined, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import Card
from domain.model.statuses import Status
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
from tests.support.builders import with_card_options as options

CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/1")


def test_it_asks_for_the_whole_amount_under_a_key_of_intent_attempt_and_operation() -> None:
    intent = confirmable()
    effect = decided(intent, Confirm()).effect
    assert isinstance(effect, Authorize)
    assert (effect.amount, effect.currency, effect.capture) == (1_099, "usd", True)
    assert effect.key == f"{intent.id}/1/authorize"
    assert effect.charge == charge_id(intent.id, 1)


def test_approved_and_captured_is_succeeded() -> None:
    paid = after(confirmable(), Confirm())
    assert (paid.status, paid.amount_received, paid.amount_capturable) == (Status.SUCCEEDED, 1_099, 0)
    assert paid.charge is not None
    assert paid.charge.captured


@pytest.mark.parametrize(
    "manual", [{"capture_method": "manual"}, {"payment_method_options": {"card": {"capture_method": "manual"}}}]
)
def test_manual_capture_holds(manual: dict[str, object]) -> None:
    held = after(confirmable(**manual), Confirm())
    assert (held.status, held.amount_received, held.amount_capturable) == (Status.REQUIRES_CAPTURE, 0, 1_099)
    assert held.charge is not None
    assert held.charge.capture_before == NOW + CAPTURE_WINDOW_SECONDS


@pytest.mark.parametrize(
    ("brand", "currency", "off_session", "seconds"),
    [
        ("visa", "usd", False, 7 * DAY_SECONDS),
        ("visa", "usd", True, CAPTURE_WINDOW_VISA_MERCHANT_INITIATED_SECONDS),
        ("mastercard", "usd", True, 7 * DAY_SECONDS),
        ("jcb", "jpy", False, 30 * DAY_SECONDS),
    ],
)
def test_the_capture_window_by_network(brand: str, currency: str, off_session: bool, seconds: int) -> None:
    method = make_method()
    method = replace(method, card=replace(cast(Card, method.card), brand=brand))
    intent = confirmable(capture_method="manual", currency=currency)
    held = after(replace(intent, payment_method=method), Confirm(off_session=off_session))
    assert held.charge is not None
    assert held.charge.capture_before == NOW + seconds


def test_a_decline_asks_for_another_method_and_keeps_the_failed_charge() -> None:
    transition = carry_out(
        confirmable(), Confirm(), decided(confirmable(), Confirm()), Declined(decline_code="insufficient_funds"), NOW
    )
    declined = transition.after
    assert declined.status == Status.REQUIRES_PAYMENT_METHOD
    assert declined.payment_method is None
    assert declined.charge is not None
    assert (declined.charge.status, declined.charge.amount_captured) == ("failed", 0)
    assert transition.error is not None
    assert (transition.error.code, transition.error.decline_code) == ("card_declined", "insufficient_funds")
    assert transition.error == declined.last_payment_error
    assert [a.type for a in transition.announcements] == ["charge.failed", "payment_intent.payment_failed"]


def test_another_card_after_a_decline_succeeds_with_a_key_of_its_own() -> None:
    declined = after(confirmable(), Confirm(), Declined(decline_code="generic_decline"))
    again = Confirm(payment_method=make_method())
    effect = decided(declined, again).effect
    assert effect is not None
    assert effect.key == f"{declined.id}/2/authorize"
    paid = after(declined, again)
    assert (paid.status, paid.last_payment_error) == (Status.SUCCEEDED, None)


@pytest.mark.parametrize(("code", "error"), [("expired_card", "expired_card"), ("lost_card", "card_declined")])
def test_some_declines_are_error_codes_of_their_own(code: str, error: str) -> None:
    declined = after(confirmable(), Confirm(), Declined(decline_code=code))
    assert declined.last_payment_error is not None
    assert declined.last_payment_error.code == error


def test_authentication_waits_for_the_buyer_and_makes_no_charge() -> None:
    waiting = after(confirmable(), Confirm(return_url="https://shop.example"), CHALLENGE)
    assert waiting.status == Status.REQUIRES_ACTION
    assert waiting.next_action is not None
    assert waiting.next_action.type == "redirect_to_url"
    assert waiting.charge is None
    assert waiting.payment_method is not None


def test_without_a_way_back_the_browser_library_handles_the_authentication() -> None:
    waiting = after(confirmable(), Confirm(), CHALLENGE)
    assert waiting.next_action is not None
    assert waiting.next_action.type == "use_stripe_sdk"


def test_authentication_that_nobody_is_there_for_is_a_decline_with_its_charge() -> None:
    intent, command = confirmable(), Confirm(off_session=True)
    transition = carry_out(intent, command, decided(intent, command), CHALLENGE, NOW)
    assert transition.error is not None
    assert (transition.error.code, transition.error.decline_code) == ("authentication_required",) * 2
    charge = transition.after.charge
    assert charge is not None
    assert (charge.status, charge.failure_code) == ("failed", "authentication_required")
    assert charge.id == transition.error.charge
    assert transition.after.status == Status.REQUIRES_PAYMENT_METHOD


def test_authentication_that_the_merchant_does_not_want_is_an_error_without_a_charge() -> None:
    intent, command = confirmable(), Confirm(error_on_requires_action=True)
    transition = carry_out(intent, command, decided(intent, command), CHALLENGE, NOW)
    assert transition.error is not None
    assert transition.error.decline_code == "authentication_not_handled"
    assert (transition.after.status, transition.after.charge) == (Status.REQUIRES_PAYMENT_METHOD, None)


@pytest.mark.parametrize("usage", ["on_session", "off_session"])
@pytest.mark.parametrize("where", ["intent", "options", "confirmation"])
def test_a_method_is_not_set_up_while_its_owner_is_away(usage: str, where: str) -> None:
    said = {"setup_future_usage": usage}
    intent = confirmable(**said) if where == "intent" else confirmable()
    intent = replace(intent, payment_method_options={"card": said}) if where == "options" else intent
    command = Confirm(off_session=True, changes=said if where == "confirmation" else {})
    assert refused(intent, command).param == "off_session"
    assert after(intent, replace(command, off_session=False)).status == Status.SUCCEEDED


@pytest.mark.parametrize(
    ("before", "wanted", "taken"),
    [
        (None, "on_session", True),
        (None, "off_session", True),
        ("on_session", "off_session", True),
        ("on_session", "on_session", True),
        ("off_session", "on_session", False),
        ("off_session", None, False),
        ("on_session", None, False),
    ],
)
def test_a_browser_may_only_raise_what_a_method_is_kept_for(
    before: str | None, wanted: str | None, taken: bool
) -> None:
    intent = confirmable(setup_future_usage=before)
    command = Confirm(publishable=True, return_url="https://shop.example", changes={"setup_future_usage": wanted})
    if taken:
        assert after(intent, command).setup_future_usage == wanted
    else:
        assert refused(intent, command).param == "setup_future_usage"
    assert after(intent, replace(command, publishable=False)).setup_future_usage == wanted


DECLINES: list[Outcome] = [
    Declined(decline_code="generic_decline"),
    Declined(decline_code="fraudulent", blocked=True),
    CHALLENGE,
]


@pytest.mark.parametrize("outcome", DECLINES)
def test_a_loose_method_is_used_up_by_a_decline(outcome: Outcome) -> None:
    intent, command = confirmable(), Confirm(off_session=True)
    transition = carry_out(intent, command, decided(intent, command), outcome, NOW)
    assert [event for event in transition.events if isinstance(event, PaymentMethodConsumed)]
    error = transition.after.last_payment_error
    assert error is not None
    assert error.payment_method is not None
    again = Confirm(payment_method=replace(error.payment_method, consumed=True))
    assert "previously used" in refused(make_intent(), again).message


@pytest.mark.parametrize("kept", ["the customer's", "to be saved"])
def test_a_method_that_is_kept_outlives_a_decline(kept: str) -> None:
    method = make_method(customer="cus_1") if kept == "the customer's" else make_method()
    usage = None if kept == "the customer's" else "off_session"
    intent = replace(confirmable(customer="cus_1", setup_future_usage=usage), payment_method=method)
    transition = carry_out(intent, Confirm(), decided(intent, Confirm()), DECLINES[0], NOW)
    assert not [event for event in transition.events if isinstance(event, PaymentMethodConsumed)]


class TestAuthenticationResult:
    waiting: PaymentIntent

    @pytest.fixture(autouse=True)
    def _wait(self) -> None:
        self.waiting = in_status(Status.REQUIRES_ACTION)

    def test_success_authorizes_with_the_proof(self) -> None:
        command = AuthenticationResult(authentication="authn_1", authenticated=True)
        effect = decided(self.waiting, command).effect
        assert isinstance(effect, Authorize)
        assert effect.authentication == "authn_1"
        assert after(self.waiting, command).status == Status.SUCCEEDED

    def test_with_manual_confirmation_the_server_confirms_again(self) -> None:
        manual = replace(self.waiting, confirmation_method="manual")
        done = after(manual, AuthenticationResult(authentication="authn_1", authenticated=True))
        assert (done.status, done.next_action) == (Status.REQUIRES_CONFIRMATION, None)

    def test_failure_asks_for_another_method(self) -> None:
        failed = after(self.waiting, AuthenticationResult(authentication="authn_1"))
        assert failed.status == Status.REQUIRES_PAYMENT_METHOD
        assert failed.last_payment_error is not None
        assert failed.last_payment_error.code == "payment_intent_authentication_failure"

    def test_another_authentication_is_refused(self) -> None:
        refused(self.waiting, AuthenticationResult(authentication="authn_2", authenticated=True))


class TestRefused:
    def test_without_a_method(self) -> None:
        assert "missing a payment method" in refused(make_intent(), Confirm()).message
        assert "cus_1" in refused(make_intent(customer="cus_1"), Confirm()).message

    def test_with_a_method_of_another_customer(self) -> None:
        theirs = make_method(customer="cus_other")
        nobody = refused(make_intent(), Confirm(payment_method=theirs))
        assert (nobody.code, nobody.param) == ("parameter_missing", "source")
        another = refused(make_intent(customer="cus_1"), Confirm(payment_method=theirs))
        assert another.param == "payment_method"

    def test_with_a_consumed_method(self) -> None:
        used = make_method(consumed=True)
        assert "may not be used again" in refused(make_intent(), Confirm(payment_method=used)).message

    def test_with_a_type_that_is_not_accepted(self) -> None:
        intent = make_intent(payment_method_types=("ideal",))
        refusal = refused(intent, Confirm(payment_method=make_method()))
        assert refusal.code == "payment_intent_incompatible_payment_method"

    def test_without_a_way_back_where_methods_may_redirect(self) -> None:
        automatic = confirmable(automatic_payment_methods={"enabled": True, "allow_redirects": "always"})
        assert refused(automatic, Confirm()) == refusing.return_url_required()
        never = confirmable(automatic_payment_methods={"enabled": True, "allow_redirects": "never"})
        assert decided(never, Confirm()).effect is not None

    def test_another_amount_than_the_buyer_saw(self) -> None:
        assert refused(confirmable(), Confirm(amount_to_confirm=1)).param == "amount_to_confirm"

    def test_from_a_browser_when_the_server_confirms(self) -> None:
        refused(confirmable(confirmation_method="manual"), Confirm(publishable=True))

    def test_with_a_statement_descriptor_that_cards_cannot_show(self) -> None:
        assert refused(confirmable(statement_descriptor="SHOES"), Confirm()).param == "statement_descriptor"


def test_changes_are_applied_first() -> None:
    paid = after(confirmable(), Confirm(changes={"receipt_email": "a@example.com"}))
    assert paid.receipt_email == "a@example.com"
    assert paid.charge is not None
    assert paid.charge.receipt_email == "a@example.com"


def test_a_loose_method_is_consumed_by_one_success() -> None:
    paid = after(confirmable(), Confirm())
    assert paid.payment_method is not None
    assert paid.payment_method.consumed


def test_setup_future_usage_saves_the_method_and_says_so_before_success() -> None:
    intent = confirmable(customer="cus_1", setup_future_usage="off_session")
    transition = carry_out(intent, Confirm(), decided(intent, Confirm()), APPROVED, NOW)
    assert transition.after.payment_method is not None
    assert transition.after.payment_method.customer == "cus_1"
    types = [a.type for a in announcements(transition.events)]
    assert types == ["payment_method.attached", "charge.succeeded", "payment_intent.succeeded"]


def test_too_many_attempts_cancel_the_intent() -> None:
    worn = replace(confirmable(), attempts=ATTEMPTS_MAX)
    canceled = after(worn, Confirm())
    assert (canceled.status, canceled.cancellation_reason) == (Status.CANCELED, "automatic")
    assert after(replace(worn, attempts=ATTEMPTS_MAX - 1), Confirm()).status == Status.SUCCEEDED


def test_multicapture_and_increments_must_be_asked_for() -> None:
    asked = options(
        confirmable(capture_method="manual"),
        request_multicapture="if_available",
        request_incremental_authorization="if_available",
    )
    held = after(asked, Confirm())
    assert held.charge is not None
    assert (held.charge.multicapture, held.charge.incremental) == (True, True)
    plain = in_status(Status.REQUIRES_CAPTURE)
    assert plain.charge is not None
    assert (plain.charge.multicapture, plain.charge.incremental) == (False, False)


def test_a_new_method_while_the_buyer_authenticates_drops_the_authentication() -> None:
    changed = after(in_status(Status.REQUIRES_ACTION), Update(payment_method=make_method()))
    assert (changed.status, changed.next_action) == (Status.REQUIRES_CONFIRMATION, None)


def test_a_mandate_that_its_owner_has_canceled_is_charged_nowhere() -> None:
    """India: the bank is not asked, so there is neither a charge nor its word. As recorded live."""
    no = Declined(decline_code="india_recurring_payment_mandate_canceled")
    intent, command = confirmable(), Confirm(off_session=True)
    transition = carry_out(intent, command, decided(intent, command), no, NOW)
    error = transition.error
    assert error is not None
    assert (error.type, error.code, error.decline_code, error.charge) == (
        "card_error", "india_recurring_payment_mandate_canceled", None, None,
    )  # fmt: skip
    assert error.message == "The provided mandate has been canceled by the card holder."
    assert (transition.after.status, transition.after.charge, transition.after.attempts) == (
        Status.REQUIRES_PAYMENT_METHOD, None, 1,
    )  # fmt: skip
    assert [a.type for a in transition.announcements] == ["payment_intent.payment_failed"]
