"""Charges, and what their merchant says of them afterwards."""

from typing import Any

from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
PAID = "confirm=true&payment_method=pm_card_visa&description=of the intent&metadata[a]=1"


async def charged(api: Api, form: str = "") -> str:
    return f"/v1/charges/{(await api.create(f'{PAID}&{form}'))['latest_charge']}"


async def told(api: Api, path: str, type_: str) -> list[dict[str, Any]]:
    """The data of the events of this type about what the path names, newest first."""
    listed = (await api.get("/v1/events", f"type={type_}&limit=100")).json()["data"]
    return [event["data"] for event in listed if event["data"]["object"]["id"] == path.rpartition("/")[2]]


async def test_what_a_merchant_says_of_a_charge_is_kept_and_told(api: Api) -> None:
    path = await charged(api)
    before = (await api.get(path)).json()
    form = (
        "description=seen&metadata[b]=2&receipt_email=j@example.com&fraud_details[user_report]=safe"
        "&shipping[name]=J&shipping[address][city]=Lisbon"
    )
    said = (await api.post(path, form)).json()
    assert said == (await api.get(path)).json()
    assert (said["description"], said["metadata"], said["receipt_email"], said["fraud_details"]) == (
        "seen", {"a": "1", "b": "2"}, "j@example.com", {"user_report": "safe"},
    )  # fmt: skip
    assert said["shipping"]["address"]["city"] == "Lisbon"
    unsaid = {"description", "metadata", "receipt_email", "fraud_details", "shipping"}
    assert {name: said[name] for name in said if name not in unsaid} == {
        name: before[name] for name in before if name not in unsaid
    }
    (data,) = await told(api, path, "charge.updated")
    assert data["object"] == said
    assert data["previous_attributes"]["description"] == "of the intent"
    assert data["previous_attributes"]["metadata"] == {"b": None}
    intent = (await api.get(f"{INTENTS}/{said['payment_intent']}")).json()
    assert (intent["description"], intent["metadata"]) == ("of the intent", {"a": "1"}), "the intent stays"
    cleared = (await api.post(path, "description=&metadata=&fraud_details[user_report]=&receipt_email=")).json()
    shown = [cleared[name] for name in ("description", "metadata", "fraud_details", "receipt_email")]
    assert shown == [None, {}, {}, None]


async def test_saying_the_same_again_is_told_once(api: Api) -> None:
    path = await charged(api)
    for _ in range(2):
        assert (await api.post(path, "description=seen")).status_code == 200
    assert len(await told(api, path, "charge.updated")) == 1


async def test_the_payment_writes_its_charge_and_undoes_nothing(api: Api) -> None:
    """A refund writes the charge anew; what was said of it stays, there and in the events that tell of it."""
    path = await charged(api)
    await api.post(path, "metadata[b]=2&description=seen")
    shown = (await api.post(f"{path}/refund", "amount=99")).json()
    assert (shown["object"], shown["amount_refunded"], shown["metadata"]) == ("charge", 99, {"a": "1", "b": "2"})
    assert shown == (await api.get(path)).json()
    (data,) = await told(api, path, "charge.refunded")
    assert (data["object"]["metadata"], data["object"]["description"]) == ({"a": "1", "b": "2"}, "seen")
    assert data["object"]["amount_refunded"] == 99


async def test_a_charge_is_found_by_what_it_is_said_to_be(api: Api) -> None:
    path = await charged(api)
    await api.post(path, "metadata[order]=Seven")
    for query, found in (("metadata['order']:'seven'", 1), ("metadata['a']:'1'", 1), ("metadata['order']:'8'", 0)):
        assert len((await api.get("/v1/charges/search", f"query={query}")).json()["data"]) == found, query


async def test_nobodys_charge_becomes_a_customers_once(api: Api) -> None:
    path = await charged(api)
    ids = [(await api.post("/v1/customers")).json()["id"] for _ in range(2)]
    assert (await api.post(path, f"customer={ids[0]}")).json()["customer"] == ids[0]
    assert [one["customer"] for one in (await api.get("/v1/charges", f"customer={ids[0]}")).json()["data"]] == [ids[0]]
    refused = await api.post(path, f"customer={ids[1]}&description=other")
    assert (refused.status_code, error_of(refused)["param"]) == (400, "customer")
    kept = (await api.get(path)).json()
    assert (kept["customer"], kept["description"]) == (ids[0], "of the intent")
    assert (await api.post(path, f"customer={ids[0]}")).status_code == 200, "the same again is no change"


async def test_a_refund_by_the_older_path_is_one_of_its_refunds(api: Api) -> None:
    path = await charged(api)
    assert (await api.post(f"{path}/refund")).json()["refunded"] is True
    listed = (await api.get(f"{path}/refunds")).json()
    assert ([one["amount"] for one in listed["data"]], listed["url"]) == ([1099], f"{path}/refunds")
    again = await api.post(f"{path}/refund")
    assert error_of(again)["code"] == "charge_already_refunded"
    assert len((await api.get(f"{path}/refunds")).json()["data"]) == 1


async def test_a_repeated_change_is_answered_as_the_first_was(api: Api) -> None:
    path = await charged(api)
    first = await api.post(path, "description=one", Idempotency_Key="once")
    await api.post(path, "description=two")
    again = await api.post(path, "description=one", Idempotency_Key="once")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert (await api.get(path)).json()["description"] == "two"
