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
        [sys.executable, "-c", LINES], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=False, **more
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
