"""The simulator's client: our gateway port over its HTTP face. The pattern for every other adapter.

Holds no rules and retries nothing: who retries, and when, is activities/failures.py.

On aiohttp, because every payment comes through here: a call costs a third of httpx's CPU (ADR 0018).
"""

import time
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import orjson
from opentelemetry.propagate import inject
from opentelemetry.trace import SpanKind, get_tracer
from pydantic import TypeAdapter, ValidationError

from domain.methods.card_numbers import CardInput
from domain.model.gateways import GatewayProfile
from domain.model.hashes import JsonObject
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    AskSettlement,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Modification,
    Outcome,
    Refund,
    SetUp,
    Void,
    intent_of,
)
from domain.model.payment_methods import Card
from gateways.base import (
    BankTransfer,
    FundingInstructions,
    GatewayMismatch,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
    Standing,
    TokenizedAccount,
    TokenizedCard,
)
from gateways.hearing import Hearing, Say, say_nothing
from gateways.questions import check_answer, check_question, check_standing

TIMEOUT_SECONDS = 1.5
"""A prompt gateway that answers later than this has not answered as far as a waiting buyer is concerned; the durable
path (regular activities) asks again. Stays under the 2 s of the local activity (workflows/options.py)."""

PROMPT = GatewayProfile(call_seconds=TIMEOUT_SECONDS)
"""The simulator as it is unless somebody says otherwise."""

CONNECTIONS_MAX = 100

REFERENCE_SECONDS = 60.0
"""How long what a test card's name stands for is remembered: it is the same card, and asking costs every test payment a
call. Not longer, because a simulator that was given an empty directory knows none of its old tokens."""

ASK_AFTER_SECONDS = 60
"""News of what was taken on that have not come by then are asked for: at real gateways they come within minutes."""

TRACER = get_tracer("perdure.gateway")

_T = TypeVar("_T")
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)
_CARD: TypeAdapter[Card] = TypeAdapter(Card)
_INSTRUCTIONS: TypeAdapter[FundingInstructions] = TypeAdapter(FundingInstructions)
_TRANSFER: TypeAdapter[BankTransfer] = TypeAdapter(BankTransfer)
_STANDING: TypeAdapter[Standing] = TypeAdapter(Standing)


