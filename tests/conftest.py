"""Fixtures: real servers once per run, fresh accounts and queues per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from temporalio.client import Client

from records.accounts import ensure_account
from records.database import Database
from records.scope import Scope
from temporal.client import connect
from tests.support import servers
from tests.support.builders import NOW

# How long an example takes says how busy the machine is, and nothing of what is tried.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# CI tries the same examples every time: a change is judged by what it did. Others are explored by everybody else.
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True, database=None)
settings.load_profile("here")


@pytest.fixture(scope="session")
async def database_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A migrated PostgreSQL of our own."""
    async with servers.postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """Connected to it."""
    connected = Database(database_url)
    yield connected
    await connected.close()


@pytest.fixture
async def scope(database: Database, request: pytest.FixtureRequest) -> Scope:
    """A fresh account, so that tests do not see each other's rows."""
    account = f"acct_{abs(hash(request.node.nodeid)):x}"
    await ensure_account(database, account, request.node.name, NOW)
    return Scope(account, livemode=False)


@pytest.fixture(scope="session")
async def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A Temporal of our own."""
    directory: Path = tmp_path_factory.mktemp("temporal")
    async with servers.temporal(directory) as address:
        yield address


@pytest.fixture(scope="session")
async def client(temporal_address: str) -> Client:
    """Connected to it."""
    return await connect(temporal_address, "default")
