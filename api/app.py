"""The API process: settings → adapters → application. `python -m api` serves it (__main__.py).

It listens at once, and takes payments once what it needs is there; until then it says what it waits for.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from temporalio.client import Client
from temporalio.service import RPCError

from api.browser import dashboard, demo
from api.browser.receiver import Receiver
from api.build import build, mount
from api.dialect.inside import requester
from api.dialect.request_log import RequestLog
from api.dialect.restoring import Restoring
from api.pages import home
from api.routes import gateway_news, probes
from api.routes.codec import CodecEndpoint
from api.routes.probes import Gauges, Watch
from api.routes.stripe_cli.sessions import end_those_that_nobody_holds
from api.services import Services
from contracts.payload_keys import parse_keys
from domain.model.gateways import GatewayProfile
from gateways.adapters import Surroundings, listeners
from gateways.adapters import build as build_gateways
from gateways.base import AccountError
from gateways.breakers import needs_breakers
from gateways.healths import Healths
from gateways.payouts import Payouts
from gateways.registry import Gateways
from gateways.tokens import collected_at
from observability import garbage, metrics
from observability.health import LOOK_SECONDS, OneAtATime, Parts, Readiness
from observability.logs import configure_logs, keep_queries_out, logger
from observability.tracing import configure_tracing
from records import gateway_healths, monitoring, request_log
from records.balance_refunds import PostgresBalanceRefunds
from records.base import RecordsRefused, RecordsUnavailable
from records.cash_balances import PostgresCashBalances
from records.condition import RecordsCondition
from records.database import Database
from records.gateway_memory import PostgresGatewayMemory
from records.projection import PostgresProjection
from records.restores import PostgresRestores
from records.scope import Scope
from records.setups import PostgresSetups
from records.workers import PostgresWorkers
from settings import TEST_ACCOUNT, Settings, SettingsError
from temporal.client import connect
from temporal.codec import EncryptedPayloads
from temporal.condition import TemporalCondition
from temporal.engine import TemporalEngine, TemporalIntents
from temporal.kinds import SETUP_INTENTS
from temporal.measuring import Measured
from temporal.nexus import build_nexus_worker
from temporal.sweeps import last_sweep

TOKENIZATION_TIMEOUT_SECONDS = 5.0

MARGIN_SECONDS = 5
"""How much longer a request waits than a patient gateway is waited for: what is unknown by then is recorded first."""

NEEDED = ("records", "engine")
"""Without these parts a process has never been able to answer anything."""

PATIENCE_SECONDS = 10.0
"""A process that is new waits this long for workers and gateway as well, should everything be started at once; then it
is ready without them, as it would be had they gone later: what can be read can be read."""


LOOKS_AGAIN_SECONDS = (0.5, 1.0, 2.0)
"""A Temporal that was started with us may not answer at once, and no money is to be taken on records of yesterday."""

NEXUS_PAUSE_SECONDS = 5.0
"""Before operations are taken again, after Temporal could not be reached."""


def now() -> int:
    """Unix seconds. The API's clock; workflows have their own."""
    return int(time.time())  # noqa: TID251


def waiting(settings: Settings, profiles: Sequence[GatewayProfile]) -> float:
    """How long (seconds) a request waits: whoever asks a patient gateway is to hear that it is processing."""
    return max(settings.answer_seconds, *(each.patience_seconds + MARGIN_SECONDS for each in profiles))


def codec_of(settings: Settings) -> CodecEndpoint:
    """What shows encrypted payloads to who may see them."""
    keys = parse_keys(settings.payload_keys)
    codec = EncryptedPayloads(keys) if keys else None
    return CodecEndpoint(codec, settings.codec_token, settings.ui_url.rstrip("/"))


async def connected(settings: Settings) -> Client:
    """Temporal's client, which connects when it is first asked for something."""
    interceptors = [*configure_tracing("perdure-api", settings.traces_endpoint), Measured()]
    keys = parse_keys(settings.payload_keys)
    return await connect(settings.temporal_address, settings.temporal_namespace, keys, interceptors, lazy=True)


