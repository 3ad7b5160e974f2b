"""Adyen's HTTP face, as far as the engine asks: Checkout v72, its errors, its idempotency, and a bank's page.

Held to Adyen's own OpenAPI by tests. A product of its own: nothing of the engine is imported here. `/_ledger` is its
book, `/_faults` the mischief, `/_events` what happens to a payment by itself.
"""

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, quote

import httpx
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.adyen.acquirer import Acquirer, Body, Failed
from simulator.adyen.answers import Answered, Keys
from simulator.adyen.book import Book
from simulator.adyen.faults import Faults, Mischief
from simulator.adyen.news import Newsboy
from simulator.adyen.shapes import MODIFICATIONS, Cancel, CardDetails, Details, Modification, Payment, Store
from simulator.fault_injection import Dropped
from simulator.objects import JsonObject

KEY_CHARACTERS_MAX = 64
PREFIX = "/v72"
_M = TypeVar("_M", bound=BaseModel)


class Event(BaseModel):
    """Something that happens to the payment `psp`; `own` is the reference of a modification that it is about."""

    model_config = ConfigDict(extra="forbid")

    psp: str
    event: str
    amount: int | None = None
    reference: str = ""
    own: str = ""


class Adyen:
    """One account: who may ask, what comes of it, and under which key."""

    def __init__(self, book: Book, acquirer: Acquirer, merchant: str, api_key: str) -> None:
        """Answer whoever has `api_key`, about `merchant`."""
        self.book, self.acquirer, self.mischief = book, acquirer, Mischief()
        self.keys = Keys(book)
        self._merchant, self._api_key = merchant, api_key.encode()
        self.wake: Callable[[], None] = lambda: None

    async def answer(
        self, request: Request, shape: type[_M], do: Callable[[Body], Body], status: int = 200
    ) -> Response:
        """Answer one request as Adyen would."""
        path, key = request.url.path.removeprefix(PREFIX), request.headers.get("idempotency-key")
        trouble = self.mischief.trouble(path)
        if trouble == "drop_before":
            return Dropped()
        content = await request.body()
        answered = await self._answered(request, path, key, content, shape, do, status, trouble)
        if trouble == "drop_after":
            return Dropped()
        headers = {} if key is None else {"Idempotency-Key": key}
        if answered.transient is not None:
            headers["transient-error"] = "true" if answered.transient else "false"
        return JSONResponse(answered.body, status_code=answered.status, headers=headers)

    async def _answered(
        self, request: Request, path: str, key: str | None, content: bytes, shape: type[_M],
        do: Callable[[Body], Body], status: int, trouble: str | None,
    ) -> Answered:  # fmt: skip
        if not hmac.compare_digest(request.headers.get("x-api-key", "").encode(), self._api_key):
            return _failed(Failed(401, "000", "HTTP Status Response - Unauthorized", "security"))
        if key is not None and not 0 < len(key) <= KEY_CHARACTERS_MAX:
            return _failed(Failed(422, "702", "The idempotency key is too long"))
        before = self.keys.begin(key, path, content)
        if before is not None:
            return before
        try:
            await asyncio.sleep(self.mischief.latency())
            answered = self._done(key, content, shape, do, status, trouble)
        except BaseException:
            self.keys.forget(key)
            raise
        self.wake()
        return answered

    def _done(
        self, key: str | None, content: bytes, shape: type[_M], do: Callable[[Body], Body], status: int,
        trouble: str | None,
    ) -> Answered:  # fmt: skip
        try:
            body = self._read(content, shape)
            asked = trouble or _asked_for(body)
            _refuse(asked)
            with self.book.transaction():
                answered = Answered(status, do(body))
                if asked == "io_exception":
                    answered = _failed(Failed(500, "905", "IOEXCEPTION_RECEIVED", "internal", transient=False))
                self.keys.keep(key, answered)
        except Failed as failed:
            answered = _failed(failed)
            if failed.transient:
                self.keys.forget(key)
            else:
                self.keys.keep(key, answered)
        return answered

    def _read(self, content: bytes, shape: type[_M]) -> Body:
        try:
            given = json.loads(content)
            json.dumps(given, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise Failed(400, "702", "Unexpected input") from None
        try:
            body = shape.model_validate(given).model_dump(exclude_none=True)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])[:60]
            raise Failed(422, "130" if first["type"] == "missing" else "702", f"{name}: {first['msg']}") from None
        if body.get("merchantAccount", self._merchant) != self._merchant:
            raise Failed(403, "901", "Invalid Merchant Account", "security")
        return body


def _asked_for(body: Body) -> str | None:
    """The error that a request asks for itself, as Adyen's test system lets it."""
    said = (body.get("additionalData") or {}).get("RequestedTestErrorResponseCode")
    return {"NO_CONNECTION_AVAILABLE": "no_connection", "IOEXCEPTION_RECEIVED": "io_exception"}.get(said or "")


def _refuse(trouble: str | None) -> None:
    """Raise the error of a trouble in which nothing is done."""
    if trouble == "no_connection":
        raise Failed(500, "905", "NO_CONNECTION_AVAILABLE", "internal", transient=True)
    if trouble == "unavailable":
        raise Failed(503, "703", "required resource temporarily unavailable", "internal", transient=True)
    if trouble in ("busy", "busy_for_good"):
        again = trouble == "busy"
        raise Failed(422, "704", "request already processed or in progress", "validation", transient=again)


def _failed(failed: Failed) -> Answered:
    return Answered(failed.status, failed.body(), failed.transient)


