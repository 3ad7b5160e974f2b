"""uvicorn's WebSocket protocol with bounds: what a connection may take does not end with its upgrade.

uvicorn itself pauses a sender whose messages nobody takes, and gives up one that does not answer pings; it waits for
ever for a message that never ends and for a receiver that never reads, and answers pings that nobody counts.
"""

import asyncio
import logging
from typing import Any, ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from serving.bounds import Bounds
from serving.protocol import Says, Unfinished, plainly, worded

PIECE_BYTES = 4_096
"""What is looked at before frames are counted again: as many as 680 of the smallest."""

LINES = logging.getLogger("serving.websockets")
LINES.setLevel(logging.WARNING)
"""Where uvicorn writes who connected, with the whole URL; as for requests, nobody wants to know."""


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """One connection, once it was upgraded. Made by `bounded_websocket`."""

    bounds: ClassVar[Bounds] = Bounds()
    says = staticmethod(plainly)
    unfinished: ClassVar[Unfinished] = Unfinished()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Start with a handshake."""
        super().__init__(*arguments, **named)
        self.logger = LINES
        self.since = self.loop.time()
        self._share = 0
        self._frames = 0
        self._second = self.since
        self._unread_since: float | None = None
        self._unread = 0
        self._closing_since: float | None = None
        self._watching: asyncio.TimerHandle | None = None

    # What the transport tells.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Watch it from now on."""
        super().connection_made(transport)
        self._watching = self.loop.call_later(self.bounds.watch_seconds, self._watch)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch it no more."""
        super().connection_lost(exc)
        self._hold(0)
        if self._watching is not None:
            self._watching.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse it, in pieces, as long as it is within bounds."""
        for start in range(0, len(data), PIECE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE_BYTES])
            if self.conn.handshake_exc is not None and not self.handshake_initiated:
                self._refuse(400, "Invalid WebSocket handshake.")
            self._hold(self._partial)
        while self.unfinished.held > self.bounds.unfinished_bytes:
            self._make_room_for_bytes()
        if self.transport.get_write_buffer_size() > self.bounds.websocket_bytes + self.bounds.head_bytes:
            # It asks, by pings, and does not read the answers.
            self.transport.abort()

    def resume_writing(self) -> None:
        """Somebody reads: the time for the rest begins anew."""
        super().resume_writing()
        self._unread_since = None

    def shutdown(self) -> None:
        """Stop; who is not reading is left."""
        super().shutdown()
        self.loop.call_later(self.bounds.linger_seconds, self.transport.abort)

    # What the parser tells.
    def handle_connect(self, event: Any) -> None:
        """Hand it to the application; nothing more is read before that has said yes."""
        super().handle_connect(event)
        if not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def handle_text(self, event: Frame) -> None:
        self._count()
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self._count()
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        self._count()
        super().handle_cont(event)

    def handle_ping(self) -> None:
        self._count()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        self._count()
        super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """All of a message is here."""
        super().send_receive_event_to_app()
        self.since = self.loop.time()

    # What is made of it.
    @property
    def _partial(self) -> int:
        """How many bytes there are of a message that has not arrived whole."""
        return len(self.conn.reader.buffer) + sum(map(len, self.frames))

    def _hold(self, partial: int) -> None:
        if not partial and not self.frames:
            self.since = self.loop.time()
        self.unfinished.held += partial - self._share
        self._share = partial

    def _make_room_for_bytes(self) -> None:
        """End who has been sending a message for longest."""
        arriving = [one for one in self.connections if isinstance(one, BoundedWebSocket) and one._share]
        longest = min(arriving, key=lambda one: one.since)
        longest._fail(CloseCode.TRY_AGAIN_LATER, "too much is arriving at once")
        longest._hold(0)

    def _count(self) -> None:
        now = self.loop.time()
        if now - self._second >= 1:
            self._second, self._frames = now, 0
        self._frames += 1
        if self._frames > self.bounds.websocket_frames_a_second:
            self._fail(CloseCode.POLICY_VIOLATION, "too many messages at once")

    def _fail(self, code: CloseCode, reason: str) -> None:
        """Say why, and end it."""
        if self.transport.is_closing():
            return
        self.conn.fail(code, reason)
        if self.conn.close_sent is None:
            self.transport.abort()
        else:
            self.handle_parser_exception()

    def _refuse(self, status: int, message: str) -> None:
        self.close_sent = self.handshake_complete = True
        self.transport.write(worded(status, self.default_headers, *self.says(status, message)))
        self.transport.close()

    def _watch(self) -> None:
        self._watching = self.loop.call_later(self.bounds.watch_seconds, self._watch)
        now = self.loop.time()
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > self.bounds.linger_seconds:
                self.transport.abort()
        elif self._is_not_read(now):
            self.transport.abort()
        elif not self.handshake_complete:
            if now - self.since > self.bounds.head_seconds:
                self._refuse(503, "The server could not answer in time.")
        elif self._is_slow(now):
            self._fail(CloseCode.POLICY_VIOLATION, "the message did not arrive in time")

    def _is_slow(self, now: float) -> bool:
        """Whether a message takes longer than it may. Nobody is read from while the application is busy."""
        if self.read_paused:
            self.since += self.bounds.watch_seconds
        if not self._share and not self.frames:
            return False
        return now - self.since > self.bounds.body_seconds + self._share / self.bounds.bytes_a_second

    def _is_not_read(self, now: float) -> bool:
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since, self._unread = now, unread
        else:
            return now - self._unread_since > self.bounds.write_seconds + self._unread / self.bounds.bytes_a_second
        return False


def bounded_websocket(bounds: Bounds, says: Says = plainly) -> type[BoundedWebSocket]:
    """The protocol with these bounds, for uvicorn's `ws`."""
    its = {"bounds": bounds, "says": staticmethod(says), "unfinished": Unfinished()}
    return type("BoundedWebSocket", (BoundedWebSocket,), its)
