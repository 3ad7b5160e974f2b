"""The bare-Temporal skeleton that payments are measured against: no records, no gateway, no rules.

A workflow per payment, an update per command, a local activity that answers as fast as a gateway could, the same three
requests over HTTP. The payment is a small intent, in and out of every step, so that what must travel travels here too.
`python -m bench.bare worker|api --address HOST:PORT [--tuned] [--port PORT]`; bench/payments.py starts it.
"""

import argparse
import asyncio
import time
import uuid
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

import uvicorn
import uvloop
from fastapi import FastAPI, Request
from fastapi.responses import Response
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.dialect.forms import decode_form
from rendering.printing import to_json
from temporal.client import DATA_CONVERTER, connect
from temporal.tuning import SETTINGS
from workflows.options import TASK_TIMEOUT

QUEUE = "bare"
GATEWAY_SECONDS = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a payment is at least."""

    id: str
    amount: int
    currency: str = "usd"
    status: str = "requires_confirmation"
    created: int = 0
    description: str | None = None
    customer: str | None = None
    payment_method: str | None = None
    latest_charge: str | None = None
    amount_capturable: int = 0
    amount_received: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


@activity.defn
async def ask(intent: Intent) -> str:
    """Where a payment would ask its gateway and write its record."""
    await asyncio.sleep(GATEWAY_SECONDS)
    return f"ch_{intent.id}"


@workflow.defn
class Bare:
    """As little as a payment can be."""

    @workflow.init
    def __init__(self, intent: Intent) -> None:
        """As it was created."""
        self._intent = intent

    @workflow.run
    async def run(self, intent: Intent) -> None:
        """Wait for the capture."""
        await workflow.wait_condition(lambda: self._intent.status == "succeeded")

    async def _ask(self) -> str:
        return await workflow.execute_local_activity(ask, self._intent, start_to_close_timeout=timedelta(seconds=2))

    @workflow.update
    async def confirm(self) -> Intent:
        """Hold the money."""
        charge, amount = await self._ask(), self._intent.amount
        self._intent = replace(self._intent, status="requires_capture", latest_charge=charge, amount_capturable=amount)
        return self._intent

    @workflow.update
    async def capture(self) -> Intent:
        """Take it, and end."""
        await self._ask()
        amount = self._intent.amount
        self._intent = replace(self._intent, status="succeeded", amount_capturable=0, amount_received=amount)
        return self._intent

    @workflow.query
    def payment_intent(self) -> Intent:
        return self._intent


async def connected(address: str, *, tuned: bool) -> Client:
    """As a program that sets nothing would; `tuned`, as the product does."""
    return await (connect(address, "default") if tuned else Client.connect(address, data_converter=DATA_CONVERTER))


async def work(client: Client) -> None:
    """Carry out until killed, with the product's own settings: only what is in the workflow differs."""
    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=[Bare],
        activities=[ask],
        workflow_runner=UnsandboxedWorkflowRunner(),
        **SETTINGS,
    )
    await worker.run()


def answer(intent: Intent) -> Response:
    """As JSON."""
    return Response(to_json(asdict(intent)), media_type="application/json")


def build(client: Client) -> FastAPI:
    """The three requests, on the product's paths."""
    app = FastAPI()

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/payment_intents")
    async def create(request: Request) -> Response:
        form = decode_form(await request.body())
        intent = Intent(
            id=f"pi_{uuid.uuid4().hex[:24]}",  # noqa: TID251
            amount=int(form["amount"]),
            payment_method=form["payment_method"],
            created=int(time.time()),  # noqa: TID251
            metadata={"order": "1234"},
        )
        await client.start_workflow(Bare.run, intent, id=intent.id, task_queue=QUEUE, task_timeout=TASK_TIMEOUT)
        return answer(intent)

    @app.post("/v1/payment_intents/{id_}/{command}")
    async def command(id_: str, command: str) -> Response:
        return answer(await client.get_workflow_handle(id_).execute_update(command, result_type=Intent))

    @app.get("/v1/payment_intents/{id_}")
    async def retrieve(id_: str) -> Response:
        return answer(await client.get_workflow_handle(id_).query("payment_intent", result_type=Intent))

    return app


async def serve(client: Client, port: int) -> None:
    """Answer until killed."""
    await uvicorn.Server(uvicorn.Config(build(client), port=port, log_level="warning", access_log=False)).serve()


async def run(given: argparse.Namespace) -> None:
    """The part that was asked for."""
    client = await connected(given.address, tuned=given.tuned)
    await (work(client) if given.part == "worker" else serve(client, given.port))


def main() -> None:
    """One of the two processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["worker", "api"])
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tuned", action="store_true", help="connect as the product does")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
