"""The demo shop: `/demo`, a page that pays in test mode by every type of payment method. Only where `make run` says so.

Its page is the buyer's and the merchant's at once, so it may use the test account's secret key, through `/demo/v1/…`,
which answers nobody but that page. The key itself never leaves this process.
"""

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.browser.library import page
from api.browser.receiver import Receiver
from domain.methods.families import TYPES as METHODS
from domain.methods.families import Family
from domain.model.hashes import JsonObject

PREFERRED = ("usd", "eur", "gbp")
"""Of several currencies that a type takes, the shop asks for the first of these."""

TRY: dict[str, list[dict[str, str]]] = {
    "card": [
        {"value": "4242 4242 4242 4242", "what": "is paid"},
        {"value": "4000 0025 0000 3155", "what": "asks for 3-D Secure"},
        {"value": "4000 0000 0000 0002", "what": "is declined"},
        {"value": "4000 0000 0000 9995", "what": "has insufficient funds"},
        {"value": "4000 0000 0000 0259", "what": "is paid, and disputed"},
    ],
    "us_bank_account": [
        {"value": "110000000", "what": "routing number"},
        {"value": "000123456789", "what": "is debited"},
        {"value": "000111111113", "what": "is closed"},
        {"value": "000222222227", "what": "has insufficient funds"},
        {"value": "SM11AA", "what": "descriptor code that verifies it"},
    ],
    "sepa_debit": [
        {"value": "DE89370400440532013000", "what": "is debited"},
        {"value": "AT861904300235473202", "what": "fails"},
    ],
}
"""Test values at hand; docs.stripe.com/testing has the same."""


def methods() -> list[JsonObject]:
    """Every type that has a flow, with what the shop asks of it."""
    return [
        {
            "type": name,
            "family": str(type_.family.name).lower(),
            "currency": next((c for c in PREFERRED if c in type_.currencies), min(type_.currencies, default="usd")),
            "least": type_.least,
            "manual_capture": type_.manual_capture,
            "needs_customer": type_.family is Family.TRANSFER,
            "try": TRY.get(name, []),
        }
        for name, type_ in METHODS.items()
    ]


def _of_the_page(headers: Headers) -> bool:
    """Browsers say themselves where a request comes from; no page can make that up."""
    return headers.get("sec-fetch-site") == "same-origin"


def _refusal() -> Response:
    return JSONResponse({"error": {"message": "Only the demo's own page may ask this."}}, status_code=403)


class ForThePage:
    """The API with the test account's key, for requests of the demo's own page."""

    def __init__(self, api: ASGIApp, secret_key: str) -> None:
        """Hand on to `api`."""
        self._api, self._authorization = api, f"Bearer {secret_key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _of_the_page(Headers(scope=scope)):
            await _refusal()(scope, receive, send)
            return
        path = scope["path"].removeprefix("/demo")
        signed = [(b"authorization", self._authorization)]
        given = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        again = {**scope, "path": path, "raw_path": path.encode(), "root_path": "", "headers": [*given, *signed]}
        await self._api(again, receive, send)


def mount(app: FastAPI, receiver: Receiver, secret_key: str, publishable_key: str) -> None:
    """Open the shop."""

    async def shop(_: Request) -> Response:
        return page("demo.html")

    async def facts(_: Request) -> Response:
        return JSONResponse({"key": publishable_key, "methods": methods(), "webhooks": await receiver.open()})

    async def arrived(request: Request) -> Response:
        if not _of_the_page(request.headers):
            return _refusal()
        return JSONResponse({"data": receiver.about(request.query_params.get("payment_intent", ""))})

    app.router.routes.extend(Route(path, shop, include_in_schema=False) for path in ("/demo", "/demo/"))
    app.router.routes.append(Route("/demo/facts.json", facts, include_in_schema=False))
    app.router.routes.append(Route("/demo/arrived.json", arrived, include_in_schema=False))
    receiver.mount(app)
    app.router.routes.append(Mount("/demo/v1", app=ForThePage(app, secret_key)))
