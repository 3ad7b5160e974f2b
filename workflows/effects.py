"""Asking for effects from a workflow: which activity does what, and what it means when one gives up.

Each takes the state and answers with values; the workflow's own state is changed in payment_intent.py alone. Where the
record turned out to say something else, the answer is the record's state instead of what was asked for.
"""

from collections.abc import Awaitable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.payments import PaymentActivities
    from contracts.messages import Question, Recollection, Recording, Work, WorkResult
    from domain.machine.decisions import Decision, decide
    from domain.machine.transitions import Transition, carried_out, left_unknown
    from domain.model.commands import Command
    from domain.model.outcomes import Effect, Outcome
    from domain.model.payment_intent import PaymentIntent
    from domain.refusals import InvariantViolation, Refusal
    from workflows.options import CARRY_OUT_OPTIONS, DURABLE_OPTIONS
    from workflows.refusals import refused, stop_if_broken

_T = TypeVar("_T")


async def carry_out(
    intent: PaymentIntent, command: Command, decision: Decision, now: int
) -> tuple[Transition | PaymentIntent, int]:
    """What the command did at `now` (Unix seconds); or the record's state, on which it is to be decided again.

    And for how many milliseconds others were asked for it.

    Raises:
        ApplicationError: it cannot be stored, it came too late, or the payment is stopped.
    """
    work = Work(intent=intent, command=command, now=now)
    try:
        result = await workflow.execute_local_activity_method(
            PaymentActivities.carry_out, work, **CARRY_OUT_OPTIONS, summary=command.name
        )
    except FailureError as error:
        # Not ActivityError: a local activity that gives up raises its own last error, unwrapped.
        stop_if_broken(error, intent)
        if intent.rules > 0 and is_cancelled_exception(error):
            # The run is to be canceled. What was begun is on the record, and is finished by whoever comes next.
            raise
        if decision.effect is not None:
            recording = Recording(intent=intent, command=command, effect=decision.effect, now=now)
            latest = await _record(recording, "unknown")
            return latest or left_unknown(intent, command, decision, decision.effect, now), 0
        # There is nothing to ask the gateway for this. Either it is away, and another command is under way, which
        # becomes an unknown outcome; or the record store is away, and we keep writing until it is back.
        latest = await recall(intent) if intent.rules > 0 else None
        if latest is not None and latest.version > intent.version:
            return latest, 0
        result = await _durably(
            intent,
            workflow.execute_activity_method(
                PaymentActivities.carry_out, work, **DURABLE_OPTIONS, summary=command.name
            ),
        )
    return _done(intent, command, decision, now, result), result.asked_ms


def _done(
    intent: PaymentIntent, command: Command, decision: Decision, now: int, result: WorkResult
) -> Transition | PaymentIntent:
    if result.refusal is not None:
        raise refused(result.refusal, intent)
    if result.latest is not None:
        return result.latest
    if result.now is None:
        return carried_out(intent, command, decision, result.outcome, now)
    earlier = decide(intent, command, result.now)
    if isinstance(earlier, Refusal):
        raise InvariantViolation(f"a refused command was carried out: {earlier.message}")
    return carried_out(intent, command, earlier, result.outcome, result.now)


async def ask(intent: PaymentIntent, effect: Effect) -> Outcome:
    """What became of an effect, however long it takes to find out.

    Raises:
        ApplicationError: the payment is stopped.
    """
    result = await _durably(
        intent,
        workflow.execute_activity_method(
            PaymentActivities.ask_gateway, Question(effect=effect), **DURABLE_OPTIONS, summary=effect.operation
        ),
    )
    if result.outcome is None:
        raise InvariantViolation("the gateway was asked until it answered, and there is no outcome")
    return result.outcome


async def record_known(intent: PaymentIntent, effect: Effect, outcome: Outcome, now: int) -> PaymentIntent | None:
    """Write down what became of `effect`; the record's state, if it says otherwise.

    Raises:
        ApplicationError: the payment is stopped.
    """
    return await _record(Recording(intent=intent, effect=effect, outcome=outcome, now=now), "known")


async def recall(intent: PaymentIntent) -> PaymentIntent | None:
    """What the record says, with nothing under way any more; None if there is none.

    Raises:
        ApplicationError: the payment is stopped.
    """
    recollection = Recollection(id=intent.id, intent=intent)
    return await _durably(
        intent,
        workflow.execute_activity_method(PaymentActivities.recall, recollection, **DURABLE_OPTIONS, summary="catch up"),
    )


async def _record(recording: Recording, summary: str) -> PaymentIntent | None:
    return await _durably(
        recording.intent,
        workflow.execute_activity_method(PaymentActivities.record, recording, **DURABLE_OPTIONS, summary=summary),
    )


async def _durably(intent: PaymentIntent, running: Awaitable[_T]) -> _T:
    """Wait for a regular activity, which ends in success, or because we are wrong, or stopped."""
    try:
        return await running
    except FailureError as error:
        stop_if_broken(error, intent)
        raise


async def check(command: Command) -> Refusal | None:
    """What is wrong with a command that was typed by hand."""
    return await workflow.execute_local_activity_method(
        PaymentActivities.check, command, **CARRY_OUT_OPTIONS, summary=f"check {command.name}"
    )
