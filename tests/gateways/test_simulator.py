"""The simulator's client: keeps the contract, and tells unavailable, rate limited and rejected apart."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.methods.card_numbers import CardInput
from domain.model.outcomes import (
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Refund,
    Void,
)
from gateways.base import GatewayMismatch, GatewayRateLimited, GatewayRejected, GatewayUnavailable
from gateways.questions import check_question, question
from gateways.simulator import SimulatorGateway
from simulator.app import create_app
from tests.fidelity.live_declines import DECLINING, Declining
from tests.gateways.contract import GatewayContract, authorize
from tests.support.serving import serving

CARD = CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123")


@asynccontextmanager
async def speaking_to(app: Any) -> AsyncIterator[SimulatorGateway]:
    async with serving(app) as url:
        adapter = SimulatorGateway(url, timeout_seconds=2.0)
        try:
            yield adapter
        finally:
            await adapter.close()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[SimulatorGateway]:
    async with speaking_to(create_app(tmp_path / "ledger.db", "http://simulator")) as adapter:
        yield adapter


@pytest.fixture
async def token(gateway: SimulatorGateway) -> str:
    return (await gateway.tokenize(CARD)).token


class TestSimulator(GatewayContract):
    @pytest.fixture
    def gateway(self, gateway: SimulatorGateway) -> SimulatorGateway:
        return gateway


async def test_tokens_show_the_card_and_not_its_number(gateway: SimulatorGateway) -> None:
    first, second = await gateway.tokenize(CARD), await gateway.tokenize(CARD)
    assert first.token != second.token
    assert first.card == second.card, "the fingerprint is equal for equal numbers"
    assert (first.card.brand, first.card.last4, first.card.funding) == ("visa", "4242", "credit")
    assert "4242424242424242" not in repr(first)


async def test_references(gateway: SimulatorGateway) -> None:
    amex = await gateway.tokenize_reference("pm_card_amex")
    assert amex is not None
    assert (amex.card.brand, amex.card.last4) == ("amex", "0005")
    assert await gateway.tokenize_reference("pm_card_nope") is None


async def test_outcomes_by_the_card(gateway: SimulatorGateway) -> None:
    declined = await gateway.tokenize_reference("pm_card_visa_chargeDeclinedLostCard")
    challenged = await gateway.tokenize_reference("pm_card_threeDSecure2Required")
    assert declined is not None
    assert challenged is not None
    outcome = await gateway.perform(authorize(declined.token, "k1"))
    assert isinstance(outcome, Declined)
    assert outcome.decline_code == "lost_card"
    assert isinstance(await gateway.verify(declined.token), Declined)
    assert isinstance(await gateway.perform(authorize(challenged.token, "k2")), AuthenticationRequired)


@pytest.mark.parametrize("declining", DECLINING, ids=lambda one: one.card)
async def test_a_decline_brings_the_networks_codes(gateway: SimulatorGateway, declining: Declining) -> None:
    card = await gateway.tokenize_reference(f"pm_card_{declining.card}")
    assert card is not None
    for outcome in (await gateway.perform(authorize(card.token, "k")), await gateway.verify(card.token)):
        assert isinstance(outcome, Declined)
        found = outcome.decline_code, outcome.network_advice_code, outcome.network_decline_code
        assert found == (declining.decline_code, declining.network_advice_code, declining.network_decline_code)


async def silence(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait until the caller has gone."""
    assert scope["type"] == "http"
    async with asyncio.timeout(60):
        while (await receive())["type"] != "http.disconnect":
            continue


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    """Promise more than is sent."""
    assert scope["type"] == "http"
    head = [(b"content-length", b"4096"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b"{"})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (silence, GatewayUnavailable),
        (half, GatewayUnavailable),
        (Response(status_code=500), GatewayUnavailable),
        (Response(status_code=503), GatewayUnavailable),
        (Response(status_code=302), GatewayUnavailable),
        (Response("<html>"), GatewayUnavailable),
        (JSONResponse({"type": "perhaps"}), GatewayUnavailable),
        (JSONResponse([]), GatewayUnavailable),
        (Response(status_code=409), GatewayMismatch),
        (Response(status_code=429), GatewayRateLimited),
        (Response(status_code=400), GatewayRejected),
        (Response(status_code=404), GatewayRejected),
        (Response(status_code=422), GatewayRejected),
    ],
)
async def test_whatever_is_no_outcome_is_told_apart(answer: ASGIApp, error: type[Exception]) -> None:
    async with speaking_to(answer) as gateway:
        with pytest.raises(error):
            await gateway.perform(authorize("tok"))


async def test_an_answer_that_makes_no_sense_is_not_a_decline_of_a_lookup_either() -> None:
    async with speaking_to(JSONResponse({})) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.retrieve(authorize("tok"))


@pytest.mark.parametrize("status", [400, 409, 422, 500])
async def test_a_look_up_that_is_refused_tells_nothing(status: int) -> None:
    async with speaking_to(Response(status_code=status)) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.retrieve(authorize("tok"))
        with pytest.raises(GatewayUnavailable):
            await gateway.standing("auth_1")


