"""Traces, from the request to the gateway's answer, for any OpenTelemetry collector. Off unless an endpoint is set.

`OTEL_EXPORTER_OTLP_ENDPOINT` and its like are OpenTelemetry's own settings. A span holds names and ids, never what a
customer has said.
"""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from temporalio.client import Interceptor
from temporalio.contrib.opentelemetry import OpenTelemetryInterceptor, create_tracer_provider


def configure_tracing(service: str, endpoint: str) -> list[Interceptor]:
    """Send this process's spans to `endpoint`, if there is one; what carries traces through Temporal."""
    if not endpoint:
        return []
    # Temporal's own: a workflow that is replayed neither tells its spans again nor makes other ids of them.
    provider = create_tracer_provider(resource=Resource.create({SERVICE_NAME: service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return [OpenTelemetryInterceptor(add_temporal_spans=True)]
