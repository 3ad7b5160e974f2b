"""Whatever comes in, by whichever way: Stripe's kind of error, and nothing is changed, kept or burned."""

import json
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from api.build import OPERATIONS
from api.dialect.forms import DEPTH_MAX, PARAMETERS_MAX
from api.dialect.operation import Operation
from domain.machine.limits import SAID_BYTES_MAX
from tests.api.conftest import Api, error_of

PATH = "/v1/payment_intents"
JSON = {"Content_Type": "application/json"}
HELD = "payment_method=pm_card_visa&capture_method=manual&confirm=true"

VALUES: list[Any] = [
    "a\x00b", {"a\x00": "x"}, {"a": "\x00"}, 10**30, -(10**25), 2**63, 2**64, 1e300, {}, [], [[]], [{}], {"": "x"},
    {"a": {"b": {"c": []}}}, True, 1.5, "\uffff\ufffe\u202e", "²", {"²": "x"}, {"٣": "x"}, "x" * 6_000, ["x"] * 200,
    "-", "１２", "0x10", "\n", "http://\n", "http://[", "https://x/\x7f\x85", None, -1, 0,
]  # fmt: skip

BODIES = [
    r'{"metadata": {"a": "\ud800"}}', r'{"\ud800": 1}', r'{"metadata": {"\udfff": "x"}}', '{"amount": 1e400}',
    '{"amount": NaN}', '{"amount": -Infinity}', r'{"a\u0000": 1}', r'{"metadata": {"a\u0000": "x"}}', "[" * 5_000,
    '{"a":' * 2_000, '{"amount": 123456789012345678901234567890}', r'{"expand": ["\u0000"]}',
    '{"_stripe_version": {"a": 1}}', '{"_stripe_account": {"a": 1}}', '{"key": [1]}', '{"_stripe_version": 3}',
    '"text"', "null", "\xff", '{"a":1,"a":2}',
]  # fmt: skip

QUERIES = [
    "_stripe_version[a]=b", "_stripe_account[]=b", "expand[²]=x", "expand[x]=y", "expand[999999]=y", "metadata[a%00]=x",
    "limit=%EF%BC%91", "limit=99999999999999999999", "starting_after=%00", f"starting_after={'x' * 300}",
    "starting_after=%F0%9F%98%80", "created[gt]=999999999999999999", "created=%C2%B2", "page=WzFlNDAwLDEsMV0=",
    "query=a%00", "client_secret=%F0%9F%98%80", "client_secret=%ED%A0%80", "[a]=1", "a[=1", "%FF=1", "a=%FF",
    "key=pk_%00",
]  # fmt: skip

IDS = ["%00", "a%00", "x" * 400, "%F0%9F%98%80", "%FF", "%ED%A0%80", "²", "%2F"]


def requests_of(operation: Operation, number: int) -> list[tuple[str, bytes, str]]:
    """Query, body and content type: every parameter with one of the values in turn, and every body."""
    form = "application/x-www-form-urlencoded"
    found = [(query, b"", form) for query in QUERIES[number % 2 :: 2]]
    names = [*operation.parameters.model_fields, "x"]
    for index, name in enumerate(names * 2):
        value = VALUES[(number + index * 7) % len(VALUES)]
        if operation.method != "GET":
            found.append(
                ("", json.dumps({"amount": 1_099, "currency": "usd", name: value}).encode(), "application/json")
            )
        elif isinstance(value, str | int | float):
            found.append((f"{name}={quote(str(value))}", b"", form))
    if operation.method == "POST":
        found += [("", body.encode("latin-1"), "application/json") for body in BODIES[number % 3 :: 3]]
    return found


async def everything(api: Api) -> list[Any]:
    """All that a refused request must not have changed: whose objects there are, and how they stand."""
    kinds = ("payment_intents", "customers", "payment_methods", "charges", "refunds", "webhook_endpoints", "events")
    return [*[(await api.get(f"/v1/{kind}", "limit=100")).json()["data"] for kind in kinds], await api.methods()]


