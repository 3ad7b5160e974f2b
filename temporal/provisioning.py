"""Giving a Temporal service what this release needs: a namespace, and search attributes. Harmless if they are there.

What it is like now is condition.py's. A service that others administer (Temporal Cloud) does not let itself be set up.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.names import SEARCH_ATTRIBUTES
from temporal.condition import KINDS, NOT_OURS_TO_ASK, TemporalNotWell

TIMEOUT = timedelta(seconds=10)
"""Of each step: a service that keeps its attributes in Elasticsearch takes its time."""


class NotOursToSetUp(TemporalNotWell):
    """Somebody else administers this service; the message says what to ask them for."""


class Provisioning:
    """Sets up the namespace of a client."""

    def __init__(self, client: Client, retention_days: int, say: Callable[[str], None]) -> None:
        """`retention_days` goes for a namespace that is made now; `say` is told what is done."""
        self._client, self._retention, self._say = client, retention_days, say

    async def carry_out(self) -> None:
        """Make what is missing. May be repeated at any time, after a failure as well, and beside another.

        Raises:
            NotOursToSetUp: the service refuses; what is missing is to be made by who may.
            TemporalNotWell: an attribute is there and is of another type: nothing of it is touched.
            RPCError, RuntimeError: it is away, or does not know its new namespace yet: repeat.
        """
        try:
            await self._namespace()
            await self._search_attributes()
        except RPCError as error:
            if error.status in NOT_OURS_TO_ASK:
                raise NotOursToSetUp(self._by_who_may(error)) from error
            raise

    async def _namespace(self) -> None:
        name = self._client.namespace
        if await self._has_namespace():
            self._say(f"namespace {name}: is there")
            return
        retention = Duration(seconds=self._retention * 86_400)
        request = RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=retention)
        try:
            await self._client.workflow_service.register_namespace(request, timeout=TIMEOUT)
        except RPCError as error:
            # Another made it in between.
            if error.status != RPCStatusCode.ALREADY_EXISTS:
                raise
        self._say(f"namespace {name}: made, with {self._retention} days of retention")

    async def _has_namespace(self) -> bool:
        request = DescribeNamespaceRequest(namespace=self._client.namespace)
        try:
            await self._client.workflow_service.describe_namespace(request, timeout=TIMEOUT)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def _search_attributes(self) -> None:
        there = await self._registered()
        wrong = [f"{name} is {IndexedValueType.Name(there[name])}" for name, kind in _wanted(there, missing=False)]
        if wrong:
            raise TemporalNotWell(
                f"search attributes of the namespace {self._client.namespace} are of another type than ours: "
                f"{', '.join(wrong)}. Take a namespace that nobody else uses (TEMPORAL_NAMESPACE)"
            )
        missing = _wanted(there, missing=True)
        if missing:
            request = AddSearchAttributesRequest(
                namespace=self._client.namespace, search_attributes={name: KINDS[kind] for name, kind in missing}
            )
            try:
                await self._client.operator_service.add_search_attributes(request, timeout=TIMEOUT)
            except RPCError as error:
                if error.status != RPCStatusCode.ALREADY_EXISTS:
                    raise
        said = ", ".join(name for name, _ in missing)
        self._say(f"search attributes: made {said}" if missing else "search attributes: are there")

    async def _registered(self) -> Mapping[str, IndexedValueType.ValueType]:
        request = ListSearchAttributesRequest(namespace=self._client.namespace)
        return (await self._client.operator_service.list_search_attributes(request, timeout=TIMEOUT)).custom_attributes

    def _by_who_may(self, error: RPCError) -> str:
        name = self._client.namespace
        wanted = [f"--search-attribute {each}={kind}" for each, kind in SEARCH_ATTRIBUTES.items()]
        remedy = f"tcld namespace search-attributes add --namespace {name} {' '.join(wanted)}"
        return (
            f"this Temporal does not let itself be set up ({error.status.name}: {error.message}). "
            f"On Temporal Cloud, make the namespace there, and run `{remedy}`"
        )


def _wanted(there: Mapping[str, IndexedValueType.ValueType], *, missing: bool) -> list[tuple[str, str]]:
    """Attributes of ours that are not there; or, if not `missing`, those that are there as something else."""
    if missing:
        return [(name, kind) for name, kind in SEARCH_ATTRIBUTES.items() if name not in there]
    return [(name, kind) for name, kind in SEARCH_ATTRIBUTES.items() if there.get(name, KINDS[kind]) != KINDS[kind]]
