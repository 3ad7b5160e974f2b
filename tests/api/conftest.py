"""The API on its ASGI transport: real records, the domain inline instead of Temporal, a fake tokenization port."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.build import build, mount
from api.services import Services
from contracts.api_versions import LATEST
from domain.model.connected_accounts import ConnectedAccount
from gateways.payouts import Payouts
from records import connected_accounts, payment_methods
from records.accounts import ensure_key
from records.balance_refunds import PostgresBalanceRefunds
from records.cash_balances import PostgresCashBalances
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Cursor, Scope
from records.setups import PostgresSetups
from tests.fidelity.response_types import faults
from tests.support.builders import NOW
from tests.support.cards import with_cards
from tests.support.fakes import FakeTokenization, InlineEngine, InlineSetups

NOTIFICATION_SECRET = "what the gateway and the API know"


class Clock:
    """Unix seconds, moved by the test."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@dataclass
class Api:
    """A client with the account's keys, and what is behind the API."""

    http: httpx.AsyncClient
    secret: str
    publishable: str
    engine: InlineEngine
    tokenization: FakeTokenization
    clock: Clock
    database: Database
    scope: Scope
    services: Services

    async def request(
        self, method: str, path: str, form: str = "", *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a form (or a query string, for GET) as written."""
        sent = {"Authorization": f"Bearer {self.secret if key is None else key}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if method in ("GET", "DELETE"):
            return await self.http.request(method, f"{path}?{form}" if form else path, headers=sent)
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return await self.http.request(method, path, content=form, headers=sent)

    async def post(self, path: str, form: str = "", **more: Any) -> httpx.Response:
        """POST a form, of a shop that takes cards."""
        return await self.request("POST", path, form if "Content_Type" in more else with_cards(path, form), **more)

    async def get(self, path: str, query: str = "", **more: Any) -> httpx.Response:
        """GET."""
        return await self.request("GET", path, query, **more)

    async def create(self, form: str = "", **more: Any) -> dict[str, Any]:
        """A PaymentIntent over $10.99."""
        response = await self.post("/v1/payment_intents", f"amount=1099&currency=usd&{form}", **more)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def methods(self) -> list[str]:
        """Every payment method of the account, newest first; no list has those that are nobody's."""
        found, _ = await payment_methods.newest(self.database, self.scope, Cursor(limit=100), None)
        return [method.id for method in found]

    def basic(self) -> str:
        """The secret key as HTTP Basic has it."""
        return "Basic " + base64.b64encode(f"{self.secret}:".encode()).decode()


async def connected(api: Api, name: str = "a") -> str:
    """An account that is connected to the key's, by its id."""
    id_ = f"{api.scope.account}_{name}"
    account = ConnectedAccount(id=id_, account=api.scope.account, livemode=False, created=1)
    await connected_accounts.add(api.database, account, None)
    return id_


def error_of(response: httpx.Response) -> dict[str, Any]:
    """The error hash."""
    body: dict[str, Any] = response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert error["type"] in ("api_error", "card_error", "idempotency_error", "invalid_request_error")
    assert response.headers["request-id"].startswith("req_")
    return error


def _in_another_version(response: httpx.Response, body: Any) -> bool:
    """Asked for in it, answered in it once, or an event that happened in it. The corpus of exchanges looks at these."""
    shown = body.get("data") if isinstance(body.get("data"), list) else [body]
    events = {event["api_version"] for event in shown or [] if event.get("object") == "event"}
    asked = response.headers.get("stripe-version", LATEST) != LATEST
    return asked or "idempotent-replayed" in response.headers or bool(events - {LATEST})


async def valid_by_stripes_types(response: httpx.Response) -> None:
    """Hold every answer of every test to the types of Stripe's own libraries."""
    json_ = response.headers.get("content-type", "") == "application/json"
    if json_ and response.request.url.path.startswith("/v1/") and response.request.method not in ("HEAD", "OPTIONS"):
        body = await response.aread()
        if _in_another_version(response, json.loads(body)):
            return
        publishable = response.request.headers.get("authorization", "").startswith("Bearer pk_")
        assert faults(json.loads(body), partial=publishable) == [], f"{response.request.method} {response.request.url}"


@pytest.fixture
async def api(database: Database, scope: Scope) -> AsyncIterator[Api]:
    secret, publishable = f"sk_test_{scope.account}", f"pk_test_{scope.account}"
    await ensure_key(database, scope.account, secret, "secret", livemode=False, now=NOW)
    await ensure_key(database, scope.account, publishable, "publishable", livemode=False, now=NOW)
    clock, projection = Clock(), PostgresProjection(database)
    balances = PostgresCashBalances(database, clock)
    engine, tokenization = InlineEngine(projection, clock, balances=balances), FakeTokenization()
    refunds = PostgresBalanceRefunds(database, balances)
    setup_records = PostgresSetups(database)
    services = Services(
        engine=engine,
        setups=InlineSetups(setup_records, clock, engine.gateway),
        database=database,
        setup_records=setup_records,
        projection=projection,
        tokenization=tokenization,
        funding=engine.gateway,
        cash_balances=balances,
        balance_refunds=refunds,
        payouts=Payouts(engine.gateway, refunds),
        clock=clock,
        notification_secret=NOTIFICATION_SECRET,
    )
    app = build()
    mount(app, services)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    hooks = {"response": [valid_by_stripes_types]}
    async with httpx.AsyncClient(transport=transport, base_url="http://api", event_hooks=hooks) as http:
        yield Api(http, secret, publishable, engine, tokenization, clock, database, scope, services)
