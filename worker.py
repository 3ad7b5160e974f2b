"""The worker: settings → adapters → Temporal Worker. `python worker.py` until SIGTERM, then drains.

The only place where concrete adapters meet the activities. Any number of these may run against one Temporal service.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import uvloop
from prometheus_client import make_asgi_app
from starlette.types import Receive, Scope, Send
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import PollerBehaviorSimpleMaximum, UnsandboxedWorkflowRunner, Worker

from activities.deliveries import DeliveryActivities, Renderer
from activities.gateways import GatewayActivities
from activities.housekeeping import Forget, HousekeepingActivities, Notice
from activities.payments import PaymentActivities
from activities.reconciler import Reconciler
from activities.reconciliation import ReconciliationActivities
from activities.setup_reconciler import SetupReconciler
from activities.setups import SetupActivities
from contracts.names import HOUSEKEEPING_QUEUE, TASK_QUEUE, WEBHOOK_QUEUE
from contracts.payload_keys import parse_keys
from gateways.adapters import Surroundings, build
from gateways.base import AccountError, Gateway
from gateways.books import books_of
from gateways.breakers import needs_breakers, with_breakers
from gateways.healths import Healths
from gateways.payouts import Payouts
from gateways.registry import Gateways
from observability import garbage, metrics
from observability.health import Parts, Readiness
from observability.logs import configure_logs, logger
from observability.tracing import configure_tracing
from parameters import by_hand
from records import gateway_healths, request_log
from records.balance_refunds import PostgresBalanceRefunds
from records.base import (
    CashBalances,
    Outbox,
    Projection,
    RecordsRefused,
    RecordsUnavailable,
    SetupRecords,
    UnfinishedPayments,
)  # fmt: skip
from records.cash_balances import PostgresCashBalances
from records.codec import load_setup
from records.condition import RecordsCondition
from records.database import Database
from records.gateway_healths import PostgresGatewayHealths
from records.gateway_memory import PostgresGatewayMemory
from records.housekeeping import PostgresUnfinished
from records.outbox import PostgresOutbox
from records.projection import PostgresProjection
from records.reconciliation import STATEMENT_SECONDS_MAX, RecordsBook
from records.reconciliations import PostgresReports
from records.restores import PostgresRestores
from records.setup_reconciliation import SetupRecordsBook
from records.setups import PostgresSetups
from records.workers import PostgresWorkers
from rendering.related import renderer
from serving.probes import Probed
from serving.server import configured, serving
from settings import Settings, SettingsError
from temporal.breakers import Reports, release
from temporal.client import connect
from temporal.condition import TemporalCondition
from temporal.dispatch import Dispatcher
from temporal.gateway_workers import gateway_workers
from temporal.inspection import TemporalWorkflows, setup_workflows
from temporal.intent_runs import TemporalRuns
from temporal.kinds import SETUP_INTENTS
from temporal.measuring import Measured, telemetry
from temporal.presence import Presence
from temporal.running import Task, beside, running, until
from temporal.schedules import Schedules
from temporal.tuning import DRAIN_TIMEOUT, NONSTICKY_POLL_RATIO, SETTINGS, STICKY_TIMEOUT, versioned
from webhooks.base import Sender
from webhooks.sender import HttpSender
from workflows.delivery import WebhookDeliveryWorkflow
from workflows.gateway import GatewayWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.setup_intent import SetupIntentWorkflow
from workflows.typed import TypedByHand

DELIVERIES_MAX = 100
"""Deliveries tried at once, each of which holds a workflow task while it waits for its receiver. What one endpoint can
hold of them is activities/deliveries.py."""

DELIVERIES_CACHED_MAX = 1_000
DELIVERY_POLLERS = 5
"""Few, and few workflows kept: deliveries are not urgent, and most of them end with their first task."""

HOUSEKEEPING_POLLERS = 2
"""One sweep at a time, and never a caller who waits."""

METRICS_DRAIN_SECONDS = 1

DRAIN_SECONDS_MAX = 15.0
"""A Temporal that does not answer keeps the SDK draining for 40 s and more; a worker has 30 s before it is killed."""


def build_worker(
    client: Client,
    gateways: Gateway | Gateways,
    projection: Projection,
    balances: CashBalances,
    task_queue: str = TASK_QUEUE,
    build_id: str = "",
    setups: SetupRecords | None = None,
) -> Worker:
    """A worker on the given ports; tests hand in fakes and a queue of their own. One gateway alone is the first.

    Without the records of SetupIntents, those are left to others.
    """
    activities = PaymentActivities(gateways, projection, balances, by_hand.refusal, time.monotonic, clock=time.time)  # noqa: TID251
    setting_up = SetupActivities(gateways, setups, time.monotonic, clock=time.time) if setups else None  # noqa: TID251
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[PaymentIntentWorkflow, *([SetupIntentWorkflow] if setting_up else [])],
        activities=[
            activities.carry_out,
            activities.ask_gateway,
            activities.record,
            activities.recall,
            activities.check,
            *(setting_up.every if setting_up else ()),
        ],
        # The sandbox costs as much CPU as everything else together (measured: 31 ms against 15 for three calls);
        # determinism is held by ruff's banned-api, by replayed histories, and by one test that runs sandboxed.
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=[TypedByHand()],
        deployment_config=versioned(build_id),
        **SETTINGS,
    )


def now() -> int:
    """Unix seconds, as receivers of webhooks see them; workflows have clocks of their own."""
    return int(time.time())  # noqa: TID251


def build_delivery_worker(
    client: Client, outbox: Outbox, sender: Sender, render: Renderer, task_queue: str = WEBHOOK_QUEUE
) -> Worker:
    """The worker for webhooks, beside the one for payments: a receiver that hangs must not keep a payment waiting."""
    activities = DeliveryActivities(outbox, sender, render, now)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[WebhookDeliveryWorkflow],
        activities=[activities.attempt],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=DELIVERIES_CACHED_MAX,
        workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(DELIVERY_POLLERS),
        nonsticky_to_sticky_poll_ratio=NONSTICKY_POLL_RATIO,
        max_concurrent_workflow_tasks=DELIVERIES_MAX,
        max_concurrent_local_activities=DELIVERIES_MAX,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=DRAIN_TIMEOUT,
    )


def build_housekeeping_worker(
    client: Client,
    records: UnfinishedPayments,
    task_queue: str = HOUSEKEEPING_QUEUE,
    payments_queue: str = TASK_QUEUE,
    reconciliation: ReconciliationActivities | None = None,
    returns: Payouts | None = None,
    setups: UnfinishedPayments | None = None,
    notice: Notice | None = None,
    forget: Forget | None = None,
    breakers: GatewayActivities | None = None,
) -> Worker:
    """The worker for what happens by the clock, beside the others: it takes its time, and theirs is short.

    Without `reconciliation` the nightly one waits for a worker that has it; without `returns`, refunds of cash balances
    are seen to by another's sweep, and so are SetupIntents without the records of theirs. Without `breakers` gateways
    are looked after by others.
    """

    def say(found: dict[str, object]) -> None:
        told = found.keys() - {"schedule", "number", "seen"}
        (logger().info if told else logger().debug)("housekeeping", **found)

    of_setups = (setups, TemporalRuns(client, payments_queue, SETUP_INTENTS)) if setups else None
    runs = TemporalRuns(client, payments_queue)
    activities = HousekeepingActivities(records, runs, say, returns, of_setups, notice, forget)
    also: list[Callable[..., Any]] = [reconciliation.reconcile] if reconciliation else []
    also += [breakers.keep_health, breakers.await_gateway, breakers.release_payments] if breakers else []
    pollers = PollerBehaviorSimpleMaximum(HOUSEKEEPING_POLLERS)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[HousekeepingWorkflow, ReconciliationWorkflow, *([GatewayWorkflow] if breakers else [])],
        activities=[activities.begin, activities.page, activities.end, *also],
        workflow_runner=UnsandboxedWorkflowRunner(),
        workflow_task_poller_behavior=pollers,
        activity_task_poller_behavior=pollers,
        graceful_shutdown_timeout=DRAIN_TIMEOUT,
    )


@contextlib.asynccontextmanager
async def reconciling(client: Client, settings: Settings) -> AsyncIterator[ReconciliationActivities]:
    """The nightly reconciliation, on a connection of its own: its statements are long."""
    database = Database(settings.database_url, connections_max=1, command_timeout_seconds=STATEMENT_SECONDS_MAX)
    book = books_of(settings.gateways)

    def say(found: dict[str, object]) -> None:
        (logger().error if found["differences"] else logger().info)("reconciled", **found)

    try:
        setups = SetupReconciler(SetupRecordsBook(database), book, setup_workflows(client), now)
        reconciler = Reconciler(RecordsBook(database), book, TemporalWorkflows(client), now, setups=setups)
        yield ReconciliationActivities(reconciler, PostgresReports(database), say, now)
    finally:
        await book.close()
        await database.close()


async def connected(settings: Settings) -> Client:
    """Temporal's client, for workers."""
    interceptors = [*configure_tracing("perdure-worker", settings.traces_endpoint), Measured()]
    keys = parse_keys(settings.payload_keys)
    return await connect(settings.temporal_address, settings.temporal_namespace, keys, interceptors)


