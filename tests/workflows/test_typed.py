"""What somebody types in no form that there is: refused, shown, and the payment goes on."""

import asyncio
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from contracts import names
from domain.model.commands import Capture, Confirm
from domain.model.statuses import Status
from temporal.client import DATA_CONVERTER
from tests.support.builders import make_method
from tests.workflows.conftest import Stage
from tests.workflows.test_bounds import current_details
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.typed import TypedByHand


def typed(encoding: str, data: bytes = b"{}") -> RawValue:
    """An input as the Temporal UI and CLI send it, whatever it is called."""
    return RawValue(Payload(metadata={"encoding": encoding.encode()} if encoding else {}, data=data))


NO_COMMAND: list[tuple[str, list[Any], str]] = [
    (names.CAPTURE, [typed("json/protobuf")], "encoding json/protobuf"),
    (names.CAPTURE, [typed("binary/plain")], "encoding binary/plain"),
    (names.CAPTURE, [typed("yaml")], "encoding yaml"),
    (names.CAPTURE, [typed("")], "encoding none"),
    (names.CAPTURE, [None], "encoding binary/null"),
    (names.CAPTURE, [{}, {}], "It takes one JSON object, and 2 inputs came."),
]

MISTAKEN: list[tuple[str, list[Any], str]] = [
    (names.CAPTURE, [typed("json/plain", b"{amount: 4")], "Invalid JSON"),
    (names.CAPTURE, [typed("json/plain", b"\xff\xfe")], "Invalid JSON"),
    (names.CAPTURE, [typed("json/plain", b'{"amount_to_capture": true}')], "Input should be a valid integer"),
    (names.CAPTURE, [typed("json/plain", b'{"amount_to_capture": "1_000"}')], "Input should be a valid integer"),
]


async def held_and_told(stage: Stage, name: str, inputs: list[Any], why: str) -> WorkflowHistory:
    """History, after a payment whose money is held was sent this signal, has shown why not, and was captured."""
    intent = await stage.open(
        capture_method="manual", payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION
    )
    held = await stage.send(intent, Confirm(command_id="cmd_confirm"))
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal(name, args=inputs)
    async with asyncio.timeout(60):
        while f"Last refused signal: {name[:100]}: " not in (shown := await current_details(stage, intent)):
            await asyncio.sleep(0.02)
    assert why in shown
    assert await stage.state(intent) == held
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize"]
    history = await handle.fetch_history()
    assert (await stage.send(held, Capture(command_id="cmd_capture"))).status == Status.SUCCEEDED
    return history


@pytest.mark.parametrize(
    ("name", "inputs", "why"),
    [
        *NO_COMMAND,
        ("captur", [{}], "There is no such signal. Did you mean capture?"),
        ("?" * 500, [typed("yaml")], "There is no such signal."),
    ],
)
async def test_what_is_no_command_is_shown_and_leaves_nothing_in_history(
    stage: Stage, name: str, inputs: list[Any], why: str
) -> None:
    history = await held_and_told(stage, name, inputs, why)
    kinds = [EventType.Name(event.event_type) for event in history.events]
    after = kinds[kinds.index("EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED") + 1 :]
    # As an older release wrote it, which dropped the signal.
    assert all(kind.startswith("EVENT_TYPE_WORKFLOW_TASK_") for kind in after), after
    await _replayed(history)


@pytest.mark.parametrize(
    ("name", "inputs", "why"),
    [
        *MISTAKEN,
        (names.INCREMENT_AUTHORIZATION, [], "Missing required param: amount"),
        (names.VERIFY_MICRODEPOSITS, [], "not waiting for microdeposits"),
        (names.AUTHENTICATION_RESULT, [], "not waiting for this authentication"),
    ],
)
async def test_what_is_no_json_or_nothing_at_all_is_shown(stage: Stage, name: str, inputs: list[Any], why: str) -> None:
    await _replayed(await held_and_told(stage, name, inputs, why))


async def _replayed(history: WorkflowHistory) -> None:
    replayer = Replayer(
        workflows=[PaymentIntentWorkflow], data_converter=DATA_CONVERTER, interceptors=[TypedByHand()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )  # fmt: skip
    await replayer.replay_workflow(history)


@pytest.mark.parametrize(
    ("inputs", "why"),
    [*[(inputs, why) for _, inputs, why in NO_COMMAND + MISTAKEN], ([], "It takes one JSON object")],
)
async def test_an_update_that_cannot_be_read_is_refused_in_words(stage: Stage, inputs: list[Any], why: str) -> None:
    intent = await stage.open()
    handle = stage.client.get_workflow_handle(intent.id)
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await handle.execute_update(names.CAPTURE, args=inputs)
    assert why in str(caught.value.cause)
    assert await stage.state(intent) == intent
