"""The simulator's client: keeps the contract, and tells unavailable, rate limited and rejected apart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.cards import CardInput
from domain.outcomes import AuthenticationRequired, Declined
from gateways.base import GatewayRateLimited, GatewayRejected, GatewayUnavailable
from gateways.simulator import SimulatorGateway
from simulator.app import create_app
from tests.gateways.contract import GatewayContract, authorize
from tests.support.serving import serving

CARD = CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123")


@asynccontextmanager
async def speaking_to(app: Any) -> AsyncIterator[SimulatorGateway]:
    async with serving(app) as url:
        adapter = SimulatorGateway(url, timeout_seconds=0.5)
        yield adapter
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


async def silence(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait until the caller has gone."""
    assert scope["type"] == "http"
    async with asyncio.timeout(30):
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
        (Response(status_code=409), GatewayUnavailable),
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
            await gateway.retrieve("key")


async def test_nobody_there() -> None:
    gateway = SimulatorGateway("http://127.0.0.1:1")
    assert not await gateway.ready()
    with pytest.raises(GatewayUnavailable):
        await gateway.perform(authorize("tok"))
    await gateway.close()
