"""A Temporal that takes nobody without a certificate: by the variables that docs/OPERATING.md names."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.names import TASK_QUEUE
from temporal.client import connect
from temporal.condition import TemporalCondition, TemporalNotWell
from tests.support.balancer import server_context
from tests.support.certificates import valid
from tests.support.pipes import join

OURS = {"TEMPORAL_TLS_CLIENT_CERT_PATH": 1, "TEMPORAL_TLS_CLIENT_KEY_PATH": 2}


@pytest.fixture
async def guarded(
    temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, Path]]:
    """Its address, and where certificates of clients are made; the server's authority is believed."""
    root, certificate, key = valid(tmp_path / "server", "servers")
    clients = valid(tmp_path / "clients", "clients")
    context = server_context(certificate, key, clients[0])
    context.set_alpn_protocols(["h2"])

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = temporal_address.partition(":")
        await join((reader, writer), await asyncio.open_connection(host, int(port)))

    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(root))
    server = await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context)
    yield f"localhost:{server.sockets[0].getsockname()[1]}", tmp_path
    server.close()


async def test_it_takes_us_by_the_certificate_that_the_environment_names(
    guarded: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, directory = guarded
    for name, file in OURS.items():
        monkeypatch.setenv(name, str(directory / "clients" / ("root.pem", "server.pem", "key.pem")[file]))
    client = await connect(address, "default")
    assert (await TemporalCondition(client).backlogs())[TASK_QUEUE].tasks == 0


@pytest.mark.parametrize("of_another", [False, True])
async def test_it_takes_nobody_without_one_or_with_another_authoritys(
    guarded: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, of_another: bool
) -> None:
    address, directory = guarded
    if of_another:
        files = valid(directory / "others", "others")
        for name, file in OURS.items():
            monkeypatch.setenv(name, str(files[file]))
    client = await connect(address, "default", lazy=True)
    with pytest.raises(TemporalNotWell):
        await TemporalCondition(client).check()
