"""Answers to disputes: the simulator's HTTP face for disputes.py."""

from collections.abc import Callable

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from simulator import disputes
from simulator.bank import Answer, Bank, Refused
from simulator.ledger import Ledger
from simulator.objects import JsonObject


class AnswerBody(BaseModel):
    """What the merchant says: the evidence, or that they accept it."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=255)
    accept: bool
    evidence: JsonObject = Field(default_factory=dict, repr=False)
    charge: str
    currency: str


def add(app: FastAPI, bank: Bank, ledger: Ledger, wake: Callable[[], None]) -> None:
    """Add them to the simulator."""

    @app.post("/disputes/{id_}")
    async def answer_dispute(id_: str, body: AnswerBody) -> Answer:
        found = ledger.dispute(id_)
        if found is None:
            raise Refused(404, "no such dispute")
        request = body.model_dump()
        given = bank.once(
            body.key,
            "answer_dispute",
            {"id": id_, **request},
            lambda: disputes.answer(ledger, found, request),
            lambda: disputes.asked(found, request),
        )
        wake()
        return given
