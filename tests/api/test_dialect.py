"""The dialect: forms, keys, versions, headers, and the precise error for everything that makes no sense."""

import json
import re

import pytest

from api.dialect.forms import BODY_BYTES_MAX, DEPTH_MAX, decode_form, decode_json
from contracts.api_versions import KNOWN, LATEST
from parameters.fields import METADATA_KEY_MAX, METADATA_KEYS_MAX, METADATA_VALUE_MAX
from tests.api.conftest import Api, error_of

PATH = "/v1/payment_intents"
OK = "amount=1099&currency=usd"


@pytest.mark.parametrize(
    ("form", "decoded"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[b][c]=1&a[d]=2", {"a": {"b": {"c": "1"}, "d": "2"}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[0]=1&a[1]=2", {"a": {"0": "1", "1": "2"}}),
        ("a[][x]=1&a[][y]=2&a[][x]=3", {"a": [{"x": "1", "y": "2"}, {"x": "3"}]}),
        ("a=%C3%A9+b%26", {"a": "é b&"}),
        ("", {}),
    ],
)
def test_forms(form: str, decoded: dict[str, object]) -> None:
    assert decode_form(form.encode()) == decoded


def test_json_bodies_are_the_same_structure_and_null_clears() -> None:
    assert decode_json(b'{"a": {"b": [1, null]}, "c": null}') == {"a": {"b": [1, ""]}, "c": ""}


@pytest.mark.parametrize(
    ("form", "code", "param", "text"),
    [
        ("currency=usd", "parameter_missing", "amount", "Missing required param: amount."),
        ("amount=1099", "parameter_missing", "currency", "currency"),
        ("amount=abc&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: abc"),
        ("amount=10.5&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: 10.5"),
        ("amount=&currency=usd", "parameter_invalid_empty", "amount", "empty"),
        ("amount[x]=1&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer"),
        ("amount=0&currency=usd", "parameter_invalid_integer", "amount", "the minimum charge amount allowed"),
        ("amount=-5&currency=usd", "parameter_invalid_integer", "amount", "the minimum charge amount allowed"),
        ("amount=49&currency=usd", "amount_too_small", "amount", "Amount must be at least $0.50 usd"),
        ("amount=100000000&currency=usd", "amount_too_large", "amount", "no more than $999,999.99"),
        ("amount=1" + "0" * 400 + "&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer"),
        ("amount=1099&currency=zzz", None, "currency", "Invalid currency: zzz"),
        (f"{OK}&colour=red", "parameter_unknown", "colour", "Received unknown parameter: colour"),
        (f"{OK}&a=1&shipping[b]=2", "parameter_unknown", "a", "Received unknown parameters: a, shipping[b]"),
        (f"{OK}&capture_method=later", None, "capture_method", "must be one of automatic, automatic_async, or manual"),
        (f"{OK}&confirm=perhaps", None, "confirm", "Invalid boolean: 'perhaps'"),
        (f"{OK}&shipping=here", None, "shipping", "Invalid object"),
        (f"{OK}&shipping[name]=A", "parameter_missing", "shipping[address]", "shipping[address]"),
        (f"{OK}&receipt_email=nobody", "email_invalid", "receipt_email", "Invalid email"),
        (f"{OK}&confirm=true&return_url=home", "url_invalid", "return_url", "Not a valid URL"),
        (f"{OK}&confirm=true&return_url=javascript:alert(1)", "url_invalid", "return_url", "Not a valid URL"),
        (f"{OK}&return_url=https://a.b", None, "return_url", "`confirm=true`"),
        (f"{OK}&customer=cus_x", "resource_missing", "customer", "No such customer: 'cus_x'"),
        (f"{OK}&payment_method=pm_x", "resource_missing", "payment_method", "No such PaymentMethod: 'pm_x'"),
        (f"{OK}&payment_method=pm_card_nope", "resource_missing", "payment_method", "No such PaymentMethod"),
        (f"{OK}&payment_method=pm_card_visa&payment_method_data[type]=card", "parameters_exclusive", None, "only"),
        (
            f"{OK}&excluded_payment_method_types[]=link&excluded_payment_method_types[]=gold",
            None,
            "excluded_payment_method_types[1]",
            "must be",
        ),
        (f"{OK}&description=" + "x" * 1001, None, "description", "at most 1000 characters"),
        (f"{OK}&statement_descriptor=" + "x" * 23, None, "statement_descriptor", "at most 22 characters"),
        (f"{OK}&expand[]=flowers", None, None, "This property cannot be expanded"),
        (f"{OK}&expand[]=customer.default_source.x.y.z", None, None, "more than 4 levels"),
        (f"{OK}&a[b=1", None, "a[b", "Invalid parameter name"),
        (f"{OK}&metadata=x", None, "metadata", "Invalid hash"),
        (f"{OK}&metadata[a][b]=x", None, "metadata", "must be strings"),
        (f"{OK}&shipping=x&shipping[name]=y", None, "shipping", "conflicts"),
        (f"{OK}&description=a%00b", None, "description", "a null character"),
        (f"{OK}&description=%ff", None, None, "UTF-8"),
        (f"{OK}&" + "&".join(f"x{n}=1" for n in range(10_001)), None, None, "more than"),
        (f"{OK}&a" + "[b]" * DEPTH_MAX + "=1", None, "a", "nested too deeply"),
    ],
)
async def test_bad_input_gets_the_precise_error_and_changes_nothing(
    api: Api, form: str, code: str | None, param: str | None, text: str
) -> None:
    response = await api.post(PATH, form)
    error = error_of(response)
    assert response.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert error.get("code") == code
    if param is not None:
        assert error.get("param") == param
    assert text in error["message"]
    assert (await api.get(PATH)).json()["data"] == []


