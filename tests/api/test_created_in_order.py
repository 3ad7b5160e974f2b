"""A new PaymentIntent is a row first and a workflow then, whichever of the two is away (ADR 0006)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from api.build import build, mount
from domain.machine.transitions import Cause
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from records.base import RecordsUnavailable
from records.projection import PostgresProjection
from tests.api.conftest import Api, error_of

PATH = "/v1/payment_intents"
FORM = "amount=1099&currency=usd"
CONFIRMED = f"{FORM}&payment_method=pm_card_visa&confirm=true"
BUYER = "&payment_method_data[billing_details][name]=Jenny&payment_method_data[billing_details][email]=j@example.com"


class Faltering(PostgresProjection):
    """Writes nothing while `away`, and remembers how often it was asked."""

    away, asked = True, 0

    async def create(self, intent: PaymentIntent, cause: Cause, method: PaymentMethod | None = None) -> bool:
        self.asked += 1
        if self.away:
            raise RecordsUnavailable("away")
        return await super().create(intent, cause, method)


@pytest.fixture
async def projection(api: Api) -> AsyncIterator[Faltering]:
    """The API of the other fixture, with this one in place of its projection."""
    faltering = Faltering(api.database)
    mount(app := build(), replace(api.services, projection=faltering))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        api.http = http
        yield faltering


async def listed(api: Api) -> list[str]:
    return [intent["id"] for intent in (await api.get(PATH)).json()["data"]]


@pytest.mark.parametrize("form", [FORM, CONFIRMED])
async def test_without_a_row_there_is_no_workflow(api: Api, projection: Faltering, form: str) -> None:
    answer = await api.post(PATH, form, Idempotency_Key="k")
    assert (answer.status_code, error_of(answer)["type"]) == (503, "api_error")
    assert answer.headers["stripe-should-retry"] == "true"
    assert (api.engine.started, api.engine.states, api.engine.gateway.calls) == (0, {}, 0)
    assert projection.asked == 1
    assert await listed(api) == []
    projection.away = False
    done = await api.post(PATH, form, Idempotency_Key="k")
    assert done.status_code == 200, "the key was not burnt"
    assert (await listed(api), api.engine.started) == ([done.json()["id"]], 1)


@pytest.mark.parametrize("form", [FORM, CONFIRMED])
async def test_a_row_without_a_workflow_is_whole(api: Api, form: str) -> None:
    api.engine.away = True
    assert (await api.post(PATH, form, Idempotency_Key="k")).status_code == 503
    (id_,) = await listed(api)
    api.engine.away = False
    assert (await api.get(f"{PATH}/{id_}")).json()["status"].startswith("requires_")
    done = (await api.post(PATH, form, Idempotency_Key="k")).json()
    assert (done["id"], await listed(api)) == (id_, [id_])
    assert done["status"] == ("succeeded" if "confirm" in form else "requires_payment_method")


async def test_a_create_that_is_repeated_late_shows_what_became_of_it(api: Api) -> None:
    api.engine.away = True
    assert (await api.post(PATH, FORM, Idempotency_Key="k")).status_code == 503
    (id_,) = await listed(api)
    api.engine.away = False
    paid = (await api.post(f"{PATH}/{id_}/confirm", "payment_method=pm_card_visa")).json()
    started = api.engine.started
    again = (await api.post(PATH, FORM, Idempotency_Key="k")).json()
    assert (again, api.engine.started) == (paid, started)


async def test_a_confirmation_that_is_refused_when_its_turn_comes_is_a_refusal(api: Api) -> None:
    """The code was still good when the request came in, and is not when the workflow has it."""
    api.engine.clock = lambda: api.clock.now + 60
    options = f"payment_method_options[konbini][expires_at]={api.clock.now + 30}"
    yen = "amount=1099&currency=jpy"
    form = f"{yen}&allowed_payment_method_types[]=konbini&payment_method_data[type]=konbini&{options}{BUYER}"
    answer = await api.post(PATH, f"{form}&confirm=true")
    error = error_of(answer)
    assert (answer.status_code, error["param"]) == (400, "payment_method_options[konbini][expires_at]")
    assert error["payment_intent"]["status"] == "requires_confirmation"
    assert api.engine.gateway.calls == 0