CHARGE: dict[str, Any] = {"charge": "ch_1", "currency": "usd"}
EFFECTS: list[GatewayEffect] = [
    Authorize(key="k", charge="ch_1", amount=100, currency="usd", token="tok", capture=False),
    CaptureHold(key="k", authorization="auth_1", amount=100, final=False, **CHARGE),
    Increment(key="k", authorization="auth_1", amount=100, **CHARGE),
    Void(key="k", authorization="auth_1", captured=0, **CHARGE),
    Refund(key="k", authorization="auth_1", amount=100, refund="re_1", **CHARGE),
    AskSettlement(key="k", authorization="auth_1", at=0, amount=100, **CHARGE),
]
LIES: dict[str, list[Any]] = {
    "key": ["l"], "operation": ["verify", "authorize", "capture"], "authorization": ["auth_2"], "charge": ["ch_2"],
    "amount": [101, 1, "100", 100.0, True], "currency": ["eur", "USD"], "capture": [True, 0], "final": [True, 0],
    "refund": ["re_2"], "token": ["tok_2"],
}  # fmt: skip


def lies() -> Iterator[Any]:
    """Every effect with an answer that is wrong in one field, or does not have it."""
    for effect in EFFECTS:
        for name, value in question(effect).items():
            for said in (*LIES[name], None):
                if said != value or type(said) is not type(value):
                    yield pytest.param(effect, {name: said}, id=f"{effect.operation}-{name}-{said}")


def answering(asked: Any, type_: str = "approved") -> JSONResponse:
    return JSONResponse({"type": type_, "authorization": "auth_1", "decline_code": "no", "asked": asked})


@pytest.mark.parametrize("type_", ["approved", "declined"])
@pytest.mark.parametrize(("effect", "lie"), list(lies()))
async def test_an_answer_about_something_else_is_not_believed(
    effect: GatewayEffect, lie: dict[str, Any], type_: str
) -> None:
    async with speaking_to(answering({**question(effect), **lie}, type_)) as gateway:
        with pytest.raises(GatewayMismatch, match=effect.operation):
            await gateway.perform(effect)
        with pytest.raises(GatewayMismatch):
            await gateway.retrieve(effect)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.operation)
async def test_an_answer_that_does_not_say_what_it_is_about_is_not_believed(effect: GatewayEffect) -> None:
    nothing: tuple[Any, ...] = (None, [], "authorize", {})
    for asked in nothing:
        async with speaking_to(answering(asked)) as gateway:
            with pytest.raises(GatewayMismatch):
                await gateway.perform(effect)
    async with speaking_to(answering(question(effect))) as gateway:
        assert isinstance(await gateway.perform(effect), Approved)
        assert isinstance(await gateway.retrieve(effect), Approved)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.operation)
async def test_an_old_book_need_not_say_all_but_nothing_else(effect: GatewayEffect) -> None:
    said = {"key": "k", "operation": effect.operation, "partial": True}
    async with speaking_to(answering(said)) as gateway:
        assert isinstance(await gateway.retrieve(effect), Approved)
    async with speaking_to(answering({**said, "charge": "ch_2"})) as gateway:
        with pytest.raises(GatewayMismatch):
            await gateway.retrieve(effect)


@pytest.mark.parametrize("effect", EFFECTS[1:], ids=lambda effect: effect.operation)
async def test_nor_is_an_outcome_that_the_effect_cannot_have(effect: GatewayEffect) -> None:
    challenge = {"type": "authentication_required", "authentication": "a", "url": "u", "asked": question(effect)}
    async with speaking_to(JSONResponse(challenge)) as gateway:
        with pytest.raises(GatewayMismatch, match="does not answer"):
            await gateway.perform(effect)


async def test_the_standing_of_something_else_is_not_believed() -> None:
    async with speaking_to(JSONResponse({"authorization": "auth_2", "charge": "c", "currency": "usd"})) as gateway:
        with pytest.raises(GatewayMismatch):
            await gateway.standing("auth_1")
    async with speaking_to(JSONResponse({"authorization": "auth_1", "held": "much"})) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.standing("auth_1")


def test_what_differs_is_said_and_a_token_is_not() -> None:
    effect = EFFECTS[0]
    with pytest.raises(GatewayMismatch, match="asked about amount 100, answered about") as long:
        check_question(effect, {**question(effect), "amount": "x" * 1_000})
    assert len(str(long.value)) < 200
    with pytest.raises(GatewayMismatch) as secret:
        check_question(effect, {**question(effect), "token": "tok_of_somebody"})
    assert "tok" not in str(secret.value)


async def test_nobody_there() -> None:
    gateway = SimulatorGateway("http://127.0.0.1:1")
    assert not await gateway.ready()
    with pytest.raises(GatewayUnavailable):
        await gateway.perform(authorize("tok"))
    await gateway.close()
