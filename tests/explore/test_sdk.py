"""The real workflow as a function: what never waits is a failed task, not a walk that hangs."""

from temporalio import workflow

from contracts import names
from contracts.messages import PaymentIntentStart, start_of
from tests.explore import sdk
from tests.explore.sdk import TaskFailed, WorkflowCode
from tests.explore.server import started, task
from tests.support.builders import NOW, make_intent
from workflows.payment_intent import PaymentIntentWorkflow


@workflow.defn(name="PaymentIntentThatSpins")
class WorkflowThatSpins(PaymentIntentWorkflow):
    """Waits for what is so already."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        """As the real one."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        """Never."""
        while True:
            await workflow.wait_condition(lambda: True)


def test_what_never_waits_fails_its_task() -> None:
    told = task(started(1, sdk.payload(start_of(make_intent()))), NOW)
    assert told is not None
    code = WorkflowCode(WorkflowThatSpins)
    assert code.commands((told,)) == (TaskFailed("it goes round and round, 4 s of CPU long"),)
    code.close()
    real = WorkflowCode(PaymentIntentWorkflow)
    assert not any(isinstance(command, TaskFailed) for command in real.commands((told,)))
    assert real.say((told,), names.QUERY)
    real.close()
