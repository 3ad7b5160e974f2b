"""The simulator's client: keeps the contract, and tells unavailable, rate limited and rejected apart."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from domain.cards import CardInput
from domain.outcomes import AuthenticationRequired, Declined
from gateways.base import GatewayRateLimited, GatewayRejected, GatewayUnavailable
from gateways.simulator import SimulatorGateway
from simulator.app import create_app
from tests.gateways.contract import GatewayContract, authorize

CARD = CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123")


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[SimulatorGateway]:
    app = create_app(tmp_path / "ledger.db", "http://simulator")
    adapter = SimulatorGateway("http://simulator", transport=httpx.ASGITransport(app=app))
    yield adapter
    await adapter.close()


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


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> SimulatorGateway:
    return SimulatorGateway("http://simulator", transport=httpx.MockTransport(answer))


def breaking(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("silence", request=request)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (breaking, GatewayUnavailable),
        (lambda _: httpx.Response(500), GatewayUnavailable),
        (lambda _: httpx.Response(503), GatewayUnavailable),
        (lambda _: httpx.Response(302), GatewayUnavailable),
        (lambda _: httpx.Response(200, text="<html>"), GatewayUnavailable),
        (lambda _: httpx.Response(200, json={"type": "perhaps"}), GatewayUnavailable),
        (lambda _: httpx.Response(200, json=[]), GatewayUnavailable),
        (lambda _: httpx.Response(409), GatewayUnavailable),
        (lambda _: httpx.Response(429), GatewayRateLimited),
        (lambda _: httpx.Response(400), GatewayRejected),
        (lambda _: httpx.Response(404), GatewayRejected),
        (lambda _: httpx.Response(422), GatewayRejected),
    ],
)
async def test_whatever_is_no_outcome_is_told_apart(
    answer: Callable[[httpx.Request], httpx.Response], error: type[Exception]
) -> None:
    gateway = answering(answer)
    with pytest.raises(error):
        await gateway.perform(authorize("tok"))
    await gateway.close()


async def test_an_answer_that_makes_no_sense_is_not_a_decline_of_a_lookup_either() -> None:
    gateway = answering(lambda _: httpx.Response(200, json={}))
    with pytest.raises(GatewayUnavailable):
        await gateway.retrieve("key")
    await gateway.close()