async def test_metadata_limits_from_both_sides(api: Api) -> None:
    keys = "&".join(f"metadata[k{n}]=v" for n in range(METADATA_KEYS_MAX))
    good = [keys, f"metadata[{'k' * METADATA_KEY_MAX}]=v", f"metadata[k]={'v' * METADATA_VALUE_MAX}"]
    bad = [f"{keys}&metadata[more]=v", f"metadata[{'k' * (METADATA_KEY_MAX + 1)}]=v"]
    bad.append(f"metadata[k]={'v' * (METADATA_VALUE_MAX + 1)}")
    for form in good:
        assert (await api.post(PATH, f"{OK}&{form}")).status_code == 200
    for form in bad:
        assert error_of(await api.post(PATH, f"{OK}&{form}"))["param"] == "metadata"


@pytest.mark.parametrize(("sent", "status"), [("true", "succeeded"), ("True", "succeeded"), ("False", None)])
async def test_booleans_as_any_sdk_sends_them(api: Api, sent: str, status: str | None) -> None:
    intent = await api.create(f"payment_method=pm_card_visa&confirm={sent}")
    assert intent["status"] == (status or "requires_confirmation")


async def test_numeric_metadata_keys_stay_keys(api: Api) -> None:
    assert (await api.create("metadata[0]=a&metadata[1]=b"))["metadata"] == {"0": "a", "1": "b"}


async def test_indexed_lists_as_the_sdks_send_them(api: Api) -> None:
    euros = "amount=1099&currency=eur"
    form = f"{euros}&allowed_payment_method_types[1]=ideal&allowed_payment_method_types[0]=card&expand[0]=customer"
    intent = (await api.post(PATH, form)).json()
    assert intent["payment_method_types"] == ["card", "ideal"]


async def test_json_bodies(api: Api) -> None:
    body = json.dumps({"amount": 1099, "currency": "usd", "metadata": {"n": 1}, "confirm": False, "description": None})
    refused = await api.post(PATH, body, Content_Type="application/json")
    assert error_of(refused)["code"] == "parameter_invalid_empty"
    body = json.dumps({"amount": 1099, "currency": "usd", "metadata": {"n": 1}})
    intent = (await api.post(PATH, body, Content_Type="application/json; charset=utf-8")).json()
    assert (intent["amount"], intent["metadata"]) == (1099, {"n": "1"})
    for bad in ("{", "[]", '"x"', '{"a":' * 20 + "1" + "}" * 20):
        assert (await api.post(PATH, bad, Content_Type="application/json")).status_code == 400
    assert (await api.post(PATH, "x", Content_Type="multipart/form-data")).status_code == 400


async def test_a_body_too_large(api: Api) -> None:
    response = await api.post(PATH, OK + "&description=" + "x" * BODY_BYTES_MAX)
    assert response.status_code == 413
    assert "too large" in error_of(response)["message"]


