"""`stripe listen`: events off their durable record, each until the CLI has it; and what they were answered."""

import time
from typing import Any

from api.dialect.minting import Mint, new_seed
from api.routes.stripe_cli.telling import Over, Telling
from contracts.api_versions import LATEST
from domain.identifiers import ID_MAX
from domain.model.hashes import JsonObject
from observability.logs import logger
from records import cli_sessions, outbox, webhook_endpoints
from records.base import RecordsUnavailable, StoredEvent
from rendering.event import body
from rendering.related import of_event
from rendering.stripe_cli import webhook_event

UNDER_WAY_MAX = 100
"""Events that the CLI has not said a word about; then it is not sent more."""

AT_ONCE = 20
SILENT_SECONDS = 30.0
"""It says that it has an event before it does anything with it. Who is silent for so long is to dial anew."""

REMEMBERED_MAX = 1_000
"""Events whose answers are timed: what is forwarded takes as long as the shop does."""


class Events(Telling):
    """One connection of `stripe listen`."""

    def __init__(self, *arguments: Any) -> None:
        """Nothing is under way yet."""
        super().__init__(*arguments)
        self._under_way: dict[str, str] = {}
        self._sent: dict[str, float] = {}
        self._secret: str | None = None

    async def tell(self) -> None:
        """What is owed and not under way; each in the account's version and in the latest, and the CLI takes one."""
        oldest = next(iter(self._under_way), None)
        if oldest is not None and time.monotonic() - self._sent[oldest] > SILENT_SECONDS:
            raise Over
        services, most = self.services, min(AT_ONCE, UNDER_WAY_MAX - len(self._under_way))
        async with services.pace.turn:
            sent = list(self._under_way.values())
            owed = await cli_sessions.owed_to(
                services.database, self.session, self.holder, sent, max(most, 0), services.clock()
            )
        if owed is None:
            raise Over
        for event in owed:
            await self._tell_of(event)

    async def _tell_of(self, event: StoredEvent) -> None:
        services, listener = self.services, self.session.endpoint or ""
        conversation = Mint(new_seed()).id("wc_", length=24)
        async with services.pace.turn:
            secret = await self._signs_with(listener)
            told = await self._rendered(event)
            if told is None:
                await outbox.PostgresOutbox(services.database).end(event.id, listener, "failed")
                return
        self._remember(conversation, event.id)
        for version, payload in told:
            await self.send(webhook_event(payload, version, listener, conversation, secret, services.clock()))

    async def _rendered(self, event: StoredEvent) -> list[tuple[str | None, bytes]] | None:
        """The event in both versions; None of one that cannot be told: those behind it are not to wait for it."""
        find = of_event(self.services.database)
        try:
            return [(version, await body(event, version, find)) for version in (None, LATEST)]
        except RecordsUnavailable:
            raise
        except Exception as error:
            logger().error("an event was passed over", event_id=event.id, of="the Stripe CLI", exc_info=error)
            return None

    async def _signs_with(self, listener: str) -> str:
        if self._secret is None:
            found = await webhook_endpoints.load(self.services.database, self.session.scope, listener, listener=True)
            if found is None:
                raise Over
            self._secret = found.secrets[0].secret
        return self._secret

    def _remember(self, conversation: str, event: str) -> None:
        self._under_way[conversation] = event
        self._sent[conversation] = time.monotonic()
        if len(self._sent) > REMEMBERED_MAX:
            # Never what is under way: how long it has been is asked.
            self._sent.pop(next(each for each in self._sent if each not in self._under_way))

    async def hear(self, said: JsonObject) -> None:
        """That it has an event, or what the event was answered where it was forwarded to."""
        conversation = said.get("webhook_conversation_id")
        if not isinstance(conversation, str):
            return
        if said.get("type") == "event_ack":
            await self._has(conversation)
        elif said.get("type") == "webhook_response":
            await self._answered(conversation, said)

    async def _has(self, conversation: str) -> None:
        """Said twice, as each event is sent in two versions; once is enough."""
        event = self._under_way.pop(conversation, None)
        if event is not None:
            async with self.services.pace.turn:
                await outbox.acknowledge(self.services.database, self.session.endpoint or "", [event])

    async def _answered(self, conversation: str, said: JsonObject) -> None:
        event, status, text = (said.get(name) for name in ("notification_id", "status", "body"))
        if not (isinstance(event, str) and len(event) <= ID_MAX and type(status) is int and 100 <= status <= 999):
            return
        sent = self._sent.get(conversation)
        taken = 0 if sent is None else round((time.monotonic() - sent) * 1_000)
        excerpt = text if isinstance(text, str) else ""
        async with self.services.pace.turn:
            await cli_sessions.answered(
                self.services.database, self.session.endpoint or "", event, status, taken, excerpt,
                self.services.clock(),
            )  # fmt: skip