def create_app(
    path: Path, public_url: str, *, merchant: str, api_key: str, notify_url: str = "", hmac_key: str = "",
    basic: str = "", news_seconds: float = 0.0, transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:  # fmt: skip
    """Build it on the book at `path`; buyers reach it at `public_url`, and its news go to `notify_url`, if any."""
    book = Book(path)
    acquirer = Acquirer(book, merchant, public_url, news_seconds)
    adyen = Adyen(book, acquirer, merchant, api_key)
    newsboy = Newsboy(book, acquirer, adyen.mischief, notify_url, hmac_key, basic, transport) if notify_url else None
    if newsboy is not None:
        adyen.wake = newsboy.wake

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        telling = asyncio.create_task(newsboy.run()) if newsboy is not None else None
        yield
        if telling is not None:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling

    app = FastAPI(title="Perdure's Adyen", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    _add_checkout(app, adyen)
    _add_stored_cards(app, adyen)
    _add_bank(app, adyen)
    _add_controls(app, adyen)
    return app


def _add_checkout(app: FastAPI, adyen: Adyen) -> None:
    @app.post(f"{PREFIX}/payments", response_model=None)
    async def payments(request: Request) -> Response:
        return await adyen.answer(request, Payment, adyen.acquirer.pay)

    @app.post(f"{PREFIX}/payments/details", response_model=None)
    async def details(request: Request) -> Response:
        return await adyen.answer(request, Details, adyen.acquirer.go_on)

    @app.post(f"{PREFIX}/cancels", response_model=None)
    async def cancels(request: Request) -> Response:
        return await adyen.answer(request, Cancel, adyen.acquirer.cancel_by_reference, 201)

    def modifying(operation: str, shape: type[Modification]) -> Callable[[Request, str], Awaitable[Response]]:
        async def modify(request: Request, psp: str) -> Response:
            return await adyen.answer(request, shape, lambda body: adyen.acquirer.modify(psp, operation, body), 201)

        return modify

    for operation, shape in MODIFICATIONS.items():
        app.post(f"{PREFIX}/payments/{{psp}}/{operation}", response_model=None)(modifying(operation, shape))


def _add_stored_cards(app: FastAPI, adyen: Adyen) -> None:
    @app.post(f"{PREFIX}/storedPaymentMethods", response_model=None)
    async def store(request: Request) -> Response:
        return await adyen.answer(request, Store, adyen.acquirer.store, 201)

    @app.delete(f"{PREFIX}/storedPaymentMethods/{{id_}}", response_model=None)
    async def forget(request: Request, id_: str, shopperReference: str = "") -> Response:  # noqa: N803
        known = hmac.compare_digest(request.headers.get("x-api-key", "").encode(), adyen._api_key)
        gone = known and adyen.acquirer.forget(id_, shopperReference)
        return Response(status_code=204 if gone else 404 if known else 401)

    @app.post(f"{PREFIX}/cardDetails", response_model=None)
    async def card_details(request: Request) -> Response:
        return await adyen.answer(request, CardDetails, adyen.acquirer.details_of_card)


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>3-D Secure</title><body style="font: 16px system-ui; max-width: 26em; margin: 4em auto; padding: 0 1em">
<h1 style="font-size: 1.3em">Your bank asks: is it you?</h1><p>A payment of <b>{amount}</b> waits for you.</p>
<form method="post"><button name="result" value="complete">Yes, pay</button>
<button name="result" value="fail">No</button></form>
<p style="color: #666">A simulator of Adyen's: no bank is asked.</p>
</body></html>"""


def _add_bank(app: FastAPI, adyen: Adyen) -> None:
    @app.get("/3ds/{id_}", response_model=None)
    async def page(id_: str) -> Response:
        row = adyen.book.one(
            "SELECT p.amount, p.currency FROM redirects r JOIN payments p USING (psp) WHERE id = ?", id_
        )
        if row is None:
            return HTMLResponse("There is no such page.", status_code=404)
        return HTMLResponse(PAGE.format(amount=escape(f"{row['amount']} {row['currency']} (minor units)")))

    @app.post("/3ds/{id_}", response_model=None)
    async def answer(id_: str, request: Request) -> Response:
        said = parse_qs((await request.body()).decode(errors="replace")).get("result", [""])[0]
        row = adyen.acquirer.finish_authentication(id_, said == "complete")
        if row is None:
            return HTMLResponse("There is no such page.", status_code=404)
        between = "&" if "?" in row["return_url"] else "?"
        back = f"{row['return_url']}{between}redirectResult={quote(row['result'], safe='')}"
        return RedirectResponse(back, status_code=303)


def _add_controls(app: FastAPI, adyen: Adyen) -> None:
    @app.get("/_health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/_ledger")
    async def ledger(after: int = 0, limit: int = Query(10_000, ge=1, le=10_000)) -> JsonObject:
        return {"entries": adyen.book.entries(after, limit)}

    @app.get("/_payments")
    async def payments(reference: str = "") -> list[JsonObject]:
        rows = adyen.book.all("SELECT * FROM payments WHERE reference = ? OR ? = '' ORDER BY created", *[reference] * 2)
        return [dict(row) for row in rows]

    @app.post("/_events")
    async def happen(body: Event) -> dict[str, str]:
        with adyen.book.transaction():
            adyen.acquirer.tell_later(body.psp, body.event, body.amount, body.reference, body.own)
        adyen.wake()
        return {"status": "told"}

    @app.post("/_faults")
    async def misbehave(body: Faults) -> Faults:
        adyen.mischief.set(body)
        return adyen.mischief.faults

    @app.delete("/_faults")
    async def heal() -> Faults:
        adyen.mischief.set(Faults())
        return adyen.mischief.faults

    @app.exception_handler(Failed)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Failed)
        return JSONResponse(error.body(), status_code=error.status)
