"""The simulator, where it answers captures, voids, increments and refunds later: the contract in its second form."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.methods.card_numbers import CardInput
from domain.model.gateways import GatewayProfile, Later
from domain.model.outcomes import Accepted, Approved, CaptureHold, GatewayEffect, Outcome, Refund
from gateways.book import SimulatorBook
from gateways.simulator import SimulatorGateway
from simulator.app import create_app
from simulator.conduct import Conduct, conduct_of
from tests.gateways.contract import KEY, LaterContract, authorize
from tests.support.serving import serving

LATER = Conduct(later=["capture", "void", "increment", "refund"], news_ms=60_000)
CARD = CardInput(number="4242424242424242", exp_month=8, exp_year=2034, cvc="123")


class Engine:
    """Takes what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/gateways/later/notifications"
        self.told.append(json.loads(request.content))
        return httpx.Response(200)

    async def hears(self, url: str, **about: Any) -> dict[str, Any]:
        """What it is told that says this, once nobody waits any longer."""
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=url) as http:
            while True:
                assert (await http.post("/_news")).is_success
                for told in self.told:
                    if about.items() <= told.items():
                        return told


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def url(tmp_path: Path, engine: Engine) -> AsyncIterator[str]:
    transport = httpx.MockTransport(engine.answer)
    app = create_app(tmp_path / "l.db", "http://s", "http://engine", "secret", transport, name="later", conduct=LATER)
    async with serving(app) as address:
        yield address


@pytest.fixture
async def gateway(url: str) -> AsyncIterator[SimulatorGateway]:
    adapter = SimulatorGateway(url, profile=GatewayProfile(name="later", later=frozenset(Later)))
    yield adapter
    await adapter.close()


@pytest.fixture
async def token(gateway: SimulatorGateway) -> str:
    return (await gateway.tokenize(CARD)).token


class TestSimulatorLater(LaterContract):
    @pytest.fixture
    def gateway(self, gateway: SimulatorGateway, url: str) -> SimulatorGateway:
        self.url = url
        return gateway

    async def ended(self, gateway: Any, effect: GatewayEffect) -> Outcome:
        async with httpx.AsyncClient(base_url=self.url) as http:
            assert (await http.post("/_news")).is_success
        outcome: Outcome | None = await gateway.retrieve(effect)
        assert outcome is not None
        return outcome


async def captured(url: str, gateway: SimulatorGateway, engine: Engine, token: str) -> tuple[str, dict[str, Any]]:
    held = await gateway.perform(authorize(token))
    assert isinstance(held, Approved)
    await gateway.perform(
        CaptureHold(key="pi_1/1/capture/1", authorization=held.authorization, amount=400, final=False)
    )
    return held.authorization, await engine.hears(url, operation="capture", succeeded=True)


async def test_it_is_told_of_by_the_reference_that_was_promised(
    url: str, gateway: SimulatorGateway, engine: Engine, token: str
) -> None:
    _, told = await captured(url, gateway, engine, token)
    assert told["reference"].startswith("mod_")
    assert (told["payment_intent"], told["charge"], told["amount"]) == ("pi_1", "ch_" + KEY, 400)


async def test_a_refund_is_told_of_as_a_refund(url: str, gateway: SimulatorGateway, engine: Engine, token: str) -> None:
    authorization, _ = await captured(url, gateway, engine, token)
    for amount, succeeded in ((100, True), (301, False)):
        id_ = f"re_{amount}"
        refund = Refund(key=f"pi_1/1/{id_}", authorization=authorization, amount=amount, refund=id_, intent="pi_1")
        assert isinstance(await gateway.perform(refund), Accepted)
        assert (await engine.hears(url, type="refund", refund=id_))["succeeded"] is succeeded


async def test_a_capture_fails_after_all_and_the_book_says_so(
    url: str, gateway: SimulatorGateway, engine: Engine, token: str
) -> None:
    authorization, told = await captured(url, gateway, engine, token)
    async with httpx.AsyncClient(base_url=url) as http:
        body = {"reference": told["reference"], "amount": 400}
        assert (await http.post(f"/_captures/{authorization}/fail", json=body)).is_success
        assert (await http.post(f"/_captures/{authorization}/fail", json=body)).is_success, "and then there is nothing"
    failed = await engine.hears(url, operation="capture", succeeded=False)
    assert (failed["reference"], failed["amount"]) == (told["reference"], 400)
    stands = await gateway.standing(authorization)
    assert stands is not None
    assert (stands.captured, stands.held) == (0, 0)
    book = SimulatorBook(url)
    assert (await book.whole()).charges["ch_" + KEY].captured == 0
    await book.close()


async def test_a_share_of_captures_fails_by_itself(
    url: str, gateway: SimulatorGateway, engine: Engine, token: str
) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        changed = LATER.model_dump() | {"failing": 1.0}
        assert (await http.post("/_conduct", json=changed)).json() == changed
        assert (await http.get("/_conduct")).json() == changed
        assert (await http.post("/_conduct", json={"later": ["captures"]})).status_code == 422
    _, told = await captured(url, gateway, engine, token)
    assert (await engine.hears(url, operation="capture", succeeded=False))["reference"] == told["reference"]


async def test_a_hold_goes_before_its_time(url: str, gateway: SimulatorGateway, engine: Engine, token: str) -> None:
    held = await gateway.perform(authorize(token))
    assert isinstance(held, Approved)
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.post(f"/_holds/{held.authorization}/expire")).is_success
        assert (await http.post(f"/_holds/{held.authorization}/expire")).status_code == 404
    assert (await engine.hears(url, operation="expiry"))["charge"] == "ch_" + KEY
    stands = await gateway.standing(held.authorization)
    assert stands is not None
    assert stands.over


def test_what_is_said_of_a_gateway_is_taken_as_far_as_it_concerns_it() -> None:
    conduct = conduct_of("latency=patient&p50_ms=1200&p99_ms=4000&later=capture,void&keys_days=7")
    assert conduct == Conduct(p50_ms=1_200, p99_ms=4_000, later=["capture", "void"])
    assert conduct_of("") == Conduct()
