"""What a worker shows of itself."""

import asyncio

import httpx

from embedded.ports import free_port
from settings import Settings
from worker import exported_metrics


async def test_metrics_are_exported_on_the_port_that_was_asked_for_and_no_longer_than_it_runs() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    async with httpx.AsyncClient() as http:
        async with exported_metrics(Settings.read({"PERDURE_WORKER_METRICS_PORT": str(port)})):
            assert "perdure_log_writes_lost_total" in (await http.get(url)).text
        async with exported_metrics(Settings.read({})):
            assert await _refused(port)


async def _refused(port: int) -> bool:
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    return False
