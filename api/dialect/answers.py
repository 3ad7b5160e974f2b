"""Answers: JSON as Stripe prints it, with the headers Stripe sends."""

from starlette.responses import Response

from api.dialect.errors import StripeError
from rendering.printing import to_json

COMMON_HEADERS = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, "
    "X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required",
    "Access-Control-Max-Age": "300",
    "Cache-Control": "no-cache, no-store",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
}

_COMMON = [(name.lower().encode(), value.encode()) for name, value in COMMON_HEADERS.items()]
"""As they are sent: an answer has nine of them, and does not encode them anew."""


def answer(
    status: int,
    body: bytes,
    request_id: str,
    version: str | None,
    more: dict[str, str],
    media_type: str = "application/json",
) -> Response:
    """The HTTP response."""
    headers = {"Request-Id": request_id, **more}
    if version:
        headers["Stripe-Version"] = version
    response = Response(body, status_code=status, media_type=media_type, headers=headers)
    response.raw_headers += _COMMON
    return response


def attachment(status: int, body: bytes, request_id: str, version: str | None, more: dict[str, str]) -> Response:
    """The HTTP response that is a file: no browser is to make a page of what somebody has uploaded."""
    saved = {**more, "Content-Disposition": "attachment"}
    return answer(status, body, request_id, version, saved, "application/octet-stream")


def error_answer(error: StripeError, request_id: str, version: str | None, more: dict[str, str]) -> Response:
    """The HTTP response for an error."""
    return answer(error.status, to_json(error.body()), request_id, version, {**more, **error.headers})
