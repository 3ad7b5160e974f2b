"""The records port, as activities see it. The adapter is records/projection.py, wired in worker.py."""

from typing import Protocol

from domain.payment_intent import PaymentIntent
from domain.transitions import Transition


class RecordsUnavailable(Exception):
    """The record store did not take the write. Nothing is lost: the workflow has the state, and writes again."""


class Projection(Protocol):
    """Where transitions are written down."""

    async def latest(self, id_: str) -> PaymentIntent | None:
        """The intent as it was last written, whichever account's.

        Raises:
            RecordsUnavailable: it cannot be read now.
        """
        ...

    async def project(self, transition: Transition) -> None:
        """Write the intent, its charge and its events in one transaction. Twice is once; an older version is ignored.

        Raises:
            RecordsUnavailable: nothing was written.
        """
        ...
