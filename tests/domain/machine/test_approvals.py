"""What the buyer approved is what is charged: a change meanwhile ends the attempt. And manual confirmation ends."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.machine.decisions import Decision, decide
from domain.model.commands import AuthenticationResult, Command, Confirm, Update
from domain.model.next_actions import Terms
from domain.model.outcomes import AuthenticationRequired, Authorize
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from tests.support.builders import NOW, after, confirmable, decided, in_status, make_method, refused

AUTHENTICATED = AuthenticationResult(authentication="authn_1", authenticated=True)
CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/1")
OTHER = make_method()
KLARNA = replace(make_method(), type="klarna", card=None)


def away(**fields: Any) -> PaymentIntent:
    """The buyer is at their bank."""
    return after(confirmable(**fields), Confirm(return_url="https://shop.example"), CHALLENGE)


CHANGES: dict[str, Update] = {
    "amount": Update(changes={"amount": 9_000}),
    "less": Update(changes={"amount": 500}),
    "currency": Update(changes={"currency": "eur"}),
    "capture_method": Update(changes={"capture_method": "manual"}),
    "capture of the type": Update(changes={"payment_method_options": {"card": {"capture_method": "manual"}}}),
    "method": Update(payment_method=OTHER),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("manual", ["automatic", "manual"])
def test_a_change_of_what_was_to_be_approved_ends_the_attempt(name: str, manual: str) -> None:
    changed = after(away(confirmation_method=manual), CHANGES[name])
    assert (changed.status, changed.next_action) == (Status.REQUIRES_CONFIRMATION, None)
    refusal = refused(changed, AUTHENTICATED)
    assert refusal.code == "payment_intent_unexpected_state"
    effect = decided(changed, Confirm()).effect
    assert isinstance(effect, Authorize)
    assert effect.authentication is None, "the buyer is asked again"
    assert effect.key.endswith("/2/authorize"), "as another attempt"


@pytest.mark.parametrize("changes", [{"amount": 9_000}, {"currency": "usd"}, {"capture_method": "manual"}])
def test_nor_does_a_redirect_charge_what_was_changed_meanwhile(changes: dict[str, Any]) -> None:
    intent = confirmable(currency="eur", payment_method_types=("klarna",))
    waiting = after(replace(intent, payment_method=KLARNA), Confirm(return_url="https://shop.example"), CHALLENGE)
    refused(after(waiting, Update(changes=changes)), AUTHENTICATED)


def test_a_type_that_is_taken_away_is_refused_while_the_buyer_pays_with_it() -> None:
    command = Update(changes={"payment_method_types": ["link"]})
    assert refused(away(), command).code == "payment_intent_incompatible_payment_method"


@pytest.mark.parametrize("changes", [{"description": "x"}, {"metadata": {"a": "b"}}, {"amount": 1_099}])
def test_what_the_buyer_does_not_approve_may_change(changes: dict[str, Any]) -> None:
    waiting = after(away(), Update(changes=changes))
    assert waiting.status == Status.REQUIRES_ACTION
    assert after(waiting, AUTHENTICATED).status == Status.SUCCEEDED


@pytest.mark.parametrize("capture_method", ["automatic", "automatic_async", "manual"])
@pytest.mark.parametrize("use_stripe_sdk", [False, True])
@pytest.mark.parametrize("usage", [None, "on_session", "off_session"])
def test_manual_confirmation_ends(capture_method: str, use_stripe_sdk: bool, usage: str | None) -> None:
    """The server confirms once more, and the gateway hears of the authentication instead of asking for a new one."""
    intent = confirmable(confirmation_method="manual", capture_method=capture_method, setup_future_usage=usage)
    confirm = Confirm(return_url="https://shop.example", use_stripe_sdk=use_stripe_sdk)
    proven = after(after(intent, confirm, CHALLENGE), AUTHENTICATED)
    assert (proven.status, proven.next_action) == (Status.REQUIRES_CONFIRMATION, None)
    effect = decided(proven, confirm).effect
    assert isinstance(effect, Authorize)
    assert effect.authentication == "authn_1"
    ended = Status.REQUIRES_CAPTURE if capture_method == "manual" else Status.SUCCEEDED
    done = after(proven, confirm)
    assert (done.status, done.approval) == (ended, None)


@pytest.mark.parametrize("name", CHANGES)
def test_an_approval_is_of_what_was_approved(name: str) -> None:
    proven = after(away(confirmation_method="manual"), AUTHENTICATED)
    changed = after(proven, CHANGES[name])
    assert changed.approval is None
    effect = decided(changed, Confirm()).effect
    assert isinstance(effect, Authorize)
    assert effect.authentication is None


def test_changes_of_the_confirmation_itself_count_as_well() -> None:
    proven = after(away(confirmation_method="manual"), AUTHENTICATED)
    effect = decided(proven, Confirm(changes={"capture_method": "manual"})).effect
    assert isinstance(effect, Authorize)
    assert (effect.authentication, effect.capture) == (None, False)


def test_what_was_begun_before_terms_were_kept_goes_on() -> None:
    waiting = away()
    assert waiting.next_action is not None
    older = replace(waiting, next_action=replace(waiting.next_action, terms=None))
    assert after(older, AUTHENTICATED).status == Status.SUCCEEDED


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        Update,
        changes=st.fixed_dictionaries(
            {},
            optional={
                "amount": st.integers(50, 5_000),
                "currency": st.sampled_from(["usd", "eur"]),
                "capture_method": st.sampled_from(["manual", "automatic"]),
                "description": st.just("x"),
            },
        ),
        payment_method=st.sampled_from([None, OTHER]),
    ),
    st.just(Confirm()),
    st.just(AUTHENTICATED),
    st.just(AuthenticationResult(authentication="authn_1")),
)


@given(st.lists(COMMANDS, max_size=12), st.sampled_from(["automatic", "manual"]))
def test_never_is_anything_else_authorized_than_what_was_approved(commands: list[Command], manual: str) -> None:
    state, shown = in_status(Status.REQUIRES_ACTION, confirmation_method=manual), None
    for command in commands:
        decision = decide(state, command, NOW)
        if not isinstance(decision, Decision):
            continue
        action = state.next_action
        shown = action.terms if action and action.terms else shown
        effect = decision.effect
        if isinstance(effect, Authorize) and effect.authentication is not None:
            asked = (effect.amount, effect.currency, effect.capture)
            assert isinstance(shown, Terms)
            assert asked == (shown.amount, shown.currency, shown.capture)
            return
        state = after(state, command, CHALLENGE)
