"""One PaymentIntent as one durable workflow. Its handlers; what they do is intent.py, and the rules are the domain's.

Change this file only as docs/ARCHITECTURE.md ("Changing the workflow") says; CI replays recorded histories against it.
"""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    # Class identity and speed. It also turns Temporal's determinism guard off for these, so ruff bans clocks there.
    from activities.payments import PaymentActivities
    from contracts import by_hand, names
    from contracts.messages import (
        CommandResult,
        PaymentIntentStart,
        Question,
        Recollection,
        Recording,
        Work,
        start_of,
    )
    from domain.machine.decisions import Decision
    from domain.machine.payments import PAYMENTS
    from domain.machine.transitions import Transition
    from domain.model.commands import (
        ApplyCustomerBalance,
        AuthenticationResult,
        Cancel,
        Capture,
        CheckSettlement,
        CloseDispute,
        Confirm,
        IncrementAuthorization,
        ModificationResult,
        RefundCharge,
        RefundResult,
        ReportDispute,
        Update,
        UpdateDispute,
        VerifyMicrodeposits,
    )
    from domain.model.outcomes import Effect
    from domain.model.payment_intent import PaymentIntent, settleable
    from domain.model.resolutions import Resolve
    from domain.model.shares import ReturnShare
    from workflows.display import changed_attributes, changed_memo, details, waiting_for
    from workflows.effects import Effects, Wire
    from workflows.intent import IntentWorkflow, Kind
    from workflows.refusals import update_failure

_WIRE: Wire[PaymentIntent, Effect] = Wire(
    carry_out=PaymentActivities.carry_out,
    ask=PaymentActivities.ask_gateway,
    record=PaymentActivities.record,
    recall=PaymentActivities.recall,
    work=lambda intent, command, now: Work(intent=intent, command=command, now=now),
    question=lambda intent, effect: Question(effect=effect, asked_at=intent.asked_at),
    unknown=lambda intent, command, effect, now: Recording(intent=intent, command=command, effect=effect, now=now),
    known=lambda intent, effect, outcome, now: Recording(intent=intent, effect=effect, outcome=outcome, now=now),
    recollection=lambda intent: Recollection(id=intent.id, intent=intent),
    refused=update_failure,
)

PAYMENT: Kind[PaymentIntent, Effect, Decision, Transition, CommandResult] = Kind(
    machine=PAYMENTS,
    effects=Effects(PAYMENTS, _WIRE),
    refused=update_failure,
    answer=lambda intent, error, asked_ms: CommandResult(intent=intent, error=error, asked_ms=asked_ms),
    start=start_of,
    details=details,
    waiting_for=waiting_for,
    changed_attributes=changed_attributes,
    changed_memo=changed_memo,
)


@workflow.defn(name=names.WORKFLOW)
class PaymentIntentWorkflow(IntentWorkflow[PaymentIntent, Effect, Decision, Transition, CommandResult]):
    """One PaymentIntent, from its creation to its end. The workflow id is the `pi_…` id."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        """Take up the state; the same for a fresh intent, a continued one and a revived one."""
        super().__init__(PAYMENT, start.intent, start.history_events_max)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        """Wait for what only time or the gateway brings; end with the final status."""
        del start
        return await self._run()

    @workflow.query(name=names.QUERY)
    def payment_intent(self) -> PaymentIntent:
        return self._intent

    @workflow.signal(name=names.PARK)
    def on_park(self) -> None:
        """End the run while nothing goes on; for operators with many intents that nobody comes back to."""
        self._parked = True

    @workflow.signal(name=names.RELEASE)
    def on_release(self) -> None:
        """Its gateway, which was held back, may be asked again."""
        self._asking.release()

    @workflow.signal(name=names.LEVEL)
    async def on_level(self) -> None:
        """Catch up with the record, finish what is under way there, and try again what was stopped."""
        await self._level()

    @workflow.signal(dynamic=True)
    def on_unknown(self, name: str, inputs: Sequence[RawValue]) -> None:
        """Nothing has this name; without this, nobody would be told."""
        del inputs
        self.refuse_signal(name[: by_hand.NAME_SHOWN_MAX], by_hand.unknown_name(name))

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
        """Legal once money was captured, once per charge, and while that dispute is open. A repeat answers the same."""
        return await self._answer(command)

    @dispute.validator
    def _may_report_dispute(self, command: ReportDispute) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.DISPUTE)
    async def on_dispute(self, command: ReportDispute) -> None:
        """As the update, for gateways' notifications."""
        await self._signaled(command)

    @workflow.update(name=names.UPDATE_DISPUTE)
    async def update_dispute(self, command: UpdateDispute) -> CommandResult:
        """Legal while the dispute is open. Its evidence goes to the bank unless it is only staged."""
        return await self._answer(command)

    @update_dispute.validator
    def _may_update_dispute(self, command: UpdateDispute) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.UPDATE_DISPUTE)
    async def on_update_dispute(self, command: UpdateDispute) -> None:
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.CLOSE_DISPUTE)
    async def close_dispute(self, command: CloseDispute) -> CommandResult:
        """Legal while the dispute is open: it is lost. A repeat answers the same."""
        return await self._answer(command)

    @close_dispute.validator
    def _may_close_dispute(self, command: CloseDispute) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CLOSE_DISPUTE)
    async def on_close_dispute(self, command: CloseDispute = CloseDispute()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.MODIFICATION_RESULT)
    async def modification_result(self, command: ModificationResult) -> CommandResult:
        """Legal while something that the gateway has taken on is awaited, and once money was taken or is held."""
        return await self._answer(command)

    @modification_result.validator
    def _may_report_modification(self, command: ModificationResult) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.MODIFICATION_RESULT)
    async def on_modification_result(self, command: ModificationResult) -> None:
        """As the update, for gateways' notifications."""
        await self._signaled(command)

    @workflow.update(name=names.RESOLVE)
    async def resolve(self, command: Resolve) -> CommandResult:
        """Legal while it is not known what became of something. An operator says so. A repeat answers the same."""
        return await self._answer(command)

    @resolve.validator
    def _may_resolve(self, command: Resolve) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.RESOLVE)
    async def on_resolve(self, command: Resolve) -> None:
        """As the update, for operators who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.RETURN_SHARE)
    async def return_share(self, command: ReturnShare) -> CommandResult:
        """Legal once another account has got a part of the money. A repeat answers the same."""
        return await self._answer(command)

    @return_share.validator
    def _may_return_share(self, command: ReturnShare) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.RETURN_SHARE)
    async def on_return_share(self, command: ReturnShare) -> None:
        """As the update, for callers who do not wait."""
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
        named = self._with_id(command)
        if not settleable(self._intent) and self._levels:
            await self._level()
        while True:
            await workflow.wait_condition(lambda: settleable(self._intent) or self._history_is_long())
            if await self._obey(named) or self._intent.pending is None or not self._levels:
                return
            # Another command had the lock, and left an outcome unknown: it makes sense again once that is known.
            await workflow.wait_condition(lambda: self._intent.pending is None)
