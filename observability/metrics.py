"""Metrics, in Prometheus' form: what is counted, in which process. Names and labels are what dashboards depend on.

No label holds anything of a customer's, and none has more values than there are operations, outcomes and statuses.
"""

from collections.abc import Callable

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REQUESTS = Counter("perdure_requests_total", "Requests answered by the API.", ["operation", "status"])
REQUEST_SECONDS = Histogram(
    "perdure_request_seconds", "How long a request took.", ["operation"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)  # fmt: skip
COMMANDS_UNDER_WAY = Gauge("perdure_commands_under_way", "Commands being carried out for this API process.")
COMMANDS_WAITING = Gauge("perdure_commands_waiting", "Commands that wait for their turn in this API process.")
COMMANDS_LIMIT = Gauge("perdure_commands_limit", "Commands that may be under way now, by how long they take.")
COMMANDS_SHED = Counter(
    "perdure_commands_shed_total", "Commands sent away with 429 before anything was done: full, or waited.", ["reason"]
)
COMMAND_WAIT_SECONDS = Histogram(
    "perdure_command_wait_seconds", "How long commands that were let in had waited for their turn.",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1),
)  # fmt: skip
GATEWAY_OUTCOMES = Counter(
    "perdure_gateway_outcomes_total", "What a gateway answered.", ["operation", "outcome", "gateway"]
)
GATEWAY_SILENCES = Counter(
    "perdure_gateway_silences_total", "Times that the gateway gave no outcome, and will be asked again.",
    ["operation", "kind", "gateway"],
)  # fmt: skip
GATEWAY_SECONDS = Histogram(
    "perdure_gateway_seconds", "How long a gateway took to answer, by what it was asked.", ["operation", "gateway"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30),
)  # fmt: skip
GATEWAY_MISMATCHES = Counter(
    "perdure_gateway_mismatches_total",
    "Answers of a gateway to what it was not asked (payments stopped), and news that our record denies.",
    ["operation", "gateway"],
)  # fmt: skip
STATUSES = Counter("perdure_statuses_total", "Intents that came into a status, by their kind.", ["kind", "status"])
CHARGES = Counter(
    "perdure_charges_total", "Attempts to pay that came to an end, and what was said to those that failed.",
    ["result", "method", "gateway", "decline"],
)  # fmt: skip
EVENTS = Counter("perdure_events_total", "What has happened to payments and setups, by Stripe's event types.", ["type"])
WEBHOOK_TRIES = Counter(
    "perdure_webhook_tries_total", "Tries to deliver an event: taken, unreachable, 3xx, 4xx, 5xx.", ["result"]
)
WEBHOOK_SECONDS = Histogram(
    "perdure_webhook_seconds", "How long receivers took to answer.", buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
)
FENCED = Counter(
    "perdure_fenced_total", "Times that a workflow found its record elsewhere: what was done about it.", ["what"]
)
BROKEN = Counter("perdure_broken_total", "Payments stopped for somebody to look at, each time they are tried.", ["why"])
DUPLICATES = Counter("perdure_duplicates_total", "Payments like one before them: what was done about it.", ["what"])
REATTEMPTS_BLOCKED = Counter(
    "perdure_reattempts_blocked_total", "Confirmations of cards that their networks do not want tried now.", ["network"]
)
GATEWAY_TRIPS = Counter("perdure_gateway_trips_total", "How often a gateway was found silent here.", ["gateway"])
GATEWAY_HELD_BACK = Counter(
    "perdure_gateway_held_back_total", "Questions that were not asked, as a gateway's breaker is open.", ["gateway"]
)
GATEWAY_CLOSED = Gauge("perdure_gateway_closed", "Whether a gateway's breaker is closed: 1, or 0.", ["gateway"])
LATE = Counter(
    "perdure_commands_late_total", "Commands that nobody had begun in time: dropped, or sent again at once.", ["what"]
)
SWEPT = Counter("perdure_swept_total", "Records and workflows that housekeeping looked at.", ["part"])
SWEEPS_FAILED = Counter("perdure_sweep_failures_total", "What housekeeping had to pass over.", ["part"])
WOKEN = Counter("perdure_woken_total", "PaymentIntents that housekeeping woke, and why.", ["reason"])
REVIVED = Counter("perdure_revived_total", "PaymentIntents that were open while their workflow was gone.", ["by"])
PART_UP = Gauge("perdure_part_up", "Whether a part was well when it was last looked at: 1, or 0.", ["part"])
GATEWAY_SILENT = Gauge(
    "perdure_gateway_silent", "Whether a gateway has fallen silent for this process: 1, or 0.", ["gateway"]
)
TEMPORAL_SECONDS = Histogram(
    "perdure_temporal_seconds", "How long Temporal took for a call; an update has its command's time in it.", ["call"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)  # fmt: skip
REQUEST_LOG_WRITTEN = Counter("perdure_request_log_written_total", "Requests that were written into the request log.")
REQUEST_LOG_LOST = Counter(
    "perdure_request_log_lost_total",
    "Requests that the request log lacks, and why: full, refused, failed, closed.",
    ["why"],
)
REQUEST_LOG_SECONDS = Counter(
    "perdure_request_log_cpu_seconds_total", "CPU of this process that went into making rows of the request log."
)
LOG_WRITES_LOST = Counter("perdure_log_writes_lost_total", "Writes to the log that failed, and what they said is lost.")

STATES = {
    "perdure_unknown_outcomes": "PaymentIntents whose gateway has not said what it did.",
    "perdure_unknown_outcomes_older": "Those of them that are older than so many seconds.",
    "perdure_claims_older": "Commands that were begun so many seconds ago, or longer, and are not recorded: stuck.",
    "perdure_claims_oldest_seconds": "Age of the oldest command that was begun and is not recorded.",
    "perdure_sweep_age_seconds": "How long ago housekeeping has last come to its end, by its schedule.",
    "perdure_reconciliation_differences": "What the last reconciliation found, by kind.",
    "perdure_reconciliation_age_seconds": "How long ago it ended.",
    "perdure_deliveries_waiting": "Webhook deliveries that have not come to their end, failing ones included.",
    "perdure_deliveries_oldest_seconds": "Age of the oldest of them.",
    "perdure_deliveries_untried_oldest_seconds": "Age of the oldest that was never tried: that is late because of us.",
    "perdure_deliveries_failing": "Those that were tried and not taken, and will be tried again.",
    "perdure_deliveries_failing_oldest_seconds": "Age of the oldest of them.",
    "perdure_endpoints_failing": "Webhook endpoints that have some of them.",
    "perdure_workers": "Workers that were heard of in the last seconds.",
    "perdure_backlog_tasks": "Tasks that wait in Temporal for a worker, by queue.",
    "perdure_backlog_seconds": "How long the oldest of them has waited.",
    "perdure_connections": "This process's connections to PostgreSQL: busy, idle; and who is waiting for one.",
}
"""Gauges that are read when somebody looks: what the records know, and Temporal, and the pool."""

LABELS = {
    "perdure_unknown_outcomes_older": "seconds", "perdure_sweep_age_seconds": "schedule",
    "perdure_reconciliation_differences": "kind", "perdure_claims_older": "seconds", "perdure_backlog_tasks": "queue",
    "perdure_backlog_seconds": "queue", "perdure_connections": "state",
}  # fmt: skip
"""What tells the values of a gauge apart that has several."""

Value = float | dict[str, float]
"""A value, or one for each value of the gauge's label."""


class States(Collector):
    """The gauges as they were last read; `/metrics` reads them just before. And those that are read at once."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.values: dict[str, Value] = {}
        self.live: dict[str, Callable[[], Value]] = {}

    def collect(self) -> list[Metric]:
        """For the registry."""
        live = {name: read() for name, read in self.live.items()}
        return [_family(name, value) for name, value in {**self.values, **live}.items()]


def _family(name: str, value: Value) -> Metric:
    if not isinstance(value, dict):
        return GaugeMetricFamily(name, STATES[name], value=value)
    family = GaugeMetricFamily(name, STATES[name], labels=[LABELS[name]])
    for label, each in value.items():
        family.add_metric([label], each)
    return family


STATE = States()
REGISTRY.register(STATE)

# To Prometheus a series whose first value is 1 has never grown: what an alert waits for begins at nothing.
for _why in ("GatewayMismatch", "InvariantViolation", "KeyForgotten", "RecordsRefused"):
    BROKEN.labels(_why)
for _operation in ("authorize", "capture", "void", "increment", "refund", "settlement", "set_up"):
    GATEWAY_MISMATCHES.labels(_operation, "simulator")
for _why in ("full", "refused", "failed", "closed"):
    REQUEST_LOG_LOST.labels(_why)
for _what in ("dropped", "sent_again"):
    LATE.labels(_what)