class SimulatorGateway:
    """Tokenizes and moves money at the simulator."""

    def __init__(
        self,
        base_url: str,
        timeout_seconds: float | None = None,
        say: Say = say_nothing,
        profile: GatewayProfile = PROMPT,
    ) -> None:
        """Speak to the simulator at `base_url`; `say` when it falls silent, and when it is back.

        A call is given up after `timeout_seconds`, or when its profile says so.
        """
        self._profile = profile
        self._hearing = Hearing(say, profile.name)
        timeout_seconds = profile.call_seconds if timeout_seconds is None else timeout_seconds
        self._base_url = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None
        self._references: dict[str, tuple[TokenizedCard, float]] = {}

    @property
    def profile(self) -> GatewayProfile:
        """What it declares."""
        return self._profile

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        """The pool of connections, made on first use: it belongs to the loop that runs then."""
        if self._session is None:
            connections = aiohttp.TCPConnector(limit=max(CONNECTIONS_MAX, self._profile.concurrency))
            self._session = aiohttp.ClientSession(connector=connections, timeout=self._timeout)
        return self._session

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        """Exchange a card number for a token."""
        body = {
            "number": card.number,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "cvc": card.cvc,
        }
        answer = await self._post("/tokens", body)
        return _tokenized(answer)

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        """The token of a test card by its name."""
        now = time.monotonic()
        known, until = self._references.get(reference, (None, now))
        if now < until:
            return known
        try:
            answer = await self._post("/tokens", {"reference": reference})
        except GatewayRejected:
            return None
        known = _tokenized(answer)
        if not answer.get("remembers"):
            # Else what one payment sets up would be set up for everybody's.
            self._references[reference] = known, now + REFERENCE_SECONDS
        return known

    async def card_of(self, token: str) -> Card | None:
        """What is known of a card by its token; None if that stands for none."""
        found = await self._look_up(f"/tokens/{quote(token, safe='')}", {})
        return None if found is None else _tokenized(found).card

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        """A fresh token for a test account's name, and its type."""
        try:
            answer = await self._post("/tokens", {"reference": reference})
        except GatewayRejected:
            return None
        return str(answer.get("type")), _account(answer)

    async def tokenize_account(self, type_: str, details: JsonObject) -> TokenizedAccount | Declined:
        """Exchange an account for a token; declined if its bank takes no debits."""
        answer = await self._post("/tokens", {"type": type_, "details": details})
        if isinstance(answer, dict) and answer.get("type") == "declined":
            return Declined(decline_code=str(answer.get("decline_code")))
        return _account(answer)

    async def verify(self, token: str) -> Outcome:
        """Ask whether the card may be kept on file."""
        return _outcome(await self._post("/verifications", {"token": token}))

    async def ready(self) -> bool:
        """Whether the simulator answers at all."""
        try:
            status, _ = await self._send("GET", "/_health")
        except GatewayUnavailable:
            return False
        return status == HTTPStatus.OK

    async def perform(self, effect: GatewayEffect) -> Outcome:
        """Carry out one effect."""
        path, body = _request(effect)
        return self._to_be_asked(effect, _answer(effect, await self._post(path, body)))

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        """Look an effect up by its key."""
        if not self._profile.answers_by_key:
            return None
        found = await self._look_up("/operations", {"key": effect.key})
        return None if found is None else self._to_be_asked(effect, _answer(effect, found))

    def _to_be_asked(self, effect: GatewayEffect, outcome: Outcome) -> Outcome:
        """What is answered later is asked about, should its news get lost."""
        if isinstance(effect, Modification) and isinstance(outcome, Accepted) and self._profile.answers_by_key:
            return replace(outcome, ask_after_seconds=ASK_AFTER_SECONDS)
        return outcome

    async def standing(self, authorization: str) -> Standing | None:
        """Look up what the simulator has in its book."""
        if not self._profile.tells_standing:
            return None
        found = await self._look_up(f"/authorizations/{quote(authorization, safe='')}", {})
        return None if found is None else check_standing(authorization, _known(_STANDING, found))

    async def _look_up(self, path: str, query: dict[str, str]) -> Any | None:
        """The answer; None for not found. A look-up that is refused leaves us knowing nothing, not that nothing is."""
        status, body = await self._send("GET", path, params=query)
        if status == HTTPStatus.NOT_FOUND:
            return None
        try:
            return _json(path, status, body)
        except (GatewayRejected, GatewayMismatch) as error:
            raise GatewayUnavailable(str(error)) from error

    async def instructions(self, owner: str, transfer: JsonObject) -> FundingInstructions:
        """Where a customer sends money."""
        country = (transfer.get("eu_bank_transfer") or {}).get("country")
        body = {"owner": owner, "type": transfer.get("type"), "country": country}
        return _known(_INSTRUCTIONS, await self._post("/funding_instructions", body))

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        """Let a transfer come in."""
        body = {"key": key, "owner": owner, "amount": amount, "currency": currency, "reference": reference}
        return _known(_TRANSFER, await self._post("/bank_transfers", body))

    async def end_refund(self, refund: str, status: str) -> bool:
        """Ask its receiver no longer."""
        answer = await self._post(f"/payouts/{quote(refund, safe='')}/end", {"status": status})
        return isinstance(answer, dict) and answer.get("ended") is True

    async def _post(self, path: str, body: JsonObject) -> Any:
        return _json(path, *await self._send("POST", path, data=orjson.dumps(body)))

    async def _send(self, method: str, path: str, **more: Any) -> tuple[int, bytes]:
        """Status and body of the answer; a redirect is not followed."""
        headers = {"Content-Type": "application/json"}
        url = self._base_url + path
        try:
            with TRACER.start_as_current_span(f"gateway {method} /{path.split('/')[1]}", kind=SpanKind.CLIENT):
                inject(headers)
                async with self._http().request(method, url, headers=headers, allow_redirects=False, **more) as answer:
                    status, body = answer.status, await answer.read()
        except aiohttp.ClientConnectorError as error:
            # Refused, or nobody there: not a byte was sent.
            why = f"{method} {path}: {type(error).__name__}"
            self._hearing.unheard(why)
            raise GatewayNotAsked(why) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            why = f"{method} {path}: {type(error).__name__}"
            self._hearing.unheard(why)
            raise GatewayUnavailable(why) from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._hearing.unheard(f"{method} {path}: {status}")
        else:
            self._hearing.heard()
        return status, body


