"""`perdure listen`: prints events as they happen, and forwards them to a receiver on this machine, signed.

The engine owes a listener every event until it is acknowledged, and an event is acknowledged only once the receiver has
answered; so either side may restart. A receiver that is not there, or answers with an error, is tried again.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any, TextIO

import httpx

from domain.model.hashes import JsonObject
from domain.webhooks import SigningSecret, signature_header
from settings import Settings, SettingsError

WAIT_SECONDS = 20
"""How long the engine is asked to wait for the next event."""

PAUSE_SECONDS_MAX = 10.0
FORWARD_TIMEOUT_SECONDS = 30.0
ERRORS_MAX = 8
"""A receiver that answers an event with an error this often (about a minute) is left in peace with it, so that the next
ones arrive; one that is not there at all is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What to listen to, and where to send it."""

    api_url: str
    api_key: str
    name: str
    types: list[str]
    forward_to: str | None
    print_json: bool


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "listen", help="print events as they happen, and forward them to a receiver", description=__doc__
    )
    parser.add_argument("--forward-to", metavar="URL", help="where to POST each event; a path, a port, or a whole URL")
    parser.add_argument("--events", default="*", help="comma-separated event types (all)")
    parser.add_argument("--name", default="default", help="whose events: each name is owed every event once (default)")
    parser.add_argument("--api-url", help="base URL of the API (this machine's, on PERDURE_API_PORT)")
    parser.add_argument("--api-key", help="secret key (PERDURE_SECRET_KEY)")
    parser.add_argument("--print-json", action="store_true", help="print each event whole")
    parser.add_argument("--print-secret", action="store_true", help="print the signing secret, and end")
    parser.set_defaults(run=run)


def receiver(address: str | None) -> str | None:
    """`4242/hook`, `localhost:4242/hook` and the like, as a URL."""
    if address is None or "://" in address:
        return address
    host = address.partition("/")[0]
    return f"http://localhost:{address}" if host.isdigit() else f"http://{address}"


async def run(arguments: argparse.Namespace) -> int:
    """Listen until interrupted; the exit status."""
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(f"perdure: {error}", file=sys.stderr)
        return 2
    listening = Listening(
        api_url=arguments.api_url or f"http://127.0.0.1:{settings.api_port}",
        api_key=arguments.api_key or settings.secret_key,
        name=arguments.name,
        types=[name.strip() for name in arguments.events.split(",") if name.strip()],
        forward_to=receiver(arguments.forward_to),
        print_json=arguments.print_json,
    )
    headers = {"Authorization": f"Bearer {listening.api_key}"}
    async with (
        httpx.AsyncClient(base_url=listening.api_url, headers=headers, timeout=WAIT_SECONDS + 15) as api,
        httpx.AsyncClient(timeout=FORWARD_TIMEOUT_SECONDS, trust_env=False) as http,
    ):
        listener = Listener(listening, api, http, sys.stdout)
        return await listener.run(secret_only=arguments.print_secret)


class Refused(Exception):
    """The API understood, and said no; asking again would not help."""


class Listener:
    """One `perdure listen`."""

    def __init__(self, listening: Listening, api: httpx.AsyncClient, http: httpx.AsyncClient, out: TextIO) -> None:
        """Ask `api`, forward by `http`, and print to `out`."""
        self._listening, self._api, self._http, self._out = listening, api, http, out

    async def run(self, *, secret_only: bool = False) -> int:
        """Until interrupted, or refused; the exit status."""
        listening = self._listening
        types = {f"enabled_events[{index}]": name for index, name in enumerate(listening.types)}
        try:
            listener = await self._ask("POST", "/v1/listeners", data={"name": listening.name, **types})
            if secret_only:
                self._say(listener["secret"])
                return 0
            self._say(f"Ready. Your webhook signing secret is {listener['secret']} (^C to quit)")
            while True:
                await self._take(listener)
        except Refused as error:
            print(f"perdure: {error}", file=sys.stderr)
            return 1

    async def _take(self, listener: JsonObject) -> None:
        path = f"/v1/listeners/{listener['id']}"
        found = await self._ask("GET", f"{path}/events", params={"wait_seconds": WAIT_SECONDS})
        for event in found["data"]:
            self._announce(event)
            if self._listening.forward_to:
                await self._forward(self._listening.forward_to, event, listener["secret"])
            await self._ask("POST", f"{path}/acknowledge", data={"events[0]": event["id"]})

    def _announce(self, event: JsonObject) -> None:
        if self._listening.print_json:
            self._say(json.dumps(event, indent=2, ensure_ascii=False))
        else:
            self._say(f"{_clock()}   --> {event['type']} [{event['id']}]")

    async def _forward(self, url: str, event: JsonObject, secret: str) -> None:
        body = json.dumps(event, indent=2, ensure_ascii=False).encode()
        pause, errors = 0.25, 0
        while True:
            now = int(time.time())  # noqa: TID251
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature_header([SigningSecret(secret=secret)], body, now),
            }
            try:
                response = await self._http.post(url, content=body, headers=headers)
            except httpx.HTTPError as error:
                self._say(f"{_clock()}  <--  {type(error).__name__} at {url}; trying again in {pause:g} s")
            else:
                self._say(f"{_clock()}  <--  [{response.status_code}] POST {url} [{event['id']}]")
                errors += 1
                if response.is_success or errors >= ERRORS_MAX:
                    return
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_SECONDS_MAX)

    async def _ask(self, method: str, path: str, **more: Any) -> JsonObject:
        """One request to the API; while it is away, asked again."""
        pause = 0.25
        while True:
            try:
                response = await self._api.request(method, path, **more)
            except httpx.HTTPError as error:
                self._say(f"{_clock()}       {self._listening.api_url} does not answer ({type(error).__name__})")
            else:
                if response.is_success:
                    answer: JsonObject = response.json()
                    return answer
                if response.status_code < 500 and response.status_code not in (409, 429):
                    raise Refused(response.json()["error"]["message"])
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_SECONDS_MAX)

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


def _clock() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
