"""Giving back what was captured: booked, and told of, by the card."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from simulator import disputes
from simulator.cards import TestCard
from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject

PENDING, FAILING = "pendingRefund", "refundFail"
"""Test cards whose refunds are pending at first, or succeed and come back."""

NEWS_SECONDS = 1.0
"""When the engine hears of it. Days, with a real bank."""


class Refunds:
    """What one bank gives back."""

    def __init__(self, ledger: Ledger, until_reference: Callable[[], float] | None) -> None:
        """Keep them in `ledger`. The reference of each is told `until_reference()` seconds after it; or never."""
        self._ledger, self._until_reference = ledger, until_reference

    def give(self, hold: Any, card: TestCard, request: JsonObject) -> JsonObject:
        """Give back a part of what was captured under `hold`."""
        refunded, key = hold["refunded"] + request["amount"], request["key"]
        self._ledger.change_authorization(hold["id"], refunded=refunded)
        self._book("refund", hold, request["amount"], key)
        if refunded == hold["captured"]:
            disputes.given_back(self._ledger, hold["charge"])
        told = {"type": "refund", "payment_intent": request["reference"], "refund": request["refund"]}
        approved = {"type": "approved", "authorization": hold["id"]}
        if not request["refund"]:
            return approved
        if card.name == PENDING:
            self._tell({**told, "succeeded": True})
            self._name(told, NEWS_SECONDS)
            return {"type": "accepted", "reference": hold["id"]}
        if card.name == FAILING:
            self._tell({**told, "succeeded": False, "failure_reason": "lost_or_stolen_card"})
            self._ledger.change_authorization(hold["id"], refunded=hold["refunded"])
            self._book("refund_return", hold, request["amount"], f"{key}/return")
            return approved
        self._name(told, 0)
        return approved

    def _book(self, operation: str, hold: Any, amount: int, key: str) -> None:
        self._ledger.book(Entry(operation, hold["id"], hold["charge"], amount, hold["currency"], key))

    def _tell(self, told: JsonObject) -> None:
        self._ledger.notify(json.dumps(told), NEWS_SECONDS)

    def _name(self, told: JsonObject, after_seconds: float) -> None:
        """Tell, later, by which reference the bank of its receiver finds a refund."""
        if self._until_reference is None:
            return
        named = {**told, "type": "refund_reference", "reference": reference_number(told["refund"])}
        self._ledger.notify(json.dumps(named), after_seconds + self._until_reference())


def reference_number(refund: str) -> str:
    """Sixteen digits, as live Stripe's test mode has them."""
    return str(10**15 + int(hashlib.sha256(refund.encode()).hexdigest(), 16) % (9 * 10**15))
