"""Payments as a Temporal service: Nexus operations, so that a workflow in another namespace pays durably, without HTTP.

Each is the request of the same name (docs/NEXUS.md): it takes the parameters of Stripe's that the request takes, is
held against the same rules by the same code, and sends the payment's workflow the same update. Temporal tries an
operation again until there is an answer, under one request id; that is the request's Idempotency-Key, so an operation
has one effect, however often it is tried. Which account it acts for is said by the key that this process is given.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from contracts.names import NEXUS_QUEUE, NEXUS_SERVICE
from domain.model.hashes import JsonObject

Given = JsonObject
"""Parameters, as in the body of the request; and `payment_intent`, where that is in the request's path."""

Told = JsonObject
"""`object` is what the request answers with; `declined` is why the bank said no (`code`, `decline_code`, `message`),
None if it did not: a decline is an answer, not a failure."""

_ID = re.compile(r"pi_\w{1,250}", re.ASCII)

OPERATIONS_MAX = 100
"""At once in one process."""

DRAIN_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered, and whether it is worth asking again."""

    status: int
    body: JsonObject
    again: bool


Ask = Callable[[str, str, Given], Awaitable[Answered]]
"""Sends a request: its path, its Idempotency-Key, its parameters."""


@nexusrpc.service(name=NEXUS_SERVICE)
class Payments:
    """What can be asked."""

    start: nexusrpc.Operation[Given, Told]
    confirm: nexusrpc.Operation[Given, Told]
    capture: nexusrpc.Operation[Given, Told]
    cancel: nexusrpc.Operation[Given, Told]
    refund: nexusrpc.Operation[Given, Told]


@service_handler(service=Payments)
class PaymentsHandler:
    """Carries operations out, by `ask`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    @sync_operation
    async def start(self, context: StartOperationContext, given: Given) -> Told:
        """Make a PaymentIntent; with `confirm`, and confirm it. Tried again, it is the same one."""
        return await self._answer(context, "/v1/payment_intents", given)

    @sync_operation
    async def confirm(self, context: StartOperationContext, given: Given) -> Told:
        """Confirm a PaymentIntent: the bank is asked once."""
        return await self._command(context, "confirm", given)

    @sync_operation
    async def capture(self, context: StartOperationContext, given: Given) -> Told:
        """Take what is held."""
        return await self._command(context, "capture", given)

    @sync_operation
    async def cancel(self, context: StartOperationContext, given: Given) -> Told:
        """Cancel a PaymentIntent, and release what is held."""
        return await self._command(context, "cancel", given)

    @sync_operation
    async def refund(self, context: StartOperationContext, given: Given) -> Told:
        """Give back; the object is the refund. Tried again, it is the same one."""
        return await self._answer(context, "/v1/refunds", given)

    async def _command(self, context: StartOperationContext, name: str, given: Given) -> Told:
        more = dict(given)
        intent = more.pop("payment_intent", None)
        if not isinstance(intent, str) or not _ID.fullmatch(intent):
            raise _failed("parameter_invalid", "payment_intent has to be the id of a PaymentIntent.")
        return await self._answer(context, f"/v1/payment_intents/{intent}/{name}", more)

    async def _answer(self, context: StartOperationContext, path: str, given: Given) -> Told:
        answered = await self._ask(path, f"nexus/{context.request_id}", given)
        if answered.status == HTTPStatus.OK:
            return {"object": answered.body, "declined": None}
        error = answered.body.get("error", {})
        message, intent = str(error.get("message", "")), error.get("payment_intent")
        if answered.again or answered.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise nexusrpc.HandlerError(message, type=nexusrpc.HandlerErrorType.UNAVAILABLE)
        if answered.status == HTTPStatus.PAYMENT_REQUIRED and intent is not None:
            said = ("code", "decline_code", "message")
            return {"object": intent, "declined": {name: error[name] for name in said if name in error}}
        if answered.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise nexusrpc.HandlerError(message, type=nexusrpc.HandlerErrorType.UNAUTHORIZED)
        raise _failed(str(error.get("code") or error.get("type")), message, error)


def _failed(code: str, message: str, error: JsonObject | None = None) -> nexusrpc.OperationError:
    """How an operation fails for good that was refused: with an ApplicationError whose type is Stripe's code."""
    failed = nexusrpc.OperationError(message, state=nexusrpc.OperationErrorState.FAILED)
    failed.__cause__ = ApplicationError(message, *([error] if error else []), type=code, non_retryable=True)
    return failed


def build_nexus_worker(client: Client, ask: Ask, task_queue: str = NEXUS_QUEUE) -> Worker:
    """What polls for operations."""
    return Worker(
        client,
        task_queue=task_queue,
        nexus_service_handlers=[PaymentsHandler(ask)],
        max_concurrent_nexus_tasks=OPERATIONS_MAX,
        graceful_shutdown_timeout=DRAIN_TIMEOUT,
    )
