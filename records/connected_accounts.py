"""Connected accounts, each of one platform in one mode; and what a platform's key may do for one of them."""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.model.connected_accounts import ConnectedAccount
from domain.model.hashes import JsonObject
from records.accounts import ACCOUNT_SETTINGS, ApiKey, with_settings
from records.changing import Announce, Change, Changing
from records.cli_tables import cli_sessions
from records.codec import dump_account, load_account
from records.connect_tables import connected_accounts as table
from records.database import Database, Row, Transaction
from records.scope import Created, Cursor, Scope, one, page
from records.tables import accounts, api_keys
from records.tables import webhook_endpoints as endpoints

ACCOUNTS_MAX = 10_000
"""Of one platform in one mode; those that it has deleted count, as what they have stays."""


async def add(database: Database, account: ConnectedAccount, api_version: str | None, most: int = ACCOUNTS_MAX) -> bool:
    """Write a new one, which is answered in `api_version`; a second write of the same id changes nothing.

    False if its platform has `most` already. Those of one platform are made one after the other.
    """
    scope = Scope(account.account, account.livemode)

    async def work(transaction: Transaction) -> bool:
        platform = select(accounts.c.id).where(accounts.c.id == account.account)
        await transaction.execute(platform.with_for_update(key_share=True))
        others = select(func.count()).select_from(table).where(scope.owns(table), table.c.id != account.id)
        if (await transaction.execute(others))[0][0] >= most:
            return False
        whose = {"id": account.id, "name": account.name, "created": account.created, "api_version": api_version}
        await transaction.execute(insert(accounts).values(whose).on_conflict_do_nothing())
        fixed = {name: getattr(account, name) for name in ("id", "account", "livemode", "created")}
        await transaction.execute(insert(table).values(fixed | _values(account)).on_conflict_do_nothing())
        return True

    return await database.atomically(work)


async def load(database: Database, scope: Scope, id_: str) -> ConnectedAccount | None:
    """One of a platform's; one that was deleted is nobody's."""
    row = await one(database, table, scope, id_)
    return _account(row) if row is not None and not row.deleted else None


async def known(database: Database, id_: str) -> ConnectedAccount | None:
    """What an account is to its platform, for who holds a key of it; None if it has none."""
    rows = await database.execute(select(table).where(table.c.id == id_))
    return _account(rows[0]) if rows else None


async def newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created
) -> tuple[list[ConnectedAccount], bool]:
    """A page of a platform's, newest first, and whether there are more."""
    found = await page(database, table, scope, cursor, ~table.c.deleted, *created.holds(table))
    return [_account(row) for row in found.rows], found.has_more


async def change(
    database: Database, scope: Scope, id_: str, change: Change[ConnectedAccount], announce: Announce[ConnectedAccount]
) -> ConnectedAccount | None:
    """Change one; None if there is none."""

    async def work(transaction: Transaction) -> ConnectedAccount | None:
        changed = await _changing.change_within(transaction, scope, id_, change, announce, ~table.c.deleted)
        if changed is not None:
            await transaction.execute(update(accounts).where(accounts.c.id == id_).values(name=changed.name))
        return changed

    return await database.atomically(work)


async def delete(database: Database, scope: Scope, id_: str, now: int) -> bool:
    """Act for it no more, and let its own keys and its sessions of Stripe's CLI end; what it has stays.

    Its ephemeral keys end with it (ephemeral_keys.py). False if there is none.
    """
    sessions = update(cli_sessions).where(cli_sessions.c.account == id_, ~cli_sessions.c.ended)

    async def work(transaction: Transaction) -> bool:
        mine = scope.owns(table) & (table.c.id == id_) & ~table.c.deleted
        if not await transaction.execute(update(table).where(mine).values(deleted=True).returning(table.c.id)):
            return False
        ends = func.least(func.coalesce(api_keys.c.expires, now), now)
        await transaction.execute(update(api_keys).where(api_keys.c.account == id_).values(expires=ends))
        ended = await transaction.execute(sessions.values(ended=True).returning(cli_sessions.c.endpoint))
        listeners = [row.endpoint for row in ended if row.endpoint is not None]
        await transaction.execute(update(endpoints).where(endpoints.c.id.in_(listeners)).values(enabled=False))
        return True

    return await database.atomically(work)


async def acting_for(database: Database, key: ApiKey, id_: str) -> ApiKey | None:
    """A platform's key as it opens one of its connected accounts, in its own mode; None if that is none of them.

    It is held to the account's own settings where it has any, and to its platform's where not; it is answered in the
    version that its platform is answered in.
    """
    scope = Scope(key.account, key.livemode)
    query = select(*(accounts.c[name] for name in ACCOUNT_SETTINGS)).join(table, table.c.id == accounts.c.id)
    rows = await database.execute(query.where(scope.owns(table), table.c.id == id_, ~table.c.deleted))
    return with_settings(key, id_, rows[0]) if rows else None


def _account(row: Row) -> ConnectedAccount:
    fixed = {name: row[name] for name in ("id", "account", "livemode", "created", "deleted")}
    return load_account({**row.data, **fixed})


def _values(account: ConnectedAccount) -> JsonObject:
    return {"deleted": account.deleted, "data": dump_account(account)}


_changing = Changing(table, _account, _values)
