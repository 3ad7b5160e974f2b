"""What the console asks: payments as people filter them, an account at a glance, API keys; of one's own account."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.build import build, mount
from domain.model.commands import ReportDispute
from domain.model.gateways import Capabilities, GatewayProfile, Latency
from domain.model.outcomes import Declined
from domain.routing.candidates import Health
from records.accounts import add_key, ensure_account, ensure_key
from records.console.reading import Desk, TakesTooLong
from records.routing_rules import set_rules
from tests.api.conftest import Api, connected, error_of
from tests.support.builders import NOW

PAYMENTS = "/dashboard/v1/payments"
KEYS = "/dashboard/v1/api_keys"
CARD = "type=card&card[number]={0}&card[exp_month]=8&card[exp_year]=2034&card[cvc]=123&billing_details[email]={1}"


async def shown(api: Api, query: str = "", **more: Any) -> list[str]:
    answer = await api.get(PAYMENTS, query, **more)
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["data"]]


async def counted(api: Api, query: str = "") -> dict[str, int]:
    answer = await api.get(f"{PAYMENTS}/counts", query)
    assert answer.status_code == 200, answer.text
    tabs: dict[str, int] = answer.json()["tabs"]
    return {tab: count for tab, count in tabs.items() if count}


async def paid(
    api: Api, form: str = "", card: str = "4242424242424242", email: str = "jenny@example.com"
) -> dict[str, Any]:
    method = (await api.post("/v1/payment_methods", CARD.format(card, email))).json()
    return await api.create(f"payment_method={method['id']}&confirm=true&{form}")


async def declined(api: Api) -> str:
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    made = await api.create("")
    answer = await api.post(f"/v1/payment_intents/{made['id']}/confirm", "payment_method=pm_card_visa")
    assert answer.status_code == 402
    return str(made["id"])


async def test_each_tab_has_its_payments_and_says_how_many(api: Api) -> None:
    paid_ = (await paid(api))["id"]
    held = (await paid(api, "capture_method=manual"))["id"]
    failed, untouched = await declined(api), (await api.create())["id"]
    canceled = (await api.create())["id"]
    await api.post(f"/v1/payment_intents/{canceled}/cancel")
    refunded = await paid(api)
    await api.post("/v1/refunds", f"payment_intent={refunded['id']}&amount=99")
    disputed = await paid(api)
    await api.engine.notify(disputed["id"], ReportDispute(charge=disputed["latest_charge"], reason="fraudulent"))
    expected = {
        "all": [disputed["id"], refunded["id"], canceled, untouched, failed, held, paid_],
        "succeeded": [disputed["id"], refunded["id"], paid_],
        "refunded": [refunded["id"]],
        "disputed": [disputed["id"]],
        "failed": [failed],
        "uncaptured": [held],
        "processing": [],
        "action": [],
        "incomplete": [untouched, failed],
        "canceled": [canceled],
        "unknown": [],
    }
    assert {tab: await shown(api, f"tab={tab}") for tab in expected} == expected
    assert await counted(api) == {tab: len(ids) for tab, ids in expected.items() if ids}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("last4=4444", True),
        ("last4=4242", False),
        ("email=Jenny@Example.com", True),
        ("email=customer@example.com", True),
        ("email=nobody@example.com", False),
        ("method=visa", True),
        ("method=mastercard", False),
        ("method=card", True),
        ("method=klarna", False),
        ("gateway=simulator", True),
        ("gateway=another", False),
        ("amount[gte]=1099&amount[lte]=1099", True),
        ("amount[gt]=1099", False),
        ("amount[lt]=1099", False),
        ("currency=USD", True),
        ("currency=eur", False),
        ("metadata[order]=A-77", True),
        ("metadata[order]=A-78", False),
        (f"created[gte]={NOW}", True),
        (f"created[lt]={NOW}", False),
        ("customer={customer}", True),
        ("customer=cus_other", False),
        ("text={id}", True),
        ("text={charge}", True),
        ("text={customer}", True),
        ("text=4444", True),
        ("text=10.99", True),
        ("text=10.98", False),
        ("text=jenny@example.com", True),
        ("text=a-77", True),
        ("text=blue shoes", True),
        ("text=green", False),
        ("text=amount>1000", True),
        ("text=status:\"canceled\"", False),
        ("query=metadata[\"order\"]:\"A-77\"", True),
        ("text=pi_nobody", False),
        ("text=re_nobody", False),
        ("text=du_nobody", False),
        ("text=evt_nobody", False),
    ],
)  # fmt: skip
async def test_a_filter_finds_what_it_says(api: Api, query: str, found: bool) -> None:
    customer = (await api.post("/v1/customers", "email=customer@example.com")).json()["id"]
    form = f"customer={customer}&metadata[order]=a-77&description=Two Blue shoes"
    made = await paid(api, form, "5555555555554444")
    await api.create("amount=77")
    named = query.format(id=made["id"], charge=made["latest_charge"], customer=customer)
    assert (made["id"] in await shown(api, named)) is found
    if found and not query.startswith(("text=10", "text=amount", "currency", "created", "amount")):
        assert await counted(api, named) == {"all": 1, "succeeded": 1}


async def test_what_a_payment_has_given_to_another_account_leads_to_it(api: Api) -> None:
    account = await connected(api)
    made = await paid(api, f"transfer_data[destination]={account}&application_fee_amount=9")
    charge = (await api.get(f"/v1/charges/{made['latest_charge']}", "expand[]=transfer")).json()
    transfer, fee = charge["transfer"]["id"], charge["application_fee"]
    reversal = (await api.post(f"/v1/transfers/{transfer}/reversals", "amount=5")).json()["id"]
    back = (await api.post(f"/v1/application_fees/{fee}/refunds", "amount=5")).json()["id"]
    for id_ in (transfer, fee, reversal, back):
        assert await shown(api, f"text={id_}") == [made["id"]]
    assert await shown(api, "text=tr_nobody") == []


async def test_what_is_shown_of_each_is_enough_to_tell_them_apart(api: Api) -> None:
    customer = (await api.post("/v1/customers", "email=customer@example.com")).json()["id"]
    made = await api.create(f"customer={customer}&payment_method=pm_card_visa&confirm=true&capture_method=manual")
    (line,) = (await api.get(PAYMENTS)).json()["data"]
    assert line["due"] == {"at": NOW + 7 * 86_400, "what": "expire_authorization"}
    assert line["method"] == {"type": "card", "brand": "visa", "last4": "4242"}
    assert (line["amount_capturable"], line["email"], line["customer"]) == (1099, "customer@example.com", customer)
    assert made["client_secret"] not in str(line)


async def test_pages_go_both_ways_and_a_cursor_outside_the_filter_is_a_place(api: Api) -> None:
    ids = [(await api.create())["id"] for _ in range(5)][::-1]
    first = (await api.get(PAYMENTS, "limit=2")).json()
    assert ([line["id"] for line in first["data"]], first["has_more"]) == (ids[:2], True)
    assert await shown(api, f"limit=2&starting_after={ids[1]}") == ids[2:4]
    assert await shown(api, f"limit=2&ending_before={ids[4]}") == ids[2:4]
    last = (await api.get(PAYMENTS, f"limit=2&starting_after={ids[3]}")).json()
    assert ([line["id"] for line in last["data"]], last["has_more"]) == (ids[4:], False)
    await api.post(f"/v1/payment_intents/{ids[2]}/cancel")
    assert await shown(api, f"tab=incomplete&starting_after={ids[2]}") == ids[3:]
    answer = await api.get(PAYMENTS, "starting_after=pi_nobody")
    assert (answer.status_code, error_of(answer)["param"]) == (400, "starting_after")


@pytest.mark.parametrize(
    "query", ["tab=others", "amount[gte]=x", "query=nonsense:1", "text=a:b", "limit=x", "last4=%00"]
)
async def test_what_cannot_be_asked_is_refused(api: Api, query: str) -> None:
    assert (await api.get(PAYMENTS, query)).status_code == 400


async def test_a_question_that_takes_too_long_is_ended_and_says_so(api: Api) -> None:
    desk = Desk(seconds=0.02)
    with pytest.raises(TakesTooLong):
        await desk.read(api.database, text("SELECT pg_sleep(5)"))
    assert (await desk.read(api.database, text("SELECT 1 AS one")))[0].one == 1
    api.services.overview.desk = Desk(seconds=0.001)
    await api.create()
    found = [await api.get(path) for path in (PAYMENTS, f"{PAYMENTS}/counts", "/dashboard/v1/home")]
    assert all(answer.status_code in (200, 400) for answer in found)


async def test_nothing_is_written_by_asking(api: Api) -> None:
    with pytest.raises(Exception, match="ReadOnly"):
        await api.services.overview.desk.read(api.database, text("CREATE TABLE nobody (id int)"))


async def stranger(api: Api) -> str:
    account = f"{api.scope.account}_b"
    await ensure_account(api.database, account, "b", 1)
    await ensure_key(api.database, account, f"sk_test_{account}", "secret", livemode=False, now=1)
    return f"sk_test_{account}"


async def test_nothing_of_another_account_is_shown_or_counted(api: Api) -> None:
    customer = (await api.post("/v1/customers", "email=customer@example.com")).json()["id"]
    made = await paid(api, f"customer={customer}&metadata[order]=a&description=shoes")
    refund = (await api.post("/v1/refunds", f"payment_intent={made['id']}&amount=5")).json()["id"]
    await api.engine.notify(made["id"], ReportDispute(charge=made["latest_charge"], reason="fraudulent"))
    (dispute,) = (await api.get("/v1/disputes")).json()["data"]
    event = (await api.get("/v1/events")).json()["data"][0]["id"]
    key = await stranger(api)
    for asked in (
        "", "tab=refunded", "tab=disputed", "last4=4242", "email=jenny@example.com", "email=customer@example.com",
        "method=card", "metadata[order]=a", "text=shoes", f"text={made['id']}", f"text={made['latest_charge']}",
        f"text={refund}", f"text={dispute['id']}", f"text={event}", f"customer={customer}", "query=amount>1",
    ):  # fmt: skip
        assert await shown(api, asked) == [made["id"]], asked
        assert await shown(api, asked, key=key) == [], asked
        answer = await api.get(f"{PAYMENTS}/counts", asked, key=key)
        assert not any(answer.json()["tabs"].values()), asked
    home = (await api.get("/dashboard/v1/home", key=key)).json()
    assert (home["volume"], home["attempts"], home["failures"], home["disputes"]) == ([], [], [], 0)


async def test_the_first_page_counts_by_currency(api: Api) -> None:
    api.clock.now = NOW
    await paid(api)
    await paid(api, "currency=eur&capture_method=manual")
    await declined(api)
    home = (await api.get("/dashboard/v1/home", "days=7&lapsing_days=8")).json()
    dollars = next(row for row in home["volume"] if row["currency"] == "usd")
    assert (dollars["intents"], dollars["succeeded"], dollars["received"]) == (2, 1, 1099)
    tried = next(row for row in home["attempts"] if row["currency"] == "usd")
    assert (tried["tried"], tried["approved"]) == (2, 1)
    assert home["failures"] == [{"reason": "insufficient_funds", "currency": "usd", "charges": 1}]
    (hold,) = home["holds"]["first"]
    assert (hold["amount"], hold["currency"], hold["at"]) == (1099, "eur", NOW + 7 * 86_400)
    assert home["holds"]["by_currency"] == [{"currency": "eur", "payments": 1, "amount": 1099}]
    later = (await api.get("/dashboard/v1/home", "days=7&lapsing_days=6")).json()
    assert later["holds"] == {"by_currency": [], "first": []}
    assert home["unknown"] == {"by_currency": [], "first": []}


async def test_closed_days_and_open_ones_add_up(api: Api) -> None:
    await paid(api)
    api.clock.now = NOW + 5 * 86_400
    await paid(api)
    home = (await api.get("/dashboard/v1/home", "days=30")).json()
    assert [row["succeeded"] for row in home["volume"]] == [1, 1]
    await paid(api)
    api.clock.now += 6
    again = (await api.get("/dashboard/v1/home", "days=30")).json()
    assert [row["succeeded"] for row in again["volume"]] == [1, 2], "remembered for five seconds, not longer"


async def restricted(api: Api, *permissions: str) -> str:
    key = f"rk_test_{api.scope.account}_{len(permissions)}"
    await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=permissions)
    return key


async def test_a_restricted_key_sees_what_it_may_read(api: Api) -> None:
    door = await restricted(api, "dashboard:read")
    session = (await api.get("/dashboard/v1/session", key=door)).json()
    assert (session["kind"], session["permissions"]) == ("restricted", ["dashboard:read"])
    for path in (PAYMENTS, f"{PAYMENTS}/counts", "/dashboard/v1/home", "/dashboard/v1/reconciliations", KEYS,
                 "/dashboard/v1/webhooks/health"):  # fmt: skip
        answer = await api.get(path, key=door)
        assert (answer.status_code, "data" in answer.json()) == (403, False), path
    reader = await restricted(api, "dashboard:read", "payment_intents:read", "charges:read", "customers:read")
    assert (await api.get(PAYMENTS, key=reader)).status_code == 200
    assert (await api.get("/dashboard/v1/home", key=reader)).status_code == 403, "disputes are counted there"
    assert (await api.get("/dashboard/v1/session", key=api.publishable)).status_code == 401


async def test_a_key_is_made_once_shown_once_and_works(api: Api) -> None:
    form = "kind=restricted&name=desk&permissions[]=customers:read&expires_in=60"
    made = (await api.post(KEYS, form)).json()
    assert made["key"].startswith("rk_test_")
    assert (made["hint"][-4:], made["expires"], made["permissions"]) == (made["key"][-4:], NOW + 60, ["customers:read"])
    assert (await api.get("/v1/customers", key=made["key"])).status_code == 200
    assert (await api.get("/v1/events", key=made["key"])).status_code == 403
    listed = await api.get(KEYS)
    assert made["id"] in [key["id"] for key in listed.json()["data"]]
    assert made["key"] not in listed.text


async def test_a_key_is_rolled_and_revoked_by_the_console(api: Api) -> None:
    made = (await api.post(KEYS, "kind=secret&name=ci")).json()
    rolled = (await api.post(f"{KEYS}/{made['id']}/roll", "overlap_seconds=60")).json()
    assert (rolled["kind"], rolled["name"], rolled["expires"]) == ("secret", "ci", None)
    assert [(await api.get("/v1/customers", key=key)).status_code for key in (made["key"], rolled["key"])] == [200, 200]
    ended = (await api.post(f"{KEYS}/{rolled['id']}/revoke")).json()
    assert (ended["expires"], "key" in ended) == (NOW, False)
    api.clock.now += 61
    assert [(await api.get("/v1/customers", key=key)).status_code for key in (made["key"], rolled["key"])] == [401, 401]


@pytest.mark.parametrize(
    "form",
    ["kind=restricted", "kind=secret&permissions[]=*:read", "kind=restricted&permissions[]=nobody:read",
     "kind=restricted&permissions[]=customers", "kind=owner", "kind=secret&expires_in=0"],
)  # fmt: skip
async def test_no_key_is_made_of_nonsense(api: Api, form: str) -> None:
    before = len((await api.get(KEYS)).json()["data"])
    assert (await api.post(KEYS, form)).status_code == 400
    assert len((await api.get(KEYS)).json()["data"]) == before


async def test_only_a_secret_key_makes_keys_and_none_is_kept_for_a_repetition(api: Api) -> None:
    everything = await restricted(api, "*:write")
    before = (await api.get(KEYS, key=everything)).json()["data"]
    for path in (KEYS, f"{KEYS}/{before[0]['id']}/roll", f"{KEYS}/{before[0]['id']}/revoke"):
        form = "kind=secret" if path == KEYS else ""
        assert (await api.post(path, form, key=everything)).status_code == 403
        kept = await api.post(path, form, Idempotency_Key=path)
        assert (kept.status_code, "Idempotency-Key" in error_of(kept)["message"]) == (400, True)
        assert (await api.post(path, form, key=api.publishable)).status_code == 401
    assert (await api.get(KEYS)).json()["data"] == before


async def test_nobody_sees_or_ends_the_keys_of_another(api: Api) -> None:
    key = await stranger(api)
    mine = (await api.get(KEYS)).json()["data"]
    theirs = (await api.get(KEYS, key=key)).json()["data"]
    assert not {one["id"] for one in mine} & {one["id"] for one in theirs}
    for action in ("roll", "revoke"):
        answer = await api.post(f"{KEYS}/{mine[0]['id']}/{action}", key=key)
        assert (answer.status_code, error_of(answer)["code"]) == (404, "resource_missing")
    live = f"sk_live_{api.scope.account}"
    await ensure_key(api.database, api.scope.account, live, "secret", livemode=True, now=NOW)
    assert [one["livemode"] for one in (await api.get(KEYS, key=live)).json()["data"]] == [True]
    assert (await api.post(f"{KEYS}/{mine[0]['id']}/revoke", key=live)).status_code == 404
    assert (await api.get(KEYS)).json()["data"] == mine


async def test_a_report_shows_an_account_its_own_payments_only(api: Api) -> None:
    made = await paid(api)
    differing = {"kind": "x", "id": "ch_1", "payment_intent": made["id"], "what": "w", "ours": 1, "theirs": 2}
    report = {
        "intents": 9, "differences": [differing, {**differing, "payment_intent": "pi_another"}],
        "under_way": [made["id"], "pi_another"],
    }  # fmt: skip
    from records.reconciliations import PostgresReports

    await PostgresReports(api.database).keep(NOW, report)
    newest = (await api.get("/dashboard/v1/reconciliations", "limit=1")).json()["data"][0]
    assert (newest["differences"], newest["under_way"]) == ([differing], [made["id"]])
    answer = await api.get("/dashboard/v1/reconciliations", "limit=1", key=await stranger(api))
    assert (answer.json()["data"][0]["differences"], answer.json()["data"][0]["under_way"]) == ([], [])
    assert made["id"] not in answer.text


async def test_the_health_of_an_endpoint_is_what_became_of_its_newest_deliveries(api: Api) -> None:
    endpoint = (await api.post("/v1/webhook_endpoints", "url=https://shop.example&enabled_events[]=*")).json()["id"]
    await paid(api)
    health = (await api.get("/dashboard/v1/webhooks/health")).json()["endpoints"]
    assert health[endpoint]["pending"]["deliveries"] > 0
    assert (await api.get("/dashboard/v1/webhooks/health", key=await stranger(api))).json()["endpoints"] == {}


async def test_the_ledger_is_added_up_by_book_and_comes_to_nothing(api: Api) -> None:
    await paid(api, "amount=10000")
    await paid(api, "amount=1099&currency=eur")
    found = (await api.get("/dashboard/v1/ledger")).json()
    books = {(one["currency"], one["book"]): one["amount"] for one in found["books"]}
    rows = await api.database.execute(
        text(
            "SELECT currency, book, sum(amount)::bigint AS amount FROM ledger_entries WHERE account = :account "
            "GROUP BY 1, 2"
        ),
        {"account": api.scope.account},
    )
    assert books == {(row.currency, row.book): row.amount for row in rows}
    assert books["usd", "balance"] == 10_000 - 320
    for currency in ("usd", "eur"):
        assert sum(amount for (one, _), amount in books.items() if one == currency) == 0
    assert (await api.get("/dashboard/v1/ledger", key=await stranger(api))).json()["books"] == []


async def test_gateways_are_shown_with_what_they_can_how_they_are_and_how_they_fare(api: Api) -> None:
    second = GatewayProfile(
        name="beta", latency=Latency.PATIENT, patience_seconds=30, later=frozenset({"refund"}),
        capabilities=Capabilities(currencies=frozenset({"eur"}), multicapture=False),
    )  # fmt: skip
    services = replace(api.services, profiles=(GatewayProfile(), second), healths=lambda: {"beta": Health.OPEN})
    app = build()
    mount(app, services)
    await paid(api)
    await declined(api)
    await set_rules(api.database, api.scope.account, {"rules": []}, NOW)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
        answer = await http.get("/dashboard/v1/gateways", headers={"Authorization": f"Bearer {api.secret}"})
        theirs = await http.get("/dashboard/v1/gateways", headers={"Authorization": f"Bearer {await stranger(api)}"})
    first, beta = answer.json()["gateways"]
    assert (first["name"], first["health"], first["last_day"]) == ("simulator", "closed", {"tried": 2, "approved": 1})
    assert (beta["name"], beta["health"], beta["latency"], beta["later"]) == ("beta", "open", "patient", ["refund"])
    assert beta["can"] == {
        "methods": None, "currencies": ["eur"], "brands": None, "amount_max": None, "lacks": ["multicapture"],
    }  # fmt: skip
    assert answer.json()["rules"] == {"version": 1, "data": {"rules": []}}
    assert answer.json()["versions"] == [{"number": 1, "created": NOW, "holds": True}]
    assert (theirs.json()["rules"], theirs.json()["versions"]) == (None, [])
    assert theirs.json()["gateways"][0]["last_day"] == {"tried": 0, "approved": 0}


async def test_who_asks_again_and_again_may_be_told_what_another_was(api: Api) -> None:
    first = (await api.create())["id"]
    assert await shown(api, "remembered=true") == [first]
    second = (await api.create())["id"]
    assert await shown(api, "remembered=true") == [first], "within two seconds"
    assert await shown(api) == [second, first], "who does not say that it will do is told what is"
    assert await shown(api, "remembered=true&tab=canceled") == []
    assert await shown(api, "remembered=true", key=await stranger(api)) == []
    api.clock.now += 2
    assert await shown(api, "remembered=true") == [second, first]
    for said in ("true", "false"):
        assert (await api.get(f"{PAYMENTS}/counts", f"remembered={said}")).json()["tabs"]["all"] == 2
