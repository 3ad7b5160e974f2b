"""What a request has sent, out of its query string and its body: a form, JSON, or a file."""

from starlette.requests import Request

from api.dialect import forms, multipart
from api.dialect.errors import invalid_request
from domain.model.hashes import JsonObject


async def decode(request: Request, *, takes_file: bool) -> JsonObject:
    """Query string and body in one, as Stripe mixes them; the body wins."""
    decoded = forms.decode_form(request.scope.get("query_string", b""))
    if request.method not in ("POST", "DELETE"):
        return decoded
    given = request.headers.get("content-type", "")
    kind = given.split(";")[0].strip().lower()
    upload = takes_file and kind == "multipart/form-data"
    most = multipart.REQUEST_BYTES_MAX if upload else forms.BODY_BYTES_MAX
    error = multipart.too_large if upload else forms.too_large
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise error()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise error()
    if kind == "application/json":
        return {**decoded, **forms.decode_json(bytes(body))} if body else decoded
    if upload:
        return {**decoded, **multipart.decode(given, bytes(body))}
    if kind == "multipart/form-data":
        raise invalid_request("Invalid request: send application/x-www-form-urlencoded, not multipart/form-data.")
    return {**decoded, **forms.decode_form(bytes(body))}
