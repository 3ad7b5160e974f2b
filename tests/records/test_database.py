"""Which failures of the database pass, so that nobody is told of a fault that is none."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from records.failures import POOLER, two_failures
from tests.support.certificates import expired
from tests.support.databases import opened


@pytest.mark.parametrize("sqlstate", ["57P03", "57P01", "53300", "08006", "40001", "57014", "53100", "58030"])
def test_a_server_that_is_starting_or_stopping_passes(sqlstate: str) -> None:
    with pytest.raises(RecordsUnavailable), two_failures():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "refused"})


@pytest.mark.parametrize("sqlstate", ["28P01", "28000", "3D000", "25006", "42P01", "42703", "42501", "55P03"])
def test_so_does_what_an_operator_has_not_set_up_yet_and_it_is_said(sqlstate: str) -> None:
    with pytest.raises(RecordsUnavailable, match=r"Error: no, because$"), two_failures():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "no, because"})


@pytest.mark.parametrize("sqlstate", ["26000", "42P05"])
def test_a_pooler_that_mixes_statements_up_is_named_with_what_to_set(sqlstate: str) -> None:
    with pytest.raises(RecordsUnavailable) as raised, two_failures():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "prepared statement"})
    assert POOLER in str(raised.value)


def test_a_certificate_that_is_not_valid_is_said() -> None:
    with pytest.raises(RecordsUnavailable, match="certificate has expired"), two_failures():
        raise ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired")


@pytest.mark.parametrize("sqlstate", ["23505", "42601", "22003", "42804"])
def test_a_fault_of_ours_does_not(sqlstate: str) -> None:
    with pytest.raises(RecordsRefused), two_failures():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "refused"})


@pytest.mark.parametrize(
    "error", [OSError(), TimeoutError(), asyncpg.InterfaceError("closed"), asyncpg.InternalClientError()]
)
def test_a_connection_that_broke_passes(error: Exception) -> None:
    with pytest.raises(RecordsUnavailable), two_failures():
        raise error


async def test_values_that_cannot_be_right_do_not(database: Database) -> None:
    with pytest.raises(RecordsRefused, match=r"^DataError"):
        await database.execute(text("SELECT CAST(:number AS int)"), {"number": "seven"})


async def test_a_connection_that_failed_is_not_handed_out_again(database: Database) -> None:
    mine, seen = text("SELECT pg_backend_pid() AS pid"), list[int]()

    async def die() -> None:
        async with database.transaction() as transaction:
            seen.extend(row.pid for row in await transaction.execute(mine))
            await transaction.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(RecordsUnavailable):
        await die()
    assert seen[0] not in [row.pid for _ in range(20) for row in await database.execute(mine)]


async def test_on_the_real_server(database: Database) -> None:
    with pytest.raises(RecordsRefused):
        await database.execute(text("INSERT INTO accounts (id, name, created) VALUES (NULL, 'x', 1)"))


async def test_why_there_is_no_connection_is_said_by_name(database_url: str) -> None:
    scheme, _, rest = database_url.partition("://")
    for url, why in (
        (f"{scheme}://{rest.replace('/perdure', '/nowhere')}", 'database "nowhere" does not exist'),
        ("postgresql://nobody:wrong@127.0.0.1:1/perdure", "ConnectionRefusedError"),
    ):
        async with opened(url) as unreachable:
            with pytest.raises(RecordsUnavailable, match=why):
                await unreachable.ping()


async def test_a_table_that_is_not_there_yet_is_no_refusal(database: Database) -> None:
    with pytest.raises(RecordsUnavailable, match='relation "of_a_newer_release" does not exist'):
        await database.execute(text("SELECT * FROM of_a_newer_release"))


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _why_not(handler: Handler, query: str) -> str:
    """Why there is no connection to a server that does this."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    url = f"postgresql://u:hunter2@localhost:{server.sockets[0].getsockname()[1]}/x?{query}"
    async with server, opened(url) as unreachable:
        with pytest.raises(RecordsUnavailable) as raised:
            await unreachable.ping()
    assert "hunter2" not in str(raised.value)
    return str(raised.value)


async def test_a_wrong_password_is_said_without_saying_which() -> None:
    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1_000)
        body = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "u"\0\0'
        writer.write(b"E" + (len(body) + 4).to_bytes(4, "big") + body)
        await writer.drain()
        writer.close()

    assert 'password authentication failed for user "u"' in await _why_not(refuses, "sslmode=disable")


async def test_a_certificate_that_has_expired_is_said(tmp_path: Path) -> None:
    root, certificate, key = expired(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def encrypts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"S")
        with contextlib.suppress(OSError):
            await writer.start_tls(context)

    assert "certificate has expired" in await _why_not(encrypts, f"sslmode=verify-full&sslrootcert={root}")
