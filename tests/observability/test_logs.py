"""Logging that fails: in processes of their own, because what fails is theirs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serving.streams import SafeStream
from settings import ROOT

LINES = """
import logging, sys
from observability.logs import configure_logs, logger
configure_logs("info")
for number in range(2_000):
    logger().warning("a payment", number=number)
    try:
        raise ValueError("a fault of ours")
    except ValueError:
        logger().exception("failed")
        logging.getLogger("uvicorn.error").exception("failed, says %s", '"a library"')
print("answered")
"""


def run(**more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINES], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=240, check=False, **more
    )


def test_a_full_disk_is_nobody_elses_problem() -> None:
    with Path("/dev/full").open("w") as full:
        done = run(stderr=full)
    assert (done.returncode, done.stdout) == (0, "answered\n")


def test_nor_is_a_reader_that_has_gone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run(stderr=writer)
    os.close(writer)
    assert (done.returncode, done.stdout) == (0, "answered\n")


def test_nor_is_a_standard_error_that_was_never_there() -> None:
    done = run(preexec_fn=lambda: os.close(2))
    assert (done.returncode, done.stdout) == (0, "answered\n")


def test_every_line_is_one_object_whoever_wrote_it() -> None:
    done = run(stderr=subprocess.PIPE)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) == 6_000
    assert lines[2]["event"] == 'failed, says "a library"'
    assert "a fault of ours" in lines[2]["exception"]


OF_TEMPORAL = """
import asyncio, logging, sys
from temporalio.exceptions import ApplicationError
from observability.logs import configure_logs
configure_logs(sys.argv[1])
where = {"workflow_id": "pi_1", "activity_type": "carry_out", "attempt": 2, "namespace": "default"}
said = logging.getLogger("temporalio.activity")
for error in (asyncio.CancelledError("cancelled"), ApplicationError("POST /authorizations: 503"), ValueError("x")):
    try:
        raise error
    except BaseException:
        said.warning("Completing activity as failed", exc_info=True, extra={"temporal_activity": where})
said = {"temporal_workflow": {"workflow_id": "pi_1"}, "about": {"signal": "capture", "why": "it has ended"}}
logging.getLogger("temporalio.workflow").info("refused signal", extra=said)
"""


def lines_of_temporal(level: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", OF_TEMPORAL, level], cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=240, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_what_is_to_be_expected_has_its_place_and_no_traceback() -> None:
    late, away, ours, refused = lines_of_temporal("info")
    for line in (late, away, ours):
        assert (line["workflow"], line["activity"], line["attempt"]) == ("pi_1", "carry_out", 2)
        assert "namespace" not in line
        assert line["timestamp"].endswith("Z")
    assert (late["why"], late.get("exception")) == ("it was not done in time", None)
    assert (away["why"], away.get("exception")) == ("POST /authorizations: 503", None)
    assert "ValueError: x" in ours["exception"], "a fault of ours says where"
    assert {name: refused[name] for name in ("event", "level", "workflow", "signal", "why")} == {
        "event": "refused signal", "level": "info", "workflow": "pi_1", "signal": "capture", "why": "it has ended"
    }  # fmt: skip


def test_and_no_more_than_was_asked_for() -> None:
    assert [line["level"] for line in lines_of_temporal("warning")] == ["warning"] * 3


IN_A_TRACE = """
import logging
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from observability.logs import configure_logs, logger
configure_logs("info")
logger().info("outside")
with TracerProvider().get_tracer("x").start_as_current_span("y") as span:
    logger().info(trace.format_trace_id(span.get_span_context().trace_id))
    logging.getLogger("a library").warning("inside")
"""


def test_a_line_says_which_trace_it_is_part_of() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_TRACE], cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=240, check=True
    )
    outside, ours, librarys = map(json.loads, done.stderr.splitlines())
    assert "trace" not in outside
    assert ours["trace"] == librarys["trace"] == ours["event"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), BrokenPipeError(), ValueError("closed")])
def test_what_is_lost_is_counted(failure: Exception) -> None:
    class Failing:
        def write(self, text: str) -> int:
            raise failure

        def flush(self) -> None:
            raise failure

    lost: list[None] = []
    stream: Any = Failing()
    print("a line", file=SafeStream(stream, lambda: lost.append(None)), flush=True)
    assert len(lost) == 3
    print("nobody", file=SafeStream(None), flush=True)
