"""What a cluster needs for so many payments a second, from what was measured: `python -m bench.capacity`.

Reads bench/results.json. A model, not a measurement: docs/SCALE.md says what it leaves out.
"""

import argparse
import json
from typing import Any

from settings import ROOT

RATES = (100, 1_000, 10_000)
PARTS = ("API", "worker", "Temporal", "PostgreSQL")
UTILIZATION = 0.6
"""How busy a core may be on average if the tail is to stay short."""

EVENTS, TASKS, ACTIONS = 18, 2, 5
"""Of a payment in three requests, as tests/workflows/test_commands.py counts them: history events, workflow tasks, and
what Temporal Cloud calls actions (a start, two updates, two local activities)."""

ROWS = {
    "payment_intents": 1, "charges": 1, "payment_methods": 1, "events": 5,
    "balance_transactions": 1, "ledger_entries": 3, "request_log": 3,
}  # fmt: skip
STATEMENTS = {"create": 1, "confirm": 4, "capture": 3}
"""Create writes. Confirm reads the intent and its method, capture the intent; then each claims and writes what came of
it. The request log comes besides, many requests in one statement."""

RETENTION_DAYS = 3
"""How long the server keeps histories of payments that have ended."""

DAY_SECONDS = 86_400
GIB_A_DAY = DAY_SECONDS / 2**20
"""Of one KiB a second."""


def needs(rate: int, costs: dict[str, float]) -> dict[str, float]:
    """By what is needed: cores, and so many a second or a day."""
    cores = {f"cores: {part}": rate * costs[part] / 1_000 / UTILIZATION for part in PARTS}
    return {
        **cores,
        "Temporal: workflow tasks/s": rate * TASKS,
        "Temporal: history events/s": rate * EVENTS,
        "Temporal: actions/s": rate * ACTIONS,
        f"Temporal: GiB kept ({RETENTION_DAYS} days)": rate
        * costs["temporal_kib"]
        * DAY_SECONDS
        * RETENTION_DAYS
        / 2**20,
        "PostgreSQL: statements/s": rate * sum(STATEMENTS.values()),
        "PostgreSQL: rows/day, millions": rate * sum(ROWS.values()) * DAY_SECONDS / 1e6,
        "PostgreSQL: GiB/day": rate * costs["postgres_kib"] * GIB_A_DAY,
    }


def measured(figures: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The costs of one payment: milliseconds of a core, and KiB."""
    costs = {part: float(figures[f"CPU per payment: {part}"]["value"]) for part in PARTS}
    costs["temporal_kib"] = float(figures["Temporal's storage per payment"]["value"])
    costs["postgres_kib"] = float(figures["PostgreSQL per payment"]["value"])
    return costs


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__).parse_args()
    results = json.loads((ROOT / "bench" / "results.json").read_text())
    costs = measured(results["figures"])
    columns = [needs(rate, costs) for rate in RATES]
    print(f"{'payments a second':<36}" + "".join(f"{rate:>12,}" for rate in RATES))
    for name in columns[0]:
        print(f"{name:<36}" + "".join(f"{column[name]:>12,.1f}" for column in columns))


if __name__ == "__main__":
    main()