class TestKeys:
    async def test_bearer_and_basic(self, api: Api) -> None:
        assert (await api.get(PATH)).status_code == 200
        assert (await api.http.get(PATH, headers={"Authorization": api.basic()})).status_code == 200

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Basic ???", "Digest x", "Basic Og=="])
    async def test_no_key(self, api: Api, header: str | None) -> None:
        response = await api.http.get(PATH, headers={"Authorization": header} if header is not None else {})
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Basic realm="Stripe"'
        assert "did not provide an API key" in error_of(response)["message"]

    async def test_a_wrong_key_is_shown_masked(self, api: Api) -> None:
        response = await api.get(PATH, key="sk_test_1234567890abcd")
        assert response.status_code == 401
        assert error_of(response)["message"] == "Invalid API Key provided: sk_test_********abcd"
        assert (await api.get(PATH, key="x" * 5_000)).status_code == 401

    async def test_a_secret_in_the_query_is_not_taken(self, api: Api) -> None:
        assert (await api.http.get(f"{PATH}?key={api.secret}")).status_code == 401

    async def test_publishable_keys(self, api: Api) -> None:
        pk = api.publishable
        for method, path in (("POST", PATH), ("GET", PATH), ("GET", "/v1/customers"), ("GET", "/v1/charges")):
            response = await api.request(method, path, key=pk)
            assert (response.status_code, error_of(response)["code"]) == (401, "secret_key_required")
        intent = await api.create("metadata[secret]=note")
        url = f"{PATH}/{intent['id']}"
        assert error_of(await api.get(url, key=pk))["param"] == "client_secret"
        wrong = await api.get(url, "client_secret=guess", key=pk)
        assert "does not match" in error_of(wrong)["message"]
        seen = (await api.get(url, f"client_secret={intent['client_secret']}", key=pk)).json()
        assert seen["status"] == "requires_payment_method"
        assert {"metadata", "customer", "latest_charge", "amount_received"}.isdisjoint(seen)
        number = "payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242"
        card = f"{number}&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=30"
        form = f"client_secret={intent['client_secret']}&{card}&use_stripe_sdk=true&guid=x&time_on_page=5"
        assert (await api.post(f"{url}/confirm", form, key=pk)).json()["status"] == "succeeded"
        off = await api.post(f"{url}/confirm", f"client_secret={intent['client_secret']}&off_session=true", key=pk)
        assert error_of(off)["param"] == "off_session"

    async def test_of_two_the_first_counts(self, api: Api) -> None:
        two = [("Authorization", f"Bearer {api.secret}"), ("Authorization", "Bearer sk_test_wrong")]
        assert (await api.http.get(PATH, headers=two)).status_code == 200
        assert (await api.http.get(PATH, headers=two[::-1])).status_code == 401

    @pytest.mark.parametrize("header", ["Stripe-Account", "Stripe-Context"])
    async def test_acting_for_another_account_is_refused_and_changes_nothing(self, api: Api, header: str) -> None:
        response = await api.post(PATH, OK, **{header: "acct_connected"})
        assert (response.status_code, error_of(response)["code"]) == (403, "account_invalid")
        assert "does not have access to account 'acct_connected'" in error_of(response)["message"]
        assert (await api.get(PATH)).json()["data"] == []
        assert (await api.post(PATH, OK, **{header: api.scope.account})).status_code == 200, "its own is no other"

    async def test_nor_does_a_browser_act_for_another(self, api: Api) -> None:
        intent = await api.create()
        query = f"client_secret={intent['client_secret']}&_stripe_account="
        for account, status in (("acct_connected", 403), (api.scope.account, 200), ("", 200)):
            response = await api.get(f"{PATH}/{intent['id']}", query + account, key=api.publishable)
            assert response.status_code == status

    async def test_another_account_sees_nothing(self, api: Api) -> None:
        from records.accounts import ensure_account, ensure_key

        stranger = f"{api.scope.account}_b"
        await ensure_account(api.database, stranger, "b", 1)
        await ensure_key(api.database, stranger, f"sk_test_{stranger}", "secret", livemode=False, now=1)
        key = f"sk_test_{stranger}"
        intent = await api.create("payment_method=pm_card_visa")
        customer = (await api.post("/v1/customers", "email=a@example.com")).json()
        for path in (f"{PATH}/{intent['id']}", f"/v1/customers/{customer['id']}", f"{PATH}/{intent['id']}/cancel",
                     f"/v1/payment_methods/{intent['payment_method']}"):  # fmt: skip
            method = "POST" if path.endswith("cancel") else "GET"
            assert (await api.request(method, path, key=key)).status_code == 404
        used = await api.post(PATH, f"{OK}&payment_method={intent['payment_method']}", key=key)
        assert error_of(used)["code"] == "resource_missing"
        assert (await api.get(PATH, key=key)).json()["data"] == []


