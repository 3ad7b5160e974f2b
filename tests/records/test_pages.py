"""Pages: newest first, both ways, stable while rows are added."""

import pytest

from domain.machine.transitions import Cause
from records import payment_intents
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Created, Cursor, CursorNotFound, Scope
from tests.support.builders import NOW, make_intent

NO_BOUNDS = Created()


async def fill(database: Database, scope: Scope, count: int) -> list[str]:
    """Newest first, two to a second so that ties are broken by order of insertion."""
    ids = []
    for number in range(count):
        intent = make_intent(account=scope.account, created=NOW + number // 2)
        await PostgresProjection(database).create(intent, Cause())
        ids.append(intent.id)
    return ids[::-1]


async def page(database: Database, scope: Scope, **cursor: str | int) -> tuple[list[str], bool]:
    found, has_more = await payment_intents.newest(database, scope, Cursor(**cursor), NO_BOUNDS, None)  # type: ignore[arg-type]
    return [intent.id for intent in found], has_more


async def test_forwards_and_backwards(database: Database, scope: Scope) -> None:
    ids = await fill(database, scope, 7)
    assert await page(database, scope, limit=3) == (ids[:3], True)
    assert await page(database, scope, limit=3, starting_after=ids[2]) == (ids[3:6], True)
    assert await page(database, scope, limit=3, starting_after=ids[5]) == (ids[6:], False)
    assert await page(database, scope, limit=3, ending_before=ids[6]) == (ids[3:6], True)
    assert await page(database, scope, limit=3, ending_before=ids[3]) == (ids[:3], False)


async def test_a_new_row_does_not_shift_a_page(database: Database, scope: Scope) -> None:
    ids = await fill(database, scope, 4)
    await PostgresProjection(database).create(make_intent(account=scope.account, created=NOW + 99), Cause())
    assert await page(database, scope, limit=2, starting_after=ids[1]) == (ids[2:], False)


async def test_bounds_on_created(database: Database, scope: Scope) -> None:
    ids = await fill(database, scope, 6)
    found, _ = await payment_intents.newest(database, scope, Cursor(), Created(gte=NOW + 1, lt=NOW + 2), None)
    assert [intent.id for intent in found] == ids[2:4]


async def test_an_unknown_or_strange_cursor(database: Database, scope: Scope) -> None:
    stranger = make_intent(account=scope.account, livemode=True)
    await PostgresProjection(database).create(stranger, Cause())
    for id_ in ("pi_nowhere", stranger.id):
        with pytest.raises(CursorNotFound) as caught:
            await page(database, scope, starting_after=id_)
        assert (caught.value.param, caught.value.id) == ("starting_after", id_)
