"""One trace from the request through Temporal to the gateway, in a collector that speaks OTLP; and docs/STORY.md."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e import story
from tests.e2e.conftest import PUBLISHABLE, Running
from tests.support.collector import collecting
from tests.support.receivers import wait_until


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """Its address, and the spans it was sent: (service, span)."""
    with collecting() as found:
        yield found


def test_from_the_request_to_the_gateway(fresh: Running, collector: tuple[str, list[Any]]) -> None:
    address, spans = collector
    wanted_of_all = story.settings(address)
    story.start(fresh, wanted_of_all)
    assert story.told(fresh, spans, wanted_of_all["PERDURE_WORKER_METRICS_PORT"]) == story.PAGE.read_text()
    fresh.faults()
    # What the story's last requests have still to send is not of what follows.
    began = time.time_ns()
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
        roots = [
            each for _, each in spans if each.name == "payment_intents.create" and each.start_time_unix_nano >= began
        ]
        ours = [(service, span.name) for service, span in spans if roots and span.trace_id == roots[0].trace_id]
        return set(ours)

    wanted = {
        ("perdure-api", "payment_intents.create"), ("perdure-worker", "RunActivity:carry_out"),
        ("perdure-worker", "gateway POST /authorizations"),
    }  # fmt: skip
    wait_until(lambda: wanted <= trace(), "the whole trace")
    wait_until(lambda: "payment_intents.retrieve" in [span.name for _, span in spans], "the other trace")
    told = b"".join(span.SerializeToString() for _, span in spans)
    assert b"nobody-elses-business" not in told
    assert intent.client_secret.encode() not in told
    asked = sorted(
        span.name
        for service, span in spans
        if (service, span.kind) == ("perdure-api", Span.SPAN_KIND_SERVER) and span.start_time_unix_nano >= began
    )
    assert asked == ["payment_intents.create", "payment_intents.retrieve"], (
        "one span a request, and none of a framework's"
    )
