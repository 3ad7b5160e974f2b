"""The demo shop's server, as far as webhooks go: an endpoint of its own, which checks signatures as a merchant should.

What arrived is kept in this process, for the page to show; it is a demo, and the newest are enough.
"""

import json
from collections import deque
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.routes.webhook_endpoints import new_secret
from api.services import Services
from domain.identifiers import digest62
from domain.model.hashes import JsonObject
from domain.webhooks import SigningSecret, genuine, valid_secrets
from records import webhook_endpoints
from records.scope import Scope

PATH = "/demo/webhooks"
KEPT_MAX = 500
BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook that arrived: which event, of what, and when."""

    id: str
    type: str
    about: tuple[str, ...]
    at: int


class Receiver:
    """Takes webhooks for the shop's page."""

    def __init__(self, services: Services, scope: Scope, url: str) -> None:
        """For the account of `scope`; the shop is reached at `url`."""
        self._services, self._scope, self._url = services, scope, url + PATH
        self._id = "we_1" + digest62("demo shop", scope.account, self._url, length=23)
        self._received: deque[Received] = deque(maxlen=KEPT_MAX)

    def mount(self, app: FastAPI) -> None:
        app.router.routes.append(Route(PATH, self.take, methods=["POST"], include_in_schema=False))

    async def open(self) -> bool:
        """See to it that the shop is sent events. False if this engine sends none to the machine it is on."""
        if self._services.private_webhooks:
            endpoint = webhook_endpoints.Endpoint(
                id=self._id,
                account=self._scope.account,
                livemode=self._scope.livemode,
                created=self._services.clock(),
                enabled_events=("*",),
                secrets=(SigningSecret(secret=new_secret()),),
                url=self._url,
                description="The demo shop",
            )
            await webhook_endpoints.add(self._services.database, endpoint)
        return self._services.private_webhooks

    async def take(self, request: Request) -> Response:
        """Answer one webhook: 200 once it is known to be ours and kept."""
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            return JSONResponse({"message": "too large"}, status_code=413)
        body, header, now = await request.body(), request.headers.get("stripe-signature", ""), self._services.clock()
        endpoint = await webhook_endpoints.load(self._services.database, self._scope, self._id)
        secrets = valid_secrets(endpoint.secrets, now) if endpoint else ()
        if not any(genuine(secret.secret, header, body, now) for secret in secrets):
            return JSONResponse({"message": "not signed with this endpoint's secret"}, status_code=400)
        event = json.loads(body)
        if event["id"] not in {known.id for known in self._received}:
            self._received.append(Received(event["id"], event["type"], _about(event["data"]["object"]), now))
        return JSONResponse({"received": True})

    def about(self, payment_intent: str) -> list[JsonObject]:
        """What arrived about a payment, oldest first."""
        mine = (received for received in self._received if payment_intent in received.about)
        return [{"id": received.id, "type": received.type, "received": received.at} for received in mine]


def _about(thing: JsonObject) -> tuple[str, ...]:
    return tuple(str(thing[name]) for name in ("id", "payment_intent") if thing.get(name))
