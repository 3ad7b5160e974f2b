"""Logging, configured once per process: one JSON object a line on standard error.

Card numbers never reach a logger: they are in `CardInput`, whose repr is empty, and request bodies are not logged.
"""

import logging
import sys

import structlog


def configure_logs(level: str) -> None:
    """Send our lines, and those of the libraries, to standard error."""
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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format='{"event": "%(message)s", "logger": "%(name)s"}'
    )


def logger() -> structlog.typing.FilteringBoundLogger:
    """The process's logger."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return bound
