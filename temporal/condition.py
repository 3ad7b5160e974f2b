"""Whether Temporal is as this release needs it: it answers, with the namespace and the search attributes of ours.

Who waits for it, and who is told, is observability/health.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.names import HOUSEKEEPING_QUEUE, SEARCH_ATTRIBUTES, TASK_QUEUE, WEBHOOK_QUEUE

TIMEOUT = timedelta(seconds=1)
"""Of each question; both together stay within what observability/health.py waits."""

QUEUES = (TASK_QUEUE, WEBHOOK_QUEUE, HOUSEKEEPING_QUEUE)

KINDS = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}

NOT_OURS_TO_ASK = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED)
"""A service that does not let us list search attributes: a payment will show whether they are there."""


class TemporalNotWell(Exception):
    """Temporal cannot take payments of ours; the message says why, and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Tasks of a queue that wait for a worker, and for how long the oldest of them does (seconds)."""

    tasks: int
    seconds: float


class TemporalCondition:
    """The condition of the service that a client is for. A lazy client is connected by the first look."""

    def __init__(self, client: Client) -> None:
        """Of `client`'s service and namespace."""
        self._client = client

    async def check(self) -> None:
        """Return if payments can be started.

        Raises:
            TemporalNotWell: they cannot, and why.
        """
        where = f"Temporal at {self._client.service_client.config.target_host}"
        try:
            await self._look(where)
        except RPCError as error:
            raise TemporalNotWell(f"{where}: {error.status.name}: {error.message}") from error
        except RuntimeError as error:
            # What the SDK raises when it cannot connect.
            raise TemporalNotWell(f"{where}: {error}") from error

    async def _look(self, where: str) -> None:
        namespace = self._client.namespace
        try:
            await self._client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=namespace), timeout=TIMEOUT
            )
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            remedy = "set TEMPORAL_NAMESPACE, or run `perdure setup`"
            raise TemporalNotWell(f"{where} has no namespace {namespace}: {remedy}") from error
        missing = await self._missing(namespace)
        if missing:
            remedy = f"temporal operator search-attribute create --namespace {namespace} {' '.join(missing)}"
            raise TemporalNotWell(f"{where} lacks search attributes: run `perdure setup`, or `{remedy}`")

    async def _missing(self, namespace: str) -> Sequence[str]:
        """Search attributes that are not registered as they must be, as options of Temporal's command line."""
        try:
            listed = await self._client.operator_service.list_search_attributes(
                ListSearchAttributesRequest(namespace=namespace), timeout=TIMEOUT
            )
        except RPCError as error:
            if error.status in NOT_OURS_TO_ASK:
                return ()
            raise
        there = listed.custom_attributes
        wanted = SEARCH_ATTRIBUTES.items()
        return [f"--name {name} --type {kind}" for name, kind in wanted if there.get(name) != KINDS[kind]]

    async def backlogs(self) -> dict[str, Backlog]:
        """What waits in each queue of ours.

        Raises:
            RPCError, RuntimeError: no answer.
        """
        return {queue: await self._backlog(queue) for queue in QUEUES}

    async def _backlog(self, queue: str) -> Backlog:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
        stats = (await self._client.workflow_service.describe_task_queue(request, timeout=TIMEOUT)).stats
        age = stats.approximate_backlog_age
        return Backlog(tasks=stats.approximate_backlog_count, seconds=age.seconds + age.nanos / 1e9)
