"""The contracts of every gateway, with Adyen behind it, unchanged: where what it tells later is waited for, and not.

What Adyen holds is asked of its own book here, or added up from what it has told, as Adyen itself says it to nobody.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.methods.card_numbers import CardInput
from domain.model.outcomes import Accepted, GatewayEffect, Outcome
from gateways.base import Standing
from tests.gateways.adyen.standing_in import Stage, on_stage
from tests.gateways.contract import GatewayContract, LaterContract


class Awaited:
    """The adapter, for who waits until everything is known."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage.gateway, name)

    async def perform(self, effect: GatewayEffect) -> Outcome:
        outcome = await self._stage.gateway.perform(effect)
        async with asyncio.timeout(60):
            while isinstance(outcome, Accepted):
                await asyncio.sleep(0.01)
                outcome = await self._stage.gateway.retrieve(effect) or outcome
        await self._heard()
        return outcome

    async def _heard(self) -> None:
        """As the inbox does with what was told."""
        for notice in await self._stage.memory.waiting("adyen", 100):
            await self._stage.gateway.heard(notice)
            await self._stage.memory.handled(notice)

    async def standing(self, authorization: str) -> Standing | None:
        found = [payment for payment in await self._stage.payments() if payment["psp"] == authorization]
        asked = await self._stage.memory.request_by_reference("adyen", authorization)
        if not found or asked is None:
            return None
        (payment,) = found
        held, captured = payment["held"], payment["captured"]
        return Standing(
            authorization=authorization, charge=asked.charge, currency=payment["currency"].lower(),
            authorized=payment["amount"], held=held, captured=captured, refunded=payment["refunded"],
            released=payment["amount"] - held - captured,
        )  # fmt: skip


class TestAdyen(GatewayContract):
    @pytest.fixture
    async def gateway(self, tmp_path: Path) -> AsyncIterator[Any]:
        async with on_stage(tmp_path) as stage:
            yield Awaited(stage)

    @pytest.fixture
    async def token(self, gateway: Any) -> str:
        card = CardInput(number="4111111111111111", exp_month=3, exp_year=2030, cvc="737")
        return str((await gateway.tokenize(card)).token)


class Told:
    """The adapter, for who goes by what was told, and hears it when they want to."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stage.gateway, name)

    async def standing(self, authorization: str) -> Standing | None:
        asked = await self.stage.memory.request_by_reference("adyen", authorization)
        if asked is None:
            return None
        amount, captured, refunded, released = asked.asked["amount"], 0, 0, 0
        for told in await self.stage.memory.notices("adyen", authorization):
            match told.event, told.succeeded:
                case "AUTHORISATION_ADJUSTMENT", True:
                    amount = told.amount
                case "CAPTURE", True:
                    captured += told.amount
                case "REFUND", True:
                    refunded += told.amount
                case "CANCELLATION", True:
                    released = amount - captured
        return Standing(
            authorization=authorization, charge=asked.charge, currency=asked.asked["currency"], authorized=amount,
            held=amount - captured - released, captured=captured, refunded=refunded, released=released,
        )  # fmt: skip


class TestAdyenLater(LaterContract):
    @pytest.fixture
    async def gateway(self, tmp_path: Path) -> AsyncIterator[Any]:
        async with on_stage(tmp_path) as stage:
            stage.telling[0] = False
            yield Told(stage)

    @pytest.fixture
    async def token(self, gateway: Any) -> str:
        card = CardInput(number="4111111111111111", exp_month=3, exp_year=2030, cvc="737")
        return str((await gateway.tokenize(card)).token)

    async def ended(self, gateway: Any, effect: GatewayEffect) -> Outcome:
        stage: Stage = gateway.stage
        stage.telling[0] = True
        async with asyncio.timeout(120):
            while isinstance(outcome := await gateway.retrieve(effect), Accepted):
                await asyncio.sleep(0.01)
        stage.telling[0] = False
        assert outcome is not None
        (book,) = await stage.payments()
        told = await gateway.standing(book["psp"])
        said = told.authorized, told.held, told.captured, told.refunded
        assert said == (book["amount"], book["held"], book["captured"], book["refunded"]), "and its own book says so"
        result: Outcome = outcome
        return result
