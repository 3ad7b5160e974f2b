"""Paying out what is refunded of a cash balance: the gateway is asked, and what it says is written down.

Safe to repeat, by whoever: the record is there first, the gateway deduplicates on the refund's key, and each step is
written once. The API asks when a refund begins, housekeeping when the gateway has not been heard.
"""

from typing import Protocol, assert_never

from domain.machine import balance_refunds
from domain.machine.balance_refunds import Ended, Waiting
from domain.model.outcomes import (
    Accepted,
    Approved,
    AuthenticationRequired,
    Declined,
    FundsKnown,
    PaymentAwaited,
    VerificationRequired,
)
from domain.model.refunds import ChargeRefund
from gateways.base import Gateway, GatewayRejected


class BalanceRefunds(Protocol):
    """Where such refunds are recorded (records/balance_refunds.py). Every method may raise RecordsUnavailable."""

    async def asked(self, id_: str) -> None:
        """The gateway has taken it on."""
        ...

    async def end(self, refund: ChargeRefund, status: str, failure_reason: str | None = None) -> Ended:
        """Write down how it stands; what is known already changes nothing."""
        ...

    async def waiting(self, after: tuple[int, str], now: int, most: int) -> list[Waiting]:
        """The next that somebody has to see to at `now` (Unix seconds), after this time of creation and id."""
        ...


class Payouts:
    """On the gateway and the records it is given."""

    def __init__(self, gateway: Gateway, refunds: BalanceRefunds) -> None:
        self._gateway = gateway
        self._refunds = refunds

    async def waiting(self, after: tuple[int, str], now: int, most: int) -> list[Waiting]:
        return await self._refunds.waiting(after, now, most)

    async def ask(self, refund: ChargeRefund) -> Ended:
        """Let the gateway ask its receiver where the money is to go.

        Raises:
            GatewayError: no answer, or one to another question. It is asked again.
        """
        try:
            outcome = await self._gateway.perform(balance_refunds.effect(refund))
        except GatewayRejected:
            return await self._refunds.end(refund, balance_refunds.FAILED, "declined")
        match outcome:
            case Accepted():
                await self._refunds.asked(refund.id)
                return Ended(refund)
            case Approved():
                return await self._refunds.end(refund, balance_refunds.SUCCEEDED)
            case Declined() | AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
                return await self._refunds.end(refund, balance_refunds.FAILED, "declined")
            case _ as never:
                assert_never(never)

    async def see_to(self, waiting: Waiting) -> None:
        """Ask about one that the gateway was not heard about; end one whose receiver's time is up.

        Raises:
            GatewayError: no answer.
        """
        if waiting.unasked:
            await self.ask(waiting.refund)
        elif await self._gateway.end_refund(waiting.refund.id, balance_refunds.FAILED):
            await self._refunds.end(waiting.refund, balance_refunds.FAILED)
