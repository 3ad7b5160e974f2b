"""Logging, configured once per process: one JSON object a line on standard error.

A line that cannot be written (a full disk, a reader that has gone) is lost and counted; nothing else fails with it.
Card numbers never reach a logger: they are in `CardInput`, whose repr is empty, and request bodies are not logged.
"""

import asyncio
import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import structlog
from opentelemetry import trace

from observability import metrics
from serving.streams import SafeStream, keep_standard_streams

ACCESS_LOGS = ("uvicorn.access",)
"""Loggers of servers that may serve the application."""


WORKFLOWS = "temporalio.workflow"
"""The logger of workflow code, which says what was decided: a refused signal, that nobody waits for an answer to."""

OURS = "perdure"
"""Above the loggers of those that workflow code imports: they may know of no logging but the standard library's."""

ABOUT = {"workflow_id": "workflow", "activity_type": "activity", "attempt": "attempt"}
"""What a line says of where in Temporal it was written, of all that the SDK knows."""


class _OneObject(logging.Formatter):
    """A library's line in the form of ours."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"event": record.getMessage(), "logger": record.name}
        line["level"] = record.levelname.lower()
        where = {**getattr(record, "temporal_workflow", {}), **getattr(record, "temporal_activity", {})}
        line |= {ours: where[theirs] for theirs, ours in ABOUT.items() if theirs in where}
        line |= getattr(record, "about", {}) | traced()
        line |= _raised(self, record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        line["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        return json.dumps(line)


def traced() -> dict[str, str]:
    """The trace that this is part of, as a line says it; nothing if there is none."""
    context = trace.get_current_span().get_span_context()
    return {"trace": trace.format_trace_id(context.trace_id)} if context.is_valid else {}


def _with_trace(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    line.update(traced())
    return line


def _raised(formatter: logging.Formatter, error: BaseException) -> dict[str, str]:
    """Why; and where in our code, unless it was to be expected: no answer in time, or what is raised for Temporal."""
    if isinstance(error, asyncio.CancelledError):
        return {"why": "it was not done in time"}
    if type(error).__module__ == "temporalio.exceptions":
        return {"why": str(error)}
    return {"exception": formatter.formatException((type(error), error, error.__traceback__))}


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Send our lines, and those of the libraries, to standard error, or to `stream`."""
    keep_standard_streams()
    safe = SafeStream(stream or sys.stderr, metrics.LOG_WRITES_LOST.inc)
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", safe)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(safe)
    handler.setFormatter(_OneObject())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in (OURS, WORKFLOWS):
        logging.getLogger(name).setLevel(number)


class _WithoutQueries(logging.Filter):
    """Takes the query out of what a server's access log says of a URL: keys and client secrets may be in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                argument.partition("?")[0] if isinstance(argument, str) and argument.startswith("/") else argument
                for argument in record.args
            )
        return True


def keep_queries_out() -> None:
    """For whoever serves the application by a server that keeps an access log; ours keeps none (serving/server.py)."""
    for name in ACCESS_LOGS:
        access = logging.getLogger(name)
        if not any(isinstance(each, _WithoutQueries) for each in access.filters):
            access.addFilter(_WithoutQueries())


def logger() -> structlog.typing.FilteringBoundLogger:
    """The process's logger."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return bound
