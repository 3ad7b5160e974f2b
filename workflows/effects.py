"""Asking for effects from a workflow: which activity does what, and what it means when one gives up.

Each takes the state and answers with values; the workflow's own state is changed in intent.py alone. Where the record
turned out to say something else, the answer is the record's state instead of what was asked for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception
from temporalio.workflow import ActivityHandle

with workflow.unsafe.imports_passed_through():
    from activities.payments import PaymentActivities
    from contracts.names import gateway_queue
    from domain.machine.intents import D, E, Machine, S, T
    from domain.model.commands import Command
    from domain.model.outcomes import Outcome
    from domain.refusals import InvariantViolation, Refusal
    from workflows.options import (
        CARRY_OUT_OPTIONS,
        DURABLE_OPTIONS,
        PATIENT_ASK_OPTIONS,
        PATIENT_OPTIONS,
        TASK_BOUNDARY,
    )
    from workflows.refusals import stop_if_broken

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire(Generic[S, E]):
    """What travels for one kind of intent, and to which activities: methods of its class of activities.

    `work(intent, command, now)`, `question(intent, effect)`, `unknown(intent, command, effect, now)`, `known(intent,
    effect, outcome, now)` and `recollection(intent)` make the messages; `refused` makes the failure of an update.
    """

    carry_out: Any
    ask: Any
    record: Any
    recall: Any
    work: Callable[[S, Command, int], Any]
    question: Callable[[S, E], Any]
    unknown: Callable[[S, Command, E, int], Any]
    known: Callable[[S, E, Outcome, int], Any]
    recollection: Callable[[S], Any]
    refused: Callable[[Refusal, S], ApplicationError]


@dataclass(frozen=True, slots=True)
class Effects(Generic[S, E, D, T]):
    """The effects of one kind of intent."""

    machine: Machine[S, E, D, T]
    wire: Wire[S, E]

    async def carry_out(self, intent: S, command: Command, decision: D, now: int) -> tuple[T | None, S | None, int]:
        """What the command did at `now` (Unix seconds); or the record's state, on which it is to be decided again.

        And for how many milliseconds others were asked for it.

        Raises:
            ApplicationError: it cannot be stored, it came too late, or the intent is stopped.
        """
        wire = self.wire
        work = wire.work(intent, command, now)
        try:
            result = await self._carry_out(work, decision.effect, command.name, again=intent.rules > 0)
        except FailureError as error:
            # Not ActivityError: a local activity that gives up raises its own last error, unwrapped.
            stop_if_broken(error, intent)
            if intent.rules > 0 and is_cancelled_exception(error):
                # The run is to be canceled. What was begun is on the record, and is finished by whoever comes next.
                raise
            if decision.effect is not None:
                latest = await self._record(intent, wire.unknown(intent, command, decision.effect, now), "unknown")
                if latest is not None:
                    return None, latest, 0
                return self.machine.leave_unknown(intent, command, decision, decision.effect, now), None, 0
            # There is nothing to ask the gateway for this. Either it is away, and another command is under way, which
            # becomes an unknown outcome; or the record store is away, and we keep writing until it is back.
            latest = await self.recall(intent) if intent.rules > 0 else None
            if latest is not None and latest.version > intent.version:
                return None, latest, 0
            running = workflow.execute_activity_method(wire.carry_out, work, **DURABLE_OPTIONS, summary=command.name)
            result = await _durably(intent, running)
        done, latest = self._done(intent, command, decision, now, result)
        return done, latest, result.asked_ms

    async def _carry_out(self, work: Any, effect: Any, name: str, *, again: bool) -> Any:
        """By a local activity, which holds the task while it waits: for what answers at once.

        What takes seconds has a queue of its gateway's, and a caller who waits so long for it: then it is unknown.
        """
        patience = getattr(effect, "patience", 0)
        if not patience:
            return await _locally(self.wire.carry_out, work, name, again=again)
        return await workflow.execute_activity_method(
            self.wire.carry_out,
            work,
            task_queue=gateway_queue(effect.gateway),
            schedule_to_close_timeout=timedelta(seconds=patience),
            **PATIENT_OPTIONS,
            summary=name,
        )

    def _done(self, intent: S, command: Command, decision: D, now: int, result: Any) -> tuple[T | None, S | None]:
        if result.refusal is not None:
            raise self.wire.refused(result.refusal, intent)
        if result.latest is not None:
            return None, result.latest
        if result.now is None:
            return self.machine.carry_out(intent, command, decision, result.outcome, now), None
        earlier = self.machine.decide(intent, command, result.now)
        if isinstance(earlier, Refusal):
            raise InvariantViolation(f"a refused command was carried out: {earlier.message}")
        return self.machine.carry_out(intent, command, earlier, result.outcome, result.now), None

    async def ask(self, intent: S, effect: E, begun: Callable[[ActivityHandle[Any]], None]) -> Outcome | None:
        """What became of an effect, however long it takes to find out; None if its gateway may not be asked now.

        `begun` is given what asks, so that it can be called back.

        Raises:
            ApplicationError: the intent is stopped.
        """
        question, operation = self.wire.question(intent, effect), str(getattr(effect, "operation", ""))
        asking = workflow.start_activity_method(self.wire.ask, question, **_question_options(effect), summary=operation)
        begun(asking)
        result = await _durably(intent, asking)
        outcome: Outcome | None = result.outcome
        if outcome is None and not result.held_back:
            raise InvariantViolation("the gateway was asked until it answered, and there is no outcome")
        return outcome

    async def record_known(self, intent: S, effect: E, outcome: Outcome, now: int) -> S | None:
        """Write down what became of `effect`; the record's state, if it says otherwise.

        Raises:
            ApplicationError: the intent is stopped.
        """
        return await self._record(intent, self.wire.known(intent, effect, outcome, now), "known")

    async def recall(self, intent: S) -> S | None:
        """What the record says, with nothing under way any more; None if there is none.

        Raises:
            ApplicationError: the intent is stopped.
        """
        recollection = self.wire.recollection(intent)
        latest: S | None = await _durably(
            intent,
            workflow.execute_activity_method(self.wire.recall, recollection, **DURABLE_OPTIONS, summary="catch up"),
        )
        return latest

    async def _record(self, intent: S, recording: Any, summary: str) -> S | None:
        latest: S | None = await _durably(
            intent,
            workflow.execute_activity_method(self.wire.record, recording, **DURABLE_OPTIONS, summary=summary),
        )
        return latest


def _question_options(effect: Any) -> Any:
    """How to ask about an effect: where its gateway has a queue, there, and for longer."""
    if not getattr(effect, "patience", 0):
        return DURABLE_OPTIONS
    return {**PATIENT_ASK_OPTIONS, "task_queue": gateway_queue(effect.gateway)}


async def _durably(intent: S, running: Awaitable[_T]) -> _T:
    """Wait for a regular activity, which ends in success, or because we are wrong, or stopped."""
    try:
        return await running
    except FailureError as error:
        stop_if_broken(error, intent)
        raise


async def _locally(activity: Any, argument: Any, summary: str, *, again: bool = True) -> Any:
    """What a local activity answers; begun `again` when it was canceled, and nobody has asked for that.

    A worker that is too slow for its task gives the run up, and cancels what it does for it. It may tell that to the
    run that it takes up next, of which nobody wants anything canceled (temporalio 1.35.0, seen at a load of 15): a
    command failed so, for good, and a run that is canceled cancels its payment.
    """
    while True:
        try:
            return await workflow.execute_local_activity_method(
                activity, argument, **CARRY_OUT_OPTIONS, summary=summary
            )
        except FailureError as error:
            if not (again and is_cancelled_exception(error)) or workflow.cancellation_reason() is not None:
                raise
            # Only if the server still counts on this very run of the code.
            await workflow.sleep(TASK_BOUNDARY)


async def check(command: Command) -> Refusal | None:
    """What is wrong with a command that was typed by hand."""
    refusal: Refusal | None = await _locally(PaymentActivities.check, command, f"check {command.name}")
    return refusal
