"""Ephemeral keys: what a buyer's phone may do with one, and that it is all of it."""

from dataclasses import dataclass

import pytest

from api.build import OPERATIONS
from api.dialect import ephemeral
from api.routes.ephemeral_keys import SECONDS
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW


@dataclass
class Phone:
    """A customer's device: its key, whose it is, and somebody else's customer."""

    api: Api
    key: str
    id: str
    customer: str
    method: str
    others: str
    others_method: str


async def with_card(api: Api) -> tuple[str, str]:
    customer = (await api.post("/v1/customers", "email=jenny@example.com")).json()["id"]
    form = f"customer={customer}"
    method = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    assert (await api.post(f"/v1/payment_methods/{method}/attach", form)).status_code == 200
    return customer, method


@pytest.fixture
async def phone(api: Api) -> Phone:
    customer, method = await with_card(api)
    others, others_method = await with_card(api)
    made = (await api.post("/v1/ephemeral_keys", f"customer={customer}")).json()
    return Phone(api, made["secret"], made["id"], customer, method, others, others_method)


async def test_it_is_shown_once_and_names_its_customer(api: Api, phone: Phone) -> None:
    made = (await api.post("/v1/ephemeral_keys", f"customer={phone.customer}")).json()
    assert made["secret"].startswith("ek_test_")
    assert made["associated_objects"] == [{"id": phone.customer, "type": "customer"}]
    assert made["expires"] == NOW + SECONDS
    assert made["secret"][-4:] != phone.key[-4:], "an error shows the end of a key, which is to say which it was"
    gone = (await api.request("DELETE", f"/v1/ephemeral_keys/{made['id']}")).json()
    assert (gone["id"], "secret" in gone) == (made["id"], False)
    assert (await api.get(f"/v1/customers/{phone.customer}", key=made["secret"])).status_code == 401


async def test_a_repeated_request_makes_one_key(api: Api, phone: Phone) -> None:
    form = f"customer={phone.customer}"
    first = (await api.post("/v1/ephemeral_keys", form, Idempotency_Key="k")).json()
    assert (await api.post("/v1/ephemeral_keys", form, Idempotency_Key="k")).json() == first
    assert (await api.get(f"/v1/customers/{phone.customer}", key=first["secret"])).status_code == 200


async def test_it_sees_its_customer_and_their_methods_and_keeps_and_removes_one(api: Api, phone: Phone) -> None:
    mine = {"key": phone.key}
    assert (await api.get(f"/v1/customers/{phone.customer}", **mine)).json()["id"] == phone.customer
    query = f"customer={phone.customer}&type=card"
    listed = (await api.get("/v1/payment_methods", query, **mine)).json()["data"]
    assert [one["id"] for one in listed] == [phone.method]
    path = f"/v1/customers/{phone.customer}/payment_methods"
    assert [one["id"] for one in (await api.get(path, **mine)).json()["data"]] == [phone.method]
    assert (await api.get(f"{path}/{phone.method}", **mine)).json()["id"] == phone.method
    new = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    form = f"customer={phone.customer}"
    assert (await api.post(f"/v1/payment_methods/{new}/attach", form, **mine)).json()["customer"] == phone.customer
    assert (await api.post(f"/v1/payment_methods/{phone.method}/detach", **mine)).json()["customer"] is None


async def test_nothing_of_another_customer(api: Api, phone: Phone) -> None:
    other, method, mine = phone.others, phone.others_method, {"key": phone.key}
    tried = [
        await api.get(f"/v1/customers/{other}", **mine),
        await api.get(f"/v1/customers/{other}/payment_methods", **mine),
        await api.get(f"/v1/customers/{other}/payment_methods/{method}", **mine),
        await api.get(f"/v1/customers/{phone.customer}/payment_methods/{method}", **mine),
        await api.get("/v1/payment_methods", f"customer={other}", **mine),
        await api.get("/v1/payment_methods", **mine),
        await api.post(f"/v1/payment_methods/{method}/attach", f"customer={other}", **mine),
        await api.post(f"/v1/payment_methods/{method}/attach", f"customer={phone.customer}", **mine),
        await api.post(f"/v1/payment_methods/{method}/detach", **mine),
    ]
    assert [response.status_code for response in tried] == [404, 404, 404, 404, 404, 400, 404, 400, 404]
    assert [error_of(tried[place])["message"] for place in (4, 6)] == [f"No such customer: '{other}'"] * 2
    unnamed = error_of(tried[5])
    assert (unnamed["code"], unnamed["param"]) == ("parameter_missing", "customer")
    assert (await api.get(f"/v1/payment_methods/{method}")).json()["customer"] == other


async def test_nothing_else_and_nothing_inside(api: Api, phone: Phone) -> None:
    """Every operation there is, but those of the list, whatever it is asked with."""
    ids = {"id": phone.customer, "payment_method": phone.method, "refund": "re_1", "transaction": "txn_1",
           "reversal": "trr_1"}  # fmt: skip
    for operation in OPERATIONS:
        if operation.name not in ephemeral.ALLOWED:
            path, form = operation.path.format(**ids), f"customer={phone.customer}"
            response = await api.request(operation.method, path, form, key=phone.key)
            assert response.status_code in (400, 403), operation.name
            assert "jenny" not in response.text, operation.name
    expanding = await api.get("/v1/payment_methods", f"customer={phone.customer}&expand[]=data.customer", key=phone.key)
    assert expanding.status_code == 403
    assert (await api.get(f"/v1/customers/{phone.customer}")).json()["email"] == "jenny@example.com", "it is as it was"


async def test_its_hour_passes(api: Api, phone: Phone) -> None:
    path = f"/v1/customers/{phone.customer}"
    api.clock.now = NOW + SECONDS - 10
    assert (await api.get(path, key=phone.key)).status_code == 200
    api.clock.now = NOW + SECONDS + 10
    response = await api.get(path, key=phone.key)
    error = error_of(response)
    assert (response.status_code, error["code"]) == (401, "api_key_expired")
    assert phone.key not in error["message"]


async def test_a_key_that_is_none(api: Api, phone: Phone) -> None:
    assert (await api.get(f"/v1/customers/{phone.customer}", key=f"{phone.key}x")).status_code == 401
    assert error_of(await api.post("/v1/ephemeral_keys", "customer=cus_x"))["code"] == "resource_missing"
    assert error_of(await api.post("/v1/ephemeral_keys"))["param"] == "customer"
    assert (await api.post("/v1/ephemeral_keys", f"customer={phone.customer}", key=api.publishable)).status_code == 401
    assert (await api.post("/v1/ephemeral_keys", f"customer={phone.customer}", key=phone.key)).status_code == 403


async def test_its_idempotency_keys_are_its_own(api: Api, phone: Phone) -> None:
    """What a merchant's key has been answered is not told to a phone that guesses its Idempotency-Key."""
    form, path = f"customer={phone.customer}", f"/v1/payment_methods/{phone.method}/attach"
    first = await api.post(path, form, Idempotency_Key="k")
    again = await api.post(path, form, key=phone.key, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (200, 200)
    assert "idempotent-replayed" not in again.headers
