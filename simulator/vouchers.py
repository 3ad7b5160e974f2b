"""Vouchers and codes: what a buyer is shown to pay elsewhere with, and whether they have.

How a test buyer behaves is in their e-mail address, or for konbini in the confirmation number, as with Stripe's test
mode; the buyer of a code decides on its page.
"""

import json
import secrets  # noqa: TID251
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import segno

from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject

Answer = JsonObject

SOON_SECONDS = 1.0
LATER_SECONDS = 180.0
"""Stripe's test vouchers are paid, or expire, three minutes later; at once, in seconds."""

EXPIRED = "expired"

BY_EMAIL: dict[str, tuple[float | None, str]] = {
    "succeed_immediately@": (SOON_SECONDS, ""), "expire_immediately@": (SOON_SECONDS, EXPIRED),
    "expire_with_delay@": (LATER_SECONDS, EXPIRED), "fill_never@": (None, ""),
    "fail_immediately@": (SOON_SECONDS, "no"),
}  # fmt: skip
BY_NUMBER: dict[str, tuple[float | None, str]] = {
    "11111111110": (LATER_SECONDS, ""), "22222222220": (SOON_SECONDS, ""), "33333333330": (SOON_SECONDS, EXPIRED),
    "44444444440": (LATER_SECONDS, EXPIRED), "55555555550": (None, ""),
}  # fmt: skip
"""docs.stripe.com/payments/oxxo, …/boleto, …/multibanco, …/konbini, …/pix: when something happens, and why not."""

VOUCHERS = {"boleto": (3, -3), "konbini": (3, 9), "multibanco": (7, 0), "oxxo": (3, -6)}
"""Days until the end of which they can be paid, and the hours by which days there differ from UTC."""

CODES = {"blik": 60, "cashapp": 600, "paynow": 3_600, "pix": 14_400, "promptpay": 3_600, "swish": 180, "upi": 300,
         "wechat_pay": 3_600}  # fmt: skip
"""Seconds for which they can be paid."""

TYPES = frozenset(VOUCHERS | CODES)
STORES = ("familymart", "lawson", "ministop", "seicomart")


def issue(ledger: Ledger, type_: str, request: JsonObject, url: str) -> Answer:
    """Show the buyer how to pay."""
    id_, now = f"vou_{secrets.token_hex(12)}", int(time.time())  # noqa: TID251
    seconds, reason = _conduct(type_, request)
    expires, shown = _expiry(type_, request["options"], now), _shown(type_, request)
    if reason == EXPIRED:
        # At once, or in three minutes, whatever was asked for.
        expires = now + (int(LATER_SECONDS) if seconds == LATER_SECONDS else 0)
    ledger.add_voucher(
        id=id_, token=request["token"], charge=request["charge"], reference=request["reference"], type=type_,
        amount=request["amount"], currency=request["currency"], capture=request["capture"],
        due=None if seconds is None else now + seconds, reason=reason, expires=expires, shown=json.dumps(shown),
    )  # fmt: skip
    if seconds is not None:
        _tell(ledger, request["reference"], request["charge"], seconds)
    page = f"{url}/vouchers/{id_}"
    if type_ == "wechat_pay":
        shown["image_data_url"] = segno.make_qr(shown["data"]).png_data_uri(scale=3)
    return {"type": "payment_awaited", "reference": id_, "url": page, "details": shown, "expires_at": expires}


def _tell(ledger: Ledger, reference: str, charge: str, seconds: float) -> None:
    ledger.notify(json.dumps({"type": "settlement", "payment_intent": reference, "charge": charge}), seconds)


def _conduct(type_: str, request: JsonObject) -> tuple[float | None, str]:
    number = str(request["options"].get("confirmation_number") or "")
    if type_ == "konbini" and number in BY_NUMBER:
        return BY_NUMBER[number]
    email = str(request["email"] or "")
    told = next((conduct for start, conduct in BY_EMAIL.items() if start in email), None)
    if told is not None:
        return told
    if type_ == "blik":
        return SOON_SECONDS, ""
    return (LATER_SECONDS, "") if type_ in VOUCHERS or type_ == "pix" else (None, "")


