"""The contract every gateway adapter must keep. Subclass it, provide `gateway` and `token`, and inherit the tests."""

from dataclasses import replace
from typing import Any

import pytest

from domain.model.outcomes import (
    Accepted,
    Approved,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Outcome,
    Refund,
    Void,
)
from gateways.base import Gateway, GatewayMismatch, Standing


def authorize(token: str, key: str = "pi_1/1/authorize", amount: int = 1_000, capture: bool = False) -> Authorize:
    """Hold ten dollars."""
    return Authorize(key=key, charge="ch_" + key, amount=amount, currency="usd", token=token, capture=capture)


KEY = "pi_1/1/authorize"

OTHERS: list[dict[str, Any]] = [
    {"amount": 1_001}, {"currency": "eur"}, {"charge": "ch_other"}, {"capture": True}, {"token": "tok_other"},
]  # fmt: skip
"""Each makes another question of an authorization under the same key."""


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
        assert await gateway.retrieve(authorize(token)) == first

    async def test_an_unknown_key_was_never_done(self, gateway: Gateway, token: str) -> None:
        await gateway.perform(authorize(token))
        assert await gateway.retrieve(authorize(token, "pi_1/1/nothing")) is None

    @pytest.mark.parametrize("other", OTHERS, ids=lambda other: str(*other))
    async def test_a_key_that_was_used_for_something_else_is_not_believed(
        self, gateway: Gateway, token: str, other: dict[str, Any]
    ) -> None:
        reference = await self.held(gateway, token)
        before = await gateway.standing(reference)
        question = replace(authorize(token), **other)
        with pytest.raises(GatewayMismatch):
            await gateway.perform(question)
        with pytest.raises(GatewayMismatch):
            await gateway.retrieve(question)
        assert await gateway.standing(reference) == before
        assert isinstance(await gateway.retrieve(authorize(token)), Approved), "what was done under it stays done"

    async def test_nor_for_another_operation_on_the_same_hold(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        part = CaptureHold(key="c", authorization=reference, amount=400, final=False)
        await gateway.perform(part)
        before = await gateway.standing(reference)
        others: list[GatewayEffect] = [
            Void(key="c", authorization=reference),
            Refund(key="c", authorization=reference, amount=400, refund="re_1"),
            replace(part, amount=500),
            replace(part, final=True),
            replace(authorize(token), key="c"),
        ]
        for other in others:
            with pytest.raises(GatewayMismatch):
                await gateway.perform(other)
            with pytest.raises(GatewayMismatch):
                await gateway.retrieve(other)
        assert await gateway.standing(reference) == before

    async def test_nor_for_another_hold_charge_or_refund(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        second = await gateway.perform(authorize(token, "pi_2/1/authorize"))
        assert isinstance(second, Approved)
        capture = CaptureHold(key="c", authorization=reference, amount=1_000, charge="ch_" + KEY, currency="usd")
        await gateway.perform(capture)
        refund = Refund(key="r", authorization=reference, amount=100, refund="re_1", charge="ch_" + KEY, currency="usd")
        await gateway.perform(refund)
        others: list[GatewayEffect] = [
            replace(capture, authorization=second.authorization),
            replace(capture, charge="ch_other"),
            replace(capture, currency="eur"),
            replace(refund, refund="re_2"),
        ]
        for other in others:
            with pytest.raises(GatewayMismatch):
                await gateway.perform(other)
            with pytest.raises(GatewayMismatch):
                await gateway.retrieve(other)
        assert await gateway.retrieve(capture) == await gateway.perform(capture)
        untouched = await gateway.standing(second.authorization)
        assert untouched is not None
        assert (untouched.held, untouched.captured) == (1_000, 0)

    async def test_what_stands_is_told_at_every_step(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        stands = Standing(authorization=reference, charge="ch_" + KEY, currency="usd", authorized=1_000, held=1_000)
        assert await gateway.standing(reference) == stands
        await gateway.perform(CaptureHold(key="c1", authorization=reference, amount=400, final=False))
        assert await gateway.standing(reference) == replace(stands, captured=400, held=600)
        await gateway.perform(Refund(key="r1", authorization=reference, amount=100, refund="re_1"))
        assert await gateway.standing(reference) == replace(stands, captured=400, held=600, refunded=100)
        await gateway.perform(Void(key="v1", authorization=reference))
        after = replace(stands, captured=400, held=0, refunded=100, released=600)
        assert await gateway.standing(reference) == after
        assert isinstance(await gateway.perform(Void(key="v2", authorization=reference)), Declined)
        assert await gateway.standing(reference) == after

    async def test_a_partial_final_capture_releases_the_rest(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        await gateway.perform(CaptureHold(key="c", authorization=reference, amount=400))
        stands = await gateway.standing(reference)
        assert stands is not None
        assert (stands.held, stands.captured, stands.released, stands.over) == (0, 400, 600, False)

    async def test_nothing_is_known_of_what_was_never_authorized(self, gateway: Gateway, token: str) -> None:
        await self.held(gateway, token)
        assert await gateway.standing("auth_unknown") is None

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


class LaterContract:
    """What the engine relies on where captures, voids, increments and refunds are answered later."""

    @pytest.fixture
    def gateway(self) -> Gateway:
        pytest.fail("a subclass provides the gateway")

    async def ended(self, gateway: Gateway, effect: GatewayEffect) -> Outcome:
        """Let it end, and say how it did."""
        pytest.fail(f"a subclass knows how {effect.operation} ends at {gateway.profile.name}")

    async def held(self, gateway: Gateway, token: str) -> str:
        outcome = await gateway.perform(authorize(token))
        assert isinstance(outcome, Approved)
        return outcome.authorization

    def capture(self, reference: str, amount: int = 400) -> CaptureHold:
        return CaptureHold(
            key="c", authorization=reference, amount=amount, final=False, charge="ch_" + KEY, currency="usd"
        )

    async def test_it_is_taken_on_once_under_one_reference_and_nothing_is_moved_yet(
        self, gateway: Gateway, token: str
    ) -> None:
        reference = await self.held(gateway, token)
        before = await gateway.standing(reference)
        first = await gateway.perform(self.capture(reference))
        assert isinstance(first, Accepted)
        assert first.ask_after_seconds is not None or not gateway.profile.answers_by_key
        again = await gateway.perform(self.capture(reference))
        assert again == first
        assert await gateway.standing(reference) == before
        with pytest.raises(GatewayMismatch):
            await gateway.perform(self.capture(reference, amount=401))

    async def test_each_operation_is_done_once_it_is_known(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        raised = Increment(key="i", authorization=reference, amount=1_500)
        refund = Refund(key="r", authorization=reference, amount=100, refund="re_1", intent="pi_1")
        effects: list[GatewayEffect] = [raised, self.capture(reference), refund, Void(key="v", authorization=reference)]
        for effect in effects:
            assert isinstance(await gateway.perform(effect), Accepted), effect.operation
            assert isinstance(await self.ended(gateway, effect), Approved), effect.operation
            assert isinstance(await gateway.perform(effect), Approved), "the same key tells what is known now"
        stands = await gateway.standing(reference)
        assert stands is not None
        assert (stands.authorized, stands.captured, stands.refunded, stands.released) == (1_500, 400, 100, 1_100)

    async def test_what_cannot_be_done_is_a_no_then(self, gateway: Gateway, token: str) -> None:
        reference = await self.held(gateway, token)
        more = self.capture(reference, amount=1_001)
        assert isinstance(await gateway.perform(more), Accepted)
        assert isinstance(await self.ended(gateway, more), Declined)
        stands = await gateway.standing(reference)
        assert stands is not None
        assert (stands.held, stands.captured) == (1_000, 0)