@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=[operation.name for operation in OPERATIONS])
async def test_every_operation(api: Api, number: int) -> None:
    operation = OPERATIONS[number]
    ids = {
        "payment_intents": (await api.create(HELD))["id"],
        "customers": (await api.post("/v1/customers", "name=Jenny")).json()["id"],
        "payment_methods": (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"],
    }
    path = operation.path.replace("{id}", ids.get(operation.path.split("/")[2], "x"))
    before = await everything(api)
    for query, body, kind in requests_of(operation, number):
        sent = {"Authorization": f"Bearer {api.secret}", "Content-Type": kind}
        response = await api.http.request(operation.method, f"{path}?{query}", content=body, headers=sent)
        if response.status_code == 200:
            before = await everything(api)
            continue
        assert (response.status_code < 500, error_of(response)["type"]) == (True, "invalid_request_error"), (
            response.text
        )
        assert operation.method == "GET" or await everything(api) == before, (query, body)
    for id_ in IDS if "{id}" in operation.path else ():
        response = await api.request(operation.method, operation.path.replace("{id}", id_))
        # An account that is nobody's is one that the key has no access to.
        unknown = (403, 404) if operation.resource == "accounts" else (404,)
        assert response.status_code in (400, *unknown), response.text


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (r'{"metadata": {"a\u0000": "x"}}', "metadata"),
        (r'{"metadata": {"a": "x\u0000"}}', "metadata"),
        (r'{"description": "\u0000"}', "description"),
        (r'{"a\u0000": "x"}', None),
    ],
)
@pytest.mark.parametrize("operation", ["", "/capture", "/confirm", "/cancel", "/increment_authorization"])
async def test_null_characters_in_json_change_nothing(api: Api, operation: str, body: str, param: str | None) -> None:
    """M4 of the faults found in 956c385: the key was taken, and PostgreSQL refused it after the gateway had acted."""
    intent = await api.create(HELD)
    url = f"{PATH}/{intent['id']}{operation}"
    calls = api.engine.gateway.calls
    response = await api.post(url, body, Idempotency_Key="k", **JSON)
    assert (response.status_code, error_of(response).get("param", param)) == (400, param)
    assert (await api.get(f"{PATH}/{intent['id']}")).json() == intent
    assert api.engine.gateway.calls == calls
    paid = await api.post(f"{PATH}/{intent['id']}/capture", Idempotency_Key="k")
    assert paid.json()["status"] == "succeeded"


@pytest.mark.parametrize("form", ["metadata[a%00]=x", "metadata[a]=x%00", "a%00=x", "metadata[a]=%ED%A0%80", "%FF=x"])
async def test_null_characters_and_broken_text_in_forms(api: Api, form: str) -> None:
    intent = await api.create(HELD)
    assert (await api.post(f"{PATH}/{intent['id']}/capture", form)).status_code == 400
    assert (await api.get(f"{PATH}/{intent['id']}", form)).status_code == 400
    assert (await api.get(f"{PATH}/{intent['id']}")).json() == intent


@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809", "1e300", "1e400", "NaN"])
async def test_numbers_beyond_64_bits(api: Api, number: str) -> None:
    response = await api.post(PATH, f'{{"amount": 1099, "currency": "usd", "description": {number}}}', **JSON)
    assert (response.status_code, (await api.get(PATH)).json()["data"]) == (400, [])


async def test_numbers_of_64_bits_and_text_of_every_plane(api: Api) -> None:
    body = {"amount": 1099, "currency": "usd", "description": 2**63 - 1, "metadata": {"\uffff\U0001f600\x01": "\u202e"}}
    created = (await api.post(PATH, json.dumps(body), **JSON)).json()
    assert (created["description"], created["metadata"]) == (str(2**63 - 1), body["metadata"])


async def test_depth_and_number_of_parameters(api: Api) -> None:
    deep: Any = "x"
    for _ in range(DEPTH_MAX):
        deep = {"a": deep}
    assert "nested too deeply" in error_of(await api.post(PATH, json.dumps({"metadata": deep}), **JSON))["message"]
    many = {"metadata": dict.fromkeys(map(str, range(PARAMETERS_MAX)), "x")}
    assert "more than" in error_of(await api.post(PATH, json.dumps(many), **JSON))["message"]
    listed = {"expand": ["x"] * PARAMETERS_MAX}
    assert "more than" in error_of(await api.post(PATH, json.dumps(listed), **JSON))["message"]


