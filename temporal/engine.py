"""The engine, as the API sees it: the only Temporal client. Starts intents, sends commands, reads by query.

Answers are domain objects; failures are the two exceptions below and nothing else. Idempotent by the command's id: the
server deduplicates within a run, the workflow's ledger for good.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Generic

from pydantic import TypeAdapter
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from contracts import names
from contracts.messages import CommandResult
from domain.copies import replace
from domain.machine.intents import Intent, S
from domain.model.commands import LATE, Command
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import TERMINAL
from domain.refusals import Refusal
from observability import metrics
from temporal.client import query
from temporal.codec import KeyUnknown
from temporal.deadlines import Deadlines, Send, update_id
from temporal.kinds import PAYMENT_INTENTS, Hosted, R
from temporal.port import Latest, Reload
from temporal.refusals import CommandLate, CommandRefused
from workflows.options import FIRST_TASK_DELAY
from workflows.refusals import REFUSED, STOPPED

ANSWER_TIMEOUT_SECONDS = 15.0
"""Longest wait for a command, unless another is set. The workflow itself answers within 5 s of starting on it; the rest
is for a worker that has just died, or a queue."""

NO_ANSWER = "no answer in time: Temporal is silent, or no worker is free; /health says which"

READ_TIMEOUT = timedelta(seconds=2)
"""A query that no worker answers in this time is answered from the record."""

FAST_FORWARD_TIMEOUT_SECONDS = 30.0
TASK_PAUSE_SECONDS = 0.05

ENDED = "The PaymentIntent has ended, so its clock does not move any more."
"""Or the SetupIntent: by its own title."""
NO_TIME_SKIPPING = (
    "The Temporal server does not support moving a workflow's clock. Set `frontend.WorkflowTimeSkippingEnabled` in its "
    "dynamic configuration; `make run` does."
)

NEVER_HANDLED = ("AcceptedUpdateCompletedWorkflow", "UnprocessedUpdate")
"""An update that nobody carried out: its run ended under it, or a worker was killed when it had just been given it."""
ROLLOVERS_MAX = 5
ROLLOVER_PAUSE_SECONDS = 0.05
"""A run that rolls over (continue-as-new) fails the update that arrives at that moment; its successor takes it."""


class EngineUnavailable(Exception):
    """No answer. The command may or may not be carried out; sending it again with the same id is safe."""


class PaymentStopped(Exception):
    """The payment waits for somebody to look at it (workflows/refusals.py). Says why."""


class ClockFixed(Exception):
    """The payment's clock cannot be moved: the server does not skip time, or the payment has ended. Says which."""


