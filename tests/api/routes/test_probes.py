"""Probes and metrics of an API: in time whatever is frozen, with the reason named; and a start that waits."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import text
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from api.app import app, codec_of, connected, lifespan, noticed, open_up, watch_of
from api.build import build
from api.routes import probes
from api.routes.probes import Watch
from gateways.registry import only
from gateways.simulator import SimulatorGateway
from observability.health import OneAtATime, Parts, Readiness
from records import monitoring
from records.base import Attempt, RecordsRefused
from records.database import Database
from records.migrate import migrate
from records.outbox import PostgresOutbox
from records.workers import PostgresWorkers
from settings import Settings
from tests.api.conftest import Api, error_of
from tests.support.databases import another, named
from tests.support.frozen import frozen

IN_TIME_SECONDS = 5.0
"""A deadline for the test, no measurement: without bounds, what is frozen here holds its callers for half a minute."""


def client_of(application: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api")


async def test_all_frozen_is_answered_in_time_by_name() -> None:
    async with frozen() as server:
        address = server.address
        settings = Settings.read(
            {"DATABASE_URL": f"postgresql://u:p@{address}/x", "TEMPORAL_ADDRESS": address,
             "PERDURE_SIMULATOR_URL": f"http://{address}"}
        )  # fmt: skip
        database, gateway = (
            Database(settings.database_url, connections_max=1),
            only(SimulatorGateway(settings.simulator_url)),
        )
        watch = watch_of(settings, await connected(settings), database, gateway)
        probes.mount(application := build(), watch)
        async with client_of(application) as http:
            for _ in range(2):
                async with asyncio.timeout(IN_TIME_SECONDS):
                    answers = await asyncio.gather(
                        *(http.get(p) for p in ("/healthz", "/readyz", "/health", "/metrics"))
                    )
                live, ready, health, exported = answers
                assert (live.status_code, ready.status_code, health.status_code) == (200, 503, 503)
                assert ready.json()["failing"].startswith("records: no answer within 1.5 s; engine: no answer")
                parts = health.json()["parts"]
                assert set(parts) == {"records", "engine", "workers", "gateway"}
                assert all(part["status"] == "failing" and part["reason"] for part in parts.values())
                assert exported.status_code == 200
                assert 'perdure_part_up{part="records"} 0.0' in exported.text
            watch.readiness.begin()
            assert (await http.get("/readyz")).status_code == 200, "this process can answer; the parts are health's"
        await gateway.close()
        await database.close()


async def test_metrics_are_exported_whatever_reading_them_comes_to() -> None:
    async def refused() -> probes.Gauges:
        raise RecordsRefused("UndefinedTableError 42P01")

    async def known() -> probes.Gauges:
        return {"perdure_workers": 2.0}

    parts = Parts({}, lambda event, **about: None)
    gauges = {"records": OneAtATime(refused), "engine": OneAtATime(known)}
    probes.mount(application := build(), Watch(parts=parts, readiness=Readiness(parts), gauges=gauges))
    async with client_of(application) as http:
        exported = await http.get("/metrics")
    assert exported.status_code == 200
    assert "perdure_workers 2.0" in exported.text
    assert "perdure_unknown_outcomes " not in exported.text, "a value of before would look as if all were well"


async def _eventually(http: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
    async with asyncio.timeout(60):
        while (answer := await http.get(path)).status_code != status:
            await asyncio.sleep(0.05)
    return answer


async def test_a_start_waits_for_what_it_needs_and_says_what_for(
    database_url: str, temporal_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    later = named(database_url, "later")
    monkeypatch.setenv("DATABASE_URL", later)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setenv("PERDURE_SIMULATOR_URL", "http://127.0.0.1:1")
    application = build(lifespan)
    configuration = structlog.get_config()
    async with contextlib.AsyncExitStack() as made, lifespan(application), client_of(application) as http:
        assert (await http.get("/healthz")).status_code == 200
        refused = await http.get("/v1/payment_intents/pi_1", headers={"Authorization": "Bearer sk_test_x"})
        assert (refused.status_code, error_of(refused)["type"]) == (503, "api_error")
        assert refused.headers["stripe-should-retry"] == "true"
        assert 'database "later" does not exist' in (await http.get("/readyz")).json()["failing"]
        await made.enter_async_context(another(database_url, "later"))
        said = capsys.readouterr().err
        async with asyncio.timeout(60):
            while "no schema of ours" not in said:
                await asyncio.sleep(0.05)
                said += capsys.readouterr().err
        await migrate(later)
        # The routes are there at once; ready it is when a worker and a gateway are, or after ten seconds.
        await _eventually(http, "/v1/payment_intents/pi_1", 401)
        assert (await http.get("/metrics")).status_code == 200
    structlog.configure(**configuration)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    waited = [line["why"] for line in lines if line["event"] == "waiting for a part" and line["part"] == "records"]
    assert 'database "later" does not exist' in waited[0]
    assert "no schema of ours" in waited[1]
    assert len(waited) == 2, "once for each reason"


async def test_a_new_process_is_ready_without_workers_and_gateway_after_a_while_and_health_says_so(
    api: Api, database_url: str, temporal_address: str
) -> None:
    environment = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address,
                   "PERDURE_SIMULATOR_URL": "http://127.0.0.1:1"}  # fmt: skip
    settings, gateway = Settings.read(environment), only(SimulatorGateway("http://127.0.0.1:1"))
    await api.database.execute(text("DELETE FROM workers"))
    client = await connected(settings)
    watch = watch_of(settings, client, api.database, gateway)
    probes.mount(application := build(), watch)
    assert codec_of(settings) is not None
    await open_up(application, api.services, settings, watch, patience_seconds=0.01, client=client)
    async with client_of(application) as http:
        assert (await http.get("/readyz")).status_code == 200
        health = await http.get("/health")
        assert health.status_code == 503
        parts = health.json()["parts"]
        assert parts["workers"]["reason"] == "no worker is there"
        assert parts["gateway"]["reason"] == "no answer from simulator"
        assert parts["records"] == parts["engine"] == {"status": "ok"}
        await PostgresWorkers(api.database).beat("1@host", "")
        assert "workers" not in [n for n, p in (await http.get("/health")).json()["parts"].items() if "reason" in p]
        exported = (await http.get("/metrics")).text
        assert "perdure_workers 1.0" in exported
        assert 'perdure_backlog_tasks{queue="payments"} 0.0' in exported
    await PostgresWorkers(api.database).end("1@host")
    await gateway.close()


class LateTemporal:
    """One that says so often that it is not there yet, and then knows of no sweep."""

    def __init__(self, refusals: int) -> None:
        self.refusals, self.asked = refusals, 0

    async def list_workflows(self, *_: object, **__: object) -> AsyncIterator[None]:
        self.asked += 1
        if self.asked <= self.refusals:
            raise RPCError("not yet", RPCStatusCode.UNAVAILABLE, b"")
        sweeps: list[None] = []
        for each in sweeps:
            yield each


async def test_a_new_process_asks_again_whether_the_records_were_restored(api: Api) -> None:
    late, never = LateTemporal(2), LateTemporal(100)
    await noticed(api.services, cast(Client, late), (0, 0, 0))
    await noticed(api.services, cast(Client, never), (0,))
    assert (late.asked, never.asked) == (3, 2)


async def test_a_clock_that_is_wrong_makes_nobody_say_that_no_worker_is_there(api: Api) -> None:
    workers = PostgresWorkers(api.database)
    await workers.beat("1@host", "")
    api.clock.now += 90
    await workers.check()
    await workers.end("1@host")


async def test_an_endpoint_that_fails_is_counted_for_as_long_as_it_does(api: Api) -> None:
    form = "url=https://shop.example/hook&enabled_events[]=payment_intent.created"
    endpoint = (await api.post("/v1/webhook_endpoints", form)).json()["id"]
    before = await monitoring.deliveries(api.database)
    await api.create()
    outbox = PostgresOutbox(api.database)

    async def more() -> dict[str, Any]:
        after = await monitoring.deliveries(api.database)
        return {name.removeprefix("perdure_"): after[name] - before[name] for name in after}  # type: ignore[operator]

    waiting = [each for each in await outbox.waiting(1_000) if each.endpoint == endpoint]
    found = await more()
    assert (found["deliveries_waiting"], found["deliveries_failing"]) == (1, 0)
    await outbox.dispatched(waiting)
    attempt = Attempt(number=1, created=api.clock.now, latency_ms=3, status=500)
    await outbox.attempted(waiting[0].event, endpoint, attempt, "under_way", api.clock.now + 60)
    found = await more()
    assert (found["deliveries_waiting"], found["deliveries_failing"], found["endpoints_failing"]) == (1, 1, 1)
    now = await monitoring.deliveries(api.database)
    assert now["perdure_deliveries_oldest_seconds"] > 0  # type: ignore[operator]
    assert now["perdure_deliveries_failing_oldest_seconds"] > 0  # type: ignore[operator]
    await outbox.attempted(waiting[0].event, endpoint, Attempt(number=2, created=1, latency_ms=3), "delivered", None)
    found = await more()
    assert (found["deliveries_waiting"], found["deliveries_failing"], found["endpoints_failing"]) == (0, 0, 0)


def test_the_shipped_application_has_probes_of_its_own() -> None:
    assert app.router.lifespan_context is lifespan
