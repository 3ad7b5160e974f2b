"""What the server's model promises, shown on the real dev server: what a kill -9 leaves; what a closed run knows."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
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
from domain.commands import Cancel, Update
from domain.fence import Recorded
from embedded.children import Child, Spec
from embedded.ports import free_port, listening
from embedded.temporal import find_binary, temporal_command
from settings import Settings
from tests.explore.server import Update as Admitted
from tests.explore.server import started
from tests.support.builders import make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection
from tests.support.servers import environment
from worker import build_worker
from workflows.client import connect

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
        async with asyncio.timeout(30):
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
async def test_a_kill_leaves_signals_in_order_and_forgets_admitted_updates(server: Server, killed: bool) -> None:
    client, projection, id_ = await server.connect(), MemoryProjection(), "pi_killed"
    handle = await opened(client, projection, id_)
    for number in "123":
        await handle.signal(names.UPDATE, Update(command_id=number, changes={"description": number}))
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await handle.start_update(
            names.CANCEL, Cancel(command_id="cancel"), id="cancel", wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            rpc_timeout=ADMITTED_AFTER,
        )  # fmt: skip
    happens: Callable[[], Awaitable[None]] = server.kill if killed else nothing
    await happens()
    client = await server.connect()
    async with build_worker(client, FakeGateway(), projection, MemoryCashBalances(), id_):
        async with asyncio.timeout(20):
            while len(projection.transitions) < (3 if killed else 4):
                await asyncio.sleep(0.05)
        await client.get_workflow_handle(id_).query(names.QUERY)
    carried_out = [transition.command_id for transition in projection.transitions]
    assert [command for command in carried_out if command != "cancel"] == ["1", "2", "3"]
    assert ("cancel" in carried_out) is not killed


async def test_a_run_knows_its_updates_after_it_has_closed_and_no_others(server: Server) -> None:
    client, projection, id_ = await server.connect(), MemoryProjection(), "pi_closed"
    async with build_worker(client, FakeGateway(), projection, MemoryCashBalances(), id_):
        handle = await opened(client, projection, id_)
        first = await handle.execute_update(names.CANCEL, Cancel(command_id="c"), id="c", result_type=CommandResult)
        assert await handle.result() == "canceled"
        again = await handle.execute_update(names.CANCEL, Cancel(command_id="c"), id="c", result_type=CommandResult)
        assert again == first
        with pytest.raises(RPCError) as error:
            await handle.execute_update(names.CANCEL, Cancel(command_id="d"), id="d")
        assert error.value.status == RPCStatusCode.NOT_FOUND


def test_the_model_does_the_same() -> None:
    run = started(1, b"{}").signaled(names.UPDATE, b"1").admitting(Admitted("c", names.CANCEL, b"{}"))
    run = run.signaled(names.UPDATE, b"2")
    dead = run.forgetting()
    assert (dead.unseen, run.admitted[0].id, dead.admitted) == (run.unseen, "c", ())
