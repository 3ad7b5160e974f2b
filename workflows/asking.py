"""A question to a gateway that is under way, and is called back once it is known what became of it: by news, say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.workflow import ActivityHandle


class Asking:
    """At most one at a time."""

    def __init__(self) -> None:
        """Nothing is asked."""
        self._running: ActivityHandle[Any] | None = None

    def begun(self, running: ActivityHandle[Any]) -> None:
        """This is what asks."""
        self._running = running

    def call_back(self) -> None:
        """Nobody has to ask any more: a question that repeats without end would hold the workflow up."""
        if self._running is not None:
            self._running.cancel()

    @contextmanager
    def until(self, known: Callable[[], bool]) -> Iterator[None]:
        """What asks within may be called back, once it is `known`."""
        try:
            yield
        except FailureError as error:
            if not is_cancelled_exception(error) or not known():
                raise
        finally:
            self._running = None
