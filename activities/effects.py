"""Carrying out effects: which port does what, and that nothing takes the place of what can still be paid.

Safe to repeat: every port deduplicates on the key it is given.
"""

from domain.families import TRANSFER
from domain.next_actions import Outstanding
from domain.outcomes import (
    Approved,
    Authorize,
    Declined,
    Effect,
    FundsKnown,
    MoveFunds,
    Outcome,
    Refund,
    RequestFunds,
    Void,
)
from domain.vouchers import PAID
from gateways.base import Gateway
from records.base import CashBalances


class Performer:
    """Asks the gateway, and the keeper of the cash balances."""

    def __init__(self, gateway: Gateway, balances: CashBalances) -> None:
        """Inject the ports."""
        self._gateway = gateway
        self._balances = balances

    async def perform(self, effect: Effect) -> Outcome:
        """Do it.

        Raises:
            GatewayError: there is no outcome.
            RecordsUnavailable: likewise.
        """
        replaced = effect.supersedes if isinstance(effect, Authorize | RequestFunds) else None
        if replaced is not None and not await self._withdraw(effect.key, replaced):
            return Declined(decline_code=PAID)
        match effect:
            case RequestFunds():
                return await self._request_funds(effect)
            case MoveFunds():
                return await self._balances.move(effect)
            case Refund(to_balance=True):
                return await self._balances.refund(effect)
            case _:
                return await self._gateway.perform(effect)

    async def recall(self, effect: Effect) -> Outcome | None:
        """What became of it, where the gateway was asked; whoever else was asked is asked again."""
        if isinstance(effect, RequestFunds | MoveFunds) or (isinstance(effect, Refund) and effect.to_balance):
            return None
        return await self._gateway.retrieve(effect.key)

    async def _request_funds(self, effect: RequestFunds) -> Outcome:
        where = await self._gateway.instructions(effect.customer, effect.transfer)
        applied = await self._balances.request(effect)
        page = f"{where.page}?payment_intent={effect.intent}&reference={effect.reference}"
        return FundsKnown(applied=applied, details={"addresses": where.addresses, **effect.transfer}, url=page)

    async def _withdraw(self, replacing: str, shown: Outstanding) -> bool:
        """See to it that what the buyer was shown can not be paid any more; false if it was."""
        key, intent = f"{replacing}/withdraw", replacing.partition("/")[0]
        if shown.action.type == TRANSFER:
            release = MoveFunds(key=key, intent=intent, operation="release_funds")
            return isinstance(await self._balances.move(release), FundsKnown)
        void = Void(key=key, authorization=shown.action.authentication)
        return isinstance(await self._gateway.perform(void), Approved)
