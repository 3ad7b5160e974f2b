"""The request log of an API process: requests are noted here as they are answered, and written soon afterwards.

Nobody waits for it, and it never holds anybody up: to note a request is to put it into a queue with bounds, which is
written in batches. What does not fit is dropped, counted and said. What a row is made of is decided when it is written.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.dialect.masking import masked, masked_text
from api.dialect.request_lines import parsed
from domain.identifiers import ID_MAX
from domain.model.hashes import JsonObject
from observability import metrics
from observability.logs import logger
from records.accounts import ApiKey
from records.base import RecordsRefused, RecordsUnavailable
from records.request_log import LoggedRequest, packed_bodies

PAUSE_SECONDS = 0.5
"""How late a row may be."""

BATCH = 200
AT_ONCE = 8
"""Rows made without a breath: 1 ms, in which no request is looked at."""

WAITING_MAX = 10_000
WAITING_BYTES_MAX = 33_554_432
"""Of bodies that wait to be written: what a database that is away for a minute costs in memory at most."""

REQUEST_BYTES_MAX = 16_384
RESPONSE_BYTES_MAX = 32_768
"""Bodies that are larger are not kept: lists, most of them. The largest PaymentIntents of a test suite have 9 kB."""

AWAY_SECONDS = 2.0
CLOSE_SECONDS_MAX = 2.0

UNLOGGED = ("dashboard", "listeners", "request_logs", "stripecli")
"""Resources that are asked for again and again by pages and programs that watch, and change nothing."""

Write = Callable[[Sequence[LoggedRequest]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A request that was answered, with what has not been looked at yet: `sent` is decoded, `answered` JSON."""

    id: str
    key: ApiKey
    shown_key: str
    created: int
    method: str
    path: str
    operation: str
    named: str | None
    """The object in the path."""
    status: int
    seconds: float
    version: str | None
    idempotency_key: str | None
    original_request: str | None
    sent: JsonObject
    sent_bytes: int
    answered: bytes

    @property
    def size(self) -> int:
        """About how much memory it holds."""
        return self.sent_bytes + len(self.answered)


