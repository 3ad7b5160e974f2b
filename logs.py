"""Logging, configured once per process: one JSON object a line on standard error.

A line that cannot be written (a full disk, a reader that has gone) is lost and counted; nothing else fails with it.
Card numbers never reach a logger: they are in `CardInput`, whose repr is empty, and request bodies are not logged.
"""

import json
import logging
import sys
from typing import TextIO, cast

import structlog

import metrics
from serving.streams import SafeStream, keep_standard_streams


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


def logger() -> structlog.typing.FilteringBoundLogger:
    """The process's logger."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return bound
