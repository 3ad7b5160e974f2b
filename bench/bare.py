"""The bare-Temporal skeleton that payments are measured against: no records, no gateway, no rules.

A workflow per payment, an update per command, a local activity that does nothing, the same three requests over HTTP.
`python -m bench.bare worker|api --address HOST:PORT [--port PORT]`; bench/payments.py starts it.
"""

import argparse
import asyncio
import uuid
from datetime import timedelta
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, UnsandboxedWorkflowRunner, Worker

QUEUE = "bare"
POLLERS = 20
NONSTICKY_POLL_RATIO = 0.5
CACHED_WORKFLOWS_MAX = 20_000
"""The worker's settings are the product's (worker.py), so that only what is in the workflow differs."""


@activity.defn
async def nothing() -> None:
    """Where a payment would ask its gateway and write its record."""
    activity.logger.debug("nothing")


@workflow.defn
class Bare:
    """As little as a payment can be."""

    def __init__(self) -> None:
        """Not captured yet."""
        self._done = False

    @workflow.run
    async def run(self) -> None:
        """Wait for the capture."""
        await workflow.wait_condition(lambda: self._done)

    @workflow.update
    async def confirm(self) -> str:
        """Do nothing, durably."""
        await workflow.execute_local_activity(nothing, start_to_close_timeout=timedelta(seconds=2))
        return "requires_capture"

    @workflow.update
    async def capture(self) -> str:
        """Do nothing, durably, and end."""
        await workflow.execute_local_activity(nothing, start_to_close_timeout=timedelta(seconds=2))
        self._done = True
        return "succeeded"


async def work(address: str) -> None:
    """Carry out until killed."""
    client = await Client.connect(address)
    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=[Bare],
        activities=[nothing],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED_WORKFLOWS_MAX,
        workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(POLLERS),
        nonsticky_to_sticky_poll_ratio=NONSTICKY_POLL_RATIO,
    )
    await worker.run()


def build(client: Client) -> FastAPI:
    """The three requests, on the product's paths."""
    app = FastAPI()

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/payment_intents")
    async def create() -> dict[str, Any]:
        id_ = f"pi_{uuid.uuid4().hex}"  # noqa: TID251
        await client.start_workflow(Bare.run, id=id_, task_queue=QUEUE)
        return {"id": id_, "status": "requires_payment_method"}

    @app.post("/v1/payment_intents/{id_}/{command}")
    async def command(id_: str, command: str) -> dict[str, Any]:
        status: str = await client.get_workflow_handle(id_).execute_update(command)
        return {"id": id_, "status": status}

    return app


async def serve(address: str, port: int) -> None:
    """Answer until killed."""
    app = build(await Client.connect(address))
    await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False)).serve()


def main() -> None:
    """One of the two processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["worker", "api"])
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(given.address) if given.part == "worker" else serve(given.address, given.port))


if __name__ == "__main__":
    main()
