"""A request that comes from inside this process: through the same door, without a socket."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import orjson

from api.dialect.pipeline import ADDRESS
from domain.model.hashes import JsonObject
from temporal.nexus import Answered, Ask

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""As servers call it (ASGI)."""

NOBODY = ("nexus", 0)
"""Who asks, where a peer's address stands otherwise."""


def requester(application: Application, key: str, url: str) -> Ask:
    """What sends requests to `application` with an API key, as if to `url`, where buyers reach its pages."""

    async def ask(path: str, idempotency_key: str, parameters: JsonObject) -> Answered:
        body = orjson.dumps(parameters)
        sent = {"authorization": f"Bearer {key}", "idempotency-key": idempotency_key,
                "content-type": "application/json", "content-length": str(len(body))}  # fmt: skip
        return await _post(application, url, path, sent, body)

    return ask


async def _post(application: Application, url: str, path: str, sent: dict[str, str], body: bytes) -> Answered:
    parts = urlsplit(url)
    headers = [(name.encode(), value.encode()) for name, value in {**sent, "host": parts.netloc}.items()]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
             "scheme": parts.scheme, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
             "headers": headers, "client": NOBODY, "server": NOBODY, ADDRESS: url}  # fmt: skip
    begun: JsonObject = {}
    answer = bytearray()

    async def receive() -> JsonObject:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
        else:
            answer.extend(message.get("body", b""))

    await application(scope, receive, send)
    told = {name.lower(): value for name, value in begun["headers"]}
    again = told.get(b"stripe-should-retry") == b"true"
    return Answered(begun["status"], orjson.loads(bytes(answer)), again)
