"""The connection to Temporal, for the worker and the API alike: address from Temporal's own environment, our payloads.

Payloads are plain JSON, readable in the Web UI, with nulls left out (an absent field and a null one read the same).
"""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_json
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import QueryWorkflowRequest
from temporalio.client import Client, Interceptor
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
)
from temporalio.envconfig import ClientConfig
from temporalio.service import GrpcCompression, RetryConfig

from contracts import by_hand
from contracts.payload_keys import PayloadKey
from domain.machine.intents import S
from observability import metrics
from temporal.codec import EncryptedPayloads

RPC_RETRY = RetryConfig(max_elapsed_time_millis=2_000)
"""A server that is away for longer is reported as away; the caller decides whether to wait."""


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(type_: Any) -> TypeAdapter[Any]:
    """Shared by the whole process: the SDK makes a converter for every workflow, and an adapter takes 8 ms to build."""
    adapter = _ADAPTERS.get(type_)
    if adapter is None:
        adapter = _ADAPTERS[type_] = TypeAdapter(type_)
    return adapter


class _CompactJson(EncodingPayloadConverter):
    """Dataclasses by their own types, so that nulls can be left out of them but not out of the maps they hold."""

    @property
    def encoding(self) -> str:
        return "json/plain"

    def to_payload(self, value: Any) -> Payload | None:
        is_dataclass = dataclasses.is_dataclass(value) and not isinstance(value, type)
        data = _adapter(type(value)).dump_json(value, exclude_none=True) if is_dataclass else to_json(value)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        adapter = _adapter(Any if type_hint is None else type_hint)
        if type_hint in by_hand.COMMANDS:
            return by_hand.read(type_hint, adapter, payload.data)
        return adapter.validate_json(payload.data)


_ENCODINGS = tuple(
    _CompactJson() if isinstance(converter, JSONPlainPayloadConverter) else converter
    for converter in DefaultPayloadConverter.default_encoding_payload_converters
)
"""Shared by the whole process: the SDK makes a converter for every workflow, and two for every activation of one."""


class PaymentsPayloadConverter(CompositePayloadConverter):
    """Temporal's default converters, with ours for JSON."""

    def __init__(self) -> None:
        """Replace the JSON converter and keep the others."""
        super().__init__(*_ENCODINGS)

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """As ever; but what is no command, where one should be, is said to be so: the SDK would drop the signal."""
        if type_hints and type_hints[0] in by_hand.COMMANDS:
            encoding = payloads[0].metadata.get("encoding", b"").decode(errors="replace")
            if encoding != by_hand.JSON:
                return [by_hand.in_another_form(encoding)]
        return super().from_payloads(payloads, type_hints)


DATA_CONVERTER = DataConverter(payload_converter_class=PaymentsPayloadConverter)


async def connect(
    address: str,
    namespace: str,
    keys: tuple[PayloadKey, ...] = (),
    interceptors: Sequence[Interceptor] = (),
    *,
    lazy: bool = False,
) -> Client:
    """Connect to `address`, payloads encrypted if there are `keys`; if `lazy`, by the first call (of no worker).

    TLS and API key come from Temporal's own environment variables or configuration file.
    """
    codec = EncryptedPayloads(keys) if keys else None
    converter = dataclasses.replace(DATA_CONVERTER, payload_codec=codec)
    options = dict(ClientConfig.load_client_connect_config())
    # A payment is a few KiB: to compress them costs more than to send them.
    options |= {"target_host": address, "namespace": namespace, "grpc_compression": GrpcCompression.NONE, "lazy": lazy}
    return await Client.connect(**options, data_converter=converter, interceptors=interceptors, retry_config=RPC_RETRY)  # type: ignore[arg-type]


async def query(client: Client, id_: str, timeout: timedelta, name: str, state: type[S]) -> S:
    """What an intent's workflow says, asked once: the query `name`, which answers with a `state`.

    The SDK's own `query` asks again for as long as two seconds while the workflow is busy with a task.

    Raises:
        RPCError: it does not answer, or there is none.
    """
    request = QueryWorkflowRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=id_),
        query=WorkflowQuery(query_type=name),
    )
    with metrics.TEMPORAL_SECONDS.labels("query").time():
        answer = await client.workflow_service.query_workflow(request, timeout=timeout)
    decoded: list[S] = await client.data_converter.decode(answer.query_result.payloads, [state])
    return decoded[0]
