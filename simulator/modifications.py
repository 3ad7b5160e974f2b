"""What a simulator has taken on and answers later: kept in its book, done when it is due, and told of then.

Also what no one asks for: a capture that fails after it had succeeded, and a hold that is gone before its time.
"""

import json
import secrets  # noqa: TID251
import time
from collections.abc import Callable

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from simulator.bank import Answer, Bank, Refused
from simulator.conduct import Conduct, Pace
from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject

FAILURE = "capture_failure"
"""A capture that had succeeded is taken back: what the book calls it, too."""

FAILED_CODE = "processing_error"
"""Why a network refuses a capture that it had taken."""


class Clerk:
    """Does what was taken on when its time has come. Each is done once, in the transaction that its news is part of."""

    def __init__(self, bank: Bank, ledger: Ledger, pace: Pace) -> None:
        """Of this bank, on its book."""
        self._bank, self._ledger, self._pace = bank, ledger, pace

    def takes_on(self, operation: str) -> bool:
        """Whether it is answered later."""
        return operation in self._pace.conduct.later

    def take_on(self, operation: str, id_: str, request: JsonObject) -> Answer:
        """Promise to do it; whether it can be done is known when it is."""
        reference = f"mod_{secrets.token_hex(12)}"
        self._ledger.add_modification(reference, operation, id_, json.dumps(request), self._pace.until_news())
        return {"type": "accepted", "reference": reference}

    def work(self) -> None:
        """Do what is due."""
        for row in self._ledger.due_modifications():
            with self._ledger.transaction():
                self._do(row["id"], row["operation"], row["authorization"], json.loads(row["request"]))

    def _do(self, reference: str, operation: str, id_: str, request: JsonObject) -> None:
        self._ledger.end_modification(reference)
        if operation == FAILURE:
            fail(self._ledger, id_, request["reference"], request["amount"], request["key"])
            return
        done: dict[str, Callable[[str, JsonObject], Answer]] = {
            "capture": self._bank.capture,
            "void": self._bank.void,
            "increment": self._bank.increment,
            "refund": self._bank.refund,
        }
        answer = done[operation](id_, request)
        self._ledger.change_answer(request["key"], answer)
        succeeded = answer["type"] == "approved"
        if operation == "refund":
            self._tell_of_refund(request, answer["type"])
            return
        tell(self._ledger, id_, operation, reference, request, succeeded, answer.get("decline_code"))
        if operation == "capture" and succeeded and self._pace.roll(self._pace.conduct.failing):
            later = {"reference": reference, "amount": request["amount"], "key": request["key"]}
            seconds = self._pace.until_news()
            self._ledger.add_modification(f"{reference}_fails", FAILURE, id_, json.dumps(later), seconds)

    def _tell_of_refund(self, request: JsonObject, answered: str) -> None:
        if answered == "accepted":
            # The bank of this card takes its time as well, and has told of it itself.
            return
        failed = {} if answered == "approved" else {"failure_reason": "declined"}
        told = {"type": "refund", "payment_intent": request["reference"], "refund": request["refund"]}
        self._ledger.notify(json.dumps({**told, "succeeded": answered == "approved", **failed}))


def tell(
    ledger: Ledger,
    id_: str,
    operation: str,
    reference: str,
    request: JsonObject,
    succeeded: bool,
    decline_code: str | None = None,
    after_all: bool = False,
) -> None:
    """What the engine is told of a modification that has ended; `after_all`: it failed after it had succeeded."""
    hold = ledger.authorization(id_) or ledger.settlement(id_) or ledger.voucher(id_)
    told = {
        "type": "modification",
        "payment_intent": str(request["key"]).partition("/")[0],
        "charge": hold["charge"] if hold else "",
        "operation": operation,
        "reference": reference,
        "succeeded": succeeded,
        "amount": request.get("amount") if operation == "capture" else None,
        "decline_code": decline_code or FAILED_CODE,
    }
    ledger.notify(json.dumps(told | ({"after_all": True} if after_all else {})))


def fail(ledger: Ledger, id_: str, reference: str, amount: int, key: str) -> None:
    """Take a capture back: its money does not come. Not what has been given back meanwhile."""
    hold = ledger.authorization(id_)
    if hold is None or not 0 < amount <= hold["captured"] - hold["refunded"]:
        return
    ledger.change_authorization(id_, captured=hold["captured"] - amount, open=0)
    ledger.book(Entry(FAILURE, id_, hold["charge"], amount, hold["currency"], f"{key}/failure"))
    request = {"key": key, "amount": amount}
    tell(ledger, id_, "capture", reference, request, succeeded=False, decline_code=FAILED_CODE, after_all=True)


def expire(ledger: Ledger, id_: str) -> None:
    """Let go of what is held, before anybody asks for it."""
    hold = ledger.authorization(id_)
    if hold is None or not hold["open"]:
        raise Refused(404, "nothing is held under this")
    key = f"{ledger.intent_of(id_)}/expiry/{id_}"
    ledger.change_authorization(id_, open=0)
    ledger.book(Entry("void", id_, hold["charge"], hold["amount"] - hold["captured"], hold["currency"], key))
    tell(ledger, id_, "expiry", key, {"key": key}, succeeded=True)


class FailureBody(BaseModel):
    """Which capture fails after all: all that was taken under its reference, or this much."""

    model_config = ConfigDict(extra="forbid")

    reference: str = ""
    amount: int = Field(gt=0)


def add(app: FastAPI, ledger: Ledger, clerk: Clerk, pace: Pace, wake: Callable[[], None]) -> None:
    """What tests and people bring about."""

    @app.get("/_conduct")
    async def conduct() -> Conduct:
        return pace.conduct

    @app.post("/_conduct")
    async def behave(body: Conduct) -> Conduct:
        pace.conduct = body
        return pace.conduct

    @app.post("/_news")
    async def hurry() -> Answer:
        # What was taken on is done now, and told of.
        ledger.hasten()
        clerk.work()
        wake()
        return {"done": True}

    @app.post("/_holds/{id_}/expire")
    async def lapse(id_: str) -> Answer:
        with ledger.transaction():
            expire(ledger, id_)
        wake()
        return {"expired": id_}

    @app.post("/_captures/{id_}/fail")
    async def give_way(id_: str, body: FailureBody) -> Answer:
        with ledger.transaction():
            key = f"{ledger.intent_of(id_)}/{time.time_ns()}"
            fail(ledger, id_, body.reference, body.amount, key)
        wake()
        return {"failed": body.amount}
