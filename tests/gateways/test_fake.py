"""The gateway that workflow tests are given keeps the contract, too: what they show would be worth nothing else."""

import pytest

from tests.gateways.contract import GatewayContract
from tests.support.fakes import FakeGateway


class TestFake(GatewayContract):
    @pytest.fixture
    def gateway(self) -> FakeGateway:
        return FakeGateway()

    @pytest.fixture
    def token(self) -> str:
        return "tok_1"
