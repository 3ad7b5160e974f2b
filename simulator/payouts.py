"""Refunds to a bank account that the customer is asked for by e-mail: of bank transfers, and of cash paid at a counter.

How a test customer behaves is in their e-mail address, as with vouchers; others answer three minutes later.
"""

import json
import time
from typing import Any

from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject

Answer = JsonObject

SOON_SECONDS = 1.0
LATER_SECONDS = 180.0
BANK_SECONDS = 1.0
"""How long the bank takes, once it is known where the money is to go."""

LIMIT_SECONDS = 45 * 86_400.0
"""docs.stripe.com/payments/customer-balance/refunding: so long a customer has to answer."""

ANSWERED_IN: dict[str, float | None] = {"succeed_immediately@": SOON_SECONDS, "fill_never@": None,
                                        "expire_immediately@": None}  # fmt: skip


def ask(ledger: Ledger, request: JsonObject) -> Answer:
    """Ask the receiver; the money is set aside meanwhile. Declined if there is not as much."""
    hold, amount = ledger.authorization(request["authorization"]), request["amount"]
    if hold is not None:
        if hold["refunded"] + amount > hold["captured"]:
            return {"type": "declined", "decline_code": "invalid_amount"}
        ledger.change_authorization(request["authorization"], refunded=hold["refunded"] + amount)
    elif amount > ledger.standing_transfers(request["currency"]):
        return {"type": "declined", "decline_code": "invalid_amount"}
    now, email = time.time(), str(request["email"] or "")  # noqa: TID251
    told = next((seconds for start, seconds in ANSWERED_IN.items() if start in email), LATER_SECONDS)
    limit = SOON_SECONDS if "expire_immediately@" in email else LIMIT_SECONDS
    kept = {name: request[name] for name in ("refund", "reference", "authorization", "charge", "currency", "key")}
    due = None if told is None else now + told
    ledger.add_payout(**kept, amount=amount, due=due, expires=now + limit)
    _book(ledger, "refund", request, request["key"])
    if told is None:
        _tell(ledger, request, limit, succeeded=False, failure_reason="unknown")
    else:
        _tell(ledger, request, told, succeeded=False, status="pending")
        _tell(ledger, request, told + BANK_SECONDS, succeeded=True)
    return {"type": "accepted", "reference": request["authorization"]}


def end(ledger: Ledger, refund: str, status: str) -> bool:
    """Ask no longer; false if the receiver has answered. Its merchant has canceled it, or time is up for a test."""
    payout = ledger.payout(refund)
    if payout is None:
        return False
    if payout["state"] != "asked":
        return bool(payout["state"] == status)
    if payout["due"] is not None and payout["due"] <= time.time():  # noqa: TID251
        return False
    _give_up(ledger, payout, status)
    more = {"status": "canceled"} if status == "canceled" else {"failure_reason": "unknown"}
    _tell(ledger, dict(payout), 0, succeeded=False, **more)
    return True


def lapse(ledger: Ledger) -> None:
    """Take back into the book what nobody has answered about in time; the news of it are due."""
    for payout in ledger.lapsed_payouts():
        with ledger.transaction():
            _give_up(ledger, payout, "failed")
            _tell(ledger, dict(payout), 0, succeeded=False, failure_reason="unknown")


def _give_up(ledger: Ledger, payout: Any, state: str) -> None:
    ledger.end_payout(payout["refund"], state)
    hold = ledger.authorization(payout["authorization"])
    if hold is not None:
        ledger.change_authorization(payout["authorization"], refunded=hold["refunded"] - payout["amount"])
    _book(ledger, "refund_return", dict(payout), f"{payout['key']}/return")


def _book(ledger: Ledger, operation: str, of: JsonObject, key: str) -> None:
    ledger.book(Entry(operation, of["authorization"], of["charge"], of["amount"], of["currency"], key))


def _tell(ledger: Ledger, of: JsonObject, seconds: float, **more: Any) -> None:
    told = {"type": "refund", "payment_intent": of["reference"], "refund": of["refund"], **more}
    ledger.notify(json.dumps(told), seconds)
