"""uvicorn's HTTP protocol with bounds: a connection that sends too much, too slowly, or reads too slowly, is ended.

uvicorn itself has no limit on a head or the time for it, and its parser joins the pieces of a header by copying them:
one endless header held up everybody else for seconds. What a request means is the application's business, not ours.
"""

import asyncio
import http
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from serving.bounds import Bounds

PIECE_BYTES = 16_384
"""What the parser is given at a time. A read may be 256 KiB: of pipelined requests, or of headers, too much at once."""

STALE_SECONDS = 1.0
LOOKED_AT_MAX = 256
"""When there are too many connections, one of so many makes room: first one that has been sending for this long."""

BODIES = (b"content-length", b"transfer-encoding")
"""The headers of a request that has a body."""

Headers = list[tuple[bytes, bytes]]
Says = Callable[[int, str], tuple[Headers, bytes]]
"""The headers and the body of an answer with this status and this message."""


def plainly(status: int, message: str) -> tuple[Headers, bytes]:
    """As text."""
    del status
    return [(b"content-type", b"text/plain; charset=utf-8")], message.encode()


def worded(status: int, default: Headers, headers: Headers, body: bytes) -> bytes:
    """The last answer on a connection."""
    lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in [*default, *headers]]
    lines += [b"content-length: " + str(len(body)).encode(), b"connection: close", b"", body]
    return b"\r\n".join(lines)


class Phase(Enum):
    """How much of a request has arrived."""

    IDLE = "nothing"
    HEAD = "a part of its head"
    BODY = "its head, and a part of its body"
    WHOLE = "everything; it is being answered"


@dataclass(slots=True)
class Unfinished:
    """How many bytes a server holds of requests that have not arrived whole."""

    held: int = 0


