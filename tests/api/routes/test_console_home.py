"""What the console's first page adds up is what SQL finds, and what the ledger says of the same money."""

from typing import Any

from sqlalchemy import text

from domain.model.outcomes import Declined
from tests.api.conftest import Api
from tests.api.routes.test_console import paid
from tests.support.builders import NOW

DAY = 86_400
SINCE = NOW // DAY * DAY - 6 * DAY
"""The first second of the seven days that end with today."""


async def lived(api: Api) -> None:
    """A few days of an account: of each kind something, and something from before."""
    api.clock.now = SINCE - 1
    await paid(api, "currency=eur")
    for day in range(4):
        api.clock.now = SINCE + day * 2 * DAY
        whole = await paid(api)
        held = await paid(api, "capture_method=manual")
        await paid(api, "currency=jpy")
        if day % 2:
            await api.post(f"/v1/payment_intents/{held['id']}/capture", "amount_to_capture=1000")
            await api.post("/v1/refunds", f"payment_intent={whole['id']}&amount=99")
        api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
        tried = await api.create()
        await api.post(f"/v1/payment_intents/{tried['id']}/confirm", "payment_method=pm_card_visa")
        await api.post(f"/v1/payment_intents/{tried['id']}/confirm", "payment_method=pm_card_visa")


async def by_currency(api: Api, query: str) -> dict[str, tuple[int, ...]]:
    """What an aggregate of this account finds since then, by currency."""
    values = {"account": api.scope.account, "since": SINCE}
    return {row[0]: tuple(int(each) for each in row[1:]) for row in await api.database.execute(text(query), values)}


def added_up(rows: list[dict[str, Any]], *names: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for row in rows:
        before = found.get(row["currency"], (0,) * len(names))
        found[row["currency"]] = tuple(one + row[name] for one, name in zip(before, names, strict=True))
    return found


async def test_its_figures_are_those_of_sql_and_of_the_ledger(api: Api) -> None:
    await lived(api)
    home = (await api.get("/dashboard/v1/home", "days=7&lapsing_days=7")).json()
    assert home["since"] == SINCE
    intents = "FROM payment_intents WHERE account = :account AND created >= :since GROUP BY 1"
    charges = "FROM charges WHERE account = :account AND created >= :since GROUP BY 1"
    volume = await by_currency(
        api, f"SELECT currency, count(*), count(*) FILTER (WHERE status = 'succeeded'), sum(amount_received) {intents}"
    )
    assert added_up(home["volume"], "intents", "succeeded", "received") == volume
    assert set(volume) == {"usd", "jpy"}
    tried = await by_currency(
        api,
        "SELECT data->>'currency', count(DISTINCT payment_intent), count(*) FILTER (WHERE status = 'succeeded'), "
        f"sum(amount_refunded) {charges}",
    )
    assert added_up(home["attempts"], "tried", "approved", "refunded") == tried
    failed = await by_currency(api, f"SELECT data->>'currency', count(*) FILTER (WHERE status = 'failed') {charges}")
    assert added_up(home["failures"], "charges") == {code: one for code, one in failed.items() if one[0]}
    holds = "SELECT currency, count(*), sum(amount_capturable) FROM payment_intents WHERE account = :account "
    assert added_up(home["holds"]["by_currency"], "payments", "amount") == await by_currency(
        api, f"{holds} AND status = 'requires_capture' AND created >= :since GROUP BY 1"
    )
    moved = await by_currency(
        api,
        "SELECT currency, sum(amount) FROM balance_transactions WHERE account = :account AND created >= :since "
        "GROUP BY 1",
    )
    assert {code: (one[2] - tried[code][2],) for code, one in volume.items()} == moved
