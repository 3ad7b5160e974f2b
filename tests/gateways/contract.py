"""The contract every gateway adapter must keep. Subclass it, provide `gateway` and `token`, and inherit the tests."""

import pytest

from domain.outcomes import Approved, Authorize, CaptureHold, Declined, Increment, Refund, Void
from gateways.base import Gateway


def authorize(token: str, key: str = "pi_1/1/authorize", amount: int = 1_000, capture: bool = False) -> Authorize:
    """Hold ten dollars."""
    return Authorize(key=key, charge="ch_" + key, amount=amount, currency="usd", token=token, capture=capture)


class GatewayContract:
    """What the engine relies on."""

    @pytest.fixture
    def gateway(self) -> Gateway:
        pytest.fail("a subclass provides the gateway")

    async def held(self, gateway: Gateway, token: str, amount: int = 1_000) -> str:
        outcome = await gateway.perform(authorize(token, amount=amount))
        assert isinstance(outcome, Approved)
        return outcome.authorization

    async def test_the_same_key_has_the_same_outcome_and_one_effect(self, gateway: Gateway, token: str) -> None:
        first = await gateway.perform(authorize(token))
        assert await gateway.perform(authorize(token)) == first
        assert await gateway.retrieve("pi_1/1/authorize") == first

    async def test_an_unknown_key_was_never_done(self, gateway: Gateway) -> None:
        assert await gateway.retrieve("pi_1/1/nothing") is None

    async def test_capture_at_most_what_is_held(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        part = CaptureHold(key="c1", authorization=reference, amount=400, final=False)
        assert isinstance(await gateway.perform(part), Approved)
        more = CaptureHold(key="c2", authorization=reference, amount=601)
        assert isinstance(await gateway.perform(more), Declined)
        rest = CaptureHold(key="c3", authorization=reference, amount=600)
        assert isinstance(await gateway.perform(rest), Approved)
        assert isinstance(await gateway.perform(CaptureHold(key="c4", authorization=reference, amount=1)), Declined)

    async def test_a_void_ends_the_hold(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        assert isinstance(await gateway.perform(Void(key="v1", authorization=reference)), Approved)
        assert isinstance(await gateway.perform(Void(key="v2", authorization=reference)), Declined)
        assert isinstance(await gateway.perform(CaptureHold(key="c", authorization=reference, amount=1)), Declined)

    async def test_an_increment_is_a_new_total(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        assert isinstance(await gateway.perform(Increment(key="i1", authorization=reference, amount=1_500)), Approved)
        assert isinstance(await gateway.perform(Increment(key="i2", authorization=reference, amount=1_500)), Declined)
        assert isinstance(await gateway.perform(CaptureHold(key="c", authorization=reference, amount=1_500)), Approved)

    async def test_refunds_at_most_what_was_captured(self, gateway: Gateway, token: str) -> None:
        outcome = await gateway.perform(authorize(token, capture=True))
        assert isinstance(outcome, Approved)
        reference = outcome.authorization
        assert isinstance(await gateway.perform(Refund(key="r1", authorization=reference, amount=700)), Approved)
        assert isinstance(await gateway.perform(Refund(key="r1", authorization=reference, amount=700)), Approved)
        assert isinstance(await gateway.perform(Refund(key="r2", authorization=reference, amount=301)), Declined)
        assert isinstance(await gateway.perform(Refund(key="r3", authorization=reference, amount=300)), Approved)
