"""Every recorded history replays on today's code: no deploy breaks a running payment.

Histories are recorded by `make histories` (scenarios.py) and never edited; a scenario that no longer replays needs a
patch in the workflow (docs/ARCHITECTURE.md, "Changing the workflow"), not a new recording.
"""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from tests.replay.scenarios import SCENARIOS
from workflows.client import DATA_CONVERTER
from workflows.payment_intent import PaymentIntentWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_every_scenario_has_been_recorded() -> None:
    assert {path.stem for path in HISTORIES} == set(SCENARIOS)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[PaymentIntentWorkflow],
        data_converter=DATA_CONVERTER,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    history = WorkflowHistory.from_json(path.stem, path.read_text())
    assert len(history.events) > 3
    await replayer.replay_workflow(history)


async def test_a_history_that_does_not_fit_is_noticed() -> None:
    """The net has no hole: a history of something else fails."""
    path = next(path for path in HISTORIES if path.stem == "capture")
    text = path.read_text().replace('"carry_out"', '"something_else"').replace("carry_out", "something_else")
    replayer = Replayer(
        workflows=[PaymentIntentWorkflow],
        data_converter=DATA_CONVERTER,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    cut = text.replace("EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", "EVENT_TYPE_TIMER_STARTED")
    with pytest.raises(Exception, match=r"(?i)nondeterminism|unexpected|failed|panic|machine"):
        await replayer.replay_workflow(WorkflowHistory.from_json("capture", cut))
