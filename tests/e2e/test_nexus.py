"""An order in another namespace pays by Nexus: the very workflow of docs/NEXUS.md, while what it needs dies."""

import asyncio
import importlib.util
import re
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import psutil
import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio import activity, workflow
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, NexusOperationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from contracts.names import NEXUS_QUEUE, NEXUS_SERVICE
from settings import ROOT
from tests.e2e.conftest import SECRET, Running
from tests.support import patient

NAMESPACE, ENDPOINT, QUEUE = "orders", "payments", "orders"
AMOUNT = 4_200


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The code of the page, as a module."""
    found = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "NEXUS.md").read_text(), re.DOTALL)
    assert found is not None
    path = tmp_path_factory.mktemp("sample") / "sample_order.py"
    path.write_text(found.group(1))
    spec = importlib.util.spec_from_file_location("sample_order", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sample_order"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An engine that takes what other namespaces ask."""
    running = Running.prepare(tmp_path_factory.mktemp("nexus"))
    running.start(PERDURE_NEXUS_KEY=SECRET)
    yield running
    running.stop()


@pytest.fixture(scope="module")
async def orders(shop: Running) -> Client:
    """A client in a namespace of its own, beside an endpoint that leads to payments."""
    address = f"127.0.0.1:{shop.port('TEMPORAL')}"
    ours = await Client.connect(address)
    retention = Duration(seconds=86_400)
    await ours.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=NAMESPACE, workflow_execution_retention_period=retention)
    )
    worker = EndpointTarget.Worker(namespace="default", task_queue=NEXUS_QUEUE)
    spec = EndpointSpec(name=ENDPOINT, target=EndpointTarget(worker=worker))
    await ours.operator_service.create_nexus_endpoint(CreateNexusEndpointRequest(spec=spec))
    async with asyncio.timeout(60):
        while True:
            client = await Client.connect(address, namespace=NAMESPACE)
            try:
                await client.count_workflows()
            except RPCError:
                await asyncio.sleep(0.1)
                continue
            return client