class _Refused(Exception):
    """Raised in a callback of the parser, to make it stop."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Made by `bounded`, which says what its bounds are and how a refusal is worded."""

    bounds: ClassVar[Bounds] = Bounds()
    says = staticmethod(plainly)
    unfinished: ClassVar[Unfinished] = Unfinished()
    upgraded: ClassVar[Collection[bytes]] = ()
    """The paths that are spoken to by WebSocket (websockets.py). Anywhere else, a request is answered as it is."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Start with nothing received."""
        super().__init__(*arguments, **named)
        self.phase = Phase.IDLE
        self.since = self.loop.time()
        self.refused = False
        self._reason: tuple[int, str] | None = None
        self._fresh = True
        self._piece = 0
        self._received = 0
        self._share = 0
        self._held_back = 0.0
        self._unread_since: float | None = None
        self._unread = 0
        self._watching: asyncio.TimerHandle | None = None
        self._ending: asyncio.TimerHandle | None = None

    # What the transport tells.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Watch it from now on; if there are too many, one of them has to go."""
        super().connection_made(transport)
        self._watching = self.loop.call_later(self.bounds.watch_seconds, self._watch)
        if len(self.connections) > self.bounds.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch it no more."""
        super().connection_lost(exc)
        self._give_back()
        for timer in (self._watching, self._ending):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse it, in pieces, as long as it is within bounds."""
        self._unset_keepalive_if_required()
        if self.refused:
            self._drop(data)
        for start in range(0, len(data), PIECE_BYTES):
            if self._over():
                return
            piece = data if len(data) <= PIECE_BYTES else data[start : start + PIECE_BYTES]
            self._piece = len(piece)
            self._received += len(piece)
            try:
                self.parser.feed_data(piece)
            except httptools.HttpParserUpgrade:
                if self._should_upgrade():
                    self._hold_to_size()
                    self._hand_over()
                # To what is not here: the request is answered as it is.
                return
            except httptools.HttpParserError:
                self.refuse(*(self._reason or (400, "Invalid HTTP request.")))
                return
            self._hold_to_size()

    def resume_writing(self) -> None:
        """Somebody reads: the time for the rest begins anew."""
        super().resume_writing()
        self._unread_since = None

    def shutdown(self) -> None:
        """Stop: what is being answered is, and whoever is still sending, or not reading, is left."""
        if self.refused:
            self.transport.abort()
        elif self.phase is Phase.BODY and self._waiting_for_body():
            self.refuse(503, "The server is stopping; send the request again.")
        else:
            super().shutdown()
        self._end_within(self.bounds.linger_seconds, only_if_closing=True)

    # What the parser tells.
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._received = self._piece
        self._enter(Phase.HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One more header, or one after a body in chunks."""
        if len(self.headers) >= self.bounds.headers:
            raise self._because(431, f"The request has too many headers; the limit is {self.bounds.headers}.")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request to the application, which may ask for its body."""
        if len(self.pipeline) >= self.bounds.pipelined:
            raise self._because(429, "There are too many requests at once on this connection.")
        if self.parser.should_upgrade() and any(name in BODIES and value != b"0" for name, value in self.headers):
            # The parser would take the body for the other protocol, and the request for one without.
            raise self._because(400, "The connection cannot be upgraded: send the request without an Upgrade header.")
        super().on_headers_complete()
        if self._should_upgrade():
            if not self._answerable():
                raise self._because(400, "The connection cannot be upgraded before it has its answers.")
            return
        self._fresh = False
        self._enter(Phase.BODY)

    def on_message_complete(self) -> None:
        """All of the request is here."""
        super().on_message_complete()
        if self._should_upgrade():
            return
        self._enter(Phase.IDLE if self.cycle.response_complete else Phase.WHOLE)
        self._received = 0

    def on_response_complete(self) -> None:
        more = bool(self.pipeline)
        super().on_response_complete()
        if self.phase is Phase.WHOLE and not more:
            self._enter(Phase.IDLE)

    # A WebSocket.
    def _should_upgrade(self) -> bool:
        if not self.upgraded or not self.parser.should_upgrade() or self.parser.get_method() != b"GET":
            return False
        return self.url.partition(b"?")[0] in self.upgraded and super()._should_upgrade()

    def _hand_over(self) -> None:
        """To who speaks it, which watches the connection from now on."""
        if self.refused:
            return
        if sum(not isinstance(one, BoundedProtocol) for one in self.connections) >= self.bounds.websockets:
            self.refuse(503, "There are too many WebSockets.")
            return
        self._give_back()
        if self._watching is not None:
            self._watching.cancel()
        self.handle_websocket_upgrade()

    # What is made of it.
    def refuse(self, status: int, message: str, *, patient: bool = True, after_seconds: float = 0.0) -> None:
        """Say no, where an answer is possible, and end the connection; what is still on its way is read and dropped.

        Without `patient`, it is not; with `after_seconds`, the answer is held back, and nobody begins again at once.
        """
        if self.refused:
            return
        self.refused = True
        self._give_back()
        if not self._answerable():
            self.transport.abort()
            return
        if self._waiting_for_body():
            # For the application, the client has gone.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if after_seconds:
            self.flow.pause_reading()
            self._ending = self.loop.call_later(after_seconds, self._say_no, status, message)
        else:
            self._say_no(status, message, patient)

    def _say_no(self, status: int, message: str, patient: bool = True) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(worded(status, self.server_state.default_headers, *self.says(status, message)))
        if not patient:
            self.transport.close()
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._end_within(self.bounds.linger_seconds)

    def _over(self) -> bool:
        return self.refused or self.transport.is_closing()

    def _drop(self, data: bytes) -> None:
        """What comes from somebody who was refused is not looked at, and there is an end to that, too."""
        self._received += len(data)
        if self._received > self.bounds.message_bytes:
            self.transport.abort()

    def _because(self, status: int, message: str) -> _Refused:
        self._reason = (status, message)
        return _Refused(message)

    def _enter(self, phase: Phase) -> None:
        self._give_back()
        self.phase, self.since, self._held_back = phase, self.loop.time(), 0.0

    def _waiting_for_body(self) -> bool:
        """Whether the application has the request that is arriving, and could not answer it yet."""
        return self.phase is Phase.BODY and not self.pipeline and not self.cycle.response_started

    def _answerable(self) -> bool:
        if self.transport.is_closing():
            return False
        if self.phase is Phase.BODY:
            return self._waiting_for_body()
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _hold_to_size(self) -> None:
        if self.phase in (Phase.IDLE, Phase.HEAD):
            if self._received > self.bounds.head_bytes:
                self.refuse(431, f"The request's head is too large; the limit is {self.bounds.head_bytes} bytes.")
        elif self._received > self.bounds.message_bytes:
            self.refuse(413, f"The request is too large; the limit is {self.bounds.message_bytes} bytes.")
        if self.phase in (Phase.HEAD, Phase.BODY) and not self.refused:
            self.unfinished.held += self._piece
            self._share += self._piece
            if self.unfinished.held > self.bounds.unfinished_bytes:
                self._make_room_for_bytes()

    def _watch(self) -> None:
        self._watching = self.loop.call_later(self.bounds.watch_seconds, self._watch)
        now = self.loop.time()
        if self._is_not_read(now):
            self.transport.abort()
        elif not self.refused:
            self._hold_to_time(now)

    def _hold_to_time(self, now: float) -> None:
        waited = now - self.since
        if self.phase is Phase.IDLE:
            if waited > (self.bounds.head_seconds if self._fresh else self.bounds.idle_seconds):
                self.transport.close()
        elif self.phase is Phase.HEAD:
            if waited > self.bounds.head_seconds:
                self.refuse(408, f"The request's head did not arrive within {self.bounds.head_seconds:g} seconds.")
        elif self.phase is Phase.BODY:
            if self.flow.read_paused:
                # It is not the client that lets us wait.
                self._held_back += self.bounds.watch_seconds
            if waited - self._held_back > self.bounds.body_seconds + self._received / self.bounds.bytes_a_second:
                self.refuse(408, "The request's body did not arrive in time.")

    def _is_not_read(self, now: float) -> bool:
        """Whether an answer lies here for longer than it may."""
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since, self._unread = now, unread
        else:
            allowed = self.bounds.write_seconds + self._unread / self.bounds.bytes_a_second
            return now - self._unread_since > allowed
        return False

    def _end_within(self, seconds: float, *, only_if_closing: bool = False) -> None:
        def end() -> None:
            if not only_if_closing or self.transport.is_closing():
                self.transport.abort()

        self._ending = self.loop.call_later(seconds, end)

    def _give_back(self) -> None:
        self.unfinished.held -= self._share
        self._share = 0

    def _make_room_for_bytes(self) -> None:
        """End the request that has been arriving for longest."""
        arriving = [one for one in self.connections if isinstance(one, BoundedProtocol) and one._share]
        longest = min(arriving, key=lambda one: one.since)
        text = "Too many requests are arriving at once; send it again."
        longest.refuse(503, text, after_seconds=self.bounds.put_off_seconds)

    def _make_room(self) -> None:
        """End the connection that has the least right to be here; this one, if the others are being answered."""
        now = self.loop.time()
        candidates = [
            other
            for other in islice(self.connections, LOOKED_AT_MAX)
            if isinstance(other, BoundedProtocol) and other is not self and not other.refused
        ]
        least = min((other for other in candidates if other.phase is not Phase.WHOLE), default=None,
                    key=lambda other: (not other.is_slow(now), other.since))  # fmt: skip
        if least is None:
            self.refuse(503, "There are too many connections.")
        else:
            least.give_way()

    def give_way(self) -> None:
        """End now, for others."""
        if self.phase is Phase.IDLE:
            self.refused = True
            self.transport.abort()
        else:
            self.refuse(408, "The request did not arrive in time, and others wait.", patient=False)

    def is_slow(self, now: float) -> bool:
        """Whether it has been sending a request, or not begun one at all, for longer than anybody needs."""
        sending = self.phase in (Phase.HEAD, Phase.BODY) or self._fresh
        return sending and now - self.since > STALE_SECONDS


def bounded(bounds: Bounds, says: Says = plainly, upgraded: Collection[str] = ()) -> type[BoundedProtocol]:
    """The protocol with these bounds, for uvicorn's `http`."""
    its = {"bounds": bounds, "says": staticmethod(says), "unfinished": Unfinished()}
    paths = frozenset(path.encode() for path in upgraded)
    return type("BoundedProtocol", (BoundedProtocol,), {**its, "upgraded": paths})
