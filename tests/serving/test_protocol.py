"""What a connection may take, from both sides of each limit, over real sockets on the server that is shipped."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from api.__main__ import says
from serving.bounds import Bounds
from serving.protocol import BoundedProtocol, Phase
from serving.server import configured
from serving.server import serving as served

QUICK = {
    "watch_seconds": 0.05, "linger_seconds": 0.2, "put_off_seconds": 0.2, "head_seconds": 100.0, "body_seconds": 100.0,
}  # fmt: skip
"""Looked at often, so that nobody waits long for a test; and no machine is so busy that somebody seems slow who is not.
"""


class Application:
    """Answers each request with what it was sent; `hold` keeps it from answering, `large` is added to its answer."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.cut_off = 0
        self.hold: asyncio.Event | None = None
        self.early = False
        self.large = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", not self.early
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.cut_off += 1
                return
            body, more = body + message["body"], message["more_body"]
        self.seen.append(scope["method"].encode() + b" " + scope["raw_path"] + b" " + body)
        if self.hold is not None:
            await self.hold.wait()
        answer = body + b"." * self.large
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            await self.writer.drain()
        except ConnectionError:
            return

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next one: its status, headers and body."""
        async with asyncio.timeout(60):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            return int(head[0].split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def ended(self) -> bytes:
        """Wait until the other side has ended it; what came before."""
        async with asyncio.timeout(60):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


class Stage:
    """A server with bounds, and connections to it."""

    def __init__(self, app: Application, address: tuple[str, int], server: Any) -> None:
        self.app, self._address, self.server = app, address, server
        self._clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection(*self._address, limit=2**20))
        self._clients.append(client)
        return client

    async def ask(self, data: bytes = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n") -> tuple[int, dict[str, str], bytes]:
        client = await self.connect()
        await client.send(data)
        return await client.answer()

    @property
    def arriving(self) -> int:
        """How many bytes there are of requests that have not arrived whole."""
        return self.connections[0].unfinished.held

    @property
    def connections(self) -> list[BoundedProtocol]:
        return [one for one in self.server.server_state.connections if isinstance(one, BoundedProtocol)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)

    async def later(self, seconds: float) -> None:
        """As if so much time had passed for every connection; each has been looked at since, as this loop's timers come
        in their order, however late."""
        for one in self.connections:
            one.since -= seconds
        await asyncio.sleep(2 * QUICK["watch_seconds"])

    async def close(self) -> None:
        for client in self._clients:
            client.writer.close()


@asynccontextmanager
async def bounded(**bounds: Any) -> AsyncIterator[Stage]:
    app = Application()
    async with served(configured(app, "127.0.0.1", 0, says=says, bounds=Bounds(**{**QUICK, **bounds}))) as server:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        stage = Stage(app, (host, port), server)
        try:
            yield stage
        finally:
            await stage.close()


def error_in(answer: tuple[int, dict[str, str], bytes], status: int) -> dict[str, Any]:
    """The error hash of a refusal, which is as Stripe's are."""
    given, headers, body = answer
    assert given == status
    assert headers["content-type"] == "application/json"
    assert headers["request-id"].startswith("req_")
    assert headers["connection"] == "close"
    error: dict[str, Any] = json.loads(body)["error"]
    assert error["type"] == ("api_error" if status >= 500 else "invalid_request_error")
    return error


def head(size: int) -> bytes:
    """A request whose head has `size` bytes."""
    empty = b"GET / HTTP/1.1\r\nhost: a\r\nx: \r\n\r\n"
    return empty.replace(b"x: ", b"x: " + b"x" * (size - len(empty)))


async def test_a_head_may_have_so_many_bytes_and_no_more() -> None:
    async with bounded(head_bytes=40_000) as stage:
        assert (await stage.ask(head(40_000)))[0] == 200
        error = error_in(await stage.ask(head(40_001 + 16_384)), 431)
        assert "40000 bytes" in error["message"]
        assert len(stage.app.seen) == 1


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nx: ", b"GET /", b"GET / HTTP/1.1\r\n", b"\r\n"])
async def test_an_endless_head_is_cut_off_and_not_kept(start: bytes) -> None:
    async with bounded() as stage:
        client = await stage.connect()
        await client.send(start)
        more = b"a: b\r\n" if start.endswith(b"1.1\r\n") else b"\r\n" if start == b"\r\n" else b"a"
        answering, sent = asyncio.create_task(client.answer()), 0
        while not answering.done() and sent < 50_000_000:
            await client.send(more * 50_000)
            sent += len(more) * 50_000
            await asyncio.sleep(0)
        error_in(await answering, 431)
        while not client.writer.transport.is_closing() and sent < 50_000_000:
            await client.send(more * 50_000)
            sent += len(more) * 50_000
        assert sent < 50_000_000, "what is dropped has an end as well"
        assert stage.app.seen == []