class TestVersions:
    async def test_the_newest_is_the_default_and_is_echoed(self, api: Api) -> None:
        assert (await api.get(PATH)).headers["stripe-version"] == LATEST
        for version in ("2022-11-15", "2025-09-30.clover"):
            assert (await api.get(PATH, Stripe_Version=version)).headers["stripe-version"] == version

    async def test_an_unknown_one_is_refused(self, api: Api) -> None:
        for version in ("2031-01-01", "latest", "2026-10-28"):
            response = await api.get(PATH, Stripe_Version=version)
            assert response.status_code == 400
            assert "Invalid Stripe API version" in error_of(response)["message"]

    def test_every_version_the_sdk_lists_is_known(self) -> None:
        import inspect
        import re

        from stripe.params import _webhook_endpoint_create_params as module

        listed = re.findall(r'"(20\d\d-\d\d-\d\d(?:\.[a-z]+)?)"', inspect.getsource(module))
        assert set(listed) <= KNOWN
        assert len(listed) > 100

    async def test_capture_was_not_always_asynchronous(self, api: Api) -> None:
        old = await api.create(Stripe_Version="2023-10-16")
        assert old["capture_method"] == "automatic"


async def test_every_request_has_an_id_of_its_own(api: Api) -> None:
    key = {"Idempotency_Key": "twice"}
    ids = [
        (await api.post(PATH, OK)).headers["request-id"],
        (await api.post(PATH, OK, **key)).headers["request-id"],
        (await api.post(PATH, OK, **key)).headers["request-id"],
        (await api.get(PATH)).headers["request-id"],
        (await api.get("/v1/nowhere")).headers["request-id"],
    ]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"req_[0-9A-Za-z]{14}", id_) for id_ in ids)


async def test_headers(api: Api) -> None:
    response = await api.post(PATH, OK, Idempotency_Key="k1")
    headers = response.headers
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == "k1"
    assert headers["original-request"] == headers["request-id"]
    assert headers["stripe-should-retry"] == "false"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "no-cache, no-store"
    assert response.text.startswith('{\n  "id": "pi_')
    preflight = await api.http.options(PATH)
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]


async def test_a_head_is_answered_as_a_get_is_without_its_body(api: Api) -> None:
    got, asked = await api.get(PATH), await api.http.head(PATH, headers={"Authorization": api.basic()})
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    own = {"request-id"}
    assert {name: text for name, text in asked.headers.items() if name not in own} == {
        name: text for name, text in got.headers.items() if name not in own
    }
    nobody = await api.http.head(PATH)
    assert (nobody.status_code, nobody.content) == (401, b"")


async def test_only_an_answer_that_is_kept_says_that_it_stays_as_it_is(api: Api) -> None:
    """As in some 17,000 answers of live Stripe. What is refused before it is executed leaves the key free."""
    refused = await api.post(PATH, "amount=0&currency=usd", Idempotency_Key="k1")
    assert (refused.status_code, refused.headers["idempotency-key"]) == (400, "k1")
    assert refused.headers["original-request"] == refused.headers["request-id"]
    assert "stripe-should-retry" not in refused.headers
    for keyless in (await api.post(PATH, OK), await api.post(PATH, "amount=0&currency=usd"), await api.get(PATH)):
        assert not {"idempotency-key", "original-request", "stripe-should-retry"} & set(keyless.headers)
    kept = await api.post(PATH, OK, Idempotency_Key="k1")
    again = await api.post(f"{PATH}/{kept.json()['id']}/capture", Idempotency_Key="k2")
    assert (again.status_code, again.headers["stripe-should-retry"]) == (400, "false")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/flowers"), ("PUT", PATH), ("GET", "/v2/x")])
async def test_unrecognized_urls(api: Api, method: str, path: str) -> None:
    response = await api.http.request(method, path)
    assert response.status_code == 404
    assert f"Unrecognized request URL ({method}: {path})" in error_of(response)["message"]


@pytest.mark.parametrize("id_", ["pi_x", "pi_" + "x" * 300, "%00", "pi_%FF"])
async def test_unknown_intents(api: Api, id_: str) -> None:
    response = await api.get(f"{PATH}/{id_}")
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (404, "resource_missing", "intent")
    assert error["message"].startswith("No such payment_intent: '")


async def test_the_openapi_document_lists_every_operation(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    assert "post" in document["paths"][PATH]
    schema = document["paths"][PATH]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert {"amount", "currency"} <= set(schema["required"])
    assert (await api.http.get("/docs")).status_code == 200
