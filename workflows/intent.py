"""An intent as a durable workflow, whichever kind: commands in, facts recorded, answers out. Holds no rules.

Every command goes through `_handle`: take the lock, look the command up in the carried ledger, ask the domain, carry
it out, apply the facts, answer; and once more from the ledger on, whenever the record turns out to be elsewhere
(domain/machine/fence.py). `_run` only waits: for the unknown to become known, for time to act, for the end.

Determinism: the clock is `workflow.now()`, effects are activities, and everything else is pure (domain/). State lives
in `self._intent` alone, so a fresh start, a continued run and a revived intent are the same code path. Change this
file only as docs/ARCHITECTURE.md ("Changing the workflow") says; CI replays recorded histories against it. The kinds
(payment_intent.py, setup_intent.py) have the handlers: Temporal finds those by the class that it runs.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from domain.model.hashes import JsonObject

with workflow.unsafe.imports_passed_through():
    # Class identity and speed. It also turns Temporal's determinism guard off for these, so ruff bans clocks there.
    from contracts import by_hand, names
    from domain.copies import replace
    from domain.machine.intents import D, E, Machine, S, T
    from domain.model.commands import Cancel, Command, is_late, late
    from domain.model.events import PaymentError
    from domain.model.resolutions import Resolve
    from domain.model.statuses import TERMINAL
    from domain.model.wording import busy
    from domain.refusals import InvariantViolation, Refusal
    from workflows import effects
    from workflows.asking import Asking
    from workflows.effects import Effects
    from workflows.options import CLOSING_GRACE, REFUSED_PAUSE, TASK_BOUNDARY, TIMER_SECONDS_MAX
    from workflows.refusals import STOPPED
    from workflows.waiting import Waiting

SIGNALED, UPDATED = BY_HAND = "signal/", "update/"
"""What the ids of commands start with that came without one: somebody has typed them."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[S, E, D, T, R]):
    """What one kind of intent is made of: R is the answer to a command.

    `answer(intent, error, asked_ms)` makes it, `start(intent, history_events_max)` what a run that continues is started
    with. `details(intent, refusal, stopped)`, `waiting_for`, `changed_attributes` and `changed_memo` are what people
    read in the Temporal UI.
    """

    machine: Machine[S, E, D, T]
    effects: Effects[S, E, D, T]
    refused: Callable[[Refusal, S], ApplicationError]
    answer: Callable[[S, PaymentError | None, int], R]
    start: Callable[[S, int], Any]
    details: Callable[[S, str | None, str | None], str]
    waiting_for: Callable[[S], str]
    changed_attributes: Callable[[S, S], list[SearchAttributeUpdate[Any]]]
    changed_memo: Callable[[S, S], JsonObject]


