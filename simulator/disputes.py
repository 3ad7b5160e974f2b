"""Disputes: buyers' banks take back what was captured, or ask about it, and go by what merchants say to that.

What a bank makes of evidence is in its text, as live Stripe's test mode has it (`uncategorized_text`); about any other
it thinks for ever. Of an inquiry that is answered so, nothing comes; how live ends one is not recorded.
"""

import json
import secrets  # noqa: TID251
from typing import Any

from simulator import accounts
from simulator.ledger import Ledger
from simulator.objects import JsonObject

Answer = JsonObject

DECIDES_SECONDS = 5.0
"""How long a bank takes to decide: about as long as live Stripe's test mode does."""

WON, LOST, CHARGEBACK, INQUIRY, NOTHING = "won", "lost", "needs_response", "warning_needs_response", "warning_closed"

DECISIONS = {"winning_evidence": (WON, NOTHING), "losing_evidence": (LOST, NOTHING),
             "escalate_inquiry_evidence": (None, CHARGEBACK)}  # fmt: skip
"""By the text: what becomes of a dispute, and of an inquiry; None if the bank goes on thinking."""


def opened(ledger: Ledger, payment_intent: str, charge: str, reason: str, status: str) -> None:
    """The buyer's bank takes the money back, or asks about it; the engine hears of it a moment later."""
    id_ = f"dsp_{secrets.token_hex(12)}"
    ledger.add_dispute(id=id_, reference=payment_intent, charge=charge, reason=reason, state=status)
    _tell(ledger, id_, status, accounts.SOON_SECONDS)


def given_back(ledger: Ledger, charge: str) -> None:
    """All was given back: whoever has only asked about it asks no longer."""
    found = ledger.dispute_of(charge)
    if found is not None and found["state"] == INQUIRY:
        _decide(ledger, found["id"], NOTHING, accounts.SOON_SECONDS)


def took(ledger: Ledger, charge: str) -> bool:
    """Whether the buyer has their money back already, from their own bank."""
    found = ledger.dispute_of(charge)
    return found is not None and found["state"] in (CHARGEBACK, LOST)


def answer(ledger: Ledger, found: Any, request: JsonObject) -> Answer:
    """Take what the merchant says, while the dispute is open."""
    id_ = found["id"]
    if found["state"] not in (CHARGEBACK, INQUIRY):
        return {"type": "declined", "decline_code": "dispute_closed"}
    inquiry = found["state"] == INQUIRY
    if request["accept"]:
        ledger.change_dispute(id_, NOTHING if inquiry else LOST)
    else:
        decided = DECISIONS.get(str(request["evidence"].get("uncategorized_text")), (None, None))[inquiry]
        if decided is not None:
            _decide(ledger, id_, decided, DECIDES_SECONDS)
    return {"type": "approved", "authorization": id_}


def asked(found: Any, request: JsonObject) -> JsonObject:
    """What was asked, as every answer says it."""
    said = {"key": request["key"], "operation": "answer_dispute", "dispute": found["id"], "accept": request["accept"]}
    return {**said, "charge": found["charge"], "currency": request["currency"]}


def _decide(ledger: Ledger, id_: str, status: str, seconds: float) -> None:
    ledger.change_dispute(id_, status)
    _tell(ledger, id_, status, seconds)


def _tell(ledger: Ledger, id_: str, status: str, seconds: float) -> None:
    found = ledger.dispute(id_)
    assert found is not None, "it was there a moment ago"
    told = {"type": "dispute", "payment_intent": found["reference"], "charge": found["charge"], "dispute": id_}
    ledger.notify(json.dumps({**told, "reason": found["reason"], "status": status}), seconds)
