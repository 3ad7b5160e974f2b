"""The codec endpoint: Temporal's Web UI and command line ask here for payloads in the clear. It takes the token.

Temporal's remote codec protocol. The token comes as `Authorization: Bearer …` (the command line's `--codec-auth`), or
in a cookie that `GET /codec/login` sets for a browser, once somebody has typed the token there.
"""

import hmac
from urllib.parse import parse_qs

from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from temporalio.api.common.v1 import Payloads

from api.pages.layout import page
from temporal.codec import EncryptedPayloads, KeyUnknown

PATH = "/codec"
COOKIE = "perdure_codec"
COOKIE_SECONDS = 12 * 3_600
BODY_BYTES_MAX = 20_000_000
LOGIN_BYTES_MAX = 1_000


class CodecEndpoint:
    """Decodes for who has the token; for everybody else it is not there."""

    def __init__(self, codec: EncryptedPayloads | None, token: str, ui_url: str) -> None:
        """Without keys or a token there is no endpoint; `ui_url` is whose browsers may ask."""
        self._codec = codec
        self._token = token
        self._headers = {
            "Access-Control-Allow-Origin": ui_url,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Headers": "content-type,x-namespace,authorization",
            "Access-Control-Allow-Methods": "POST",
            "Cache-Control": "no-store",
            "Vary": "Origin",
        }

    def preflight(self) -> Response:
        """A browser asks whether it may ask."""
        return Response(status_code=204, headers=self._headers)

    async def decode(self, request: Request) -> Response:
        """Payloads in the clear."""
        if self._codec is None or not self._token:
            return JSONResponse({"message": "Payloads are not encrypted here."}, status_code=404)
        if not self._knows(request):
            text = "Send the codec token: Authorization: Bearer …, or log in at /codec/login."
            return JSONResponse({"message": text}, status_code=401, headers=self._headers)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            return JSONResponse({"message": "too large"}, status_code=413, headers=self._headers)
        try:
            asked = json_format.Parse(await request.body(), Payloads())
            decoded = Payloads(payloads=await self._codec.decode(asked.payloads))
        except (json_format.ParseError, UnicodeDecodeError, KeyUnknown) as error:
            return JSONResponse({"message": str(error)}, status_code=400, headers=self._headers)
        return Response(json_format.MessageToJson(decoded), media_type="application/json", headers=self._headers)

    async def login(self, request: Request) -> Response:
        """Where somebody types the token, so that the Web UI of this machine can show payloads."""
        if request.method == "GET":
            return _form(None)
        length = request.headers.get("content-length", "")
        body = await request.body() if length.isdecimal() and int(length) <= LOGIN_BYTES_MAX else b""
        given = parse_qs(body.decode(errors="replace")).get("token", [""])[0]
        if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
            return _form("That is not the codec token.", 401)
        answer = RedirectResponse(f"{PATH}/login", status_code=303)
        answer.set_cookie(COOKIE, given, max_age=COOKIE_SECONDS, path=PATH, httponly=True, samesite="strict")
        return answer

    def _knows(self, request: Request) -> bool:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = bearer if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
        return hmac.compare_digest(given.encode(), self._token.encode())


def _form(problem: str | None, status: int = 200) -> HTMLResponse:
    alert = f'<p role="alert">{problem}</p>' if problem else ""
    text = "<p>Temporal's Web UI shows encrypted payloads once this browser has the codec token.</p>"
    field = '<label for="token">Codec token</label><input id="token" name="token" type="password" required>'
    return page("Read payloads", f'{text}{alert}<form method="post">{field}<button>Log in</button></form>', status)