async def test_so_many_headers_and_no_more() -> None:
    async with bounded(headers=20) as stage:
        many = b"".join(b"x-%d: y\r\n" % number for number in range(19))
        assert (await stage.ask(b"GET / HTTP/1.1\r\nhost: a\r\n" + many + b"\r\n"))[0] == 200
        answer = await stage.ask(b"GET / HTTP/1.1\r\nhost: a\r\n" + many + b"one-more: y\r\n\r\n")
        assert "the limit is 20" in error_in(answer, 431)["message"]
        # And not behind a body in chunks either.
        trailers = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + many * 2
        assert (await stage.ask(trailers))[0] == 431
        assert len(stage.app.seen) == 1


async def test_a_request_may_have_so_many_bytes_in_all() -> None:
    async with bounded(message_bytes=100_000) as stage:
        start = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
        assert (await stage.ask(start + b"1\r\nx\r\n" * 15_000 + b"0\r\n\r\n"))[2] == b"x" * 15_000
        client = await stage.connect()
        await client.send(start + b"1\r\nx\r\n" * 30_000)
        error_in(await client.answer(), 413)
        await client.ended()
        assert len(stage.app.seen) == 1
        await stage.until(lambda: stage.app.cut_off == 1)


async def test_all_that_are_arriving_have_so_many_bytes_together() -> None:
    async with bounded(unfinished_bytes=300_000) as stage:
        start = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n"
        clients = [await stage.connect() for _ in range(5)]
        for client in clients:
            await client.send(start + b"x" * 80_000)
            await asyncio.sleep(0.02)
        for client in clients[:2]:
            answer = await client.answer()
            error_in(answer, 503)
            assert answer[1]["stripe-should-retry"] == "true"
        for client in clients[2:]:
            await client.send(b"x" * 20_000)
            assert (await client.answer())[0] == 200
        await stage.until(lambda: stage.app.cut_off == 2)
        assert {one.unfinished.held for one in stage.connections} <= {0}
        assert (await stage.ask(start + b"x" * 100_000))[0] == 200