def _request(effect: GatewayEffect) -> tuple[str, JsonObject]:
    match effect:
        case Authorize():
            return "/authorizations", _authorization(effect)
        case CaptureHold():
            body = {"key": effect.key, "amount": effect.amount, "final": effect.final, "over": effect.over}
            return f"/authorizations/{effect.authorization}/capture", body
        case Increment():
            return f"/authorizations/{effect.authorization}/increment", {"key": effect.key, "amount": effect.amount}
        case Refund(by_email=True):
            body = {"key": effect.key, "amount": effect.amount, "refund": effect.refund, "charge": effect.charge}
            body |= {"authorization": effect.authorization, "currency": effect.currency}
            return "/payouts", body | {
                "reference": intent_of(effect),
                "email": effect.instructions_email,
            }
        case Refund():
            body = {"key": effect.key, "amount": effect.amount, "refund": effect.refund}
            body["reference"] = intent_of(effect)
            return f"/authorizations/{effect.authorization}/refund", body
        case AskSettlement():
            return f"/authorizations/{effect.authorization}/settlement", {"key": effect.key, "at": effect.at}
        case AnswerDispute():
            said = {"evidence": effect.evidence, "charge": effect.charge, "currency": effect.currency}
            return f"/disputes/{quote(effect.dispute, safe='')}", {"key": effect.key, "accept": effect.accept, **said}
        case Void():
            return f"/authorizations/{effect.authorization}/void", {"key": effect.key}
        case SetUp():
            return "/setups", _set_up(effect)


def _authorization(effect: Authorize) -> JsonObject:
    body = {
        "key": effect.key,
        "charge": effect.charge,
        "token": effect.token,
        "amount": effect.amount,
        "currency": effect.currency,
        "capture": effect.capture,
        "off_session": effect.off_session,
        "authentication": effect.authentication,
        "authenticated_elsewhere": effect.authenticated_elsewhere,
        "reference": intent_of(effect),
        "three_d_secure": effect.three_d_secure,
        "line1_given": effect.line1_given,
        "postal_code_given": effect.postal_code_given,
        "verification": effect.verification,
        "amounts": list(effect.amounts),
        "descriptor_code": effect.descriptor_code,
        "options": effect.options,
        "email": effect.email,
    }
    # Only what is so: a request from before there were these is repeated as it was.
    body |= {name: True for name in ("moto", "saving") if getattr(effect, name)}
    return body | ({"blocked": list(effect.blocked)} if effect.blocked else {})


def _set_up(effect: SetUp) -> JsonObject:
    return {
        "key": effect.key,
        "attempt": effect.attempt,
        "token": effect.token,
        "reference": intent_of(effect),
        "authentication": effect.authentication,
        "authenticated_elsewhere": effect.authenticated_elsewhere,
        "three_d_secure": effect.three_d_secure,
        "line1_given": effect.line1_given,
        "postal_code_given": effect.postal_code_given,
        "moto": effect.moto,
        "verification": effect.verification,
        "amounts": list(effect.amounts),
        "descriptor_code": effect.descriptor_code,
    }


def _json(path: str, status: int, body: bytes) -> Any:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise GatewayRateLimited("the gateway wants us to wait")
    if status == HTTPStatus.CONFLICT:
        # Something was done under it, so this is no definite no; and it is not what was asked.
        raise GatewayMismatch(f"{path}: the key was used for something else")
    if 400 <= status < 500:
        raise GatewayRejected(f"{path}: {status}")
    if not 200 <= status < 300:
        raise GatewayUnavailable(f"{path}: {status}")
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise GatewayUnavailable("the gateway's answer is not JSON") from error


def _answer(effect: GatewayEffect, answer: Any) -> Outcome:
    """The outcome of `effect`, if that is what the simulator says it was asked for."""
    outcome = check_answer(effect, _outcome(answer))
    asked = answer.get("asked")
    said = asked if isinstance(asked, dict) else {}
    check_question(effect, said, partial=said.get("partial") is True)
    return outcome


def _outcome(answer: Any) -> Outcome:
    return _known(_OUTCOME, answer)


def _known(adapter: TypeAdapter[_T], answer: Any) -> _T:
    try:
        return adapter.validate_python(answer)
    except ValidationError as error:
        raise GatewayUnavailable("the gateway's answer makes no sense") from error


def _account(answer: Any) -> TokenizedAccount:
    try:
        return TokenizedAccount(token=str(answer["token"]), details=dict(answer["details"]))
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayUnavailable("the gateway's answer is no token we know") from error


def _tokenized(answer: Any) -> TokenizedCard:
    try:
        return TokenizedCard(token=str(answer["token"]), card=_CARD.validate_python(answer["card"]))
    except (ValidationError, KeyError, TypeError) as error:
        raise GatewayUnavailable("the gateway's answer is no token we know") from error