def _expiry(type_: str, options: JsonObject, now: int) -> int:
    """When it can no longer be paid, Unix seconds: a day's last second, where it is paid at a counter."""
    if options.get("expires_at"):
        return int(options["expires_at"])
    if type_ in CODES:
        return now + int(options.get("expires_after_seconds") or CODES[type_])
    days, hours = VOUCHERS[type_]
    chosen = options.get("expires_after_days")
    there = datetime.fromtimestamp(now, UTC).astimezone(timezone(timedelta(hours=hours)))
    last = there + timedelta(days=days if chosen is None else int(chosen))
    return int(last.replace(hour=23, minute=59, second=59, microsecond=0).timestamp())


def _digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"


def _shown(type_: str, request: JsonObject) -> Answer:
    """What is on the voucher, or in the code."""
    options = request["options"]
    match type_:
        case "boleto":
            return {"number": _digits(47)}
        case "oxxo":
            return {"number": _digits(32)}
        case "multibanco":
            return {"entity": "11854", "reference": _digits(9)}
        case "konbini":
            confirmed = options.get("confirmation_number") or _digits(11)
            codes = {"confirmation_number": confirmed}
            return {"stores": {store: {**codes, "payment_code": _digits(6)} for store in STORES}}
        case "wechat_pay" if options.get("client") == "android":
            app = {"app_id": options.get("app_id") or "", "package": "Sign=WXPay", "partner_id": _digits(10)}
            signed = {"nonce_str": secrets.token_hex(16), "prepay_id": secrets.token_hex(18)}
            return {**app, **signed, "sign": secrets.token_hex(16), "timestamp": str(int(time.time())), "data": "app"}  # noqa: TID251
        case "blik":
            return {}
        case _:
            return {"data": f"{type_}:{request['charge']}:{request['currency']}{request['amount']}"}


def ask(ledger: Ledger, row: Any, request: JsonObject) -> Answer:
    """Whether the buyer has paid by now, or by `at`: a payment's own clock may be ahead of ours."""
    if row["state"] == "pending":
        _pass_time(ledger, row, max(time.time(), request["at"]), request["key"])  # noqa: TID251
        row = ledger.voucher(row["id"])
    if row["state"] == "pending":
        return {"type": "accepted", "reference": row["id"]}
    if row["state"] == "paid":
        return {"type": "approved", "authorization": row["id"], "risk_level": "not_assessed"}
    return {"type": "declined", "decline_code": EXPIRED if row["state"] == EXPIRED else "payment_failed"}


def _pass_time(ledger: Ledger, row: Any, at: float, key: str) -> None:
    happened = row["due"] is not None and row["due"] <= min(at, row["expires"])
    if happened and not row["reason"]:
        _pay(ledger, row, key)
    elif happened and row["reason"] != EXPIRED:
        ledger.change_voucher(row["id"], state="failed")
    elif happened or row["expires"] <= at:
        ledger.change_voucher(row["id"], state=EXPIRED)


def _pay(ledger: Ledger, row: Any, key: str) -> None:
    id_, amount, currency, charge = row["id"], row["amount"], row["currency"], row["charge"]
    ledger.change_voucher(id_, state="paid")
    ledger.open_authorization(id_, row["token"], charge, currency, amount)
    ledger.book(Entry("authorize", id_, charge, amount, currency, key))
    if row["capture"]:
        ledger.change_authorization(id_, captured=amount, open=0)
        ledger.book(Entry("capture", id_, charge, amount, currency, f"{key}/capture"))


def withdraw(ledger: Ledger, row: Any, key: str) -> bool:
    """See to it that it cannot be paid any more; false if it was."""
    if row["state"] == "pending":
        _pass_time(ledger, row, time.time(), key)  # noqa: TID251
        ledger.change_voucher(row["id"], state="voided")
    after = ledger.voucher(row["id"])
    return after is not None and after["state"] != "paid"


def decide(ledger: Ledger, id_: str, result: str) -> None:
    """What the buyer does on its page: pay, fail, or let it expire."""
    with ledger.transaction():
        row = ledger.voucher(id_)
        if row is None or row["state"] != "pending":
            return
        reason = {"pay": "", "expire": EXPIRED}.get(result, "no")
        ledger.change_voucher(id_, due=time.time(), reason=reason)  # noqa: TID251
        _tell(ledger, row["reference"], row["charge"], 0)
