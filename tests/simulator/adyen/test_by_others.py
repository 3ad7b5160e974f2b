"""Our Adyen, judged by what others wrote: schemathesis over Adyen's specification, and Adyen's own SDK, unmodified."""

import asyncio
import copy
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import Adyen
import pytest
import schemathesis
from Adyen.exceptions import (
    AdyenAPIAuthenticationError,
    AdyenAPICommunicationError,
    AdyenAPIInvalidPermission,
    AdyenAPIUnprocessableEntity,
)
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from simulator.adyen.app import create_app
from tests.gateways.adyen.published import document
from tests.support.serving import serving

MERCHANT, KEY = "YOUR_MERCHANT_ACCOUNT", "a key"
USED = [
    "/payments", "/payments/details", "/cancels", "/payments/{paymentPspReference}/captures",
    "/payments/{paymentPspReference}/cancels", "/payments/{paymentPspReference}/refunds",
    "/payments/{paymentPspReference}/reversals", "/payments/{paymentPspReference}/amountUpdates",
    "/storedPaymentMethods", "/cardDetails",
]  # fmt: skip
"""The operations that the adapter uses."""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    app = create_app(tmp_path / "adyen.db", "http://127.0.0.1:1", merchant=MERCHANT, api_key=KEY)
    async with serving(app) as served:
        yield served


@cache
def schema() -> Any:
    """Adyen's specification; of the thirty kinds of payment methods, cards: it takes a minute to make up the others."""
    spec = copy.deepcopy(document())
    method = spec["components"]["schemas"]["PaymentRequest"]["properties"]["paymentMethod"]
    method["oneOf"] = [{"$ref": "#/components/schemas/CardDetails"}]
    return schemathesis.openapi.from_dict(spec)


@pytest.mark.parametrize("path", USED)
async def test_whatever_schemathesis_sends_is_answered_as_adyen_would(url: str, path: str) -> None:
    operation = schema()[path]["POST"]
    sent = 0

    @settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def exchange(case: Any) -> None:
        nonlocal sent
        if isinstance(case.body, dict) and "merchantAccount" in case.body:
            case.body["merchantAccount"] = MERCHANT
        response = case.call(base_url=f"{url}/v72", headers={"X-API-Key": KEY})
        sent += 1
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])
        assert response.status_code in (200, 201, 400, 403, 422), "and nobody is let in without reason"
        assert case.call(base_url=f"{url}/v72", headers={"X-API-Key": "wrong"}).status_code == 401

    await asyncio.to_thread(exchange)
    assert sent >= 10


def sdk(url: str, key: str = KEY) -> Any:
    client = Adyen.Adyen()
    client.client.xapikey, client.client.platform, client.client.http_timeout = key, "test", 10
    for api in (client.checkout.payments_api, client.checkout.modifications_api, client.checkout.recurring_api):
        api.baseUrl = f"{url}/v72"
    return client


def payment(**more: Any) -> dict[str, Any]:
    method = {"type": "scheme", "encryptedCardNumber": "test_4111111111111111", "encryptedExpiryMonth": "test_03",
              "encryptedExpiryYear": "test_2030", "encryptedSecurityCode": "test_737"}  # fmt: skip
    return {
        "merchantAccount": MERCHANT, "reference": "order1", "amount": {"currency": "EUR", "value": 1_000},
        "returnUrl": "https://shop.example/", "paymentMethod": method, **more,
    }  # fmt: skip


def modification(value: int | None = None) -> dict[str, Any]:
    amount = {} if value is None else {"amount": {"currency": "EUR", "value": value}}
    return {"merchantAccount": MERCHANT, "reference": "mine", **amount}


def journey(url: str) -> None:
    """Everything that the adapter asks for, by Adyen's own client."""
    checkout = sdk(url).checkout
    manual = payment(additionalData={"manualCapture": "true"})
    held = checkout.payments_api.payments(manual, idempotency_key="k1")
    assert held.status_code == 200
    assert held.message["resultCode"] == "Authorised"
    assert checkout.payments_api.payments(manual, idempotency_key="k1").message == held.message
    psp = held.message["pspReference"]
    modifications = checkout.modifications_api
    for answer in (
        modifications.update_authorised_amount(modification(1_500), psp, idempotency_key="k2"),
        modifications.capture_authorised_payment(modification(900), psp, idempotency_key="k3"),
        modifications.refund_captured_payment(modification(400), psp, idempotency_key="k4"),
        modifications.cancel_authorised_payment_by_psp_reference(modification(), psp, idempotency_key="k5"),
        modifications.refund_or_cancel_payment(modification(), psp, idempotency_key="k6"),
        modifications.cancel_authorised_payment(modification() | {"paymentReference": "order1"}, idempotency_key="k7"),
    ):
        assert answer.status_code == 201
        assert answer.message["status"] == "received"


def cards(url: str) -> None:
    """Stored, charged, and deleted."""
    checkout = sdk(url).checkout
    stored = checkout.recurring_api.stored_payment_methods(
        {"merchantAccount": MERCHANT, "shopperReference": "shopper", "recurringProcessingModel": "CardOnFile",
         "paymentMethod": payment()["paymentMethod"]}
    ).message  # fmt: skip
    assert stored["lastFour"] == "1111"
    charge = payment(
        paymentMethod={"type": "scheme", "storedPaymentMethodId": stored["id"]}, shopperReference="shopper",
        shopperInteraction="ContAuth", recurringProcessingModel="UnscheduledCardOnFile",
    )  # fmt: skip
    assert checkout.payments_api.payments(charge).message["resultCode"] == "Authorised"
    about = {"merchantAccount": MERCHANT, "shopperReference": "shopper"}
    checkout.recurring_api.delete_token_for_stored_payment_details(stored["id"], query_parameters=about)
    with pytest.raises(AdyenAPIUnprocessableEntity):
        checkout.payments_api.payments(charge)


def errors(url: str) -> None:
    """Each raises what Adyen's client raises for Adyen's own."""
    api = sdk(url).checkout.payments_api
    with pytest.raises(AdyenAPIAuthenticationError):
        sdk(url, "wrong").checkout.payments_api.payments(payment())
    with pytest.raises(AdyenAPIInvalidPermission):
        api.payments(payment(merchantAccount="SOMEBODY"))
    with pytest.raises(AdyenAPIUnprocessableEntity):
        api.payments(payment(returnUrl="x" * 1_025))
    for code, transient in (("NO_CONNECTION_AVAILABLE", "true"), ("IOEXCEPTION_RECEIVED", "false")):
        asked = payment(additionalData={"RequestedTestErrorResponseCode": code})
        for _ in range(2):
            with pytest.raises(AdyenAPICommunicationError) as raised:
                api.payments(asked, idempotency_key=code)
            assert raised.value.headers["transient-error"] == transient


@pytest.mark.parametrize("drive", [journey, cards, errors], ids=lambda drive: str(drive.__name__))
async def test_adyens_own_sdk_drives_it(url: str, drive: Any) -> None:
    await asyncio.to_thread(drive, url)
