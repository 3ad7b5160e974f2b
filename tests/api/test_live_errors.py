"""The table of errors as live Stripe words them (tests/fidelity/live_errors.py), case by case and word by word."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from records.accounts import ensure_key
from tests.api.conftest import Api, error_of
from tests.fidelity.live_errors import B0, CASES, Case
from tests.support.builders import NOW

INTENTS = "/v1/payment_intents"
PAY = "payment_method=pm_card_visa&confirm=true"

Made = dict[str, str]


async def _posted(api: Api, path: str, form: str = "") -> dict[str, Any]:
    response = await api.post(path, form)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def _intent(api: Api, form: str = "") -> dict[str, Any]:
    return await _posted(api, INTENTS, f"{B0}&{form}")


async def _refunded(api: Api, name: str, form: str = "") -> Made:
    intent = await _intent(api, PAY)
    refund = await _posted(api, "/v1/refunds", f"payment_intent={intent['id']}&{form}")
    return {name: intent["id"], f"{name}_charge": intent["latest_charge"], "refund": refund["id"]}


async def _customers(api: Api) -> Made:
    ids = [(await _posted(api, "/v1/customers"))["id"] for _ in range(2)]
    method = (await _posted(api, "/v1/payment_methods", "type=card&card[token]=tok_visa"))["id"]
    await _posted(api, f"/v1/payment_methods/{method}/attach", f"customer={ids[0]}")
    return {"customer": ids[0], "other": ids[1], "method": method}


async def _deleted(api: Api) -> Made:
    id_ = (await _posted(api, "/v1/customers"))["id"]
    await api.request("DELETE", f"/v1/customers/{id_}")
    return {"deleted": id_}


async def _of_customer(api: Api) -> Made:
    customer = (await _posted(api, "/v1/customers"))["id"]
    return {"of_customer": (await _intent(api, f"customer={customer}"))["id"], "customer": customer}


async def _canceled(api: Api) -> Made:
    id_ = (await _intent(api))["id"]
    await _posted(api, f"{INTENTS}/{id_}/cancel")
    return {"canceled": id_}


async def _token(api: Api) -> Made:
    form = "payment_method_data[type]=card&payment_method_data[card][token]=tok_visa"
    token = (await _posted(api, "/v1/test_helpers/confirmation_tokens", form))["id"]
    await _intent(api, f"confirm=true&confirmation_token={token}")
    return {"token": token}


async def _named_token(api: Api) -> Made:
    """Of a payment method that is there, by its id; it is used up with the token."""
    method = (await _loose(api))["loose"]
    token = (await _posted(api, "/v1/test_helpers/confirmation_tokens", f"payment_method={method}"))["id"]
    await _intent(api, f"confirm=true&confirmation_token={token}")
    return {"named_token": token}


async def _used(api: Api) -> Made:
    return {"used": (await _intent(api, PAY))["payment_method"]}


async def _one(api: Api, name: str, form: str) -> Made:
    intent = await _intent(api, form)
    return {name: intent["id"], f"{name}_charge": intent["latest_charge"] or ""}


SETUPS: dict[str, Callable[[Api], Awaitable[Made]]] = {
    "intent": lambda api: _one(api, "intent", ""),
    "held": lambda api: _one(api, "held", f"{PAY}&capture_method=manual"),
    "paid": lambda api: _one(api, "paid", PAY),
    "paid_charge": lambda api: _one(api, "paid", PAY),
    "held_charge": lambda api: _one(api, "held", f"{PAY}&capture_method=manual"),
    "part": lambda api: _refunded(api, "part", "amount=500"),
    "gone": lambda api: _refunded(api, "gone"),
    "refund": lambda api: _refunded(api, "gone"),
    "canceled": _canceled,
    "used": _used,
    "deleted": _deleted,
    "of_customer": _of_customer,
    "method": _customers,
    "other": _customers,
    "customer": _customers,
    "token": _token,
    "named_token": _named_token,
}
"""What makes what a request names; the first of these that does makes the others' as well."""


async def _loose(api: Api) -> Made:
    return {"loose": (await _posted(api, "/v1/payment_methods", "type=card&card[token]=tok_visa"))["id"]}


async def made(api: Api, case: Case) -> Made:
    """What the case is about."""
    found: Made = {}
    for name, make in {"loose": _loose, **SETUPS}.items():
        if f"{{{name}}}" in case.request and name not in found:
            found |= await make(api)
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_as_live_stripe_words_it(api: Api, case: Case) -> None:
    names = await made(api, case)
    method, _, target = case.request.format(**names).partition(" ")
    path, _, form = target.partition("?")
    headers = dict(case.headers) | ({"Stripe_Version": case.version} if case.version else {})
    before = len(api.engine.gateway.performed)
    response = await api.request(method, path, form, **headers)
    error = error_of(response)
    shown = {"code": case.code, "param": case.param, "message": case.message.format(**names), "type": case.type}
    shown["doc_url"] = f"https://stripe.com/docs/error-codes/{case.code.replace('_', '-')}" if case.code else None
    assert response.status_code == case.status
    assert {name: text for name, text in error.items() if name not in case.shows} == {
        name: text for name, text in shown.items() if text is not None
    }
    for name in case.shows:
        assert error[name]["id"] in path, "what the request was about"
    assert len(api.engine.gateway.performed) == before


