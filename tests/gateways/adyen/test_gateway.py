"""The adapter against an Adyen of our own, Adyen's specification between: what is asked, known, and never repeated."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.methods.card_numbers import CardInput
from domain.model.gateway_dealings import Notice
from domain.model.outcomes import (
    Accepted,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Outcome,
    Refund,
    Void,
)
from gateways.adyen import requests
from gateways.adyen.gateway import END_AFTER_SECONDS, KEPT_SECONDS
from gateways.adyen.tokens import Stored
from gateways.adyen.vault import TEST_EXPIRY
from gateways.base import GatewayMismatch, GatewayNotAsked, GatewayRejected, GatewayUnavailable, GatewayUndecided
from tests.gateways.adyen.effects import CAPTURE, INCREMENT, SETUP, authorization
from tests.gateways.adyen.standing_in import PROFILE, Stage, on_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as staged:
        yield staged


async def card(stage: Stage, number: str = "4111111111111111") -> str:
    return (await stage.gateway.tokenize(CardInput(number=number, exp_month=3, exp_year=2030, cvc="737"))).token


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """What is there once it is: news come when they come."""
    async with asyncio.timeout(60):
        while not (found := await look()):
            await asyncio.sleep(0.01)
    return found


async def known(stage: Stage, effect: GatewayEffect) -> Outcome:
    """What became of it, once a notification has told."""

    async def look() -> Outcome | None:
        outcome = await stage.gateway.retrieve(effect)
        return None if isinstance(outcome, Accepted) else outcome

    found: Outcome = await until(look)
    return found


async def held(stage: Stage, **more: Any) -> Authorize:
    return authorization(token=await card(stage), capture=False, **more)


async def test_a_card_is_stored_and_shown_without_its_number(stage: Stage) -> None:
    stored = await stage.gateway.tokenize(CardInput(number="4111111111111111", exp_month=3, exp_year=2030, cvc="737"))
    shown = stored.card
    assert (shown.brand, shown.last4, shown.exp_month, shown.exp_year) == ("visa", "1111", 3, 2030)
    assert (shown.funding, shown.country, shown.networks) == ("credit", "NL", ("visa",))
    again = await stage.gateway.tokenize(CardInput(number="4111111111111111", exp_month=4, exp_year=2031))
    assert again.token != stored.token
    assert again.card.fingerprint == shown.fingerprint
    assert "4111111111111111" not in repr(stored) + repr(stage.memory.requests)


async def test_what_adyens_fields_have_encrypted_needs_no_number(tmp_path: Path) -> None:
    fields = {"encryptedCardNumber": "test_5555444433331111", "encryptedExpiryMonth": "test_03",
              "encryptedExpiryYear": "test_2030", "encryptedSecurityCode": "test_737"}  # fmt: skip
    async with on_stage(tmp_path, raw_cards=False) as stage:
        stored = await stage.gateway.tokenize_encrypted(fields)
        assert (stored.card.brand, stored.card.last4, stored.card.exp_year) == ("mastercard", "1111", 2030)
        for wrong in ({}, {"encryptedCardNumber": "test_5555444433331111"}, {**fields, "number": "5555444433331111"}):
            with pytest.raises(GatewayRejected):
                await stage.gateway.tokenize_encrypted(wrong)
        asked = len(stage.witness.seen)
        with pytest.raises(GatewayRejected, match="raw_cards"):
            await card(stage)
        assert len(stage.witness.seen) == asked, "the number has left for nowhere"


async def test_test_cards_by_name_are_only_of_test_systems(stage: Stage) -> None:
    visa = await stage.gateway.tokenize_reference("pm_card_visa")
    assert visa is not None
    assert (visa.card.brand, visa.card.last4) == ("visa", "1111")
    assert await stage.gateway.tokenize_reference("pm_card_nope") is None
    live = stage.another(url="https://x-y-checkout-live.adyenpayments.com/checkout/v72")
    assert await live.tokenize_reference("pm_card_visa") is None


async def test_a_deleted_card_is_charged_no_more(stage: Stage) -> None:
    token = await card(stage)
    await stage.gateway.forget(token)
    await stage.gateway.forget(token)
    with pytest.raises(GatewayRejected):
        await stage.gateway.perform(authorization(token=token))
    assert await stage.ledger() == []


async def test_taken_at_once_and_given_back(stage: Stage) -> None:
    effect = authorization(token=await card(stage))
    outcome = await stage.gateway.perform(effect)
    assert isinstance(outcome, Approved)
    assert outcome.network_transaction_id
    assert await stage.gateway.perform(effect) == outcome
    assert await stage.gateway.retrieve(effect) == outcome
    about: dict[str, Any] = {"authorization": outcome.authorization, "charge": "ch_1", "currency": "eur"}
    refund = Refund(key="pi_1/1/refund/1", amount=400, refund="re_1", **about)
    assert isinstance(await stage.gateway.perform(refund), Accepted | Approved)
    assert await known(stage, refund) == Approved(authorization=outcome.authorization)
    more = replace(refund, key="pi_1/1/refund/2", amount=601, refund="re_2")
    await stage.gateway.perform(more)
    assert isinstance(await known(stage, more), Declined)
    assert await stage.ledger() == [("authorize", 1_000), ("capture", 1_000), ("refunds", 400)]


async def test_held_taken_in_parts_and_released(stage: Stage) -> None:
    hold = await stage.gateway.perform(await held(stage))
    assert isinstance(hold, Approved)
    about: dict[str, Any] = {"authorization": hold.authorization, "charge": "ch_1", "currency": "eur"}
    steps: list[tuple[GatewayEffect, type[Outcome]]] = [
        (replace(INCREMENT, amount=1_500, **about), Approved),
        (CaptureHold(key="pi_1/1/capture/1", amount=900, final=False, **about), Approved),
        (CaptureHold(key="pi_1/1/capture/2", amount=700, **about), Declined),
        (Void(key="pi_1/1/void", **about), Approved),
        (Void(key="pi_1/1/void/2", **about), Declined),
    ]
    for effect, expected in steps:
        await stage.gateway.perform(effect)
        assert isinstance(await known(stage, effect), expected), effect.key
    (payment,) = await stage.payments()
    assert (payment["captured"], payment["held"]) == (900, 0)


@pytest.mark.parametrize(
    ("number", "code", "raw"),
    [("4000000000009995", "insufficient_funds", "51"), ("4000000000009987", "lost_card", "41"),
     ("4000000000000119", "processing_error", "96"), ("4100000000000019", "fraudulent", None)],
)  # fmt: skip
async def test_a_refusal_is_a_decline(stage: Stage, number: str, code: str, raw: str | None) -> None:
    outcome = await stage.gateway.perform(authorization(token=await card(stage, number)))
    assert isinstance(outcome, Declined)
    assert (outcome.decline_code, outcome.network_decline_code) == (code, raw)
    assert await stage.ledger() == []


async def come_back(stage: Stage, url: str, result: str) -> str:
    """What Adyen adds to the address where the buyer comes back."""
    answer = await stage.control.post(httpx.URL(url).path, data={"result": result})
    return str(httpx.URL(answer.headers["location"]).params["redirectResult"])


@pytest.mark.parametrize(("result", "expected"), [("complete", Approved), ("fail", Declined)])
async def test_authentication_by_redirect(stage: Stage, result: str, expected: type[Outcome]) -> None:
    first = authorization(token=await card(stage, "4212345678910006"))
    page = await stage.gateway.perform(first)
    assert isinstance(page, AuthenticationRequired)
    assert await stage.gateway.perform(first) == page
    await stage.memory.keep_return(page.authentication, await come_back(stage, page.url, result))
    second = replace(first, key="pi_1/2/authorize", charge="ch_2", authentication=page.authentication)
    outcome = await stage.gateway.perform(second)
    assert isinstance(outcome, expected)
    assert await stage.gateway.perform(second) == outcome
    assert len(await stage.ledger()) == (2 if expected is Approved else 0)


async def test_a_buyer_who_did_not_come_back_pays_nothing(stage: Stage) -> None:
    first = authorization(token=await card(stage, "4212345678910006"))
    page = await stage.gateway.perform(first)
    assert isinstance(page, AuthenticationRequired)
    asked = len(stage.witness.seen)
    with pytest.raises(GatewayRejected):
        await stage.gateway.perform(replace(first, key="pi_1/2/authorize", authentication=page.authentication))
    assert len(stage.witness.seen) == asked
    assert await stage.ledger() == []


async def test_whom_only_their_bank_would_believe_is_declined_when_away(stage: Stage) -> None:
    away = authorization(token=await card(stage, "4212345678910006"), off_session=True)
    outcome = await stage.gateway.perform(away)
    assert isinstance(outcome, Declined)
    assert outcome.decline_code == "authentication_required"


async def test_a_card_is_verified_with_a_payment_of_nothing(stage: Stage) -> None:
    good, bad = await card(stage), await card(stage, "4000000000009987")
    assert isinstance(await stage.gateway.verify(good), Approved)
    assert isinstance(await stage.gateway.verify(bad), Declined)
    outcome = await stage.gateway.perform(replace(SETUP, token=good))
    assert isinstance(outcome, Approved)
    assert outcome.authorization == "setatt_1"
    assert sum(amount for _, amount in await stage.ledger()) == 0


async def test_what_is_pending_is_settled_by_its_notification(stage: Stage) -> None:
    encrypted = {"encryptedCardNumber": "test_4111111111111111", **TEST_EXPIRY}
    body = requests.store_encrypted(stage.account, "pm_1", encrypted).body
    body["paymentMethod"]["holderName"] = "PENDING"
    answer = await stage.control.post("/v72/storedPaymentMethods", json=body, headers={"X-API-Key": "k"})
    pending = await stage.gateway.perform(authorization(token=Stored("pm_1", answer.json()["id"]).token))
    assert isinstance(pending, Accepted)
    ask = AskSettlement(key="pi_1/1/settlement", authorization=pending.reference, at=0, amount=1_000, currency="eur")
    assert await stage.gateway.perform(ask) == pending, "nobody has told yet"

    async def settled() -> Outcome | None:
        outcome = await stage.gateway.perform(ask)
        return None if isinstance(outcome, Accepted) else outcome

    assert await until(settled) == Approved(authorization=pending.reference)
    with pytest.raises(GatewayMismatch):
        await stage.gateway.perform(replace(ask, amount=999))


async def test_the_same_key_for_another_question_is_not_believed(stage: Stage) -> None:
    effect = await held(stage)
    await stage.gateway.perform(effect)
    asked = len(stage.witness.seen)
    for other in ({"amount": 1_001}, {"currency": "usd"}, {"charge": "ch_other"}, {"capture": True}):
        with pytest.raises(GatewayMismatch):
            await stage.gateway.perform(replace(effect, **other))
        with pytest.raises(GatewayMismatch):
            await stage.gateway.retrieve(replace(effect, **other))
    assert len(stage.witness.seen) == asked, "nothing was asked"


async def test_a_repetition_is_the_same_bytes_under_the_same_key(stage: Stage) -> None:
    effect = await held(stage)
    await stage.misbehave(trouble="drop_after", paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    assert await stage.gateway.retrieve(effect) is None or stage.memory.told, "nothing is known, or it was told"
    changed = stage.another(key_secret="another secret of ours, long enough", increments=False)
    outcome = await changed.perform(effect)
    assert isinstance(outcome, Approved)
    sent = [(path, body, key) for (path, _), body, key in zip(
        stage.witness.seen, stage.witness.bodies, stage.witness.keys, strict=True) if path == "/payments"]  # fmt: skip
    assert len(set(sent)) == 1, "whatever the settings say now"
    assert await stage.ledger() == [("authorize", 1_000)]


async def test_a_key_is_not_used_at_another_address(stage: Stage) -> None:
    effect = await held(stage)
    await stage.misbehave(trouble="drop_before", paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    elsewhere = stage.another(url=stage.account.url.replace("127.0.0.1", "localhost"))
    with pytest.raises(GatewayUnavailable, match="another address"):
        await elsewhere.perform(effect)
    await elsewhere.close()
    assert await stage.ledger() == []


async def test_after_six_days_a_key_is_used_no_more(stage: Stage) -> None:
    effect = await held(stage)
    await stage.misbehave(trouble="drop_before", paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    asked = [path for path, _ in stage.witness.seen].count("/payments")
    stage.now[0] += KEPT_SECONDS + 1
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    assert [path for path, _ in stage.witness.seen].count("/payments") == asked
    assert await stage.ledger() == []


async def test_two_workers_at_once_have_one_effect(stage: Stage) -> None:
    """704 for whoever is second; it is nobody's no."""
    effect, other = await held(stage), stage.another()
    await stage.misbehave(p50_ms=1_500)
    results = await asyncio.gather(stage.gateway.perform(effect), other.perform(effect), return_exceptions=True)
    assert {type(result) for result in results} == {Approved, GatewayUndecided}
    assert "704" in str(next(result for result in results if isinstance(result, Exception)))
    assert isinstance(await other.perform(effect), Approved)
    assert await stage.ledger() == [("authorize", 1_000)]
    await other.close()


