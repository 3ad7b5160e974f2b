"""The bank's page: where a buyer proves, in test mode by a button, who they are. No script, nothing from elsewhere."""

import base64
import hashlib
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText }
main { max-width: 26rem; padding: 2rem; border: 1px solid color-mix(in srgb, CanvasText 20%, transparent);
       border-radius: 12px; margin: 1rem }
h1 { font-size: 1.25rem; margin: 0 0 .5rem }
p { margin: 0 0 1.5rem; overflow-wrap: anywhere }
img { background: #fff; border-radius: 8px }
form { display: flex; gap: .75rem; flex-wrap: wrap }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0 0 1.5rem }
dt { color: color-mix(in srgb, CanvasText 72%, Canvas) }
dd { margin: 0; overflow-wrap: anywhere }
dd.amount { font-size: 1.25rem; font-weight: 700 }
svg { width: 100%; height: 5rem; background: #fff; padding: 8px 0; border-radius: 8px; box-sizing: border-box }
button { font: inherit; padding: .6rem 1.1rem; border-radius: 8px; border: 1px solid currentColor; cursor: pointer;
         background: transparent; color: inherit }
button.primary { background: #2454d6; border-color: #2454d6; color: #fff }
button:focus-visible { outline: 3px solid #7aa2ff; outline-offset: 2px }
button.small { font-size: .8rem; padding: .1rem .5rem }
code + button.small { margin-left: .5rem }
form + p { margin: 1rem 0 0 }
@media print { form, button { display: none !important } main { border: 0 } }
"""

SCRIPT = """
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
"""
"""Copies what is typed elsewhere, and prints. Its buttons are hidden until it runs."""

WITHOUT_UNITS = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
"""Currencies whose smallest unit is the currency itself."""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; img-src 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """A whole page; `content` is HTML."""
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main><h1>{escape(title)}</h1>{content}</main>"
        f"<script>{SCRIPT}</script></html>"
    )
    return HTMLResponse(body, status_code=status, headers=HEADERS)


def money(amount: int, currency: str) -> str:
    """An amount in minor units, as a buyer reads it."""
    written = f"{amount:,}" if currency in WITHOUT_UNITS else f"{amount / 100:,.2f}"
    return f"{written} {currency.upper()}"


def facts(rows: dict[str, str], copied: frozenset[str] = frozenset()) -> str:
    """What the page is about, line by line; the lines in `copied` with a button that copies them. HTML."""
    lines = []
    for title, text in rows.items():
        shown = f"<code>{escape(text)}</code>" if title in copied else escape(text)
        if title in copied:
            shown += f'<button type="button" class="small" data-copy="{escape(text)}" hidden>Copy</button>'
        kind = ' class="amount"' if title == "Amount" else ""
        lines.append(f"<dt>{escape(title)}</dt><dd{kind}>{shown}</dd>")
    return f"<dl>{''.join(lines)}</dl>"


TITLES = {
    "afterpay_clearpay": "Afterpay", "blik": "BLIK", "cashapp": "Cash App Pay", "eps": "EPS",
    "familymart": "FamilyMart", "kr_card": "Korean cards",
    "fpx": "FPX", "grabpay": "GrabPay", "ideal": "iDEAL", "mb_way": "MB WAY", "mobilepay": "MobilePay", "oxxo": "OXXO",
    "p24": "Przelewy24", "paynow": "PayNow", "paypal": "PayPal", "paypay": "PayPay", "promptpay": "PromptPay",
    "sequra": "seQura", "twint": "TWINT", "upi": "UPI", "wechat_pay": "WeChat Pay",
}  # fmt: skip
"""How buyers know a way to pay, where it is not spelt as its type is."""


def titled(type_: str) -> str:
    """A way to pay, or a store, as its buyers know it."""
    return TITLES.get(type_) or " ".join(word.capitalize() for word in type_.split("_"))


def challenge(id_: str, wallet: str | None = None, about: dict[str, str] | None = None) -> HTMLResponse:
    """Ask whether it is really the buyer; with `wallet`, whether they want to pay there. `about`: what it is for."""
    what = "authentication" if wallet is None else "test payment"
    text = (
        "This is a test of 3-D Secure. Your bank would ask here whether it is really you who is paying."
        if wallet is None
        else f"This is a test of {titled(wallet)}. You would log in here, and authorize the payment."
    )
    yes, no = ("Complete", "Fail") if wallet is None else ("Authorize", "Fail")
    form = (
        f'{facts(about or {})}<p>{escape(text)}</p><form method="post" action="/authentications/{escape(id_)}/result">'
        f'<button class="primary" name="result" value="complete">{yes} {what}</button>'
        f'<button name="result" value="fail">{no} {what}</button>'
        '<button name="result" value="close">Close</button></form>'
    )
    return page("3D Secure 2 test page" if wallet is None else "Test payment page", form)


def finished(state: str) -> HTMLResponse:
    """It was answered before."""
    return page("Already answered", f"<p>This authentication has ended: {escape(state)}. You can close this page.</p>")


def unknown() -> HTMLResponse:
    """Nobody is being asked this."""
    return page("Nothing to authenticate", "<p>This link is not, or no longer, known.</p>", status=404)


def asked(row: Any, amount: Any, wallet: str | None) -> HTMLResponse:
    """The page of an authentication: its row of the book, and the amount that it is about, if there is one."""
    if row is None:
        return unknown()
    if row["state"] != "pending":
        return finished(row["state"])
    about = {"Amount": money(amount["amount"], amount["currency"])} if amount else {}
    return challenge(row["id"], wallet, {**about, "Order": row["reference"]} if row["reference"] else about)
