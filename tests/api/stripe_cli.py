"""API processes that Stripe's CLI dials, without a socket."""

from typing import Any

from fastapi import FastAPI

from api.build import build, mount
from api.routes.stripe_cli.socket import PATH, PROTOCOL
from api.services import Services
from tests.api.conftest import Api
from tests.support.sockets import Caller

SESSIONS = "/v1/stripecli/sessions"
LISTEN = "device_name=laptop&websocket_features[]=webhooks&websocket_features[]=v2_events"
TAIL = "device_name=laptop&websocket_features[]=request_logs"


class Process:
    """One API process of several, with those who have dialled it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.app: FastAPI = build()
        mount(self.app, services)
        self._callers: list[Caller] = []

    def caller(self, session: dict[str, Any], **more: Any) -> Caller:
        feature = session["websocket_authorized_feature"]
        headers = {"Host": "api", "Websocket-Id": session["websocket_id"]}
        given = {"headers": headers, "query": f"websocket_feature={feature}", "subprotocols": [PROTOCOL], **more}
        caller = Caller(self.app, PATH, **given)
        self._callers.append(caller)
        return caller

    async def dialled(self, session: dict[str, Any], **more: Any) -> Caller:
        caller = self.caller(session, **more)
        assert await caller.dial() == {"type": "websocket.accept", "subprotocol": PROTOCOL, "headers": []}
        return caller

    async def close(self) -> None:
        for caller in self._callers:
            await caller.hang_up()


async def begun(api: Api, form: str = LISTEN, **more: Any) -> dict[str, Any]:
    answer = await api.post(SESSIONS, form, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
