"""The real activities as a function of what the ports answered: code between two awaits, and nothing else.

An activity is a coroutine that waits for its ports (the gateway, the record store). Here each wait is a `Question`,
which the scheduler answers when it likes, or never. What the activity asks next depends on its argument and on the
answers so far, so it is a pure function of them as well; a coroutine that was frozen and wakes up is just one with more
answers.
"""

import inspect
import typing
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.payments import PaymentActivities
from activities.setups import SetupActivities
from contracts import names
from domain.machine.fence import Answer, Elsewhere, Recorded, UnderWay
from domain.machine.housekeeping import Known
from domain.model.gateways import FIRST, GatewayProfile
from domain.model.outcomes import GatewayEffect, MoveFunds, Outcome, Refund, RequestFunds
from gateways.base import BankTransfer, FundingInstructions, GatewayUndecided, Standing
from gateways.questions import check_answer, check_question, question
from gateways.registry import Gateways
from tests.explore.sdk import content, payload
from tests.explore.values import Value, value

STORE, GATEWAY = "the record store", "the gateway"


@dataclass(frozen=True, slots=True)
class Told:
    """What the gateway was asked under a key, and what it answered."""

    key: str
    asked: Value
    outcome: Outcome = field(compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What an activity waits for: `part` is asked to do `verb` with `subject`."""

    part: str
    verb: str
    subject: Value


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a question, or the error in its place."""

    value: Value
    error: type[Exception] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of an activity: what it was given, and what its ports have answered so far."""

    name: str
    argument: bytes
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The activity has returned (a payload), or raised."""

    result: bytes | None
    error: ApplicationError | None = field(default=None, compare=False)


class _Wait:
    def __init__(self, question: Question) -> None:
        self._question = question

    def __await__(self) -> Generator[Question, Any, Any]:
        return (yield self._question)


class StorePort:
    """The record store, as activities see it: every statement is a question. As records/fence.py asks them.

    Of any kind of intent: what is asked about one is answered about it.
    """

    async def latest(self, id_: str) -> Any | None:
        recorded = await self.recorded(id_)
        return recorded.intent if recorded else None

    async def recorded(self, id_: str) -> Recorded[Any] | None:
        found: Recorded[Any] | None = await _Wait(Question(STORE, "read", value(id_)))
        return found

    async def claim(self, intent: Known, asked: UnderWay) -> Answer[Any]:
        answer = await _Wait(Question(STORE, "claim", value([intent, asked])))
        return await self._reread(answer, intent.id)

    async def project(self, transition: Any) -> Answer[Any]:
        answer = await _Wait(Question(STORE, "write", value(transition)))
        return await self._reread(answer, transition.after.id)

    async def restore(self, intent: Known) -> None:
        await _Wait(Question(STORE, "restore", value(intent)))

    async def _reread(self, answer: Answer[Any], id_: str) -> Answer[Any]:
        """The statement says only that it was not taken; what the record says is read by another one."""
        return Elsewhere(await self.recorded(id_)) if isinstance(answer, Elsewhere) else answer


class GatewayPort:
    """The gateway, as activities see it."""

    profile = GatewayProfile()

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def perform(self, effect: GatewayEffect) -> Outcome:
        told: Told | None = await _Wait(Question(GATEWAY, "perform", value(effect)))
        if told is None:
            raise GatewayUndecided("an error is all that it says, until it tells")
        return self.believed(effect, told)

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        told: Told | None = await _Wait(Question(GATEWAY, "look up", value(effect.key)))
        return None if told is None else self.believed(effect, told)

    async def standing(self, authorization: str) -> Standing | None:
        standing: Standing | None = await _Wait(Question(GATEWAY, "tell what stands of", value(authorization)))
        return standing

    def believed(self, effect: GatewayEffect, told: Told) -> Outcome:
        """The outcome, if it answers the question, as every adapter sees to it."""
        check_question(effect, question(told.asked.content))
        return check_answer(effect, told.outcome)

    async def instructions(self, owner: str, transfer: dict[str, Any]) -> FundingInstructions:
        raise AssertionError("no bank transfers here")

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        raise AssertionError("no bank transfers here")

    async def end_refund(self, refund: str, status: str) -> bool:
        raise AssertionError("nobody is asked for an account here")


class NoBalances:
    """Cash balances are rows of the record store under a lock of their own (ADR 0015); not explored."""

    async def request(self, effect: RequestFunds) -> int:
        raise AssertionError("no bank transfers here")

    async def move(self, effect: MoveFunds) -> Outcome:
        raise AssertionError("no bank transfers here")

    async def refund(self, effect: Refund) -> Outcome:
        raise AssertionError("no bank transfers here")


class ActivityCode:
    """The activities, as a function from a call to what it waits for, or to what came of it."""

    def __init__(
        self, activities: PaymentActivities | SetupActivities | None = None, gateway: GatewayPort | None = None
    ) -> None:
        """Take the real ones, on our ports: those of payments, unless others are given."""
        # Two names of one book: whether a payment that moves ends up with two authorizations is read in that.
        both = Gateways({FIRST: gateway or GatewayPort(), "other": gateway or GatewayPort()})
        payments = PaymentActivities(both, StorePort(), NoBalances(), clock=lambda: 0)
        # What comes by hand is checked by the one activity, whatever it is for.
        self._methods = {names.CHECK: payments.check, **_named(activities or payments)}
        self._types = {name: _argument_type(method) for name, method in self._methods.items()}
        self._known: dict[Call, Question | Done] = {}

    def next(self, call: Call) -> Question | Done:
        """What it waits for after these replies."""
        known = self._known.get(call)
        if known is None:
            known = self._known[call] = self._run(call)
        return known

    def _run(self, call: Call) -> Question | Done:
        argument = content(call.argument, self._types[call.name])
        running = self._methods[call.name](argument)
        try:
            waits: Question = running.send(None)
            for reply in call.replies:
                waits = running.throw(reply.error("told so")) if reply.error else running.send(reply.value.content)
        except StopIteration as end:
            return Done(payload(end.value))
        except ApplicationError as error:
            return Done(None, error)
        except Exception as error:
            # As the SDK reports it.
            return Done(None, ApplicationError(str(error), type=type(error).__name__))
        running.close()
        return waits


def _argument_type(method: Callable[..., Any]) -> Any:
    hints = typing.get_type_hints(method)
    return hints[next(iter(inspect.signature(method).parameters))]


def _named(made: PaymentActivities | SetupActivities) -> dict[str, Callable[[Any], Coroutine[Any, Any, Any]]]:
    """The activities by the names by which workflows ask for them."""
    if isinstance(made, SetupActivities):
        return {
            names.CARRY_OUT_SETUP: made.carry_out,
            names.ASK_ABOUT_SETUP: made.ask_gateway,
            names.RECORD_SETUP: made.record,
            names.RECALL_SETUP: made.recall,
        }
    return {
        names.CARRY_OUT: made.carry_out,
        names.ASK_GATEWAY: made.ask_gateway,
        names.RECORD: made.record,
        names.RECALL: made.recall,
    }
