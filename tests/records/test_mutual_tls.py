"""A PostgreSQL that takes nobody without a certificate: by the parameters of DATABASE_URL in docs/OPERATING.md."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from records.base import RecordsUnavailable
from records.condition import time_of
from tests.support.balancer import with_tls
from tests.support.certificates import valid
from tests.support.databases import opened
from tests.support.pipes import join


@pytest.fixture
async def guarded(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[str, Path]]:
    """A URL without a certificate, and where those of clients are made. The wheel's server is built without TLS."""
    root, certificate, key = valid(tmp_path / "server", "servers")
    clients = valid(tmp_path / "clients", "clients")
    behind = f"{parse_qs(urlsplit(database_url).query)['host'][0]}/.s.PGSQL.5432"
    greet = with_tls(certificate, key, clients[0])

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await greet(reader, writer)
        except OSError:
            writer.close()
            return
        await join((reader, writer), await asyncio.open_unix_connection(behind))

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"postgresql://postgres@localhost:{port}/perdure?sslmode=verify-full&sslrootcert={root}", tmp_path
    server.close()


async def test_it_takes_us_by_the_certificate_that_the_url_names(guarded: tuple[str, Path]) -> None:
    url, directory = guarded
    ours = directory / "clients"
    async with opened(f"{url}&sslcert={ours / 'server.pem'}&sslkey={ours / 'key.pem'}") as database:
        assert await time_of(database) > 0


@pytest.mark.parametrize("of_another", [False, True])
async def test_it_takes_nobody_without_one_or_with_another_authoritys(
    guarded: tuple[str, Path], of_another: bool
) -> None:
    url, directory = guarded
    if of_another:
        _, certificate, key = valid(directory / "others", "others")
        url = f"{url}&sslcert={certificate}&sslkey={key}"
    async with opened(url) as database:
        with pytest.raises(RecordsUnavailable):
            await time_of(database)
