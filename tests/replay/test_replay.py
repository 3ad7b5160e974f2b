"""Every recorded history replays on today's code: no deploy breaks a running payment.

Histories are recorded by `make histories` (scenarios.py) and never edited; a scenario that no longer replays needs a
patch in the workflow (docs/ARCHITECTURE.md, "Changing the workflow"), not a new recording.
"""

from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from contracts import names
from contracts.messages import PaymentIntentStart
from temporal.client import DATA_CONVERTER
from tests.replay.scenarios import SCENARIOS
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.setup_intent import SetupIntentWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_every_scenario_has_been_recorded() -> None:
    assert {path.stem for path in HISTORIES} == set(SCENARIOS)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[PaymentIntentWorkflow, SetupIntentWorkflow],
        data_converter=DATA_CONVERTER,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    history = WorkflowHistory.from_json(path.stem, path.read_text())
    assert len(history.events) > 3
    await replayer.replay_workflow(history)


@workflow.defn(name=names.WORKFLOW)
class Careless:
    """What a careless deploy looks like: the same name, other commands."""

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        await workflow.sleep(1)
        return start.intent.id


async def test_the_net_has_no_hole() -> None:
    replayer = Replayer(
        workflows=[Careless], data_converter=DATA_CONVERTER, workflow_runner=UnsandboxedWorkflowRunner()
    )
    path = next(path for path in HISTORIES if path.stem == "capture")
    with pytest.raises(workflow.NondeterminismError):
        await replayer.replay_workflow(WorkflowHistory.from_json(path.stem, path.read_text()))