@pytest.mark.parametrize("case", [one for one in CASES if one.request.startswith("POST")], ids=str)
async def test_what_was_not_executed_burns_no_key(api: Api, case: Case) -> None:
    """docs.stripe.com/api/idempotent_requests: results are kept once an endpoint started executing."""
    names = await made(api, case)
    path, _, form = case.request.format(**names).removeprefix("POST ").partition("?")
    refused = await api.request("POST", path, form, Idempotency_Key="k")
    assert refused.status_code == case.status
    again = await api.post("/v1/customers", Idempotency_Key="k")
    kept = again.status_code == 400 and error_of(again)["type"] == "idempotency_error"
    assert kept is case.kept


TAKEN = [  # as recordings have it
    (f"POST {INTENTS}?{B0}&off_session=false", "`false` is as good as unsent"),
    (f"POST {INTENTS}?{B0}&error_on_requires_action=false", "and so is this"),
    (f"POST {INTENTS}?amount=100000000&currency=idr", "twelve digits"),
    ("POST /v1/customers?expand[]=address", "a hash is there whole"),
    (f"POST {INTENTS}?{B0}&expand[]=latest_charge.payment_method_details", "also inside of what is expanded"),
    (f"GET {INTENTS}?expand[]=data", "and what a list is made of"),
    (f"GET {INTENTS}?limit=0", "clamped"),
    (f"GET {INTENTS}/search?query=amount%3E1", "from 2020-08-27 on"),
]


@pytest.mark.parametrize(("request_", "why"), TAKEN)
async def test_what_live_stripe_takes(api: Api, request_: str, why: str) -> None:
    method, _, target = request_.partition(" ")
    path, _, form = target.partition("?")
    response = await api.request(method, path, form, Stripe_Version="2020-08-27")
    assert response.status_code == 200, (why, response.text)


PARENTS = {
    "/v1/charges": ("customer", "payment_intent"),
    "/v1/disputes": ("charge", "payment_intent"),
    "/v1/payment_intents": ("customer",),
    "/v1/payment_methods": ("customer",),
    "/v1/refunds": ("charge", "payment_intent"),
}


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in PARENTS.items() for name in names])
async def test_a_list_of_what_belongs_to_nobody_is_refused_and_one_that_is_empty_is_not(
    api: Api, path: str, name: str
) -> None:
    refused = await api.get(path, f"{name}=none_1")
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["param"]) == (400, "resource_missing", name)
    assert error["message"] == f"No such {name}: 'none_1'"
    customer = (await _posted(api, "/v1/customers"))["id"]
    paid = await _intent(api, PAY)
    there = {"customer": customer, "payment_intent": (await _intent(api))["id"], "charge": paid["latest_charge"]}
    # A dispute of a payment that was just made would be waited for.
    api.clock.now += 60
    empty = await api.get(path, f"{name}={there[name]}")
    assert (empty.status_code, empty.json()["data"]) == (200, [])


async def test_what_nobody_has_here_is_of_nobody(api: Api) -> None:
    for path, name in (("/v1/customers", "test_clock"), ("/v1/payment_methods", "customer_account")):
        response = await api.get(path, f"{name}=none_1")
        error = error_of(response)
        assert (response.status_code, error["code"], error["param"]) == (400, "resource_missing", name)


async def test_an_unknown_cursor_is_named_as_what_it_would_be(api: Api) -> None:
    for path, kind in (("charges", "charge"), ("refunds", "refund"), ("payment_methods", "PaymentMethod")):
        error = error_of(await api.get(f"/v1/{path}", "ending_before=none_1"))
        assert (error["param"], error["message"]) == ("ending_before", f"No such {kind}: 'none_1'")


async def test_an_unknown_version_is_named_back_unless_no_header_takes_it(api: Api) -> None:
    response = await api.get(INTENTS, Stripe_Version="not-a-real-version")
    assert response.headers["stripe-version"] == "not-a-real-version"
    assert error_of(response)["message"] == "Invalid Stripe API version: not-a-real-version"
    told = await api.get(INTENTS, "_stripe_version=a%0d%0ab")
    assert (told.status_code, "stripe-version" in told.headers) == (400, False)


async def test_what_the_other_mode_has_is_said_of_a_refund_too(api: Api) -> None:
    made = await _refunded(api, "gone")
    live = f"sk_live_{api.scope.account}"
    await ensure_key(api.database, api.scope.account, live, "secret", livemode=True, now=NOW)
    error = error_of(await api.get(f"/v1/refunds/{made['refund']}", key=live))
    assert "a similar object exists in test mode" in error["message"]