def watch_of(
    settings: Settings,
    client: Client,
    database: Database,
    gateways: Gateways,
    restoring: Restoring | None = None,
) -> Watch:
    """What there is to watch. `database` is for that alone: it is not to wait for payments, nor they for it."""
    records = RecordsCondition(database, settings.database_url, logger().warning)
    temporal, workers = TemporalCondition(client), PostgresWorkers(database)

    async def backlogs() -> Gauges:
        found = await temporal.backlogs()
        return {
            "perdure_backlog_tasks": {queue: float(backlog.tasks) for queue, backlog in found.items()},
            "perdure_backlog_seconds": {queue: backlog.seconds for queue, backlog in found.items()},
        }

    async def recorded() -> Gauges:
        return {**await monitoring.states(database), "perdure_workers": float(await workers.alive())}

    async def not_restored() -> None:
        if restoring is not None and restoring.why is not None:
            raise RecordsUnavailable(f"{restoring.why}; no money is taken: `perdure rebuild`")

    checks = {"records": records.check, "engine": temporal.check, "workers": workers.check, "gateway": gateways.check}
    if restoring is not None:
        checks["restore"] = not_restored
    parts = Parts(checks, logger().warning)
    gauges = {"records": OneAtATime(recorded), "engine": OneAtATime(backlogs)}
    return Watch(parts=parts, readiness=Readiness(parts, *NEEDED), gauges=gauges)


def surroundings(database: Database) -> Surroundings:
    """What the API's adapters are made with."""
    return Surroundings(
        say=logger().warning,
        call_seconds=TOKENIZATION_TIMEOUT_SECONDS,
        memory=PostgresGatewayMemory(database),
        clock=time.time,  # noqa: TID251
    )


def beside_requests(services: Services) -> list[Coroutine[Any, Any, None]]:
    """What an API process does beside answering."""
    inbox = gateway_news.Inbox(services, time.monotonic)
    log = services.request_log
    watches = [services.restoring.watch(), inbox.run(), end_those_that_nobody_holds(services)]
    return [*watches, *([log.run()] if log else [])]


def gateways_of(settings: Settings, around: Surroundings) -> Gateways:
    """The gateways of the settings.

    Raises:
        SettingsError: an account at one of them makes no sense.
    """
    try:
        return build_gateways(settings.gateways, around)
    except AccountError as error:
        raise SettingsError(f"PERDURE_GATEWAYS: {error}") from None


def services_of(
    settings: Settings, client: Client, database: Database, gateways: Gateways, healths: Healths
) -> Services:
    """What operations are carried out with, on what this process has connected."""
    projection, setups = PostgresProjection(database), PostgresSetups(database)
    refunds = PostgresBalanceRefunds(database, balances := PostgresCashBalances(database, now))
    waits = waiting(settings, gateways.profiles)
    return Services(
        engine=TemporalEngine(client, projection.latest, answer_seconds=waits, clock=now),
        setups=TemporalIntents(SETUP_INTENTS, client, setups.latest, answer_seconds=waits, clock=now),
        database=database,
        setup_records=setups,
        projection=projection,
        tokenization=collected_at(gateways.by_name, logger().warning, healths.known),
        funding=gateways.of_transfers,
        cash_balances=balances,
        balance_refunds=refunds,
        payouts=Payouts(gateways.of_transfers, refunds),
        clock=now,
        profiles=gateways.profiles,
        listeners=listeners(gateways, settings.gateways, surroundings(database)),
        healths=healths.known,
        notification_secret=settings.notification_secret,
        notification_secret_next=settings.notification_secret_next,
        rate_limit=settings.rate_limit,
        commands_max=settings.commands_max,
        restoring=Restoring(PostgresRestores(database).under_way),
        public_url=settings.public_url,
        answer_seconds=waits,
        request_log=RequestLog(partial(request_log.write, database)) if settings.request_log_days else None,
        test_accounts=settings.test_accounts is True,
        private_webhooks=settings.private_webhooks is True,
    )


