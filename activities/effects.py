"""Carrying out effects: which port does what, and that nothing takes the place of what can still be paid.

What a gateway has is asked, never inferred from its no, nor, where money was held, from its yes.

Safe to repeat: every port deduplicates on the key it is given, and looking up changes nothing.
"""

from typing import assert_never

from activities.failures import outcome_of_rejection
from activities.keys import can_be_asked
from domain.methods.bank_transfers import INSUFFICIENT
from domain.methods.families import TRANSFER
from domain.methods.vouchers import PAID
from domain.model.gateways import GatewayProfile
from domain.model.next_actions import Outstanding
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AskSettlement,
    Authorize,
    CaptureHold,
    Declined,
    Effect,
    FundsKnown,
    Increment,
    MoveFunds,
    Outcome,
    Refund,
    RequestFunds,
    Void,
    asked_of_a_gateway,
    intent_of,
)
from gateways.base import Gateway, GatewayMismatch, GatewayRejected
from gateways.registry import Gateways, only
from records.base import CashBalances


class Performer:
    """Asks the gateway that an effect names, and the keeper of the cash balances."""

    def __init__(self, gateways: Gateway | Gateways, balances: CashBalances) -> None:
        """Ask these. One gateway alone is the first."""
        self._gateways = only(gateways)
        self._balances = balances

    async def perform(self, effect: Effect) -> Outcome:
        """Do it.

        Raises:
            GatewayError: there is no outcome.
            RecordsUnavailable: likewise.
        """
        replaced = effect.supersedes if isinstance(effect, Authorize | RequestFunds) else None
        if replaced is not None and not await self._withdraw(effect, replaced):
            return Declined(decline_code=PAID)
        match effect:
            case RequestFunds():
                return await self._request_funds(effect)
            case MoveFunds():
                return await self._balances.move(effect)
            case Refund(to_balance=True):
                return await self._balances.refund(effect)
            case Void(captured=int()):
                return await self._conclude_void(effect, await self._void(effect))
            case Authorize() | CaptureHold() | Void() | Increment() | Refund() | AskSettlement() | AnswerDispute():
                return await self._gateways.of(effect).perform(effect)
            case _ as never:
                assert_never(never)

    async def recall(self, effect: Effect) -> Outcome | None:
        """What became of it, where the gateway was asked; whoever else was asked is asked again.

        Raises:
            GatewayError: it cannot be told.
        """
        if not asked_of_a_gateway(effect):
            return None
        known = await self._gateways.of(effect).retrieve(effect)
        if known is None or not isinstance(effect, Void) or effect.captured is None:
            return known
        return await self._conclude_void(effect, known)

    def keeps_keys_seconds(self, effect: Effect) -> int | None:
        """For how long whoever carries it out keeps its key; None is for ever, as our own records do.

        What only asks can be asked again whenever, as it does nothing.
        """
        profile = None if isinstance(effect, AskSettlement) else self.profile(effect)
        return profile.keeps_keys_seconds if profile else None

    def answers_by_key(self, effect: Effect) -> bool:
        """Whether its gateway can be asked what became of it."""
        return can_be_asked(self.profile(effect))

    def profile(self, effect: Effect | None) -> GatewayProfile | None:
        """What the gateway that an effect is asked of declares; None if it is asked of none that is here."""
        return self._gateways.profile(effect.gateway) if effect is not None and asked_of_a_gateway(effect) else None

    async def _void(self, effect: Void) -> Outcome:
        try:
            return await self._gateways.of(effect).perform(effect)
        except GatewayRejected:
            return outcome_of_rejection()

    async def _conclude_void(self, effect: Void, answer: Outcome) -> Outcome:
        """What a void came to: approved once nothing is held, and what was taken is what we know of; else as answered.

        What the gateway has taken on and not yet done is still held; its notification says how that ends.

        Raises:
            GatewayMismatch: the gateway has taken what we know nothing of, or contradicts itself.
        """
        gateway, refused = self._gateways.of(effect), isinstance(answer, Declined)
        standing = await gateway.standing(effect.authorization)
        if standing is None:
            if refused and gateway.profile.tells_standing:
                raise GatewayMismatch(f"void {effect.key}: {effect.authorization} is declined, and unknown")
            return answer
        if standing.captured != effect.captured:
            known, taken = effect.captured, standing.captured
            raise GatewayMismatch(f"void {effect.key}: the gateway has captured {taken}, and we know of {known}")
        if isinstance(answer, Accepted):
            return answer
        if standing.held and not refused:
            raise GatewayMismatch(f"void {effect.key}: it is approved, and {standing.held} is still held")
        return answer if standing.held else Approved(authorization=effect.authorization)

    async def _request_funds(self, effect: RequestFunds) -> Outcome:
        if effect.applying == effect.amount:
            # Nothing is to be sent, so nobody has to know where to.
            paid = await self._balances.request(effect)
            return Declined(decline_code=INSUFFICIENT) if paid is None else FundsKnown(applied=paid)
        where = await self._gateways.of_transfers.instructions(effect.customer, effect.transfer)
        applied = await self._balances.request(effect)
        if applied is None:
            return Declined(decline_code=INSUFFICIENT)
        page = f"{where.page}?payment_intent={effect.intent}&reference={effect.reference}"
        return FundsKnown(applied=applied, details={"addresses": where.addresses, **effect.transfer}, url=page)

    async def _withdraw(self, replacing: Effect, shown: Outstanding) -> bool:
        """See to it that what the buyer was shown can not be paid any more; false if it was."""
        key, intent = f"{replacing.key}/withdraw", intent_of(replacing)
        if shown.action.type == TRANSFER:
            release = MoveFunds(key=key, intent=intent, operation="release_funds")
            return isinstance(await self._balances.move(release), FundsKnown)
        at = shown.action.gateway
        void = Void(key=key, authorization=shown.action.authentication, intent=intent, gateway=at)
        withdrawn = isinstance(await self._void(void), Approved)
        standing = await self._gateways.of(void).standing(void.authorization)
        return withdrawn if standing is None else standing.over
