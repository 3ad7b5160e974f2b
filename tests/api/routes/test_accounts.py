"""Accounts over HTTP: what a platform makes and sees, and for whom a request acts."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from api.dialect.auth import CACHE_SECONDS
from domain.identifiers import application_id
from domain.model.connected_accounts import ConnectedAccount
from domain.model.ephemeral_keys import EphemeralKey
from domain.money.pricing import Pricing
from records import cli_sessions as sessions
from records import ephemeral_keys, payment_methods
from records.accounts import add_key, ensure_account, ensure_key, find_key, hash_key, list_keys, set_pricing
from records.cli_sessions import Device, Session
from records.cli_tables import cli_sessions
from records.connected_accounts import ACCOUNTS_MAX, acting_for, add, delete, known
from records.scope import Cursor, Scope
from records.tables import customers, webhook_endpoints
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

ACCOUNTS = "/v1/accounts"
INTENTS = "/v1/payment_intents"
OK = "amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true"


async def connected(api: Api, form: str = "type=custom&country=FR", **more: Any) -> dict[str, Any]:
    response = await api.post(ACCOUNTS, form, **more)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def platform_of_its_own(api: Api) -> str:
    """The secret key of another platform."""
    other = f"{api.scope.account}_other"
    await ensure_account(api.database, other, "other", 1)
    await ensure_key(api.database, other, f"sk_test_{other}", "secret", livemode=False, now=1)
    return f"sk_test_{other}"


async def test_an_account_is_made_seen_changed_listed_and_deleted(api: Api) -> None:
    form = (
        "type=express&country=de&email=jenny@example.com&business_type=company&business_profile[name]=Rosen"
        "&business_profile[support_address][city]=Berlin&capabilities[card_payments][requested]=true"
        "&capabilities[transfers][requested]=true&metadata[a]=b&tos_acceptance[date]=1700000000"
    )
    made = await connected(api, form)
    assert (made["id"][:6], made["object"], made["type"], made["country"]) == ("acct_1", "account", "express", "DE")
    assert (made["charges_enabled"], made["payouts_enabled"], made["details_submitted"]) == (True, True, True)
    assert made["capabilities"] == {"card_payments": "active", "transfers": "active"}
    assert made["controller"]["fees"] == {"payer": "application_express"}
    assert (made["default_currency"], made["business_profile"]["support_address"]["city"]) == ("eur", "Berlin")
    assert made["requirements"]["currently_due"] == []
    path = f"{ACCOUNTS}/{made['id']}"
    assert (await api.get(path)).json() == made
    form = "capabilities[transfers][requested]=false&business_profile[url]=https://r.example&metadata[a]=&metadata[c]=d"
    changed = (await api.post(path, f"{form}&business_profile[support_address][line1]=Allee 1")).json()
    assert changed["capabilities"] == {"card_payments": "active", "transfers": "inactive"}
    assert (changed["business_profile"]["name"], changed["business_profile"]["url"]) == ("Rosen", "https://r.example")
    assert changed["business_profile"]["support_address"]["city"] == "Berlin", "key by key"
    assert changed["metadata"] == {"c": "d"}
    second = await connected(api)
    listed = (await api.get(ACCOUNTS)).json()
    assert [one["id"] for one in listed["data"]] == [second["id"], made["id"]]
    first = (await api.get(ACCOUNTS, f"limit=1&starting_after={second['id']}")).json()
    assert [one["id"] for one in first["data"]] == [made["id"]]
    gone = await api.request("DELETE", path)
    assert gone.json() == {"id": made["id"], "object": "account", "deleted": True}
    assert [one["id"] for one in (await api.get(ACCOUNTS)).json()["data"]] == [second["id"]]
    for method, form in (("GET", ""), ("POST", "metadata[a]=b"), ("DELETE", "")):
        response = await api.request(method, path, form)
        assert (response.status_code, error_of(response)["code"]) == (403, "account_invalid")


@pytest.mark.parametrize(
    ("form", "type_", "controller"),
    [
        ("", "none", ("account", "stripe", "stripe", "full")),
        ("type=standard", "standard", ("account", "stripe", "stripe", "full")),
        ("type=custom", "custom", ("application_custom", "application", "application", "none")),
        ("controller[stripe_dashboard][type]=none&controller[fees][payer]=application", "none",
         ("application", "stripe", "stripe", "none")),
    ],
)  # fmt: skip
async def test_who_answers_for_what(api: Api, form: str, type_: str, controller: tuple[str, ...]) -> None:
    made = await connected(api, form)
    said = made["controller"]
    shown = (said["fees"]["payer"], said["losses"]["payments"], said["requirement_collection"])
    assert (made["type"], (*shown, said["stripe_dashboard"]["type"])) == (type_, controller)


@pytest.mark.parametrize(
    ("form", "param", "text"),
    [
        ("type=custom&controller[fees][payer]=account", "type", "mutually exclusive"),
        ("country=Atlantis", "country", "Country 'Atlantis' is unknown."),
        ("default_currency=xxd", "default_currency", "Invalid currency: xxd."),
        ("email=nobody", "email", "Invalid email address: nobody"),
        ("individual[first_name]=Jenny", "individual", "Received unknown parameter: individual"),
    ],
)
async def test_what_is_refused_makes_no_account(api: Api, form: str, param: str, text: str) -> None:
    response = await api.post(ACCOUNTS, form)
    assert (response.status_code, error_of(response)["param"]) == (400, param)
    assert text in error_of(response)["message"]
    assert (await api.get(ACCOUNTS)).json()["data"] == []


async def test_everybody_sees_their_own(api: Api) -> None:
    own = (await api.get("/v1/account")).json()
    assert (own["id"], own["type"], own["charges_enabled"]) == (api.scope.account, "standard", True)
    assert (await api.get(f"{ACCOUNTS}/{own['id']}")).json() == own
    made = await connected(api)
    assert (await api.get("/v1/account", Stripe_Account=made["id"])).json() == made
    assert (await api.get(f"{ACCOUNTS}/{made['id']}", Stripe_Account=made["id"])).json() == made
    for method in ("POST", "DELETE"):
        response = await api.request(method, f"{ACCOUNTS}/{own['id']}")
        assert response.status_code == 403
        assert "your own account" in error_of(response)["message"]


@pytest.mark.parametrize("header", ["Stripe_Account", "Stripe_Context"])
async def test_a_request_acts_for_the_account_that_it_names(api: Api, header: str) -> None:
    made = await connected(api)
    response = await api.post(INTENTS, OK, **{header: made["id"]})
    assert (response.status_code, response.json()["status"]) == (200, "succeeded")
    assert response.headers["stripe-account"] == made["id"]
    intent = response.json()["id"]
    assert (await api.get(INTENTS)).json()["data"] == []
    assert (await api.get("/v1/charges")).json()["data"] == []
    assert (await api.get(f"{INTENTS}/{intent}")).status_code == 404
    assert (await api.get(f"{INTENTS}/{intent}", **{header: made["id"]})).json()["id"] == intent
    assert api.engine.states[intent].account == made["id"]
    events = (await api.get("/v1/events", **{header: made["id"]})).json()["data"]
    assert "payment_intent.succeeded" in {event["type"] for event in events}
    assert (await api.get("/v1/events")).json()["data"] == []
    moved = [await api.get("/v1/balance_transactions", **headers) for headers in ({header: made["id"]}, {})]
    assert [len(each.json()["data"]) for each in moved] == [1, 0]


async def test_an_unknown_account_and_one_of_another_platform_are_told_alike(api: Api) -> None:
    stranger = await platform_of_its_own(api)
    foreign = (await connected(api, key=stranger))["id"]
    for account in (foreign, "acct_nobody", "x" * 300, "acct\x7f", f"{api.scope.account}_other"):
        for ask in (api.post(INTENTS, OK, Stripe_Account=account), api.get("/v1/account", Stripe_Context=account)):
            response = await ask
            assert (response.status_code, error_of(response)["code"]) == (403, "account_invalid")
            assert error_of(response)["message"].startswith("The provided key 'sk_test_********")
    for method, form in (("GET", ""), ("POST", "metadata[a]=b"), ("DELETE", "")):
        response = await api.request(method, f"{ACCOUNTS}/{foreign}", form)
        assert (response.status_code, error_of(response)["code"]) == (403, "account_invalid")
    assert (await api.get(INTENTS)).json()["data"] == []
    assert (await api.get(INTENTS, key=stranger, Stripe_Account=foreign)).json()["data"] == []
    kept = await known(api.database, foreign)
    assert kept is not None
    assert (kept.metadata, kept.deleted) == ({}, False)


async def test_one_request_acts_for_one_account(api: Api) -> None:
    one, other = (await connected(api))["id"], (await connected(api))["id"]
    both = await api.post(INTENTS, OK, Stripe_Account=one, Stripe_Context=other)
    assert (both.status_code, "acts for one account" in error_of(both)["message"]) == (400, True)
    mixed = await api.post(INTENTS, OK, Stripe_Account=one, Stripe_Context=api.scope.account)
    assert mixed.status_code == 400
    assert (await api.post(INTENTS, OK, Stripe_Account=one, Stripe_Context=one)).status_code == 200
    for account in (one, other):
        listed = (await api.get(INTENTS, Stripe_Account=account)).json()["data"]
        assert len(listed) == (1 if account == one else 0)


async def test_a_connected_account_makes_none(api: Api) -> None:
    made = await connected(api)
    key = f"sk_test_{made['id']}"
    await ensure_key(api.database, made["id"], key, "secret", livemode=False, now=1)
    for response in (await api.post(ACCOUNTS, Stripe_Account=made["id"]), await api.post(ACCOUNTS, key=key)):
        assert response.status_code == 400
        assert "signed up for Connect" in error_of(response)["message"]
    assert (await api.get(ACCOUNTS, Stripe_Account=made["id"])).json()["data"] == []
    assert (await api.get("/v1/account", key=key)).json() == made
    assert (await api.post(f"{ACCOUNTS}/{made['id']}", "metadata[a]=b", key=key)).status_code == 403
    gone = await api.request("DELETE", f"{ACCOUNTS}/{made['id']}")
    assert gone.status_code == 200
    api.clock.now += 10
    ended = await api.get("/v1/account", key=key)
    assert (ended.status_code, error_of(ended)["code"]) == (401, "api_key_expired")
    assert (await api.get(INTENTS, Stripe_Account=made["id"])).status_code == 403


async def test_the_same_idempotency_key_is_another_ones(api: Api) -> None:
    one, other = (await connected(api))["id"], (await connected(api))["id"]
    ids = [
        (await api.post(INTENTS, OK, Idempotency_Key="order_1", **headers)).json()["id"]
        for headers in ({}, {"Stripe_Account": one}, {"Stripe_Account": other}, {"Stripe_Context": one})
    ]
    assert len(set(ids)) == 3
    assert ids[1] == ids[3]


async def test_two_who_make_one_under_one_key_make_one(api: Api) -> None:
    answers = await asyncio.gather(*(api.post(ACCOUNTS, "type=custom", Idempotency_Key="k") for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len((await api.get(ACCOUNTS)).json()["data"]) == 1


async def test_a_browser_acts_for_it_with_the_platforms_publishable_key(api: Api) -> None:
    made = await connected(api)
    intent = (await api.post(INTENTS, "amount=1099&currency=usd", Stripe_Account=made["id"])).json()
    query = f"client_secret={intent['client_secret']}"
    pk = api.publishable
    shown = await api.get(f"{INTENTS}/{intent['id']}", f"{query}&_stripe_account={made['id']}", key=pk)
    assert shown.json()["id"] == intent["id"]
    assert (await api.get(f"{INTENTS}/{intent['id']}", query, key=pk, Stripe_Account=made["id"])).status_code == 200
    assert (await api.get(f"{INTENTS}/{intent['id']}", query, key=pk)).status_code == 404
    method = "payment_method_data[type]=card&payment_method_data[card][token]=tok_visa"
    form = f"{query}&{method}&_stripe_account={made['id']}"
    assert (await api.post(f"{INTENTS}/{intent['id']}/confirm", form, key=pk)).json()["status"] == "succeeded"


async def test_a_devices_key_stays_where_it_is(api: Api) -> None:
    made = await connected(api)
    customer = (await api.post("/v1/customers")).json()["id"]
    key = (await api.post("/v1/ephemeral_keys", f"customer={customer}")).json()["secret"]
    assert (await api.get(f"/v1/customers/{customer}", key=key)).status_code == 200
    response = await api.get(f"/v1/customers/{customer}", key=key, Stripe_Account=made["id"])
    assert (response.status_code, error_of(response)["code"]) == (403, "account_invalid")
    theirs = (await api.post("/v1/customers", Stripe_Account=made["id"])).json()["id"]
    key = (await api.post("/v1/ephemeral_keys", f"customer={theirs}", Stripe_Account=made["id"])).json()["secret"]
    for headers in ({}, {"Stripe_Account": made["id"]}):
        assert (await api.get(f"/v1/customers/{theirs}", key=key, **headers)).status_code == 200


async def test_a_restricted_key_may_for_it_what_it_may(api: Api) -> None:
    made, key = await connected(api), f"rk_test_{api.scope.account}"
    allowed = ("payment_intents:read",)
    await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=allowed)
    assert (await api.get(INTENTS, key=key, Stripe_Account=made["id"])).status_code == 200
    refused = await api.post(INTENTS, OK, key=key, Stripe_Account=made["id"])
    assert (refused.status_code, made["id"] in error_of(refused)["message"]) == (403, True)
    assert (await api.get(ACCOUNTS, key=key)).status_code == 403
    assert (await api.get(INTENTS, Stripe_Account=made["id"])).json()["data"] == []


async def test_what_a_platform_makes_says_so(api: Api) -> None:
    made = await connected(api)
    form = f"{OK}&application_fee_amount=123"
    refused = await api.post(INTENTS, form)
    assert (refused.status_code, error_of(refused)["param"]) == (400, "application_fee_amount")
    response = await api.post(INTENTS, form, Stripe_Account=made["id"])
    intent = response.json()
    charge = (await api.get(f"/v1/charges/{intent['latest_charge']}", Stripe_Account=made["id"])).json()
    for shown in (intent, charge):
        assert (shown["application"], shown["application_fee_amount"]) == (application_id(api.scope.account), 123)
    too_much = await api.post(INTENTS, f"{OK}&application_fee_amount=1100", Stripe_Account=made["id"])
    assert (too_much.status_code, error_of(too_much)["param"]) == (400, "application_fee_amount")
    form = "payment_method=pm_card_visa&confirm=true&return_url=https://shop.example&expand[]=latest_attempt"
    setup = (await api.post("/v1/setup_intents", form, Stripe_Account=made["id"])).json()
    assert setup["application"] == setup["latest_attempt"]["application"] == application_id(api.scope.account)
    own = (await api.post(INTENTS, OK)).json()
    assert own["application"] is None


async def test_whose_method_it_was_is_told_to_the_platform(api: Api) -> None:
    made = await connected(api)
    method = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    form = f"amount=1099&currency=usd&payment_method={method}"
    error = error_of(await api.post(INTENTS, form, Stripe_Account=made["id"]))
    assert (error["code"], error["param"]) == ("resource_missing", "payment_method")
    assert error["message"] == (
        f"No such PaymentMethod: '{method}'; OAuth key or Stripe-Account header was used but API request was provided "
        "with a platform-owned payment method ID. Please ensure that the provided payment method matches the specified "
        "account."
    )


async def test_a_saved_card_is_shared_with_an_account(api: Api) -> None:
    account = (await connected(api))["id"]
    customer = (await api.post("/v1/customers")).json()["id"]
    saved = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa&metadata[a]=b")).json()["id"]
    form = f"customer={customer}&payment_method={saved}"
    unattached = error_of(await api.post("/v1/payment_methods", form, Stripe_Account=account))
    assert (unattached["param"], "not attached to the customer" in unattached["message"]) == ("customer", True)
    await api.post(f"/v1/payment_methods/{saved}/attach", f"customer={customer}")
    response = await api.post("/v1/payment_methods", form, Stripe_Account=account, Idempotency_Key="share")
    copied = response.json()
    assert (response.status_code, copied["customer"], copied["metadata"]) == (200, None, {})
    kept = (await api.get(f"/v1/payment_methods/{saved}")).json()
    assert (kept["customer"], kept["card"]["fingerprint"]) == (customer, copied["card"]["fingerprint"])
    again = await api.post("/v1/payment_methods", form, Stripe_Account=account, Idempotency_Key="share")
    assert again.json()["id"] == copied["id"] != saved
    paid = f"amount=1099&currency=usd&confirm=true&payment_method={copied['id']}"
    assert (await api.post(INTENTS, paid, Stripe_Account=account)).json()["status"] == "succeeded"
    assert (await api.get(f"/v1/payment_methods/{copied['id']}")).status_code == 404
    assert (await api.get(f"/v1/payment_methods/{saved}")).json()["customer"] == customer


async def test_a_shared_card_is_as_it_is_said_to_be(api: Api) -> None:
    account = (await connected(api))["id"]
    customer = (await api.post("/v1/customers")).json()["id"]
    owner = "billing_details[name]=Jenny&billing_details[address][city]=Paris"
    saved = (await api.post("/v1/payment_methods", f"type=card&card[token]=tok_visa&{owner}")).json()["id"]
    kept = (await api.post(f"/v1/payment_methods/{saved}/attach", f"customer={customer}")).json()
    assert kept["card"]["checks"]["address_postal_code_check"] is None
    said = "type=card&metadata[a]=b&allow_redisplay=always&billing_details[address][postal_code]=75001"
    form = f"customer={customer}&payment_method={saved}&{said}"
    copied = (await api.post("/v1/payment_methods", form, Stripe_Account=account)).json()
    assert (copied["metadata"], copied["allow_redisplay"]) == ({"a": "b"}, "always")
    who = copied["billing_details"]
    assert (who["name"], who["address"]["city"], who["address"]["postal_code"]) == ("Jenny", "Paris", "75001")
    assert copied["card"]["checks"]["address_postal_code_check"] == "unchecked"
    assert (await api.get(f"/v1/payment_methods/{saved}")).json() == kept
    plain = f"customer={customer}&payment_method={saved}"
    same = (await api.post("/v1/payment_methods", plain, Stripe_Account=account)).json()
    assert (same["billing_details"], same["allow_redisplay"]) == (kept["billing_details"], kept["allow_redisplay"])


@pytest.mark.parametrize(
    ("form", "acting", "param", "text"),
    [
        ("customer={customer}&payment_method={saved}", False, "payment_method", "Stripe-Account header"),
        ("payment_method={saved}", True, "customer", "you must provide the customer"),
        ("customer=cus_other&payment_method={saved}", True, "customer", "is not attached to the customer cus_other"),
        ("customer={customer}&payment_method=pm_nobody", True, "payment_method", "No such PaymentMethod: 'pm_nobody'"),
        ("customer={customer}", True, "type", "Missing required param: type."),
        ("customer={customer}&payment_method={saved}&type=sepa_debit", True, "type", "is of type card, not sepa_debit"),
        ("customer={customer}&payment_method={saved}&type=card&card[token]=tok_visa", True, "card", "only specify one"),
        (
            "customer={customer}&payment_method={saved}&sepa_debit[iban]=DE89370400440532013000",
            True,
            "sepa_debit",
            "only specify",
        ),
    ],
)
async def test_what_is_not_shared(api: Api, form: str, acting: bool, param: str, text: str) -> None:
    account = (await connected(api))["id"]
    customer = (await api.post("/v1/customers")).json()["id"]
    saved = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    await api.post(f"/v1/payment_methods/{saved}/attach", f"customer={customer}")
    headers = {"Stripe_Account": account} if acting else {}
    form = form.format(customer=customer, saved=saved)
    error = error_of(await api.post("/v1/payment_methods", form, **headers))
    assert (error["param"], text in error["message"]) == (param, True)
    asked = await api.post("/v1/payment_methods", form, key=api.publishable, Stripe_Account=account)
    assert asked.status_code == 400
    there = Scope(account, livemode=False)
    assert await payment_methods.newest(api.database, there, Cursor(), None) == ([], False)


async def test_it_tells_of_its_changes_itself(api: Api) -> None:
    made = await connected(api)
    await api.post(f"{ACCOUNTS}/{made['id']}", "email=jenny@example.com")
    await api.post(f"{ACCOUNTS}/{made['id']}", "email=jenny@example.com")
    events = (await api.get("/v1/events", Stripe_Account=made["id"])).json()["data"]
    assert [event["type"] for event in events] == ["account.updated"]
    assert events[0]["data"]["object"]["email"] == "jenny@example.com"
    assert events[0]["data"]["previous_attributes"] == {"email": None}


async def test_settings_of_its_own_come_first_and_its_platforms_hold_else(api: Api) -> None:
    account = (await connected(api))["id"]
    await set_pricing(api.database, api.scope.account, Pricing(fixed=10))
    platform = await find_key(api.database, api.secret, NOW)
    assert platform is not None
    await add_key(api.database, account, f"sk_test_{account}", "secret", False, NOW)
    for pricing in (Pricing(fixed=10), Pricing(fixed=20)):
        acting = await acting_for(api.database, platform, account)
        own = await find_key(api.database, f"sk_test_{account}", NOW)
        assert acting is not None
        assert own is not None
        assert (acting.account, acting.platform, acting.pricing) == (account, api.scope.account, pricing)
        assert (own.account, own.platform, own.pricing) == (account, None, pricing)
        assert acting.crowd == own.crowd == platform.crowd
        await set_pricing(api.database, account, Pricing(fixed=20))


async def test_an_account_that_was_deleted_opens_nothing_whoever_was_quick(api: Api) -> None:
    account = (await connected(api))["id"]
    acting = {"Stripe_Account": account}
    key, late = f"sk_test_{account}", f"sk_test_late_{account}"
    await add_key(api.database, account, key, "secret", False, NOW)
    customer = (await api.post("/v1/customers", key=key)).json()["id"]
    device = (await api.post("/v1/ephemeral_keys", f"customer={customer}", **acting)).json()["secret"]
    listen = "device_name=laptop&websocket_features[]=webhooks"
    await api.post("/v1/stripecli/sessions", listen, **acting)
    assert (await api.request("DELETE", f"{ACCOUNTS}/{account}")).status_code == 200
    mine = cli_sessions.c.account == account
    (session,) = await api.database.execute(select(cli_sessions.c.ended).where(mine))
    (listener,) = await api.database.execute(
        select(webhook_endpoints.c.enabled).where(webhook_endpoints.c.account == account)
    )
    assert (session.ended, listener.enabled) == (True, False)
    # This process has not noticed yet.
    made = await api.post("/dashboard/v1/api_keys", "kind=secret", **acting)
    assert (made.status_code, error_of(made)["code"]) == (403, "account_invalid")
    assert [one.hint for one in await list_keys(api.database, Scope(account, livemode=False))] == [key[-4:]]
    quick = (await api.post("/v1/ephemeral_keys", f"customer={customer}", **acting)).json()["secret"]
    await api.post("/v1/stripecli/sessions", listen, **acting)
    await ensure_key(api.database, account, late, "secret", livemode=False, now=NOW)
    api.clock.now += CACHE_SECONDS
    for each in (device, quick, key, late):
        response = await api.get(f"/v1/customers/{customer}", key=each)
        assert (response.status_code, error_of(response)["code"]) == (401, "api_key_expired"), each


async def test_a_session_of_an_account_that_was_deleted_is_nobodys(api: Api) -> None:
    account = (await connected(api))["id"]
    key = await find_key(api.database, api.secret, NOW)
    assert key is not None
    await delete(api.database, api.scope, account, NOW)
    # Made by a process that has not noticed yet.
    session = Session(id="cs_late", account=account, livemode=False, created=NOW, feature="request_logs", filters={})
    assert await sessions.add(api.database, session, "opens", key.hash, Device("laptop", "whsec_1"), None)
    assert await sessions.take(api.database, "opens", "a", NOW) is None


async def test_an_account_is_opened_by_no_key_of_the_other_mode(api: Api) -> None:
    account, key = (await connected(api))["id"], f"sk_live_{api.scope.account}_old"
    # As a release let them be made.
    await ensure_key(api.database, account, key, "secret", livemode=True, now=NOW)
    device, theirs = "ek_live_" + account, f"cus_{account}"
    old = EphemeralKey(id=f"ephkey_{account}", account=account, livemode=True, created=NOW, customer=theirs,
                       expires=NOW + 3_600, api_version="2026-10-28")  # fmt: skip
    await ephemeral_keys.add(api.database, old, device)
    for each in (key, device):
        answer = await api.get(f"/v1/customers/{theirs}", key=each)
        assert (answer.status_code, error_of(answer)["code"]) == (401, "api_key_expired")
    made = await api.post("/v1/customers", key=key)
    assert (made.status_code, error_of(made)["code"]) == (401, "api_key_expired")
    live = Scope(account, livemode=True)
    rows = await api.database.execute(select(customers.c.id).where(live.owns(customers)))
    assert rows == [], "and nothing is made in that mode"
    # A session of that key's, from before.
    session = Session(
        id=f"cs_{account}", account=account, livemode=True, created=NOW, feature="request_logs", filters={}
    )
    laptop = Device("laptop", "whsec_1")
    assert await sessions.add(api.database, session, f"opens_{account}", hash_key(key), laptop, None)
    assert await sessions.take(api.database, f"opens_{account}", "a", NOW) is None


async def test_a_key_of_an_account_that_is_connected_to_nobody_is_of_any_mode(api: Api) -> None:
    live = f"sk_live_{api.scope.account}"
    await ensure_key(api.database, api.scope.account, live, "secret", livemode=True, now=NOW)
    assert (await api.post("/v1/customers", key=live)).json()["livemode"] is True


@pytest.mark.parametrize("there", [0, 1])
async def test_a_platform_has_so_many_accounts_and_no_more(api: Api, there: int) -> None:
    for number in range(there):
        await add(api.database, ConnectedAccount(id=f"{api.scope.account}_{number}", account=api.scope.account,
                                                 livemode=False, created=1), None)  # fmt: skip
    account = ConnectedAccount(id=f"{api.scope.account}_one_more", account=api.scope.account, livemode=False, created=1)
    assert await add(api.database, account, None, most=1) is not bool(there)
    assert len((await api.get(ACCOUNTS)).json()["data"]) == 1
    live = replace(account, id=f"{account.id}_live", livemode=True)
    assert await add(api.database, live, None, most=1), "each mode has its own"


async def test_who_has_too_many_accounts_is_told_so(api: Api) -> None:
    many = text(
        "WITH a AS (INSERT INTO accounts (id, name, created) SELECT :platform || n, 'a', 1 "
        "FROM generate_series(CAST(:first AS int), :last) AS n RETURNING id) "
        "INSERT INTO connected_accounts (id, account, livemode, created, data) "
        "SELECT id, :platform, false, 1, '{}' FROM a"
    )
    step = ACCOUNTS_MAX // 20  # a statement that writes them all takes longer than one may, on a busy machine
    for last in range(step, ACCOUNTS_MAX + 1, step):
        await api.database.execute(many.bindparams(platform=api.scope.account, first=last - step + 1, last=last))
    response = await api.post(ACCOUNTS, "type=custom")
    assert response.status_code == 400
    assert error_of(response)["message"] == "You have reached the maximum of 10000 connected accounts."
