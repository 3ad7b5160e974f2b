"""Plays every scenario on the real server and replays what came of it; `make histories` also keeps it.

So a scenario is exercised on today's code in every run, and its recordings of earlier code by tests/replay.
"""

import os
import re
from pathlib import Path

import pytest
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from temporal.client import DATA_CONVERTER
from tests.replay.scenarios import SCENARIOS
from tests.workflows.conftest import Stage
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.setup_intent import SetupIntentWorkflow

HISTORIES = Path(__file__).parents[1] / "replay" / "histories"


@pytest.mark.parametrize("name", SCENARIOS)
async def test_records_history(stage: Stage, name: str) -> None:
    id_ = await SCENARIOS[name](stage)
    handle = stage.client.get_workflow_handle(id_)
    history = await handle.fetch_history()
    runner = UnsandboxedWorkflowRunner()
    replayer = Replayer(
        workflows=[PaymentIntentWorkflow, SetupIntentWorkflow], data_converter=DATA_CONVERTER, workflow_runner=runner
    )
    await replayer.replay_workflow(history)
    path = HISTORIES / f"{name}.json"
    if os.environ.get("RECORD_HISTORIES") and not path.exists():  # noqa: TID251
        path.write_text(_impersonal(history.to_json()))


def _impersonal(history: str) -> str:
    """Without stack traces and host names: they say where it was recorded, and replay does not read them."""
    return re.sub(r'"(stackTrace|identity)":\s*"(?:[^"\\]|\\.)*"', r'"\1": ""', history)
