"""Notifications from the gateway: signed, checked, and handed to the PaymentIntent's workflow as a signal.

`Gateway-Signature: t=<unix>,v1=<hex>`, HMAC-SHA256 of `t.body`. Sent twice is once: the command has its id from what it
tells.
"""

import hashlib
import hmac
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.engine import EngineUnavailable
from api.services import Services
from domain.commands import AuthenticationResult

PATH = "/gateways/simulator/notifications"
TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 10_000
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class Notification(BaseModel):
    """The buyer's authentication has ended."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["authentication"]
    payment_intent: str
    authentication: str
    authenticated: bool


def genuine(secret: str, header: str, body: bytes, now: int) -> bool:
    """Whether the gateway signed this body, a moment ago. Without a secret, nothing is genuine."""
    match = _SIGNATURE.fullmatch(header)
    if not secret or match is None or abs(now - int(match[1])) > TOLERANCE_SECONDS:
        return False
    expected = hmac.new(secret.encode(), f"{match[1]}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, match[2])


async def take(services: Services, request: Request) -> Response:
    """Answer one notification: 200 once it is durable (or of no use any more), 503 to have it sent again."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > BODY_BYTES_MAX:
        return JSONResponse({"message": "too large"}, status_code=413)
    body = await request.body()
    header = request.headers.get("gateway-signature", "")
    if not genuine(services.notification_secret, header, body, services.clock()):
        return JSONResponse({"message": "not signed by the gateway"}, status_code=401)
    try:
        told = Notification.model_validate_json(body)
    except ValidationError:
        return JSONResponse({"message": "not a notification we know"}, status_code=400)
    command = AuthenticationResult(
        command_id=told.authentication, authentication=told.authentication, authenticated=told.authenticated
    )
    try:
        taken = await services.engine.notify(told.payment_intent, command)
    except EngineUnavailable:
        return JSONResponse({"message": "not now"}, status_code=503)
    return JSONResponse({"taken": taken})
