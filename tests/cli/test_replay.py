"""`./perdure replay`: today's code over what was done; a change of order is found, and where it is."""

import argparse
import asyncio
import json
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client

from cli import replay
from contracts import names
from contracts.messages import PaymentIntentStart
from domain.model.commands import Cancel, Capture, Confirm, RefundCharge
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from temporal.replaying import Replays
from tests.support.builders import make_method
from tests.workflows.conftest import Stage
from workflows.payment_intent import PaymentIntentWorkflow


@workflow.defn(name=names.WORKFLOW)
class Reordered(PaymentIntentWorkflow):
    """A careless deploy: the same commands, in another order."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        return await super().run(start)

    def _become(self, intent: PaymentIntent) -> None:
        workflow.upsert_memo({"status": str(intent.status)})
        super()._become(intent)


@workflow.defn(name=names.WORKFLOW)
class Waiting(PaymentIntentWorkflow):
    """Another one: it waits before it asks."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        return await super().run(start)

    async def _answer(self, command: Any) -> Any:
        if isinstance(command, Capture):
            await workflow.sleep(1)
        return await super()._answer(command)


@workflow.defn(name=names.WORKFLOW)
class Failing(PaymentIntentWorkflow):
    """And one that cannot read what it knows."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        return await super().run(start)

    def _become(self, intent: PaymentIntent) -> None:
        raise KeyError('"it"')


def given(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    replay.add_to(parser.add_subparsers())
    return parser.parse_args(["replay", *arguments])


@pytest.fixture
async def captured(stage: Stage) -> PaymentIntent:
    """A payment that was held, and captured: its run has ended."""
    intent = await stage.open(capture_method="manual")
    held = await stage.send(intent, Confirm(command_id="confirm", payment_method=make_method()))
    taken = await stage.send(held, Capture(command_id="capture"))
    assert taken.status is Status.SUCCEEDED
    return taken


async def test_what_was_done_is_what_today_s_code_does(
    client: Client, captured: PaymentIntent, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await replay.replayed(given(captured.id), client) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{captured.id}, run ")
    assert first.endswith(" events, as today's code would do it.")
    assert last == "1 of 1 replay."


async def test_every_run_of_a_payment_is_replayed(
    stage: Stage,
    captured: PaymentIntent,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await stage.send(captured, RefundCharge(command_id="refund", refund="re_3replay"))
    assert await replay.replayed(given(captured.id, "--json"), stage.client) == 0
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({run["run"] for run in runs}) == 2
    assert [run["parting"] for run in runs] == [None, None]


async def test_a_change_of_order_is_found_where_it_is(
    client: Client, captured: PaymentIntent, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await replay.replayed(given(captured.id), client, Reordered) == 1
    first, *there, last = capsys.readouterr().out.splitlines()
    (marked,) = [line for line in there if line.startswith("  > ")]
    assert marked.endswith(" upsert_workflow_search_attributes")
    assert f"PARTS at event {marked.split()[1]} of " in first
    assert "Nondeterminism" in first
    assert last == "0 of 1 replay."


async def test_the_task_is_named_where_temporal_names_no_event(client: Client, captured: PaymentIntent) -> None:
    (one,) = await Replays(client, [Waiting]).of(captured.id)
    assert one.parting is not None
    assert one.parting.event is None
    assert one.parting.there[0].endswith(" workflow_task_scheduled")
    # The second command's, the capture's: the confirmation is as it was.
    assert sum("update_accepted" in name for name in one.parting.there) == 1
    assert one.parting.first > 8
    assert any("workflow_execution_completed" in name for name in one.parting.there)


async def test_code_that_fails_is_told_as_it_fails(client: Client, captured: PaymentIntent) -> None:
    (one,) = await Replays(client, [Failing]).of(captured.id)
    assert one.parting is not None
    assert one.parting.why.startswith("KeyError: ")


async def test_all_that_are_open_are_replayed_and_no_other(
    stage: Stage,
    captured: PaymentIntent,
    capsys: pytest.CaptureFixture[str],
) -> None:
    new = await stage.open()
    held = await stage.open(capture_method="manual")
    held = await stage.send(held, Confirm(command_id="confirm", payment_method=make_method()))
    assert held.status is Status.REQUIRES_CAPTURE
    async with asyncio.timeout(60):
        while True:
            status = await replay.replayed(given("--all-open", "--json"), stage.client, Reordered)
            runs = {run["id"]: run for run in map(json.loads, capsys.readouterr().out.splitlines())}
            # The list lags.
            if {new.id, held.id} <= runs.keys() and captured.id not in runs:
                break
    assert status == 1
    assert runs[new.id]["parting"] is None, "it has not done anything yet"
    assert runs[held.id]["parting"]["event"] is not None
    assert await replay.replayed(given(held.id), stage.client) == 0
    await stage.send(held, Cancel(command_id="cancel"))


async def test_of_what_there_is_no_history_nothing_is_said_to_replay(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await replay.replayed(given("pi_nobody"), client) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no history of pi_nobody" in said.err


async def test_what_is_no_id_is_not_put_into_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay.run(given("pi_1' OR WorkflowId != '")) == 2
    assert "is no id of a payment" in capsys.readouterr().err
