"""What a WebSocket may take, from both sides of each limit, over real sockets on the server that is shipped."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.frames import Close, CloseCode, Frame, Opcode

from api.__main__ import says
from serving.apart import Apart, Internal
from serving.bounds import Bounds
from serving.hosts import KnownHosts
from serving.server import configured
from serving.server import serving as served
from tests.serving.test_protocol import QUICK, Client

PATH = "/socket"
HANDSHAKE = {
    "host": "a", "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


class Application:
    """Sends back what it is sent by WebSocket, and answers requests. `hold` keeps it from accepting anybody."""

    def __init__(self) -> None:
        self.hold: asyncio.Event | None = None
        self.taken: list[str] = []
        self.ended: list[int] = []
        self.flood = 0
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.paths.append(scope["path"])
            if self.hold is not None:
                await self.hold.wait()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"ok"})
        elif scope["type"] == "websocket":
            await self._speak(receive, send)

    async def _speak(self, receive: Any, send: Any) -> None:
        if self.hold is not None:
            await self.hold.wait()
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        for _ in range(self.flood):
            await send({"type": "websocket.send", "text": "." * 65_536})
        while (message := await receive())["type"] != "websocket.disconnect":
            self.taken.append(message["text"])
            await send({"type": "websocket.send", "text": message["text"][:100]})
        self.ended.append(message["code"])


class Caller(Client):
    """A client that speaks WebSocket, as badly as it is told."""

    async def shake(self, path: str = PATH, method: str = "GET", /, **more: str | None) -> bytes:
        """Ask for an upgrade; the head of the answer, and the body of a refusal."""
        headers = {**HANDSHAKE, **{name.replace("_", "-"): value for name, value in more.items()}}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value)]
        await self.send("\r\n".join([*lines, "", ""]).encode())
        async with asyncio.timeout(60):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
            return head + await self.reader.readexactly(int(length.split(b":")[1]))

    async def frame(self, opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> None:
        await self.send(Frame(opcode, data, fin).serialize(mask=True))

    async def next(self) -> tuple[Opcode, bytes]:
        """The next frame."""
        async with asyncio.timeout(60):
            first, second = await self.reader.readexactly(2)
            length = second & 127
            if length > 125:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
            return Opcode(first & 15), await self.reader.readexactly(length)

    async def closed(self) -> int:
        """Read until it says that it ends, and why."""
        while True:
            opcode, data = await self.next()
            if opcode is Opcode.CLOSE:
                return int(Close.parse(data).code)


class Stage:
    def __init__(self, app: Application, address: tuple[str, int], server: Any) -> None:
        self.app, self._address, self.server = app, address, server
        self._callers: list[Caller] = []

    async def connect(self) -> Caller:
        caller = Caller(*await asyncio.open_connection(*self._address, limit=2**20))
        self._callers.append(caller)
        return caller

    async def speaking(self) -> Caller:
        caller = await self.connect()
        assert (await caller.shake()).startswith(b"HTTP/1.1 101")
        return caller

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)

    def held(self) -> set[int]:
        """How many bytes there are of what has not arrived, of all together."""
        return {one.unfinished.held for one in self.server.server_state.connections}

    def nobody(self) -> bool:
        return not self.server.server_state.connections

    async def close(self) -> None:
        for caller in self._callers:
            caller.writer.close()


@asynccontextmanager
async def stage(wrap: Any = None, pong_seconds: float | None = None, **bounds: Any) -> AsyncIterator[Stage]:
    app = Application()
    limits = Bounds(**{**QUICK, **bounds})
    config = configured(wrap(app) if wrap else app, "127.0.0.1", 0, says=says, bounds=limits, websockets=[PATH])
    config.ws_ping_timeout = pong_seconds or config.ws_ping_timeout
    async with served(config) as server:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        made = Stage(app, (host, port), server)
        try:
            yield made
        finally:
            await made.close()


async def test_messages_go_both_ways_and_pings_are_answered() -> None:
    async with stage() as on:
        caller = await on.speaking()
        await caller.frame(Opcode.TEXT, b"a", fin=False)
        await caller.frame(Opcode.PING, b"there?")
        assert await caller.next() == (Opcode.PONG, b"there?")
        await caller.frame(Opcode.CONT, b"b")
        assert await caller.next() == (Opcode.TEXT, b"ab")
        await caller.frame(Opcode.CLOSE, Close(1000, "").serialize())
        assert await caller.closed() == 1000
        await on.until(on.nobody)
        assert on.app.ended == [1000]


@pytest.mark.parametrize(("path", "method"), [("/other", "GET"), (PATH, "POST")])
async def test_where_nobody_speaks_it_a_request_is_answered_as_it_is(path: str, method: str) -> None:
    async with stage() as on:
        answer = await (await on.connect()).shake(path, method)
        assert (answer.split(b"\r\n")[0], answer[-2:]) == (b"HTTP/1.1 200 OK", b"ok")
        assert on.app.paths == [path]


@pytest.mark.parametrize("path", [f"{PATH}?feature=webhooks", f"{PATH}?"])
async def test_a_query_is_no_part_of_the_path(path: str) -> None:
    async with stage() as on:
        assert (await (await on.connect()).shake(path)).startswith(b"HTTP/1.1 101")


async def test_a_message_of_the_largest_size_is_taken_and_one_that_is_larger_ends_it() -> None:
    async with stage(websocket_bytes=1_000) as on:
        caller = await on.speaking()
        await caller.frame(Opcode.TEXT, b"x" * 1_000)
        assert await caller.next() == (Opcode.TEXT, b"x" * 100)
        await caller.frame(Opcode.TEXT, b"x" * 600, fin=False)
        await caller.frame(Opcode.CONT, b"x" * 401)
        assert await caller.closed() == CloseCode.MESSAGE_TOO_BIG
        await on.until(on.nobody)
        assert len(on.app.taken) == 1


async def test_no_more_than_so_much_is_held_of_what_has_not_arrived() -> None:
    async with stage(unfinished_bytes=1_500) as on:
        first, second = await on.speaking(), await on.speaking()
        await first.frame(Opcode.TEXT, b"x" * 1_000, fin=False)
        await on.until(lambda: on.held() == {1_000})
        await second.frame(Opcode.TEXT, b"x" * 1_000, fin=False)
        assert await first.closed() == CloseCode.TRY_AGAIN_LATER, "it has been sending for longest"
        await second.frame(Opcode.CONT, b"x")
        assert await second.next() == (Opcode.TEXT, b"x" * 100)
        second.writer.close()
        await on.until(on.nobody)


async def test_as_many_as_it_takes_make_room_for_bytes() -> None:
    async with stage(unfinished_bytes=1_500) as on:
        slow = [await on.speaking() for _ in range(5)]
        for number, one in enumerate(slow):
            await one.frame(Opcode.TEXT, b"x" * 100, fin=False)
            await on.until(lambda held=100 * (number + 1): held in on.held())
        last = await on.speaking()
        await last.frame(Opcode.TEXT, b"x" * 1_250, fin=False)
        for one in slow[:3]:
            assert await one.closed() == CloseCode.TRY_AGAIN_LATER
        await on.until(lambda: on.held() == {1_450})
        for one in (*slow[3:], last):
            await one.frame(Opcode.CONT, b"x")
            assert (await one.next())[0] is Opcode.TEXT
        assert on.held() == {0}


@pytest.mark.parametrize("frame", [Frame(Opcode.TEXT, b"x" * 50, True), Frame(Opcode.TEXT, b"", False)])
async def test_a_message_that_does_not_end_ends_the_connection(frame: Frame) -> None:
    async with stage(body_seconds=0.2) as on:
        caller = await on.speaking()
        await caller.send(frame.serialize(mask=True)[: 30 if frame.fin else None])
        assert await caller.closed() == CloseCode.POLICY_VIOLATION
        await on.until(on.nobody)
        assert on.app.taken == []


async def test_who_says_nothing_is_no_slow_sender() -> None:
    async with stage(body_seconds=0.1, ping_seconds=0.3, pong_seconds=60) as on:
        caller = await on.speaking()
        for _ in range(3):
            opcode, data = await caller.next()
            assert opcode is Opcode.PING
            await caller.frame(Opcode.PONG, data)
        await caller.frame(Opcode.TEXT, b"here")
        assert await caller.next() == (Opcode.TEXT, b"here")


async def test_who_does_not_answer_pings_is_gone() -> None:
    async with stage(ping_seconds=0.1) as on:
        caller = await on.speaking()
        assert await caller.closed() == CloseCode.INTERNAL_ERROR
        await on.until(on.nobody)


async def test_as_many_frames_a_second_as_allowed_and_no_more() -> None:
    async with stage(websocket_frames_a_second=50) as on:
        caller = await on.speaking()
        await caller.send(Frame(Opcode.PING, b"", True).serialize(mask=True) * 1_000)
        assert await caller.closed() == CloseCode.POLICY_VIOLATION
        await on.until(on.nobody)


async def test_who_does_not_read_is_left_and_the_application_told() -> None:
    async with stage(write_seconds=0.2, bytes_a_second=10**9) as on:
        on.app.flood = 1_000
        await on.speaking()
        await on.until(on.nobody)
        assert on.app.taken == []


async def test_who_asks_by_pings_and_does_not_read_the_answers_is_left() -> None:
    async with stage(websocket_frames_a_second=10**9, websocket_bytes=1_000, head_bytes=20_000) as on:
        caller = await on.speaking()
        pings = Frame(Opcode.PING, b"x" * 125, True).serialize(mask=True) * 100
        async with asyncio.timeout(60):
            while not on.nobody():
                await caller.send(pings)
        assert on.nobody()


async def test_so_many_at_once_and_requests_go_on() -> None:
    async with stage(websockets=2) as on:
        first, _ = await on.speaking(), await on.speaking()
        answer = await (await on.connect()).shake()
        assert answer.startswith(b"HTTP/1.1 503")
        assert json.loads(answer.split(b"\r\n\r\n")[1])["error"]["message"] == "There are too many WebSockets."
        assert (await (await on.connect()).shake("/other")).startswith(b"HTTP/1.1 200")
        first.writer.close()
        await on.until(lambda: on.app.ended)
        await on.speaking()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"sec_websocket_key": None}, 400),
        ({"sec_websocket_key": "short"}, 400),
        ({"sec_websocket_version": "8"}, 400),
        ({"x": "y" * 9_000}, 400),
        ({"x": "y" * 70_000}, 431),
        ({"content_length": "1"}, 400),
        ({"transfer_encoding": "chunked"}, 400),
    ],
)
async def test_a_handshake_that_is_none(more: dict[str, str | None], status: int) -> None:
    async with stage() as on:
        answer = await (await on.connect()).shake(**more)
        assert answer.startswith(b"HTTP/1.1 %d" % status)
        await on.until(on.nobody)
        assert on.app.ended == []


async def test_an_upgrade_waits_for_no_answers() -> None:
    async with stage() as on:
        on.app.hold = asyncio.Event()
        caller = await on.connect()
        upgrade = "\r\n".join([f"GET {PATH} HTTP/1.1", *(f"{n}: {v}" for n, v in HANDSHAKE.items()), "", ""])
        await caller.send(b"GET /first HTTP/1.1\r\nhost: a\r\n\r\n" + upgrade.encode())
        assert b"101" not in await caller.ended()
        on.app.hold.set()
        await on.until(on.nobody)
        assert on.app.paths == ["/first"]


async def test_who_waits_too_long_for_a_yes_is_told() -> None:
    async with stage(head_seconds=0.2) as on:
        on.app.hold = asyncio.Event()
        caller = await on.connect()
        assert (await caller.shake()).startswith(b"HTTP/1.1 503")
        await on.until(on.nobody)
        on.app.hold.set()


async def test_nothing_is_read_before_the_yes() -> None:
    async with stage() as on:
        on.app.hold = asyncio.Event()
        caller = await on.connect()
        shaking = asyncio.create_task(caller.shake())
        await on.until(lambda: any(getattr(one, "read_paused", False) for one in on.server.server_state.connections))
        await caller.frame(Opcode.TEXT, b"early")
        on.app.hold.set()
        assert (await shaking).startswith(b"HTTP/1.1 101")
        assert await caller.next() == (Opcode.TEXT, b"early")


async def test_a_server_that_stops_says_so_and_waits_for_nobody() -> None:
    async with stage() as on:
        caller = await on.speaking()
        on.server.should_exit = True
        assert await caller.closed() == CloseCode.SERVICE_RESTART
        await on.until(on.nobody)


async def test_a_name_that_is_not_ours_and_a_port_that_has_no_such_path_refuse_it() -> None:
    async with stage(lambda app: KnownHosts(app, ["localhost"], says, "Say its name.")) as on:
        assert (await (await on.connect()).shake()).startswith(b"HTTP/1.1 421")
        assert (await (await on.connect()).shake(host="localhost")).startswith(b"HTTP/1.1 101")
    paths = Internal(alone=(PATH,))
    async with stage(lambda app: Apart(app, paths, says, internal=False)) as on:
        answer = await (await on.connect()).shake()
        assert answer.startswith(b"HTTP/1.1 404")
        assert b"Unrecognized request URL (GET: /socket)." in answer
        await on.until(
            lambda: not any(type(one).__name__ == "BoundedWebSocket" for one in on.server.server_state.connections)
        )
