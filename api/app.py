"""The API process: settings → adapters → application. `python -m api` serves it (__main__.py)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import garbage
from api.browser import dashboard, demo
from api.browser.receiver import Receiver
from api.build import build, mount
from api.codec import CodecEndpoint
from api.engine import EngineUnavailable, Latest, TemporalEngine
from api.services import Services
from contracts.payload_keys import parse_keys
from gateways.simulator import SimulatorGateway
from logs import configure_logs, logger
from records.cash_balances import PostgresCashBalances
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from settings import TEST_ACCOUNT, Settings, SettingsError
from tracing import configure_tracing
from workflows.codec import EncryptedPayloads

CONNECT_ATTEMPTS = 60
TOKENIZATION_TIMEOUT_SECONDS = 5.0


def now() -> int:
    """Unix seconds. The API's clock; workflows have their own."""
    return int(time.time())  # noqa: TID251


def codec_of(settings: Settings) -> CodecEndpoint:
    """What shows encrypted payloads to who may see them."""
    keys = parse_keys(settings.payload_keys)
    codec = EncryptedPayloads(keys) if keys else None
    return CodecEndpoint(codec, settings.codec_token, f"http://{settings.host}:{settings.temporal_ui_port}")


async def connect_patiently(settings: Settings, latest: Latest) -> TemporalEngine:
    """Connect to Temporal; a server that is still starting gets a minute."""
    tracing = configure_tracing("perdure-api", settings.traces_endpoint)
    keys, address, namespace = parse_keys(settings.payload_keys), settings.temporal_address, settings.temporal_namespace
    for _ in range(CONNECT_ATTEMPTS - 1):
        try:
            return await TemporalEngine.connect(address, namespace, latest, keys, tracing, settings.answer_seconds)
        except EngineUnavailable:
            await asyncio.sleep(1)
    return await TemporalEngine.connect(address, namespace, latest, keys, tracing, settings.answer_seconds)


@asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    """Connect everything, mount the routes, and close it all on the way out."""
    settings = Settings.read()
    if not settings.database_url:
        raise SettingsError("DATABASE_URL is not set: the API needs PostgreSQL (or run `make run`, which brings one)")
    configure_logs(settings.log_level)
    database = Database(settings.database_url)
    gateway = SimulatorGateway(settings.simulator_url, TOKENIZATION_TIMEOUT_SECONDS)
    projection = PostgresProjection(database)
    try:
        services = Services(
            engine=await connect_patiently(settings, projection.latest),
            database=database,
            projection=projection,
            tokenization=gateway,
            funding=gateway,
            cash_balances=PostgresCashBalances(database, now),
            clock=now,
            notification_secret=settings.notification_secret,
            rate_limit=settings.rate_limit,
            private_webhooks=settings.private_webhooks is True,
        )
        application.state.services = services
        mount(application, services, codec_of(settings))
        dashboard.mount(application, f"http://{settings.host}:{settings.temporal_ui_port}")
        if settings.demo:
            shop = Receiver(
                services, Scope(TEST_ACCOUNT, livemode=False), f"http://{settings.host}:{settings.api_port}"
            )
            demo.mount(application, shop, settings.secret_key, settings.publishable_key)
        garbage.tune()
        logger().info("api ready", temporal=settings.temporal_address)
        yield
    finally:
        await gateway.close()
        await database.close()


app = build(lifespan)
