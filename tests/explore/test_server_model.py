"""What the server's model promises, shown on the real dev server: what a kill -9 leaves; what a closed run knows.

The model goes through the same stories, with the real workflow, and comes to the same end.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.messages import CommandResult, start_of
from domain.machine.fence import Recorded
from domain.model.commands import Cancel, Update
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from embedded.children import Child, Spec
from embedded.ports import free_port, listening
from embedded.temporal import find_binary, temporal_command
from settings import Settings
from temporal.client import connect
from tests.explore import sdk
from tests.explore.gateway import Book
from tests.explore.server import Update as Admitted
from tests.explore.server import started
from tests.explore.store import Store
from tests.explore.walk import possible
from tests.explore.world import Rules, World
from tests.support.builders import NOW, make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection
from tests.support.servers import environment
from worker import build_worker

NOTES = [Update(command_id=number, changes={"description": number}) for number in "123"]
CANCEL = Cancel(command_id="cancel")

ADMITTED_AFTER = timedelta(seconds=1)
"""An update that was sent so long ago waits at the server, not on its way there."""


class Server:
    """A Temporal of this test's own, which it may kill."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        command = temporal_command(find_binary(Settings.read({})), self.port, directory / "temporal.db", ui_port=None)
        spec = Spec(name="Temporal", command=command, environment=environment(), ready=self.ready)
        self.child = Child(spec, directory / "temporal.log", lambda line: None)

    async def ready(self) -> bool:
        try:
            return await listening(self.port) and await self.connect() is not None
        except RuntimeError:
            return False

    async def connect(self) -> Client:
        return await connect(f"127.0.0.1:{self.port}", "default")

    async def kill(self) -> None:
        """And wait until it is there again, on the same file."""
        dead = self.child.pid
        os.kill(dead, signal.SIGKILL)
        async with asyncio.timeout(60):
            while self.child.pid == dead or not await self.ready():
                await asyncio.sleep(0.05)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path)
    await made.child.start()
    yield made
    await made.child.stop()


async def opened(client: Client, projection: MemoryProjection, id_: str) -> WorkflowHandle[object, str]:
    """A payment that no worker has seen yet."""
    intent = make_intent(id=id_)
    projection.records[id_] = Recorded(intent=intent)
    start = start_of(intent)
    return await client.start_workflow(names.WORKFLOW, start, id=id_, task_queue=id_, result_type=str)


async def nothing() -> None:
    """The server lives on."""


@pytest.mark.parametrize("killed", [True, False])
async def test_a_kill_leaves_signals_in_order_and_forgets_admitted_updates(
    server: Server, rules: Rules, killed: bool
) -> None:
    client, projection, id_ = await server.connect(), MemoryProjection(), "pi_killed"
    handle = await opened(client, projection, id_)
    for command in NOTES:
        await handle.signal(names.UPDATE, command)
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await handle.start_update(
            names.CANCEL, CANCEL, id=CANCEL.command_id, wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            rpc_timeout=ADMITTED_AFTER,
        )  # fmt: skip
    happens: Callable[[], Awaitable[None]] = server.kill if killed else nothing
    await happens()
    client = await server.connect()
    ended = await asyncio.to_thread(in_the_model, rules, projection.records[id_].intent, NOTES, killed=killed)
    assert ended.intent is not None
    modelled = [entry.command_id for entry in ended.intent.ledger]
    async with build_worker(client, FakeGateway(), projection, MemoryCashBalances(), id_):
        async with asyncio.timeout(60):
            while len(projection.transitions) < len(modelled):
                await asyncio.sleep(0.05)
        await client.get_workflow_handle(id_).query(names.QUERY)
    assert [transition.command_id for transition in projection.transitions] == modelled
    assert [id_ for id_ in modelled if id_ != CANCEL.command_id] == [command.command_id for command in NOTES]
    assert (CANCEL.command_id in modelled) is not killed


def in_the_model(rules: Rules, intent: PaymentIntent, signals: Sequence[Update], *, killed: bool) -> World:
    """The same story, to its end: signals and a cancel that wait for a worker, and a server that dies, or not."""
    run = started(1, sdk.payload(start_of(intent)))
    for command in signals:
        run = run.signaled(command.name, sdk.payload(command))
    run = run.admitting(Admitted(CANCEL.command_id, CANCEL.name, sdk.payload(CANCEL)))
    world = World(NOW, Store().holding(intent), Book(), run.forgetting() if killed else run, runs=1)
    while steps := possible(rules, world):
        world = steps[0].world
    return world


async def test_a_run_knows_its_updates_after_it_has_closed_and_no_others(server: Server, rules: Rules) -> None:
    client, projection, id_ = await server.connect(), MemoryProjection(), "pi_closed"
    async with build_worker(client, FakeGateway(), projection, MemoryCashBalances(), id_):
        handle = await opened(client, projection, id_)
        intent = projection.records[id_].intent
        first = await handle.execute_update(names.CANCEL, CANCEL, id="cancel", result_type=CommandResult)
        assert await handle.result() == "canceled"
    await server.kill()
    handle = (await server.connect()).get_workflow_handle(id_)
    again = await handle.execute_update(names.CANCEL, CANCEL, id="cancel", result_type=CommandResult)
    assert again == first, "what was completed, and what was accepted, is durable"
    with pytest.raises(RPCError) as error:
        await handle.execute_update(names.CANCEL, CANCEL, id="d")
    assert error.value.status == RPCStatusCode.NOT_FOUND
    another = await (await server.connect()).start_workflow(
        names.WORKFLOW, start_of(intent), id=id_, task_queue=id_, result_type=str
    )
    with pytest.raises(RPCError) as error:
        await another.get_update_handle("cancel", workflow_run_id=another.first_execution_run_id).result()
    assert error.value.status == RPCStatusCode.NOT_FOUND, "another run does not know it"

    run = (await asyncio.to_thread(in_the_model, rules, intent, [], killed=False)).run
    assert run is not None
    closed = run.forgetting()
    told = closed.answer("cancel")
    assert (closed.closed, closed.answer("d"), started(2, b"{}").answer("cancel")) == (True, None, None)
    assert told is not None
    assert told.result is not None
    assert sdk.content(told.result, CommandResult).intent.status == first.intent.status == Status.CANCELED
