"""Webhook endpoints, events and listeners over the API: every field, every filter, every refusal."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from domain.webhooks import SECRETS_MAX, signature_header, valid_secrets
from records.base import Attempt
from records.idempotency import table as idempotency
from records.outbox import PostgresOutbox
from records.webhook_endpoints import load as load_endpoint
from tests.api.conftest import Api, error_of

URL = "url=https://shop.example/hook"
ENDPOINTS = "/v1/webhook_endpoints"


async def endpoint(api: Api, form: str = "enabled_events[]=*") -> dict[str, Any]:
    response = await api.post(ENDPOINTS, f"{URL}&{form}")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_the_secret_is_shown_once(api: Api) -> None:
    form = "enabled_events[]=charge.succeeded&description=d&metadata[a]=b&api_version=2025-09-30.clover"
    made = await endpoint(api, form)
    assert made["secret"].startswith("whsec_")
    assert len(made["secret"]) == 38
    shown = (await api.get(f"{ENDPOINTS}/{made['id']}")).json()
    assert shown == {key: value for key, value in made.items() if key != "secret"}
    assert (made["status"], made["api_version"], made["metadata"]) == ("enabled", "2025-09-30.clover", {"a": "b"})
    listed = (await api.get(ENDPOINTS)).json()["data"]
    assert listed == [shown]


async def test_a_repeated_request_has_the_same_secret(api: Api) -> None:
    form = f"{URL}&enabled_events[]=*"
    first = await api.post(ENDPOINTS, form, Idempotency_Key="once")
    second = await api.post(ENDPOINTS, form, Idempotency_Key="once")
    assert first.json() == second.json()
    assert len((await api.get(ENDPOINTS)).json()["data"]) == 1


async def test_update_and_delete(api: Api) -> None:
    made = await endpoint(api)
    path = f"{ENDPOINTS}/{made['id']}"
    form = "disabled=true&url=https://other.example/&enabled_events[]=charge.failed&description=&metadata[k]=v"
    changed = (await api.post(path, form)).json()
    assert (changed["status"], changed["url"], changed["enabled_events"]) == (
        "disabled", "https://other.example/", ["charge.failed"],
    )  # fmt: skip
    assert (await api.post(path, "disabled=false")).json()["status"] == "enabled"
    deleted = (await api.request("DELETE", path)).json()
    assert deleted == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    assert (await api.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("form", "param", "code"),
    [
        ("enabled_events[]=*", "url", "parameter_missing"),
        (URL, "enabled_events", "parameter_missing"),
        (f"{URL}&enabled_events[]=nothing.happened", "enabled_events", None),
        ("url=shop&enabled_events[]=*", "url", "url_invalid"),
        ("url=ftp://shop.example&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://[::1&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://127。0。0。1/&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://１２７.1/&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://2130706433/&enabled_events[]=*", "url", "url_invalid"),
        ("url=https://user:secret@shop.example/&enabled_events[]=*", "url", "url_invalid"),
        ("url=https://shop.example/%23top&enabled_events[]=*", "url", "url_invalid"),
        ("url=https://shop.example:0/&enabled_events[]=*", "url", "url_invalid"),
        ("url=https://shop.example/%0d%0aHost:evil&enabled_events[]=*", "url", "url_invalid"),
        ("url=https://shop.example/%09&enabled_events[]=*", "url", "url_invalid"),
        (f"url=https://shop.example/{'a' * 2_048}&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://127.0.0.1/&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://169.254.169.254/latest&enabled_events[]=*", "url", "url_invalid"),
        ("url=http://localhost:4242/&enabled_events[]=*", "url", "url_invalid"),
        (f"{URL}&enabled_events[]=*&api_version=2020-02-30", "api_version", None),
    ],
)
async def test_what_is_refused(api: Api, form: str, param: str, code: str | None) -> None:
    response = await api.post(ENDPOINTS, form)
    assert response.status_code == 400
    error = error_of(response)
    assert (error["param"], error.get("code")) == (param, code)
    assert (await api.get(ENDPOINTS)).json()["data"] == []


async def test_a_url_is_kept_as_it_will_be_sent_to(api: Api) -> None:
    made = (await api.post(ENDPOINTS, "url=https://müller.example/größe?a=ö&enabled_events[]=*")).json()
    assert made["url"] == "https://xn--mller-kva.example/gr%C3%B6%C3%9Fe?a=%C3%B6"
    changed = await api.post(f"{ENDPOINTS}/{made['id']}", "url=https://ｓｈｏｐ。example/")
    assert changed.json()["url"] == "https://shop.example/"
    refused = await api.post(f"{ENDPOINTS}/{made['id']}", "url=http://127。0。0。1/")
    assert error_of(refused)["code"] == "url_invalid"
    assert (await api.get(f"{ENDPOINTS}/{made['id']}")).json()["url"] == "https://shop.example/"


async def test_a_mistyped_event_type_is_refused_with_the_nearest(api: Api) -> None:
    for path, form in ((ENDPOINTS, URL), ("/v1/listeners", "name=laptop")):
        refused = await api.post(path, f"{form}&enabled_events[]=payment_intent.succeded")
        assert "Did you mean payment_intent.succeeded?" in error_of(refused)["message"]


async def test_sixteen_are_enough(api: Api) -> None:
    for _ in range(16):
        await endpoint(api)
    assert "maximum of 16" in error_of(await api.post(ENDPOINTS, f"{URL}&enabled_events[]=*"))["message"]


async def test_a_rotated_secret_overlaps_as_long_as_asked(api: Api) -> None:
    made = await endpoint(api)
    rotated = (await api.post(f"{ENDPOINTS}/{made['id']}/rotate_secret", "overlap_seconds=3600")).json()
    assert rotated["secret"] != made["secret"]
    await api.create()
    event = (await api.get("/v1/events")).json()["data"][0]
    delivery = await PostgresOutbox(api.database).load(event["id"], made["id"])
    assert delivery is not None
    assert [secret.secret for secret in delivery.secrets] == [rotated["secret"], made["secret"]]
    assert signature_header(delivery.secrets, b"", api.clock.now).count("v1=") == 2
    assert signature_header(delivery.secrets, b"", api.clock.now + 3_600).count("v1=") == 1
    assert made["secret"] not in repr(delivery), "no secret in anything that is logged"
    late = await api.post(f"{ENDPOINTS}/{made['id']}/rotate_secret", "overlap_seconds=86401")
    assert error_of(late)["param"] == "overlap_seconds"


async def _signing(api: Api, id_: str) -> list[str]:
    stored = await load_endpoint(api.database, api.scope, id_)
    assert stored is not None
    return [secret.secret for secret in valid_secrets(stored.secrets, api.clock.now)]


async def _forget_the_answer(api: Api) -> None:
    """The request with the key `k` died before it answered."""
    mine = (idempotency.c.key == "k", idempotency.c.account == api.scope.account)
    forgotten = update(idempotency).where(*mine)
    await api.database.execute(forgotten.values(response_status=None, response_body=None, locked_until=0))


async def test_a_second_rotation_within_the_overlap_keeps_what_the_first_promised(api: Api) -> None:
    made = await endpoint(api)
    path = f"{ENDPOINTS}/{made['id']}/rotate_secret"
    first = (await api.post(path, "overlap_seconds=3600")).json()["secret"]
    second = (await api.post(path, "overlap_seconds=60")).json()["secret"]
    assert await _signing(api, made["id"]) == [second, first, made["secret"]]
    at_once = (await api.post(path)).json()["secret"]
    assert await _signing(api, made["id"]) == [at_once]


async def test_a_rotation_that_died_is_not_done_twice(api: Api) -> None:
    made = await endpoint(api)
    path, form = f"{ENDPOINTS}/{made['id']}/rotate_secret", "overlap_seconds=3600"
    first = (await api.post(path, form, Idempotency_Key="k")).json()["secret"]
    await _forget_the_answer(api)
    assert (await api.post(path, form, Idempotency_Key="k")).json()["secret"] == first
    assert await _signing(api, made["id"]) == [first, made["secret"]]
    await _forget_the_answer(api)
    between = (await api.post(path, form)).json()["secret"]
    assert (await api.post(path, form, Idempotency_Key="k")).json()["secret"] == first, "its own, not another's"
    assert await _signing(api, made["id"]) == [between, first, made["secret"]]


async def test_a_rotation_that_died_does_not_bring_a_leaked_secret_back(api: Api) -> None:
    made = await endpoint(api)
    path = f"{ENDPOINTS}/{made['id']}/rotate_secret"
    leaked = (await api.post(path, Idempotency_Key="k")).json()["secret"]
    await _forget_the_answer(api)
    second = (await api.post(path)).json()["secret"]
    assert (await api.post(path, Idempotency_Key="k")).json()["secret"] == leaked
    assert await _signing(api, made["id"]) == [second]


async def test_a_rotation_of_too_many_is_refused_and_changes_nothing(api: Api) -> None:
    made = await endpoint(api)
    path = f"{ENDPOINTS}/{made['id']}/rotate_secret"
    for _ in range(SECRETS_MAX - 1):
        assert (await api.post(path, "overlap_seconds=60")).status_code == 200
    signing = await _signing(api, made["id"])
    refused = await api.post(path, "overlap_seconds=60")
    assert (refused.status_code, error_of(refused)["param"]) == (400, "overlap_seconds")
    assert await _signing(api, made["id"]) == signing
    assert len(signing) == SECRETS_MAX


async def test_only_what_was_asked_for_is_delivered_and_disabled_endpoints_get_nothing(api: Api) -> None:
    made = {
        name: (await endpoint(api, form))["id"]
        for name, form in {
            "all": "enabled_events[]=*",
            "charges": "enabled_events[]=charge.succeeded",
            "none": "enabled_events[]=charge.failed",
        }.items()
    }
    off = await endpoint(api)
    await api.post(f"{ENDPOINTS}/{off['id']}", "disabled=true")
    await api.create("payment_method=pm_card_visa&confirm=true")
    types = {}
    for name, id_ in {**made, "off": off["id"]}.items():
        rows = (await api.get(f"{ENDPOINTS}/{id_}/deliveries")).json()["data"]
        types[name] = [row["type"] for row in rows]
    assert types == {
        "all": ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"],
        "charges": ["charge.succeeded"],
        "none": [],
        "off": [],
    }
    pending = {e["type"]: e["pending_webhooks"] for e in (await api.get("/v1/events")).json()["data"]}
    assert pending == {"payment_intent.created": 1, "charge.succeeded": 2, "payment_intent.succeeded": 1}


async def test_deliveries_show_every_try(api: Api) -> None:
    made, outbox = await endpoint(api), PostgresOutbox(api.database)
    await api.create()
    event = (await api.get("/v1/events")).json()["data"][0]["id"]
    tries = [
        Attempt(number=1, created=1, latency_ms=5, error="ConnectError: nobody there"),
        Attempt(number=2, created=2, latency_ms=7, status=500, excerpt="\x00oops" + "x" * 2_000),
        Attempt(number=3, created=3, latency_ms=7, status=200, excerpt="ok"),
    ]
    for attempt in [*tries[:2], tries[1]]:
        await outbox.attempted(event, made["id"], attempt, "under_way", 99)
    path = f"{ENDPOINTS}/{made['id']}/deliveries"
    row = (await api.get(path, f"event={event}")).json()["data"][0]
    assert (row["status"], row["next_attempt"], len(row["attempts"])) == ("under_way", 99, 2)
    assert row["attempts"][0] == {
        "created": 1, "error": "ConnectError: nobody there", "latency_ms": 5, "response_excerpt": None,
        "response_status": None,
    }  # fmt: skip
    assert len(row["attempts"][1]["response_excerpt"]) == 1_000
    assert (await api.get("/v1/events", "delivery_success=false")).json()["data"][0]["id"] == event
    assert (await api.get("/v1/events", "delivery_success=true")).json()["data"] == []
    await outbox.attempted(event, made["id"], tries[2], "delivered", None)
    assert (await api.get(path, "status=delivered")).json()["data"][0]["id"] == event
    assert (await api.get(path, "status=failed")).json()["data"] == []
    shown = (await api.get("/v1/events", "delivery_success=true")).json()["data"][0]
    assert (shown["id"], shown["pending_webhooks"]) == (event, 0)
    assert (await api.post(f"/v1/events/{event}/resend")).json()["pending_webhooks"] == 1
    assert [(d.event, d.attempts, d.resend) for d in await outbox.waiting(1_000) if d.endpoint == made["id"]] == [
        (event, 3, True)
    ]


async def test_events_are_filtered_and_paged(api: Api) -> None:
    for _ in range(2):
        await api.create("payment_method=pm_card_visa&confirm=true")
    everything = (await api.get("/v1/events", "limit=100")).json()["data"]
    assert [event["type"] for event in everything[:3]] == [
        "payment_intent.succeeded", "charge.succeeded", "payment_intent.created",
    ]  # fmt: skip

    async def types(query: str) -> list[str]:
        return [event["type"] for event in (await api.get("/v1/events", query)).json()["data"]]

    assert await types("type=charge.succeeded") == ["charge.succeeded"] * 2
    assert await types("type=charge.*") == ["charge.succeeded"] * 2
    assert await types("types[]=charge.succeeded&types[]=payment_intent.created&limit=1") == ["charge.succeeded"]
    assert await types("type=charge_succeeded") == []
    assert await types(f"created[gt]={api.clock.now}") == []
    page = (await api.get("/v1/events", f"limit=2&starting_after={everything[1]['id']}")).json()
    assert [event["id"] for event in page["data"]] == [event["id"] for event in everything[2:4]]
    assert page["has_more"]
    error = error_of(await api.get("/v1/events", "type=a&types[]=b"))
    assert error["code"] == "parameters_exclusive"
    assert error_of(await api.get("/v1/events/evt_none"))["code"] == "resource_missing"
    one = everything[0]
    assert (await api.get(f"/v1/events/{one['id']}")).json() == one
    assert one["request"]["id"].startswith("req_")


async def test_snapshots_stay_as_they_were(api: Api) -> None:
    intent = await api.create("description=before")
    await api.post(f"/v1/payment_intents/{intent['id']}", "description=after")
    event = (await api.get("/v1/events", "type=payment_intent.created")).json()["data"][0]
    assert event["data"]["object"] == intent


async def test_customers_and_methods_tell_what_changed(api: Api) -> None:
    customer = (await api.post("/v1/customers", "name=before&metadata[a]=1&payment_method=pm_card_visa")).json()
    path = f"/v1/customers/{customer['id']}"
    await api.post(path, "name=after&metadata[b]=2", Idempotency_Key="k")
    await api.post(path, "name=after")
    method = (await api.get(f"{path}/payment_methods")).json()["data"][0]
    await api.post(f"/v1/payment_methods/{method['id']}", "billing_details[name]=n")
    await api.post(f"/v1/payment_methods/{method['id']}/detach")
    await api.request("DELETE", path)
    events = (await api.get("/v1/events", "limit=100")).json()["data"][::-1]
    assert [event["type"] for event in events] == [
        "customer.created", "payment_method.attached", "customer.updated", "payment_method.updated",
        "payment_method.detached", "customer.deleted",
    ]  # fmt: skip
    previous = [event["data"].get("previous_attributes") for event in events]
    assert previous == [
        None, None, {"name": "before", "metadata": {"b": None}}, {"billing_details": {"name": None}},
        {"customer": customer["id"]}, None,
    ]  # fmt: skip
    assert events[2]["request"]["idempotency_key"] == "k"
    assert events[0]["data"]["object"] == customer


async def test_a_listener_is_owed_everything_until_it_says_thank_you(api: Api) -> None:
    made = (await api.post("/v1/listeners", "name=laptop")).json()
    again = (await api.post("/v1/listeners", "name=laptop&enabled_events[]=payment_intent.created")).json()
    assert (again["id"], again["secret"]) == (made["id"], made["secret"])
    assert again["enabled_events"] == ["payment_intent.created"]
    assert (await api.get(ENDPOINTS)).json()["data"] == [], "it is no webhook endpoint"
    assert (await api.get(f"{ENDPOINTS}/{made['id']}")).status_code == 404
    path = f"/v1/listeners/{made['id']}"
    asking = asyncio.create_task(api.get(f"{path}/events", "wait_seconds=20"))
    first, second = await api.create(), await api.create()
    owed = (await asking).json()["data"]
    assert owed[0]["data"]["object"] == first
    assert owed[0]["pending_webhooks"] == 0
    owed = (await api.get(f"{path}/events", "limit=1")).json()
    assert (len(owed["data"]), owed["has_more"]) == (1, True)
    await api.post(f"{path}/acknowledge", f"events[]={owed['data'][0]['id']}")
    rest = (await api.get(f"{path}/events")).json()["data"]
    assert [event["data"]["object"]["id"] for event in rest] == [second["id"]]
    assert (await api.request("DELETE", path)).json()["deleted"]
    assert (await api.get(f"{path}/events")).status_code == 404


async def test_another_accounts_endpoints_events_and_listeners_are_not_there(api: Api) -> None:
    from records.accounts import ensure_account, ensure_key

    made, listener = await endpoint(api), (await api.post("/v1/listeners", "name=mine")).json()
    await api.create()
    event = (await api.get("/v1/events")).json()["data"][0]["id"]
    other = f"{api.scope.account}_other"
    await ensure_account(api.database, other, "other", api.clock.now)
    await ensure_key(api.database, other, f"sk_test_{other}", "secret", livemode=False, now=api.clock.now)
    theirs = {"key": f"sk_test_{other}"}
    for method, path in (
        ("GET", f"/v1/events/{event}"),
        ("POST", f"/v1/events/{event}/resend"),
        ("GET", f"{ENDPOINTS}/{made['id']}"),
        ("POST", f"{ENDPOINTS}/{made['id']}"),
        ("POST", f"{ENDPOINTS}/{made['id']}/rotate_secret"),
        ("GET", f"{ENDPOINTS}/{made['id']}/deliveries"),
        ("DELETE", f"{ENDPOINTS}/{made['id']}"),
        ("GET", f"/v1/listeners/{listener['id']}/events"),
        ("DELETE", f"/v1/listeners/{listener['id']}"),
    ):
        assert (await api.request(method, path, **theirs)).status_code == 404, path
    taken = await api.post(f"/v1/listeners/{listener['id']}/acknowledge", f"events[]={event}", **theirs)
    assert taken.status_code == 404
    assert (await api.get("/v1/events", **theirs)).json()["data"] == []
    own = (await api.post("/v1/listeners", "name=mine", **theirs)).json()
    assert own["id"] != listener["id"]
    assert own["secret"] != listener["secret"]
    assert [e["id"] for e in (await api.get(f"/v1/listeners/{listener['id']}/events")).json()["data"]] == [event]
    assert (await api.get(f"{ENDPOINTS}/{made['id']}")).json()["status"] == "enabled"
