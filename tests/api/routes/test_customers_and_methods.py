"""Customers and payment methods: create, change, attach, detach, delete; and what becomes of a method by being used."""

from typing import Any

import pytest

from domain.model.outcomes import Declined
from gateways.base import GatewayRejected, TokenizedAccount
from tests.api.conftest import Api, error_of

METHODS = "/v1/payment_methods"
CARD = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123"


async def test_a_card_becomes_a_method_without_its_number(api: Api) -> None:
    response = await api.post(METHODS, f"{CARD}&billing_details[address][postal_code]=94103&metadata[a]=1")
    method = response.json()
    assert (method["id"][:4], method["type"], method["card"]["last4"]) == ("pm_1", "card", "4242")
    assert (method["billing_details"]["address"]["postal_code"], method["metadata"]) == ("94103", {"a": "1"})
    assert "4242424242424242" not in response.text
    assert (await api.get(f"{METHODS}/{method['id']}")).json() == method
    assert [card.number for card in api.tokenization.seen] == ["4242424242424242"]


async def test_a_browser_makes_one_with_the_publishable_key(api: Api) -> None:
    assert (await api.post(METHODS, CARD, key=api.publishable)).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "code", "param"),
    [
        (CARD.replace("4242424242424242", "4242424242424241"), 402, "incorrect_number", "number"),
        (CARD.replace("exp_month]=12", "exp_month]=13"), 402, "invalid_expiry_month", "exp_month"),
        (CARD.replace("2030", "2020"), 402, "invalid_expiry_year", "exp_year"),
        (CARD.replace("cvc]=123", "cvc]=12"), 402, "invalid_cvc", "cvc"),
        ("type=card", 400, "parameter_missing", "card"),
        ("type=card&card[number]=4242424242424242", 400, "parameter_missing", "card[exp_month]"),
        ("type=gold", 400, None, "type"),
        ("type=card&card[token]=tok_nope", 400, None, "token"),
    ],
)
async def test_cards_that_make_no_sense(api: Api, form: str, status: int, code: str | None, param: str) -> None:
    response = await api.post(METHODS, form)
    error = error_of(response)
    assert (response.status_code, error.get("code"), error["param"]) == (status, code, param)
    assert api.tokenization.seen == []
    assert "424242424242424" not in response.text


@pytest.mark.parametrize(
    ("path", "form", "param"),
    [
        (METHODS, "type=ideal", "type"),
        ("/v1/payment_intents", "amount=1099&currency=eur&confirm=true&return_url=https://shop.example"
         "&payment_method_data[type]=ideal&allowed_payment_method_types[]=ideal", "payment_method_data[type]"),
    ],
)  # fmt: skip
async def test_a_type_that_no_gateway_takes_is_refused_for_good(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str, form: str, param: str
) -> None:
    async def no_such(type_: str, details: dict[str, Any]) -> TokenizedAccount:
        raise GatewayRejected(f"only cards are paid with at Acquirer, and not {type_} {details}")

    monkeypatch.setattr(api.tokenization, "tokenize_account", no_such)
    answer = await api.post(path, form)
    error = error_of(answer)
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert "`ideal` cannot be taken here" in error["message"]
    assert "Acquirer" not in answer.text, "whoever asks is not told how we are built"
    assert "stripe-should-retry" not in answer.headers
    assert (await api.get("/v1/payment_intents")).json()["data"] == []


