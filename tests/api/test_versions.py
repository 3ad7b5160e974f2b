"""Whose version decides: the request's, the account's, the endpoint's; and what has been answered stays so."""

import json
from typing import Any

import pytest

from contracts.api_versions import LATEST
from domain.model.commands import ReportDispute
from domain.model.payment_intent import PaymentIntent
from records import events
from records import payment_intents as records
from records.accounts import VersionUnknown, set_version
from records.scope import Created, Cursor
from rendering.event import in_version
from rendering.related import of_event
from settings import ROOT
from tests.api.conftest import Api

PATH = "/v1/payment_intents"
PAID = "payment_method=pm_card_visa&confirm=true"


async def test_the_accounts_version_is_for_requests_that_do_not_say(api: Api) -> None:
    assert await set_version(api.database, api.scope.account, "2022-08-01")
    made = await api.post(PATH, f"amount=1099&currency=usd&{PAID}")
    assert made.headers["stripe-version"] == "2022-08-01"
    assert made.json()["charges"]["total_count"] == 1
    said = await api.get(f"{PATH}/{made.json()['id']}", Stripe_Version=LATEST)
    assert (said.headers["stripe-version"], "charges" in said.json()) == (LATEST, False)
    secret = f"client_secret={made.json()['client_secret']}"
    browser = await api.get(f"{PATH}/{made.json()['id']}", secret, key=api.publishable)
    assert browser.headers["stripe-version"] == LATEST, "our own library speaks the newest"


async def test_nobodys_account_has_no_version(api: Api) -> None:
    assert not await set_version(api.database, "acct_nobody", "2022-08-01")


async def test_nor_has_anybody_a_version_that_there_is_not(api: Api) -> None:
    with pytest.raises(VersionUnknown):
        await set_version(api.database, api.scope.account, "2031-01-01")
    assert (await api.get(PATH)).headers["stripe-version"] == LATEST


async def of_type(api: Api, type_: str) -> Any:
    found, _ = await events.newest(api.database, api.scope, Cursor(), Created(), (type_,))
    return found[0]


async def test_events_stay_in_the_accounts_version_of_their_time(api: Api) -> None:
    await set_version(api.database, api.scope.account, "2018-11-08")
    made = await api.create(PAID.replace("&confirm=true", ""))
    await set_version(api.database, api.scope.account, None)
    for asked in ({}, {"Stripe_Version": "2022-11-15"}):
        event = (await api.get("/v1/events", "type=payment_intent.created", **asked)).json()["data"][0]
        assert (event["api_version"], event["data"]["object"]["id"]) == ("2018-11-08", made["id"])
        assert event["data"]["object"]["allowed_source_types"] == ["card"]
        assert (await api.get(f"/v1/events/{event['id']}", **asked)).json() == event
    await api.create()
    assert (await of_type(api, "payment_intent.created")).api_version == LATEST


async def test_an_event_outside_payments_is_in_the_accounts_version_too(api: Api) -> None:
    await set_version(api.database, api.scope.account, "2019-10-08")
    await api.post("/v1/customers", "email=jenny@example.com", Stripe_Version=LATEST)
    event = (await api.get("/v1/events", "type=customer.created")).json()["data"][0]
    assert (event["data"]["object"]["account_balance"], event["data"]["object"]["sources"]["data"]) == (0, [])
    assert isinstance(event["request"], dict)


async def test_an_endpoint_is_told_in_its_own_version_as_it_was_then(api: Api) -> None:
    made = await api.create(PAID)
    await api.post("/v1/refunds", f"payment_intent={made['id']}&amount=100")
    await api.post("/v1/refunds", f"payment_intent={made['id']}&amount=200")
    find = of_event(api.database)
    succeeded = await of_type(api, "payment_intent.succeeded")
    shown = await in_version(succeeded, "2022-08-01", find)
    assert shown["api_version"] == "2022-08-01"
    charges = shown["data"]["object"]["charges"]
    assert (charges["total_count"], charges["data"][0]["amount_refunded"]) == (1, 0)
    assert charges["data"][0]["refunds"]["data"] == []
    assert (await in_version(succeeded, "2017-04-06", find))["request"] == succeeded.request_id
    assert "charges" not in (await in_version(succeeded, None, find))["data"]["object"]


