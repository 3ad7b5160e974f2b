"""A cheap client, so that it is not what is measured; and one that a slow moment of the machine does not end."""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any, Self

import aiohttp

KEY = "sk_test_perdure"

ANSWER_SECONDS_MAX = 60.0
ATTEMPTS_MAX, REPEAT_SECONDS = 40, 0.5

REPEATABLE = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
DONE_ALREADY = "payment_intent_unexpected_state"

REPEATED: Counter[int] = Counter()
"""How many requests of this process were refused for a moment and sent again, by the status that refused them."""


class Client:
    """Speaks to one server, with the test key.

    Who is told 429 or 503 comes again, as every official SDK does, and is counted in `REPEATED`: a slow moment of a
    shared machine does not end a run, and the time that it took counts. Any other answer but 2xx is an error.
    """

    def __init__(self, port: int, repeat_seconds: float = REPEAT_SECONDS) -> None:
        """Speak to 127.0.0.1 at `port`."""
        self.port = port
        self._repeat_seconds = repeat_seconds
        self._http = aiohttp.ClientSession(
            f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {KEY}"},
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX),
        )

    async def __aenter__(self) -> Self:
        """Nothing to open: connections come with requests."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._http.close()

    async def post(self, path: str, idempotency_key: str = "", /, **form: object) -> dict[str, Any]:
        """Send a form; under a key, what is sent again is the same request, and not another."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._ask("POST", path, data={name: str(value) for name, value in form.items()}, headers=headers)

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """Read."""
        return await self._ask("GET", path, params={name: str(value) for name, value in query.items()})

    async def delete(self, path: str) -> None:
        """Delete."""
        await self._ask("DELETE", path)

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        attempts = 0
        while True:
            attempts += 1
            async with self._http.request(method, path, **more) as response:
                if response.ok:
                    return dict(await response.json())
                done = await _done(response) if attempts > 1 else None
                if done is not None:
                    return done
                if response.status not in REPEATABLE or attempts == ATTEMPTS_MAX:
                    response.raise_for_status()
                REPEATED[response.status] += 1
            await asyncio.sleep(self._repeat_seconds)


async def _done(response: aiohttp.ClientResponse) -> dict[str, Any] | None:
    """The payment that a refused repetition shows, if what was asked had been done in spite of the 503."""
    if response.status != HTTPStatus.BAD_REQUEST:
        return None
    error = (await response.json()).get("error", {})
    return error.get("payment_intent") if error.get("code") == DONE_ALREADY else None
