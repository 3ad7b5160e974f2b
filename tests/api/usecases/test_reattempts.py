"""Networks' limits on declined cards: kept before the gateway is asked, for whom they count, with Stripe's decline."""

from dataclasses import replace

import pytest

from domain.model.outcomes import Authorize, Declined
from domain.routing.reattempts import VISA_REATTEMPTS_MAX, WINDOW_SECONDS
from records.accounts import ensure_account, set_reattempt_limits
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
PAY = "currency=usd&payment_method=pm_card_visa&confirm=true"
NO = Declined(decline_code="generic_decline")
NEVER = replace(NO, network_decline_code="04")


def asked(api: Api) -> int:
    return sum(isinstance(effect, Authorize) for effect in api.engine.gateway.performed)


@pytest.fixture
async def limited(api: Api) -> Api:
    await ensure_account(api.database, api.scope.account, "a", 1)
    assert await set_reattempt_limits(api.database, api.scope.account, True)
    return api


async def test_test_payments_are_tried_as_often_as_anybody_likes_unless_it_is_on(api: Api) -> None:
    api.engine.gateway.answers = [NEVER, NO]
    for _ in range(2):
        assert (await api.post(INTENTS, f"amount=1099&{PAY}")).status_code == 402
    assert asked(api) == 2


async def test_a_card_that_is_never_to_be_tried_again_is_declined_before_anybody_is_asked(limited: Api) -> None:
    limited.engine.gateway.answers = [NEVER]
    await limited.post(INTENTS, f"amount=1099&{PAY}")
    response = await limited.post(INTENTS, f"amount=2000&{PAY}")
    error = error_of(response)
    assert response.status_code == 402
    assert {name: error[name] for name in ("type", "code", "decline_code", "advice_code", "network_decline_code")} == {
        "type": "card_error", "code": "card_declined", "decline_code": "previously_declined_do_not_retry",
        "advice_code": "do_not_try_again", "network_decline_code": "04",
    }  # fmt: skip
    assert asked(limited) == 1
    intent = error["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    charge = (await limited.get(f"/v1/charges/{error['charge']}")).json()
    assert charge["payment_intent"] == intent["id"]
    assert (charge["status"], charge["outcome"]["type"], charge["outcome"]["network_status"]) == (
        "failed", "blocked", "not_sent_to_network",
    )  # fmt: skip
    assert charge["outcome"]["reason"] == "previously_declined_do_not_retry"
    assert "has said 04" in charge["outcome"]["seller_message"]


async def test_the_twenty_first_reattempt_waits_until_the_month_is_over(limited: Api) -> None:
    limited.engine.gateway.answers = [NO] * (VISA_REATTEMPTS_MAX + 1)
    for _ in range(VISA_REATTEMPTS_MAX + 1):
        assert error_of(await limited.post(INTENTS, f"amount=1099&{PAY}"))["decline_code"] == "generic_decline"
    assert asked(limited) == VISA_REATTEMPTS_MAX + 1
    error = error_of(await limited.post(INTENTS, f"amount=1099&{PAY}"))
    assert (error["decline_code"], error["advice_code"]) == ("previously_declined_do_not_retry", "try_again_later")
    assert (await limited.post(INTENTS, f"amount=1100&{PAY}")).status_code == 200, "another amount is another count"
    assert (await limited.post(INTENTS, "amount=1099&currency=usd&payment_method=pm_card_amex&confirm=true")).is_success
    count = asked(limited)
    limited.clock.now += WINDOW_SECONDS
    assert (await limited.post(INTENTS, f"amount=1099&{PAY}")).status_code == 200
    assert asked(limited) == count + 1


async def test_a_blocked_confirmation_that_is_repeated_is_answered_as_before(limited: Api) -> None:
    limited.engine.gateway.answers = [NEVER]
    await limited.post(INTENTS, f"amount=1099&{PAY}")
    first = await limited.post(INTENTS, f"amount=1099&{PAY}", Idempotency_Key="k")
    again = await limited.post(INTENTS, f"amount=1099&{PAY}", Idempotency_Key="k")
    assert (first.status_code, again.content) == (402, first.content)
    assert asked(limited) == 1


async def test_an_intent_that_was_blocked_can_be_paid_with_another_card(limited: Api) -> None:
    limited.engine.gateway.answers = [NEVER]
    await limited.post(INTENTS, f"amount=1099&{PAY}")
    intent = await limited.create()
    blocked = await limited.post(f"{INTENTS}/{intent['id']}/confirm", "payment_method=pm_card_visa")
    assert error_of(blocked)["decline_code"] == "previously_declined_do_not_retry"
    paid = await limited.post(f"{INTENTS}/{intent['id']}/confirm", "payment_method=pm_card_amex")
    assert paid.json()["status"] == "succeeded", paid.text