@contextlib.asynccontextmanager
async def exported_metrics(settings: Settings, readiness: Readiness, parts: Parts) -> AsyncIterator[None]:
    """Our own metrics, and what probes ask for, on the port that was asked for."""
    if not settings.worker_metrics_port:
        yield
        return
    exported = make_asgi_app()

    async def looked_at(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # What it says of the parts is as of now.
            await parts.look()
        await exported(scope, receive, send)

    app = Probed(looked_at, readiness.why_not, parts.look)
    config = configured(app, settings.host, settings.worker_metrics_port, drain_seconds=METRICS_DRAIN_SECONDS)
    async with serving(config):
        yield


def parts_of(settings: Settings, client: Client, database: Database, gateways: Gateways) -> Parts:
    """What a worker needs. `database` is for looking alone."""
    records = RecordsCondition(database, settings.database_url, logger().warning)

    checks = {"records": records.check, "engine": TemporalCondition(client).check, "gateway": gateways.check}
    return Parts(checks, logger().warning)


def give_up() -> None:
    """End at once: Temporal does not answer, and what is under way is done again by others, under the same keys."""
    logger().warning("worker ends without draining", why="Temporal does not answer")
    os._exit(0)


def gateways_of(settings: Settings, database: Database) -> Gateways:
    """The gateways of the settings. What they have to remember is in `database`.

    Raises:
        SettingsError: an account at one of them makes no sense.
    """
    around = Surroundings(say=logger().warning, memory=PostgresGatewayMemory(database), clock=time.time)  # noqa: TID251
    try:
        return build(settings.gateways, around)
    except AccountError as error:
        raise SettingsError(f"PERDURE_GATEWAYS: {error}") from None


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is under way is finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    Runtime.set_default(Runtime(telemetry=telemetry(settings.host, settings.temporal_metrics_port)))
    async with contextlib.AsyncExitStack() as working:
        database, watching = Database(settings.database_url), Database(settings.database_url, connections_max=1)
        gateways = gateways_of(settings, database)
        working.push_async_callback(gateways.close)
        working.push_async_callback(database.close)
        working.push_async_callback(watching.close)
        metrics.STATE.live["perdure_connections"] = database.connections
        looking = await connect(settings.temporal_address, settings.temporal_namespace, lazy=True)
        parts = parts_of(settings, looking, watching, gateways)
        readiness = Readiness(parts, "records", "engine")
        await working.enter_async_context(exported_metrics(settings, readiness, parts))
        if await until(stop, readiness.wait()):
            await work(settings, stop, database, gateways, readiness)


def behind_breakers(client: Client, database: Database, gateways: Gateways) -> tuple[Gateways, list[Task]]:
    """The gateways as payments ask them, and what has to run for that: nothing, where none has a breaker."""
    if not needs_breakers(gateways.profiles):
        return gateways, []
    healths = Healths(partial(gateway_healths.known, database), (RecordsUnavailable, RecordsRefused))
    reports = Reports(client, complain=lambda why: logger().warning("breaker cannot be told", why=why))
    asked = with_breakers(gateways, healths.of, reports.tripped)
    return asked, [healths.run, partial(reports.run, partial(healths.among, tuple(gateways.by_name)))]


def payment_workers(client: Client, settings: Settings, database: Database, asked: Gateways) -> tuple[Worker, ...]:
    """The worker for payments and SetupIntents, and one for each gateway that takes seconds."""
    projection, setups = PostgresProjection(database), PostgresSetups(database)
    balances = PostgresCashBalances(database, now)
    asking = PaymentActivities(asked, projection, balances, elapsing=time.monotonic, clock=time.time)  # noqa: TID251
    settling: list[Callable[..., Any]] = [asking.carry_out, asking.ask_gateway]
    settling += SetupActivities(asked, setups, time.monotonic, clock=time.time).every  # noqa: TID251
    return (
        build_worker(client, asked, projection, balances, build_id=settings.build_id, setups=setups),
        *gateway_workers(client, asked.profiles, settling, settings.build_id),
    )


def worker_by_the_clock(
    client: Client, settings: Settings, database: Database, gateways: Gateways, nightly: ReconciliationActivities
) -> Worker:
    """The worker for housekeeping, on this process's records and gateways."""
    refunds = PostgresBalanceRefunds(database, PostgresCashBalances(database, now))
    return build_housekeeping_worker(
        client,
        PostgresUnfinished(database),
        reconciliation=nightly,
        returns=Payouts(gateways.of_transfers, refunds),
        setups=PostgresUnfinished(database, "setup_intents", load_setup),
        notice=PostgresRestores(database).notice,
        forget=partial(request_log.forget, database, settings.request_log_days),
        breakers=GatewayActivities(gateways, PostgresGatewayHealths(database), partial(release, client)),
    )


async def work(
    settings: Settings, stop: asyncio.Event, database: Database, gateways: Gateways, readiness: Readiness
) -> None:
    """Everything that a worker does, until it is to stop."""
    async with contextlib.AsyncExitStack() as working:
        sender = HttpSender(allow_private=settings.private_webhooks is True)
        working.push_async_callback(sender.close)
        client = await connected(settings)
        outbox, presence = PostgresOutbox(database), Presence(client, PostgresWorkers(database), settings.build_id)
        nightly = await working.enter_async_context(reconciling(client, settings))
        asked, watches = behind_breakers(client, database, gateways)
        workers = (
            *payment_workers(client, settings, database, asked),
            build_delivery_worker(client, outbox, sender, renderer(database)),
            worker_by_the_clock(client, settings, database, gateways, nightly),
        )
        schedules = Schedules(client, complain=lambda why: logger().warning("schedules cannot be made", why=why))
        async with running(workers, DRAIN_SECONDS_MAX, stop.set, give_up):
            tasks = (Dispatcher(client, outbox).run, schedules.run, presence.run, *watches)
            async with beside(tasks, stop.set):
                readiness.begin()
                logger().info("worker ready", temporal=settings.temporal_address, task_queue=TASK_QUEUE)
                await stop.wait()
                readiness.end()
                logger().info("worker draining")
        await presence.end()


def main() -> None:
    """Read the settings and serve."""
    try:
        settings = Settings.read()
    except SettingsError as error:
        sys.exit(str(error))
    if not settings.database_url:
        sys.exit("DATABASE_URL is not set: the worker needs PostgreSQL (or run `make run`, which brings one)")
    configure_logs(settings.log_level)
    # Where a line was written is said by fields of their own (observability/logs.py).
    activity.logger.activity_info_on_message = workflow.logger.workflow_info_on_message = False
    garbage.tune()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


if __name__ == "__main__":
    main()
