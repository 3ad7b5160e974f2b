"""Events of connected accounts: their own endpoints are told, and the endpoints that their platform has for them."""

from typing import Any

import orjson
import pytest

from domain.identifiers import application_id
from records.accounts import ensure_key
from records.outbox import PostgresOutbox
from rendering.event import body
from rendering.related import of_event
from tests.api.conftest import Api, connected, error_of

ENDPOINTS = "/v1/webhook_endpoints"
PAID = "payment_method=pm_card_visa&confirm=true"


async def key_of(api: Api, account: str) -> str:
    """A key of the account's own."""
    key = f"sk_test_{account}"
    await ensure_key(api.database, account, key, "secret", livemode=False, now=1)
    return key


async def endpoint(api: Api, form: str = "", **headers: str) -> dict[str, Any]:
    form = f"url=https://shop.example/hook&enabled_events[]=payment_intent.succeeded&{form}"
    response = await api.post(ENDPOINTS, form.strip("&"), **headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def owed(api: Api, endpoint: dict[str, Any], **headers: str) -> list[str]:
    """The events that an endpoint is to be sent."""
    response = await api.get(f"{ENDPOINTS}/{endpoint['id']}/deliveries", **headers)
    return [delivery["event"] for delivery in response.json()["data"]]


async def succeeded(api: Api, **headers: str) -> str:
    """A payment, and the event that tells of it."""
    intent = await api.create(PAID, **headers)
    listed = await api.get("/v1/events", "type=payment_intent.succeeded", **headers)
    event = listed.json()["data"][0]
    assert event["data"]["object"]["id"] == intent["id"]
    return str(event["id"])


async def test_each_endpoint_is_told_of_whom_it_asked_for(api: Api) -> None:
    account, sibling = await connected(api), await connected(api, "b")
    own, connect = await endpoint(api), await endpoint(api, "connect=true")
    theirs = await endpoint(api, Stripe_Account=account)
    assert (own["application"], connect["application"]) == (None, application_id(api.scope.account))
    mine = await succeeded(api)
    event, other = await succeeded(api, Stripe_Account=account), await succeeded(api, Stripe_Account=sibling)
    assert await owed(api, own) == [mine]
    assert await owed(api, connect) == [other, event]
    assert await owed(api, theirs, Stripe_Account=account) == [event]


async def test_a_platform_is_told_whose_it_is_and_the_account_is_not(api: Api) -> None:
    account = await connected(api)
    connect, theirs = await endpoint(api, "connect=true"), await endpoint(api, Stripe_Account=account)
    event = await succeeded(api, Stripe_Account=account)
    told = {}
    for each in (connect, theirs):
        delivery = await PostgresOutbox(api.database).load(event, each["id"])
        assert delivery is not None
        told[each["id"]] = orjson.loads(await body(delivery.event, None, of_event(api.database)))
        older = orjson.loads(await body(delivery.event, "2017-04-06", of_event(api.database)))
        assert older.get("user_id") == (account if each is connect else None)
    assert told[connect["id"]].pop("account") == account
    assert told[connect["id"]] == told[theirs["id"]]
    shown = (await api.get(f"/v1/events/{event}", Stripe_Account=account)).json()
    assert shown["account"] == account
    assert (await api.get(f"/v1/events/{event}")).status_code == 404


async def test_nobody_is_told_of_an_account_that_is_not_theirs(api: Api) -> None:
    account, sibling = await connected(api), await connected(api, "b")
    below = await endpoint(api, "connect=true", Stripe_Account=sibling)
    live = await endpoint(api, "connect=true")
    event = await succeeded(api, Stripe_Account=account)
    assert await owed(api, below, Stripe_Account=sibling) == []
    assert await owed(api, live) == [event]
    response = await api.request("DELETE", f"/v1/accounts/{account}")
    assert response.status_code == 200
    intent = await api.create("capture_method=manual", Stripe_Account=sibling)
    assert intent["status"] == "requires_payment_method"
    again = await api.post(f"/v1/events/{event}/resend", f"webhook_endpoint={live['id']}", Stripe_Account=sibling)
    assert again.status_code == 404


@pytest.mark.parametrize("named", [True, False])
async def test_it_is_told_again_when_somebody_asks(api: Api, named: bool) -> None:
    account = await connected(api)
    own, connect = await endpoint(api), await endpoint(api, "connect=true")
    event = await succeeded(api, Stripe_Account=account)
    outbox = PostgresOutbox(api.database)
    await outbox.end(event, connect["id"], "delivered")
    form = f"webhook_endpoint={connect['id']}" if named else ""
    response = await api.post(f"/v1/events/{event}/resend", form, Stripe_Account=account)
    assert response.status_code == 200, response.text
    deliveries = (await api.get(f"{ENDPOINTS}/{connect['id']}/deliveries")).json()["data"]
    assert [(one["event"], one["status"]) for one in deliveries] == [(event, "pending")]
    refused = await api.post(f"/v1/events/{event}/resend", f"webhook_endpoint={own['id']}", Stripe_Account=account)
    assert (refused.status_code, error_of(refused)["code"]) == (400, "resource_missing")
    assert await owed(api, own) == []


async def test_who_has_a_key_of_its_own_learns_nothing_of_its_platforms_endpoints(api: Api) -> None:
    account = await connected(api)
    connect, theirs = await endpoint(api, "connect=true"), await endpoint(api, Stripe_Account=account)
    intent = await api.create(PAID, Stripe_Account=account)
    path = f"/dashboard/v1/payment_intents/{intent['id']}/timeline"
    for who, told in (
        ({"key": await key_of(api, account)}, {theirs["id"]}),
        ({"Stripe_Account": account}, {theirs["id"], connect["id"]}),
    ):
        events = (await api.get(path, **who)).json()["events"]
        assert {one["endpoint"] for event in events for one in event["deliveries"]} == told


@pytest.mark.parametrize("named", [True, False])
async def test_nor_has_it_anything_sent_there_again(api: Api, named: bool) -> None:
    account = await connected(api)
    connect, theirs = await endpoint(api, "connect=true"), await endpoint(api, Stripe_Account=account)
    event = await succeeded(api, Stripe_Account=account)
    for each in (connect, theirs):
        await PostgresOutbox(api.database).end(event, each["id"], "delivered")
    form = f"webhook_endpoint={connect['id']}" if named else ""
    response = await api.post(f"/v1/events/{event}/resend", form, key=await key_of(api, account))
    assert response.status_code == (400 if named else 200)
    if named:
        form = "webhook_endpoint=we_nobody"
        unknown = error_of(await api.post(f"/v1/events/{event}/resend", form, key=await key_of(api, account)))
        same = error_of(response)["message"].replace(connect["id"], "we_nobody")
        assert same == unknown["message"], "that there is one is not told"
    for each, state, headers in (
        (connect, "delivered", {}),
        (theirs, "delivered" if named else "pending", {"Stripe_Account": account}),
    ):
        deliveries = (await api.get(f"{ENDPOINTS}/{each['id']}/deliveries", **headers)).json()["data"]
        assert [one["status"] for one in deliveries] == [state]


async def test_stripes_cli_has_an_event_of_an_account_sent_again(api: Api) -> None:
    account = await connected(api)
    connect = await endpoint(api, "connect=true")
    event = await succeeded(api, Stripe_Account=account)
    await PostgresOutbox(api.database).end(event, connect["id"], "delivered")
    form = f"for_stripecli=true&account={account}&webhook_endpoint={connect['id']}"
    response = await api.post(f"/v1/events/{event}/retry", form)
    assert (response.status_code, response.json()["account"]) == (200, account)
    deliveries = (await api.get(f"{ENDPOINTS}/{connect['id']}/deliveries")).json()["data"]
    assert [(one["event"], one["status"]) for one in deliveries] == [(event, "pending")]
    for whose in ("acct_nobody", api.scope.account):
        refused = await api.post(f"/v1/events/{event}/retry", form.replace(account, whose))
        assert refused.status_code in (400, 404)
    own = await api.post(f"/v1/events/{event}/retry", f"account={api.scope.account}", key=await key_of(api, account))
    assert error_of(own)["message"] == f"No such account: '{api.scope.account}'"


async def test_a_platform_is_told_of_what_happens_in_the_mode_of_the_account(api: Api) -> None:
    account = await connected(api)
    live = f"sk_live_{api.scope.account}"
    await ensure_key(api.database, api.scope.account, live, "secret", livemode=True, now=1)
    form = "connect=true&enabled_events[]=customer.created"
    connect, other = await endpoint(api, form), await endpoint(api, form, key=live)
    response = await api.post("/v1/customers", "name=Jenny", key=await key_of(api, account))
    assert response.json()["livemode"] is False
    assert len(await owed(api, connect)) == 1
    assert await owed(api, other, key=live) == []