async def test_what_is_sent_behind_an_answer_that_came_early_is_bounded_too() -> None:
    async with bounded(message_bytes=100_000) as stage:
        stage.app.early = True
        client = await stage.connect()
        await client.send(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n")
        assert (await client.answer())[0] == 200
        for _ in range(100):
            await client.send(b"x" * 65_536)
        assert await client.ended() == b""


async def test_a_head_that_dribbles_is_cut_off_and_a_slow_one_is_not() -> None:
    async with bounded() as stage:
        slow = await stage.connect()
        await slow.send(b"GET / HT")
        await stage.until(lambda: {one.phase for one in stage.connections} == {Phase.HEAD})
        await stage.later(60)
        await slow.send(b"TP/1.1\r\n\r\n")
        assert (await slow.answer())[0] == 200
        dribbling = await stage.connect()
        await dribbling.send(b"GET / HTTP/1.1\r\nx: ")
        answering = asyncio.create_task(dribbling.answer())
        while not answering.done():
            await dribbling.send(b"y")
            await stage.later(11)
        assert (await answering)[0] == 408
        assert len(stage.app.seen) == 1


async def test_a_head_that_stops_halfway_is_told_so() -> None:
    async with bounded() as stage:
        client = await stage.connect()
        await client.send(b"GET / HTTP/1.1\r\nx: y")
        await stage.until(lambda: {one.phase for one in stage.connections} == {Phase.HEAD})
        await stage.later(101)
        assert "100 seconds" in error_in(await client.answer(), 408)["message"]
        assert await client.ended() == b""


async def test_whoever_says_nothing_is_left_without_a_word() -> None:
    async with bounded(head_seconds=0.2) as stage:
        silent = await stage.connect()
        assert await silent.ended() == b""


async def test_a_body_that_stops_halfway_is_told_so_and_the_application_too() -> None:
    async with bounded(body_seconds=0.2) as stage:
        client = await stage.connect()
        await client.send(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        error_in(await client.answer(), 408)
        assert await client.ended() == b""
        await stage.until(lambda: stage.app.cut_off == 1)
        assert stage.app.seen == []


async def test_a_body_has_the_longer_the_more_of_it_has_come() -> None:
    async with bounded(bytes_a_second=200) as stage:
        head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 50000\r\n\r\n"
        more, less = await stage.connect(), await stage.connect()
        await more.send(head + b"x" * 20_000)
        await less.send(head + b"x" * 2_000)
        await stage.until(lambda: stage.arriving == 2 * len(head) + 22_000)
        await stage.later(160)
        error_in(await less.answer(), 408)
        await more.send(b"x" * 30_000)
        assert (await more.answer())[0] == 200


async def test_an_application_that_takes_its_time_is_not_hurried() -> None:
    async with bounded() as stage:
        stage.app.hold = asyncio.Event()
        client = await stage.connect()
        await client.send(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx")
        await stage.until(lambda: len(stage.app.seen) == 1)
        await stage.later(10_000)
        stage.app.hold.set()
        assert (await client.answer())[2] == b"x"


async def test_an_answer_that_nobody_reads_is_thrown_away() -> None:
    async with bounded(write_seconds=0.2, bytes_a_second=100_000_000) as stage:
        stage.app.large = 20_000_000
        client = await stage.connect()
        await client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await stage.until(lambda: len(stage.app.seen) == 1)
        await stage.until(lambda: not stage.connections)


async def test_an_answer_that_is_read_slowly_but_surely_arrives_whole() -> None:
    async with bounded(write_seconds=0.3, bytes_a_second=80_000) as stage:
        stage.app.large = 8_000_000
        client = await stage.connect()
        await client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await client.reader.readuntil(b"\r\n\r\n")
        read = 0
        while read < 8_000_000:
            read += len(await client.reader.read(500_000))
            await asyncio.sleep(0.02)
        assert read == 8_000_000


async def test_requests_in_a_row_are_answered_and_too_many_at_once_are_not() -> None:
    request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    async with bounded(pipelined=3) as stage:
        client = await stage.connect()
        await client.send(request * 4)
        assert [(await client.answer())[0] for _ in range(4)] == [200] * 4
        stage.app.hold = asyncio.Event()
        greedy = await stage.connect()
        await greedy.send(request * 5)
        assert await greedy.ended() == b""
        stage.app.hold.set()
        assert len(stage.app.seen) <= 5


@pytest.mark.parametrize("what", ["idle", "slow"])
async def test_a_new_connection_takes_the_place_of_one_that_does_nothing(what: str) -> None:
    async with bounded(connections=3) as stage:
        others = [await stage.connect() for _ in range(3)]
        for other in others:
            if what == "slow":
                await other.send(b"GET / HTTP/1.1\r\nx")
            else:
                await other.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                await other.answer()
        assert len(stage.connections) == 3
        assert (await stage.ask())[0] == 200
        await stage.until(lambda: len(stage.connections) <= 3)


async def test_where_all_are_being_answered_a_new_connection_is_told_so() -> None:
    async with bounded(connections=2) as stage:
        stage.app.hold = asyncio.Event()
        busy = [await stage.connect() for _ in range(2)]
        for client in busy:
            await client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await stage.until(lambda: len(stage.app.seen) == 2)
        answer = await (await stage.connect()).answer()
        error_in(answer, 503)
        assert answer[1]["stripe-should-retry"] == "true"
        stage.app.hold.set()
        assert [(await client.answer())[0] for client in busy] == [200, 200]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : a\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(sent: bytes) -> None:
    async with bounded() as stage:
        error_in(await stage.ask(sent), 400)
        assert stage.app.seen == []


async def test_an_upgrade_is_not_made_and_the_request_is_answered() -> None:
    async with bounded() as stage:
        sent = b"GET /a HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
        assert (await stage.ask(sent))[0] == 200
        assert stage.app.seen == [b"GET /a "]
        with_body = sent.replace(b"GET /a", b"POST /b").replace(b"host: a", b"content-length: 2") + b"ok"
        assert "Upgrade" in error_in(await stage.ask(with_body), 400)["message"]
        assert len(stage.app.seen) == 1, "never answered as if it had no body"


async def test_stopping_leaves_whoever_is_slow_and_answers_whom_it_has_heard() -> None:
    async with bounded() as stage:
        stage.app.hold = asyncio.Event()
        held, half, started, silent = [await stage.connect() for _ in range(4)]
        await held.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await half.send(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        await started.send(b"GET / HT")
        await stage.until(lambda: len(stage.app.seen) == 1 and len(stage.connections) == 4)
        await stage.until(lambda: Phase.BODY in {one.phase for one in stage.connections})
        stage.server.should_exit = True
        assert error_in(await half.answer(), 503)
        ends: list[Awaitable[bytes]] = [started.ended(), silent.ended()]
        assert [await end for end in ends] == [b"", b""]
        stage.app.hold.set()
        assert (await held.answer())[0] == 200
