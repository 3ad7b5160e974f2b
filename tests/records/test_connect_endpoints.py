"""Endpoints for connected accounts, when the schema goes back to before them."""

from alembic import command
from sqlalchemy import Connection, text

from records import webhook_endpoints
from records.accounts import ensure_account
from records.migrate import config, engine_on, migrate
from records.webhook_endpoints import Endpoint
from tests.support.builders import NOW
from tests.support.databases import another, opened


async def test_an_older_release_does_not_tell_them_of_their_platforms_own(database_url: str) -> None:
    async with another(database_url, "before_connect") as url, opened(url) as records:
        await migrate(url)
        await ensure_account(records, "acct_platform", "a platform", NOW)
        for connect in (True, False):
            one = Endpoint(
                id=f"we_{connect}", account="acct_platform", livemode=False, created=NOW, url="https://shop.example",
                enabled_events=("*",), secrets=(), connect=connect,
            )  # fmt: skip
            await webhook_endpoints.add(records, one)
        engine = engine_on(url)
        async with engine.connect() as connection:
            await connection.run_sync(back_to_before)
        await engine.dispose()
        rows = await records.execute(text("SELECT id, enabled FROM webhook_endpoints ORDER BY id"))
        assert [(row.id, row.enabled) for row in rows] == [("we_False", True), ("we_True", False)]


def back_to_before(connection: Connection) -> None:
    configuration = config()
    configuration.attributes["connection"] = connection
    command.downgrade(configuration, "0041")
