"""Stripe itself as a gateway of the engine: a PaymentIntent there for each attempt here. Holds no rules.

Stripe keeps an idempotency key for a day at least, tells what a payment holds, and answers captures, cancels and raises
at once; a refund may be pending. Which is what its profile declares (contracts/gateways.py).
"""

import secrets  # noqa: TID251
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
from opentelemetry.trace import SpanKind, get_tracer

from domain.methods.card_numbers import CardInput
from domain.model.gateways import GatewayProfile
from domain.model.hashes import JsonObject
from domain.model.outcomes import (
    AnswerDispute,
    AskSettlement,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Outcome,
    Refund,
    SetUp,
    Void,
)
from gateways.base import (
    BankTransfer,
    FundingInstructions,
    GatewayError,
    GatewayNotAsked,
    GatewayRejected,
    GatewayUnavailable,
    Standing,
    TokenizedAccount,
    TokenizedCard,
)
from gateways.hearing import Hearing, Say, say_nothing
from gateways.questions import check_answer, check_standing
from gateways.stripe import answers, requests
from gateways.stripe.account import VERSION, StripeAccount
from gateways.stripe.requests import Call, Kept

CONNECTIONS_MAX = 100
TRACER = get_tracer("perdure.gateway")
TEST_CARDS = frozenset({"pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_threeDSecure2Required"})
"""Stripe's own test payment methods that are kept as they are; at a live account there are none."""

Answer = tuple[int, Any, Mapping[str, str]]


