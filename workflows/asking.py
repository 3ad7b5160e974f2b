"""A question to a gateway that is under way, and is called back once it is known what became of it: by news, say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.workflow import ActivityHandle

with workflow.unsafe.imports_passed_through():
    from workflows.options import PARKED_SECONDS_MAX


class Asking:
    """At most one at a time."""

    def __init__(self) -> None:
        """Nothing is asked."""
        self._running: ActivityHandle[Any] | None = None
        self._released = False

    def begun(self, running: ActivityHandle[Any]) -> None:
        """This is what asks."""
        self._running = running

    def release(self) -> None:
        """It may be asked again: nobody has to wait for that any more."""
        self._released = True

    async def released(self) -> None:
        """Its gateway is held back: wait until that is over, which its breaker tells."""
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._released, timeout=PARKED_SECONDS_MAX, timeout_summary="the gateway is held back"
            )

    def call_back(self) -> None:
        """It is known: nobody has to ask any more, without end, which would hold the workflow up, or to wait for it."""
        self._released = True
        if self._running is not None:
            self._running.cancel()

    @contextmanager
    def until(self, known: Callable[[], bool]) -> Iterator[None]:
        """What asks within may be called back, once it is `known`."""
        self._released = False
        try:
            yield
        except FailureError as error:
            if not is_cancelled_exception(error) or not known():
                raise
        finally:
            self._running = None
