"""How long Temporal takes for what it is asked: a metric for each kind of call. And what its SDK says of itself."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio import client
from temporalio.runtime import LoggingConfig, PrometheusConfig, TelemetryConfig, TelemetryFilter

from observability import metrics


def telemetry(host: str, port: int) -> TelemetryConfig:
    """Quiet logs; and the SDK's metrics on the port that was asked for, unless it is 0."""
    exported = PrometheusConfig(bind_address=f"{host}:{port}") if port else None
    logging = LoggingConfig(TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return TelemetryConfig(logging=logging, metrics=exported)


class Measured(client.Interceptor):
    """Measures a client's calls, whether or not they succeed; queries of ours measure themselves (client.py)."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        """Measure before anybody else."""
        return _Calls(next)


@asynccontextmanager
async def _measured(call: str) -> AsyncIterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        metrics.TEMPORAL_SECONDS.labels(call).observe(time.monotonic() - began)


class _Calls(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:
        async with _measured("start"):
            return await super().start_workflow(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:
        async with _measured("signal"):
            await super().signal_workflow(input)

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:
        async with _measured("update"):
            return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self, input: client.StartWorkflowUpdateWithStartInput
    ) -> client.WorkflowUpdateHandle[Any]:
        async with _measured("update_with_start"):
            return await super().start_update_with_start_workflow(input)
