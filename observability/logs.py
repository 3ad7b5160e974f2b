"""Logging, configured once per process: one JSON object a line on standard error.

A line that cannot be written (a full disk, a reader that has gone) is lost and counted; nothing else fails with it.
Card numbers never reach a logger: they are in `CardInput`, whose repr is empty, and request bodies are not logged.
"""

import json
import logging
import sys
from typing import TextIO, cast

import structlog

from observability import metrics
from serving.streams import SafeStream, keep_standard_streams

ACCESS_LOGS = ("uvicorn.access",)
"""Loggers of servers that may serve the application."""


class _OneObject(logging.Formatter):
    """A library's line in the form of ours."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Send our lines, and those of the libraries, to standard error, or to `stream`."""
    keep_standard_streams()
    safe = SafeStream(stream or sys.stderr, metrics.LOG_WRITES_LOST.inc)
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
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