class StripeGateway:
    """Tokenizes and moves money at Stripe."""

    def __init__(
        self, account: StripeAccount, profile: GatewayProfile, call_seconds: float | None = None, say: Say = say_nothing
    ) -> None:
        """Of `account`; `say` when it falls silent, and when it is back."""
        self._account, self._profile = account, profile
        self._hearing = Hearing(say, account.name)
        self._timeout = aiohttp.ClientTimeout(total=call_seconds or profile.call_seconds)
        self._session: aiohttp.ClientSession | None = None

    @property
    def profile(self) -> GatewayProfile:
        """What is declared of it."""
        return self._profile

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def ready(self) -> bool:
        """Whether Stripe answers, and knows us."""
        try:
            status, _, _ = await self.ask(Call("GET", "/v1/payment_intents", {"limit": 1}))
        except GatewayError:
            return False
        return status == 200

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        """Exchange a card number for a token; Stripe has to have allowed it for the account."""
        return await self._kept(await self._object(requests.collect(card)))

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        """A token of one of Stripe's own test cards."""
        if reference not in TEST_CARDS or not self._account.api_key.startswith("sk_test_"):
            return None
        return await self._kept({"id": reference})

    async def _kept(self, method: Mapping[str, Any]) -> TokenizedCard:
        customer = await self._object(requests.keep(str(method["id"])))
        methods = await self._object(Call("GET", f"/v1/customers/{customer['id']}/payment_methods", {"limit": 1}))
        (known,) = methods["data"] or [{}]
        return TokenizedCard(token=Kept(str(customer["id"]), str(known.get("id"))).token, card=answers.card_of(known))

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        """None: only cards are paid with here."""
        return None

    async def tokenize_account(self, type_: str, details: JsonObject) -> TokenizedAccount | Declined:
        """Refuse: only cards are paid with here."""
        raise GatewayRejected(f"only cards are paid with at Stripe from here, and not {type_}")

    async def verify(self, token: str) -> Outcome:
        """Ask the bank whether the card may be kept on file, by setting it up."""
        key = f"verify_{secrets.token_hex(14)}/1/verify"
        return await self.perform(SetUp(key=key, attempt=key, token=token, intent=key.partition("/")[0]))

    async def perform(self, effect: GatewayEffect) -> Outcome:
        """Carry out one effect."""
        return check_answer(effect, await self._performed(effect))

    async def _performed(self, effect: GatewayEffect) -> Outcome:
        match effect:
            case AnswerDispute():
                raise GatewayRejected("disputes are answered at Stripe itself, not from here")
            case AskSettlement():
                return answers.settled(effect, await self._object(requests.look(effect.authorization)))
            case Authorize() | SetUp():
                call = requests.authorize(self._account, effect) if isinstance(effect, Authorize) else None
                status, body, told = await self.ask(call or self._set_up(effect), effect.key)
                no = answers.declined(status, body)
                if no is not None:
                    return no
                return answers.payment(effect, self._fine(status, body, told))
            case CaptureHold() | Void() | Increment() | Refund():
                status, body, told = await self.ask(_moving(effect), effect.key)
                no = answers.declined(status, body) or answers.refused(body)
                return no or answers.moved(effect, self._fine(status, body, told))

    def _set_up(self, effect: Authorize | SetUp) -> Call:
        assert isinstance(effect, SetUp)
        return requests.set_up(self._account, effect)

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        """None: Stripe cannot be asked by key; the same request under the same key is the question."""
        return None

    async def standing(self, authorization: str) -> Standing | None:
        """What Stripe holds and has taken."""
        found = await self.found(requests.look(authorization))
        return None if found is None else check_standing(authorization, answers.standing(found))

    async def found(self, call: Call) -> JsonObject | None:
        """An object as it stands; None if there is none. A look-up that is refused leaves us knowing nothing.

        Raises:
            GatewayError: no answer.
        """
        status, body, told = await self.ask(call)
        if status == 404:
            return None
        try:
            return self._fine(status, body, told)
        except GatewayRejected as error:
            raise GatewayUnavailable(str(error)) from error

    async def instructions(self, owner: str, transfer: JsonObject) -> FundingInstructions:
        """Refuse: bank transfers are not taken here."""
        raise GatewayRejected("bank transfers are not taken at Stripe from here")

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        """Refuse: bank transfers are not taken here."""
        raise GatewayRejected("bank transfers are not taken at Stripe from here")

    async def end_refund(self, refund: str, status: str) -> bool:
        """False: nobody is asked for an account here."""
        return False

    async def _object(self, call: Call) -> JsonObject:
        return self._fine(*await self.ask(call))

    def _fine(self, status: int, body: Any, told: Mapping[str, str]) -> JsonObject:
        if status != 200:
            raise answers.error(status, body, told)
        if not isinstance(body, dict):
            raise GatewayUnavailable("an answer of Stripe's that is no JSON object")
        return body

    async def ask(self, call: Call, key: str | None = None) -> Answer:
        """Status, body and headers of an answer; a redirect is not followed.

        Raises:
            GatewayError: there was none.
        """
        headers = {"Authorization": f"Bearer {self._account.api_key}", "Stripe-Version": VERSION}
        form = urlencode(list(requests.pairs(call.parameters)))
        path, data = call.path, None
        if call.method == "GET":
            path += f"?{form}" if form else ""
        else:
            data = form.encode()
            headers |= {"Content-Type": "application/x-www-form-urlencoded"} | ({"Idempotency-Key": key} if key else {})
        name = call.path.rsplit("/", 1)[-1] if call.method == "POST" else call.path.split("/")[2]
        try:
            with TRACER.start_as_current_span(f"stripe {call.method} {name}", kind=SpanKind.CLIENT):
                async with self._http().request(
                    call.method, self._account.url + path, headers=headers, data=data, allow_redirects=False
                ) as answer:
                    status, body, told = answer.status, await answer.read(), answer.headers
        except aiohttp.ClientConnectorError as error:
            raise self._unheard(GatewayNotAsked(f"{name}: {type(error).__name__}")) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unheard(GatewayUnavailable(f"{name}: {type(error).__name__}")) from error
        self._hearing.heard()
        return status, _json(body), told

    def _http(self) -> aiohttp.ClientSession:
        """The pool of connections, made on first use: it belongs to the loop that runs then."""
        if self._session is None:
            connections = aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
            self._session = aiohttp.ClientSession(connector=connections, timeout=self._timeout)
        return self._session

    def _unheard(self, error: GatewayError) -> GatewayError:
        self._hearing.unheard(str(error))
        return error


def _moving(effect: CaptureHold | Void | Increment | Refund) -> Call:
    match effect:
        case CaptureHold():
            return requests.capture(effect)
        case Void():
            return requests.void(effect)
        case Increment():
            return requests.increment(effect)
        case Refund():
            return requests.refund(effect)


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        return None
