"""Keys, client secrets and card numbers: never in a log line of any level; in the stores only where they must be."""

import asyncio
import logging
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from embedded.ports import free_port
from records.database import Database
from records.tables import metadata
from settings import ROOT
from tests.api.conftest import Api
from tests.support.servers import environment

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NUMBER = "4242424242424242"
CLIENT_SECRETS_ARE_IN = {"payment_intents", "events", "idempotency_keys"}
"""What is compared with them, what they are told in, and the answers that a repetition gets byte for byte."""


async def everything(api: Api) -> dict[str, str]:
    """Secrets in every place where a request can have one; gives them by name."""
    # Stripe's types are held elsewhere, and the test's client does not know who asks by a key in the query.
    api.http.event_hooks = {}
    form = f"payment_method_data[type]=card&payment_method_data[card][number]={NUMBER}"
    form += "&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=2034"
    made = await api.create(Idempotency_Key="canary")
    secret, path = made["client_secret"], f"/v1/payment_intents/{made['id']}"
    query = f"client_secret={secret}&key={api.publishable}"
    await api.http.get(f"{path}?{query}")
    await api.http.post(f"{path}/confirm", content=f"{query}&{form}", headers=FORM)
    await api.http.get(f"{path}?key={api.secret}&expand[]={secret}")
    await api.http.get(f"/v1/{api.secret}/{secret}")
    await api.get("/v1/payment_intents", f"customer={secret}&starting_after={api.secret}")
    other = (await api.create())["id"]
    api.engine.away = True
    await api.post(f"/v1/payment_intents/{other}/cancel")
    api.engine.away = False
    await api.post("/v1/webhook_endpoints", "url=https://shop.example/hook&enabled_events[]=*")
    return {"secret key": api.secret, "publishable key": api.publishable, "client secret": secret, "number": NUMBER}


async def test_no_line_of_any_level_has_one(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    configuration = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    with capture_logs() as lines, caplog.at_level(logging.DEBUG):
        # What the drivers say at their lowest level; the test's own client is no part of what is shipped.
        for name in ("httpx", "httpcore"):
            caplog.set_level(logging.WARNING, logger=name)
        secrets = await everything(api)
    structlog.configure(**configuration)
    said = "\n".join([*map(repr, lines), caplog.text])
    assert "no answer" in said, "there were lines"
    assert {name for name, secret in secrets.items() if secret in said} == set()


async def test_no_store_has_one_but_where_it_must_be(api: Api) -> None:
    tables = [table.name for table in metadata.sorted_tables]
    # Other tests of the same database may have kept the number on purpose, as a value of their metadata.
    before = {table: await _rows_with(api.database, table, NUMBER) for table in tables}
    secrets = await everything(api)
    found: dict[str, set[str]] = {name: set() for name in secrets}
    for table in tables:
        for name, secret in secrets.items():
            if await _rows_with(api.database, table, secret) > (before[table] if secret == NUMBER else 0):
                found[name].add(table)
    assert found.pop("client secret") <= CLIENT_SECRETS_ARE_IN
    assert found == {"secret key": set(), "publishable key": set(), "number": set()}


async def _rows_with(database: Database, table: str, secret: str) -> int:
    # Bytes (answers, bodies of webhooks) are written as hexadecimal digits.
    as_bytes = secret.encode().hex()
    asked = text(f'SELECT count(*) AS n FROM "{table}" AS t WHERE t::text LIKE :plain OR t::text LIKE :bytes')
    rows = await database.execute(asked, {"plain": f"%{secret}%", "bytes": f"%{as_bytes}%"})
    return int(rows[0].n)


def test_served_by_uvicorn_alone_the_access_log_has_no_queries(tmp_path: Path) -> None:
    """Without servers: the application listens at once, and says 503 to whoever comes."""
    port, log = free_port(), tmp_path / "log"
    settings = {"DATABASE_URL": "postgresql://u:canary_password@127.0.0.1:1/x", "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    command = [sys.executable, "-m", "uvicorn", "api.app:app", "--port", str(port), "--log-level", "debug"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(**settings), stdout=output, stderr=output)
        try:
            answer = asyncio.run(_ask(port))
        finally:
            process.terminate()
            process.wait(20)
    said = log.read_text()
    assert answer.status_code == 503, said
    assert '"GET /v1/payment_intents/pi_1' in said, "there is an access log"
    assert not re.search("canary", said), said


@pytest.mark.parametrize("process", ["api", "internal", "worker", "simulator"])
def test_no_port_of_ours_keeps_an_access_log(process: str, tmp_path: Path) -> None:
    """As deploy/ starts them, at the lowest level: whatever is asked in whatever way, no line has a secret."""
    port, log = free_port(), tmp_path / "log"
    settings = {"DATABASE_URL": "postgresql://u:canary_password@127.0.0.1:1/x", "TEMPORAL_ADDRESS": "127.0.0.1:1",
                "PERDURE_LOG_LEVEL": "debug", "PERDURE_NOTIFICATION_SECRET": "canary_notification",
                "PERDURE_CODEC_TOKEN": "canary_token"}  # fmt: skip
    commands = {
        "api": ["-m", "api", "--port", str(port)],
        "internal": ["-m", "api", "--port", str(free_port())],
        "worker": ["worker.py"],
        "simulator": ["-m", "simulator", "--port", str(port), "--ledger", str(tmp_path / "book.db")],
    }
    settings |= {
        "internal": {"PERDURE_INTERNAL_PORT": str(port)},
        "worker": {"PERDURE_WORKER_METRICS_PORT": str(port)},
    }.get(process, {})
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, *commands[process]], cwd=ROOT, env=environment(**settings), stdout=output, stderr=output
        )
        try:
            for path in ("/v1/payment_intents/pi_1", "/readyz", "/metrics", "/authentications/x"):
                asyncio.run(_ask(port, path))
        finally:
            started.terminate()
            started.wait(20)
    said = log.read_text()
    assert process == "simulator" or "waiting for a part" in said, said
    assert not re.search("canary", said), said


async def _ask(port: int, path: str = "/v1/payment_intents/pi_1") -> httpx.Response:
    url = f"http://127.0.0.1:{port}{path}?client_secret=pi_1_secret_canary&key=pk_test_canary&token=canary"
    headers: dict[str, Any] = {"Authorization": "Bearer sk_test_canary"}
    async with asyncio.timeout(60):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.05)
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.get(url, headers=headers)
