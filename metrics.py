"""Metrics, in Prometheus' form: what is counted, in which process. Names and labels are what dashboards depend on.

No label holds anything of a customer's, and none has more values than there are operations, outcomes and statuses.
"""

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REQUESTS = Counter("perdure_requests_total", "Requests answered by the API.", ["operation", "status"])
REQUEST_SECONDS = Histogram(
    "perdure_request_seconds", "How long a request took.", ["operation"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)  # fmt: skip
GATEWAY_OUTCOMES = Counter("perdure_gateway_outcomes_total", "What the gateway answered.", ["operation", "outcome"])
GATEWAY_SILENCES = Counter(
    "perdure_gateway_silences_total", "Times that the gateway gave no outcome, and will be asked again.",
    ["operation", "kind"],
)  # fmt: skip
GATEWAY_MISMATCHES = Counter(
    "perdure_gateway_mismatches_total", "Answers of the gateway to something that it was not asked: payments stopped.",
    ["operation"],
)  # fmt: skip
FENCED = Counter(
    "perdure_fenced_total", "Times that a workflow found its record elsewhere: what was done about it.", ["what"]
)
BROKEN = Counter("perdure_broken_total", "Payments stopped for somebody to look at, each time they are tried.", ["why"])
DUPLICATES = Counter("perdure_duplicates_total", "Payments like one before them: what was done about it.", ["what"])
SWEPT = Counter("perdure_swept_total", "Records and workflows that housekeeping looked at.", ["part"])
WOKEN = Counter("perdure_woken_total", "PaymentIntents that housekeeping woke, and why.", ["reason"])
REVIVED = Counter("perdure_revived_total", "PaymentIntents that were open while their workflow was gone.", ["by"])
LOG_WRITES_LOST = Counter("perdure_log_writes_lost_total", "Writes to the log that failed, and what they said is lost.")

STATES = {
    "perdure_unknown_outcomes": "PaymentIntents whose gateway has not said what it did.",
    "perdure_unknown_outcomes_older": "Those of them that are older than so many seconds.",
    "perdure_claims_oldest_seconds": "Age of the oldest command that was begun and is not recorded.",
    "perdure_sweep_age_seconds": "How long ago housekeeping has last come to its end, by its schedule.",
    "perdure_reconciliation_differences": "What the last reconciliation found, by kind.",
    "perdure_reconciliation_age_seconds": "How long ago it ended.",
    "perdure_deliveries_waiting": "Webhook deliveries that nobody has seen to yet.",
    "perdure_deliveries_oldest_seconds": "Age of the oldest of them.",
}
"""Gauges that the records know, read when somebody looks."""

LABELS = {
    "perdure_unknown_outcomes_older": "seconds", "perdure_sweep_age_seconds": "schedule",
    "perdure_reconciliation_differences": "kind",
}  # fmt: skip
"""What tells the values of a gauge apart that has several."""

Gauge = float | dict[str, float]
"""A value, or one for each value of the gauge's label."""


class States(Collector):
    """The gauges as they were last read; `/metrics` reads them just before."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.values: dict[str, Gauge] = {}

    def collect(self) -> list[Metric]:
        """For the registry."""
        return [_family(name, value) for name, value in self.values.items()]


def _family(name: str, value: Gauge) -> Metric:
    if not isinstance(value, dict):
        return GaugeMetricFamily(name, STATES[name], value=value)
    family = GaugeMetricFamily(name, STATES[name], labels=[LABELS[name]])
    for label, each in value.items():
        family.add_metric([label], each)
    return family


STATE = States()
REGISTRY.register(STATE)
