"""What a server says of a request that it cuts off at its own end: one line. It is no fault, and has no traceback."""

import asyncio
import logging

SERVERS = "uvicorn.error"
"""Where the server logs what an application has raised."""

CUT_OFF = "a request was cut off: it was not done when the time to end was over"


class CutOff(logging.Filter):
    """Takes the traceback away from a request that was cancelled, and says what it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through."""
        if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
            record.msg, record.args, record.exc_info = CUT_OFF, (), None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def quieten() -> None:
    """For every server of this process, once."""
    said = logging.getLogger(SERVERS)
    if not any(isinstance(each, CutOff) for each in said.filters):
        said.addFilter(CutOff())