async def noticed(services: Services, client: Client, pauses: Sequence[float] = LOOKS_AGAIN_SECONDS) -> None:
    """Take note of it if the records are older than Temporal knows them: this may be a start after a restore."""
    for pause in (*pauses, None):
        try:
            await _notice(services, client)
            break
        except (RPCError, RecordsUnavailable) as error:
            if pause is None:
                # The sweep of this minute looks again.
                logger().warning("it was not seen whether the records were restored", why=str(error))
            else:
                await asyncio.sleep(pause)
    await services.restoring.look()


async def _notice(services: Services, client: Client) -> None:
    last = await last_sweep(client)
    if last is not None and (why := await PostgresRestores(services.database).notice(last.number, last.lineage)):
        logger().error("the records were restored", why=why, remedy="perdure rebuild")


async def open_up(
    application: FastAPI,
    services: Services,
    settings: Settings,
    watch: Watch,
    patience_seconds: float = PATIENCE_SECONDS,
    client: Client | None = None,
) -> None:
    """Wait for what is needed, and mount the routes."""
    await watch.readiness.wait()
    if client is not None:
        await noticed(services, client)
    services.opened.set()
    mount(application, services, codec_of(settings))
    dashboard.mount(application, f"{settings.ui_url.rstrip('/')}/namespaces/{settings.temporal_namespace}")
    if settings.demo:
        shop = Receiver(services, Scope(TEST_ACCOUNT, livemode=False), f"http://{settings.host}:{settings.api_port}")
        demo.mount(application, shop, settings.secret_key, settings.publishable_key)
    absent = {"/demo": not settings.demo, "/health": settings.internal_port != 0}
    home.mount(application, *(path for path, gone in absent.items() if gone))
    application.state.waiting = False
    garbage.tune()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            await watch.parts.wait("workers", "gateway")
    watch.readiness.begin()
    logger().info("api ready", temporal=settings.temporal_address)


@asynccontextmanager
async def operations(application: FastAPI, settings: Settings, watch: Watch) -> AsyncIterator[None]:
    """Carry out what workflows in other namespaces ask for, if a key is set for that; finish it before the end."""

    async def work() -> None:
        await watch.readiness.wait()
        ask, keys = requester(application, settings.nexus_key, settings.nexus_url), parse_keys(settings.payload_keys)
        while True:
            try:
                client = await connect(settings.temporal_address, settings.temporal_namespace, keys)
                await build_nexus_worker(client, ask).run()
            except (RPCError, RuntimeError) as error:
                logger().warning("no operations are taken", why=str(error))
            await asyncio.sleep(NEXUS_PAUSE_SECONDS)

    if not settings.nexus_key:
        yield
        return
    working = asyncio.create_task(work())
    working.add_done_callback(_note)
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    """Answer probes at once, open up in its own time, and close everything on the way out."""
    settings = Settings.read()
    if not settings.database_url:
        raise SettingsError("DATABASE_URL is not set: the API needs PostgreSQL (or run `make run`, which brings one)")
    configure_logs(settings.log_level)
    database = Database(settings.database_url)
    watching = Database(settings.database_url, connections_max=1, command_timeout_seconds=LOOK_SECONDS)
    metrics.STATE.live["perdure_connections"] = database.connections
    gateways, client = gateways_of(settings, surroundings(database)), await connected(settings)
    healths = Healths(partial(gateway_healths.known, database), (RecordsUnavailable, RecordsRefused))
    services = services_of(settings, client, database, gateways, healths)
    application.state.services, application.state.waiting = services, True
    watch = watch_of(settings, client, watching, gateways, services.restoring)
    probes.mount(application, watch)
    opening = asyncio.create_task(open_up(application, services, settings, watch, client=client))
    opening.add_done_callback(_note)
    beside = [asyncio.create_task(each) for each in beside_requests(services)]
    beside += [asyncio.create_task(healths.run())] if needs_breakers(gateways.profiles) else []
    try:
        async with operations(application, settings, watch):
            yield
    finally:
        watch.readiness.end()
        for task in (opening, *beside):
            task.cancel()
        if services.request_log is not None:
            await services.request_log.close()
        await gateways.close()
        await database.close()
        await watching.close()


def _note(opening: asyncio.Task[None]) -> None:
    if not opening.cancelled() and (error := opening.exception()) is not None:
        logger().error("api cannot be opened", exc_info=error)


keep_queries_out()
app = build(lifespan)
