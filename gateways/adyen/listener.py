"""Where Adyen's notifications come in: who may tell, what is kept, and what each means.

What is genuine is kept before it is acknowledged, and everything genuine is acknowledged: Adyen has one queue for each
endpoint, oldest first, and one notification that is refused for ever would hold up all others.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.model.gateway_dealings import Notice, Request
from gateways.adyen import disputes
from gateways.adyen.account import AdyenAccount
from gateways.adyen.facts import fact, is_early
from gateways.adyen.gateway import AdyenGateway
from gateways.adyen.keys import authenticated_key, intent_in
from gateways.adyen.notifications import Senseless, is_admitted, is_genuine, items, notice
from gateways.base import GatewayUndecided
from gateways.listening import Fact, Returned
from gateways.memory import Memory

RETURN_CHARACTERS_MAX = 20_000
"""Of a `redirectResult`: Adyen's own limit."""


class AdyenListener:
    """Of one account."""

    def __init__(
        self, account: AdyenAccount, gateway: AdyenGateway, memory: Memory, clock: Callable[[], float]
    ) -> None:
        """Keep in `memory`; `gateway` is asked to release what nobody waits for."""
        self._account, self._gateway, self._memory, self._clock = account, gateway, memory, clock

    async def hear(self, headers: Mapping[str, str], body: bytes) -> int:
        """Keep what was told; the HTTP status to answer with. Twice is once.

        Raises:
            RecordsUnavailable: it is not kept. It is to be told again.
        """
        if not is_admitted(headers.get("authorization", ""), self._account.basic):
            return 401
        try:
            told = items(body)
            if not all(is_genuine(item, self._account.hmac_keys) for item in told):
                return 401
            kept = [notice(item, self._account.name) for item in told]
        except Senseless:
            return 400
        for each in kept:
            await self._memory.notice(replace(each, received_at=int(self._clock())))
        return 202

    async def come_back(self, query: Mapping[str, str]) -> Returned | None:
        """Keep what a buyer brings from their bank, and say whose payment it is; None if it is nothing of ours.

        Raises:
            RecordsUnavailable: it is not kept.
        """
        authentication, result = query.get("authentication", ""), query.get("redirectResult", "")
        known = authenticated_key(self._account.key_secret, authentication)
        if known is None or not 0 < len(result) <= RETURN_CHARACTERS_MAX or not result.isascii():
            return None
        await self._memory.keep_return(authentication, result)
        return Returned(intent=intent_in(known), authentication=authentication)

    async def waiting(self, most: int) -> list[Notice]:
        """What the engine has not been told of yet, oldest first."""
        return await self._memory.waiting(self._account.name, most)

    async def fact(self, told: Notice) -> Fact | None:
        """What it means; None if there is nothing in it for the engine.

        Raises:
            GatewayError: something is to be done at Adyen first, and could not be; or it may not be the last word.
        """
        await self._gateway.heard(told)
        asked, payment = await self._asked(told), await self._request(told.payment)
        if is_early(told, asked or payment, int(self._clock())):
            raise GatewayUndecided("refused, and perhaps not for good")
        if told.event not in disputes.EVENTS:
            return fact(told, asked, payment)
        # Not each of them names the payment; all say what we have called it.
        about = await self._memory.notices(self._account.name, told.reference)
        return fact(told, asked, payment or asked, about)

    async def handled(self, told: Notice) -> None:
        """The engine has it, or has no use for it."""
        await self._memory.handled(told)

    async def _asked(self, told: Notice) -> Request | None:
        return await self._request(told.reference) or await self._memory.request(self._account.name, told.ours)

    async def _request(self, reference: str) -> Request | None:
        return await self._memory.request_by_reference(self._account.name, reference)
