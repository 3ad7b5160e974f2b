"""Whose processor time is whose: what is measured beside each other is not added up together."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import psutil

from bench.client import Client
from bench.systems import System

WAITS = "import sys; print('here', flush=True); sys.stdin.read()"


async def worker(mark: str) -> Process:
    """A process that is called like a skeleton's worker, and runs."""
    command = [sys.executable, "-c", WAITS, "bench.bare", "worker", mark]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"here\n"
    return process


async def test_of_two_that_run_beside_each_other_each_has_its_own(tmp_path: Path) -> None:
    ours, theirs = await worker("127.0.0.1:1"), await worker("127.0.0.1:12")
    try:
        async with Client(1) as http:
            system = System(http, tmp_path, psutil.Process(), frozenset({"127.0.0.1:1"}))
            assert {name: process.pid for name, process in system.processes().items()} == {"worker": ours.pid}
            assert set(system.processor_seconds()) == {"worker"}
    finally:
        for process in (ours, theirs):
            process.kill()
            await process.wait()
