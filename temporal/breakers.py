"""Speaking to the breakers of gateways (workflows/gateway.py): workers report, operators pause, drain and resume."""

import asyncio
from collections.abc import Callable, Mapping

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from contracts import names
from contracts.gateway_healths import GatewayStart, GatewayTripped
from domain.routing.breaker import Mode
from domain.routing.candidates import SILENT, Health

ASKED_OF = {"pause": names.PAUSE, "drain": names.DRAIN, "resume": names.RESUME}
"""What operators may ask for, by what they type."""

TRIES = 3
AGAIN_SECONDS = 1.0

LOOK_SECONDS = 60.0
"""How long a gateway may be held back by a breaker that is not there."""

LOST = "its breaker was lost, and has begun anew"


def workflow_id(gateway: str) -> str:
    """The id of a gateway's breaker."""
    return f"gateway/{gateway}"


async def ask(
    client: Client, gateway: str, signal: str, *arguments: object, task_queue: str = names.HOUSEKEEPING_QUEUE
) -> None:
    """Signal a breaker, which is started if it does not run.

    Raises:
        RPCError: Temporal does not answer.
    """
    await client.start_workflow(
        names.GATEWAY_WORKFLOW,
        GatewayStart(name=gateway),
        id=workflow_id(gateway),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=signal,
        start_signal_args=list(arguments),
        static_summary=f"breaker of {gateway}",
    )


async def begin_anew(client: Client, healths: Mapping[str, Health], task_queue: str = names.HOUSEKEEPING_QUEUE) -> None:
    """Start every breaker whose gateway is not well, by its own last word: nothing, where it runs.

    One that was terminated, or that Temporal has lost, would otherwise leave its gateway held back for good.

    Raises:
        RPCError: Temporal does not answer.
    """
    for gateway, health in healths.items():
        if health is Health.CLOSED:
            continue
        mode = {Health.PAUSED: Mode.PAUSED, Health.DRAINING: Mode.DRAINING}.get(health, Mode.OPEN)
        start = GatewayStart(
            name=gateway, silent=health in SILENT, mode=str(mode), why=LOST, told=str(health), releasing=True
        )
        await client.start_workflow(
            names.GATEWAY_WORKFLOW,
            start,
            id=workflow_id(gateway),
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"breaker of {gateway}",
        )


class Reports:
    """Tells breakers of gateways that this process does not hear. Nobody waits for it."""

    def __init__(
        self, client: Client, complain: Callable[[str], None], task_queue: str = names.HOUSEKEEPING_QUEUE
    ) -> None:
        """By `client`; `complain` when a breaker cannot be told: the process has stopped asking all the same."""
        self._client, self._complain, self._queue = client, complain, task_queue
        self._telling: set[asyncio.Task[None]] = set()

    def tripped(self, gateway: str, why: str) -> None:
        """Tell it, soon."""
        task = asyncio.create_task(self._tell(gateway, why))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def run(self, healths: Callable[[], Mapping[str, Health]]) -> None:
        """Once a minute, start breakers that run no more, by how their gateways are said to be. Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await begin_anew(self._client, healths(), self._queue)
            except RPCError as error:
                self._complain(str(error))

    async def _tell(self, gateway: str, why: str) -> None:
        for _ in range(TRIES):
            try:
                await ask(self._client, gateway, names.TRIP, GatewayTripped(why=why), task_queue=self._queue)
                return
            except RPCError as error:
                last = str(error)
            await asyncio.sleep(AGAIN_SECONDS)
        self._complain(f"{gateway}: {last}")


async def release(client: Client, id_: str) -> None:
    """Tell the workflow of an intent that its gateway may be asked again. One that has ended needs nothing."""
    try:
        await client.get_workflow_handle(id_).signal(names.RELEASE)
    except RPCError:
        return
