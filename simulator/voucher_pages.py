"""The page of a voucher or a code: what a buyer pays with; in test mode, with buttons that pay. No script."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs

import segno
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from simulator import pages, vouchers
from simulator.barcodes import interleaved
from simulator.ledger import Ledger
from simulator.objects import JsonObject

IMAGES = {"svg": "image/svg+xml", "png": "image/png"}
SCALE = 6
WITH_BARS = frozenset({"boleto", "oxxo"})
"""Types whose number is read by a machine at a counter."""


def mount(app: FastAPI, ledger: Ledger, wake: Callable[[], None]) -> None:
    """Add the page, its picture, and what its buttons do."""

    @app.get("/vouchers/{id_}", response_model=None)
    async def voucher(id_: str) -> Response:
        row = ledger.voucher(id_)
        return pages.unknown() if row is None else _page(row)

    @app.get("/vouchers/{id_}/qr.{kind}", response_model=None)
    async def picture(id_: str, kind: str) -> Response:
        row = ledger.voucher(id_)
        if row is None or kind not in IMAGES:
            return pages.unknown()
        drawn = io.BytesIO()
        segno.make_qr(_scanned(row)).save(drawn, kind=kind, scale=SCALE)
        return Response(drawn.getvalue(), media_type=IMAGES[kind], headers={"Cache-Control": "no-store"})

    @app.post("/vouchers/{id_}/result", response_model=None)
    async def decide(id_: str, request: Request) -> Response:
        result = parse_qs((await request.body()).decode(errors="replace")).get("result", [""])[0]
        vouchers.decide(ledger, id_, result)
        wake()
        return RedirectResponse(f"/vouchers/{id_}", status_code=303)


def _scanned(row: Any) -> str:
    shown = json.loads(row["shown"])
    return str(shown.get("data") or shown.get("number") or row["id"])


def _page(row: Any) -> Response:
    name = pages.titled(row["type"])
    if row["state"] != "pending" or (row["due"] is not None and row["reason"]):
        return pages.page(f"Pay by {name}", "<p>There is nothing to pay here any more.</p>")
    typed = _facts(json.loads(row["shown"]))
    about = {"Amount": pages.money(row["amount"], row["currency"]), "Order": row["reference"]}
    if row["expires"]:
        about["Pay until"] = datetime.fromtimestamp(row["expires"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = [pages.facts({**about, **typed}, frozenset(typed))]
    if row["type"] in WITH_BARS and "Number" in typed:
        lines.append(f"<p>{interleaved(typed['Number'])}</p>")
    if row["type"] in vouchers.CODES:
        lines.append(f'<p><img src="/vouchers/{escape(row["id"])}/qr.svg" alt="Code to scan" width="220"></p>')
    buttons = (
        f'<form method="post" action="/vouchers/{escape(row["id"])}/result">'
        '<button class="primary" name="result" value="pay">Authorize test payment</button>'
        '<button name="result" value="fail">Fail test payment</button>'
        '<button name="result" value="expire">Let it expire</button></form>'
        '<p><button type="button" class="small" data-print hidden>Print this page</button></p>'
    )
    return pages.page(f"Pay by {name}", "".join(lines) + buttons)


def _facts(shown: JsonObject) -> dict[str, str]:
    """What is typed or said at a counter, or into an app."""
    found = {name: str(value) for name, value in shown.items() if name in ("number", "entity", "reference")}
    for store, codes in (shown.get("stores") or {}).items():
        found[store] = f"{codes['payment_code']} / {codes['confirmation_number']}"
    if shown.get("data"):
        found["code"] = str(shown["data"])
    return {pages.titled(name): value for name, value in found.items()}
