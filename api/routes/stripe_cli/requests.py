"""`stripe logs tail`: requests off the request log, as they are written to it."""

import math
from typing import Any

from api.routes.stripe_cli.telling import Telling
from domain.model.hashes import JsonObject
from parameters.stripe_cli import tail_of
from records import request_log
from rendering.stripe_cli import request_log_event

AT_ONCE = 100
LATE_SECONDS = 15
"""How much later than its answer a request may be written: by another process, or one whose records were away."""


class Requests(Telling):
    """One connection of `stripe logs tail`."""

    def __init__(self, *arguments: Any) -> None:
        """From now on."""
        super().__init__(*arguments)
        self._wanted = tail_of(self.session.filters)
        self._since = self.services.clock()
        # A request is as old as when it began, and is written when it was answered.
        self._late = math.ceil(self.services.answer_seconds) + LATE_SECONDS
        self._shown: dict[str, int] = {}

    async def tell(self) -> None:
        """What was not shown yet."""
        services = self.services
        async with services.pace.turn:
            rows = await request_log.tail(
                services.database, self.session.scope, self._since, self._wanted, list(self._shown), AT_ONCE
            )
        for row in rows:
            self._shown[row.id] = row.created
            await self.send(request_log_event(row))
        self._forget()

    def _forget(self) -> None:
        """What is too old to come again."""
        newest = max(self._shown.values(), default=0)
        self._since = max(self._since, newest - self._late)
        self._shown = {id_: created for id_, created in self._shown.items() if created >= self._since}

    async def hear(self, said: JsonObject) -> None:
        """That it has one. Nothing is owed."""
