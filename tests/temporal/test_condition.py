"""Temporal as a release needs it, on a real server: what is missing is named, with what would help."""

import asyncio
import ssl
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client

from contracts.names import SEARCH_ATTRIBUTES, TASK_QUEUE
from temporal.client import connect
from temporal.condition import QUEUES, TemporalCondition, TemporalNotWell
from temporal.measuring import Measured
from tests.support.certificates import expired
from tests.support.servers import temporal_cli


async def reason(client: Client) -> str | None:
    try:
        await TemporalCondition(client).check()
    except TemporalNotWell as error:
        return str(error)
    return None


async def test_it_is_well(client: Client) -> None:
    assert await reason(client) is None


async def test_a_namespace_that_is_not_there(temporal_address: str) -> None:
    why = await reason(await connect(temporal_address, "elsewhere", lazy=True))
    assert why is not None
    assert "has no namespace elsewhere" in why
    assert "TEMPORAL_NAMESPACE" in why


async def test_search_attributes_that_are_not_registered(temporal_address: str) -> None:
    made = temporal_cli(temporal_address, "operator", "namespace", "create", "--namespace", "bare")
    assert made.returncode == 0, made.stderr
    client = await connect(temporal_address, "bare", lazy=True)
    async with asyncio.timeout(60):
        while "lacks search attributes" not in (why := await reason(client) or ""):
            # The server takes a moment to know its new namespace.
            await asyncio.sleep(0.1)
    assert all(f"--name {name} --type {kind}" in why for name, kind in SEARCH_ATTRIBUTES.items())
    remedy = why.partition("`temporal ")[2].rstrip("`").split()
    registered = temporal_cli(temporal_address, *remedy)
    assert registered.returncode == 0, registered.stderr
    async with asyncio.timeout(60):
        while await reason(client) is not None:
            await asyncio.sleep(0.1)


async def test_nobody_there() -> None:
    why = await reason(await connect("127.0.0.1:1", "default", lazy=True))
    assert why is not None
    assert why.startswith("Temporal at 127.0.0.1:1: ")
    assert "onnection refused" in why


async def test_what_waits_for_workers_is_counted(client: Client) -> None:
    found = await TemporalCondition(client).backlogs()
    assert set(found) == set(QUEUES)
    assert (found[TASK_QUEUE].tasks, found[TASK_QUEUE].seconds) == (0, 0)


async def test_calls_are_measured(temporal_address: str) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("perdure_temporal_seconds_count", {"call": "signal"}) or 0

    client, before = await connect(temporal_address, "default", interceptors=[Measured()]), count()
    with pytest.raises(Exception, match="not found"):
        await client.get_workflow_handle("pi_nobody").signal("level")
    assert count() == before + 1


async def test_a_certificate_that_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, certificate, key = expired(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader, writer

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=context)
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(root))
    port = server.sockets[0].getsockname()[1]
    why = await reason(await connect(f"localhost:{port}", "default", lazy=True))
    server.close()
    assert why is not None
    assert "InvalidCertificate(Expired" in why
