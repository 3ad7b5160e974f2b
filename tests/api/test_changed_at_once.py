"""Several requests change one object at the same moment, round after round, on a real PostgreSQL.

Whoever was told that something is done finds it done; whoever was refused has changed nothing; and one event tells of
each change, from what really was before to what really was after.
"""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.build import build, mount
from api.routes.webhook_endpoints import ENDPOINTS_MAX
from domain.webhooks import genuine, signature_header
from records import tables
from records.webhook_endpoints import load as load_endpoint
from tests.api.conftest import Api, error_of
from tests.support.watched import Forgetful

ROUNDS = 15
"""An account has at most sixteen endpoints."""
WRITERS = 4
CARD = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123"
HOOK = "url=https://shop.example/hook&enabled_events[]=*"


async def made(api: Api, path: str, form: str = "") -> str:
    response = await api.post(path, form)
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


async def a_customer(api: Api) -> str:
    return "/v1/customers/" + await made(api, "/v1/customers", "email=a@example.com&name=A&phone=1&metadata[a]=b")


async def a_refund(api: Api) -> str:
    intent = await api.create("confirm=true&payment_method=pm_card_visa")
    return "/v1/refunds/" + await made(api, "/v1/refunds", f"payment_intent={intent['id']}&metadata[a]=b")


async def a_method(api: Api) -> str:
    return "/v1/payment_methods/" + await made(api, "/v1/payment_methods", f"{CARD}&metadata[a]=b")


async def an_endpoint(api: Api) -> str:
    return "/v1/webhook_endpoints/" + await made(api, "/v1/webhook_endpoints", f"{HOOK}&metadata[a]=b")


MAKERS = {"customer": a_customer, "refund": a_refund, "payment_method": a_method, "webhook_endpoint": an_endpoint}
UPDATED = {
    "customer": ["customer.updated"],
    "refund": ["charge.refund.updated", "refund.updated"],
    "payment_method": ["payment_method.updated"],
    "webhook_endpoint": [],
}


async def events_about(api: Api, path: str, type_: str) -> list[dict[str, Any]]:
    """As Stripe's objects, oldest first."""
    table, id_ = tables.events, path.rsplit("/", 1)[1]
    query = select(table.c.id).where(table.c.object_id == id_, table.c.type == type_).order_by(table.c.seq)
    ids = [row.id for row in await api.database.execute(query)]
    return [(await api.get(f"/v1/events/{one}")).json() for one in ids]


@pytest.mark.parametrize("kind", MAKERS)
async def test_of_several_writers_of_metadata_none_is_lost(api: Api, kind: str) -> None:
    for _ in range(ROUNDS):
        path = await MAKERS[kind](api)
        forms = [f"metadata[key_{n}]=value_{n}" for n in range(WRITERS)] + ["metadata[a]="]
        answers = await asyncio.gather(*(api.post(path, form) for form in forms))
        assert [answer.status_code for answer in answers] == [200] * len(forms)
        for number, answer in enumerate(answers[:WRITERS]):
            assert answer.json()["metadata"][f"key_{number}"] == f"value_{number}", "each is answered with its own"
        kept = {f"key_{n}": f"value_{n}" for n in range(WRITERS)}
        assert (await api.get(path)).json()["metadata"] == kept
        for type_ in UPDATED[kind]:
            told = await events_about(api, path, type_)
            assert len(told) == len(forms), "each change has one event"
            metadata = {"a": "b"}
            for event in told:
                data = event["data"]
                assert list(data["previous_attributes"]) == ["metadata"]
                was, now = data["previous_attributes"]["metadata"], data["object"]["metadata"]
                assert len(was) == 1, "only what this one changed"
                for key, value in was.items():
                    assert metadata.get(key) == value
                metadata = now
            assert metadata == kept, "the last one tells how it is"