class TemporalIntents(Generic[S, R]):
    """The engine of one kind of intent on a Temporal service."""

    skips_max = 20_000  # Timers until the server gives up (by itself at 200): a gateway is asked every minute.

    def __init__(
        self,
        kind: Hosted[S, R],
        client: Client,
        latest: Latest[S],
        task_queue: str = names.TASK_QUEUE,
        answer_seconds: float = ANSWER_TIMEOUT_SECONDS,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """Send to `task_queue` of the connected service; a caller waits `answer_seconds` at most.

        `latest` is where an intent is revived from when its workflow is gone and nobody has brought its record along.
        With a `clock` (Unix seconds), what no worker has begun until then is dropped (deadlines.py).
        """
        self._kind = kind
        self._client = client
        self._latest = latest
        self._refused: TypeAdapter[Any] = TypeAdapter(kind.refused)
        self._task_queue = task_queue
        self._answer_seconds = answer_seconds
        self._deadlines = Deadlines(clock, answer_seconds) if clock else None

    async def start(self, intent: S) -> None:
        """Start an intent. Durable when this returns."""
        try:
            await self._client.start_workflow(
                self._kind.run,
                self._kind.start(intent),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                start_delay=FIRST_TASK_DELAY,
                **self._kind.options(intent, self._task_queue),
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise EngineUnavailable(error.message) from error

    async def start_with(self, intent: S, command: Command) -> R:
        """Start and command in one workflow task; also how an ended intent is revived."""

        async def send(sent: Command, named: str | None) -> R:
            return await self._answer(intent, lambda: self._update_with_start(intent, sent, named))

        return await self._in_time(command, send)

    async def send(self, intent: S, command: Command, reload: Reload[S]) -> R:
        """Carry out a command, reviving the intent from its record if its run has ended."""
        if intent.status in TERMINAL:
            return await self._send_to_ended(intent, command)

        async def send(sent: Command, named: str | None) -> R:
            return await self._answer(intent, lambda: self._update(intent.id, sent, named))

        try:
            return await self._in_time(command, send)
        except _RunEnded:
            # Not from `intent`: the run may have ended because it changed since that was read.
            latest = await reload()
            behind = replace(command, seen_version=max(command.seen_version, latest.version))
            return await self._send_to_ended(latest, behind)

    async def _send_to_ended(self, intent: S, command: Command) -> R:
        """The record is the truth now: refuse or repeat from it, and revive the intent only for a legal command."""
        # Only of one that has ended: a run that has just rolled over may not know yet what its record knows.
        entry = self._kind.machine.remembered(intent, command.command_id) if intent.status in TERMINAL else None
        if entry is not None:
            # Who repeats it has perhaps had no answer because its workflow died, and does not know what it has done.
            await self._level(intent.id)
            return self._kind.answer(intent, entry.error)
        decision = self._kind.machine.decide(intent, command, intent.created)
        if intent.status in TERMINAL and isinstance(decision, Refusal):
            raise CommandRefused(decision, intent)
        return await self.start_with(intent, command)

    async def _level(self, id_: str) -> None:
        """Let a workflow catch up with its record, if it runs; who cannot be told is not answered for, either."""
        try:
            await self._handle(id_).signal(names.LEVEL)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise EngineUnavailable(error.message) from error

    async def notify(self, id_: str, command: Command) -> bool:
        """Signal the workflow: durable when this returns."""
        try:
            await self._handle(id_).signal(command.name, command)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return await self._revive(id_, command)
            raise EngineUnavailable(error.message) from error
        return True

    async def _revive(self, id_: str, command: Command | None = None) -> bool:
        """Start an open intent whose workflow is gone from its record, with a signal for it. False if it has ended.

        Whoever else does so at the same moment finds it running: it is started once, and the signal is not lost.
        """
        intent = await self._latest(id_)
        if intent is None or self._kind.machine.ended(intent):
            return False
        try:
            await self._client.start_workflow(
                self._kind.run,
                self._kind.start(intent),
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=command.name if command else names.LEVEL,
                start_signal_args=[command] if command else [],
                **self._kind.options(intent, self._task_queue),
            )
        except RPCError as error:
            raise EngineUnavailable(error.message) from error
        metrics.REVIVED.labels("api").inc()
        return True

    async def time_of(self, id_: str, now: int) -> int:
        """Ask the server, which keeps the clock of every workflow it has skipped time for."""
        try:
            described = await self._handle(id_).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise self._clock_fixed(error) from error
            described = None
        if described is None or described.status != WorkflowExecutionStatus.RUNNING:
            if not await self._revive(id_):
                raise ClockFixed(self._ended)
            return now
        extended = described.raw_description.workflow_extended_info
        skipped = extended.HasField("time_skipping_info")
        return int(extended.time_skipping_info.current_time.seconds) if skipped else now

    async def fast_forward(self, id_: str, seconds: int) -> None:
        """Temporal's own time skipping, for this workflow only; one that is behind its record catches up first."""
        try:
            if await self._behind(id_):
                await self._handle(id_).signal(names.LEVEL)
            await self._skip(id_, seconds)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise self._clock_fixed(error) from error
            if not await self._revive(id_):
                raise ClockFixed(self._ended) from error
            try:
                await self._skip(id_, seconds)
            except RPCError as again:
                raise self._clock_fixed(again) from again

    async def _behind(self, id_: str) -> bool:
        """Whether its record knows more than it does. One that is busy is asked again for a while.

        It is not told to level itself at a guess: that would keep it busy, and its clock where it is.
        """
        latest = await self._latest(id_)
        try:
            known: S = await self._handle(id_).query(
                self._kind.query, result_type=self._kind.state, rpc_timeout=READ_TIMEOUT
            )
        except (RPCError, WorkflowQueryFailedError, KeyUnknown):
            return False
        return latest is not None and latest.version > known.version

    async def _skip(self, id_: str, seconds: int) -> None:
        try:
            async with asyncio.timeout(FAST_FORWARD_TIMEOUT_SECONDS):
                await self._between_tasks(id_)
                skipper = TimeSkipper(self._client, config=TimeSkippingConfig(max_session_skip_count=self.skips_max))
                if not await skipper.fast_forward(self._handle(id_), timedelta(seconds=seconds)):
                    await self._has_ended(id_)
        except TimeoutError as error:
            raise EngineUnavailable("the clock was not moved in time") from error
        except RuntimeError as error:
            # Somebody else has moved it at the same moment, and the server knows of the later one only.
            raise EngineUnavailable("the clock was moved by somebody else") from error

    async def _has_ended(self, id_: str) -> None:
        if (await self._handle(id_).describe()).status == WorkflowExecutionStatus.RUNNING:
            raise EngineUnavailable("the clock was not moved all the way")

    async def _between_tasks(self, id_: str) -> None:
        """Wait until no task is under way: a signal of that time would stand before it in history, and not be in it.

        The worker that has the task would not know of the signal, and no replay would do the same (server 1.32.0).
        """
        while True:
            described = await self._handle(id_).describe()
            if not described.raw_description.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(TASK_PAUSE_SECONDS)

    async def retrieve(self, id_: str) -> S | None:
        """Query the workflow, once: the truth while it is open. None if it does not answer now, as while it is busy."""
        try:
            return await query(self._client, id_, READ_TIMEOUT, self._kind.query, self._kind.state)
        except (RPCError, KeyUnknown):
            return None

    def _handle(self, id_: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(id_)

    async def _in_time(self, command: Command, send: Send[R]) -> R:
        """Sent as it is, or so that it is dropped when its caller has gone."""
        if self._deadlines is None:
            return await send(command, update_id(command))
        try:
            return await self._deadlines.keep(command, send)
        except CommandLate as error:
            raise EngineUnavailable("no worker began it in time") from error

    async def _update(self, id_: str, command: Command, named: str | None) -> R:
        update = self._handle(id_).execute_update
        try:
            result: R = await update(command.name, command, id=named, result_type=self._kind.result)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise _RunEnded from error
            raise
        return result

    async def _update_with_start(self, intent: S, command: Command, named: str | None) -> R:
        operation = WithStartWorkflowOperation(
            self._kind.run,
            self._kind.start(intent),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            **self._kind.options(intent, self._task_queue),
        )
        result: R = await self._client.execute_update_with_start_workflow(
            command.name,
            command,
            start_workflow_operation=operation,
            id=named,
            result_type=self._kind.result,
        )
        return result

    async def _answer(self, intent: S, send: Callable[[], Awaitable[R]]) -> R:
        """Wait for the answer; sent again, with the same id, while a run rolls over under our hands."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                for _ in range(ROLLOVERS_MAX):
                    try:
                        return await send()
                    except WorkflowUpdateFailedError as error:
                        self._raise_refusal(error, intent)
                    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
                        raise EngineUnavailable(NO_ANSWER) from error
                    except RPCError as error:
                        _raise_unavailable(error)
                    except KeyUnknown as error:
                        # The answer of a worker that has a newer key than this process.
                        raise EngineUnavailable(str(error)) from error
                    await asyncio.sleep(ROLLOVER_PAUSE_SECONDS)
                raise EngineUnavailable("the workflow kept rolling over")
        except TimeoutError as error:
            raise EngineUnavailable(NO_ANSWER) from error

    def _raise_refusal(self, error: WorkflowUpdateFailedError, intent: Intent) -> None:
        """Raise what the failure means; return if the run only rolled over and the update is to be sent again.

        `intent` is as its sender knows it, for a refusal that does not show it.
        """
        cause = error.cause
        if is_cancelled_exception(cause):
            # Its worker lost its place in the middle of it, and the server remembers that under its id.
            raise CommandLate from error
        if not isinstance(cause, ApplicationError):
            raise error
        if cause.type == REFUSED:
            details = self._refused.validate_python(cause.details[0])
            if details.refusal.code == LATE:
                raise CommandLate from error
            raise CommandRefused(details.refusal, details.intent or intent) from error
        if cause.type == STOPPED:
            raise PaymentStopped(cause.message) from error
        if cause.type not in NEVER_HANDLED:
            raise error

    def _clock_fixed(self, error: RPCError) -> Exception:
        if error.status == RPCStatusCode.NOT_FOUND:
            return ClockFixed(self._ended)
        if "ime-Skipping" in error.message or "ime skipping" in error.message.lower():
            return ClockFixed(NO_TIME_SKIPPING)
        return EngineUnavailable(error.message)

    @property
    def _ended(self) -> str:
        return ENDED.replace(PAYMENT_INTENTS.title, self._kind.title)


class TemporalEngine(TemporalIntents[PaymentIntent, CommandResult]):
    """That of PaymentIntents."""

    def __init__(
        self,
        client: Client,
        latest: Latest[PaymentIntent],
        task_queue: str = names.TASK_QUEUE,
        answer_seconds: float = ANSWER_TIMEOUT_SECONDS,
        clock: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(PAYMENT_INTENTS, client, latest, task_queue, answer_seconds, clock)


class _RunEnded(Exception):
    """The workflow is not running: it has ended, or was never started."""


def _raise_unavailable(error: RPCError) -> None:
    """Raise what the failure means; return if the update is to be sent again: who took it has ended, or forgot it."""
    if error.status != RPCStatusCode.NOT_FOUND and "unexpected workflow task" not in error.message.lower():
        raise EngineUnavailable(error.message) from error
