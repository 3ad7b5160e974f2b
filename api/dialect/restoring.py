"""While the records are those of a restore that is not over, nothing is changed: what is forgotten would be done twice.

What can be read is read. Who ends a restore is `perdure rebuild`; every API process sees it within two seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable

from api.dialect.errors import StripeError
from records.base import RecordsRefused, RecordsUnavailable

LOOK_EVERY_SECONDS = 2.0

Look = Callable[[], Awaitable[str | None]]
"""How a restore was noticed that is not over; None if there is none."""


class Restoring:
    """Whether there is one. Where nobody looks, there is none."""

    def __init__(self, look: Look | None = None) -> None:
        """Ask `look`."""
        self._look = look
        self.why: str | None = None

    async def look(self) -> None:
        """Ask now.

        Raises:
            RecordsUnavailable: no answer.
        """
        self.why = await self._look() if self._look else None

    async def watch(self) -> None:
        """Ask again and again, until cancelled. Without an answer, what was known holds."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.look()
            except (RecordsUnavailable, RecordsRefused):
                continue

    def check(self, level: str) -> None:
        """Return if what only reads, or writes, may be done.

        Raises:
            StripeError: not now; nothing was done.
        """
        if self.why is not None and level == "write":
            raise StripeError(
                "The records were restored from a copy, and are being brought up to date. Nothing was done; repeat the "
                "request with the same Idempotency-Key later.",
                type_="api_error",
                status=503,
                headers={"Stripe-Should-Retry": "true"},
            )
