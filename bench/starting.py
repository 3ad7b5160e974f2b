"""How long `make run` takes to the first payment: from nothing, installation included; and started again."""

import asyncio
import os
import shutil
import signal
import statistics
import tempfile
import time
from asyncio.subprocess import DEVNULL
from pathlib import Path

import aiohttp

from bench.client import Client
from bench.figures import Figure, Figures
from bench.payments import one_request
from embedded.ports import free_port
from settings import ROOT

WARM_SECONDS_MAX, COLD_SECONDS_MAX = 8.0, 90.0
NOT_COPIED = shutil.ignore_patterns(".venv", ".perdure", ".git", "node_modules", "__pycache__", ".*_cache")


async def measure(figures: Figures, rounds: int) -> None:
    """From nothing once, in a copy of the project; then warm, with its data and its installation."""
    with tempfile.TemporaryDirectory(prefix="perdure-bench-") as directory:
        copy = Path(directory) / "perdure"
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        figures.add(
            "from nothing to the first payment", Figure(await first_payment(copy), "s", at_most=COLD_SECONDS_MAX)
        )
        warm = statistics.median([await first_payment(copy) for _ in range(rounds)])
        figures.add("warm start to the first payment", Figure(warm, "s", at_most=WARM_SECONDS_MAX))


async def first_payment(project: Path) -> float:
    """Seconds from `make run` to a payment that succeeded."""
    names = ("API", "TEMPORAL", "TEMPORAL_UI", "SIMULATOR")
    ports = {f"PERDURE_{name}_PORT": str(free_port()) for name in names}
    environment = {**os.environ, **ports}  # noqa: TID251
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        "make", "run", cwd=project, env=environment, stdout=DEVNULL, start_new_session=True
    )
    try:
        async with asyncio.timeout(COLD_SECONDS_MAX * 5), Client(int(ports["PERDURE_API_PORT"])) as http:
            while True:
                try:
                    await one_request(http)
                    return time.perf_counter() - began
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
