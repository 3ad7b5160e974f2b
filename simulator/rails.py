"""Payments that are not by card: who is sent away first, whose bank answers later, and what it answers.

A bank's answer is booked when the engine asks for it, as it is told to: `debit` for the money, nothing for a debit that
came back.
"""

import json
import secrets  # noqa: TID251
from typing import Any
from urllib.parse import urlencode

from simulator import accounts, disputes, vouchers
from simulator.account_table import BOUNCED, DISPUTE, NEVER
from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject

REDIRECTS = frozenset(
    "affirm afterpay_clearpay alipay alma amazon_pay bancontact billie bizum crypto eps fpx giropay grabpay ideal "
    "kakao_pay klarna kr_card mb_way mobilepay naver_pay p24 pay_by_bank payco paypal paypay revolut_pay samsung_pay "
    "satispay scalapay sequra sofort sunbit twint zip".split()
)
DELAYED = frozenset(
    "acss_debit au_becs_debit bacs_debit nz_bank_account payto sepa_debit sofort us_bank_account".split()
)
TYPES = REDIRECTS | DELAYED | vouchers.TYPES | {"link"}


WITH_MICRODEPOSITS = {"acss_debit": "amounts", "us_bank_account": "descriptor_code"}
"""Accounts that are not known to be the buyer's until they say what was deposited, and how they say it."""

ARRIVAL_DAYS = {"acss_debit": 3, "us_bank_account": 2}

SAID: dict[str, str] = {
    "32,45": "verified", "SM11AA": "verified", "10,11": "microdeposits_exceeded", "SM33CC": "microdeposits_exceeded",
    "40,41": "microdeposits_timeout", "SM44DD": "microdeposits_timeout",
}  # fmt: skip
"""Stripe's test values, and what each comes to; anything else does not match."""


def must_verify(ledger: Ledger, account: str | None, request: JsonObject) -> bool:
    """Whether deposits have to be sent first."""
    return account in WITH_MICRODEPOSITS and not ledger.verified(request["token"])


def trust(ledger: Ledger, token: str) -> None:
    """The account is its buyer's: their bank has said so."""
    id_ = f"verif_{secrets.token_hex(12)}"
    ledger.start_verification(id_, token, "instant")
    ledger.finish_verification(id_)


def send_deposits(ledger: Ledger, account: str, request: JsonObject, url: str, now: int) -> JsonObject:
    """Send them, and say how the buyer proves that they arrived."""
    id_, kind = f"verif_{secrets.token_hex(12)}", WITH_MICRODEPOSITS[account]
    ledger.start_verification(id_, request["token"], kind)
    query = urlencode({"payment_intent": request["reference"], "verification": id_})
    return {
        "type": "verification_required",
        "verification": id_,
        "microdeposit_type": kind,
        "arrival_date": now + ARRIVAL_DAYS[account] * 86_400,
        "url": f"{url}/microdeposits?{query}",
    }


def compare(ledger: Ledger, request: JsonObject) -> JsonObject | None:
    """A no to what the buyer says was deposited; None when it is right."""
    row = ledger.verification(request["verification"])
    if row is None or row["token"] != request["token"]:
        return {"type": "declined", "decline_code": "microdeposits_failed"}
    if ledger.conduct(request["token"]).endswith(BOUNCED):
        return {"type": "declined", "decline_code": "microdeposits_failed"}
    said = request["descriptor_code"] or ",".join(map(str, sorted(request["amounts"])))
    found = SAID.get(said, "microdeposits_mismatch")
    if found != "verified":
        return {"type": "declined", "decline_code": found}
    ledger.finish_verification(row["id"])
    return None


def accept(ledger: Ledger, request: JsonObject) -> JsonObject:
    """Take a debit on; its bank answers as the account's number says, and the engine is told that it has."""
    pace, _, reason = ledger.conduct(request["token"]).partition(":")
    seconds = {"delayed": accounts.DELAYED_SECONDS, NEVER: None}.get(pace, accounts.SOON_SECONDS)
    id_ = f"auth_{secrets.token_hex(12)}"
    charge, amount, currency = request["charge"], request["amount"], request["currency"]
    ledger.start_settlement(id_, request["token"], charge, amount, currency, seconds, reason)
    if seconds is not None:
        told = {"type": "settlement", "payment_intent": request["reference"], "charge": charge}
        ledger.notify(json.dumps(told), seconds)
    return {"type": "accepted", "reference": id_}


def ask(ledger: Ledger, id_: str, request: JsonObject) -> JsonObject | None:
    """What the bank says by now, or the buyer of a voucher; None if there is no such payment."""
    shown = ledger.voucher(id_)
    if shown is not None:
        return vouchers.ask(ledger, shown, request)
    row = ledger.settlement(id_)
    if row is None:
        return None
    if row["state"] == "pending" and ledger.is_due(row, request["at"]):
        _finish(ledger, row, request["key"])
        row = ledger.settlement(id_)
        assert row is not None, "it was there a moment ago"
    if row["state"] == "pending":
        return {"type": "accepted", "reference": id_}
    if row["state"] != "settled":
        return {"type": "declined", "decline_code": row["reason"] or "canceled"}
    return {"type": "approved", "authorization": id_, "risk_level": "not_assessed"}


def recall(ledger: Ledger, id_: str, key: str) -> bool | None:
    """Call back what has not been paid yet; whether that worked, or None if there is nothing of the kind."""
    shown, row = ledger.voucher(id_), ledger.settlement(id_)
    if shown is not None and shown["state"] != "paid":
        return vouchers.withdraw(ledger, shown, key)
    if row is None or row["state"] == "settled":
        return None
    if row["state"] == "pending" and not ledger.is_due(row, 0):
        ledger.finish_settlement(id_, "voided")
        return True
    return bool(row["state"] == "voided")


def _finish(ledger: Ledger, row: Any, key: str) -> None:
    if row["reason"] and row["reason"] != DISPUTE:
        ledger.finish_settlement(row["id"], "returned")
        return
    ledger.finish_settlement(row["id"], "settled")
    ledger.open_authorization(row["id"], row["token"], row["charge"], row["currency"], row["amount"])
    ledger.change_authorization(row["id"], captured=row["amount"], open=0)
    ledger.book(Entry("debit", row["id"], row["charge"], row["amount"], row["currency"], key))
    if row["reason"] == DISPUTE:
        disputes.opened(ledger, key.partition("/")[0], row["charge"], "debit_not_authorized", "lost")
