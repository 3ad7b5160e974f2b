"""The kinds of intents, for whoever starts, signals and asks their workflows from outside: the API and housekeeping."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contracts import names
from contracts.messages import CommandResult, Refused, start_of
from domain.machine.intents import Machine, S
from domain.machine.payments import PAYMENTS
from domain.model.events import PaymentError
from domain.model.payment_intent import PaymentIntent
from temporal.starting import start_options
from workflows.payment_intent import PaymentIntentWorkflow

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted(Generic[S, R]):
    """One kind: the names it goes by at Temporal, and the types of what travels. R is the answer to a command.

    `start(intent)` is what a run is started with, `options(intent, task_queue)` how; `answer(intent, error)` answers a
    command that was carried out before.
    """

    title: str
    workflow: str
    query: str
    run: Any
    machine: Machine[S, Any, Any, Any]
    state: type[S]
    result: type[R]
    refused: type[Any]
    start: Callable[[S], Any]
    answer: Callable[[S, PaymentError | None], R]
    options: Callable[[S, str], dict[str, Any]]


PAYMENT_INTENTS: Hosted[PaymentIntent, CommandResult] = Hosted(
    title="PaymentIntent",
    workflow=names.WORKFLOW,
    query=names.QUERY,
    run=PaymentIntentWorkflow.run,
    machine=PAYMENTS,
    state=PaymentIntent,
    result=CommandResult,
    refused=Refused,
    start=start_of,
    answer=lambda intent, error: CommandResult(intent=intent, error=error),
    options=start_options,
)