class RequestLog:
    """Requests that are to be written, and who writes them."""

    def __init__(self, write: Write, *, waiting_max: int = WAITING_MAX, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Write by `write`, at most `pause_seconds` after a request."""
        self._write, self._waiting_max, self._pause = write, waiting_max, pause_seconds
        self._waiting: deque[LogEntry] = deque()
        self._rows: deque[LoggedRequest] = deque()
        self._bytes = 0
        self._dropping = False

    @property
    def waiting(self) -> int:
        """How many are not written yet."""
        return len(self._waiting) + len(self._rows)

    def note(self, noted: LogEntry) -> None:
        """Keep this request in mind; if there is no room for it, drop it."""
        if self.waiting >= self._waiting_max or self._bytes + noted.size > WAITING_BYTES_MAX:
            metrics.REQUEST_LOG_LOST.labels("full").inc()
            if not self._dropping:
                self._dropping = True
                logger().warning("request log full", waiting=self.waiting, bytes=self._bytes)
            return
        self._waiting.append(noted)
        self._bytes += noted.size

    async def run(self) -> None:
        """Write until cancelled. A database that is away is waited for, as long as the queue has room."""
        pause = self._pause
        while True:
            await asyncio.sleep(pause)
            pause = self._pause if await self.write_some() else AWAY_SECONDS

    async def close(self) -> None:
        """Write what is left, if that does not take long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await self.write_some()
        if self.waiting:
            metrics.REQUEST_LOG_LOST.labels("closed").inc(self.waiting)
            logger().warning("request log not written", lost=self.waiting)

    async def write_some(self) -> bool:
        """Write what waits now, in batches; False if the database is away.

        Rows are made of everything first: what was sent, card numbers as well, is not kept for as long as that takes.
        """
        while self._waiting:
            self._make_rows()
            await asyncio.sleep(0)
        while self._rows:
            batch = [self._rows[index] for index in range(min(BATCH, len(self._rows)))]
            if not await self._written(batch):
                return False
            for row in batch:
                self._rows.popleft()
                self._bytes -= row.request_bytes + row.response_bytes
        self._dropping = False
        return True

    def _make_rows(self) -> None:
        began = time.thread_time()
        for _ in range(min(AT_ONCE, len(self._waiting))):
            noted = self._waiting.popleft()
            try:
                self._rows.append(row_of(noted))
            except Exception as error:
                # A fault of ours: one row must not keep all others from being written.
                self._bytes -= noted.size
                metrics.REQUEST_LOG_LOST.labels("failed").inc()
                logger().error("request log failed", request=noted.id, why=type(error).__name__)
        metrics.REQUEST_LOG_SECONDS.inc(time.thread_time() - began)

    async def _written(self, batch: Sequence[LoggedRequest]) -> bool:
        try:
            await self._write(batch)
            metrics.REQUEST_LOG_WRITTEN.inc(len(batch))
        except RecordsUnavailable:
            return False
        except RecordsRefused as error:
            if len(batch) > 1:
                # One that cannot be stored is not to take the others with it.
                return all([await self._written([row]) for row in batch])
            metrics.REQUEST_LOG_LOST.labels("refused").inc()
            logger().error("request log refused", request=batch[0].id, why=str(error))
        return True


def row_of(noted: LogEntry) -> LoggedRequest:
    """The row of a request."""
    answered = parsed(noted.answered)
    error = answered.get("error")
    failed: JsonObject = error if isinstance(error, dict) else {}
    object_id = _id(noted.named) or _id(answered.get("id"))
    payment = _payment(failed.get("payment_intent"), answered.get("payment_intent"), object_id)
    return LoggedRequest(
        id=noted.id,
        account=noted.key.account,
        livemode=noted.key.livemode,
        created=noted.created,
        method=noted.method,
        path=masked_text(noted.path),
        operation=noted.operation,
        status=noted.status,
        duration_ms=round(noted.seconds * 1_000),
        api_version=noted.version,
        key=noted.shown_key,
        key_kind=noted.key.kind,
        idempotency_key=noted.idempotency_key,
        original_request=noted.original_request,
        error_type=_text(failed.get("type")),
        error_code=_text(failed.get("code")),
        decline_code=_text(failed.get("decline_code")),
        error_message=_text(failed.get("message")),
        object_id=object_id,
        payment_intent=None if payment == object_id else payment,
        request_bytes=noted.sent_bytes,
        response_bytes=len(noted.answered),
        bodies=_bodies(noted, answered),
    )


def _payment(*candidates: Any) -> str | None:
    """The first of them that is a PaymentIntent's id, or a PaymentIntent."""
    ids = (_id(each) for each in candidates)
    return next((id_ for id_ in ids if id_ and id_.startswith("pi_")), None)


def _bodies(noted: LogEntry, answered: JsonObject) -> bytes | None:
    # What a GET has shown can be read again, and is most of what is answered.
    is_read = noted.method == "GET" and noted.status < 400
    answer = None if is_read else _kept(answered, len(noted.answered), RESPONSE_BYTES_MAX)
    return packed_bodies(_kept(noted.sent, noted.sent_bytes, REQUEST_BYTES_MAX), answer)


def _id(found: Any) -> str | None:
    """An id, or that of an object; a client secret is none."""
    id_ = found.get("id") if isinstance(found, dict) else found
    return _storable(masked_text(id_[:ID_MAX])) if isinstance(id_, str) else None


def _text(found: Any) -> str | None:
    return _storable(masked_text(found)) if isinstance(found, str) else None


def _storable(text: str) -> str:
    """Without what PostgreSQL does not keep in a text."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def _kept(body: JsonObject, size: int, size_max: int) -> bytes | None:
    if size > size_max:
        return None
    try:
        return orjson.dumps(masked(body))
    except (orjson.JSONEncodeError, RecursionError):
        return None
