"""docs/STORY.md: one payment that fails, as logs, metrics and traces tell of it. `python -m tests.e2e.story` writes it.

The gateway has no answer for it twice, then the bank declines. What is different each time (ids, times, milliseconds)
is replaced, and what is left is what there always is.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import httpx

from embedded.ports import free_port
from settings import ROOT
from tests.e2e.conftest import SECRET, Running
from tests.support.collector import QUICK, collecting
from tests.support.receivers import wait_until

PAGE = ROOT / "docs" / "STORY.md"

OF_TIME = {"ms", "timestamp"}
METRICS = (
    "perdure_requests_total", "perdure_gateway_silences_total", "perdure_gateway_outcomes_total",
    "perdure_charges_total", "perdure_statuses_total", "perdure_events_total",
)  # fmt: skip
HEAD = """# The story of one payment that failed

Its gateway gave no answer twice, and then its bank said no. This is what a running engine said of it:
`tests/e2e/test_traces.py` tells the story again, and holds this page to it. Ids are shortened, times are left out;
[OPERATING](OPERATING.md) has what each line and metric is.

"""


def settings(collector: str) -> dict[str, str]:
    """What the engine of the story is started with."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector, "PERDURE_LOG_LEVEL": "debug",
        "PERDURE_WORKER_METRICS_PORT": str(free_port()), **QUICK,
    }  # fmt: skip


def start(running: Running, wanted: dict[str, str]) -> None:
    """With the settings of the story, webhooks and all."""
    running.environment |= wanted
    running.start()


def told(running: Running, spans: list[Any], worker: str) -> str:
    """The page. `worker` is the port of the worker's metrics."""
    with httpx.Client(base_url=running.url, auth=(SECRET, ""), trust_env=False, timeout=90) as http:
        before = counted(running, worker)
        creation = http.post(
            "/v1/payment_intents",
            data={"amount": "1099", "currency": "usd", "allowed_payment_method_types[]": "card"},
        )
        made = creation.json()
        running.faults(outage=True, operations=["authorize"], count=2)
        answer = http.post(
            f"/v1/payment_intents/{made['id']}/confirm",
            data={"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"},
        )
        request, error = answer.headers["request-id"], answer.json()["error"]
        row = f"/dashboard/v1/request_logs/{request}"
        wait_until(lambda: http.get(row).is_success, "the request log")
        kept = http.get(row).json()
    trace = traced(spans, request)
    first = creation.headers["request-id"]
    shorter = {
        made["id"]: "pi_1",
        first: "req_1",
        request: "req_2",
        error["charge"]: "ch_1",
        running.url: "https://api.example",
    }
    shown = {name: error[name] for name in ("code", "decline_code", "message", "type", "request_log_url")}
    wanted = ("method", "path", "status", "key", "error_code", "decline_code", "payment_intent")
    page = HEAD
    page += "## What its caller was answered\n\n402, and:\n\n" + block(json.dumps(shown, indent=2), "json")
    page += "## What the logs say\n\n`grep pi_1` in the logs of API and worker; with `PERDURE_LOG_LEVEL=debug`:\n\n"
    page += block("\n".join(json.dumps(line, ensure_ascii=False) for line in lines(running, made["id"])), "json")
    page += "## What the request log keeps\n\nThe console shows it, where `request_log_url` points:\n\n"
    page += block(json.dumps({name: kept[name] for name in wanted}, indent=2), "json")
    page += "## What the metrics have counted\n\n"
    page += block("\n".join(grown(before, counted(running, worker))))
    page += "## What the trace shows\n\n`trace` of the lines above finds it. Each attempt is a span:\n\n" + block(trace)
    for theirs, ours in shorter.items():
        page = page.replace(theirs, ours)
    return page.rstrip("\n") + "\n"


def block(text: str, language: str = "") -> str:
    return f"```{language}\n{text}\n```\n\n"


def lines(running: Running, intent: str) -> list[dict[str, Any]]:
    """What API and worker have said of it, in the order of time."""
    found = [
        (process, json.loads(line))
        for process in ("api", "worker")
        for line in (Path(running.environment["PERDURE_DATA_DIR"]) / "logs" / f"{process}.log").read_text().splitlines()
        if intent in line
    ]
    found.sort(key=lambda each: each[1]["timestamp"])
    return [
        {"process": process, **{name: short(name, value) for name, value in line.items() if name not in OF_TIME}}
        for process, line in found
        if line["event"] != "request" or line["operation"] in ("payment_intents.create", "payment_intents.confirm")
    ]


def short(name: str, value: Any) -> Any:
    if name == "trace":
        return "4bf9…"
    return value


def counted(running: Running, worker: str) -> dict[str, float]:
    """The counters of API and worker, by their lines."""
    texts = (httpx.get(f"{url}/metrics", timeout=90).text for url in (running.url, f"http://127.0.0.1:{worker}"))
    found = (line.rpartition(" ") for text in texts for line in text.splitlines() if line.startswith(METRICS))
    return {name: float(value) for name, _, value in found}


def grown(before: dict[str, float], after: dict[str, float]) -> list[str]:
    ours = {name: value - before.get(name, 0) for name, value in after.items() if "request_logs" not in name}
    return [f"{name} +{value:g}" for name, value in sorted(ours.items()) if value > 0]


def traced(spans: list[Any], request: str) -> str:
    """The spans of a request's trace as a tree, once all are there."""

    def of_request() -> list[Any]:
        def attributes(span: Any) -> dict[str, str]:
            return {each.key: each.value.string_value for each in span.attributes}

        roots = [span for _, span in spans if attributes(span).get("perdure.request_id") == request]
        return [each for each in spans if roots and each[1].trace_id == roots[0].trace_id]

    wait_until(lambda: sum("/authorizations" in span.name for _, span in of_request()) == 3, "three attempts")
    wait_until(lambda: {"perdure-api", "perdure-worker"} <= {service for service, _ in of_request()}, "both")
    wait_until(lambda: any(span.name.startswith("HandleUpdate") for _, span in of_request()), "the update")

    def whole() -> bool:
        spans = [span for _, span in of_request()]
        known = {span.span_id for span in spans}
        tried = sum(span.name == "RunActivity:carry_out" for span in spans)
        return tried == 3 and sum(span.parent_span_id not in known for span in spans) == 1

    wait_until(whole, "the parent of each")
    found = sorted(of_request(), key=lambda each: each[1].start_time_unix_nano)
    known = {span.span_id for _, span in found}

    def under(parent: bytes, depth: int) -> list[str]:
        children = [
            each for each in found if (each[1].parent_span_id if each[1].parent_span_id in known else b"") == parent
        ]
        return [
            line
            for service, span in children
            for line in ["  " * depth + f"{span.name} ({service})", *under(span.span_id, depth + 1)]
        ]

    return "\n".join(under(b"", 0))


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as directory, collecting() as (address, spans):
        running, wanted = Running.prepare(Path(directory)), settings(address)
        start(running, wanted)
        try:
            PAGE.write_text(told(running, spans, wanted["PERDURE_WORKER_METRICS_PORT"]))
        finally:
            running.stop()


if __name__ == "__main__":
    main()
