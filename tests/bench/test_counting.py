"""What passes between an engine and its gateway is counted, and not changed."""

import asyncio

from bench.counting import counting

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
ONE = b'POST /authorizations HTTP/1.1\r\nhost: a\r\ncontent-length: 27\r\n\r\n{"key":"pi_1/1/authorize"}\n'
OTHER = b"GET /operations?key=1 HTTP/1.1\r\nhost: a\r\n\r\n"
OURS = b"GET /_ledger HTTP/1.1\r\nhost: a\r\n\r\n"


async def test_each_request_counts_once_however_it_is_cut_and_nothing_is_changed() -> None:
    came = bytearray()
    whole = ONE + OTHER + OURS

    async def gateway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.extend(await reader.readexactly(len(whole)))
        writer.write(ANSWER)
        writer.close()

    async with (
        await asyncio.start_server(gateway, "127.0.0.1", 0) as server,
        counting(server.sockets[0].getsockname()[1]) as counted,
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", counted.port)
        for begin in range(0, len(whole), 7):
            writer.write(whole[begin : begin + 7])
            await writer.drain()
        assert await reader.read() == ANSWER
        writer.close()
    assert bytes(came) == whole
    assert [path for _, path in counted.asked] == ["/authorizations", "/operations?key=1", "/_ledger"]
    assert [key for _, key in counted.keys] == ["pi_1/1/authorize"]
    first, last = counted.asked[0][0], counted.asked[-1][0]
    assert len(counted.within(first, last + 1)) == 2
    assert counted.most(first, last + 1, 60) == 2
    assert counted.most(last + 1, last + 2, 60) == 0


async def test_who_is_cut_off_on_one_side_is_cut_off_on_the_other() -> None:
    async def gateway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(OTHER))
        writer.write(ANSWER[:20])
        writer.close()

    async with (
        await asyncio.start_server(gateway, "127.0.0.1", 0) as server,
        counting(server.sockets[0].getsockname()[1]) as counted,
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", counted.port)
        writer.write(OTHER)
        assert await reader.read() == ANSWER[:20]
        writer.close()