@pytest.mark.parametrize("trouble", ["no_connection", "unavailable", "busy"])
async def test_what_was_not_done_is_asked_again_under_the_same_key(stage: Stage, trouble: str) -> None:
    effect = await held(stage)
    await stage.misbehave(trouble=trouble, paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable) as raised:
        await stage.gateway.perform(effect)
    assert isinstance(raised.value, GatewayNotAsked) == (trouble != "busy"), "another may be asked, if nothing was done"
    assert await stage.ledger() == []
    assert isinstance(await stage.gateway.perform(effect), Approved)
    assert await stage.ledger() == [("authorize", 1_000)]


async def test_an_error_that_is_kept_under_a_key_is_resolved_by_the_notification(stage: Stage) -> None:
    effect = await held(stage)
    await stage.misbehave(trouble="io_exception", paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    asked = len(stage.witness.seen)
    outcome = await known(stage, effect)
    assert isinstance(outcome, Approved)
    assert await stage.gateway.perform(effect) == outcome
    assert len(stage.witness.seen) == asked, "and is not asked about again: the key has nothing else to say"


async def test_without_a_notification_it_is_canceled_by_our_own_reference(stage: Stage) -> None:
    effect = await held(stage)
    stage.telling[0] = False
    await stage.misbehave(trouble="io_exception", paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    for _ in range(2):
        with pytest.raises(GatewayUndecided):
            await stage.gateway.perform(effect)
    assert [path for path, _ in stage.witness.seen].count("/cancels") == 0, "not before its time"
    stage.now[0] += END_AFTER_SECONDS
    for _ in range(3):
        with pytest.raises(GatewayUnavailable):
            await stage.gateway.perform(effect)
    assert [path for path, _ in stage.witness.seen].count("/cancels") == 1
    assert (await stage.payments())[0]["held"] == 0
    stage.telling[0] = True
    outcome = await known(stage, effect)
    assert outcome == Declined(decline_code="processing_error"), "nothing is held, whatever came before"


async def test_what_could_not_be_canceled_is_what_the_notification_says(stage: Stage) -> None:
    """Captured at once: the cancel finds nothing to release, and the money was taken."""
    effect = authorization(token=await card(stage))
    stage.telling[0] = False
    await stage.misbehave(trouble="io_exception", paths=["payments"], count=1)
    stage.now[0] += 1
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    stage.now[0] += END_AFTER_SECONDS
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    stage.telling[0] = True
    assert isinstance(await known(stage, effect), Approved)


async def test_news_of_another_amount_are_not_believed(stage: Stage) -> None:
    effect = await held(stage)
    hold = await stage.gateway.perform(effect)
    assert isinstance(hold, Approved)
    capture = CaptureHold(key="pi_1/1/capture/1", amount=400, authorization=hold.authorization, currency="eur")
    stage.telling[0] = False
    taken = await stage.gateway.perform(capture)
    assert isinstance(taken, Accepted)
    notice = next(iter(stage.memory.told.values()))
    told = replace(notice, event="CAPTURE", reference=taken.reference, original=hold.authorization, amount=900)
    await stage.memory.notice(told)
    with pytest.raises(GatewayMismatch):
        await stage.gateway.retrieve(capture)


async def test_what_may_not_be_answered_later_is_unknown_until_it_is_told(stage: Stage) -> None:
    hold = await stage.gateway.perform(await held(stage))
    assert isinstance(hold, Approved)
    stage.telling[0] = False
    prompt = stage.another(replace(PROFILE, later=frozenset()))
    capture = CaptureHold(key="pi_1/1/capture/1", amount=400, authorization=hold.authorization, currency="eur")
    for _ in range(2):
        with pytest.raises(GatewayUndecided, match="not told of yet"):
            await prompt.perform(capture)
        assert await prompt.retrieve(capture) is None
    stage.telling[0] = True
    assert await known(stage, capture) == Approved(authorization=hold.authorization)
    assert await prompt.perform(capture) == Approved(authorization=hold.authorization)
    assert (await stage.ledger())[1:] == [("captures", 400)], "asked three times, done once"
    await prompt.close()


async def test_an_amount_that_adyen_has_not_is_a_decline_before_anything_is_asked(stage: Stage) -> None:
    effect = authorization(token=await card(stage), amount=50_050, currency="idr")
    asked = len(stage.witness.seen)
    assert await stage.gateway.perform(effect) == Declined(decline_code="invalid_amount", blocked=True)
    assert len(stage.witness.seen) == asked


async def test_whether_adyen_answers_and_knows_us(stage: Stage) -> None:
    assert await stage.gateway.ready()
    stranger = stage.another(api_key="wrong")
    assert not await stranger.ready()
    with pytest.raises(GatewayNotAsked, match="credentials"):
        await stranger.perform(authorization(token=await card(stage)))
    await stranger.close()
    nobody = stage.another(url="http://127.0.0.1:1/v72")
    assert not await nobody.ready()
    await nobody.close()
    assert await stage.ledger() == []


async def test_only_cards_are_paid_with_here(stage: Stage) -> None:
    assert await stage.gateway.tokenize_account_reference("pm_usBankAccount_success") is None
    assert await stage.gateway.standing("PSP") is None
    assert not await stage.gateway.end_refund("re_1", "failed")
    for ask in (
        stage.gateway.tokenize_account("sepa_debit", {}),
        stage.gateway.instructions("cus_1", {}),
        stage.gateway.simulate_transfer("k", "cus_1", 1, "eur", None),
    ):
        with pytest.raises(GatewayRejected):
            await ask


async def test_the_rest_is_released_by_news_that_are_faster_than_the_answer(stage: Stage) -> None:
    """They name the capture by a reference that only its answer tells: the rest was held until it lapsed."""
    effect = await held(stage)
    outcome = await stage.gateway.perform(effect)
    assert isinstance(outcome, Approved)
    await stage.misbehave(trouble="drop_after", paths=["captures"], count=1)
    final = replace(CAPTURE, authorization=outcome.authorization, amount=400)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(final)

    async def told() -> list[Notice]:
        return [notice for notice in await stage.memory.waiting("adyen", 100) if notice.event == "CAPTURE"]

    (notice,) = await until(told)
    await stage.gateway.heard(notice)
    assert await stage.ledger() == [("authorize", 1_000), ("captures", 400), ("cancels", 600)]
