"""The kinds of intents, for whoever starts, signals and asks their workflows from outside: the API and housekeeping."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contracts import names
from contracts.messages import CommandResult, Refused, start_of
from contracts.setup_messages import SetupRefused, SetupResult, setup_start_of
from domain.machine.intents import Machine, S
from domain.machine.payments import PAYMENTS
from domain.machine.setups.transitions import SETUPS
from domain.model.events import PaymentError
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from temporal.starting import setup_start_options, start_options
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.setup_intent import SetupIntentWorkflow

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
    options: Callable[[S, str], JsonObject]


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

SETUP_INTENTS: Hosted[SetupIntent, SetupResult] = Hosted(
    title="SetupIntent",
    workflow=names.SETUP_WORKFLOW,
    query=names.SETUP_QUERY,
    run=SetupIntentWorkflow.run,
    machine=SETUPS,
    state=SetupIntent,
    result=SetupResult,
    refused=SetupRefused,
    start=setup_start_of,
    answer=lambda intent, error: SetupResult(intent=intent, error=error),
    options=setup_start_options,
)
