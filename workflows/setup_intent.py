"""One SetupIntent as one durable workflow. Its handlers; what they do is intent.py, and the rules are the domain's.

Change this file only as docs/ARCHITECTURE.md ("Changing the workflow") says; CI replays recorded histories against it.
"""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    # Class identity and speed. It also turns Temporal's determinism guard off for these, so ruff bans clocks there.
    from activities.setups import SetupActivities
    from contracts import by_hand, names
    from contracts.setup_messages import (
        SetupIntentStart,
        SetupQuestion,
        SetupRecollection,
        SetupRecording,
        SetupResult,
        SetupWork,
        setup_start_of,
    )
    from domain.machine.setups.decisions import SetupDecision
    from domain.machine.setups.transitions import SETUPS, SetupTransition
    from domain.model.commands import AuthenticationResult, Cancel, Confirm, Update, VerifyMicrodeposits
    from domain.model.outcomes import SetUp
    from domain.model.resolutions import Resolve
    from domain.model.setup_intent import SetupIntent
    from workflows.display import changed_memo
    from workflows.effects import Effects, Wire
    from workflows.intent import IntentWorkflow, Kind
    from workflows.refusals import setup_update_failure
    from workflows.setup_display import changed_attributes, details, waiting_for

_WIRE: Wire[SetupIntent, SetUp] = Wire(
    carry_out=SetupActivities.carry_out,
    ask=SetupActivities.ask_gateway,
    record=SetupActivities.record,
    recall=SetupActivities.recall,
    work=lambda intent, command, now: SetupWork(intent=intent, command=command, now=now),
    question=lambda _, effect: SetupQuestion(effect=effect),
    unknown=lambda intent, command, effect, now: SetupRecording(intent=intent, command=command, effect=effect, now=now),
    known=lambda intent, effect, outcome, now: SetupRecording(intent=intent, effect=effect, outcome=outcome, now=now),
    recollection=lambda intent: SetupRecollection(id=intent.id, intent=intent),
    refused=setup_update_failure,
)

SETUP: Kind[SetupIntent, SetUp, SetupDecision, SetupTransition, SetupResult] = Kind(
    machine=SETUPS,
    effects=Effects(SETUPS, _WIRE),
    refused=setup_update_failure,
    answer=lambda intent, error, asked_ms: SetupResult(intent=intent, error=error, asked_ms=asked_ms),
    start=setup_start_of,
    details=details,
    waiting_for=waiting_for,
    changed_attributes=changed_attributes,
    changed_memo=changed_memo,
)


@workflow.defn(name=names.SETUP_WORKFLOW)
class SetupIntentWorkflow(IntentWorkflow[SetupIntent, SetUp, SetupDecision, SetupTransition, SetupResult]):
    """One SetupIntent, from its creation to its end. The workflow id is the `seti_…` id."""

    @workflow.init
    def __init__(self, start: SetupIntentStart) -> None:
        """Take up the state; the same for a fresh intent, a continued one and a revived one."""
        super().__init__(SETUP, start.intent, start.history_events_max)

    @workflow.run
    async def run(self, start: SetupIntentStart) -> str:
        """Wait for what only time or the gateway brings; end with the final status."""
        del start
        return await self._run()

    @workflow.query(name=names.SETUP_QUERY)
    def setup_intent(self) -> SetupIntent:
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
    async def confirm(self, command: Confirm) -> SetupResult:
        """Legal until the method is set up. Asks its bank. A repeat answers the same."""
        return await self._answer(command)

    @confirm.validator
    def _may_confirm(self, command: Confirm) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CONFIRM)
    async def on_confirm(self, command: Confirm = Confirm()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.CANCEL)
    async def cancel(self, command: Cancel) -> SetupResult:
        """Legal before the end, unless an outcome is unknown. A repeat answers the same."""
        return await self._answer(command)

    @cancel.validator
    def _may_cancel(self, command: Cancel) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.CANCEL)
    async def on_cancel(self, command: Cancel = Cancel()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.UPDATE)
    async def update(self, command: Update) -> SetupResult:
        """Legal always for what does not say what is set up, else until it is. A repeat answers the same."""
        return await self._answer(command)

    @update.validator
    def _may_update(self, command: Update) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.UPDATE)
    async def on_update(self, command: Update = Update()) -> None:  # noqa: B008
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.VERIFY_MICRODEPOSITS)
    async def verify_microdeposits(self, command: VerifyMicrodeposits) -> SetupResult:
        """Legal while a bank account waits to be verified."""
        return await self._answer(command)

    @verify_microdeposits.validator
    def _may_verify_microdeposits(self, command: VerifyMicrodeposits) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.VERIFY_MICRODEPOSITS)
    async def on_verify_microdeposits(self, command: VerifyMicrodeposits) -> None:
        """As the update, for callers who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.RESOLVE)
    async def resolve(self, command: Resolve) -> SetupResult:
        """Legal while it is not known what became of a setup. An operator says so. A repeat answers the same."""
        return await self._answer(command)

    @resolve.validator
    def _may_resolve(self, command: Resolve) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.RESOLVE)
    async def on_resolve(self, command: Resolve) -> None:
        """As the update, for operators who do not wait."""
        await self._signaled(command)

    @workflow.update(name=names.AUTHENTICATION_RESULT)
    async def authentication_result(self, command: AuthenticationResult) -> SetupResult:
        """Legal while this authentication is awaited. Goes on if it succeeded. A repeat answers the same."""
        return await self._answer(command)

    @authentication_result.validator
    def _may_report_authentication(self, command: AuthenticationResult) -> None:
        self._refuse_early(command)

    @workflow.signal(name=names.AUTHENTICATION_RESULT)
    async def on_authentication_result(self, command: AuthenticationResult) -> None:
        """As the update, for gateways' notifications."""
        await self._signaled(command)
