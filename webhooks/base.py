"""The port through which deliveries leave: one POST, and what came back. The adapter is sender.py."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the receiver did. Without `status` it did not answer, and `error` says why in words."""

    latency_ms: int
    status: int | None = None
    excerpt: str | None = None
    error: str | None = None

    @property
    def taken(self) -> bool:
        """Any 2xx; a redirect is none, and is not followed."""
        return self.status is not None and 200 <= self.status < 300


class Sender(Protocol):
    """Sends one request to an endpoint. Never raises for what the receiver does."""

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """POST `body`; the answer's start is kept, the rest is not read."""
        ...