@workflow.defn
class OneOperation:
    """A single operation, as it was answered."""

    @workflow.run
    async def run(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        payments = workflow.create_nexus_client(endpoint=ENDPOINT, service=NEXUS_SERVICE)
        limit = timedelta(minutes=2)
        answered: dict[str, Any] = await payments.execute_operation(
            name, given, output_type=dict[str, Any], schedule_to_close_timeout=limit
        )
        return answered


class Warehouse:
    """Packs when it is told to."""

    def __init__(self) -> None:
        self.asked, self.goes_on, self.empty = asyncio.Event(), asyncio.Event(), False

    @activity.defn(name="pack")
    async def pack(self, order: str) -> None:
        del order
        self.asked.set()
        await self.goes_on.wait()
        if self.empty:
            raise ApplicationError("nothing left", non_retryable=True)


def working(client: Client, sample: ModuleType, warehouse: Warehouse) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[sample.Order, OneOperation],
        activities=[warehouse.pack],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


@pytest.fixture
async def warehouse(orders: Client, sample: ModuleType) -> AsyncIterator[Warehouse]:
    warehouse = Warehouse()
    async with working(orders, sample, warehouse):
        yield warehouse


async def ordered(client: Client, order: str, card: str = "pm_card_visa") -> Any:
    return await client.start_workflow("Order", args=[order, AMOUNT, card], id=order, task_queue=QUEUE)


async def asked(client: Client, name: str, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await client.execute_workflow(
        OneOperation.run, args=[name, given], id=f"one-{uuid.uuid4()}", task_queue=QUEUE  # noqa: TID251
    )  # fmt: skip
    return answer


async def refusal(client: Client, name: str, **given: Any) -> ApplicationError:
    with pytest.raises(WorkflowFailureError) as failed:
        await asked(client, name, **given)
    error = failed.value.cause
    assert isinstance(error, NexusOperationError), error
    while not (isinstance(error, ApplicationError) and error.type not in (None, "OperationError")):
        assert error is not None
        error = error.__cause__  # type: ignore[assignment]
    return error


def payments_of(shop: Running, order: str) -> list[dict[str, Any]]:
    """What the API has of an order."""
    answer = httpx.get(f"{shop.url}/v1/payment_intents", params={"limit": "100"}, auth=(SECRET, ""), timeout=90)
    return [intent for intent in answer.json()["data"] if intent["metadata"].get("order") == order]


def booked(shop: Running, intent: dict[str, Any]) -> list[str]:
    """What the gateway's own book has of a payment."""
    return sorted(entry["operation"] for entry in shop.entries(intent["latest_charge"]))


async def test_an_order_is_paid(shop: Running, orders: Client, warehouse: Warehouse) -> None:
    warehouse.goes_on.set()
    order = await ordered(orders, "order-1")
    assert await order.result() == "paid"
    (intent,) = payments_of(shop, "order-1")
    assert (intent["status"], intent["amount_received"]) == ("succeeded", AMOUNT)
    assert booked(shop, intent) == ["authorize", "capture"]


async def test_an_order_that_cannot_be_packed_takes_nothing(
    shop: Running, orders: Client, warehouse: Warehouse
) -> None:
    warehouse.empty = True
    warehouse.goes_on.set()
    order = await ordered(orders, "order-2")
    assert await order.result() == "canceled"
    (intent,) = payments_of(shop, "order-2")
    assert (intent["status"], intent["amount_received"], intent["amount_capturable"]) == ("canceled", 0, 0)


async def test_a_decline_is_an_answer(shop: Running, orders: Client, warehouse: Warehouse) -> None:
    order = await ordered(orders, "order-3", "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert await order.result() == "declined"
    assert not warehouse.asked.is_set()
    (intent,) = payments_of(shop, "order-3")
    assert (intent["status"], intent["amount_received"]) == ("requires_payment_method", 0)


async def test_what_is_illegal_fails_for_good_and_says_why(shop: Running, orders: Client, warehouse: Warehouse) -> None:
    del warehouse
    new = await asked(orders, "start", amount=500, currency="usd", allowed_payment_method_types=["card"])
    intent = new["object"]["id"]
    assert new["declined"] is None
    assert (await refusal(orders, "capture", payment_intent=intent)).type == "payment_intent_unexpected_state"
    assert (await refusal(orders, "confirm", payment_intent="pi_nobody")).type == "resource_missing"
    assert (await refusal(orders, "cancel", payment_intent="../refunds")).type == "parameter_invalid"
    assert (await refusal(orders, "start", amount=500, currency="usd", mistake=1)).type == "parameter_unknown"
    assert patient.get(f"{shop.url}/v1/payment_intents/{intent}", auth=(SECRET, "")).json()["status"] == (
        "requires_payment_method"
    )


async def test_a_refund_gives_back_once(orders: Client, warehouse: Warehouse) -> None:
    del warehouse
    paid = await asked(
        orders, "start", amount=900, currency="usd", confirm=True, payment_method="pm_card_visa",
        allowed_payment_method_types=["card"],
    )  # fmt: skip
    refund = await asked(orders, "refund", payment_intent=paid["object"]["id"], amount=400)
    assert (refund["object"]["object"], refund["object"]["amount"], refund["declined"]) == ("refund", 400, None)
    error = await refusal(orders, "refund", payment_intent=paid["object"]["id"], amount=600)
    assert "greater than unrefunded amount" in error.message


async def test_it_is_paid_once_while_its_caller_the_api_and_temporal_die(
    shop: Running, orders: Client, sample: ModuleType
) -> None:
    first = Warehouse()
    async with working(orders, sample, first):
        order = await ordered(orders, "order-4")
        await asyncio.wait_for(first.asked.wait(), 180)
    # Held; its caller is gone, and so are the API and the server before it comes back.
    for part in ("api", "temporal"):
        killed = shop.children()[part]
        killed.kill()
    second = Warehouse()
    second.goes_on.set()
    first.goes_on.set()
    async with working(orders, sample, second):
        captured = asyncio.create_task(order.result())
        # And the API once more, in the middle of the capture or beside it.
        await asyncio.to_thread(shop.wait_for, lambda: "api" in shop.children())
        with_it = shop.children().get("api")
        if with_it is not None:
            try:
                with_it.kill()
            except psutil.NoSuchProcess:
                assert shop.children()
        async with asyncio.timeout(360):
            assert await captured == "paid"
    (intent,) = payments_of(shop, "order-4")
    assert (intent["status"], intent["amount_received"]) == ("succeeded", AMOUNT)
    assert booked(shop, intent) == ["authorize", "capture"]
