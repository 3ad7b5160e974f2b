"""Gateways with a dialect of their own: what they tell is kept, acknowledged, and handed over until the engine has it.

Handing over is safe to repeat: every command has its id from what it tells, so whoever hands the same over again, in
this process or another, changes nothing. Buyers come back from such a gateway by way of here as well.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from api.pages import authentication
from api.pages.layout import page
from api.routes import notifications
from api.services import Services
from domain.model.gateway_dealings import Notice
from gateways.base import GatewayError
from gateways.listening import Listener
from observability.logs import logger
from records.base import RecordsUnavailable
from temporal.engine import EngineUnavailable, PaymentStopped

RETURN_PATH = "/gateways/{gateway}/return"
BODY_BYTES_MAX = 100_000
BATCH = 200
POLL_SECONDS = 5.0
"""How soon what another process has kept, and did not live to hand over, is handed over."""

AT_ONCE = 16
"""Payments whose news are handed over at once: one that is busy keeps its news waiting for seconds, and no others."""

PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX, PAUSE_SHARE = 1.0, 300.0, 4
"""What cannot be handed over is tried again after a fourth of the time that it has waited already: who can be told
after a minute is told after a minute and a quarter."""
KEPT_DAYS = 14
"""After this, what nobody would take is left to people: an error in the log says what it was."""

NOT_NOW = (EngineUnavailable, PaymentStopped, RecordsUnavailable, GatewayError)


async def take(services: Services, listener: Listener, request: Request) -> Response:
    """Answer one notification: 202 once it is durable, 401 if it is not genuine, 503 to have it told again."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return JSONResponse({"message": "too large"}, status_code=413)
    try:
        status = await listener.hear(request.headers, await request.body())
    except RecordsUnavailable:
        status = 503
    if status != 202:
        return JSONResponse({"message": "not taken"}, status_code=status)
    services.news.set()
    return PlainTextResponse("[accepted]", status_code=202)


async def come_back(services: Services, request: Request) -> Response:
    """A buyer comes back from their bank: keep what they bring, let the payment go on, and show how it ended."""
    listener = services.listeners.get(request.path_params["gateway"])
    try:
        back = await listener.come_back(request.query_params) if listener else None
        if back is None:
            return page("Nothing to come back to", "<p>This link is not, or no longer, known.</p>", 404)
        if services.restoring.why is not None:
            raise EngineUnavailable("the records are being restored")
        about = {"payment_intent": back.intent, "authentication": back.authentication}
        fact = {"type": "authentication", **about, "authenticated": True}
        await notifications.hand_over(services, fact, request.path_params["gateway"])
    except NOT_NOW:
        return page("Not now", "<p>Please load this page again in a moment.</p>", 503)
    return RedirectResponse(f"{authentication.PATH}?{urlencode(about)}", status_code=303)


class Inbox:
    """Hands over what waits, for as long as the process runs."""

    def __init__(self, services: Services, clock: Callable[[], float]) -> None:
        """Of the gateways that `services` listens to; `clock` is seconds since any moment."""
        self._services, self._clock = services, clock
        self._tried: dict[tuple[str, str, str, bool], tuple[float, float]] = {}
        """Of what was put off: when it was first tried, and last."""

    async def run(self) -> None:
        """Until cancelled. What this process hears is handed over at once."""
        await self._services.opened.wait()
        while self._services.listeners:
            self._services.news.clear()
            await self.hand_over()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._services.news.wait(), POLL_SECONDS)

    async def hand_over(self) -> None:
        """Everything that waits, once; what cannot be taken now is left for later.

        During a restore, nothing can: a payment that is not known now may be again when it is over.
        """
        if self._services.restoring.why is not None:
            return
        for name, listener in self._services.listeners.items():
            try:
                # Those that are put off do not take the places of those that come after them.
                waiting = await listener.waiting(BATCH + len(self._tried))
                self._forget(name, waiting)
                await self._hand_all(name, listener, [told for told in waiting if self._is_due(told)])
            except RecordsUnavailable as error:
                logger().warning("news of a gateway wait", gateway=name, why=str(error))

    async def _hand_all(self, name: str, listener: Listener, due: Iterable[Notice]) -> None:
        """Many payments at once; what is about one of them, one after another."""
        of_payments: dict[str, list[Notice]] = {}
        for told in due:
            of_payments.setdefault(told.payment, []).append(told)
        room = asyncio.Semaphore(AT_ONCE)

        async def of_one(news: list[Notice]) -> None:
            async with room:
                for told in news:
                    await self._hand(name, listener, told)

        await asyncio.gather(*map(of_one, of_payments.values()))

    async def _hand(self, name: str, listener: Listener, told: Notice) -> None:
        about = {"gateway": name, "news": told.event, "reference": told.reference, "succeeded": told.succeeded}
        try:
            fact = await listener.fact(told)
            taken = fact is not None and await notifications.hand_over(self._services, fact, name)
        except NOT_NOW as error:
            if self._services.clock() - told.received_at < KEPT_DAYS * 86_400:
                self._put_off(told)
                return
            logger().error("news of a gateway that nobody takes", **about, why=str(error))
            taken = False
        except Exception:
            # One that breaks us is not to keep the others waiting.
            logger().exception("news of a gateway broke us", **about)
            self._put_off(told)
            return
        if not taken:
            logger().debug("news of a gateway without use here", **about)
        try:
            await listener.handled(told)
        except RecordsUnavailable:
            # Handed over once more, it changes nothing.
            self._put_off(told)
            return
        self._tried.pop(_of(told), None)

    def _is_due(self, told: Notice) -> bool:
        if _of(told) not in self._tried:
            return True
        first, last = self._tried[_of(told)]
        pause = min(max((last - first) / PAUSE_SHARE, PAUSE_SECONDS_MIN), PAUSE_SECONDS_MAX)
        return self._clock() - last >= pause

    def _put_off(self, told: Notice) -> None:
        now = self._clock()
        first, _ = self._tried.get(_of(told), (now, now))
        self._tried[_of(told)] = first, now

    def _forget(self, name: str, waiting: Iterable[Notice]) -> None:
        """What another process has handed over waits no longer."""
        left = {_of(told) for told in waiting}
        self._tried = {of: tried for of, tried in self._tried.items() if of[0] != name or of in left}


def _of(told: Notice) -> tuple[str, str, str, bool]:
    return told.gateway, told.event, told.reference, told.succeeded
