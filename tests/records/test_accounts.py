"""API keys: found by hash, never stored as themselves, and gone when expired."""

import pytest
from sqlalchemy import select, update

from records.accounts import KeyExpired, ensure_key, find_key, hash_key
from records.database import Database
from records.scope import Scope
from records.tables import api_keys
from tests.support.builders import NOW


async def test_a_key_is_found_and_not_stored(database: Database, scope: Scope) -> None:
    key = f"sk_test_{scope.account}"
    await ensure_key(database, scope.account, key, "secret", livemode=False, now=NOW)
    await ensure_key(database, scope.account, key, "secret", livemode=False, now=NOW)
    found = await find_key(database, key, NOW)
    assert found is not None
    assert (found.account, found.kind, found.livemode) == (scope.account, "secret", False)
    rows = await database.execute(select(api_keys).where(api_keys.c.account == scope.account))
    assert len(rows) == 1
    assert key not in repr(rows[0])


async def test_unknown_and_expired_keys(database: Database, scope: Scope) -> None:
    key = f"sk_test_{scope.account}"
    assert await find_key(database, key, NOW) is None
    await ensure_key(database, scope.account, key, "secret", livemode=False, now=NOW)
    await database.execute(update(api_keys).where(api_keys.c.hash == hash_key(key)).values(expires=NOW))
    with pytest.raises(KeyExpired):
        await find_key(database, key, NOW)
    assert await find_key(database, key, NOW - 1) is not None
