"""What Stripe's CLI is told: that it may listen, what has happened, and what was asked of the API."""

from typing import Any

import orjson

from domain.model.hashes import JsonObject
from domain.webhooks import SigningSecret, signature_header
from rendering.schema_words import BOOLEAN, INTEGER, STRING, object_without_id

SESSION = "stripecli_session"

CLI_SESSION = object_without_id(
    SESSION,
    default_version=STRING,
    device_token=STRING,
    display_connect_filter_warning=BOOLEAN,
    latest_version=STRING,
    reconnect_delay=INTEGER,
    secret=STRING,
    websocket_authorized_feature=STRING,
    websocket_id=STRING,
    websocket_url=STRING,
)

SENT_AS = {
    "Accept": "*/*; q=0.5, application/xml",
    "Cache-Control": "no-cache",
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}
"""How the CLI is to send it on: as we would, who are not on that machine."""


def webhook_event(
    body: bytes, version: str | None, listener: str, conversation: str, secret: str, now: int
) -> JsonObject:
    """An event, as the bytes that are signed. `version` None is the account's own."""
    signature = signature_header([SigningSecret(secret=secret)], body, now)
    return {
        "type": "webhook_event",
        "endpoint": {"api_version": version},
        "event_payload": body.decode(),
        "http_headers": {**SENT_AS, "Stripe-Signature": signature},
        "webhook_conversation_id": conversation,
        "webhook_id": listener,
    }


def request_log_event(row: Any) -> JsonObject:
    """A request, without what was sent and answered."""
    error = {"type": row.error_type, "code": row.error_code, "decline_code": row.decline_code,
             "message": row.error_message}  # fmt: skip
    payload = {
        "created_at": row.created,
        "error": {name: value for name, value in error.items() if value},
        "livemode": row.livemode,
        "method": row.method,
        "request_id": row.id,
        "status": row.status,
        "url": row.path,
    }
    return {
        "type": "request_log_event",
        "event_payload": orjson.dumps(payload).decode(),
        "request_log_id": f"resp_{row.id.removeprefix('req_')}",
    }