class IntentWorkflow(Generic[S, E, D, T, R]):
    """The mechanics of one intent, from its creation to its end. The workflow id is the intent's id."""

    def __init__(self, kind: Kind[S, E, D, T, R], intent: S, history_events_max: int) -> None:
        """Take up the state; the same for a fresh intent, a continued one and a revived one."""
        self._kind = kind
        self._machine = kind.machine
        self._intent = intent
        self._history_events_max = history_events_max
        self._lock = asyncio.Lock()
        self._revived = intent.status in TERMINAL
        self._parked = False
        self._asking = Asking()
        self._signals = 0
        self._started_with = intent.version
        self._last_refusal: str | None = None
        self._stopped: str | None = None
        self._waiting = Waiting()
        self._show()

    async def _run(self) -> str:
        """Wait for what only time or the gateway brings; end with the final status."""
        while True:
            try:
                if self._revived:
                    await self._await_command()
                if await self._advance():
                    return str(self._intent.status)
            except (asyncio.CancelledError, FailureError) as error:
                # "Request Cancellation" in the Temporal UI: somebody wants the intent canceled, and no hold left.
                if not is_cancelled_exception(error):
                    raise
                await self._obey(Cancel(command_id=f"cancellation/{self._chain()}"))

    async def _advance(self) -> bool:
        """Do the next thing that is due; true when nothing is left to do."""
        await self._await_change()
        if self._intent.pending and self._stopped is None:
            await self._find_out()
        elif self._parked:
            self._parked = False
            return self._machine.parkable(self._intent) and workflow.all_handlers_finished()
        elif self._ended() or self._history_is_long():
            await workflow.wait_condition(self._is_quiet)
            if self._ended():
                # Ended, unless the gateway still owes an answer about a refund.
                return not self._intent.pending
            if not self._intent.pending:
                most = self._history_events_max
                workflow.continue_as_new(self._kind.start(self._intent, most))
        else:
            due = self._machine.due_command(self._intent)
            if due is not None and not await self._obey(replace(due, command_id=f"{due.name}/{self._intent.version}")):
                await self._pause()
        return False

    def _ended(self) -> bool:
        return self._machine.ended(self._intent)

    def _is_quiet(self) -> bool:
        """Whether no handler is at work. One may wait for an outcome to become known, which `run` has to find out."""
        finding_out = self._levels and self._intent.pending is not None and self._stopped is None
        return finding_out or workflow.all_handlers_finished()

    async def _pause(self) -> None:
        """What is due and was refused would be refused again at once."""
        seen = self._intent.version
        if self._stopped is None:
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._intent.version != seen, timeout=REFUSED_PAUSE)

    def refuse_signal(self, name: str, why: str) -> None:
        """Show what nobody waits for an answer to."""
        self._last_refusal = f"{name}: {why}"
        workflow.logger.info("refused signal", extra={"about": {"signal": name, "why": why}})
        self._show()

    def refused(self, refusal: Refusal) -> ApplicationError:
        """How an update fails that is refused."""
        return self._kind.refused(refusal, self._intent)

    def _refuse_early(self, command: Command) -> None:
        """Refuse without leaving a trace in history. A courtesy: `_handle` decides again, under the lock.

        Only for a sender who has seen the record, and not more of it than we know; and not while another command is
        carried out, which may be what this one is about.
        """
        level = 0 < command.seen_version <= self._intent.version and not self._lock.locked()
        known = self._machine.remembered(self._intent, command.command_id) is not None
        if is_late(command, self._now()) and not known:
            # It waited for a worker for longer than its sender for it. No trace: repeated, it is a new update.
            raise self.refused(late())
        if level and not known:
            decision = self._machine.decide(self._intent, command, self._now())
            if isinstance(decision, Refusal):
                raise self.refused(decision)
        if self._machine.too_many_open(self._intent, self._waiting.commands, command):
            # With those that wait, the answers would be more than the server takes: it had better come again.
            raise self.refused(busy())

    async def _signaled(self, command: Command) -> None:
        await self._obey(self._with_id(command), by_signal=True)

    def _with_id(self, command: Command) -> Command:
        """A signal by its number in this run, unless it has an id: what a replay, or a reset, calls the same."""
        self._signals += 1
        if command.command_id:
            return command
        return replace(command, command_id=f"{SIGNALED}{self._chain()}/{self._signals}")

    def _chain(self) -> str:
        """This run, by a name that a replay and a reset call it, too."""
        return f"{workflow.info().first_execution_run_id}/{self._started_with}"

    async def _answer(self, command: Command) -> R:
        """Carry out an update; one without an id has its update's."""
        info = workflow.current_update_info()
        if not command.command_id and info is not None:
            command = replace(command, command_id=f"{UPDATED}{info.id}")
        typed = info is None or by_hand.is_typed(command, info.id)
        with self._waiting.counted(command):
            return await self._handle(command, typed)

    async def _handle(self, command: Command, typed: bool) -> R:
        waits = self._lock.locked()
        async with self._lock:
            if waits and self._intent.rules > 2:
                # Who held it may have been carried out by a worker that nobody counts on any more.
                await self._still_ours()
            level = 0 < command.seen_version <= self._intent.version
            if self._revived or command.seen_version > self._intent.version:
                level = await self._recall()
            if self._levels and (typed or command.command_id.startswith(BY_HAND)):
                wrong = await effects.check(command)
                if wrong is not None:
                    raise self.refused(wrong)
            while True:
                entry = self._machine.remembered(self._intent, command.command_id)
                if entry is not None:
                    return self._kind.answer(self._intent, entry.error, 0)
                now = self._now()
                if is_late(command, now):
                    raise self.refused(late())
                decision = self._machine.decide(self._intent, command, now)
                if isinstance(decision, Refusal):
                    if level or not self._levels:
                        raise self.refused(decision)
                    level = await self._recall()
                    continue
                with self._noticing():
                    carried = await self._kind.effects.carry_out(self._intent, command, decision, now)
                done, latest, asked_ms = carried
                self._take(done, latest)
                if done is not None and done.goes_on:
                    # What we have just recorded is what the record says.
                    level = True
                    continue
                if done is not None:
                    if isinstance(command, Resolve):
                        self._asking.call_back()
                    return self._kind.answer(self._intent, done.error, asked_ms)
                await self._still_ours()
                level = True

    async def _still_ours(self) -> None:
        """Go on only if the server still counts on this very run of the code.

        A worker that was frozen may hold a command that another one has refused meanwhile, by the record of then. It
        must not carry it out by the record of now: its task's completion is not taken any more, so it stays here.
        """
        await workflow.sleep(TASK_BOUNDARY)

    @property
    def _levels(self) -> bool:
        """Whether this run goes by the rules that came with the fence: the state it was started with says so.

        No marker says it for runs of before: after a local activity that took long, a replay asks for the marker a task
        too early (temporalio 1.35.0), and does not find it. They go on as they were begun; what is done with money is
        fenced by the activities, for them as well.
        """
        return self._intent.rules > 0

    async def _level(self) -> None:
        with self._stopping():
            async with self._lock:
                await self._recall()
                self._stopped = None
                self._show()

    async def _recall(self) -> bool:
        """Catch up with the record, which may be ahead of us; true, as we are level with it then.

        Revived: the state we were started with may be older than the end of the last run. Or worker and server were
        killed together, after a local activity had asked the gateway and written the record, and before its task was
        complete: then this workflow does not know what it has done.
        """
        latest = await self._kind.effects.recall(self._intent)
        if latest is not None and latest.version > self._intent.version:
            self._become(latest)
        self._revived = False
        return True

    async def _obey(self, command: Command, by_signal: bool = False) -> bool:
        """Carry out a command that nobody waits for; a refusal is shown in the UI and forgotten. False if refused."""
        try:
            await self._handle(command, by_signal and by_hand.is_typed(command))
        except ApplicationError as refusal:
            if refusal.type != STOPPED:
                self.refuse_signal(command.name, refusal.message)
            return False
        return True

    async def _find_out(self) -> None:
        """Ask the gateway about the pending effect until it is known; commands meanwhile find `processing`."""
        effect = self._intent.pending
        if effect is None:
            return
        with self._stopping(), self._asking.until(lambda: self._intent.pending != effect):
            outcome = await self._kind.effects.ask(self._intent, effect, self._asking.begun)
            if outcome is None:
                await self._asking.released()
                return
            async with self._lock:
                if self._intent.pending == effect:
                    now = self._now()
                    latest = await self._kind.effects.record_known(self._intent, effect, outcome, now)
                    known = None if latest else self._machine.make_known(self._intent, effect, outcome, now)
                    self._take(known, latest)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """A payment that is stopped shows why, and does nothing by itself until the signal `level`."""
        try:
            yield
        except ApplicationError as error:
            if error.type == STOPPED:
                self._stopped = error.message
                self._show()
            raise

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """As `_noticing`, where nobody waits for an answer."""
        try:
            with self._noticing():
                yield
        except ApplicationError as error:
            if error.type != STOPPED:
                raise

    def _take(self, done: T | None, latest: S | None) -> None:
        """What we did ourselves, or what the record says instead."""
        self._last_refusal = None
        intent: S | None = latest if done is None else done.after
        if intent is None:
            raise InvariantViolation("a command was neither carried out nor found elsewhere")
        self._become(intent)

    def _become(self, intent: S) -> None:
        # The record may not know yet that this run goes by newer rules.
        before, self._intent = self._intent, by_newest_rules(intent, self._intent)
        self._stopped = None
        # Runs that an older release has started go on asking, unless it was an operator who has said it.
        if self._intent.rules > 1 and before.pending is not None and self._intent.pending != before.pending:
            self._asking.call_back()
        self._show()
        changes = self._kind.changed_attributes(before, intent)
        if changes:
            workflow.upsert_search_attributes(changes)
        said = self._kind.changed_memo(before, intent)
        if said and (self._levels or workflow.patched(names.PATCH_MEMO)):
            workflow.upsert_memo(said)

    async def _await_command(self) -> None:
        """A revived intent has ended already; it lives on for the command that revived it."""
        try:
            await workflow.wait_condition(lambda: not self._revived, timeout=CLOSING_GRACE)
        except TimeoutError:
            # The command was lost on its way, perhaps after it had been claimed.
            if self._levels:
                await self._level()
            self._revived = False

    async def _await_change(self) -> None:
        """Return when there is something to do, or when the hold's time is up."""
        while not self._due():
            if self._stopped is not None:
                await workflow.wait_condition(lambda: self._stopped is None or self._parked)
                continue
            due = self._machine.deadline(self._intent)
            seen = self._intent.version
            timeout = timedelta(seconds=min(max(0, due - workflow.time()), TIMER_SECONDS_MAX)) if due else None
            try:
                await workflow.wait_condition(
                    partial(self._changed, seen),
                    timeout=timeout,
                    timeout_summary=self._kind.waiting_for(self._intent),
                )
            except TimeoutError:
                return

    def _due(self) -> bool:
        if self._stopped is not None:
            return self._parked
        asking = self._intent.pending is not None
        return asking or self._parked or self._ended() or self._history_is_long()

    def _changed(self, seen: int) -> bool:
        return self._due() or self._stopped is not None or self._intent.version != seen

    def _history_is_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > self._history_events_max

    def _now(self) -> int:
        return int(workflow.time())

    def _show(self) -> None:
        workflow.set_current_details(self._kind.details(self._intent, self._last_refusal, self._stopped))


def by_newest_rules(intent: S, known: S) -> S:
    """The intent, by the newer rules of the two."""
    newest: S = replace(intent, rules=max(intent.rules, known.rules))  # type: ignore[type-var]
    return newest