async def test_different_attributes_of_a_customer_and_of_a_method(api: Api) -> None:
    for _ in range(ROUNDS):
        customer, method = await a_customer(api), await a_method(api)
        await asyncio.gather(
            api.post(customer, "name=B"),
            api.post(customer, "email=b@example.com"),
            api.post(customer, "address[line1]=L"),
            api.post(f"{customer}/cash_balance", "settings[reconciliation_mode]=manual"),
            api.post(method, "billing_details[name]=B"),
            api.post(method, "billing_details[email]=b@example.com"),
            api.post(method, "card[exp_year]=2031"),
            api.post(method, "allow_redisplay=always"),
        )
        shown = (await api.get(customer)).json()
        assert (shown["name"], shown["email"], shown["address"]["line1"]) == ("B", "b@example.com", "L")
        assert (await api.get(f"{customer}/cash_balance")).json()["settings"]["reconciliation_mode"] == "manual"
        assert [
            one["id"] for one in (await api.get("/v1/customers", "email=b@example.com&limit=1")).json()["data"]
        ] == [customer.rsplit("/", 1)[1]]
        card = (await api.get(method)).json()
        assert (card["billing_details"]["name"], card["billing_details"]["email"]) == ("B", "b@example.com")
        assert (card["card"]["exp_year"], card["allow_redisplay"]) == (2031, "always")


async def test_a_secret_that_was_shown_signs_whatever_else_is_changed(api: Api) -> None:
    for _ in range(ROUNDS):
        path = await an_endpoint(api)
        rotated, *others = await asyncio.gather(
            api.post(f"{path}/rotate_secret"),
            api.post(path, "description=d"),
            api.post(path, "disabled=true"),
            api.post(path, "enabled_events[]=charge.failed"),
        )
        assert [answer.status_code for answer in others] == [200] * 3
        stored = await load_endpoint(api.database, api.scope, path.rsplit("/", 1)[1])
        assert stored is not None
        header = signature_header(stored.secrets, b"{}", api.clock.now)
        assert genuine(rotated.json()["secret"], header, b"{}", api.clock.now)
        assert (stored.description, stored.enabled, stored.enabled_events) == ("d", False, ("charge.failed",))


async def test_every_secret_of_overlapping_rotations_that_should_sign_does(api: Api) -> None:
    for _ in range(ROUNDS):
        hook = (await api.post("/v1/webhook_endpoints", HOOK)).json()
        path = f"/v1/webhook_endpoints/{hook['id']}"
        answers = await asyncio.gather(*(api.post(f"{path}/rotate_secret", "overlap_seconds=60") for _ in range(2)))
        stored = await load_endpoint(api.database, api.scope, path.rsplit("/", 1)[1])
        assert stored is not None
        shown = [answer.json()["secret"] for answer in answers]
        assert {secret.secret for secret in stored.secrets} == {hook["secret"], *shown}


async def test_there_are_never_more_endpoints_than_the_most(api: Api) -> None:
    answers = await asyncio.gather(*(api.post("/v1/webhook_endpoints", HOOK) for _ in range(ENDPOINTS_MAX + 8)))
    assert sorted(answer.status_code for answer in answers) == [200] * ENDPOINTS_MAX + [400] * 8
    assert len((await api.get("/v1/webhook_endpoints", "limit=100")).json()["data"]) == ENDPOINTS_MAX


async def test_an_endpoint_that_is_deleted_is_not_updated(api: Api) -> None:
    for _ in range(ROUNDS):
        path = await an_endpoint(api)
        gone, *changed = await asyncio.gather(
            api.request("DELETE", path), api.post(path, "description=d"), api.post(f"{path}/rotate_secret")
        )
        assert gone.status_code == 200
        assert {answer.status_code for answer in changed} <= {200, 404}
        assert (await api.get(path)).status_code == 404


async def test_a_deleted_customer_leaves_nothing_and_is_not_changed(api: Api) -> None:
    for _ in range(ROUNDS):
        path = await a_customer(api)
        method = await a_method(api)
        id_ = path.rsplit("/", 1)[1]
        answers = await asyncio.gather(
            api.request("DELETE", path),
            api.post(path, "email=b@example.com&name=B"),
            api.post(path, "metadata[c]=d"),
            api.post(f"{path}/cash_balance", "settings[reconciliation_mode]=manual"),
            api.post(f"{method}/attach", f"customer={id_}"),
            api.request("DELETE", path),
        )
        assert answers[0].status_code == 200
        for answer in answers[1:]:
            assert answer.status_code == 200 or error_of(answer)["code"] == "resource_missing"
        rows = await api.database.execute(select(tables.customers).where(tables.customers.c.id == id_))
        assert (rows[0].deleted, rows[0].email, rows[0].data) == (True, None, {})
        assert (await api.get(method)).json()["customer"] is None, "nothing is a deleted customer's"
        assert len(await events_about(api, path, "customer.deleted")) == 1
        told = await events_about(api, path, "customer.updated")
        assert len(told) == sum(answer.status_code == 200 for answer in answers[1:3])
        assert (await api.post(path, "name=C")).status_code == 404
        late = await api.post(f"{path}/cash_balance", "settings[reconciliation_mode]=manual")
        assert late.status_code == 404


