"""What a probe is told, and that everything else is the application's."""

from collections.abc import Mapping

import httpx
from starlette.responses import PlainTextResponse

from serving.probes import Probed


def probing(why: str | None, parts: Mapping[str, str | None]) -> httpx.AsyncClient:
    async def ready() -> str | None:
        return why

    async def look() -> Mapping[str, str | None]:
        return parts

    probed = Probed(PlainTextResponse("metrics"), ready, look)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=probed), base_url="http://worker")


async def test_all_is_well() -> None:
    async with probing(None, {"engine": None}) as http:
        for path in ("/healthz", "/readyz"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        answer = await http.get("/health")
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "parts": {"engine": {"status": "ok"}}}
        assert (await http.get("/metrics")).text == "metrics"


async def test_nothing_is_well_and_the_process_lives() -> None:
    async with probing("engine: away", {"engine": "away", "gateway": None}) as http:
        assert (await http.get("/healthz")).status_code == 200
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "failing": "engine: away"})
        answer = await http.get("/health")
        assert answer.status_code == 503
        assert answer.json()["parts"] == {
            "engine": {"status": "failing", "reason": "away"}, "gateway": {"status": "ok"},
        }  # fmt: skip
