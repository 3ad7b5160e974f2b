"""Workers for patient gateways: each has a queue of its own, so that a slow one holds nothing that another needs."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from contracts.names import gateway_queue
from domain.model.gateways import GatewayProfile, Latency
from temporal.tuning import DRAIN_TIMEOUT, versioned


def gateway_workers(
    client: Client, profiles: Iterable[GatewayProfile], activities: Sequence[Callable[..., Any]], build_id: str = ""
) -> list[Worker]:
    """One for each patient gateway: what waits for an answer there holds no workflow task, and nobody else's turn.

    `rate_limit` is Temporal's limit of the queue, which holds for all workers together.
    """
    return [
        Worker(
            client,
            task_queue=gateway_queue(profile.name),
            activities=activities,
            max_concurrent_activities=profile.concurrency,
            max_task_queue_activities_per_second=profile.rate_limit or None,
            graceful_shutdown_timeout=DRAIN_TIMEOUT,
            deployment_config=versioned(build_id),
        )
        for profile in profiles
        if profile.latency is Latency.PATIENT
    ]
