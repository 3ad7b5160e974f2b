"""How one simulator behaves while it is well: how long it takes, what it answers later, and what fails after all.

Said when it is started (`--conduct`, a query), and changed while it runs (`POST /_conduct`). What goes wrong besides is
faults.py. Latency is log-normal, by its median and its 99th percentile, as acquirers' is.
"""

import asyncio
import math
import random  # noqa: TID251
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LATER = ("capture", "void", "increment", "refund")
"""What it may take on at once, and answer later."""

P99 = 2.3263478740408408
"""The 99th percentile of the normal distribution, in standard deviations."""

BOOKED_SHARE = 0.125
"""What is only booked takes an eighth of the time of an authorization, which goes to a bank."""

LATENCY_MS_MAX = 600_000

REFERENCE_SECONDS_MAX = 30 * 86_400
"""Of a refund of live Stripe that was recorded in December 2023, the reference came after a day."""


class Conduct(BaseModel):
    """Milliseconds and shares. Nothing said: it answers at once, and for good."""

    model_config = ConfigDict(extra="forbid")

    p50_ms: float = Field(0.0, ge=0, le=LATENCY_MS_MAX, description="How long half of the authorizations take at most.")
    p99_ms: float = Field(0.0, ge=0, le=LATENCY_MS_MAX, description="How long 99 of 100 take at most.")
    tail_rate: float = Field(0.0, ge=0, le=1, description="Share of requests whose answer comes `tail_ms` too late.")
    tail_ms: float = Field(0.0, ge=0, le=LATENCY_MS_MAX, description="How much later; what was asked is done by then.")
    later: list[str] = Field(
        default_factory=list, description="What is answered later: capture, void, increment, refund."
    )
    news_ms: float = Field(200.0, ge=0, le=LATENCY_MS_MAX, description="How much later, at the median.")
    reference_s: float = Field(
        86_400.0, ge=0, le=REFERENCE_SECONDS_MAX, description="How long until a refund's reference is known."
    )
    failing: float = Field(0.0, ge=0, le=1, description="Share of captures that fail after they had succeeded.")

    @field_validator("later")
    @classmethod
    def _known(cls, given: list[str]) -> list[str]:
        for name in given:
            if name not in LATER:
                raise ValueError(f"there is nothing called {name!r}: there are {', '.join(LATER)}")
        return given


def conduct_of(query: str) -> Conduct:
    """What is said of a gateway (`p50_ms=1200&later=capture,void&…`), as far as it is this program's business."""
    said = {name: value for name, value in parse_qsl(query) if name in Conduct.model_fields}
    later = [name for name in said.pop("later", "").split(",") if name]
    return Conduct.model_validate({**said, "later": later})


class Pace:
    """Rolls the dice of one simulator."""

    def __init__(self, conduct: Conduct) -> None:
        """Behave like this."""
        self.conduct = conduct
        self._dice = random.Random()  # noqa: S311

    def seconds(self, median_ms: float, p99_ms: float) -> float:
        """A wait from the log-normal distribution with this median, and 99th percentile."""
        if median_ms <= 0:
            return 0.0
        sigma = math.log(max(p99_ms, median_ms) / median_ms) / P99
        return median_ms / 1000 * math.exp(self._dice.gauss(0.0, sigma))

    def of(self, operation: str) -> float:
        """How long this operation takes, in seconds."""
        conduct = self.conduct
        share = 1.0 if operation == "authorize" else BOOKED_SHARE
        return share * self.seconds(conduct.p50_ms, conduct.p99_ms)

    def until_news(self) -> float:
        """How long until the news of what was taken on, in seconds."""
        return self.seconds(self.conduct.news_ms, 10 * self.conduct.news_ms)

    def roll(self, rate: float) -> bool:
        """True with the given probability."""
        return rate > 0 and self._dice.random() < rate


class Pacing:
    """Takes its time over each request, as its conduct says; none for one that answers at once."""

    def __init__(self, app: ASGIApp, pace: Pace) -> None:
        """Delay what `app` would do."""
        self._app, self._pace = app, pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path, conduct = scope.get("path", "/_"), self._pace.conduct
        if not conduct.p50_ms or path.startswith(("/_", "/docs", "/openapi")) or scope.get("method") == "GET":
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(self._pace.of("authorize" if path == "/authorizations" else path))
        late = conduct.tail_ms / 1000 if self._pace.roll(conduct.tail_rate) else 0.0

        async def delayed(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(late)
            await send(message)

        await self._app(scope, receive, delayed if late else send)
