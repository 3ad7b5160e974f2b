"""Where Stripe's CLI dials with the id of its session, at whichever process; it is spoken to until either side ends it.

Whoever is slow, silent or gone waits alone: what is sent waits for its reader, and what is looked up has a turn of its
own (api/usecases/pacing.py).
"""

import asyncio
import time

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.dialect.answers import error_answer
from api.dialect.errors import StripeError, invalid_request, unavailable
from api.dialect.minting import Mint, new_seed
from api.routes.stripe_cli.events import Events
from api.routes.stripe_cli.requests import Requests
from api.routes.stripe_cli.telling import Over, Telling
from api.services import Services
from observability.logs import logger
from parameters.stripe_cli import WEBHOOKS
from records import cli_sessions
from records.base import RecordsRefused, RecordsUnavailable
from records.cli_sessions import Session

PATH = "/v1/stripecli/socket"
PROTOCOL = "stripecli-devproxy-v1"
ID_MAX = 255

RENEW_SECONDS = 20.0
AWAY_SECONDS = 2.0

GOING_AWAY, OVER, FAILED = 1001, 1008, 1011
"""Why it ends: this process does, the session has, or it is our fault."""


async def answer(services: Services, websocket: WebSocket) -> None:
    """Answer a handshake, and tell whoever has shown the id of a session what it is about."""
    holder = new_seed()
    try:
        session = await _taken(services, websocket, holder)
    except (RecordsUnavailable, StripeError) as error:
        said = error if isinstance(error, StripeError) else unavailable()
        await websocket.send_denial_response(error_answer(said, Mint(holder).request, None, {}))
        return
    await websocket.accept(PROTOCOL)
    speaking = Events if session.feature == WEBHOOKS else Requests
    with services.pace.one_more():
        await _speak(websocket, services, speaking(services, session, holder, websocket.send_text))


async def _taken(services: Services, websocket: WebSocket, holder: str) -> Session:
    if PROTOCOL not in websocket.scope["subprotocols"]:
        raise invalid_request(f"Speak {PROTOCOL} here: say so in Sec-WebSocket-Protocol.")
    opens = websocket.headers.get("websocket-id", "")
    session = None
    if 0 < len(opens) <= ID_MAX:
        async with services.pace.turn:
            session = await cli_sessions.take(services.database, opens, holder, services.clock())
    if session is None:
        raise invalid_request("Unknown WebSocket ID.", status=404)
    if websocket.query_params.get("websocket_feature", session.feature) != session.feature:
        raise invalid_request(f"The session is about {session.feature}.", param="websocket_feature")
    return session


async def _speak(websocket: WebSocket, services: Services, telling: Telling) -> None:
    """Tell and hear until one of them ends."""
    speaking = asyncio.create_task(_tell(websocket, services, telling))
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await _hear(telling, message.get("text"))
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)


async def _hear(telling: Telling, text: str | None) -> None:
    """What is not understood is nothing; what cannot be written down now is told once more."""
    try:
        said = orjson.loads(text or "")
    except ValueError:
        return
    if isinstance(said, dict):
        try:
            await telling.hear(said)
        except (RecordsUnavailable, RecordsRefused) as error:
            logger().warning("not written down", of="the Stripe CLI", why=str(error))


async def _tell(websocket: WebSocket, services: Services, telling: Telling) -> None:
    code, renewed = GOING_AWAY, time.monotonic()
    try:
        while await services.pause(services.pace.seconds):
            try:
                if time.monotonic() - renewed > RENEW_SECONDS:
                    await telling.renew()
                    renewed = time.monotonic()
                await telling.tell()
            except RecordsUnavailable:
                await services.pause(AWAY_SECONDS)
    except Over:
        code = OVER
    except WebSocketDisconnect:
        return
    except Exception as error:
        logger().error("the Stripe CLI was told no more", exc_info=error)
        code = FAILED
    await websocket.close(code)
