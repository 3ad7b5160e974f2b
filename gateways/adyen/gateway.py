"""Adyen as a gateway of the engine. What is remembered, what may be repeated, and what a silence comes to.

Adyen cannot be asked what became of a payment. So everything that is asked is written down first, byte by byte, with
the key that it goes under; a repetition sends the same bytes under the same key to the same address, and only while
Adyen is sure to know the key. Whatever else is known comes by notification (news.py) or by a cancel of our own.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import orjson
from pydantic import TypeAdapter

from domain.model.gateway_dealings import Notice, Request
from domain.model.gateways import GatewayProfile, Later
from domain.model.hashes import JsonObject
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Outcome,
    Refund,
    SetUp,
    Void,
    intent_of,
)
from gateways.adyen import answers, news, requests
from gateways.adyen.account import AdyenAccount
from gateways.adyen.amounts import Unconvertible
from gateways.adyen.answers import psp_reference
from gateways.adyen.client import AdyenClient, Silenced
from gateways.adyen.keys import authenticated_key, authentication_id, idempotency_key, reference
from gateways.adyen.requests import Call
from gateways.adyen.vault import AdyenVault
from gateways.base import GatewayRejected, GatewayUnavailable, GatewayUndecided, Standing
from gateways.memory import Memory
from gateways.questions import check_answer, check_question, question
from observability.logs import logger

KEPT_SECONDS = 6 * 86_400
"""Adyen keeps a key for seven days at least; a day before, it is not used any more."""

END_AFTER_SECONDS = 900
"""How long a payment that nobody can tell of is waited for before it is canceled by our own reference."""

LATER = frozenset(Later)
"""What Adyen takes on now, and tells of later."""

_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


class AdyenGateway(AdyenVault):
    """Moves money at Adyen, and keeps cards there (vault.py)."""

    def __init__(
        self,
        account: AdyenAccount,
        client: AdyenClient,
        memory: Memory,
        clock: Callable[[], float],
        profile: GatewayProfile,
    ) -> None:
        """Of `account`; `clock` is Unix seconds."""
        super().__init__(account, client)
        self._memory, self._clock, self._profile = memory, clock, profile

    @property
    def profile(self) -> GatewayProfile:
        """What is declared of it."""
        return self._profile

    async def perform(self, effect: GatewayEffect) -> Outcome:
        """Carry out one effect, or find out what became of it."""
        if isinstance(effect, AskSettlement):
            return check_answer(effect, await self._settled(effect))
        if isinstance(effect, AnswerDispute):
            # Disputes are not told of by their name, so nobody can answer one; this is for who was told otherwise.
            return Declined(decline_code="not_supported")
        try:
            asked = await self._in_its_currency(effect)
            request = await self._begun(effect, asked)
        except Unconvertible as error:
            return Declined(decline_code=error.decline_code, blocked=True)
        outcome = await self._asked(asked, request)
        if self._is_too_early(effect, outcome):
            # Who has not declared that this may be answered later is told nothing, and asks again.
            raise GatewayUndecided(f"{effect.operation}: it is taken on, and not told of yet")
        return check_answer(effect, outcome)

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        """What is known of an effect here. Nobody can be asked; what nobody waits for any more is released."""
        if isinstance(effect, AskSettlement | AnswerDispute):
            return None
        request = await self._memory.request(self._account.name, effect.key)
        if request is None:
            return None
        check_question(effect, request.asked)
        known = await self._known(effect, request)
        if known is None or self._is_too_early(effect, known):
            return None
        return check_answer(effect, await self._written(effect, request, known))

    def _is_too_early(self, effect: GatewayEffect, outcome: Outcome) -> bool:
        waits = isinstance(outcome, Accepted) and effect.operation in LATER
        return waits and effect.operation not in self._profile.later

    async def standing(self, authorization: str) -> Standing | None:
        """Nothing: Adyen tells nobody what it holds."""
        return None

    async def heard(self, notice: Notice) -> None:
        """Release what nobody waits for any more: authorized after it had been declined, or left by a final capture.

        Raises:
            GatewayError: it may still be held; the notification is to be told again.
        """
        if not notice.succeeded:
            return
        if notice.event == "CAPTURE":
            await self._release_the_rest(notice)
        if notice.event != news.AUTHORISATION:
            return
        # After an authentication it is the attempt that went on which counts; the news name the one that was begun.
        request = await self._memory.request_by_reference(self._account.name, notice.reference)
        request = request or await self._memory.request(self._account.name, notice.ours)
        if request is not None and _is_declined(request):
            await self._release(request, notice.reference)

    async def _release(self, request: Request, payment: str) -> None:
        """Give back whatever Adyen has under its reference `payment`. What is given back already cannot be twice."""
        name = f"{request.key}/stray"
        call = Call(f"/payments/{payment}/reversals", {"merchantAccount": self._account.merchant})
        for number in count(1):
            # An error that Adyen keeps under a key is all that this key will ever say.
            key = name if number == 1 else f"{name}/{number}"
            body = call.body | {"reference": reference(key)}
            stray = await self._remembered(key, "stray", request.intent, replace(call, body=body), {})
            if not stray.silent:
                break
        try:
            await self._send(stray)
        except Silenced as error:
            await self._memory.learn(replace(stray, silent=True))
            raise GatewayUnavailable(str(error)) from error

    async def _release_the_rest(self, notice: Notice) -> None:
        """Where several captures are agreed on, Adyen keeps the rest. Not before the capture, or it could be undone."""
        request = await self._memory.request_by_reference(self._account.name, notice.reference)
        # Its reference is in the answer, which may not be there yet, or never come: our name for it is always known.
        request = request or await self._memory.request(self._account.name, notice.ours)
        if request is None or not self._account.multicapture or request.asked.get("final") is not True:
            return
        call = Call(f"/payments/{notice.payment}/cancels", {"merchantAccount": self._account.merchant})
        for number in count(1):
            # An error that Adyen keeps under a key is all that this key will ever say.
            key = f"{request.key}/rest" if number == 1 else f"{request.key}/rest/{number}"
            body = call.body | {"reference": reference(key)}
            rest = await self._remembered(key, "rest", request.intent, replace(call, body=body), {})
            if not rest.silent:
                break
        try:
            await self._send(rest)
        except Silenced as error:
            await self._memory.learn(replace(rest, silent=True))
            raise GatewayUnavailable(str(error)) from error
        except GatewayRejected as error:
            # It would be rejected again, and the news of the capture would never reach whoever waits for them.
            about = {"gateway": self._account.name, "payment_intent": request.intent}
            logger().warning("rest not released", **about, why=str(error))

    async def _call(self, effect: Authorize | SetUp | CaptureHold | Void | Increment | Refund) -> Call:
        match effect:
            case Authorize(authentication=str(authentication)) | SetUp(authentication=str(authentication)):
                result = await self._memory.returned(authentication)
                # Whom only a notification has told of has brought nothing: then that is what there is.
                return requests.details(result or "")
            case Authorize():
                return requests.authorize(self._account, effect, self._authentication(effect.key))
            case SetUp():
                return requests.set_up(self._account, effect, self._authentication(effect.key))
            case CaptureHold():
                return requests.capture(self._account, effect)
            case Void() if "/" in effect.authorization:
                # Of a payment that Adyen has not named, our own name for it is what we have.
                return requests.cancel_by_reference(self._account, effect.key, effect.authorization)
            case Void():
                return requests.void(self._account, effect)
            case Increment():
                return requests.increment(self._account, effect)
            case Refund():
                return requests.refund(self._account, effect)

    def _authentication(self, key: str) -> str:
        return authentication_id(self._account.key_secret, key)

    async def _begun(self, effect: Any, asked: Any) -> Request:
        """What is asked for this effect, as it was written down when that was first done."""
        request = await self._memory.request(self._account.name, effect.key)
        if request is None:
            call, more = await self._call(asked), {name: getattr(effect, name, "") for name in ("charge", "refund")}
            about = effect.key, effect.operation, intent_of(effect)
            request = await self._remembered(*about, call, question(effect), **more)
        check_question(effect, request.asked)
        return request

    async def _in_its_currency(self, effect: Any) -> Any:
        """The effect with its payment's currency: one of an older release does not say it."""
        if isinstance(effect, Authorize | SetUp | Void) or effect.currency:
            return effect
        payment = await self._memory.request_by_reference(self._account.name, effect.authorization)
        return replace(effect, currency=str(payment.asked.get("currency", ""))) if payment else effect

    async def _remembered(
        self,
        key: str,
        operation: str,
        intent: str,
        call: Call,
        asked: JsonObject,
        charge: str = "",
        refund: str = "",
    ) -> Request:
        account = self._account
        return await self._memory.begin(
            Request(
                gateway=account.name,
                key=key,
                operation=operation,
                intent=intent,
                url=account.url,
                path=call.path,
                body=orjson.dumps(call.body).decode(),
                asked_at=int(self._clock()),
                asked=asked,
                under=idempotency_key(account.key_secret, account.merchant, call.path, key),
                charge=charge,
                refund=refund,
            )
        )

    async def _asked(self, effect: Any, request: Request) -> Outcome:
        known = await self._known(effect, request)
        if known is not None:
            return await self._written(effect, request, known)
        if request.silent or self._is_late(request):
            raise await self._in_doubt(effect, request)
        if request.path == "/payments/details" and '"redirectResult":""' in request.body:
            if await self._news(effect, request):
                raise GatewayUndecided("the buyer has not come back, and what Adyen tells of them may not be the last")
            raise GatewayRejected("the buyer has not come back from their bank")
        try:
            body = await self._send(request)
        except Silenced as error:
            await self._memory.learn(replace(request, silent=True))
            raise GatewayUnavailable(str(error)) from error
        outcome = self._decoded(effect, body)
        learned = replace(request, reference=psp_reference(body), outcome=_stored(outcome))
        await self._memory.learn(learned)
        told = await self._known(effect, learned) or outcome
        if told != outcome:
            # The news were faster. The engine hears it from this call, and is not told a second time.
            learned = replace(learned, outcome=_stored(told))
            await self._memory.learn(learned)
        return await self._written(effect, learned, told)

    async def _written(self, effect: Any, request: Request, outcome: Outcome) -> Outcome:
        """The outcome of `request`. A payment's no is written down before it is told.

        So what is authorized after all is released: by `heard`, which finds the no, or here, where its news were first.
        """
        if not isinstance(effect, Authorize | SetUp | AskSettlement) or not isinstance(outcome, Declined):
            return outcome
        told = await self._news(effect, request)
        if not _is_declined(request):
            named = next((notice.reference for notice in told if notice.event in news.OF_PAYMENTS), "")
            known = replace(request, reference=request.reference or named, outcome=_stored(outcome))
            await self._memory.learn(known)
            told = await self._news(effect, known)
        ended = await self._memory.request(self._account.name, _ending(request.key))
        for notice in told if ended is None else ():
            if notice.event == news.AUTHORISATION and notice.succeeded:
                # What Adyen will never give back is no reason not to tell the no.
                with suppress(GatewayRejected):
                    await self._release(request, notice.reference)
        return outcome

    async def _send(self, request: Request) -> JsonObject:
        if request.url != self._account.url:
            raise GatewayUndecided("asked at another address, where alone its key is known; not repeated here")
        return dict((await self._client.post(request.path, request.body.encode(), request.under)).body)

    def _is_late(self, request: Request) -> bool:
        return self._clock() - request.asked_at > KEPT_SECONDS

    def _decoded(self, effect: Any, body: JsonObject) -> Outcome:
        if isinstance(effect, Authorize | SetUp):
            return answers.payment(effect, body, self._authentication(effect.key))
        return answers.modification(effect, body, self._account.merchant)

    async def _known(self, effect: Any, request: Request) -> Outcome | None:
        """What the answer said, unless that was not the end, and a notification has told it."""
        outcome = None if request.outcome is None else _OUTCOME.validate_python(request.outcome)
        if outcome is not None and not isinstance(outcome, Accepted | AuthenticationRequired):
            return outcome
        return await self._told(effect, request) or outcome

    async def _told(self, effect: Any, request: Request) -> Outcome | None:
        if isinstance(effect, Authorize | SetUp):
            ending = await self._memory.request(self._account.name, _ending(effect.key))
            if ending is not None:
                released = news.ended(await self._about(ending.reference, reference(ending.key)))
                if released is not False:
                    return Declined(decline_code="processing_error") if released else None
            return news.payment(effect, await self._news(effect, request), int(self._clock()))
        return news.modification(effect, await self._news(effect, request))

    async def _news(self, effect: Any, request: Request) -> list[Notice]:
        """What was told about a request; about a payment that has gone on, under the name it was begun with."""
        begun = authenticated_key(self._account.key_secret, getattr(effect, "authentication", None) or "")
        return await self._about(request.reference, reference(begun or request.key))

    async def _about(self, *names: str) -> list[Notice]:
        told = [notice for name in names for notice in await self._memory.notices(self._account.name, name)]
        return list({(notice.event, notice.reference, notice.succeeded): notice for notice in told}.values())

    async def _in_doubt(self, effect: Any, request: Request) -> GatewayUndecided:
        """Nothing can be asked any more. A payment that may hold money is canceled by our own reference, in time."""
        waited = self._clock() - request.asked_at
        if isinstance(effect, Authorize | SetUp) and waited >= END_AFTER_SECONDS:
            begun = authenticated_key(self._account.key_secret, effect.authentication or "")
            call = requests.cancel_by_reference(self._account, _ending(effect.key), begun or effect.key)
            ending = await self._remembered(_ending(effect.key), "end", intent_of(effect), call, {})
            if not ending.reference and not ending.silent:
                body = await self._send(ending)
                await self._memory.learn(replace(ending, reference=psp_reference(body)))
        return GatewayUndecided(f"{effect.operation}: nothing more is known until Adyen tells")

    async def _settled(self, effect: AskSettlement) -> Outcome:
        """What has become of a payment that was pending; what was once told to be a no stays one."""
        name, authorization = self._account.name, effect.authorization
        request = await self._memory.request_by_reference(name, authorization)
        request = request or await self._memory.request(name, authorization)
        if request is not None and _is_declined(request):
            return await self._written(effect, request, _OUTCOME.validate_python(request.outcome))
        told = news.payment(effect, await self._about(authorization), int(self._clock()))
        if request is not None and told is not None:
            return await self._written(effect, request, told)
        return told or Accepted(reference=authorization)


def _is_declined(request: Request) -> bool:
    return (request.outcome or {}).get("type") == "declined"


def _stored(outcome: Outcome) -> JsonObject:
    stored: JsonObject = _OUTCOME.dump_python(outcome, mode="json")
    return stored


def _ending(key: str) -> str:
    return f"{key}/end"
