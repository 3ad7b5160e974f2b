"""One PaymentIntent as one durable workflow: commands in, facts recorded, answers out. Holds no rules of its own.

Every command goes through `_handle`: take the lock, look the command up in the carried ledger, ask the domain, carry
it out, apply the facts, answer; and once more from the ledger on, whenever the record turns out to be elsewhere
(domain/machine/fence.py). `run` only waits: for the unknown to become known, for a hold to lapse, for the end.

Determinism: the clock is `workflow.now()`, effects are activities, and everything else is pure (domain/). State lives
in `self._intent` alone, so a fresh start, a continued run and a revived intent are the same code path. Change this
file only as docs/ARCHITECTURE.md ("Changing the workflow") says; CI replays recorded histories against it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    # Class identity and speed. It also turns Temporal's determinism guard off for these, so ruff bans clocks there.
    from contracts import by_hand, names
    from contracts.messages import CommandResult, PaymentIntentStart, start_of
    from domain.machine.decisions import decide
    from domain.machine.transitions import Transition, became_known
    from domain.model.commands import (
        ApplyCustomerBalance,
        AuthenticationResult,
        Cancel,
        Capture,
        CheckSettlement,
        Command,
        Confirm,
        IncrementAuthorization,
        RefundCharge,
        RefundResult,
        ReportDispute,
        Update,
        VerifyMicrodeposits,
        is_late,
        late,
    )
    from domain.model.payment_intent import PaymentIntent, deadline, due_command, parkable, remembered, settleable
    from domain.model.statuses import TERMINAL
    from domain.refusals import Refusal
    from workflows import effects
    from workflows.display import changed_attributes, changed_memo, details, waiting_for
    from workflows.options import CLOSING_GRACE, REFUSED_PAUSE, TASK_BOUNDARY
    from workflows.refusals import STOPPED, refused
    from workflows.waiting import Waiting

SIGNALED, UPDATED = BY_HAND = "signal/", "update/"
"""What the ids of commands start with that came without one: somebody has typed them."""


@workflow.defn(name=names.WORKFLOW)
class PaymentIntentWorkflow:
    """One PaymentIntent, from its creation to its end. The workflow id is the `pi_…` id."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        """Take up the state; the same for a fresh intent, a continued one and a revived one."""
        self._intent = start.intent
        self._history_events_max = start.history_events_max
        self._lock = asyncio.Lock()
        self._revived = start.intent.status in TERMINAL
        self._parked = False
        self._signals = 0
        self._started_with = start.intent.version
        self._last_refusal: str | None = None
        self._stopped: str | None = None
        self._waiting = Waiting()
        self._show()

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
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
            return parkable(self._intent) and workflow.all_handlers_finished()
        elif self._intent.status in TERMINAL or self._history_is_long():
            await workflow.wait_condition(self._is_quiet)
            if self._intent.status in TERMINAL:
                # Ended, unless the gateway still owes an answer about a refund.
                return not self._intent.pending
            if not self._intent.pending:
                most = self._history_events_max
                workflow.continue_as_new(start_of(self._intent, most))
        else:
            due = due_command(self._intent)
            if due is not None and not await self._obey(replace(due, command_id=f"{due.name}/{self._intent.version}")):
                await self._pause()
        return False

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

    @workflow.query(name=names.QUERY)
    def payment_intent(self) -> PaymentIntent:
        """The intent as it is now."""
        return self._intent

    @workflow.signal(name=names.PARK)
    def on_park(self) -> None:
        """End the run while nothing goes on; for operators with many intents that nobody comes back to."""
        self._parked = True

    @workflow.signal(name=names.LEVEL)
    async def on_level(self) -> None:
        """Catch up with the record, finish what is under way there, and try again what was stopped."""
        await self._level()

    @workflow.signal(dynamic=True)
    def on_unknown(self, name: str, inputs: Sequence[RawValue]) -> None:
        """Nothing has this name; without this, nobody would be told."""
        del inputs
        self.refuse_signal(name[: by_hand.NAME_SHOWN_MAX], by_hand.unknown_name(name))

    def refuse_signal(self, name: str, why: str) -> None:
        """Show what nobody waits for an answer to."""
        self._last_refusal = f"{name}: {why}"
        workflow.logger.info("refused signal %s: %s", name, why)
        self._show()

    @workflow.update(name=names.CONFIRM)
    async def confirm(self, command: Confirm) -> CommandResult:
        """Legal until money moves. Authorizes, and captures unless capture is manual. A repeat answers the same."""
        return await self._answer(command)

    @confirm.validator
    def _may_confirm(self, command: Confirm) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CONFIRM)
    async def on_confirm(self, command: Confirm = Confirm()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.CAPTURE)
    async def capture(self, command: Capture) -> CommandResult:
        """Legal in requires_capture. Takes at most what is held. A repeat answers the same."""
        return await self._answer(command)

    @capture.validator
    def _may_capture(self, command: Capture) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CAPTURE)
    async def on_capture(self, command: Capture = Capture()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.CANCEL)
    async def cancel(self, command: Cancel) -> CommandResult:
        """Legal before the end, unless an outcome is unknown. Releases what is held. A repeat answers the same."""
        return await self._answer(command)

    @cancel.validator
    def _may_cancel(self, command: Cancel) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CANCEL)
    async def on_cancel(self, command: Cancel = Cancel()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.UPDATE)
    async def update(self, command: Update) -> CommandResult:
        """Legal always for what moves no money, else until money moves. A repeat answers the same."""
        return await self._answer(command)

    @update.validator
    def _may_update(self, command: Update) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.UPDATE)
    async def on_update(self, command: Update = Update()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.INCREMENT_AUTHORIZATION)
    async def increment_authorization(self, command: IncrementAuthorization) -> CommandResult:
        """Legal in requires_capture, if asked for when confirming. Raises the hold. A repeat answers the same."""
        return await self._answer(command)

    @increment_authorization.validator
    def _may_increment_authorization(self, command: IncrementAuthorization) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.INCREMENT_AUTHORIZATION)
    async def on_increment_authorization(self, command: IncrementAuthorization) -> None:
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.VERIFY_MICRODEPOSITS)
    async def verify_microdeposits(self, command: VerifyMicrodeposits) -> CommandResult:
        """Legal while a bank account waits to be verified."""
        return await self._answer(command)

    @verify_microdeposits.validator
    def _may_verify_microdeposits(self, command: VerifyMicrodeposits) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.VERIFY_MICRODEPOSITS)
    async def on_verify_microdeposits(self, command: VerifyMicrodeposits) -> None:
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.APPLY_CUSTOMER_BALANCE)
    async def apply_customer_balance(self, command: ApplyCustomerBalance) -> CommandResult:
        """Legal while a bank transfer is awaited."""
        return await self._answer(command)

    @apply_customer_balance.validator
    def _may_apply_customer_balance(self, command: ApplyCustomerBalance) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.APPLY_CUSTOMER_BALANCE)
    async def on_apply_customer_balance(self, command: ApplyCustomerBalance = ApplyCustomerBalance()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.AUTHENTICATION_RESULT)
    async def authentication_result(self, command: AuthenticationResult) -> CommandResult:
        """Legal while this authentication is awaited. Authorizes if it succeeded. A repeat answers the same."""
        return await self._answer(command)

    @authentication_result.validator
    def _may_report_authentication(self, command: AuthenticationResult) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.AUTHENTICATION_RESULT)
    async def on_authentication_result(self, command: AuthenticationResult) -> None:
        """As the update, for gateways' notifications."""
        await self._signaled(command)

    @workflow.update(name=names.REFUND)
    async def refund(self, command: RefundCharge) -> CommandResult:
        """Legal once money was captured, while some of it is left. A repeat answers the same."""
        return await self._answer(command)

    @refund.validator
    def _may_refund(self, command: RefundCharge) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.REFUND)
    async def on_refund(self, command: RefundCharge = RefundCharge()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.REFUND_RESULT)
    async def refund_result(self, command: RefundResult) -> CommandResult:
        """Legal while the refund stands. A repeat answers the same."""
        return await self._answer(command)

    @refund_result.validator
    def _may_report_refund(self, command: RefundResult) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.REFUND_RESULT)
    async def on_refund_result(self, command: RefundResult) -> None:
        """As the update, for gateways' notifications."""
        await self._signaled(command)

    @workflow.update(name=names.DISPUTE)
    async def dispute(self, command: ReportDispute) -> CommandResult:
        """Legal once money was captured, once per charge. A repeat answers the same."""
        return await self._answer(command)

    @dispute.validator
    def _may_report_dispute(self, command: ReportDispute) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.DISPUTE)
    async def on_dispute(self, command: ReportDispute) -> None:
        """As the update, for gateways' notifications."""
        await self._signaled(command)

    @workflow.update(name=names.CHECK_SETTLEMENT)
    async def check_settlement(self, command: CheckSettlement) -> CommandResult:
        """Legal while a charge waits for its bank. Asks the gateway. A repeat answers the same."""
        return await self._answer(command)

    @check_settlement.validator
    def _may_check_settlement(self, command: CheckSettlement) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CHECK_SETTLEMENT)
    async def on_check_settlement(self, command: CheckSettlement = CheckSettlement()) -> None:  # noqa: B008
        """As the update, for gateways' notifications, which may overtake the answer that they are about."""
        named = self._named(command)
        if not settleable(self._intent) and self._levels:
            await self._level()
        while True:
            await workflow.wait_condition(lambda: settleable(self._intent) or self._history_is_long())
            if await self._obey(named) or self._intent.pending is None or not self._levels:
                return
            # Another command had the lock, and left an outcome unknown: the news make sense again once that is known.
            await workflow.wait_condition(lambda: self._intent.pending is None)

    def _refuse_early(self, command: Command) -> None:
        """Refuse without leaving a trace in history. A courtesy: `_handle` decides again, under the lock.

        Only for a sender who has seen the record, and not more of it than we know.
        """
        level = 0 < command.seen_version <= self._intent.version
        known = remembered(self._intent, command.command_id) is not None
        if is_late(command, self._now()) and not known:
            # It waited for a worker for longer than its sender for it. No trace: repeated, it is a new update.
            raise refused(late(), self._intent)
        if level and not known:
            decision = decide(self._intent, command, self._now())
            if isinstance(decision, Refusal):
                raise refused(decision, self._intent)
        self._waiting.check(self._intent, command)

    async def _signaled(self, command: Command) -> None:
        await self._obey(self._named(command), by_signal=True)

    def _named(self, command: Command) -> Command:
        """A signal by its number in this run, unless it has an id: what a replay, or a reset, calls the same."""
        self._signals += 1
        if command.command_id:
            return command
        return replace(command, command_id=f"{SIGNALED}{self._chain()}/{self._signals}")

    def _chain(self) -> str:
        """This run, by a name that a replay and a reset call it, too."""
        return f"{workflow.info().first_execution_run_id}/{self._started_with}"

    async def _answer(self, command: Command) -> CommandResult:
        """Carry out an update; one without an id has its update's."""
        info = workflow.current_update_info()
        if not command.command_id and info is not None:
            command = replace(command, command_id=f"{UPDATED}{info.id}")
        typed = info is None or by_hand.is_typed(command, info.id)
        with self._waiting.counted(command):
            return await self._handle(command, typed)

    async def _handle(self, command: Command, typed: bool) -> CommandResult:
        async with self._lock:
            level = 0 < command.seen_version <= self._intent.version
            if self._revived or command.seen_version > self._intent.version:
                level = await self._recall()
            if self._levels and (typed or command.command_id.startswith(BY_HAND)):
                wrong = await effects.check(command)
                if wrong is not None:
                    raise refused(wrong, self._intent)
            while True:
                entry = remembered(self._intent, command.command_id)
                if entry is not None:
                    return CommandResult(intent=self._intent, error=entry.error)
                now = self._now()
                if is_late(command, now):
                    raise refused(late(), self._intent)
                decision = decide(self._intent, command, now)
                if isinstance(decision, Refusal):
                    if level or not self._levels:
                        raise refused(decision, self._intent)
                    level = await self._recall()
                    continue
                with self._noticing():
                    done, asked_ms = await effects.carry_out(self._intent, command, decision, now)
                self._take(done)
                if isinstance(done, Transition):
                    return CommandResult(intent=self._intent, error=done.error, asked_ms=asked_ms)
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
        latest = await effects.recall(self._intent)
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
        with self._stopping():
            outcome = await effects.ask(self._intent, effect)
            async with self._lock:
                if self._intent.pending == effect:
                    now = self._now()
                    latest = await effects.record_known(self._intent, effect, outcome, now)
                    self._take(latest or became_known(self._intent, effect, outcome, now))

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

    def _take(self, done: Transition | PaymentIntent) -> None:
        """What we did ourselves, or what the record says instead."""
        self._last_refusal = None
        self._become(done.after if isinstance(done, Transition) else done)

    def _become(self, intent: PaymentIntent) -> None:
        # The record may not know yet that this run goes by newer rules.
        before, self._intent = self._intent, replace(intent, rules=max(intent.rules, self._intent.rules))
        self._stopped = None
        self._show()
        changes = changed_attributes(before, intent)
        if changes:
            workflow.upsert_search_attributes(changes)
        said = changed_memo(before, intent)
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
            due = deadline(self._intent)
            seen = self._intent.version
            timeout = timedelta(seconds=max(0, due - workflow.time())) if due else None
            try:
                await workflow.wait_condition(
                    lambda seen=seen: self._changed(seen),  # type: ignore[misc]
                    timeout=timeout,
                    timeout_summary=waiting_for(self._intent),
                )
            except TimeoutError:
                return

    def _due(self) -> bool:
        if self._stopped is not None:
            return self._parked
        asking = self._intent.pending is not None
        return asking or self._parked or self._intent.status in TERMINAL or self._history_is_long()

    def _changed(self, seen: int) -> bool:
        return self._due() or self._stopped is not None or self._intent.version != seen

    def _history_is_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > self._history_events_max

    def _now(self) -> int:
        return int(workflow.time())

    def _show(self) -> None:
        workflow.set_current_details(details(self._intent, self._last_refusal, self._stopped))
