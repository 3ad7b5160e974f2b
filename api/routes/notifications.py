"""Notifications from the gateway: signed, checked, and handed to the PaymentIntent's workflow as a signal.

`Gateway-Signature: t=<unix>,v1=<hex>`, HMAC-SHA256 of `t.body`. Sent twice is once: the command has its id from what it
tells.
"""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.services import Services
from api.usecases import balance_refunds, dispute_news, funding, payment_news, refund_references
from contracts import by_hand
from domain.identifiers import SETUP_PREFIX
from domain.machine import dispute_facts
from domain.machine.balance_refunds import FAILED, SUCCEEDED
from domain.machine.balance_refunds import is_one as is_of_balance
from domain.machine.decisions import Decision, decide
from domain.machine.fence import Recorded
from domain.machine.limits import unstorable
from domain.model.commands import (
    AuthenticationResult,
    CheckSettlement,
    ModificationResult,
    RefundResult,
    ReportDispute,
)
from domain.model.gateways import FIRST
from domain.model.hashes import JsonObject
from domain.model.outcomes import Refund
from domain.model.payment_intent import PaymentIntent
from domain.model.refunds import ChargeRefund
from domain.webhooks import genuine
from gateways.base import BankTransfer
from records import refunds
from records.base import RecordsUnavailable
from records.scope import Scope
from temporal.engine import EngineUnavailable, PaymentStopped

PATH = "/gateways/{gateway}/notifications"
BODY_BYTES_MAX = 10_000
REFERENCE_MAX = 100
"""Characters. An acquirer's reference number (ARN) has 23 digits."""


class AuthenticationEnded(BaseModel):
    """The buyer's authentication has ended. `payment_intent` may be a SetupIntent as well: it is what was said then.

    `or_settled` names the news where the gateway tells in the same words that a bank which took its time has answered.
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["authentication"]
    payment_intent: str
    authentication: str
    authenticated: bool
    or_settled: str = ""


class RefundEnded(BaseModel):
    """A refund that was pending has ended, or one that had succeeded came back; `status`, if it has not ended so."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["refund"]
    payment_intent: str
    refund: str
    succeeded: bool
    failure_reason: str | None = None
    status: Literal["pending", "canceled"] | None = None


class RefundNamed(BaseModel):
    """By which reference the receiver's bank finds a refund."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["refund_reference"]
    payment_intent: str
    refund: str
    reference: str = Field(min_length=1, max_length=REFERENCE_MAX)


class SettlementEnded(BaseModel):
    """A bank has answered about a delayed payment; the engine asks what."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["settlement"]
    payment_intent: str
    charge: str


class ChargeDisputed(BaseModel):
    """The buyer's bank disputes a charge, or has decided about that. `dispute` is the gateway's name for it.

    Of one that takes no answers it is empty; then `id` tells its news from those of another one of the charge.
    `amount` is what the bank takes, in minor units of `currency` (empty: the charge's); `due_by` (Unix seconds) until
    when it takes answers. Each only where the gateway says so.
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["dispute"]
    payment_intent: str
    charge: str
    reason: str
    status: str
    dispute: str = ""
    id: str = ""
    amount: int | None = None
    currency: str = ""
    due_by: int | None = None


class ModificationEnded(BaseModel):
    """What the gateway had taken on has ended; or a capture has failed after all, or a hold is gone (`expiry`).

    `answered`: the call that asked for it was answered with this already, so that they are news to nobody but a payment
    that was told of it as taken on.
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["modification"]
    payment_intent: str
    charge: str
    operation: Literal["capture", "void", "increment", "expiry"]
    reference: str
    succeeded: bool
    amount: int | None = None
    decline_code: str = "processing_error"
    after_all: bool = False
    answered: bool = False


class Received(BaseModel):
    """A bank transfer, as the gateway tells it."""

    model_config = ConfigDict(extra="ignore")

    id: str
    owner: str
    amount: int = Field(gt=0)
    currency: str
    reference: str | None = None
    details: JsonObject = Field(default_factory=dict)


