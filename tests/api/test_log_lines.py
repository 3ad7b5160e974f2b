"""What the log says of requests: the cause of what was not answered, each request with debug, and no secrets."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from api.build import build, mount
from domain.model.outcomes import Declined
from gateways.base import GatewayUnavailable
from temporal.engine import NO_ANSWER, EngineUnavailable
from tests.api.conftest import Api, error_of
from tests.api.test_outages import PAGES, Away


class Unreachable:
    """An engine that says why it cannot be reached."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __getattr__(self, name: str) -> Any:
        async def fails(*_: Any, **__: Any) -> Any:
            raise EngineUnavailable(self.why)

        return fails


def asking(api: Api, **services: Any) -> httpx.AsyncClient:
    mount(app := build(), replace(api.services, **services))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://api",
        headers={"Authorization": f"Bearer {api.secret}"},
    )


@pytest.mark.parametrize(
    "why",
    ["Namespace default has no mapping defined for search attribute PaymentIntentStatus", NO_ANSWER,
     "InvalidCertificate(Expired)"],
)  # fmt: skip
async def test_a_request_that_is_not_answered_has_its_cause_in_the_log(api: Api, why: str) -> None:
    form = {
        "amount": 1099,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "allowed_payment_method_types[]": "card",
    }
    with capture_logs() as lines:
        async with asking(api, engine=Unreachable(why)) as http:
            answer = await http.post("/v1/payment_intents", data=form)
    assert (answer.status_code, error_of(answer)["type"]) == (503, "api_error")
    assert why not in answer.text, "whoever asks is not told how we are built"
    line = next(line for line in lines if line["event"] == "no answer")
    assert (line["part"], line["why"]) == ("EngineUnavailable", why)
    assert line["request"] == answer.headers["request-id"]


async def test_a_page_that_is_not_answered_as_well(api: Api) -> None:
    with capture_logs() as lines:
        async with asking(api, projection=Away(GatewayUnavailable("GET /a: TimeoutError"))) as http:
            assert (await http.get(PAGES[0])).status_code == 503
    assert [(line["event"], line["part"], line["why"], line["path"]) for line in lines] == [
        ("no answer", "GatewayUnavailable", "GET /a: TimeoutError", "/3d_secure/return")
    ]


@pytest.fixture
def debugging() -> Any:
    """As with PERDURE_LOG_LEVEL=debug; afterwards as it was."""
    configuration = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(10))
    yield
    structlog.configure(**configuration)


@pytest.mark.usefixtures("debugging")
async def test_each_request_is_one_line_with_debug(api: Api) -> None:
    with capture_logs() as lines:
        async with asking(api) as http:
            made = await http.post(
                "/v1/payment_intents",
                data={"amount": 1099, "currency": "usd", "allowed_payment_method_types[]": "card"},
            )
            intent = made.json()["id"]
            api.engine.gateway.answers = [Declined(decline_code="insufficient_funds")]
            path = f"/v1/payment_intents/{intent}"
            declined = await http.post(f"{path}/confirm", data={"payment_method": "pm_card_visa"})
            missing = await http.get("/v1/payment_intents/pi_none")
    shown = [line for line in lines if line["event"] == "request"]
    assert [line["request"] for line in shown] == [each.headers["request-id"] for each in (made, declined, missing)]
    wanted = [
        ("payment_intents.create", 200, intent, None),
        ("payment_intents.confirm", 402, intent, "insufficient_funds"),
        ("payment_intents.retrieve", 404, "pi_none", None),
    ]
    assert [(line["operation"], line["status"], line["intent"], line.get("decline")) for line in shown] == wanted
    assert all(line["ms"] >= 0 and line["log_level"] == "debug" for line in shown)


async def test_and_none_without(api: Api) -> None:
    configuration = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(20))
    with capture_logs() as lines:
        async with asking(api) as http:
            assert (await http.get("/v1/payment_intents")).status_code == 200
    structlog.configure(**configuration)
    assert lines == []