async def test_an_older_refunded_event_tells_which_refund_was_new(api: Api) -> None:
    made = await api.create(PAID)
    first = (await api.post("/v1/refunds", f"payment_intent={made['id']}&amount=100")).json()
    second = (await api.post("/v1/refunds", f"payment_intent={made['id']}&amount=200")).json()
    event = await in_version(await of_type(api, "charge.refunded"), "2022-08-01", of_event(api.database))
    refunds, before = event["data"]["object"]["refunds"], event["data"]["previous_attributes"]["refunds"]
    assert {one["id"] for one in refunds["data"]} == {first["id"], second["id"]}
    assert [one["id"] for one in before["data"]] == [first["id"]]
    assert (refunds["total_count"], before["total_count"]) == (2, 1)
    newest = await in_version(await of_type(api, "charge.refunded"), LATEST, of_event(api.database))
    assert "refunds" not in newest["data"]["object"]
    assert "refunds" not in newest["data"]["previous_attributes"]


@pytest.mark.parametrize(("how", "released"), [("cancel", 1099), ("capture", 99)])
async def test_what_an_older_version_releases_is_a_refund_wherever_one_looks(api: Api, how: str, released: int) -> None:
    held = await api.create(f"{PAID}&capture_method=manual")
    form = "" if how == "cancel" else "amount_to_capture=1000"
    done = (await api.post(f"{PATH}/{held['id']}/{how}", form, Stripe_Version="2024-06-20")).json()
    (refund,) = (await api.get("/v1/refunds", f"charge={done['latest_charge']}")).json()["data"]
    assert (refund["amount"], refund["status"]) == (released, "succeeded")
    assert (await api.get(f"/v1/refunds/{refund['id']}")).json() == refund
    told = {event["type"]: event for event in (await api.get("/v1/events", "limit=100")).json()["data"]}
    assert told["charge.refunded"]["data"]["object"]["amount_refunded"] == released
    assert told["charge.refunded"]["data"]["previous_attributes"]["amount_refunded"] == 0
    assert told["charge.refund.updated"]["data"]["object"]["id"] == refund["id"]
    assert "refund.created" not in told
    older = await in_version(await of_type(api, "charge.refunded"), "2022-08-01", of_event(api.database))
    assert [one["id"] for one in older["data"]["object"]["refunds"]["data"]] == [refund["id"]]
    charge = (await api.get(f"/v1/charges/{done['latest_charge']}", "expand[]=balance_transaction")).json()
    assert charge["amount_refunded"] == released
    if how == "cancel":
        assert (charge["balance_transaction"], refund["balance_transaction"]) == (None, None)
    else:
        back = (await api.get(f"/v1/balance_transactions/{refund['balance_transaction']}")).json()
        assert (charge["balance_transaction"]["amount"], back["amount"]) == (1099, -99)
        rest = (await api.post("/v1/refunds", f"charge={charge['id']}")).json()
        assert rest["amount"] == 1000, "what was never taken cannot be given back"
        assert (await api.get(f"/v1/charges/{charge['id']}")).json()["refunded"] is True


async def test_what_the_newest_releases_is_none(api: Api) -> None:
    held = await api.create(f"{PAID}&capture_method=manual")
    await api.post(f"{PATH}/{held['id']}/cancel")
    assert (await api.get("/v1/refunds")).json()["data"] == []
    types = [event["type"] for event in (await api.get("/v1/events", "limit=100")).json()["data"]]
    assert not {"charge.refunded", "charge.refund.updated"} & set(types)
    shown = await api.get(f"/v1/charges/{held['latest_charge']}", Stripe_Version="2024-06-20")
    assert (shown.json()["amount_refunded"], shown.json()["refunded"], shown.json()["amount_captured"]) == (0, False, 0)


async def test_what_was_answered_under_a_key_stays_in_its_version(api: Api) -> None:
    key, form = {"Idempotency_Key": "k1"}, f"amount=1099&currency=usd&{PAID}"
    first = await api.post(PATH, form, Stripe_Version="2022-08-01", **key)
    again = await api.post(PATH, form, Stripe_Version=LATEST, **key)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert "charges" in json.loads(again.content)


