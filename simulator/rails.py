"""Payments that are not by card: who is sent away first, whose bank answers later, and what it answers.

A bank's answer is booked when the engine asks for it, as it is told to: `debit` for the money, nothing for a debit that
came back.
"""

import json
import secrets  # noqa: TID251
from typing import Any

from simulator import accounts
from simulator.ledger import Entry, Ledger

REDIRECTS = frozenset(
    "affirm afterpay_clearpay alipay alma amazon_pay bancontact billie bizum crypto eps fpx giropay grabpay ideal "
    "kakao_pay klarna kr_card mb_way mobilepay naver_pay p24 pay_by_bank payco paypal paypay revolut_pay samsung_pay "
    "satispay scalapay sequra sofort sunbit twint zip".split()
)
DELAYED = frozenset(
    "acss_debit au_becs_debit bacs_debit nz_bank_account payto sepa_debit sofort us_bank_account".split()
)
TYPES = REDIRECTS | DELAYED | {"link"}


def accept(ledger: Ledger, request: dict[str, Any]) -> dict[str, Any]:
    """Take a debit on; its bank answers as the account's number says, and the engine is told that it has."""
    pace, _, reason = ledger.conduct(request["token"]).partition(":")
    seconds = {"delayed": accounts.DELAYED_SECONDS, accounts.NEVER: None}.get(pace, accounts.SOON_SECONDS)
    id_ = f"auth_{secrets.token_hex(12)}"
    charge, amount, currency = request["charge"], request["amount"], request["currency"]
    ledger.start_settlement(id_, request["token"], charge, amount, currency, seconds, reason)
    if seconds is not None:
        told = {"type": "settlement", "payment_intent": request["reference"], "charge": charge}
        ledger.notify(json.dumps(told), seconds)
    return {"type": "accepted", "reference": id_}


def ask(ledger: Ledger, id_: str, request: dict[str, Any]) -> dict[str, Any] | None:
    """What the bank says by now; None if there is no such debit."""
    row = ledger.settlement(id_)
    if row is None:
        return None
    if row["state"] == "pending" and ledger.is_due(row, request["at"]):
        _finish(ledger, row, request["key"])
        row = ledger.settlement(id_)
        assert row is not None, "it was there a moment ago"
    if row["state"] == "pending":
        return {"type": "accepted", "reference": id_}
    if row["state"] == "returned":
        return {"type": "declined", "decline_code": row["reason"]}
    return {"type": "approved", "authorization": id_, "risk_level": "not_assessed"}


def _finish(ledger: Ledger, row: Any, key: str) -> None:
    if row["reason"]:
        ledger.finish_settlement(row["id"], "returned")
        return
    ledger.finish_settlement(row["id"], "settled")
    ledger.open_authorization(row["id"], row["token"], row["charge"], row["currency"], row["amount"])
    ledger.change_authorization(row["id"], captured=row["amount"], open=0)
    ledger.book(Entry("debit", row["id"], row["charge"], row["amount"], row["currency"], key))
