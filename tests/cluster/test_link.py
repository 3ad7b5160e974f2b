"""A link gives each connection the next target, passes over one that is not there, and passes on how a side ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded.ports import free_port, listening
from tests.cluster.link import serve


@contextlib.asynccontextmanager
async def named(name: str) -> AsyncIterator[str]:
    """A server that says its name and what it was told, and ends; gives its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{name}: {(await reader.read()).decode()}".encode())
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield str(server.sockets[0].getsockname()[1])


@contextlib.asynccontextmanager
async def linked(*targets: str) -> AsyncIterator[int]:
    port = free_port()
    link = asyncio.create_task(serve(port, targets))
    async with asyncio.timeout(10):
        while not await listening(port):
            await asyncio.sleep(0.01)
    try:
        yield port
    finally:
        link.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await link


async def said(port: int, words: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words.encode())
    writer.write_eof()
    answer = (await asyncio.wait_for(reader.read(), 10)).decode()
    writer.close()
    return answer


async def test_each_connection_is_given_the_next_target() -> None:
    async with named("one") as one, named("two") as two, linked(one, two) as port:
        # Whether it listens was asked by a connection as well: which target comes first is not said.
        answers = [await said(port, "hello") for _ in range(4)]
    assert sorted(answers) == ["one: hello", "one: hello", "two: hello", "two: hello"]


async def test_a_target_that_is_not_there_is_passed_over() -> None:
    async with named("one") as one, linked(str(free_port()), one) as port:
        assert [await said(port, "hello") for _ in range(2)] == ["one: hello", "one: hello"]


async def test_nobody_there_is_an_end_at_once(tmp_path: Path) -> None:
    async with linked(str(free_port()), str(tmp_path / "socket")) as port:
        with contextlib.suppress(ConnectionError):
            assert await said(port, "hello") == ""


async def test_a_path_is_a_socket(tmp_path: Path) -> None:
    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"by the socket")
        writer.close()

    async with (
        await asyncio.start_unix_server(connected, tmp_path / "socket"),
        linked(str(tmp_path / "socket")) as port,
    ):
        assert await said(port, "") == "by the socket"


@pytest.mark.parametrize("size", [0, 1_000_000])
async def test_everything_arrives(size: int) -> None:
    async with named("one") as one, linked(one) as port:
        assert len(await said(port, "x" * size)) == len("one: ") + size
