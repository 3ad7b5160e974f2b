"""A server that ends says in a line what it has cut off, and keeps tracebacks for what is a fault."""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from embedded.ports import free_port
from serving.quiet import CUT_OFF, SERVERS, quieten
from serving.server import configured
from serving.server import serving as served


async def test_a_request_that_is_cut_off_at_the_end_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    begun = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        del receive, send
        if scope["type"] == "http":
            begun.set()
            await asyncio.Event().wait()

    port = free_port()
    async with httpx.AsyncClient(trust_env=False) as http:
        async with served(configured(application, "127.0.0.1", port, drain_seconds=1)):
            asking = asyncio.create_task(http.get(f"http://127.0.0.1:{port}/"))
            await begun.wait()
        assert (await asking).status_code == 500
    said = [record for record in caplog.records if record.name == SERVERS and record.getMessage() == CUT_OFF]
    assert [(record.levelname, record.exc_info) for record in said] == [("WARNING", None)]


def test_a_fault_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    quieten()
    quieten()
    assert len(logging.getLogger(SERVERS).filters) == 1
    try:
        raise ValueError("of ours")
    except ValueError:
        logging.getLogger(SERVERS).exception("Exception in ASGI application")
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.exc_info is not None