def token(*values: Any) -> str:
    import base64

    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


async def test_forged_search_pages(api: Api) -> None:
    from api.dialect.search import parse

    query = 'currency:"usd"'
    print_ = parse(query).fingerprint()
    positions: list[Any] = [2**63, -1, 1e300, "x", None, [], "9" * 30]
    forged = [token(value, 1, print_) for value in positions]
    forged += [token(1, 2**63, print_), token(1, 1), token(1, 1, "other"), "é", "x" * 5_000, "====", "bnVsbA=="]
    for page in forged:
        response = await api.get(f"{PATH}/search", f"query={quote(query)}&page={quote(page)}")
        assert (response.status_code, error_of(response)["param"]) == (400, "page"), page
    fine = await api.get(f"{PATH}/search", f"query={quote(query)}&page={token(2**63 - 1, 2**63 - 1, print_)}")
    assert fine.json()["data"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": b"a\x00b"},
        {"Stripe-Version": b"\xe9\x01"},
        {"Stripe-Account": b"\xe9" * 300},
        {"Authorization": b"Basic AAAA"},
        {"Authorization": b"Basic //8="},
        {"Authorization": b"Bearer \x00\xe9"},
        {"Content-Type": b"application/json; charset=utf-16"},
    ],
)
async def test_headers(api: Api, headers: dict[str, bytes]) -> None:
    sent = {b"Authorization": f"Bearer {api.secret}".encode(), b"Content-Type": b"application/x-www-form-urlencoded"}
    sent |= {name.encode(): value for name, value in headers.items()}
    response = await api.http.request("POST", PATH, content=b"amount=1099&currency=usd", headers=list(sent.items()))
    assert response.status_code in (400, 401, 403), response.text
    assert (await api.get(PATH)).json()["data"] == []


async def test_too_much_in_all_is_said_clearly_and_changes_nothing(api: Api) -> None:
    item = {"product_name": "é" * 1_024, "quantity": 1, "unit_cost": 0}
    items = [{**item, "unit_cost": 1_099}, *[item] * 199]
    body = {"amount": 1_099, "currency": "usd", "amount_details": {"line_items": items}}
    response = await api.post(PATH, orjson.dumps(body).decode(), Idempotency_Key="k", **JSON)
    assert response.status_code == 400
    assert str(SAID_BYTES_MAX) in error_of(response)["message"]
    assert (await api.get(PATH)).json()["data"] == []
    intent = await api.create()
    del body["amount"], body["currency"]
    response = await api.post(f"{PATH}/{intent['id']}", orjson.dumps(body).decode(), **JSON)
    assert response.status_code == 400
    assert (await api.get(f"{PATH}/{intent['id']}")).json() == intent


@pytest.mark.parametrize(
    "url", ["https://shop.example/%0D%0AX:1", "https://shop.example/%7F", "https://shop.example/%C2%85"]
)
async def test_urls_have_no_control_characters(api: Api, url: str) -> None:
    form = f"amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true&return_url={url}"
    response = await api.post(PATH, form)
    assert (error_of(response)["code"], error_of(response)["param"]) == ("url_invalid", "return_url")
    assert (await api.get(PATH)).json()["data"] == []


@pytest.mark.parametrize("id_", ["%00", "%ED%A0%80", "%FF", "x" * 400])
async def test_a_path_that_cannot_be_stored_comes_with_a_key(api: Api, id_: str) -> None:
    """The key is kept with the path that it came to."""
    tried = 0
    for operation in OPERATIONS:
        if operation.method == "POST" and "{" in operation.path:
            tried += 1
            path = operation.path.replace("{", "").replace("}", "").replace("/id", f"/{id_}")
            response = await api.post(path, Idempotency_Key=f"{operation.name} {tried} {len(id_)}")
            assert 400 <= response.status_code < 500, (operation.name, response.status_code)
    assert tried > 15
