"""How workers are tuned: what was measured, for any worker whose workflows a caller waits for."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import PollerBehaviorSimpleMaximum, WorkerDeploymentConfig

CACHED_WORKFLOWS_MAX = 20_000
"""About 94 KiB each while money is held (`python -m bench opened`), so 1.9 GiB when full. A cache too small makes every
query replay the workflow (measured: 85/s instead of 350/s)."""

POLLERS = 20
NONSTICKY_POLL_RATIO = 0.5
"""The SDK's defaults leave one poller for new workflows, and creates starve behind it (measured: p99 5 s)."""

WORKFLOW_TASKS_MAX = 32
"""Taken at once. A task's clock (TASK_TIMEOUT) starts when it is taken, so a worker takes no more than it can finish
within it; the rest waits at the server. Measured with 200: under load tasks timed out, were replayed, and timed out."""

STICKY_TIMEOUT = timedelta(seconds=1)
"""How long a task waits for a worker that may be dead before any other takes it."""

DRAIN_TIMEOUT = timedelta(seconds=10)

DEPLOYMENT = "perdure"
"""What Temporal calls the workers of all builds together (`temporal worker deployment`)."""


class WorkerSettings(TypedDict):
    """What was measured, for any worker whose workflows a caller waits for."""

    max_cached_workflows: int
    workflow_task_poller_behavior: PollerBehaviorSimpleMaximum
    nonsticky_to_sticky_poll_ratio: float
    max_concurrent_workflow_tasks: int
    max_concurrent_local_activities: int
    sticky_queue_schedule_to_start_timeout: timedelta
    graceful_shutdown_timeout: timedelta


SETTINGS: WorkerSettings = {
    "max_cached_workflows": CACHED_WORKFLOWS_MAX,
    "workflow_task_poller_behavior": PollerBehaviorSimpleMaximum(POLLERS),
    "nonsticky_to_sticky_poll_ratio": NONSTICKY_POLL_RATIO,
    "max_concurrent_workflow_tasks": WORKFLOW_TASKS_MAX,
    "max_concurrent_local_activities": 200,
    "sticky_queue_schedule_to_start_timeout": STICKY_TIMEOUT,
    "graceful_shutdown_timeout": DRAIN_TIMEOUT,
}


def versioned(build_id: str) -> WorkerDeploymentConfig | None:
    """With a build id, a payment stays with the code that it was started on, until it rolls over or ends."""
    if not build_id:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