async def test_a_key_was_once_given_the_first_answer_whatever_was_asked(api: Api) -> None:
    key = {"Idempotency_Key": "k1"}
    first = await api.post(PATH, "amount=1099&currency=usd", Stripe_Version="2015-08-19", **key)
    again = await api.post(PATH, "amount=2000&currency=usd", Stripe_Version="2015-08-19", **key)
    assert (again.status_code, again.content) == (200, first.content)
    assert len((await api.get(PATH)).json()["data"]) == 1
    other = await api.post("/v1/customers", "", Stripe_Version="2015-08-19", **key)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    later = await api.post(PATH, "amount=2000&currency=usd", Stripe_Version="2015-09-03", **key)
    assert (later.status_code, later.json()["error"]["type"]) == (400, "idempotency_error")


async def test_a_restricted_key_reads_no_more_in_an_older_version(api: Api) -> None:
    from records.accounts import add_key

    key = f"rk_test_{api.scope.account}"
    only = ("payment_intents:read",)
    await add_key(api.database, api.scope.account, key, "restricted", livemode=False, now=1, permissions=only)
    made = await api.create(PAID)
    seen = (await api.get(f"{PATH}/{made['id']}", key=key, Stripe_Version="2022-08-01")).json()
    assert "charges" not in seen
    refused = await api.get(f"{PATH}/{made['id']}", "expand[]=charges", key=key, Stripe_Version="2022-08-01")
    assert refused.status_code == 403
    long_ago = await api.get("/v1/charges", key=key, Stripe_Version="2016-07-06")
    assert long_ago.status_code == 401


async def test_a_listener_hears_in_its_version(api: Api) -> None:
    listener = (await api.post("/v1/listeners", "api_version=2018-11-08")).json()
    await api.create("payment_method=pm_card_visa")
    heard = (await api.get(f"/v1/listeners/{listener['id']}/events")).json()["data"]
    created = next(one for one in heard if one["type"] == "payment_intent.created")
    assert (created["api_version"], "next_source_action" in created["data"]["object"]) == ("2018-11-08", True)
    again = (await api.post("/v1/listeners", "")).json()
    assert again["id"] == listener["id"]
    heard = (await api.get(f"/v1/listeners/{listener['id']}/events")).json()["data"]
    assert {one["api_version"] for one in heard} == {LATEST}


async def test_an_endpoint_may_ask_in_the_words_of_its_version(api: Api) -> None:
    form = "url=https://a.example/hook&api_version=2020-03-02&enabled_events[]="
    made = (await api.post("/v1/webhook_endpoints", f"{form}payment_method.card_automatically_updated")).json()
    assert made["enabled_events"] == ["payment_method.automatically_updated"]


def test_the_dashboard_asks_in_the_newest() -> None:
    assert f'const VERSION = "{LATEST}";' in (ROOT / "console" / "src" / "api.ts").read_text()


async def test_a_charge_names_its_dispute_and_once_had_it_inside(api: Api) -> None:
    made = await api.create(PAID)
    intent = await records.load(api.database, api.scope, made["id"])
    assert intent is not None

    async def reload() -> PaymentIntent:
        return intent

    news = ReportDispute(command_id="d1", charge=made["latest_charge"], reason="general", status="needs_response")
    await api.engine.send(intent, news, reload)
    (dispute,) = (await api.get("/v1/disputes")).json()["data"]
    path = f"/v1/charges/{made['latest_charge']}"
    for version in ("2017-02-14", "2022-11-15", "2023-08-16", LATEST):
        named = (await api.get(path, Stripe_Version=version)).json()
        assert (named["dispute"], named["destination"], named["order"]) == (dispute["id"], None, None)
        opened = (await api.get(path, "expand[]=dispute", Stripe_Version=version)).json()
        assert opened["dispute"]["reason"] == "general"
    inside = (await api.get(path, Stripe_Version="2016-10-19")).json()
    assert (inside["dispute"]["id"], inside["dispute"]["object"]) == (dispute["id"], "dispute")
    other = await api.create(PAID)
    fine = (await api.get(f"/v1/charges/{other['latest_charge']}", Stripe_Version="2016-10-19")).json()
    assert fine["dispute"] is None


async def test_a_browser_that_names_an_older_version_sees_no_more_in_it(api: Api) -> None:
    made = await api.create("payment_method=pm_card_visa")
    secret = f"client_secret={made['client_secret']}"
    today = (await api.get(f"{PATH}/{made['id']}", secret, key=api.publishable)).json()
    older = (await api.get(f"{PATH}/{made['id']}", secret, key=api.publishable, Stripe_Version="2018-11-08")).json()
    renamed = {"payment_method_types": "allowed_source_types", "next_action": "next_source_action"}
    assert set(older) == {renamed.get(name, name) for name in today}
