"""A stream that may fail (a full disk, a reader that has gone) without anybody else failing with it."""

import io
import os
from collections.abc import Callable
from typing import TextIO


class SafeStream(io.TextIOBase):
    """Writes to another stream; what that one does not take is lost, and counted."""

    def __init__(self, stream: TextIO | None, lost: Callable[[], object] = lambda: None) -> None:
        """Write to `stream`, if there is one; `lost` is called for each write that failed."""
        super().__init__()
        self._stream, self._lost = stream, lost

    def write(self, text: str) -> int:
        """Write, or lose it."""
        if self._stream is not None:
            try:
                self._stream.write(text)
            except (OSError, ValueError):
                self._lost()
        return len(text)

    def flush(self) -> None:
        """Flush, or lose it."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._lost()

    def close(self) -> None:
        """It is somebody else's: only forget it."""
        self._stream = None


def keep_standard_streams() -> None:
    """Where a process was started without standard input, output or error, nothing else may get their numbers.

    A library that complains on file 2 would complain into a connection to the database.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
