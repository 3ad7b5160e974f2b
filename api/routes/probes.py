"""What probes and Prometheus are shown of an API process.

Each answers within 2 s, whatever is frozen (observability/health.py).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from observability import metrics
from observability.health import OneAtATime, Parts, Readiness
from observability.logs import logger
from observability.metrics import Value
from serving import probes

Gauges = dict[str, Value]

METRICS = "/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The parts of this process, whether it can answer, and who knows which gauges."""

    parts: Parts
    readiness: Readiness
    gauges: Mapping[str, OneAtATime[Gauges]]


def mount(app: FastAPI, watch: Watch) -> None:
    """Add them; before any operation, so that they answer while the process still waits for what it needs."""

    @app.get(probes.LIVE, tags=["health"], summary="The process lives", response_model=None)
    async def live() -> Response:
        return probes.liveness()

    @app.get(probes.READY, tags=["health"], summary="This process can answer", response_model=None)
    async def ready() -> Response:
        return probes.readiness(await watch.readiness.why_not())

    @app.get(probes.HEALTH, tags=["health"], summary="Each part, and what is wrong with it", response_model=None)
    async def health() -> Response:
        return probes.health(await watch.parts.look())

    @app.get(METRICS, include_in_schema=False)
    async def exported() -> Response:
        """For Prometheus. Nothing of a customer's is in it; who may ask is the network's business (OPERATING.md)."""
        reading = asyncio.gather(*(_read(*source) for source in watch.gauges.items()))
        await watch.parts.look()
        # What cannot be read is not shown: a value of before would look as if all were well.
        metrics.STATE.values = {name: value for gauges in await reading for name, value in gauges.items()}
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _read(name: str, source: OneAtATime[Gauges]) -> Gauges:
    try:
        return await source.answer()
    except Exception as error:
        logger().debug("gauges cannot be read", part=name, why=str(error) or type(error).__name__)
        return {}