async def test_a_customer_is_made_with_its_method_or_not_at_all(api: Api) -> None:
    for _ in range(ROUNDS):
        method = (await a_method(api)).rsplit("/", 1)[1]
        before = {one["id"] for one in (await api.get("/v1/customers", "limit=100")).json()["data"]}
        answers = await asyncio.gather(*(api.post("/v1/customers", f"payment_method={method}") for _ in range(3)))
        done = [answer.json()["id"] for answer in answers if answer.status_code == 200]
        assert len(done) == 1
        refused = [error_of(answer)["message"] for answer in answers if answer.status_code != 200]
        assert refused == ["The payment method you provided has already been attached to a customer."] * 2
        after = {one["id"] for one in (await api.get("/v1/customers", "limit=100")).json()["data"]}
        assert after - before == set(done)
        assert (await api.get(f"/v1/payment_methods/{method}")).json()["customer"] == done[0]


async def test_a_method_is_attached_to_one_and_never_again_once_it_was_detached(api: Api) -> None:
    customers = [(await a_customer(api)).rsplit("/", 1)[1] for _ in range(2)]
    for _ in range(ROUNDS):
        path = await a_method(api)
        attached = await asyncio.gather(*(api.post(f"{path}/attach", f"customer={one}") for one in customers))
        assert sorted(answer.status_code for answer in attached) == [200, 400]
        assert len(await events_about(api, path, "payment_method.attached")) == 1
        detached, updated, _ = await asyncio.gather(
            api.post(f"{path}/detach"),
            api.post(path, "metadata[c]=d"),
            api.post(f"{path}/attach", f"customer={customers[0]}"),
        )
        assert (detached.status_code, updated.status_code) == (200, 200)
        shown = (await api.get(path)).json()
        assert (shown["customer"], shown["metadata"]) == (None, {"a": "b", "c": "d"})
        again = await api.post(f"{path}/attach", f"customer={customers[0]}")
        assert "may not be used again" in error_of(again)["message"]
        assert len(await events_about(api, path, "payment_method.detached")) == 1


async def test_metadata_is_limited_however_it_came(api: Api) -> None:
    for make in MAKERS.values():
        path = await make(api)
        for start in (0, 25):
            full = "&".join(f"metadata[k{n}]=v" for n in range(start, start + 25 - (start > 0)))
            assert (await api.post(path, full)).status_code == 200
        before = (await api.get(path)).json()
        assert len(before["metadata"]) == 50
        error = error_of(await api.post(path, "metadata[one]=more"))
        assert (error["param"], error["message"]) == ("metadata", "Metadata can have at most 50 keys.")
        assert (await api.get(path)).json() == before


async def test_a_change_whose_answer_is_lost_is_made_once(api: Api, database_url: str) -> None:
    forgetful = Forgetful(database_url)
    mount(app := build(), replace(api.services, database=forgetful))
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {api.secret}"}
    customer, method, hook = await a_customer(api), await a_method(api), await an_endpoint(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as http:
        requests = [
            ("POST", customer, {"metadata[c]": "d"}),
            ("POST", f"{method}/attach", {"customer": customer.rsplit("/", 1)[1]}),
            ("POST", f"{method}/detach", {}),
            ("POST", f"{hook}/rotate_secret", {"overlap_seconds": "60"}),
            ("DELETE", customer, {}),
        ]
        answers = [await http.request(verb, path, data=form or None) for verb, path, form in requests]
    assert [answer.status_code for answer in answers] == [200] * len(requests)
    assert forgetful.lost == len(requests)
    await forgetful.close()
    for path, types in (
        (customer, ("customer.updated", "customer.deleted")),
        (method, ("payment_method.attached", "payment_method.detached")),
    ):
        for type_ in types:
            assert len(await events_about(api, path, type_)) == 1, type_
    stored = await load_endpoint(api.database, api.scope, hook.rsplit("/", 1)[1])
    assert stored is not None
    assert [secret.expires is None for secret in stored.secrets] == [True, False], "the new one, and the one before"
    assert answers[3].json()["secret"] == stored.secrets[0].secret
