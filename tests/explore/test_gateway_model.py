"""The gateway's model keeps the contract that every real adapter keeps."""

from typing import Any

import pytest

from domain.model.gateways import GatewayProfile
from domain.model.outcomes import GatewayEffect, Outcome
from gateways.base import BankTransfer, FundingInstructions, Gateway, Standing
from tests.explore.code import GatewayPort
from tests.explore.gateway import PLAIN, Book
from tests.gateways.contract import GatewayContract


class ModelGateway:
    """The model as a gateway: one that always answers at once."""

    profile = GatewayProfile()

    def __init__(self) -> None:
        self.book, self._port = Book(), GatewayPort()

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def perform(self, effect: GatewayEffect) -> Outcome:
        self.book, told = self.book.perform(effect)
        return self._port.believed(effect, told)

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        told = self.book.retrieve(effect.key)
        return None if told is None else self._port.believed(effect, told)

    async def standing(self, authorization: str) -> Standing | None:
        return self.book.stands(authorization)

    async def instructions(self, owner: str, transfer: dict[str, Any]) -> FundingInstructions:
        raise AssertionError("no bank transfers here")

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        raise AssertionError("no bank transfers here")

    async def end_refund(self, refund: str, status: str) -> bool:
        raise AssertionError("nobody is asked for an account here")


class TestGatewayModel(GatewayContract):
    @pytest.fixture
    def gateway(self) -> Gateway:
        return ModelGateway()

    @pytest.fixture
    def token(self) -> str:
        return PLAIN
