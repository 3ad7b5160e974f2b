"""One trace from the request through Temporal to the gateway, in a collector that speaks OTLP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from embedded.ports import free_port
from tests.e2e.conftest import PUBLISHABLE, Running
from tests.support.receivers import wait_until


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """Its address, and the spans it was sent: (service, span)."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"]
                spans.extend((service, span) for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", free_port()), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", spans
        server.shutdown()
        thread.join()


def test_from_the_request_to_the_gateway(fresh: Running, collector: tuple[str, list[Any]]) -> None:
    address, spans = collector
    fresh.start(
        OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_BSP_SCHEDULE_DELAY="200", OTEL_EXPORTER_OTLP_COMPRESSION="none"
    )
    client: Any = fresh.client()
    intent = client.v1.payment_intents.create(
        {
            "amount": 900, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
            "metadata": {"note": "nobody-elses-business"},
        }
    )  # fmt: skip
    assert intent.status == "succeeded"

    shop: Any = fresh.client(api_key=PUBLISHABLE)
    shop.v1.payment_intents.retrieve(intent.id, {"client_secret": intent.client_secret})

    def trace() -> set[tuple[str, str]]:
        roots = [span for service, span in spans if span.name == "payment_intents.create"]
        ours = [(service, span.name) for service, span in spans if roots and span.trace_id == roots[0].trace_id]
        return set(ours)

    wanted = {
        ("perdure-api", "payment_intents.create"), ("perdure-worker", "RunActivity:carry_out"),
        ("perdure-worker", "gateway POST /authorizations"),
    }  # fmt: skip
    wait_until(lambda: wanted <= trace(), "the whole trace", 30)
    wait_until(lambda: "payment_intents.retrieve" in [span.name for _, span in spans], "the other trace", 30)
    told = b"".join(span.SerializeToString() for _, span in spans)
    assert b"nobody-elses-business" not in told
    assert intent.client_secret.encode() not in told
    asked = sorted(
        span.name for service, span in spans if service == "perdure-api" and span.kind == Span.SPAN_KIND_SERVER
    )
    assert asked == ["payment_intents.create", "payment_intents.retrieve"], (
        "one span a request, and none of a framework's"
    )