class FundsReceived(BaseModel):
    """A customer's money has come in."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["funding"]
    transfer: Received


Told = (
    AuthenticationEnded
    | RefundEnded
    | RefundNamed
    | SettlementEnded
    | ModificationEnded
    | FundsReceived
    | ChargeDisputed
)
_NOTIFICATION: TypeAdapter[Told] = TypeAdapter(Annotated[Told, Field(discriminator="type")])


async def take(services: Services, request: Request) -> Response:
    """Answer one notification: 200 once it is durable (or of no use any more), 503 to have it sent again."""
    if not any(profile.name == request.path_params["gateway"] for profile in services.profiles):
        return JSONResponse({"message": "no gateway here is called that"}, status_code=404)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return JSONResponse({"message": "too large"}, status_code=413)
    body = await request.body()
    header = request.headers.get("gateway-signature", "")
    secrets = (services.notification_secret, services.notification_secret_next)
    if not any(genuine(secret, header, body, services.clock()) for secret in secrets):
        return JSONResponse({"message": "not signed by the gateway"}, status_code=401)
    if services.restoring.why is not None:
        return JSONResponse({"message": "the records are being restored; tell it again later"}, status_code=503)
    try:
        told = _NOTIFICATION.validate_json(body)
    except ValidationError:
        return JSONResponse({"message": "not a notification we know"}, status_code=400)
    wrong = unstorable(told.model_dump())
    if wrong is not None:
        return JSONResponse({"message": f"it contains {wrong}"}, status_code=400)
    try:
        taken = await _hand_over(services, told, request.path_params["gateway"])
    except (EngineUnavailable, PaymentStopped, RecordsUnavailable):
        return JSONResponse({"message": "not now"}, status_code=503)
    return JSONResponse({"taken": taken})


async def hand_over(services: Services, fact: JsonObject, gateway: str) -> bool:
    """Hand over what a gateway tells in a dialect of its own, once it is a fact in these words (gateway_news.py).

    False if there is no use for it.

    Raises:
        EngineUnavailable, PaymentStopped, RecordsUnavailable: not now; it is to be handed over again.
    """
    try:
        told = _NOTIFICATION.validate_python(fact)
    except ValidationError:
        # The engine has no word for it: what came of it is asked by the effect's key.
        return False
    return await _hand_over(services, told, gateway)


async def _hand_over(services: Services, told: Told, gateway: str = FIRST) -> bool:
    """To the payment's workflow: by signal while it is open; a refund's payment has ended, and is revived for it."""
    if isinstance(told, AuthenticationEnded):
        return await _end_authentication(services, told)

    if isinstance(told, SettlementEnded):
        command = CheckSettlement(command_id=f"{told.charge}/settlement", charge=told.charge)
        return await services.engine.notify(told.payment_intent, command)

    if isinstance(told, FundsReceived):
        return await funding.take(services, BankTransfer(**told.transfer.model_dump())) is not None

    if isinstance(told, RefundEnded) and told.payment_intent == told.refund:
        return await _end_balance_refund(services, told)

    if isinstance(told, RefundNamed):
        return await _name_refund(services, told)

    recorded = await services.projection.recorded(told.payment_intent)
    if recorded is None:
        return False
    intent = recorded.intent
    if isinstance(told, ModificationEnded):
        if told.answered and not _is_awaited(recorded, told.reference):
            return True
        return await payment_news.send(services, intent, _modification(told, gateway))
    if isinstance(told, ChargeDisputed):
        report = _dispute(told, intent, services.clock())
        return await payment_news.send(services, intent, await dispute_news.with_amount(services, intent, report))
    refund = await refunds.load(services.database, Scope(intent.account, intent.livemode), told.refund)
    if refund is None and told.refund == _refund_under_way(recorded):
        raise EngineUnavailable("not yet: the notification has overtaken the answer")
    return await payment_news.send(services, intent, _refund_result(told, refund))


async def _end_authentication(services: Services, told: AuthenticationEnded) -> bool:
    ended = AuthenticationResult(
        command_id=told.authentication, authentication=told.authentication, authenticated=told.authenticated
    )
    if told.payment_intent.startswith(SETUP_PREFIX):
        return await services.setups.notify(told.payment_intent, ended)
    taken = await services.engine.notify(told.payment_intent, ended)
    if told.or_settled:
        # Which of the two the payment waits for, it knows; the other one it refuses.
        settled = CheckSettlement(command_id=f"{told.or_settled}/settlement")
        taken = await services.engine.notify(told.payment_intent, settled) or taken
    return taken


def _is_awaited(recorded: Recorded[PaymentIntent], reference: str) -> bool:
    """Whether a payment waits for the news of what its gateway has taken on under this reference.

    Raises:
        EngineUnavailable: something is under way that may come to it.
    """
    if recorded.under_way is not None:
        raise EngineUnavailable("not yet: what is under way may come to wait for it")
    accepted = recorded.intent.accepted
    return accepted is not None and accepted.reference == reference


def _refund_result(told: RefundEnded, refund: ChargeRefund | None) -> RefundResult:
    return RefundResult(
        command_id=f"{told.refund}/{told.status or ('succeeded' if told.succeeded else 'failed')}",
        refund=refund,
        succeeded=told.succeeded,
        failure_reason=told.failure_reason,
        status=told.status or "",
    )


def _dispute(told: ChargeDisputed, intent: PaymentIntent, now: int) -> ReportDispute:
    """What a bank takes in another currency is not known in that of the charge."""
    comparable = told.amount and told.currency in ("", intent.currency)
    return ReportDispute(
        command_id=f"{told.dispute or told.id or f'{told.charge}/dispute'}/{told.status}",
        charge=told.charge,
        reason=told.reason,
        status=told.status,
        reference=told.dispute,
        amount=told.amount if comparable else None,
        due_by=dispute_facts.believable(told.due_by, now),
    )


def _modification(told: ModificationEnded, gateway: str) -> ModificationResult:
    news = ModificationResult(
        charge=told.charge,
        operation=told.operation,
        reference=told.reference,
        succeeded=told.succeeded,
        decline_code=told.decline_code,
        amount=told.amount,
        gateway=gateway,
        after_all=told.after_all and not told.succeeded,
    )
    return replace(news, command_id=by_hand.news_id(news))


async def _name_refund(services: Services, told: RefundNamed) -> bool:
    refund = await refunds.whosever(services.database, told.refund)
    if refund is not None:
        await refund_references.tell(services, refund, told.reference)
        return True
    recorded = await services.projection.recorded(told.payment_intent)
    if recorded is not None and told.refund == _refund_under_way(recorded):
        raise EngineUnavailable("not yet: the notification has overtaken the answer")
    return False


async def _end_balance_refund(services: Services, told: RefundEnded) -> bool:
    """Of a cash balance: it has no payment, and its row was there before the gateway was asked."""
    refund = await refunds.whosever(services.database, told.refund)
    if refund is None or not is_of_balance(refund):
        return False
    status = told.status or (SUCCEEDED if told.succeeded else FAILED)
    await balance_refunds.end(services, refund, status, told.failure_reason)
    return True


def _refund_under_way(recorded: Recorded[PaymentIntent]) -> str | None:
    """The refund that the gateway is being asked for, which is recorded once it has answered."""
    under_way = recorded.under_way
    decision = decide(recorded.intent, under_way.command, under_way.now) if under_way else None
    effect = decision.effect if isinstance(decision, Decision) else None
    return effect.refund if isinstance(effect, Refund) else None