async def test_what_the_gateway_does_not_do_is_no_outage(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_transfers(*_: object, **__: object) -> None:
        raise GatewayRejected("bank transfers are not taken at Acquirer")

    customer = (await api.post("/v1/customers", "name=A")).json()["id"]
    monkeypatch.setattr(api.services.funding, "simulate_transfer", no_transfers)
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    answer = await api.post(path, "amount=100&currency=usd")
    assert (answer.status_code, error_of(answer)["type"]) == (400, "invalid_request_error")
    assert "repeating the request does not help" in error_of(answer)["message"]
    assert "stripe-should-retry" not in answer.headers
    assert (await api.get(f"/v1/customers/{customer}/cash_balance_transactions")).json()["data"] == []


async def test_tokens_of_test_cards(api: Api) -> None:
    assert (await api.post(METHODS, "type=card&card[token]=tok_visa")).json()["card"]["last4"] == "4242"


async def test_attach_list_and_detach(api: Api) -> None:
    customer = (await api.post("/v1/customers", "name=A")).json()["id"]
    method = (await api.post(METHODS, CARD)).json()["id"]
    assert (await api.post(f"{METHODS}/{method}/attach", f"customer={customer}")).json()["customer"] == customer
    for path, query in ((METHODS, f"customer={customer}&type=card"), (f"/v1/customers/{customer}/payment_methods", "")):
        listed = (await api.get(path, query)).json()
        assert ([m["id"] for m in listed["data"]], listed["url"]) == ([method], path)
    assert (await api.get(f"/v1/customers/{customer}/payment_methods/{method}")).json()["id"] == method
    loose = (await api.post(f"{METHODS}/{method}/detach")).json()
    assert loose["customer"] is None
    again = await api.post(f"{METHODS}/{method}/detach")
    assert "detachment is impossible" in error_of(again)["message"]
    used = await api.post("/v1/payment_intents", f"amount=1099&currency=usd&payment_method={method}")
    assert "may not be used again" in error_of(used)["message"]
    assert (await api.post(f"{METHODS}/{method}/attach", f"customer={customer}")).status_code == 400


async def test_a_card_that_the_bank_will_not_keep(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    method = (await api.post(METHODS, CARD)).json()["id"]
    api.tokenization.answer = Declined(decline_code="generic_decline")
    response = await api.post(f"{METHODS}/{method}/attach", f"customer={customer}")
    assert (response.status_code, error_of(response)["code"]) == (402, "card_declined")
    assert (await api.get(f"{METHODS}/{method}")).json()["customer"] is None
    created = await api.post("/v1/customers", f"payment_method={method}")
    assert created.status_code == 402
    assert len((await api.get("/v1/customers")).json()["data"]) == 1


async def test_update_of_a_method(api: Api) -> None:
    method = (await api.post(METHODS, f"{CARD}&billing_details[name]=A&billing_details[email]=a@example.com")).json()
    form = "billing_details[name]=&card[exp_year]=2031&metadata[k]=v&allow_redisplay=always"
    changed = (await api.post(f"{METHODS}/{method['id']}", form)).json()
    assert changed["billing_details"]["name"] is None
    assert changed["billing_details"]["email"] == "a@example.com"
    assert (changed["card"]["exp_year"], changed["metadata"], changed["allow_redisplay"]) == (
        2031,
        {"k": "v"},
        "always",
    )


async def test_a_loose_method_pays_once(api: Api) -> None:
    method = (await api.post(METHODS, CARD)).json()["id"]
    await api.create(f"payment_method={method}&confirm=true")
    again = await api.post("/v1/payment_intents", f"amount=1099&currency=usd&confirm=true&payment_method={method}")
    assert "may not be used again" in error_of(again)["message"]


async def test_a_saved_method_pays_again_and_only_for_its_customer(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    method = (await api.post(METHODS, CARD)).json()["id"]
    form = f"payment_method={method}&customer={customer}&setup_future_usage=off_session&confirm=true"
    await api.create(form)
    assert (await api.get(f"{METHODS}/{method}")).json()["customer"] == customer
    await api.create(f"payment_method={method}&customer={customer}&confirm=true&off_session=true")
    nobody = await api.post("/v1/payment_intents", f"amount=1099&currency=usd&payment_method={method}")
    assert (error_of(nobody)["code"], error_of(nobody)["param"]) == ("parameter_missing", "source")
    other = (await api.post("/v1/customers")).json()["id"]
    theirs = await api.post("/v1/payment_intents", f"amount=1099&currency=usd&payment_method={method}&customer={other}")
    assert "does not belong" in error_of(theirs)["message"]


async def test_customers(api: Api) -> None:
    form = "email=a@example.com&name=A&metadata[k]=v&address[line1]=L&preferred_locales[]=de&tax_exempt=none"
    customer = (await api.post("/v1/customers", form)).json()
    assert (customer["id"][:4], customer["email"], customer["address"]["line1"]) == ("cus_", "a@example.com", "L")
    url = f"/v1/customers/{customer['id']}"
    changed = (await api.post(url, "name=B&email=&metadata[k]=&metadata[l]=w")).json()
    assert (changed["name"], changed["email"], changed["metadata"]) == ("B", None, {"l": "w"})
    assert (await api.get("/v1/customers", "email=a@example.com")).json()["data"] == []
    missing = await api.post(url, "invoice_settings[default_payment_method]=pm_x")
    assert error_of(missing)["code"] == "resource_missing"
    assert (await api.request("DELETE", url)).json() == {"id": customer["id"], "object": "customer", "deleted": True}
    assert (await api.get(url)).json()["deleted"] is True
    assert (await api.post(url, "name=C")).status_code == 404
    assert (await api.get("/v1/customers")).json()["data"] == []
    used = await api.post("/v1/payment_intents", f"amount=1099&currency=usd&customer={customer['id']}")
    assert error_of(used)["code"] == "resource_missing"


async def test_a_default_method_is_expandable(api: Api) -> None:
    customer = (await api.post("/v1/customers", "payment_method=pm_card_visa")).json()["id"]
    method = (await api.get(METHODS, f"customer={customer}")).json()["data"][0]["id"]
    form = f"invoice_settings[default_payment_method]={method}&expand[]=invoice_settings.default_payment_method"
    changed = (await api.post(f"/v1/customers/{customer}", form)).json()
    assert changed["invoice_settings"]["default_payment_method"]["card"]["brand"] == "visa"


async def test_charges_of_another_kind(api: Api) -> None:
    response = await api.get("/v1/charges/ch_x")
    assert (response.status_code, error_of(response)["message"]) == (404, "No such charge: 'ch_x'")
    intent = await api.create("payment_method=pm_card_visa&confirm=true&transfer_group=g")
    query = f"transfer_group=g&expand[]=data.payment_intent.payment_method&limit=1&created[gte]={api.clock.now}"
    listed = (await api.get("/v1/charges", query)).json()
    assert listed["data"][0]["payment_intent"]["payment_method"]["id"] == intent["payment_method"]
    assert (await api.get("/v1/charges", "transfer_group=other")).json()["data"] == []


async def test_a_customers_addresses_are_changed_leaf_by_leaf(api: Api) -> None:
    """As recorded: what is told of an address changes that of it, and the rest stays."""
    address = "address[line1]=1 Main St&address[city]=Springfield&address[country]=US"
    shipping = f"shipping[name]=Jenny&shipping[phone]=1&{address.replace('address', 'shipping[address]')}"
    customer = (await api.post("/v1/customers", f"{address}&{shipping}")).json()
    path = f"/v1/customers/{customer['id']}"
    changed = (
        await api.post(path, "address[city]=Shelbyville&shipping[address][line2]=Apt 2&shipping[name]=J.")
    ).json()
    assert changed["address"] == {**customer["address"], "city": "Shelbyville"}
    assert changed["shipping"] == {
        **customer["shipping"],
        "name": "J.",
        "address": {**customer["shipping"]["address"], "line2": "Apt 2"},
    }
    cleared = (await api.post(path, "address[line1]=&shipping=")).json()
    assert (cleared["address"]["line1"], cleared["address"]["city"]) == (None, "Shelbyville")
    assert cleared["shipping"] is None
    again = await api.post(path, "shipping[phone]=2")
    error = error_of(again)
    assert (again.status_code, error["code"], error["param"]) == (400, "parameter_missing", "shipping[address]")
    assert (await api.get(path)).json() == cleared


async def test_what_is_nobodys_is_in_no_list(api: Api) -> None:
    loose = (await api.post(METHODS, "type=card&card[token]=tok_visa")).json()
    shown = await api.get(METHODS)
    assert (shown.status_code, shown.json()["data"], shown.json()["has_more"]) == (200, [], False)
    assert (await api.get(f"{METHODS}/{loose['id']}")).status_code == 200
