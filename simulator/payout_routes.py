"""Refunds to a bank account that somebody is asked for by e-mail: the simulator's HTTP face for payouts.py."""

from collections.abc import Callable
from functools import partial

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from simulator import payouts
from simulator.bank import Answer, Bank
from simulator.ledger import Ledger
from simulator.standings import asked


class PayoutBody(BaseModel):
    """A refund to a bank account that somebody is asked for by e-mail."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=255)
    authorization: str
    charge: str
    amount: int = Field(gt=0)
    currency: str
    refund: str
    reference: str
    email: str | None = Field(default=None, repr=False)


class EndBody(BaseModel):
    """Nobody is asked any more: it is canceled, or failed."""

    model_config = ConfigDict(extra="forbid")

    status: str = Field(pattern="^(canceled|failed)$")


def add(app: FastAPI, bank: Bank, ledger: Ledger, wake: Callable[[], None]) -> None:
    """Add them to the simulator."""

    @app.post("/payouts")
    async def payout(body: PayoutBody) -> Answer:
        request = body.model_dump()
        said = partial(asked, "refund", body.key, request, request)
        answer = bank.once(body.key, "refund", request, lambda: payouts.ask(ledger, request), said)
        wake()
        return answer

    @app.post("/payouts/{refund}/end")
    async def end(refund: str, body: EndBody) -> dict[str, bool]:
        with ledger.transaction():
            ended = payouts.end(ledger, refund, body.status)
        wake()
        return {"ended": ended}
