"""A gateway that falls silent is said once, and once when it is back."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gateways.base import GatewayUnavailable
from gateways.hearing import SILENT_AFTER, Hearing
from gateways.simulator import SimulatorGateway
from tests.gateways.contract import authorize
from tests.support.serving import serving


class Log(list[tuple[str, dict[str, Any]]]):
    """What was said."""

    def __call__(self, event: str, **about: Any) -> None:
        self.append((event, about))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self]


def silent() -> float | None:
    return REGISTRY.get_sample_value("perdure_gateway_silent", {"gateway": "simulator"})


def test_it_takes_more_than_a_lost_answer_now_and_then() -> None:
    log = Log()
    hearing = Hearing(log)
    for _ in range(10):
        for _ in range(SILENT_AFTER - 1):
            hearing.unheard("a timeout")
        hearing.heard()
    assert log == []


def test_one_line_each() -> None:
    log = Log()
    hearing = Hearing(log)
    for _ in range(2):
        for _ in range(SILENT_AFTER * 3):
            hearing.unheard("a timeout")
        assert silent() == 1
        for _ in range(3):
            hearing.heard()
        assert silent() == 0
    assert log.events == ["gateway silent", "gateway back"] * 2
    assert log[0][1] == {"gateway": "simulator", "why": "a timeout"}


async def test_the_simulators_client_says_so_and_a_decline_is_an_answer() -> None:
    answers: list[Response] = [Response(status_code=503)] * SILENT_AFTER
    answers += [JSONResponse({"error": "no"}, status_code=400)] * 2

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        await answers.pop(0)(scope, receive, send)

    log = Log()
    async with serving(app) as url:
        gateway = SimulatorGateway(url, say=log)
        for _ in range(SILENT_AFTER):
            with pytest.raises(GatewayUnavailable):
                await gateway.perform(authorize("tok"))
        assert log.events == ["gateway silent"]
        assert log[0][1]["why"] == "POST /authorizations: 503"
        await asyncio.gather(gateway.tokenize_reference("pm_card_a"), gateway.tokenize_reference("pm_card_b"))
        await gateway.close()
    assert log.events == ["gateway silent", "gateway back"]
