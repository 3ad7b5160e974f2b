"""What a worker shows of itself."""

import asyncio

import httpx

from embedded.ports import free_port
from observability.health import Parts, Readiness
from settings import Settings
from temporal.running import until
from worker import exported_metrics


async def test_metrics_are_exported_on_the_port_that_was_asked_for_and_no_longer_than_it_runs() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    async def away() -> None:
        raise ConnectionError("away")

    parts = Parts({"engine": away}, lambda event, **about: None)
    readiness = Readiness(parts, "engine")
    async with httpx.AsyncClient() as http:
        async with exported_metrics(Settings.read({"PERDURE_WORKER_METRICS_PORT": str(port)}), readiness, parts):
            assert "perdure_log_writes_lost_total" in (await http.get(f"{url}/metrics")).text
            assert 'perdure_part_up{part="engine"} 0.0' in (await http.get(f"{url}/metrics")).text
            assert (await http.get(f"{url}/healthz")).status_code == 200
            assert (await http.get(f"{url}/readyz")).json()["failing"] == "engine: away"
            readiness.begin()
            assert (await http.get(f"{url}/readyz")).status_code == 200
            assert (await http.get(f"{url}/health")).json()["parts"]["engine"]["reason"] == "away"
        async with exported_metrics(Settings.read({}), readiness, parts):
            assert await _refused(port)


async def test_a_start_that_waits_can_be_stopped() -> None:
    stop, waiting = asyncio.Event(), asyncio.Event()

    async def forever() -> None:
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(until(stop, forever()))
    await waiting.wait()
    stop.set()
    assert await task is False
    assert await until(asyncio.Event(), asyncio.sleep(0)) is True


async def _refused(port: int) -> bool:
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    return False
